// Vectors of four floats: what every processor has, with whatever the compiler was told of.
#define WIDTH 4
#include "rowwise.inc"

namespace maeum {
const Rowwise& RowwisePlain() { return table; }
}  // namespace maeum
