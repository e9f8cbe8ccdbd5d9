// Depthwise convolution of float32 arrays with the channels last (each channel with a kernel of
// its own), as calls of XLA.
#include "channelwise.h"
#include "parallel.h"
#include "walk.h"

namespace maeum {
namespace {

namespace ffi = xla::ffi;
using Input = ffi::Buffer<ffi::F32>;
using Output = ffi::Result<Input>;

constexpr long kUnitFloats = 1 << 15;  // what a unit of work reads, and makes, at most (if it can)
constexpr long kLeastFloats = 1 << 12;  // and at least
constexpr long kFewPixels = 512;       // grids so small are divided by channels

// Some images, or some of the planes (first axis) of one: the work is done unit by unit, so that
// what several steps read stays in the cache.
struct Unit {
  long first, last;    // images
  long block, blocks;  // of their planes

  std::pair<long, long> Planes(long all) const {
    return {all * block / blocks, all * (block + 1) / blocks};
  }
};

class Units {
 public:
  Units(const Geometry& g, long least) {
    const long image = std::max(g.InPixels(), g.OutPixels()) * g.in_channels;
    const long shared = std::max({1L, g.n / least, kLeastFloats / std::max(1L, image)});
    images_ = std::clamp(kUnitFloats / std::max(1L, image), 1L, shared);
    blocks_ = std::clamp(image / kUnitFloats, 1L, std::max(g.in[0], g.out[0]));
    if (g.n < least && image > 2 * kLeastFloats)
      blocks_ = std::max(blocks_, std::min(least / std::max(1L, g.n), g.out[0]));
    n_ = g.n;
  }
  long count() const { return (n_ + images_ - 1) / images_ * blocks_; }
  Unit operator[](long i) const {
    const long first = i / blocks_ * images_;
    return {first, std::min(first + images_, n_), i % blocks_, blocks_};
  }

 private:
  long n_, images_, blocks_;
};

// An array of images, of which `planes` are there, from plane number `first` on.
struct Grid {
  Three size;
  long channels, first, planes;

  Grid(const Three& size, long channels) : Grid(size, channels, {0, size[0]}) {}
  Grid(const Three& size, long channels, std::pair<long, long> range)
      : size(size), channels(channels), first(range.first), planes(range.second - range.first) {}
  long row() const { return size[2] * channels; }
  long image() const { return planes * size[1] * row(); }
  long Row(long a, long b) const { return ((a - first) * size[1] + b) * row(); }
};

// Calls body(pixels, weights, offset in what is read, offset in what is made) for planes `range`
// of some images of what is made. Pixels that are reached through the same taps are a block of
// images x planes x columns; the longest of the three goes into the kernel, columns if there are
// enough.
template <class Body>
void Walk(const Geometry& g, Way way, const Grid& made, const Grid& read,
          std::pair<long, long> range, long images, long channels, Body body) {
  constexpr long kEnough = 8;
  struct Axis {
    long count, read, made;
  };
  Taps taps;
  const std::vector<Run> columns = Runs(g, way, 2);
  for (const Run& planes : Runs(g, way, 0, range)) {
    for (long b = 0; b < made.size[1]; b++) {
      const Reach middle = Reads(g, way, 1, b);
      for (const Run& run : columns) {
        taps.Find(g, planes.reach, middle, run.reach, read.size[1], read.row(), read.channels,
                  read.first);
        for (long& number : taps.numbers) number *= g.in_channels;
        Axis axes[] = {
            {images, read.image(), made.image()},
            {planes.count, planes.at_step * read.size[1] * read.row(),
             planes.step * made.size[1] * made.row()},
            {run.count, run.at_step * read.channels, run.step * made.channels},
        };
        for (Axis& axis : axes) {
          if (axes[2].count < kEnough && axis.count > axes[2].count) std::swap(axis, axes[2]);
        }
        const Pixels pixels{taps.offsets.data(), taps.count(), axes[2].read, axes[2].count,
                            axes[2].made, channels};
        const long to = made.Row(planes.first, b) + run.first * made.channels;
        for (long i = 0; i < axes[0].count; i++) {
          for (long j = 0; j < axes[1].count; j++) {
            body(pixels, taps.numbers.data(), i * axes[0].read + j * axes[1].read,
                 to + i * axes[0].made + j * axes[1].made);
          }
        }
      }
    }
  }
}

void Forward(ffi::ThreadPool& pool, const Geometry& g, const float* x, const float* kernel,
             const float* bias, bool relu, float* y) {
  const Channelwise& kernels = BestChannelwise();
  const Grid in(g.in, g.in_channels), out(g.out, g.in_channels);
  const Units units(g, 4 * Threads(pool));
  Parallel(pool, units.count(), [&](long i) {
    const Unit unit = units[i];
    const float* from = x + unit.first * in.image();
    float* to = y + unit.first * out.image();
    Walk(g, Way::kForward, out, in, unit.Planes(g.out[0]), unit.last - unit.first, g.in_channels,
         [&](const Pixels& p, const long* weights, long read, long made) {
           kernels.weigh(p, from + read, weights, kernel, bias, relu, to + made);
         });
  });
}

struct Gradients {
  float* x;  // null: not wanted
  float* kernel;
  float* bias;  // null: not wanted
};

// The backward pass: unit by unit, dz (the gradient of the output, closed where a ReLU was), and
// from it the gradients of the input, the kernel and the bias.
class Backward {
 public:
  // `y` is the output if a ReLU stood behind the convolution, else null.
  Backward(ffi::ThreadPool& pool, const Geometry& g, const float* x, const float* kernel,
           const float* y, const float* dy, const Gradients& to)
      : pool_(pool), g_(g), kernels_(BestChannelwise()), x_(x), kernel_(kernel), y_(y), dy_(dy),
        to_(to), in_(g.in, g.in_channels), out_(g.out, g.in_channels) {}

  // Each part of the work has sums of its own, which are added in their order.
  void Run() const {
    const long threads = Threads(pool_), channels = g_.in_channels;
    const bool few = g_.n * std::max(g_.InPixels(), g_.OutPixels()) <= kFewPixels;
    // Blocks of channels are whole lines of the cache, except the last one.
    const long lines = (channels + 15) / 16;
    const long blocks = few ? std::clamp(lines / 4, 1L, 4 * threads) : 1;
    const Units units(g_, 4 * threads);
    const long parts = few ? std::min(1L, units.count()) : std::min(4 * threads, units.count());
    const long size = (g_.TapCount() + 1) * channels;  // the kernel's and the bias's sums
    Arena::Block sums(std::max(1L, parts) * size);
    Parallel(pool_, parts * blocks, [&](long item) {
      const long part = item / blocks, block = item % blocks;
      const long first = lines * block / blocks * 16;
      const long last = std::min(lines * (block + 1) / blocks * 16, channels);
      float* own = sums.get() + part * size;
      for (long t = 0; t <= g_.TapCount(); t++)
        std::fill(own + t * channels + first, own + t * channels + last, 0.0f);
      if (few) {
        Do({0, g_.n, 0, 1}, first, last - first, own);
      } else {
        for (long u = units.count() * part / parts; u < units.count() * (part + 1) / parts; u++)
          Do(units[u], first, last - first, own);
      }
    });
    auto add = [&](long at, long count, float* to) {
      std::fill(to, to + count, 0.0f);
      for (long p = 0; p < parts; p++) {
        const float* from = sums.get() + p * size + at;
        for (long i = 0; i < count; i++) to[i] += from[i];
      }
    };
    add(0, size - channels, to_.kernel);
    if (to_.bias) add(size - channels, channels, to_.bias);
  }

 private:
  // The planes of the output from which the gradient of some planes of the input is computed,
  // and some more.
  std::pair<long, long> Around(std::pair<long, long> in, std::pair<long, long> out) const {
    const long reach = (g_.taps[0] - 1) * g_.dilation[0];
    const long low = FloorDivide(in.first + g_.pads[0] - reach, g_.strides[0]);
    const long high = FloorDivide(in.second - 1 + g_.pads[0], g_.strides[0]) + 1;
    return {std::clamp(std::min(low, out.first), 0L, g_.out[0]),
            std::clamp(std::max(high, out.second), 0L, g_.out[0])};
  }

  void Do(const Unit& unit, long channel, long channels, float* sums) const {
    const long images = unit.last - unit.first;
    const auto in_planes = unit.Planes(g_.in[0]), out_planes = unit.Planes(g_.out[0]);
    const float* dz = dy_ + unit.first * out_.image() + channel;
    Grid grid = out_;
    const auto around = unit.blocks == 1 ? std::pair<long, long>(0, g_.out[0])
                        : to_.x          ? Around(in_planes, out_planes)
                                         : out_planes;
    if (y_) grid = Grid(g_.out, channels, around);
    Arena::Block copy(y_ ? images * grid.image() : 0);
    float* bias = to_.bias ? sums + g_.TapCount() * g_.in_channels + channel : nullptr;
    if (y_ || bias) {
      const float* y = y_ ? y_ + unit.first * out_.image() + channel : nullptr;
      const long rows = g_.out[1];
      auto close = [&](long n, std::pair<long, long> planes, float* bias) {
        if (planes.first >= planes.second || (!y_ && !bias)) return;
        const long from = n * out_.image() + out_.Row(planes.first, 0);
        const long to = y_ ? n * grid.image() + grid.Row(planes.first, 0) : 0;
        kernels_.close(dz + from, y ? y + from : nullptr,
                       (planes.second - planes.first) * rows * g_.out[2], channels,
                       g_.in_channels, y_ ? copy.get() + to : nullptr, channels, bias);
      };
      for (long n = 0; n < images; n++) {
        close(n, {around.first, out_planes.first}, nullptr);
        for (long a = out_planes.first; a < out_planes.second; a++) close(n, {a, a + 1}, bias);
        close(n, {out_planes.second, around.second}, nullptr);
      }
      if (y_) dz = copy.get();
    }
    if (to_.x) {
      float* dx = to_.x + unit.first * in_.image() + channel;
      Walk(g_, Way::kBackward, in_, grid, in_planes, images, channels,
           [&](const Pixels& p, const long* weights, long read, long made) {
             kernels_.weigh(p, dz + read, weights, kernel_ + channel, nullptr, false, dx + made);
           });
    }
    const float* x = x_ + unit.first * in_.image() + channel;
    Walk(g_, Way::kForward, grid, in_, out_planes, images, channels,
         [&](const Pixels& p, const long* weights, long read, long made) {
           kernels_.correlate(p, x + read, weights, dz + made, sums + channel);
         });
  }

  ffi::ThreadPool& pool_;
  const Geometry& g_;
  const Channelwise& kernels_;
  const float *x_, *kernel_, *y_, *dy_;
  const Gradients to_;
  const Grid in_, out_;
};

// ---- The calls ----------------------------------------------------------------------------

const float* Optional(const Input& array) {
  return array.element_count() ? array.typed_data() : nullptr;
}
float* Optional(Output& array) { return array->element_count() ? array->typed_data() : nullptr; }

Geometry Of(const Input& x, const Input& kernel, const Input& y, Numbers strides, Numbers pads,
            Numbers dilation) {
  const Numbers taps(kernel.dimensions().begin(), strides.size());
  return WindowGeometry(x.dimensions(), taps, y.dimensions(), strides, pads, dilation);
}

ffi::Error Depthwise(ffi::ThreadPool pool, Input x, Input kernel, Input bias, Output y,
                     Numbers strides, Numbers pads, Numbers dilation, bool relu) {
  if (!y->element_count()) return ffi::Error::Success();
  Forward(pool, Of(x, kernel, *y, strides, pads, dilation), x.typed_data(), kernel.typed_data(),
          Optional(bias), relu, y->typed_data());
  return ffi::Error::Success();
}

// y is empty unless a ReLU was behind it; dx and db are empty where they are not wanted.
ffi::Error Gradient(ffi::ThreadPool pool, Input x, Input kernel, Input y, Input dy, Output dx,
                    Output dkernel, Output db, Numbers strides, Numbers pads, Numbers dilation) {
  const Geometry g = Of(x, kernel, dy, strides, pads, dilation);
  Backward(pool, g, x.typed_data(), kernel.typed_data(), Optional(y), dy.typed_data(),
           {Optional(dx), dkernel->typed_data(), Optional(db)})
      .Run();
  return ffi::Error::Success();
}

}  // namespace
}  // namespace maeum

#define CALL xla::ffi::Ffi::Bind().Ctx<xla::ffi::ThreadPool>()
#define ARRAY Arg<maeum::Input>()
#define RESULT Ret<maeum::Input>()
#define WINDOW                        \
  Attr<maeum::Numbers>("strides")     \
      .Attr<maeum::Numbers>("pads")   \
      .Attr<maeum::Numbers>("dilation")

XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumDepthwise, maeum::Depthwise,
                              CALL.ARRAY.ARRAY.ARRAY.RESULT.WINDOW.Attr<bool>("relu"));
XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumDepthwiseGradient, maeum::Gradient,
                              CALL.ARRAY.ARRAY.ARRAY.ARRAY.RESULT.RESULT.RESULT.WINDOW);
