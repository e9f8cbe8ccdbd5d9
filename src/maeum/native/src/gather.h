// One direction of a convolution, by gathering inputs through tables.
#ifndef MAEUM_GATHER_H_
#define MAEUM_GATHER_H_

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "geometry.h"
#include "microkernels.h"
#include "parallel.h"

namespace maeum {

constexpr long kTilePixels = 400;       // an item of work covers at least so many pixels
constexpr long kTableInts = 1 << 20;    // a table of one block of rows has about so many numbers
constexpr long kCacheFloats = 1 << 17;  // what stays in the cache of one core while in use

inline long RoundUp(long n, long to) { return (n + to - 1) / to * to; }
inline long Blocks(long n, long size) { return (n + size - 1) / size; }

struct Panel {
  long group, first;  // of the output channels, within its group
  int vectors, valid;
  size_t packed;      // where it begins among the packed panels
};

// One direction of a convolution: reads `in` channels of each group, makes `out` channels.
class Gather {
 public:
  Gather(const Geometry& g, Way way)
      : g_(g), way_(way), kernels_(Best()), in_(way == Way::kForward ? g.InGroup() : g.OutGroup()),
        out_(way == Way::kForward ? g.OutGroup() : g.InGroup()),
        in_size_(way == Way::kForward ? g.InPixels() * g.in_channels
                                      : g.OutPixels() * g.out_stride),
        out_size_(way == Way::kForward ? g.OutPixels() * g.out_stride
                                       : g.InPixels() * g.in_channels) {
    if (out_ <= kNarrow && in_ >= kernels_.width) {
      for (long group = 0; group < g.groups; group++) {
        panels_.push_back({group, 0, 0, static_cast<int>(out_), packed_});
        packed_ += PackedSize(panels_.back());
      }
      return;
    }
    const long vectors = Blocks(out_, kernels_.width);
    const long panels = Blocks(vectors, kernels_.max_vectors);
    for (long group = 0; group < g.groups; group++) {
      for (long p = 0; p < panels; p++) {
        const long first = vectors * p / panels, last = vectors * (p + 1) / panels;
        const long from = first * kernels_.width, to = std::min(last * kernels_.width, out_);
        panels_.push_back({group, from, static_cast<int>(last - first),
                           static_cast<int>(to - from), packed_});
        packed_ += PackedSize(panels_.back());
      }
    }
  }

  const Geometry& geometry() const { return g_; }
  long in_size() const { return in_size_; }    // of one image
  long out_size() const { return out_size_; }
  size_t packed() const { return packed_; }
  const std::vector<Panel>& panels() const { return panels_; }
  long widest() const { return static_cast<long>(kernels_.max_vectors) * kernels_.width; }

  size_t PackedSize(const Panel& panel) const {
    const long width = panel.vectors ? panel.vectors * kernels_.width : panel.valid;
    return static_cast<size_t>(g_.TapCount()) * in_ * width;
  }

  // The kernel (taps, InGroup, out_channels) -> (taps, in, width of the panel), padded with zeros.
  void Pack(const Panel& panel, const float* kernel, float* packed) const {
    const long width = static_cast<long>(panel.vectors) * kernels_.width;
    const long columns = g_.out_channels, rows = g_.InGroup();
    for (long t = 0; t < g_.TapCount(); t++) {
      const float* tap = kernel + t * rows * columns + panel.group * g_.OutGroup();
      if (!panel.vectors) {  // narrow: (taps, out, in)
        float* to = packed + t * in_ * out_;
        for (long m = 0; m < out_; m++) {
          for (long c = 0; c < in_; c++)
            to[m * in_ + c] = way_ == Way::kForward ? tap[c * columns + m] : tap[m * columns + c];
        }
        continue;
      }
      float* to = packed + t * in_ * width;
      if (way_ == Way::kForward) {
        for (long c = 0; c < in_; c++) {
          std::memcpy(to + c * width, tap + c * columns + panel.first,
                      panel.valid * sizeof(float));
          std::fill(to + c * width + panel.valid, to + (c + 1) * width, 0.0f);
        }
        continue;
      }
      for (long o0 = 0; o0 < in_; o0 += 16) {  // transposed, in blocks that stay in the cache
        const long o1 = std::min(o0 + 16, in_);
        for (long c = 0; c < width; c++) {
          const float* from = tap + (panel.first + c) * columns;
          for (long o = o0; o < o1; o++) to[o * width + c] = c < panel.valid ? from[o] : 0.0f;
        }
      }
    }
  }

  // How many blocks of rows an image is divided into, so that there are `wanted` items at least.
  long RowBlocks(long images, long wanted) const {
    const long rows = Rows(), pixels = Made();
    const long by_table = Blocks(images * pixels * g_.TapCount(), kTableInts);
    const long by_work = std::min(wanted, Blocks(pixels * images, kTilePixels / 4));
    return std::min(rows, std::max({by_table, by_work, 1L}));
  }
  long Made() const { return way_ == Way::kForward ? g_.OutPixels() : g_.InPixels(); }

  // Computes `panels` of some images (x and y point at the first of them), one block of rows.
  void Run(const Panel* panels, long count, const float* const* packed, const float* bias,
           bool relu, const float* x, float* y, long images, long block, long blocks) const {
    Arena::Block zeros(in_ + widest());
    std::fill(zeros.get(), zeros.get() + in_ + widest(), 0.0f);
    Arena::Block padded_bias(widest());
    std::vector<std::pair<int, std::shared_ptr<const Tiles>>> tables;
    size_t weights = 0;
    for (long p = 0; p < count; p++) {
      weights += PackedSize(panels[p]);
      const int pixels = kernels_.pixels[panels[p].vectors];
      bool known = false;
      for (const auto& [size, table] : tables) known = known || size == pixels;
      if (!known) tables.emplace_back(pixels, Table(pixels, images, block, blocks));
    }
    auto run = [&](const Panel& panel, const float* weights, const Tiles& t, long first,
                   long tiles) {
      const float* b = zeros.get() + in_;
      const long channel = panel.group * out_ + panel.first;
      if (bias) {
        std::copy(bias + channel, bias + channel + panel.valid, padded_bias.get());
        std::fill(padded_bias.get() + panel.valid, padded_bias.get() + widest(), 0.0f);
        b = padded_bias.get();
      }
      const int pixels = kernels_.pixels[panel.vectors];
      kernels_.tiles(panel.vectors, tiles, t.start.data() + first, t.entries.data(),
                     t.out.data() + first * pixels, x + panel.group * in_, zeros.get(), in_,
                     weights, b, relu, panel.valid, y + channel);
    };
    // All panels take turns on few tiles while the kernel stays in the cache; a large kernel is
    // gone through once, panel by panel.
    const bool turns = tables.size() == 1 && weights <= 2 * kCacheFloats;
    for (const auto& [pixels, table] : tables) {
      const long all = table->Count(), step = turns ? std::max<long>(1, 256 / pixels) : all;
      for (long first = 0; first < all; first += step) {
        for (long p = 0; p < count; p++) {
          if (kernels_.pixels[panels[p].vectors] != pixels) continue;
          run(panels[p], packed[p], *table, first, std::min(step, all - first));
        }
      }
    }
  }

 private:
  long Rows() const {
    const Three& made = way_ == Way::kForward ? g_.out : g_.in;
    return made[0] * made[1];
  }

  std::shared_ptr<const Tiles> Table(int pixels, long images, long block, long blocks) const {
    static Cache<Tiles> cache;
    std::vector<long> key = g_.Key();
    for (long k : {static_cast<long>(way_), static_cast<long>(pixels), images, block, blocks})
      key.push_back(k);
    return cache.Get(key, [&] {
      const long rows = Rows();
      return MakeTiles(g_, way_, pixels, images,
                       {rows * block / blocks, rows * (block + 1) / blocks});
    });
  }

  const Geometry& g_;
  const Way way_;
  const Microkernels& kernels_;
  const long in_, out_, in_size_, out_size_;
  std::vector<Panel> panels_;
  size_t packed_ = 0;
};

}  // namespace maeum

#endif  // MAEUM_GATHER_H_
