// The innermost loops of what works on rows by themselves (layer normalization, GELU, SiLU), one table
// of functions for each instruction set: vectors run along the rows.
#ifndef MAEUM_ROWWISE_H_
#define MAEUM_ROWWISE_H_

namespace maeum {

// `rows` rows of `size` floats, one behind the other.
struct Block {
  long rows, size;
};

struct Rowwise {
  // y = (x - mean) * deviation * gamma + beta; mean (in two parts) and 1 / deviation of each row
  // go to `moments`, three floats a row. gamma and beta may be null.
  void (*normalize)(const Block& b, const float* x, const float* gamma, const float* beta,
                    float epsilon, float* y, float* moments);
  // The gradients: dgamma += dy * normal x, dbeta += dy.
  void (*normalize_back)(const Block& b, const float* x, const float* moments, const float* gamma,
                         const float* dy, float* dx, float* dgamma, float* dbeta);

  // y = gelu(x + bias), by the normal distribution or by the formula with tanh. bias may be null.
  void (*gelu)(const Block& b, const float* x, const float* bias, bool tanh, float* y);
  // dx = dy * gelu'(x + bias), dbias += dx; dbias may be null.
  void (*gelu_back)(const Block& b, const float* x, const float* bias, const float* dy, bool tanh,
                    float* dx, float* dbias);

  // y = x + amount * (silu(x) - x), with an amount for each column.
  void (*silu)(const Block& b, const float* x, const float* amount, float* y);
  // The gradients: damount += dy * (silu(x) - x).
  void (*silu_back)(const Block& b, const float* x, const float* amount, const float* dy,
                    float* dx, float* damount);
};

const Rowwise& RowwisePlain();
#if defined(__x86_64__) || defined(_M_X64)
const Rowwise& RowwiseAvx2();
const Rowwise& RowwiseAvx512();
#endif

// The table for the same instruction set as Best().
const Rowwise& BestRowwise();

}  // namespace maeum

#endif  // MAEUM_ROWWISE_H_
