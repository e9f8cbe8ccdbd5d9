// The gradient of a kernel, as sums of outer products.
#ifndef MAEUM_OUTERS_H_
#define MAEUM_OUTERS_H_

#include "gather.h"

namespace maeum {

// The gradient of the kernel: sums over pixels of x[pixel @ tap] (outer) dz[pixel].
class Outers {
 public:
  explicit Outers(const Geometry& g)
      : g_(g), kernels_(Best()), lanes_(RoundUp(g.OutGroup(), kernels_.width)),
        // Few channels fill no block: the inputs of all taps are laid side by side first.
        dense_(g.TapCount() > 1 && g.InGroup() < 8) {}

  bool dense() const { return dense_; }
  long lanes() const { return lanes_; }
  long rows() const { return g_.TapCount() * g_.InGroup(); }
  // The sums of one group of channels: (taps, InGroup, lanes).
  long SumSize() const { return rows() * lanes_; }

  long Strips(long images) const {
    // Longer strips where the sums do not stay in the nearest cache: they are read and written
    // once a strip.
    const long length = SumSize() <= 8192 ? 64 : SumSize() <= 2 * kCacheFloats ? 192 : 768;
    return Blocks(images * g_.OutPixels(), length);
  }

  // Adds what strips `first` to `last` of some images contribute for the channels of a group.
  void Add(const float* x, const float* dz, long images, long strips, long first, long last,
           long group, float* sums) const {
    const long at_once = std::max<long>(1, kTableInts / (rows_of_pairs(images, strips) + 1));
    for (long s = first; s < last;) {
      // A block of the table: always the same ones, so that they are found in the cache.
      const long begin = s / at_once * at_once, end = std::min(begin + at_once, strips);
      const auto table = Table(images, strips, begin, end);
      for (; s < std::min(last, end); s++)
        Strip(*table, s - begin, x + group * g_.InGroup(), dz + group * g_.OutGroup(), sums);
    }
  }

  // The sums of one tap and one block of two vectors of output channels, over all images.
  void Part(const float* x, const float* dz, long tap, long group, long lane, float* sums) const {
    const long strips = Strips(g_.n);
    const auto table = Table(g_.n, strips, 0, strips);
    const int vectors = static_cast<int>(std::min<long>(2, (lanes_ - lane) / kernels_.width));
    for (long s = 0; s < strips; s++) {
      const long at = s * g_.TapCount() + tap;
      Block(table->pairs.data() + 2L * table->start[at], table->start[at + 1] - table->start[at],
            x + group * g_.InGroup(), dz + group * g_.OutGroup() + lane, g_.InGroup(), vectors,
            sums, vectors * kernels_.width);
    }
  }

 private:
  long rows_of_pairs(long images, long strips) const {
    return 2 * g_.TapCount() * Blocks(images * g_.OutPixels(), strips);
  }

  std::shared_ptr<const Pairs> Table(long images, long strips, long begin, long end) const {
    static Cache<Pairs> cache;
    std::vector<long> key = g_.Key();
    for (long k : {images, strips, begin, end, static_cast<long>(dense_)}) key.push_back(k);
    return cache.Get(key, [&] {
      return MakePairs(g_, images, strips, {begin, end}, dense_);
    });
  }

  // sums[c][o] += sum over pairs, for `channels` of c and `vectors` vectors of o.
  void Block(const int* pairs, long n, const float* x, const float* dz, long channels,
             int vectors, float* sums, long stride) const {
    const long blocks = Blocks(channels, kernels_.rows);
    for (long b = 0; b < blocks; b++) {
      const long first = channels * b / blocks, last = channels * (b + 1) / blocks;
      kernels_.outer(static_cast<int>(last - first), vectors, pairs, n, x + first, dz,
                     sums + first * stride, stride);
    }
  }

  void AllLanes(const int* pairs, long n, const float* x, const float* dz, long channels,
                float* sums) const {
    for (long lane = 0; lane < lanes_; lane += 2 * kernels_.width) {
      const int vectors = static_cast<int>(std::min<long>(2, (lanes_ - lane) / kernels_.width));
      Block(pairs, n, x, dz + lane, channels, vectors, sums + lane, lanes_);
    }
  }

  void Strip(const Pairs& table, long strip, const float* x, const float* dz, float* sums) const {
    const long taps = g_.TapCount(), channels = g_.InGroup();
    const int* start = table.start.data() + strip * taps;
    if (!dense_) {
      for (long t = 0; t < taps; t++) {
        AllLanes(table.pairs.data() + 2L * start[t], start[t + 1] - start[t], x, dz, channels,
                 sums + t * channels * lanes_);
      }
      return;
    }
    const long n = start[1] - start[0], row = taps * channels;
    Arena::Block columns(n * row + n * 2);
    int* pairs = reinterpret_cast<int*>(columns.get() + n * row);
    for (long q = 0; q < n; q++) {
      float* to = columns.get() + q * row;
      for (long t = 0; t < taps; t++) {
        const int from = table.pairs[2L * (start[t] + q)];
        for (long c = 0; c < channels; c++) *to++ = from < 0 ? 0.0f : x[from + c];
      }
      pairs[2 * q] = static_cast<int>(q * row);
      pairs[2 * q + 1] = table.pairs[2L * (start[0] + q) + 1];
    }
    AllLanes(pairs, n, columns.get(), dz, row, sums);
  }

  const Geometry& g_;
  const Microkernels& kernels_;
  const long lanes_;
  const bool dense_;
};

}  // namespace maeum

#endif  // MAEUM_OUTERS_H_
