// What every processor has, with whatever the compiler was told of.
#include "stepping.inc"

namespace maeum {
const Stepping& SteppingPlain() { return table; }
}  // namespace maeum
