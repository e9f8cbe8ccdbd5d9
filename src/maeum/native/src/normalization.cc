// Batch normalization of float32 arrays with the channels last in training, as calls of XLA.
//
// Statistics: within a chunk of rows, deviations from a center near the chunk's mean are summed in
// float32; their sums move to one center for all, and are added there, in float64. The center is
// the mean of some rows of the chunk: were it far from the mean, so were these rows, and the
// variance would be as large; thus the digits that are lost never count.
#include <cmath>
#include <numeric>
#include <vector>

#include "channelwise.h"
#include "parallel.h"

namespace maeum {
namespace {

namespace ffi = xla::ffi;
using Input = ffi::Buffer<ffi::F32>;
using Output = ffi::Result<Input>;

constexpr long kChunkRows = 256;       // rows whose sums stay in float32
constexpr long kSampled = 16;          // one in so many of them makes the center
constexpr long kLeastLanes = 64;       // narrower rows are taken several at once
constexpr long kPartFloats = 1 << 14;  // a part of the work has so many at least
constexpr long kParts = 32;            // at most; their number decides about the rounding

// Rows, several of which are taken as one where they have few channels, divided into parts.
class Rows {
 public:
  Rows(long rows, long channels)
      : rows_(rows), channels_(channels),
        fold_(channels < kLeastLanes ? kLeastLanes / std::gcd(channels, kLeastLanes) : 1),
        folded_(rows / fold_),
        parts_(std::clamp(rows * channels / kPartFloats, 1L, kParts)) {}

  long parts() const { return parts_; }
  long lanes() const { return fold_ * channels_; }
  long fold() const { return fold_; }

  // Calls body(offset, rows, floats in each) for the chunks of a part.
  template <class Body>
  void Chunks(long part, Body body) const {
    const long last = folded_ * (part + 1) / parts_;
    for (long r = folded_ * part / parts_; r < last; r += kChunkRows)
      body(r * lanes(), std::min(kChunkRows, last - r), lanes());
    if (part + 1 == parts_ && rows_ > folded_ * fold_)
      body(folded_ * lanes(), rows_ - folded_ * fold_, channels_);
  }

  // One value for each channel -> one for each lane.
  void Spread(float* lanes) const {
    for (long i = channels_; i < this->lanes(); i++) lanes[i] = lanes[i - channels_];
  }

 private:
  const long rows_, channels_, fold_, folded_, parts_;
};

// Two sums for each channel, in float64, for each part and for all.
class Sums {
 public:
  Sums(const Rows& rows, long channels)
      : channels_(channels), parts_(rows.parts()), sums_(parts_ * 2 * channels) {}
  double* part(long p) { return sums_.data() + p * 2 * channels_; }
  // All parts, in their order, in the first one.
  const double* Add() {
    for (long p = 1; p < parts_; p++) {
      for (long i = 0; i < 2 * channels_; i++) sums_[i] += sums_[p * 2 * channels_ + i];
    }
    return sums_.data();
  }

 private:
  const long channels_, parts_;
  std::vector<double> sums_;
};

const float* Optional(const Input& array) {
  return array.element_count() ? array.typed_data() : nullptr;
}

// What turns x into y, and what is left of the mean when it is rounded.
struct Coefficients {
  Coefficients(const Rows& rows, long channels, const float* mean, const float* rest,
               const float* variance, const float* gamma, const float* beta, float epsilon,
               bool relu)
      : memory(3 * rows.lanes()), normal{memory.get(), memory.get() + rows.lanes(),
                                         memory.get() + 2 * rows.lanes(), relu} {
    float *center = memory.get(), *scale = center + rows.lanes(), *shift = scale + rows.lanes();
    for (long c = 0; c < channels; c++) {
      center[c] = mean[c];
      scale[c] = (gamma ? gamma[c] : 1.0f) / std::sqrt(variance[c] + epsilon);
      shift[c] = (beta ? beta[c] : 0.0f) - rest[c] * scale[c];
    }
    for (float* lanes : {center, scale, shift}) rows.Spread(lanes);
  }
  Arena::Block memory;
  const Normal normal;
};

ffi::Error Normalized(ffi::ThreadPool pool, Input x_, Input gamma, Input beta, Output y,
                      Output mean_, Output variance_, Output rest_, float epsilon, bool relu) {
  const Channelwise& kernels = BestChannelwise();
  const long channels = mean_->element_count();
  if (!channels) return ffi::Error::Success();
  const long count = x_.element_count() / channels;
  const float* x = x_.typed_data();
  const Rows rows(count, channels);
  Sums sums(rows, channels);
  Parallel(pool, rows.parts(), [&](long part) {
    double* own = sums.part(part);
    Arena::Block scratch(3 * rows.lanes());
    float* center = scratch.get();
    rows.Chunks(part, [&](long at, long n, long lanes) {
      float *first = center + lanes, *second = first + lanes;
      const long step = std::max(1L, n / kSampled), samples = (n + step - 1) / step;
      std::fill(center, center + lanes, 0.0f);
      for (long r = 0; r < n; r += step) {
        const float* row = x + at + r * lanes;
        for (long i = 0; i < lanes; i++) center[i] += row[i];
      }
      const float share = 1.0f / static_cast<float>(samples);
      for (long i = 0; i < lanes; i++) center[i] *= share;
      std::fill(first, first + 2 * lanes, 0.0f);
      kernels.deviations(x + at, n, lanes, center, first, second);
      for (long i = 0; i < lanes; i += channels) {
        for (long c = 0; c < channels; c++) {
          const double moved = static_cast<double>(center[i + c]) - x[c];
          own[c] += n * moved + first[i + c];
          own[channels + c] += moved * (n * moved + 2.0 * first[i + c]) + second[i + c];
        }
      }
    });
  });
  const double* all = sums.Add();
  float *mean = mean_->typed_data(), *variance = variance_->typed_data();
  float* rest = rest_->typed_data();
  for (long c = 0; c < channels; c++) {
    const double from = all[c] / count, square = all[channels + c] / count - from * from;
    const double exact = (count ? x[c] : 0.0) + from;
    mean[c] = static_cast<float>(exact);
    rest[c] = static_cast<float>(exact - mean[c]);
    variance[c] = static_cast<float>(square < 0 ? 0.0 : square);
  }
  const Coefficients to(rows, channels, mean, rest, variance, Optional(gamma), Optional(beta),
                        epsilon, relu);
  // The other way round: what was read last is in the cache still.
  Parallel(pool, rows.parts(), [&](long part) {
    rows.Chunks(rows.parts() - 1 - part, [&](long at, long n, long lanes) {
      kernels.normalize(x + at, n, lanes, to.normal, y->typed_data() + at);
    });
  });
  return ffi::Error::Success();
}

// dmean and dvariance are empty where they are zeros.
ffi::Error Gradient(ffi::ThreadPool pool, Input x_, Input mean, Input variance, Input rest,
                    Input gamma_, Input beta, Input dy_, Input dmean_, Input dvariance_,
                    Output dx, Output dgamma, Output dbeta, float epsilon, bool relu) {
  const Channelwise& kernels = BestChannelwise();
  const long channels = mean.element_count();
  if (!channels) return ffi::Error::Success();
  const long count = x_.element_count() / channels;
  const float *x = x_.typed_data(), *dy = dy_.typed_data(), *gamma = Optional(gamma_);
  const float *dmean = Optional(dmean_), *dvariance = Optional(dvariance_);
  const Rows rows(count, channels);
  const Coefficients from(rows, channels, mean.typed_data(), rest.typed_data(),
                          variance.typed_data(), gamma, Optional(beta), epsilon, relu);
  Sums sums(rows, channels);
  Parallel(pool, rows.parts(), [&](long part) {
    double* own = sums.part(part);
    Arena::Block scratch(2 * rows.lanes());
    rows.Chunks(part, [&](long at, long n, long lanes) {
      float *first = scratch.get(), *second = first + lanes;
      std::fill(first, first + 2 * lanes, 0.0f);
      kernels.products(x + at, dy + at, n, lanes, from.normal, first, second);
      for (long i = 0; i < lanes; i += channels) {
        for (long c = 0; c < channels; c++) {
          own[c] += first[i + c];
          own[channels + c] += second[i + c];
        }
      }
    });
  });
  const double* all = sums.Add();
  // dx = a * dz + b * (x - mean) + c
  Arena::Block memory(3 * rows.lanes());
  float *a = memory.get(), *b = a + rows.lanes(), *c = b + rows.lanes();
  for (long i = 0; i < channels; i++) {
    const double rounded = rest.typed_data()[i];
    const double inverse = 1.0 / std::sqrt(static_cast<double>(variance.typed_data()[i]) + epsilon);
    const double scale = (gamma ? gamma[i] : 1.0) * inverse;
    const double dz = all[i], product = all[channels + i] - rounded * dz;
    dbeta->typed_data()[i] = static_cast<float>(dz);
    dgamma->typed_data()[i] = static_cast<float>(product * inverse);
    const double slope = (2.0 * (dvariance ? dvariance[i] : 0.0) -
                          scale * inverse * inverse * product) / count;
    a[i] = static_cast<float>(scale);
    b[i] = static_cast<float>(slope);
    c[i] = static_cast<float>(((dmean ? dmean[i] : 0.0) - scale * dz) / count - slope * rounded);
  }
  for (float* lanes : {a, b, c}) rows.Spread(lanes);
  Parallel(pool, rows.parts(), [&](long part) {
    rows.Chunks(rows.parts() - 1 - part, [&](long at, long n, long lanes) {
      kernels.combine(x + at, dy + at, n, lanes, from.normal, a, b, c, dx->typed_data() + at);
    });
  });
  return ffi::Error::Success();
}

}  // namespace
}  // namespace maeum

#define CALL xla::ffi::Ffi::Bind().Ctx<xla::ffi::ThreadPool>()
#define ARRAY Arg<maeum::Input>()
#define RESULT Ret<maeum::Input>()

XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumBatchNormalization, maeum::Normalized,
                              CALL.ARRAY.ARRAY.ARRAY.RESULT.RESULT.RESULT.RESULT
                                  .Attr<float>("epsilon")
                                  .Attr<bool>("relu"));
XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumBatchNormalizationGradient, maeum::Gradient,
                              CALL.ARRAY.ARRAY.ARRAY.ARRAY.ARRAY.ARRAY.ARRAY.ARRAY.ARRAY.RESULT
                                  .RESULT.RESULT.Attr<float>("epsilon")
                                  .Attr<bool>("relu"));
