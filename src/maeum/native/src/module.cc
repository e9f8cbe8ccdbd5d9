// What Python asks of the library besides the calls of XLA.
#include "microkernels.h"

extern "C" const char* MaeumInstructionSet() { return maeum::Best().name; }

// The library is loaded by its path and never imported; some linkers want this name all the same.
extern "C" void* PyInit__kernels() { return nullptr; }
