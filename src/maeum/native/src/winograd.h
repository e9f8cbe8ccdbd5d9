// Convolutions of 3x3 taps with fewer multiplications: F(2x2, 3x3) of Winograd (1980), as Lavin and
// Gray (2016) apply it to networks. Each tile of 2x2 outputs takes 16 products for each pair of
// channels instead of 36; what is left is 16 matrix products, one for each position in a tile.
#ifndef MAEUM_WINOGRAD_H_
#define MAEUM_WINOGRAD_H_

#include <vector>

#include "geometry.h"
#include "microkernels.h"

namespace maeum {

class Winograd {
 public:
  static constexpr long kPositions = 16;

  // Whether it is the faster way: 3x3 taps at distance 1, whole vectors of channels, enough tiles.
  static bool Suits(const Geometry& g);

  Winograd(const Geometry& g, Way way);

  long TilesOfImage() const { return rows_ * columns_; }
  // Tiles that are transformed at once; what they take stays in the cache of a core.
  long AtOnce() const { return at_once_; }

  // Floats of the transformed kernel, (panel, position, in, width of the panel).
  size_t packed() const { return kPositions * in_ * out_; }
  long panels() const { return static_cast<long>(first_.size()) - 1; }
  void Pack(long panel, const float* kernel, float* packed) const;

  // Computes tiles `first` to `last` of the images at x, counted over all of them.
  void Run(const float* packed, const float* bias, bool relu, const float* x, float* y,
           long first, long last) const;

  // The gradient of the kernel, for Way::kForward: Add what some tiles contribute to (position,
  // in, out), then Finish `count` such sums to (taps, in, out).
  size_t sums() const { return kPositions * in_ * out_; }
  void Add(const float* x, const float* dz, long first, long last, float* sums) const;
  void Finish(const float* sums, long count, float* kernel) const;

 private:
  void Transform(const float* x, long tile, const float* zeros, float* v, long step) const;

  const Geometry& g_;
  const Way way_;
  const Microkernels& kernels_;
  const long in_, out_;       // channels
  const long read_, made_;    // floats from pixel to pixel
  const Three from_, to_;     // the grids that are read and made
  const long pad_[2];
  const long rows_, columns_; // of tiles
  const long at_once_;
  std::vector<long> first_;   // the first channel of each panel
};

}  // namespace maeum

#endif  // MAEUM_WINOGRAD_H_
