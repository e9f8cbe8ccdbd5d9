// The innermost loops of what keeps channels apart (pooling, depthwise convolution, batch
// normalization), one table of functions for each instruction set: vectors run over channels.
#ifndef MAEUM_CHANNELWISE_H_
#define MAEUM_CHANNELWISE_H_

namespace maeum {

// `count` pixels of a row are made; pixel p reads x + offsets[t] + p * step, for each of `taps`
// taps t, and is written at y + p * y_step. Steps count floats.
struct Pixels {
  const long* offsets;
  long taps, step, count, y_step, channels;
};

// Rows of a batch normalization: `rows` rows of `lanes` floats, one behind the other.
// y = (x - mean) * scale + shift.
struct Normal {
  const float *mean, *scale, *shift;
  bool relu;
};

struct Channelwise {
  // The greatest (NaN if there is one), or the sum.
  void (*greatest)(const Pixels& p, const float* x, float* y);
  void (*sum)(const Pixels& p, const float* x, float* y);
  // The gradient of `greatest`: dy goes to the first of the entries of x that is not less than y
  // (the first one where y is NaN). `alone`: the windows do not overlap, so dx is written, not
  // added to.
  void (*scatter)(const Pixels& p, const float* x, const float* y, const float* dy, bool alone,
                  float* dx);

  // bias + the sum over taps of x * kernel[weights[t]]; bias may be null.
  void (*weigh)(const Pixels& p, const float* x, const long* weights, const float* kernel,
                const float* bias, bool relu, float* y);
  // sums[weights[t]] += the sum over pixels of x * dz, where dz has y's steps.
  void (*correlate)(const Pixels& p, const float* x, const long* weights, const float* dz,
                    float* sums);
  // dz = y > 0 ? dy : 0 (dy, where y is null), of `rows` pixels that are `step` apart, and
  // `dz_step` in dz; sums += dz. dz or sums may be null.
  void (*close)(const float* dy, const float* y, long rows, long channels, long step, float* dz,
                long dz_step, float* sums);

  // d = x - center: first += d, second += d * d, each summed over the rows.
  void (*deviations)(const float* x, long rows, long lanes, const float* center, float* first,
                     float* second);
  void (*normalize)(const float* x, long rows, long lanes, const Normal& n, float* y);
  // first += dz, second += dz * (x - mean), where dz is dy with the ReLU's closed places.
  void (*products)(const float* x, const float* dy, long rows, long lanes, const Normal& n,
                   float* first, float* second);
  // dx = a * dz + b * (x - mean) + c.
  void (*combine)(const float* x, const float* dy, long rows, long lanes, const Normal& n,
                  const float* a, const float* b, const float* c, float* dx);
};

const Channelwise& ChannelwisePlain();
#if defined(__x86_64__) || defined(_M_X64)
const Channelwise& ChannelwiseAvx2();
const Channelwise& ChannelwiseAvx512();
#endif

// The table for the same instruction set as Best().
const Channelwise& BestChannelwise();

}  // namespace maeum

#endif  // MAEUM_CHANNELWISE_H_
