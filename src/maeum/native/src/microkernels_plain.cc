// Vectors of four floats: what every processor has, with whatever the compiler was told of.
#include "channelwise.h"
#include "microkernels.h"
#include "word_vectors.h"

#define WIDTH 4
#define MAX_VECTORS 3
#define PIXELS_0 4
#define PIXELS_1 10
#define PIXELS_2 6
#define PIXELS_3 4
#define ROWS 6
#define SUMS 8
#include "microkernels.inc"
#include "channelwise.inc"
#include "word_vectors.inc"

namespace maeum {
const Microkernels& MicrokernelsPlain() {
  static const Microkernels table = {
      "plain", WIDTH, MAX_VECTORS, {PIXELS_0, PIXELS_1, PIXELS_2, PIXELS_3}, AnyTiles,
      ROWS, AnyOuter, Fold, InputTransform, OutputTransform, GradientTransform};
  return table;
}

const Channelwise& ChannelwisePlain() { return channelwise::table; }

const WordVectors& WordVectorsPlain() { return word_vectors::table; }
}  // namespace maeum
