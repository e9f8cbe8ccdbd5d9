// The grids and windows of a convolution, and tables of where each tap finds its input.
#ifndef MAEUM_GEOMETRY_H_
#define MAEUM_GEOMETRY_H_

#include <array>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace maeum {

using Three = std::array<long, 3>;

// Arrays (n, spatial..., channels) with up to three spatial axes; those that are missing stand in
// front with size 1. `in` and `out` are the grids of the convolution, whatever is computed of it.
struct Geometry {
  long n;
  Three in, taps, out, strides, pads, dilation;
  long in_channels, out_channels, groups;
  long out_stride;  // floats from one output pixel to the next: its channels, or more

  long TapCount() const { return taps[0] * taps[1] * taps[2]; }
  long InPixels() const { return in[0] * in[1] * in[2]; }
  long OutPixels() const { return out[0] * out[1] * out[2]; }
  // Channels of one group.
  long InGroup() const { return in_channels / groups; }
  long OutGroup() const { return out_channels / groups; }

  std::vector<long> Key() const {
    std::vector<long> key{in_channels, out_stride};
    for (const Three& t : {in, taps, out, strides, pads, dilation})
      key.insert(key.end(), t.begin(), t.end());
    return key;
  }
};

// Which way a table is read: forward, each output pixel gathers inputs; backward (the gradient of
// the input), each input pixel gathers outputs.
enum class Way { kForward, kBackward };

// For each axis, produced index and tap: the index that is read, or -1 where there is none.
class Sources {
 public:
  Sources(const Geometry& g, Way way) : taps_(g.taps) {
    const bool forward = way == Way::kForward;
    for (int a = 0; a < 3; a++) {
      const long produced = forward ? g.out[a] : g.in[a], read = forward ? g.in[a] : g.out[a];
      index_[a].resize(produced * g.taps[a], -1);
      for (long i = 0; i < produced; i++) {
        for (long k = 0; k < g.taps[a]; k++) {
          long j = forward ? i * g.strides[a] + k * g.dilation[a] - g.pads[a]
                           : i + g.pads[a] - k * g.dilation[a];
          if (!forward) {
            if (j < 0 || j % g.strides[a]) continue;
            j /= g.strides[a];
          }
          if (j >= 0 && j < read) index_[a][i * g.taps[a] + k] = j;
        }
      }
    }
  }
  long operator()(int axis, long i, long k) const { return index_[axis][i * taps_[axis] + k]; }

 private:
  Three taps_;
  std::vector<long> index_[3];
};

// The tiles of a few images: see Microkernels::tiles.
struct Tiles {
  std::vector<int> start{0}, entries, out;
  long Count() const { return static_cast<long>(start.size()) - 1; }
  size_t Bytes() const { return (start.size() + entries.size() + out.size()) * sizeof(int); }
};

// For each strip of output pixels and each tap: pairs of offsets into x and dz.
struct Pairs {
  long strips = 0;
  std::vector<int> start, pairs;
  size_t Bytes() const { return (start.size() + pairs.size()) * sizeof(int); }
};

// Tables by key, the most recently used kept up to a number of bytes.
template <class Table>
class Cache {
 public:
  static constexpr size_t kBytes = size_t{32} << 20;

  template <class Make>
  std::shared_ptr<const Table> Get(const std::vector<long>& key, Make make) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      auto found = by_key_.find(key);
      if (found != by_key_.end()) {
        recent_.splice(recent_.begin(), recent_, found->second);
        return found->second->second;
      }
    }
    auto table = std::make_shared<const Table>(make());  // two threads may both make it
    std::lock_guard<std::mutex> lock(mutex_);
    if (table->Bytes() > kBytes || by_key_.count(key)) return table;
    recent_.emplace_front(key, table);
    by_key_[key] = recent_.begin();
    bytes_ += table->Bytes();
    while (bytes_ > kBytes) {
      bytes_ -= recent_.back().second->Bytes();
      by_key_.erase(recent_.back().first);
      recent_.pop_back();
    }
    return table;
  }

 private:
  using Entry = std::pair<std::vector<long>, std::shared_ptr<const Table>>;
  std::mutex mutex_;
  std::list<Entry> recent_;
  std::map<std::vector<long>, typename std::list<Entry>::iterator> by_key_;
  size_t bytes_ = 0;
};

// The tiles of `pixels` pixels each for `images` images; `row_range` limits the first two spatial
// axes, taken together, to some rows of each image.
Tiles MakeTiles(const Geometry& g, Way way, int pixels, long images,
                std::pair<long, long> row_range);

// The strips of about `length` output pixels of `images` images, `strip_range` of them. With
// `dense`, every tap has one pair for every pixel (-1 where it reaches into the padding).
Pairs MakePairs(const Geometry& g, long images, long strips, std::pair<long, long> strip_range,
                bool dense);

}  // namespace maeum

#endif  // MAEUM_GEOMETRY_H_
