// Recurrent networks over whole sequences of float32, batch first, as calls of XLA.
//
// Rows of the batch do not depend on each other: each thread takes some of them through all steps,
// and nobody waits for anybody between two steps. The recurrent weights are packed once a call.
#include "recurrent.h"

#include <cstring>
#include <utility>

#include "microkernels.h"
#include "parallel.h"

namespace maeum {

const Recurrent& BestRecurrent(Cell cell) {
  static const Recurrent* best = []() -> const Recurrent* {
#if defined(__x86_64__) || defined(_M_X64)
    if (!std::strcmp(Best().name, "avx512")) return RecurrentAvx512();
    if (!std::strcmp(Best().name, "avx2")) return RecurrentAvx2();
#endif
    return RecurrentPlain();
  }();
  return best[static_cast<int>(cell)];
}

namespace {

namespace ffi = xla::ffi;
using Input = ffi::Buffer<ffi::F32>;
using Mask = ffi::Buffer<ffi::PRED>;
using Output = ffi::Result<Input>;

constexpr long kPartRows = 16;  // at most; fewer share a panel too little, more leave threads idle
constexpr long kPad = 16;       // floats between own rows, which would meet in the cache otherwise
// The inputs are multiplied for some steps ahead: for as many as leave the sums in the cache, but
// for whole tiles.
constexpr long kProjectedFloats = long{1} << 16, kLeastProjected = 12;

long RoundUp(long n, long to) { return (n + to - 1) / to * to; }

template <class Array>
auto* Optional(Array&& array) {
  return array.element_count() ? array.typed_data() : nullptr;
}

// Panels of `gates` times `vectors` vectors from an (inputs, gates, units) array whose steps are
// `input_step` and 1; the other way round, from (units, inputs), for the way back.
class Panels {
 public:
  Panels(ffi::ThreadPool& pool, const float* weights, long inputs, long units, long gates,
         long vectors, long width, bool transposed)
      : size_(inputs * gates * vectors * width),
        count_((units + vectors * width - 1) / (vectors * width)), memory_(size_ * count_) {
    if (!size_) return;
    const long lanes = vectors * width;
    Parallel(pool, count_, [&](long j) {
      float* to = memory_.get() + j * size_;
      const long first = j * lanes, valid = std::min(lanes, units - first);
      for (long k = 0; k < inputs; k++) {
        for (long g = 0; g < gates; g++, to += lanes) {
          if (transposed) {
            for (long i = 0; i < valid; i++) to[i] = weights[(first + i) * inputs + k];
          } else {
            std::copy_n(weights + (k * gates + g) * units + first, valid, to);
          }
          std::fill(to + valid, to + lanes, 0.0f);
        }
      }
    });
  }
  const float* get() { return memory_.get(); }

 private:
  const long size_, count_;
  Arena::Block memory_;
};

// The sizes of a call, and how its rows are divided.
struct Sizes {
  Sizes(const Recurrent& kernels, ffi::ThreadPool& pool, const Input& y, const Input& h)
      : batch(y.dimensions()[0]), steps(y.dimensions()[1]), units(h.dimensions()[1]),
        columns(kernels.gates * units),
        stride(RoundUp(units, kProductVectors * kernels.width) + kPad) {
    const long threads = Threads(pool);
    rows = std::clamp((batch + threads - 1) / threads, 1L, kPartRows);
    parts = (batch + rows - 1) / rows;
  }
  // Calls body(first row, rows) for all parts.
  template <class Body>
  void Parts(ffi::ThreadPool& pool, Body body) const {
    Parallel(pool, parts, [&](long part) {
      const long first = batch * part / parts;
      body(first, batch * (part + 1) / parts - first);
    });
  }
  // Copies rows of `units` floats, or zeros where there are none.
  void Copy(const float* from, long from_step, float* to, long to_step, long rows) const {
    for (long r = 0; r < rows; r++) {
      if (from) {
        std::copy_n(from + r * from_step, units, to + r * to_step);
      } else {
        std::fill_n(to + r * to_step, units, 0.0f);
      }
    }
  }
  const long batch, steps, units, columns, stride;
  long rows, parts;
};

// `y` is (batch, steps, units); `a`, `x` and `gates` have a row for each step of each sequence.
// What is not there is empty: either `a`, or `x` and `kernel`, whose product it is; `gates` and
// `beside` where no way back is wanted.
template <Cell CELL>
ffi::Error Forward(ffi::ThreadPool pool, Input a, Input x, Input kernel, Input h0, Input c0,
                   Input weights, Input bias, Input recurrent_bias, Mask mask, Output y,
                   Output cell, Output gates, Output beside) {
  const Recurrent& kernels = BestRecurrent(CELL);
  const Sizes n(kernels, pool, *y, h0);
  const bool projects = kernel.element_count() > 0;
  const long inputs = projects ? kernel.dimensions()[0] : 0;
  Panels kernel_panels(pool, kernel.typed_data(), inputs, n.units, kernels.gates, kernels.vectors,
                       kernels.width, false);
  Panels panels(pool, weights.typed_data(), n.units, n.units, kernels.gates, kernels.vectors,
                kernels.width, false);
  n.Parts(pool, [&](long first, long rows) {
    const long own = rows * n.stride;
    Arena::Block memory(3 * own);
    float *h = memory.get(), *next = h + own, *c = next + own;
    std::fill_n(h, 3 * own, 0.0f);
    n.Copy(h0.typed_data() + first * n.units, n.units, h, n.stride, rows);
    if (CELL == Cell::kLstm) {
      n.Copy(c0.typed_data() + first * n.units, n.units, c, n.stride, rows);
    }
    // The sums take the place of the gates if those are kept.
    Projection p{};
    const long ahead = std::min(
        n.steps, std::max(kProjectedFloats / (rows * n.columns), kLeastProjected));
    const bool kept = gates->element_count() > 0;
    p.a_row = kept ? n.columns : n.columns + kPad;
    p.a_sequence = (kept ? n.steps : ahead) * p.a_row;
    Arena::Block sums(projects && !kept ? rows * p.a_sequence : 0);
    for (long t = 0; t < n.steps; t++, std::swap(h, next)) {
      const long at = first * n.steps + t;
      const auto of = [&](auto* array, long size) { return array ? array + at * size : nullptr; };
      ForwardStep s{};
      s.rows = rows;
      s.units = n.units;
      s.stride = n.stride;
      s.panels = panels.get();
      s.bias = Optional(bias);
      s.recurrent_bias = Optional(recurrent_bias);
      s.mask = of(Optional(mask), 1);
      s.mask_step = n.steps;
      s.gates_step = n.steps * n.columns;
      if (!projects) {
        s.a = of(a.typed_data(), n.columns);
        s.a_step = s.gates_step;
      } else {
        if (t % ahead == 0) {
          p.sequences = rows;
          p.steps = std::min(ahead, n.steps - t);
          p.inputs = inputs;
          p.units = n.units;
          p.x = of(x.typed_data(), inputs);
          p.x_sequence = n.steps * inputs;
          p.panels = kernel_panels.get();
          p.a = kept ? of(gates->typed_data(), n.columns) : sums.get();
          kernels.project(p);
        }
        s.a = p.a + t % ahead * p.a_row;
        s.a_step = p.a_sequence;
      }
      s.h = h;
      s.next = next;
      s.c = c;
      s.y = of(y->typed_data(), n.units);
      s.units_step = n.steps * n.units;
      s.gates = of(Optional(*gates), n.columns);
      s.beside = of(Optional(*beside), n.units);
      kernels.forward(s);
    }
    if (CELL == Cell::kLstm) {
      n.Copy(c, n.stride, cell->typed_data() + first * n.units, n.units, rows);
    }
  });
  return ffi::Error::Success();
}

template <Cell CELL>
ffi::Error Backward(ffi::ThreadPool pool, Input h0, Input c0, Input weights, Mask mask, Input y,
                    Input gates, Input beside, Input dy, Input dlast, Input dcell, Output dz,
                    Output dq, Output dh0, Output dc0) {
  const Recurrent& kernels = BestRecurrent(CELL);
  const Sizes n(kernels, pool, y, h0);
  Panels panels(pool, weights.typed_data(), n.columns, n.units, 1, kProductVectors, kernels.width,
                true);
  n.Parts(pool, [&](long first, long rows) {
    const long own = rows * n.stride, product_stride = n.columns + kPad;
    Arena::Block memory(2 * own + rows * product_stride);
    float *dh = memory.get(), *dc = dh + own;
    std::fill_n(dh, 2 * own, 0.0f);
    const auto rows_of = [&](const float* p) { return p ? p + first * n.units : p; };
    n.Copy(rows_of(Optional(dlast)), n.units, dh, n.stride, rows);
    n.Copy(rows_of(Optional(dcell)), n.units, dc, n.stride, rows);
    const float* states = CELL == Cell::kLstm ? beside.typed_data() : y.typed_data();
    for (long t = n.steps; t-- > 0;) {
      const long at = first * n.steps + t;
      const auto of = [&](auto* array, long size) { return array ? array + at * size : nullptr; };
      BackwardStep s{};
      s.rows = rows;
      s.units = n.units;
      s.stride = n.stride;
      s.mask = of(Optional(mask), 1);
      s.mask_step = n.steps;
      s.y = of(y.typed_data(), n.units);
      s.dy = of(Optional(dy), n.units);
      s.gates = of(Optional(gates), n.columns);
      s.beside = of(Optional(beside), n.units);
      s.gates_step = n.steps * n.columns;
      s.units_step = n.steps * n.units;
      if (t > 0) {
        s.before = of(states, n.units) - n.units;
        s.before_step = s.units_step;
      } else {
        s.before = rows_of((CELL == Cell::kLstm ? c0 : h0).typed_data());
        s.before_step = n.units;
      }
      s.dh = dh;
      s.dc = dc;
      s.dz = of(dz->typed_data(), n.columns);
      s.dq = of(Optional(*dq), n.columns);
      s.product = memory.get() + 2 * own;
      s.product_stride = product_stride;
      kernels.backward(s);
      kernels.product(s, n.columns, panels.get());
    }
    n.Copy(dh, n.stride, dh0->typed_data() + first * n.units, n.units, rows);
    if (CELL == Cell::kLstm) {
      n.Copy(dc, n.stride, dc0->typed_data() + first * n.units, n.units, rows);
    }
  });
  return ffi::Error::Success();
}

}  // namespace
}  // namespace maeum

#define CALL xla::ffi::Ffi::Bind().Ctx<xla::ffi::ThreadPool>()
#define ARRAY Arg<maeum::Input>()
#define MASK Arg<maeum::Mask>()
#define RESULT Ret<maeum::Input>()

#define CELL(name, cell)                                                                          \
  XLA_FFI_DEFINE_HANDLER_SYMBOL(name, maeum::Forward<maeum::Cell::cell>,                          \
                                CALL.ARRAY.ARRAY.ARRAY.ARRAY.ARRAY.ARRAY.ARRAY.ARRAY.MASK         \
                                    .RESULT.RESULT.RESULT.RESULT);                                \
  XLA_FFI_DEFINE_HANDLER_SYMBOL(name##Gradient, maeum::Backward<maeum::Cell::cell>,               \
                                CALL.ARRAY.ARRAY.ARRAY.MASK.ARRAY.ARRAY.ARRAY.ARRAY.ARRAY.ARRAY   \
                                    .RESULT.RESULT.RESULT.RESULT)

CELL(MaeumSimpleRnnTanh, kTanh);
CELL(MaeumSimpleRnnRelu, kRelu);
CELL(MaeumLstm, kLstm);
CELL(MaeumGru, kGru);
