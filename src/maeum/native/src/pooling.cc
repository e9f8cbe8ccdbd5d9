// Pooling of float32 arrays with the channels last, as calls of XLA.
#include <cstring>

#include "channelwise.h"
#include "parallel.h"
#include "walk.h"

namespace maeum {
namespace {

namespace ffi = xla::ffi;
using Input = ffi::Buffer<ffi::F32>;
using Output = ffi::Result<Input>;

constexpr long kItemFloats = 1 << 14;  // an item of work makes or reads about so many at least

using Reduce = void (*)(const Pixels&, const float*, float*);

// Every made pixel reduces what it reaches; forward outputs are made, backward inputs.
void Apply(ffi::ThreadPool& pool, const Geometry& g, Way way, Reduce reduce, const float* from,
           float* to) {
  const bool forward = way == Way::kForward;
  const Three& made = forward ? g.out : g.in;
  const Three& read = forward ? g.in : g.out;
  const long channels = g.in_channels, row = read[2] * channels;
  const long image = read[0] * read[1] * row, made_row = made[2] * channels;
  if (g.n * made[0] * made[1] * made_row == 0) return;
  const std::vector<Run> runs = Runs(g, way, 2);
  // Planes: one row each in images, whole layers in volumes.
  const long planes = g.n * made[0];
  const long plane = std::max(made[1] * made_row, image / made[0]);
  const long at_once = std::max(1L, kItemFloats / std::max(1L, plane));
  Parallel(pool, (planes + at_once - 1) / at_once, [&](long item) {
    Taps taps;
    for (long p = item * at_once; p < std::min(planes, (item + 1) * at_once); p++) {
      const Reach outer = Reads(g, way, 0, p % made[0]);
      const float* x = from + p / made[0] * image;
      for (long b = 0; b < made[1]; b++) {
        const Reach middle = Reads(g, way, 1, b);
        float* y = to + (p * made[1] + b) * made_row;
        for (const Run& run : runs) {
          taps.Find(g, outer, middle, run.reach, read[1], row, channels);
          reduce({taps.offsets.data(), taps.count(), run.at_step * channels, run.count,
                  run.step * channels, channels},
                 x, y + run.first * channels);
        }
      }
    }
  });
}

// The gradient of max pooling. Windows may overlap, so an item is an image, or some of the
// channels of one.
void Scatter(ffi::ThreadPool& pool, const Geometry& g, const float* x, const float* y,
             const float* dy, float* dx) {
  const Channelwise& kernels = BestChannelwise();
  const long channels = g.in_channels, row = g.in[2] * channels;
  const long in_image = g.in[0] * g.in[1] * row, out_row = g.out[2] * channels;
  const long out_image = g.out[0] * g.out[1] * out_row;
  if (g.n * in_image == 0) return;
  bool alone = true, covered = true;  // windows do not overlap; every entry is in a window
  for (int a = 0; a < 3; a++) {
    alone = alone && g.strides[a] >= (g.taps[a] - 1) * g.dilation[a] + 1;
    covered = covered && g.pads[a] == 0 && g.strides[a] == g.taps[a] && g.dilation[a] == 1 &&
              g.in[a] == g.out[a] * g.taps[a];
  }
  covered = covered && alone;
  const std::vector<Run> runs = Runs(g, Way::kForward, 2);
  const long threads = Threads(pool), whole = 16;  // floats in a line of the cache
  const long blocks = g.n >= 2 * threads ? 1
                                         : std::clamp(channels / whole, 1L,
                                                      (4 * threads + g.n - 1) / g.n);
  const long at_once = blocks > 1 ? 1 : std::max(1L, kItemFloats / in_image);
  const long groups = (g.n + at_once - 1) / at_once;
  Parallel(pool, groups * blocks, [&](long item) {
    const long lines = (channels + whole - 1) / whole, block = item % blocks;
    const long first = lines * block / blocks * whole;
    const long count = std::min(lines * (block + 1) / blocks * whole, channels) - first;
    const long begin = item / blocks * at_once, end = std::min(begin + at_once, g.n);
    Taps taps;
    for (long n = begin; n < end; n++) {
      const long in = n * in_image + first, out = n * out_image + first;
      if (!covered) {
        if (count == channels) {
          std::memset(dx + in, 0, in_image * sizeof(float));
        } else {
          for (long p = 0; p < in_image; p += channels)
            std::memset(dx + in + p, 0, count * sizeof(float));
        }
      }
      for (long a = 0; a < g.out[0]; a++) {
        const Reach outer = Reads(g, Way::kForward, 0, a);
        for (long b = 0; b < g.out[1]; b++) {
          const Reach middle = Reads(g, Way::kForward, 1, b);
          for (const Run& run : runs) {
            taps.Find(g, outer, middle, run.reach, g.in[1], row, channels);
            const long to = out + (a * g.out[1] + b) * out_row + run.first * channels;
            kernels.scatter({taps.offsets.data(), taps.count(), run.at_step * channels, run.count,
                             channels, count},
                            x + in, y + to, dy + to, alone, dx + in);
          }
        }
      }
    }
  });
}

Geometry Of(const Input& x, const Input& y, Numbers taps, Numbers strides, Numbers pads,
            Numbers dilation) {
  return WindowGeometry(x.dimensions(), taps, y.dimensions(), strides, pads, dilation);
}

ffi::Error MaxPool(ffi::ThreadPool pool, Input x, Output y, Numbers taps, Numbers strides,
                   Numbers pads, Numbers dilation) {
  Apply(pool, Of(x, *y, taps, strides, pads, dilation), Way::kForward,
        BestChannelwise().greatest, x.typed_data(), y->typed_data());
  return ffi::Error::Success();
}

ffi::Error MaxPoolGradient(ffi::ThreadPool pool, Input x, Input y, Input dy, Output dx,
                           Numbers taps, Numbers strides, Numbers pads, Numbers dilation) {
  Scatter(pool, Of(x, y, taps, strides, pads, dilation), x.typed_data(), y.typed_data(),
          dy.typed_data(), dx->typed_data());
  return ffi::Error::Success();
}

ffi::Error SumPool(ffi::ThreadPool pool, Input x, Output y, Numbers taps, Numbers strides,
                   Numbers pads, Numbers dilation) {
  Apply(pool, Of(x, *y, taps, strides, pads, dilation), Way::kForward, BestChannelwise().sum,
        x.typed_data(), y->typed_data());
  return ffi::Error::Success();
}

ffi::Error SumPoolGradient(ffi::ThreadPool pool, Input dy, Output dx, Numbers taps,
                           Numbers strides, Numbers pads, Numbers dilation) {
  Apply(pool, Of(*dx, dy, taps, strides, pads, dilation), Way::kBackward, BestChannelwise().sum,
        dy.typed_data(), dx->typed_data());
  return ffi::Error::Success();
}

}  // namespace
}  // namespace maeum

#define CALL xla::ffi::Ffi::Bind().Ctx<xla::ffi::ThreadPool>()
#define ARRAY Arg<maeum::Input>()
#define RESULT Ret<maeum::Input>()
#define WINDOW                                        \
  Attr<maeum::Numbers>("taps")                        \
      .Attr<maeum::Numbers>("strides")                \
      .Attr<maeum::Numbers>("pads")                   \
      .Attr<maeum::Numbers>("dilation")

XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumMaxPool, maeum::MaxPool, CALL.ARRAY.RESULT.WINDOW);
XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumMaxPoolGradient, maeum::MaxPoolGradient,
                              CALL.ARRAY.ARRAY.ARRAY.RESULT.WINDOW);
XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumSumPool, maeum::SumPool, CALL.ARRAY.RESULT.WINDOW);
XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumSumPoolGradient, maeum::SumPoolGradient,
                              CALL.ARRAY.RESULT.WINDOW);
