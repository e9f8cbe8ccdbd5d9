// Vectors of four floats: what every processor has, with whatever the compiler was told of.
#define WIDTH 4
#define ROWS 6
#include "attention.inc"

namespace maeum {
const Attention& AttentionPlain() { return table; }
}  // namespace maeum
