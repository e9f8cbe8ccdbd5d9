#if defined(__x86_64__) || defined(_M_X64)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,fma,prefer-256-bit=0"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,fma,prefer-vector-width=512")
#endif
#include "elementwise.inc"

namespace maeum {
const Elementwise& ElementwiseAvx512() { return table; }
}  // namespace maeum
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
