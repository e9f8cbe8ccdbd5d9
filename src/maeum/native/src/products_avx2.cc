#if defined(__x86_64__) || defined(_M_X64)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif
#define WIDTH 8
#define ROWS 5
#include "products.inc"

namespace maeum {
const Products& ProductsAvx2() { return table; }
}  // namespace maeum
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
