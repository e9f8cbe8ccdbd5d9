// Vectors of four floats: what every processor has, with whatever the compiler was told of.
#define WIDTH 4
#define ROWS 5
#include "products.inc"

namespace maeum {
const Products& ProductsPlain() { return table; }
}  // namespace maeum
