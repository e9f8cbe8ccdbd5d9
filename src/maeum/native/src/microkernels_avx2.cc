#include "channelwise.h"
#include "microkernels.h"
#include "word_vectors.h"

#if defined(__x86_64__) || defined(_M_X64)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif
#define WIDTH 8
#define MAX_VECTORS 3
#define PIXELS_0 4
#define PIXELS_1 10
#define PIXELS_2 6
#define PIXELS_3 4
#define ROWS 6
#define SUMS 8
#include "microkernels.inc"
#include "channelwise.inc"
#include "word_vectors.inc"

namespace maeum {
const Microkernels& MicrokernelsAvx2() {
  static const Microkernels table = {
      "avx2", WIDTH, MAX_VECTORS, {PIXELS_0, PIXELS_1, PIXELS_2, PIXELS_3}, AnyTiles,
      ROWS, AnyOuter, Fold, InputTransform, OutputTransform, GradientTransform};
  return table;
}

const Channelwise& ChannelwiseAvx2() { return channelwise::table; }

const WordVectors& WordVectorsAvx2() { return word_vectors::table; }
}  // namespace maeum
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
