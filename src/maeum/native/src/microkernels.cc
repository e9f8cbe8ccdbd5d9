#include "microkernels.h"

#include <cstdlib>
#include <cstring>

namespace maeum {

const Microkernels& Best() {
  static const Microkernels& best = []() -> const Microkernels& {
#if defined(__x86_64__) || defined(_M_X64)
    const char* wanted = std::getenv("MAEUM_NATIVE");
    auto allowed = [&](const char* name) {
      const bool named = wanted && (!std::strcmp(wanted, "plain") || !std::strcmp(wanted, "avx2") ||
                                    !std::strcmp(wanted, "avx512"));
      return !named || !std::strcmp(wanted, name);
    };
    __builtin_cpu_init();
    if (allowed("avx512") && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw")) {
      return MicrokernelsAvx512();
    }
    if (allowed("avx2") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
      return MicrokernelsAvx2();
    }
#endif
    return MicrokernelsPlain();
  }();
  return best;
}

}  // namespace maeum
