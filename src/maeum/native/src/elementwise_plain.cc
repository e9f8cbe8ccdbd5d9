// What every processor has, with whatever the compiler was told of.
#include "elementwise.inc"

namespace maeum {
const Elementwise& ElementwisePlain() { return table; }
}  // namespace maeum
