#if defined(__x86_64__) || defined(_M_X64)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif
#include "elementwise.inc"

namespace maeum {
const Elementwise& ElementwiseAvx2() { return table; }
}  // namespace maeum
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
