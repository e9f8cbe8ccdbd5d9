// Vectors of four floats: what every processor has, with whatever the compiler was told of.
#define WIDTH 4
#define ROWS_LSTM 3
#define ROWS_GRU 4
#define ROWS 6
#include "recurrent.inc"

namespace maeum {
const Recurrent* RecurrentPlain() { return tables; }
}  // namespace maeum
