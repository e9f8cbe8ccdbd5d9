#include "backward.h"

#include <cstring>
#include <vector>

#include "apply.h"
#include "outers.h"

namespace maeum {
namespace {

// The backward pass: dz (the gradient of the output, closed where a ReLU was), and from it the
// gradients of the input, the kernel and the bias, in one go while dz is in the cache.
class Pass {
 public:
  Pass(xla::ffi::ThreadPool& pool, const Geometry& given, const float* x, const float* kernel,
       const float* y, const float* dy, const Gradients& to)
      : pool_(pool), threads_(Threads(pool)), microkernels_(Best()), g_(given),
        // The kernel's gradient reads whole vectors: the last channels may need room behind.
        copied_(y || given.OutGroup() % microkernels_.width), x_(x), kernel_(kernel), y_(y),
        dy_(dy), to_(to), outers_(g_) {
    if (copied_) {
      const long room = g_.groups > 1 ? microkernels_.width : 0;
      g_.out_stride = RoundUp(g_.out_channels + room, microkernels_.width);
    }
    in_size_ = g_.InPixels() * g_.in_channels;
    out_size_ = g_.OutPixels() * g_.out_stride;
    images_ = ImagesAtOnce(g_.n, g_.OutPixels(), std::max(g_.in_channels, g_.out_stride), threads_);
    parts_ = Blocks(g_.n, images_);
  }

  void Run() {
    const bool few = g_.n * std::max(in_size_, out_size_) < (1L << 24);
    const bool by_lanes = few && !outers_.dense() && outers_.SumSize() * g_.groups > kCacheFloats;
    if (parts_ >= 2 * threads_) {
      if (Winograd::Suits(g_)) return ByImagesWinograd();
      if (!by_lanes) return ByImages();
    }
    // Few images, or a large kernel on small grids: one pass after the other, each divided.
    const long rows = g_.n * g_.OutPixels(), pieces = std::min(rows, 4 * threads_);
    Arena::Block copy(copied_ ? rows * g_.out_stride : 0);
    Arena::Block biases(pieces * g_.out_stride);
    std::fill(biases.get(), biases.get() + pieces * g_.out_stride, 0.0f);
    Parallel(pool_, pieces, [&](long p) {
      const long first = rows * p / pieces, last = rows * (p + 1) / pieces;
      Fold(first, last - first, copy.get() + first * g_.out_stride,
           biases.get() + p * g_.out_stride);
    });
    StoreBias(biases.get(), pieces);
    const float* dz = copied_ ? copy.get() : dy_;
    if (to_.x) Apply(pool_, g_, Way::kBackward, dz, kernel_, nullptr, false, to_.x);
    if (by_lanes) {
      ByLanes(dz);
    } else {
      ByStrips(dz);
    }
  }

 private:
  // Rows `first`, ... of the gradient, to dz (if it is copied) and to the sums of the bias.
  void Fold(long first, long rows, float* dz, float* bias) const {
    if (!copied_ && !to_.bias) return;
    const long at = first * g_.out_channels;
    microkernels_.fold(dy_ + at, y_ ? y_ + at : nullptr, rows, g_.out_channels,
                       copied_ ? dz : nullptr, g_.out_stride, to_.bias ? bias : nullptr);
  }

  void StoreBias(const float* biases, long count) const {
    if (!to_.bias) return;
    for (long o = 0; o < g_.out_channels; o++) {
      float total = 0;
      for (long i = 0; i < count; i++) total += biases[i * g_.out_stride + o];
      to_.bias[o] = total;
    }
  }

  long Sums() const { return outers_.SumSize() * g_.groups; }

  // (count, group, taps, InGroup, lanes) -> (taps, InGroup, out_channels), summed over the first.
  void StoreKernel(const float* sums, long count) const {
    const long rows = outers_.rows(), lanes = outers_.lanes();
    for (long group = 0; group < g_.groups; group++) {
      for (long r = 0; r < rows; r++) {
        float* to = to_.kernel + r * g_.out_channels + group * g_.OutGroup();
        const float* from = sums + (group * rows + r) * lanes;
        for (long o = 0; o < g_.OutGroup(); o++) to[o] = from[o];
        for (long i = 1; i < count; i++) {
          for (long o = 0; o < g_.OutGroup(); o++) to[o] += from[i * Sums() + o];
        }
      }
    }
  }

  // Each thread has its share of the images, and sums of its own.
  void ByImages() const {
    const Gather gather(g_, Way::kBackward);
    Arena::Block packed(to_.x ? gather.packed() : 0);
    const std::vector<const float*> weights = Packed(gather, packed.get());
    if (to_.x) {
      Parallel(pool_, gather.panels().size(), [&](long p) {
        const Panel& panel = gather.panels()[p];
        gather.Pack(panel, kernel_, packed.get() + panel.packed);
      });
    }
    Arena::Block sums(threads_ * Sums()), biases(threads_ * g_.out_stride);
    std::fill(biases.get(), biases.get() + threads_ * g_.out_stride, 0.0f);
    Parallel(pool_, threads_, [&](long t) {
      float* own = sums.get() + t * Sums();
      std::fill(own, own + Sums(), 0.0f);
      Arena::Block copy(copied_ ? images_ * out_size_ : 0);
      for (long part = parts_ * t / threads_; part < parts_ * (t + 1) / threads_; part++) {
        const long first = part * images_, count = std::min(images_, g_.n - first);
        Fold(first * g_.OutPixels(), count * g_.OutPixels(), copy.get(),
             biases.get() + t * g_.out_stride);
        const float* dz = copied_ ? copy.get() : dy_ + first * out_size_;
        if (to_.x) {
          const long blocks = gather.RowBlocks(count, 1);
          for (long b = 0; b < blocks; b++) {
            gather.Run(gather.panels().data(), gather.panels().size(), weights.data(), nullptr,
                       false, dz, to_.x + first * in_size_, count, b, blocks);
          }
        }
        const long strips = outers_.Strips(count);
        for (long group = 0; group < g_.groups; group++) {
          outers_.Add(x_ + first * in_size_, dz, count, strips, 0, strips, group,
                      own + group * outers_.SumSize());
        }
      }
    });
    StoreBias(biases.get(), threads_);
    StoreKernel(sums.get(), threads_);
  }

  // The same where 3x3 taps take fewer multiplications.
  void ByImagesWinograd() const {
    const Winograd forward(g_, Way::kForward), backward(g_, Way::kBackward);
    Arena::Block packed(to_.x ? backward.packed() : 0);
    if (to_.x) Pack(pool_, backward, kernel_, packed.get());
    const long size = static_cast<long>(forward.sums());
    Arena::Block sums(threads_ * size), biases(threads_ * g_.out_stride);
    std::fill(biases.get(), biases.get() + threads_ * g_.out_stride, 0.0f);
    Parallel(pool_, threads_, [&](long t) {
      float* own = sums.get() + t * size;
      std::fill(own, own + size, 0.0f);
      Arena::Block copy(copied_ ? images_ * out_size_ : 0);
      for (long part = parts_ * t / threads_; part < parts_ * (t + 1) / threads_; part++) {
        const long first = part * images_, count = std::min(images_, g_.n - first);
        Fold(first * g_.OutPixels(), count * g_.OutPixels(), copy.get(),
             biases.get() + t * g_.out_stride);
        const float* dz = copied_ ? copy.get() : dy_ + first * out_size_;
        if (to_.x) {
          backward.Run(packed.get(), nullptr, false, dz, to_.x + first * in_size_, 0,
                       count * backward.TilesOfImage());
        }
        forward.Add(x_ + first * in_size_, dz, 0, count * forward.TilesOfImage(), own);
      }
    });
    StoreBias(biases.get(), threads_);
    forward.Finish(sums.get(), threads_, to_.kernel);
  }

  // Each thread has its share of the strips of every image.
  void ByStrips(const float* dz) const {
    Arena::Block sums(threads_ * Sums());
    Parallel(pool_, threads_, [&](long t) {
      float* own = sums.get() + t * Sums();
      std::fill(own, own + Sums(), 0.0f);
      for (long first = 0; first < g_.n; first += images_) {
        const long count = std::min(images_, g_.n - first), strips = outers_.Strips(count);
        for (long group = 0; group < g_.groups; group++) {
          outers_.Add(x_ + first * in_size_, dz + first * out_size_, count, strips,
                      strips * t / threads_, strips * (t + 1) / threads_, group,
                      own + group * outers_.SumSize());
        }
      }
    });
    StoreKernel(sums.get(), threads_);
  }

  // Each item is a tap and two vectors of output channels, over all images.
  void ByLanes(const float* dz) const {
    const long width = 2L * microkernels_.width, columns = Blocks(outers_.lanes(), width);
    const long taps = g_.TapCount(), channels = g_.InGroup();
    Parallel(pool_, g_.groups * columns * taps, [&](long item) {
      const long tap = item % taps, lane = item / taps % columns * width;
      const long group = item / taps / columns;
      const long wide = std::min(width, outers_.lanes() - lane);
      const long valid = std::min(width, g_.OutGroup() - lane);
      Arena::Block sums(channels * wide);
      std::fill(sums.get(), sums.get() + channels * wide, 0.0f);
      outers_.Part(x_, dz, tap, group, lane, sums.get());
      for (long c = 0; c < channels; c++) {
        std::memcpy(to_.kernel + (tap * channels + c) * g_.out_channels + group * g_.OutGroup() +
                        lane,
                    sums.get() + c * wide, valid * sizeof(float));
      }
    });
  }

  xla::ffi::ThreadPool& pool_;
  const long threads_;
  const Microkernels& microkernels_;
  Geometry g_;
  const bool copied_;
  const float *x_, *kernel_, *y_, *dy_;
  const Gradients to_;
  const Outers outers_;
  long in_size_, out_size_, images_, parts_;
};

}  // namespace

void Backward(xla::ffi::ThreadPool& pool, const Geometry& g, const float* x, const float* kernel,
              const float* y, const float* dy, const Gradients& to) {
  Pass(pool, g, x, kernel, y, dy, to).Run();
}

}  // namespace maeum
