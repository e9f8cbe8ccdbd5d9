#include "geometry.h"

namespace maeum {

Tiles MakeTiles(const Geometry& g, Way way, int pixels, long images,
                std::pair<long, long> row_range) {
  const bool forward = way == Way::kForward;
  const Three& made = forward ? g.out : g.in;
  const Three& read = forward ? g.in : g.out;
  const long made_channels = forward ? g.out_stride : g.in_channels;
  const long read_channels = forward ? g.in_channels : g.out_stride;
  const Sources source(g, way);

  // Backward, the pixels whose distance is a multiple of the strides see the same taps.
  const Three step = forward ? Three{1, 1, 1} : g.strides;
  Tiles tiles;
  std::vector<std::array<long, 4>> list;
  for (long a = 0; a < step[0]; a++) for (long b = 0; b < step[1]; b++)
  for (long c = 0; c < step[2]; c++) {
    list.clear();
    for (long n = 0; n < images; n++) {
      for (long row = row_range.first; row < row_range.second; row++) {
        const long i = row / made[1], j = row % made[1];
        if (i % step[0] != a || j % step[1] != b) continue;
        for (long k = c; k < made[2]; k += step[2]) list.push_back({n, i, j, k});
      }
    }
    for (size_t first = 0; first < list.size(); first += pixels) {
      for (int p = 0; p < pixels; p++) {
        if (first + p >= list.size()) {
          tiles.out.push_back(-1);
          continue;
        }
        const auto [n, i, j, k] = list[first + p];
        const long place = ((n * made[0] + i) * made[1] + j) * made[2] + k;
        tiles.out.push_back(static_cast<int>(place * made_channels));
      }
      int count = 0;
      for (long ta = 0, tap = 0; ta < g.taps[0]; ta++) for (long tb = 0; tb < g.taps[1]; tb++)
      for (long tc = 0; tc < g.taps[2]; tc++, tap++) {
        const size_t before = tiles.entries.size();
        bool any = false;
        tiles.entries.push_back(static_cast<int>(tap));
        for (int p = 0; p < pixels; p++) {
          int offset = -1;
          if (first + p < list.size()) {
            const auto [n, i, j, k] = list[first + p];
            const long ra = source(0, i, ta), rb = source(1, j, tb), rc = source(2, k, tc);
            if (ra >= 0 && rb >= 0 && rc >= 0) {
              const long place = ((n * read[0] + ra) * read[1] + rb) * read[2] + rc;
              offset = static_cast<int>(place * read_channels);
              any = true;
            }
          }
          tiles.entries.push_back(offset);
        }
        if (any) {
          count++;
        } else {
          tiles.entries.resize(before);
        }
      }
      tiles.start.push_back(tiles.start.back() + count);
    }
  }
  return tiles;
}

Pairs MakePairs(const Geometry& g, long images, long strips, std::pair<long, long> strip_range,
                bool dense) {
  const Sources source(g, Way::kForward);
  const long pixels = g.OutPixels(), total = images * pixels;
  Pairs result;
  result.strips = strip_range.second - strip_range.first;
  for (long s = strip_range.first; s < strip_range.second; s++) {
    const long first = total * s / strips, last = total * (s + 1) / strips;
    for (long ta = 0; ta < g.taps[0]; ta++) for (long tb = 0; tb < g.taps[1]; tb++)
    for (long tc = 0; tc < g.taps[2]; tc++) {
      result.start.push_back(static_cast<int>(result.pairs.size() / 2));
      long n = first / pixels, rest = first % pixels;
      long i = rest / (g.out[1] * g.out[2]), j = rest / g.out[2] % g.out[1], k = rest % g.out[2];
      for (long q = first; q < last; q++) {
        const long ra = source(0, i, ta), rb = source(1, j, tb), rc = source(2, k, tc);
        const bool inside = ra >= 0 && rb >= 0 && rc >= 0;
        if (inside || dense) {
          const long place = ((n * g.in[0] + ra) * g.in[1] + rb) * g.in[2] + rc;
          result.pairs.push_back(inside ? static_cast<int>(place * g.in_channels) : -1);
          result.pairs.push_back(static_cast<int>(q * g.out_stride));
        }
        if (++k == g.out[2]) {
          k = 0;
          if (++j == g.out[1]) {
            j = 0;
            if (++i == g.out[0]) i = 0, n++;
          }
        }
      }
    }
  }
  result.start.push_back(static_cast<int>(result.pairs.size() / 2));
  return result;
}

}  // namespace maeum
