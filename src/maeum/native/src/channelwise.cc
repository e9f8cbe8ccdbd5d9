#include "channelwise.h"

#include <cstring>

#include "microkernels.h"

namespace maeum {

const Channelwise& BestChannelwise() {
  static const Channelwise& best = []() -> const Channelwise& {
#if defined(__x86_64__) || defined(_M_X64)
    if (!std::strcmp(Best().name, "avx512")) return ChannelwiseAvx512();
    if (!std::strcmp(Best().name, "avx2")) return ChannelwiseAvx2();
#endif
    return ChannelwisePlain();
  }();
  return best;
}

}  // namespace maeum
