#include "apply.h"

namespace maeum {
namespace {

// A kernel that is larger than the arrays is divided by its output channels: each thread reads
// its part of it once.
bool ByPanels(const Gather& gather, long n, long threads) {
  return static_cast<long>(gather.packed()) > n * gather.in_size() &&
         static_cast<long>(gather.packed()) > kCacheFloats / 2 &&
         static_cast<long>(gather.panels().size()) >= threads &&
         n * std::max(gather.in_size(), gather.out_size()) < (1L << 30);
}

void ApplyWinograd(xla::ffi::ThreadPool& pool, const Geometry& g, Way way, const float* x,
                   const float* kernel, const float* bias, bool relu, float* y) {
  const Winograd winograd(g, way);
  Arena::Block packed(winograd.packed());
  Pack(pool, winograd, kernel, packed.get());
  const long tiles = g.n * winograd.TilesOfImage(), threads = Threads(pool);
  const long items = std::min(Blocks(tiles, winograd.AtOnce()), 8 * threads);
  Parallel(pool, items, [&](long i) {
    winograd.Run(packed.get(), bias, relu, x, y, tiles * i / items, tiles * (i + 1) / items);
  });
}

}  // namespace

long ImagesAtOnce(long n, long pixels, long channels, long threads) {
  const long enough = Blocks(kTilePixels, pixels);
  const long shared = std::max<long>(1, n / (4 * threads));
  const long addressed = std::max<long>(1, (1L << 30) / std::max<long>(1, pixels * channels));
  return std::max<long>(1, std::min({enough, shared, addressed, n}));
}

std::vector<const float*> Packed(const Gather& gather, const float* packed) {
  std::vector<const float*> result;
  for (const Panel& panel : gather.panels()) result.push_back(packed + panel.packed);
  return result;
}

void Pack(xla::ffi::ThreadPool& pool, const Winograd& winograd, const float* kernel,
          float* packed) {
  Parallel(pool, winograd.panels(), [&](long p) { winograd.Pack(p, kernel, packed); });
}

void Apply(xla::ffi::ThreadPool& pool, const Geometry& g, Way way, const float* x,
           const float* kernel, const float* bias, bool relu, float* y) {
  if (Winograd::Suits(g)) return ApplyWinograd(pool, g, way, x, kernel, bias, relu, y);
  const Gather gather(g, way);
  const std::vector<Panel>& panels = gather.panels();
  const long threads = Threads(pool);
  if (ByPanels(gather, g.n, threads)) {
    Parallel(pool, panels.size(), [&](long p) {
      Arena::Block packed(gather.PackedSize(panels[p]));
      gather.Pack(panels[p], kernel, packed.get());
      const float* weights = packed.get();
      const long blocks = gather.RowBlocks(g.n, 1);
      for (long b = 0; b < blocks; b++)
        gather.Run(&panels[p], 1, &weights, bias, relu, x, y, g.n, b, blocks);
    });
    return;
  }
  Arena::Block packed(gather.packed());
  const std::vector<const float*> weights = Packed(gather, packed.get());
  if (gather.packed() > 1 << 14) {
    Parallel(pool, panels.size(), [&](long p) {
      gather.Pack(panels[p], kernel, packed.get() + panels[p].packed);
    });
  } else {
    for (const Panel& panel : panels) gather.Pack(panel, kernel, packed.get() + panel.packed);
  }
  const long channels = std::max(g.in_channels, g.out_channels);
  const long images = ImagesAtOnce(g.n, gather.Made(), channels, threads);
  const long groups = Blocks(g.n, images);
  const long blocks = gather.RowBlocks(images, Blocks(4 * threads, groups));
  Parallel(pool, groups * blocks, [&](long item) {
    const long first = item / blocks * images;
    gather.Run(panels.data(), panels.size(), weights.data(), bias, relu,
               x + first * gather.in_size(), y + first * gather.out_size(),
               std::min(images, g.n - first), item % blocks, blocks);
  });
}

}  // namespace maeum
