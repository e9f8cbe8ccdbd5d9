// The innermost loops, one table of functions for each instruction set.
#ifndef MAEUM_MICROKERNELS_H_
#define MAEUM_MICROKERNELS_H_

namespace maeum {

// A panel is up to `max_vectors` vectors of neighbouring output channels; with 0 vectors, up to
// kNarrow channels laid the other way round: panel[t][o][c].
constexpr int kNarrow = 4;

struct Microkernels {
  const char* name;
  int width;        // floats in a vector
  int max_vectors;  // vectors in the widest panel
  int pixels[5];    // pixels in a tile, by the vectors in the panel

  // out[p][o] = bias[o] + sum over taps t and channels c of x[p @ t][c] * panel[t][c][o], for
  // `tiles` tiles. `start[i]` is where tile i begins in `entries`: for each tap that reaches into
  // the input, its number and, for each pixel, an offset into x (or -1: padding). `out` holds the
  // offset of each pixel in y, or -1. Only the first `valid` channels of the panel are written.
  void (*tiles)(int vectors, long tiles, const int* start, const int* entries, const int* out,
                const float* x, const float* zero, long channels, const float* panel,
                const float* bias, bool relu, int valid, float* y);

  int rows;  // input channels in the widest block of `outer`
  // sum[c][o] += sum over n pairs (a, b) of x[a + c] * dz[b + o], for c < `channels` (at most
  // `rows`) and `vectors` (1 or 2) vectors of o; rows of sum are `stride` apart.
  void (*outer)(int channels, int vectors, const int* pairs, long n, const float* x,
                const float* dz, float* sum, long stride);

  // dz = y > 0 ? dy : 0 (or dy, where y is null), with rows of n floats padded with zeros to
  // `stride`; sums[o] += dz[.][o]. dz or sums may be null.
  void (*fold)(const float* dy, const float* y, long rows, long n, float* dz, long stride,
               float* sums);

  // The transforms of Winograd's convolution of 3x3 taps (see winograd.h), for `channels` (a
  // multiple of the width) of one tile; the 16 positions of a tile are `step` floats apart.
  // B' d B of 4x4 pixels:
  void (*input_transform)(const float* const* pixels, long channels, float* v, long step);
  // A' m A + bias: 2x2 pixels, of which those that are null are left out:
  void (*output_transform)(const float* m, long step, long channels, const float* bias, bool relu,
                           float* const* pixels);
  // A d A' of 2x2 pixels:
  void (*gradient_transform)(const float* const* pixels, long channels, float* z, long step);
};

const Microkernels& MicrokernelsPlain();
#if defined(__x86_64__) || defined(_M_X64)
const Microkernels& MicrokernelsAvx2();
const Microkernels& MicrokernelsAvx512();
#endif

// The fastest that this processor has (MAEUM_NATIVE=plain, avx2 or avx512 asks for one).
const Microkernels& Best();

}  // namespace maeum

#endif  // MAEUM_MICROKERNELS_H_
