// What works on each entry of an array by itself, in one pass over memory: a step of an optimizer,
// random numbers. One table of functions for each instruction set.
#ifndef MAEUM_ELEMENTWISE_H_
#define MAEUM_ELEMENTWISE_H_

#include <cstdint>

namespace maeum {

// The numbers of one step of Adam: the learning rate (that makes up for means which begin with
// zeros), what keeps the division finite, the shares of the new gradient in both means, and the
// share of the weight that decays.
struct AdamNumbers {
  float rate, epsilon, mean_share, square_share, decay;
};

struct Elementwise {
  // The new weights and means; each may take the place of the old ones.
  void (*adam)(long size, const AdamNumbers& numbers, const float* weight, const float* gradient,
               const float* mean, const float* square, float* new_weight, float* new_mean,
               float* new_square);

  // Whether the random number of each place is at least `threshold`. It follows from the place and
  // from the two words of a key, as maeum.ops.random.bits says.
  void (*keep)(long size, uint32_t place, const uint32_t* key, uint32_t threshold, bool* kept);

  // y[r][i] = (x[r][feature[i]] - low[i]) / width[i], at least least[i] and at most most[i].
  void (*pieces)(long rows, long features, long size, const float* x, const int32_t* feature,
                 const float* low, const float* width, const float* least, const float* most,
                 float* y);
};

const Elementwise& ElementwisePlain();
#if defined(__x86_64__) || defined(_M_X64)
const Elementwise& ElementwiseAvx2();
const Elementwise& ElementwiseAvx512();
#endif

// The table for the same instruction set as Best().
const Elementwise& BestElementwise();

}  // namespace maeum

#endif  // MAEUM_ELEMENTWISE_H_
