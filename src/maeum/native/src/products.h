// Products of many small matrices, one after the other: those of the members of an ensemble, which
// learn side by side. One table of functions for each instruction set.
#ifndef MAEUM_PRODUCTS_H_
#define MAEUM_PRODUCTS_H_

namespace maeum {

// Sizes of a product: `rows` x `inner` times `inner` x `columns`.
struct ProductSizes {
  long rows, inner, columns;
};

struct Products {
  // c = a b, where a is stored as it stands, or (transposed) as `inner` x `rows`.
  void (*multiply)(const ProductSizes& s, const float* a, bool transposed, const float* b,
                   float* c, float* scratch);
  // to (columns x rows) = the transpose of from (rows x columns).
  void (*transpose)(const float* from, long rows, long columns, float* to);
  // How many floats of scratch memory `multiply` needs.
  long (*scratch)(const ProductSizes& s);
};

const Products& ProductsPlain();
#if defined(__x86_64__) || defined(_M_X64)
const Products& ProductsAvx2();
const Products& ProductsAvx512();
#endif

// The table for the same instruction set as Best().
const Products& BestProducts();

}  // namespace maeum

#endif  // MAEUM_PRODUCTS_H_
