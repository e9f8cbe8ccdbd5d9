// The backward pass of a convolution.
#ifndef MAEUM_BACKWARD_H_
#define MAEUM_BACKWARD_H_

#include "geometry.h"
#include "parallel.h"

namespace maeum {

struct Gradients {
  float* x;  // null: not wanted
  float* kernel;
  float* bias;  // null: not wanted
};

// The gradients of the input, the kernel and the bias, from that of the output. `y` is the output
// if a ReLU stood behind the convolution, else null.
void Backward(xla::ffi::ThreadPool& pool, const Geometry& g, const float* x, const float* kernel,
              const float* y, const float* dy, const Gradients& to);

}  // namespace maeum

#endif  // MAEUM_BACKWARD_H_
