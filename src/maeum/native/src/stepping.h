// Steps of optimizers on stretches of float32 weights, one pass over memory each. One table of
// functions for each instruction set.
#ifndef MAEUM_STEPPING_H_
#define MAEUM_STEPPING_H_

namespace maeum {

// The numbers of one step of Adam: the learning rate (that makes up for means which begin with
// zeros), what keeps the division finite, the shares of the new gradient in both means, and the
// share of the weight that decays.
struct AdamNumbers {
  float rate, epsilon, mean_share, square_share, decay;
};

struct Stepping {
  // The new weights and means; each may take the place of the old ones.
  void (*adam)(long size, const AdamNumbers& numbers, const float* weight, const float* gradient,
               const float* mean, const float* square, float* new_weight, float* new_mean,
               float* new_square);
};

const Stepping& SteppingPlain();
#if defined(__x86_64__) || defined(_M_X64)
const Stepping& SteppingAvx2();
const Stepping& SteppingAvx512();
#endif

// The table for the same instruction set as Best().
const Stepping& BestStepping();

}  // namespace maeum

#endif  // MAEUM_STEPPING_H_
