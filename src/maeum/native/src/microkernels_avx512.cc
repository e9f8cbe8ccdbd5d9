#include "channelwise.h"
#include "microkernels.h"
#include "word_vectors.h"

#if defined(__x86_64__) || defined(_M_X64)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,fma,prefer-256-bit=0"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,fma,prefer-vector-width=512")
#endif
#define WIDTH 16
#define MAX_VECTORS 4
#define PIXELS_0 4
#define PIXELS_1 14
#define PIXELS_2 12
#define PIXELS_3 8
#define PIXELS_4 6
#define ROWS 12
#define SUMS 16
#include "microkernels.inc"
#include "channelwise.inc"
#include "word_vectors.inc"

namespace maeum {
const Microkernels& MicrokernelsAvx512() {
  static const Microkernels table = {
      "avx512", WIDTH, MAX_VECTORS, {PIXELS_0, PIXELS_1, PIXELS_2, PIXELS_3, PIXELS_4},
      AnyTiles,
      ROWS, AnyOuter, Fold, InputTransform, OutputTransform, GradientTransform};
  return table;
}

const Channelwise& ChannelwiseAvx512() { return channelwise::table; }

const WordVectors& WordVectorsAvx512() { return word_vectors::table; }
}  // namespace maeum
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
