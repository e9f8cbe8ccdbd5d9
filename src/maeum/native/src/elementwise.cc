// What works on each entry of an array by itself, as calls of XLA, each for one or several members
// of an ensemble with numbers of their own.
#include "elementwise.h"

#include <cstring>
#include <vector>

#include "microkernels.h"
#include "parallel.h"

namespace maeum {

const Elementwise& BestElementwise() {
  static const Elementwise& best = []() -> const Elementwise& {
#if defined(__x86_64__) || defined(_M_X64)
    if (!std::strcmp(Best().name, "avx512")) return ElementwiseAvx512();
    if (!std::strcmp(Best().name, "avx2")) return ElementwiseAvx2();
#endif
    return ElementwisePlain();
  }();
  return best;
}

namespace {

namespace ffi = xla::ffi;
using Input = ffi::Buffer<ffi::F32>;
using Output = ffi::Result<Input>;
using Numbers = ffi::Buffer<ffi::S32>;
using Words = ffi::Buffer<ffi::U32>;
using Kept = ffi::Result<ffi::Buffer<ffi::PRED>>;

constexpr long kPartEntries = 1 << 16;  // a part of the work has so many at least
constexpr long kFew = 1 << 17;          // so many are not worth a second thread
constexpr long kNumbers = sizeof(AdamNumbers) / sizeof(float);

// Calls body(member, first, behind the last one) for parts of the `size` things of each member,
// which all together have so many entries.
template <class Body>
void ForParts(ffi::ThreadPool& pool, long members, long size, long entries, Body body) {
  const long parts = std::max(1L, entries / std::max(1L, members) / kPartEntries);
  const auto part = [&](long i) {
    const long p = i % parts;
    body(i / parts, size * p / parts, size * (p + 1) / parts);
  };
  if (entries > kFew) {
    Parallel(pool, members * parts, part);
  } else {
    for (long i = 0; i < members * parts; i++) part(i);
  }
}

// One step for all weights: of each the weight, the gradient and the means, then those of the next
// kind. As all gradients are there before any weight changes, XLA lets it change them in place.
ffi::Error Adam(ffi::ThreadPool pool, Input numbers, ffi::RemainingArgs given,
                ffi::RemainingRets results) {
  const Elementwise& kernels = BestElementwise();
  const long weights = given.size() / 4;
  const long members = numbers.element_count() / std::max(1L, weights * kNumbers);
  struct Weight {
    const float* given[4];
    float* results[3];
    long size;
  };
  std::vector<Weight> all(weights);
  long entries = 0;
  for (long w = 0; w < weights; w++) {
    for (long i = 0; i < 4; i++) {
      const auto array = given.get<Input>(i * weights + w);
      if (!array.has_value()) return array.error();
      all[w].given[i] = array->typed_data();
      all[w].size = array->element_count() / members;
    }
    for (long i = 0; i < 3; i++) {
      auto array = results.get<ffi::Buffer<ffi::F32>>(i * weights + w);
      if (!array.has_value()) return array.error();
      all[w].results[i] = (*array)->typed_data();
    }
    entries += all[w].size * members;
  }
  const auto step = [&](const Weight& w, long number, long member, long first, long last) {
    const long at = member * w.size + first;
    AdamNumbers own;
    std::memcpy(&own, numbers.typed_data() + (member * weights + number) * kNumbers, sizeof own);
    kernels.adam(last - first, own, w.given[0] + at, w.given[1] + at, w.given[2] + at,
                 w.given[3] + at, w.results[0] + at, w.results[1] + at, w.results[2] + at);
  };
  if (entries <= kFew) {
    for (long m = 0; m < members; m++) {
      for (long n = 0; n < weights; n++) step(all[n], n, m, 0, all[n].size);
    }
    return ffi::Error::Success();
  }
  struct Part {
    long number, member, first, last;
  };
  std::vector<Part> parts;
  for (long n = 0; n < weights; n++) {
    const long size = all[n].size, count = std::max(1L, size / kPartEntries);
    for (long m = 0; m < members; m++) {
      for (long p = 0; p < count; p++) {
        parts.push_back({n, m, size * p / count, size * (p + 1) / count});
      }
    }
  }
  Parallel(pool, static_cast<long>(parts.size()), [&](long i) {
    const Part& p = parts[i];
    step(all[p.number], p.number, p.member, p.first, p.last);
  });
  return ffi::Error::Success();
}

// Which entries stay, by a key of two words and a threshold.
ffi::Error Keep(ffi::ThreadPool pool, Words key, Words threshold, Kept kept) {
  const Elementwise& kernels = BestElementwise();
  const long members = threshold.element_count();
  const long size = members ? kept->element_count() / members : 0;
  ForParts(pool, members, size, members * size, [&](long member, long first, long last) {
    kernels.keep(last - first, static_cast<uint32_t>(first), key.typed_data() + 2 * member,
                 threshold.typed_data()[member], kept->typed_data() + member * size + first);
  });
  return ffi::Error::Success();
}

// Numbers by how far they get through the bins of their features.
ffi::Error Pieces(ffi::ThreadPool pool, Input x, Numbers feature, Input low, Input width,
                  Input least, Input most, Output y) {
  const Elementwise& kernels = BestElementwise();
  const long size = y->dimensions().back(), features = x.dimensions().back();
  const long members = low.element_count() / size;
  const long rows = y->element_count() / size / members;
  ForParts(pool, members, rows, members * rows * size, [&](long m, long first, long last) {
    const long row = m * rows + first, at = m * size;
    kernels.pieces(last - first, features, size, x.typed_data() + row * features,
                   feature.typed_data() + at, low.typed_data() + at, width.typed_data() + at,
                   least.typed_data() + at, most.typed_data() + at, y->typed_data() + row * size);
  });
  return ffi::Error::Success();
}

}  // namespace
}  // namespace maeum

XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumAdam, maeum::Adam,
                              xla::ffi::Ffi::Bind()
                                  .Ctx<xla::ffi::ThreadPool>()
                                  .Arg<maeum::Input>()
                                  .RemainingArgs()
                                  .RemainingRets());
XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumKeep, maeum::Keep,
                              xla::ffi::Ffi::Bind()
                                  .Ctx<xla::ffi::ThreadPool>()
                                  .Arg<maeum::Words>()
                                  .Arg<maeum::Words>()
                                  .Ret<xla::ffi::Buffer<xla::ffi::PRED>>());
XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumPieces, maeum::Pieces,
                              xla::ffi::Ffi::Bind()
                                  .Ctx<xla::ffi::ThreadPool>()
                                  .Arg<maeum::Input>()
                                  .Arg<maeum::Numbers>()
                                  .Arg<maeum::Input>()
                                  .Arg<maeum::Input>()
                                  .Arg<maeum::Input>()
                                  .Arg<maeum::Input>()
                                  .Ret<maeum::Input>());
