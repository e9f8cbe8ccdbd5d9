// Layer normalization, GELU and SiLU of float32 arrays whose rows lie one behind the other, as calls of
// XLA.
//
// Rows are divided into parts, by their number and not by that of the threads; sums over rows are
// made in float32 within a chunk and in float64 beyond, part after part.
#include "rowwise.h"

#include <cstring>
#include <vector>

#include "microkernels.h"
#include "parallel.h"

namespace maeum {

const Rowwise& BestRowwise() {
  static const Rowwise& best = []() -> const Rowwise& {
#if defined(__x86_64__) || defined(_M_X64)
    if (!std::strcmp(Best().name, "avx512")) return RowwiseAvx512();
    if (!std::strcmp(Best().name, "avx2")) return RowwiseAvx2();
#endif
    return RowwisePlain();
  }();
  return best;
}

namespace {

namespace ffi = xla::ffi;
using Input = ffi::Buffer<ffi::F32>;
using Output = ffi::Result<Input>;

constexpr long kChunkRows = 128;       // rows whose sums stay in float32
constexpr long kPartFloats = 1 << 14;  // a part of the work has so many at least
constexpr long kParts = 32;            // at most; their number decides about the rounding

template <class Array>
auto* Optional(Array&& array) {
  return array.element_count() ? array.typed_data() : nullptr;
}

class Rows {
 public:
  Rows(const Input& x, long size) : Rows(size ? x.element_count() / size : 0, size, kPartFloats) {}
  Rows(long rows, long size, long part_floats)
      : size_(size), rows_(rows), parts_(std::clamp(rows * size / part_floats, 1L, kParts)) {}

  // Calls body(block, number of its first row) for all parts.
  template <class Body>
  void Parts(ffi::ThreadPool& pool, Body body) const {
    Parallel(pool, parts_, [&](long part) {
      const long first = rows_ * part / parts_;
      body(Block{rows_ * (part + 1) / parts_ - first, size_}, first);
    });
  }

  // Calls body(block, number of its first row, `sums` rows of zeros to add to) for chunks of rows,
  // and returns the totals.
  template <class Body>
  void Summed(ffi::ThreadPool& pool, std::vector<float*> outputs, Body body) const {
    const long lanes = static_cast<long>(outputs.size()) * size_;
    std::vector<double> totals(parts_ * lanes);
    Parallel(pool, parts_, [&](long part) {
      Arena::Block scratch(lanes);
      double* total = totals.data() + part * lanes;
      const long last = rows_ * (part + 1) / parts_;
      for (long r = rows_ * part / parts_; r < last; r += kChunkRows) {
        std::fill_n(scratch.get(), lanes, 0.0f);
        body(Block{std::min(kChunkRows, last - r), size_}, r, scratch.get());
        for (long i = 0; i < lanes; i++) total[i] += scratch.get()[i];
      }
    });
    for (long i = 0; i < lanes; i++) {
      double total = 0;
      for (long part = 0; part < parts_; part++) total += totals[part * lanes + i];
      outputs[i / size_][i % size_] = static_cast<float>(total);
    }
  }

 private:
  const long size_, rows_, parts_;
};

long Last(const Input& x) { return x.dimensions().back(); }

ffi::Error LayerNormalization(ffi::ThreadPool pool, Input x, Input gamma, Input beta, Output y,
                              Output moments, float epsilon) {
  const Rowwise& kernels = BestRowwise();
  const long size = Last(x);
  Rows(x, size).Parts(pool, [&](const Block& b, long row) {
    kernels.normalize(b, x.typed_data() + row * size, Optional(gamma), Optional(beta), epsilon,
                      y->typed_data() + row * size, moments->typed_data() + row * 3);
  });
  return ffi::Error::Success();
}

ffi::Error LayerNormalizationGradient(ffi::ThreadPool pool, Input x, Input moments, Input gamma,
                                      Input dy, Output dx, Output dgamma, Output dbeta) {
  const Rowwise& kernels = BestRowwise();
  const long size = Last(x);
  Rows(x, size).Summed(
      pool, {dgamma->typed_data(), dbeta->typed_data()}, [&](const Block& b, long row, float* sums) {
        const long at = row * size;
        kernels.normalize_back(b, x.typed_data() + at, moments.typed_data() + row * 3,
                               Optional(gamma), dy.typed_data() + at, dx->typed_data() + at, sums,
                               sums + size);
      });
  return ffi::Error::Success();
}

// Without a bias, the array is one long row, and any pieces of it are rows.
long RowSize(const Input& x, const Input& bias) {
  constexpr long kPiece = 256;
  if (bias.element_count()) return bias.element_count();
  return x.element_count() % kPiece ? 1 : kPiece;
}

ffi::Error Gelu(ffi::ThreadPool pool, Input x, Input bias, Output y, bool tanh) {
  const Rowwise& kernels = BestRowwise();
  const long size = RowSize(x, bias);
  Rows(x, size).Parts(pool, [&](Block b, long row) {
    if (!bias.element_count()) b = {1, b.rows * b.size};
    kernels.gelu(b, x.typed_data() + row * size, Optional(bias), tanh,
                 y->typed_data() + row * size);
  });
  return ffi::Error::Success();
}

ffi::Error GeluGradient(ffi::ThreadPool pool, Input x, Input bias, Input dy, Output dx,
                        Output dbias, bool tanh) {
  const Rowwise& kernels = BestRowwise();
  const long size = RowSize(x, bias);
  const auto back = [&](const Block& b, long row, float* sums) {
    const long at = row * size;
    kernels.gelu_back(b, x.typed_data() + at, Optional(bias), dy.typed_data() + at, tanh,
                      dx->typed_data() + at, sums);
  };
  const Rows rows(x, size);
  if (bias.element_count()) {
    rows.Summed(pool, {dbias->typed_data()}, back);
  } else {
    rows.Parts(pool, [&](const Block& b, long row) {
      back({1, b.rows * b.size}, row, nullptr);
    });
  }
  return ffi::Error::Success();
}

// Of one or several members of an ensemble, each with amounts of its own. Members that learn side
// by side have threads of their own, so that only many rows are worth further ones.
constexpr long kManyFloats = 1 << 17;

ffi::Error Silu(ffi::ThreadPool pool, Input x, Input amount, Output y) {
  const Rowwise& kernels = BestRowwise();
  const long size = Last(x), members = amount.element_count() / size;
  const long rows = x.element_count() / size / members;
  for (long m = 0; m < members; m++) {
    Rows(rows, size, kManyFloats).Parts(pool, [&](const Block& b, long row) {
      const long at = (m * rows + row) * size;
      kernels.silu(b, x.typed_data() + at, amount.typed_data() + m * size, y->typed_data() + at);
    });
  }
  return ffi::Error::Success();
}

ffi::Error SiluGradient(ffi::ThreadPool pool, Input x, Input amount, Input dy, Output dx,
                        Output damount) {
  const Rowwise& kernels = BestRowwise();
  const long size = Last(x), members = amount.element_count() / size;
  const long rows = x.element_count() / size / members;
  for (long m = 0; m < members; m++) {
    Rows(rows, size, kManyFloats)
        .Summed(pool, {damount->typed_data() + m * size}, [&](const Block& b, long row, float* sums) {
          const long at = (m * rows + row) * size;
          kernels.silu_back(b, x.typed_data() + at, amount.typed_data() + m * size,
                            dy.typed_data() + at, dx->typed_data() + at, sums);
        });
  }
  return ffi::Error::Success();
}

}  // namespace
}  // namespace maeum

#define CALL xla::ffi::Ffi::Bind().Ctx<xla::ffi::ThreadPool>()
#define ARRAY Arg<maeum::Input>()
#define RESULT Ret<maeum::Input>()

XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumLayerNormalization, maeum::LayerNormalization,
                              CALL.ARRAY.ARRAY.ARRAY.RESULT.RESULT.Attr<float>("epsilon"));
XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumLayerNormalizationGradient, maeum::LayerNormalizationGradient,
                              CALL.ARRAY.ARRAY.ARRAY.ARRAY.RESULT.RESULT.RESULT);
XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumGelu, maeum::Gelu,
                              CALL.ARRAY.ARRAY.RESULT.Attr<bool>("tanh"));
XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumGeluGradient, maeum::GeluGradient,
                              CALL.ARRAY.ARRAY.ARRAY.RESULT.RESULT.Attr<bool>("tanh"));
XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumSilu, maeum::Silu, CALL.ARRAY.ARRAY.RESULT);
XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumSiluGradient, maeum::SiluGradient,
                              CALL.ARRAY.ARRAY.ARRAY.RESULT.RESULT);
