// A whole convolution, or its transpose, on all threads.
#ifndef MAEUM_APPLY_H_
#define MAEUM_APPLY_H_

#include <vector>

#include "gather.h"
#include "winograd.h"

namespace maeum {

// y = convolution of x (or, backward, x = its transpose of y) + bias, through a ReLU if asked for.
// The bias may be null.
void Apply(xla::ffi::ThreadPool& pool, const Geometry& g, Way way, const float* x,
           const float* kernel, const float* bias, bool relu, float* y);

// How many images make an item of work: enough pixels to fill tiles, few enough to share.
long ImagesAtOnce(long n, long pixels, long channels, long threads);

// Where each panel begins.
std::vector<const float*> Packed(const Gather& gather, const float* packed);

// Transforms the kernel.
void Pack(xla::ffi::ThreadPool& pool, const Winograd& winograd, const float* kernel,
          float* packed);

}  // namespace maeum

#endif  // MAEUM_APPLY_H_
