// Products of many small matrices as a call of XLA. XLA's own product of batches packs both matrices
// of each member anew, which takes longer than multiplying them.
#include "products.h"

#include <cstring>

#include "microkernels.h"
#include "parallel.h"

namespace maeum {

const Products& BestProducts() {
  static const Products& best = []() -> const Products& {
#if defined(__x86_64__) || defined(_M_X64)
    if (!std::strcmp(Best().name, "avx512")) return ProductsAvx512();
    if (!std::strcmp(Best().name, "avx2")) return ProductsAvx2();
#endif
    return ProductsPlain();
  }();
  return best;
}

namespace {

namespace ffi = xla::ffi;
using Input = ffi::Buffer<ffi::F32>;
using Output = ffi::Result<Input>;

// c[m] = a[m] b[m] for each member m; a or b, or none, is stored transposed. The caller's thread
// works alone: others have members of their own.
ffi::Error Multiply(Input a, Input b, Output c, bool a_transposed, bool b_transposed) {
  const Products& kernels = BestProducts();
  const auto shape = a.dimensions(), product = c->dimensions();
  const ProductSizes s{product[1], shape[a_transposed ? 1 : 2], product[2]};
  const long packed = b_transposed ? s.inner * s.columns : 0;
  Arena::Block scratch(packed + kernels.scratch(s));
  for (long m = 0; m < product[0]; m++) {
    const float* right = b.typed_data() + m * s.inner * s.columns;
    if (b_transposed) {
      kernels.transpose(right, s.columns, s.inner, scratch.get());
      right = scratch.get();
    }
    kernels.multiply(s, a.typed_data() + m * s.rows * s.inner, a_transposed, right,
                     c->typed_data() + m * s.rows * s.columns, scratch.get() + packed);
  }
  return ffi::Error::Success();
}

}  // namespace
}  // namespace maeum

XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumProducts, maeum::Multiply,
                              xla::ffi::Ffi::Bind()
                                  .Arg<maeum::Input>()
                                  .Arg<maeum::Input>()
                                  .Ret<maeum::Input>()
                                  .Attr<bool>("a_transposed")
                                  .Attr<bool>("b_transposed"));
