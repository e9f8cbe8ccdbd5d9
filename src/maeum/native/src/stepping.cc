// Steps of optimizers as calls of XLA.
#include "stepping.h"

#include <cstring>

#include "microkernels.h"
#include "parallel.h"

namespace maeum {

const Stepping& BestStepping() {
  static const Stepping& best = []() -> const Stepping& {
#if defined(__x86_64__) || defined(_M_X64)
    if (!std::strcmp(Best().name, "avx512")) return SteppingAvx512();
    if (!std::strcmp(Best().name, "avx2")) return SteppingAvx2();
#endif
    return SteppingPlain();
  }();
  return best;
}

namespace {

namespace ffi = xla::ffi;
using Input = ffi::Buffer<ffi::F32>;
using Output = ffi::Result<Input>;

constexpr long kPartFloats = 1 << 16;  // a part of the work has so many at least
constexpr long kFew = 1 << 17;         // so many floats are not worth a second thread
constexpr long kNumbers = sizeof(AdamNumbers) / sizeof(float);

// One step for the weights of one or several members, each with numbers of its own.
ffi::Error Adam(ffi::ThreadPool pool, Input weight, Input gradient, Input mean, Input square,
                Input numbers, Output new_weight, Output new_mean, Output new_square) {
  const Stepping& kernels = BestStepping();
  const long members = numbers.element_count() / kNumbers;
  const long size = members ? weight.element_count() / members : 0;
  const long parts = std::max(1L, size / kPartFloats);
  const auto step = [&](long i) {
    const long member = i / parts, part = i % parts;
    const long first = size * part / parts, last = size * (part + 1) / parts;
    const long at = member * size + first;
    AdamNumbers own;
    std::memcpy(&own, numbers.typed_data() + member * kNumbers, sizeof own);
    kernels.adam(last - first, own, weight.typed_data() + at, gradient.typed_data() + at,
                 mean.typed_data() + at, square.typed_data() + at, new_weight->typed_data() + at,
                 new_mean->typed_data() + at, new_square->typed_data() + at);
  };
  if (members * size > kFew) {
    Parallel(pool, members * parts, step);
  } else {
    for (long i = 0; i < members * parts; i++) step(i);
  }
  return ffi::Error::Success();
}

}  // namespace
}  // namespace maeum

XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumAdam, maeum::Adam,
                              xla::ffi::Ffi::Bind()
                                  .Ctx<xla::ffi::ThreadPool>()
                                  .Arg<maeum::Input>()
                                  .Arg<maeum::Input>()
                                  .Arg<maeum::Input>()
                                  .Arg<maeum::Input>()
                                  .Arg<maeum::Input>()
                                  .Ret<maeum::Input>()
                                  .Ret<maeum::Input>()
                                  .Ret<maeum::Input>());
