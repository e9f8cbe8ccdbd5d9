// How windows slide over rows: which taps reach from what is made to what is read.
#ifndef MAEUM_WALK_H_
#define MAEUM_WALK_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "geometry.h"
#include "xla/ffi/api/ffi.h"

namespace maeum {

using Numbers = xla::ffi::Span<const int64_t>;

// The last spatial axis is the innermost one here, the first one what is divided over threads:
// (height, 1, width) for images, (1, 1, length) for sequences.
inline Three Axes(Numbers numbers, long missing) {
  if (numbers.size() == 1) return {missing, missing, numbers[0]};
  if (numbers.size() == 2) return {numbers[0], missing, numbers[1]};
  return {numbers[0], numbers[1], numbers[2]};
}

// The geometry of windows that see each channel by itself.
inline Geometry WindowGeometry(Numbers in, Numbers taps, Numbers out, Numbers strides,
                               Numbers pads, Numbers dilation) {
  const size_t rank = strides.size();
  const long channels = in[rank + 1];
  return {in[0],
          Axes(Numbers(in.begin() + 1, rank), 1),
          Axes(taps, 1),
          Axes(Numbers(out.begin() + 1, rank), 1),
          Axes(strides, 1),
          Axes(pads, 0),
          Axes(dilation, 1),
          channels,
          channels,
          channels,
          channels};
}

// The taps of one axis through which an index is computed: tap + n * tap_step reads the index
// at + n * at_step, for n < taps.
struct Reach {
  long taps, tap, tap_step, at, at_step;
};

inline long FloorDivide(long a, long b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

// Forward, index i of the output reads the input; backward, i of the input reads the output.
inline Reach Reads(const Geometry& g, Way way, int axis, long i) {
  const long k = g.taps[axis], s = g.strides[axis], d = g.dilation[axis], p = g.pads[axis];
  if (way == Way::kForward) {
    const long from = i * s - p;
    const long low = std::max(0L, -FloorDivide(from, d));
    const long high = std::min(k - 1, FloorDivide(g.in[axis] - 1 - from, d));
    return {std::max(0L, high - low + 1), low, 1, from + low * d, d};
  }
  const long period = s / std::gcd(s, d), step = d * period / s;
  for (long tap = 0; tap < std::min(period, k); tap++) {
    const long from = i + p - tap * d;
    if (from < 0) break;
    if (from % s) continue;
    const long at = from / s;
    const long low = std::max(0L, -FloorDivide(g.out[axis] - 1 - at, step));
    const long high = std::min((k - 1 - tap) / period, at / step);
    return {std::max(0L, high - low + 1), tap + low * period, period, at - low * step, -step};
  }
  return {0, 0, period, 0, -step};
}

// Indices first, first + step, ... of an axis that are reached through the same taps; from one to
// the next, what they read moves by at_step.
struct Run {
  long first, step, count, at_step;
  Reach reach;
};

// The runs among indices `range` of an axis.
inline std::vector<Run> Runs(const Geometry& g, Way way, int axis, std::pair<long, long> range) {
  const bool forward = way == Way::kForward;
  const long step = forward ? 1 : g.strides[axis], at_step = forward ? g.strides[axis] : 1;
  std::vector<Run> runs;
  for (long start = range.first; start < std::min(range.first + step, range.second); start++) {
    bool first = true;
    for (long i = start; i < range.second; i += step) {
      const Reach reach = Reads(g, way, axis, i);
      if (!first && reach.taps == runs.back().reach.taps &&
          (reach.taps == 0 || reach.tap == runs.back().reach.tap)) {
        runs.back().count++;
      } else {
        runs.push_back({i, step, 1, at_step, reach});
        first = false;
      }
    }
  }
  return runs;
}

inline std::vector<Run> Runs(const Geometry& g, Way way, int axis) {
  return Runs(g, way, axis, {0, way == Way::kForward ? g.out[axis] : g.in[axis]});
}

// What pixels read that are reached through the same taps: for each tap, in order, an offset from
// the image (for the first of them) and the tap's number.
class Taps {
 public:
  // `row` is the number of floats from one row to the next in the array that is read, of which
  // `planes` (the size of its second axis) rows make a plane; its first plane is number `plane`.
  void Find(const Geometry& g, const Reach& outer, const Reach& middle, const Reach& inner,
            long planes, long row, long pixel, long plane = 0) {
    offsets.clear();
    numbers.clear();
    for (long a = 0; a < outer.taps; a++) {
      const long at_a = (outer.at + a * outer.at_step - plane) * planes;
      const long tap_a = (outer.tap + a * outer.tap_step) * g.taps[1];
      for (long b = 0; b < middle.taps; b++) {
        const long at_b = (at_a + middle.at + b * middle.at_step) * row;
        const long tap_b = (tap_a + middle.tap + b * middle.tap_step) * g.taps[2];
        for (long c = 0; c < inner.taps; c++) {
          offsets.push_back(at_b + (inner.at + c * inner.at_step) * pixel);
          numbers.push_back(tap_b + inner.tap + c * inner.tap_step);
        }
      }
    }
  }
  long count() const { return static_cast<long>(offsets.size()); }

  std::vector<long> offsets, numbers;
};

}  // namespace maeum

#endif  // MAEUM_WALK_H_
