#include "winograd.h"

#include <algorithm>

#include "parallel.h"

namespace maeum {
namespace {

long Half(long n) { return (n + 1) / 2; }

// Floats between two positions: not a power of two, or all 16 would fall on one line of the cache.
long Step(long tiles, long channels) { return tiles * channels + 16; }

// G g G' of the nine taps g[0], g[by], ...
inline void KernelTransform(const float (&g)[9], float (&u)[16]) {
  float t[4][3];
  for (int j = 0; j < 3; j++) {
    const float sum = 0.5f * (g[j] + g[6 + j]), middle = 0.5f * g[3 + j];
    t[0][j] = g[j];
    t[1][j] = sum + middle;
    t[2][j] = sum - middle;
    t[3][j] = g[6 + j];
  }
  for (int i = 0; i < 4; i++) {
    const float sum = 0.5f * (t[i][0] + t[i][2]), middle = 0.5f * t[i][1];
    u[4 * i] = t[i][0];
    u[4 * i + 1] = sum + middle;
    u[4 * i + 2] = sum - middle;
    u[4 * i + 3] = t[i][2];
  }
}

// G' s G, from 16 positions back to nine taps.
inline void KernelGradient(const float (&s)[16], float (&g)[9]) {
  float t[3][4];
  for (int j = 0; j < 4; j++) {
    const float sum = 0.5f * (s[4 + j] + s[8 + j]), difference = 0.5f * (s[4 + j] - s[8 + j]);
    t[0][j] = s[j] + sum;
    t[1][j] = difference;
    t[2][j] = sum + s[12 + j];
  }
  for (int i = 0; i < 3; i++) {
    const float sum = 0.5f * (t[i][1] + t[i][2]), difference = 0.5f * (t[i][1] - t[i][2]);
    g[3 * i] = t[i][0] + sum;
    g[3 * i + 1] = difference;
    g[3 * i + 2] = sum + t[i][3];
  }
}

}  // namespace

bool Winograd::Suits(const Geometry& g) {
  const long width = Best().width, least = std::max<long>(16, width);
  const bool taps = g.taps == Three{1, 3, 3} && g.strides == Three{1, 1, 1} &&
                    g.dilation == Three{1, 1, 1} && g.groups == 1 && g.in[0] == g.out[0] &&
                    g.pads[0] == 0;
  if (!taps) return false;
  for (int axis : {1, 2}) {
    if (g.pads[axis] < 0 || g.pads[axis] > 2) return false;
  }
  const bool channels = g.in_channels % width == 0 && g.out_channels % width == 0 &&
                        g.in_channels >= least && g.out_channels >= least &&
                        g.in_channels * g.out_channels <= 1 << 16;
  const long tiles = g.out[0] * Half(g.out[1]) * Half(g.out[2]);
  // What stands over the edges is computed for nothing.
  return channels && 4 * tiles * 10 <= 16 * g.OutPixels() && g.n * tiles >= 128;
}

Winograd::Winograd(const Geometry& g, Way way)
    : g_(g), way_(way), kernels_(Best()),
      in_(way == Way::kForward ? g.in_channels : g.out_channels),
      out_(way == Way::kForward ? g.out_channels : g.in_channels),
      read_(way == Way::kForward ? g.in_channels : g.out_stride),
      made_(way == Way::kForward ? g.out_stride : g.in_channels),
      from_(way == Way::kForward ? g.in : g.out), to_(way == Way::kForward ? g.out : g.in),
      pad_{way == Way::kForward ? g.pads[1] : 2 - g.pads[1],
           way == Way::kForward ? g.pads[2] : 2 - g.pads[2]},
      rows_(to_[0] * Half(to_[1])), columns_(Half(to_[2])),
      at_once_(std::clamp(6144 / (in_ + out_) / 24 * 24, 24L, 192L)) {
  const long vectors = out_ / kernels_.width;
  const long panels = (vectors + kernels_.max_vectors - 1) / kernels_.max_vectors;
  for (long p = 0; p <= panels; p++) first_.push_back(vectors * p / panels * kernels_.width);
}

void Winograd::Pack(long panel, const float* kernel, float* packed) const {
  const long begin = first_[panel], width = first_[panel + 1] - begin;
  const long size = g_.in_channels * g_.out_channels, step = in_ * width;
  float* to = packed + kPositions * in_ * begin;
  float g[9], u[16];
  for (long i = 0; i < in_; i++) {
    for (long o = 0; o < width; o++) {
      // Backward, the kernel is turned around, and its channels change places.
      const float* at = way_ == Way::kForward ? kernel + i * out_ + begin + o
                                              : kernel + (begin + o) * in_ + i;
      for (int t = 0; t < 9; t++) g[t] = at[(way_ == Way::kForward ? t : 8 - t) * size];
      KernelTransform(g, u);
      for (int p = 0; p < kPositions; p++) to[p * step + i * width + o] = u[p];
    }
  }
}

void Winograd::Transform(const float* x, long tile, const float* zeros, float* v,
                         long step) const {
  const long row = tile / columns_, column = tile % columns_;
  const long plane = row / Half(to_[1]);  // over all images (and the first axis, which has size 1)
  const long top = row % Half(to_[1]) * 2 - pad_[0], left = column * 2 - pad_[1];
  const float* pixels[16];
  for (long i = 0; i < 4; i++) {
    const bool inside = top + i >= 0 && top + i < from_[1];
    const float* line = x + ((plane * from_[1] + top + i) * from_[2] + left) * read_;
    for (long j = 0; j < 4; j++) {
      pixels[4 * i + j] =
          inside && left + j >= 0 && left + j < from_[2] ? line + j * read_ : zeros;
    }
  }
  kernels_.input_transform(pixels, in_, v, step);
}

void Winograd::Run(const float* packed, const float* bias, bool relu, const float* x, float* y,
                   long first, long last) const {
  const long room = at_once_ + 16;  // the last tile of the products may reach further
  const long v_step = Step(room, in_), m_step = Step(room, out_);
  Arena::Block v(kPositions * v_step), m(kPositions * m_step), zeros(in_ + 64);
  std::fill(zeros.get(), zeros.get() + in_ + 64, 0.0f);

  // The tables of the products: "pixels" are tiles, and there is one tap.
  struct Table {
    int pixels;
    std::vector<int> start, entries, out;
  };
  std::vector<Table> tables;
  for (long p = 0; p < panels(); p++) {
    Table table{kernels_.pixels[(first_[p + 1] - first_[p]) / kernels_.width], {}, {}, {}};
    for (long t = 0; t * table.pixels < room - 14; t++) {
      table.start.push_back(static_cast<int>(t));
      table.entries.push_back(0);
      for (int q = 0; q < table.pixels; q++) {
        table.entries.push_back(static_cast<int>((t * table.pixels + q) * in_));
        table.out.push_back(static_cast<int>((t * table.pixels + q) * out_));
      }
    }
    table.start.push_back(static_cast<int>(table.start.size()));
    tables.push_back(std::move(table));
  }

  for (long begin = first; begin < last; begin += at_once_) {
    const long count = std::min(at_once_, last - begin);
    for (long t = 0; t < count; t++)
      Transform(x, begin + t, zeros.get(), v.get() + t * in_, v_step);
    for (long position = 0; position < kPositions; position++) {
      for (long p = 0; p < panels(); p++) {
        const Table& table = tables[p];
        const long width = first_[p + 1] - first_[p];
        kernels_.tiles(static_cast<int>(width / kernels_.width),
                       (count + table.pixels - 1) / table.pixels, table.start.data(),
                       table.entries.data(), table.out.data(), v.get() + position * v_step,
                       zeros.get(), in_,
                       packed + kPositions * in_ * first_[p] + position * in_ * width,
                       zeros.get(), false, static_cast<int>(width),
                       m.get() + position * m_step + first_[p]);
      }
    }
    for (long t = 0; t < count; t++) {
      const long row = (begin + t) / columns_, column = (begin + t) % columns_;
      const long plane = row / Half(to_[1]), top = row % Half(to_[1]) * 2, left = column * 2;
      float* pixels[4];
      for (long i = 0; i < 2; i++) {
        for (long j = 0; j < 2; j++) {
          pixels[2 * i + j] =
              top + i < to_[1] && left + j < to_[2]
                  ? y + ((plane * to_[1] + top + i) * to_[2] + left + j) * made_
                  : nullptr;
        }
      }
      kernels_.output_transform(m.get() + t * out_, m_step, out_, bias, relu, pixels);
    }
  }
}

void Winograd::Add(const float* x, const float* dz, long first, long last, float* sums) const {
  const long v_step = Step(at_once_, in_), z_step = Step(at_once_, out_);
  Arena::Block v(kPositions * v_step), z(kPositions * z_step), zeros(std::max(in_, out_));
  std::fill(zeros.get(), zeros.get() + std::max(in_, out_), 0.0f);
  std::vector<int> pairs;
  for (long t = 0; t < at_once_; t++) {
    pairs.push_back(static_cast<int>(t * in_));
    pairs.push_back(static_cast<int>(t * out_));
  }
  const long blocks = (in_ + kernels_.rows - 1) / kernels_.rows, width = kernels_.width;
  for (long begin = first; begin < last; begin += at_once_) {
    const long count = std::min(at_once_, last - begin);
    for (long t = 0; t < count; t++) {
      Transform(x, begin + t, zeros.get(), v.get() + t * in_, v_step);
      const long row = (begin + t) / columns_, column = (begin + t) % columns_;
      const long plane = row / Half(to_[1]), top = row % Half(to_[1]) * 2, left = column * 2;
      const float* pixels[4];
      for (long i = 0; i < 2; i++) {
        for (long j = 0; j < 2; j++) {
          pixels[2 * i + j] =
              top + i < to_[1] && left + j < to_[2]
                  ? dz + ((plane * to_[1] + top + i) * to_[2] + left + j) * made_
                  : zeros.get();
        }
      }
      kernels_.gradient_transform(pixels, out_, z.get() + t * out_, z_step);
    }
    for (long position = 0; position < kPositions; position++) {
      for (long o = 0; o < out_; o += 2 * width) {
        const int vectors = static_cast<int>(std::min<long>(2, (out_ - o) / width));
        for (long b = 0; b < blocks; b++) {
          const long c = in_ * b / blocks, end = in_ * (b + 1) / blocks;
          kernels_.outer(static_cast<int>(end - c), vectors, pairs.data(), count,
                         v.get() + position * v_step + c, z.get() + position * z_step + o,
                         sums + (position * in_ + c) * out_ + o, out_);
        }
      }
    }
  }
}

void Winograd::Finish(const float* sums, long count, float* kernel) const {
  const long size = in_ * out_;
  float s[16], g[9];
  for (long i = 0; i < size; i++) {
    for (int p = 0; p < kPositions; p++) {
      s[p] = sums[p * size + i];
      for (long k = 1; k < count; k++) s[p] += sums[(k * kPositions + p) * size + i];
    }
    KernelGradient(s, g);
    for (int t = 0; t < 9; t++) kernel[t * size + i] = g[t];
  }
}

}  // namespace maeum
