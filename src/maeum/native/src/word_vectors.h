// The innermost loops of training word vectors, one table of functions for each instruction set.
// Every row is `stride` floats long, a multiple of 16, zeros behind the last dimension: zeros stay
// zeros, so nothing here knows how many dimensions there are.
#ifndef MAEUM_WORD_VECTORS_H_
#define MAEUM_WORD_VECTORS_H_

namespace maeum {

// Up to MOST rows that are scored against one vector.
struct Pull {
  static constexpr int MOST = 8;
  float* rows[MOST];
  float labels[MOST];  // 1: the vector shall predict this row; 0: it shall not
  float scores[MOST];  // vector . row, before the step
  int count;
};

struct WordVectors {
  // One step of logistic regression: g = alpha * (label - sigmoid(vector . row)), then
  // error += g * row (the old row) and row += g * vector. All scores are taken before anything
  // moves. `error` may be `vector` itself.
  void (*pull)(const float* vector, Pull* pull, long stride, float alpha, float* error);
  // out = scale * (the sum of the rows), and row += v for each of them.
  void (*mean)(const float* matrix, const int* rows, long count, long stride, float scale,
               float* out);
  void (*spread)(const float* v, const int* rows, long count, long stride, float* matrix);
  // One step of GloVe for one pair: returns the error d = word . context + biases - wanted, and
  // does AdaGrad on both rows: v -= rate * g / sqrt(sum), sum += g * g, with g = weight * d * other.
  float (*pair)(float* word, float* context, float* word_sum, float* context_sum, long stride,
                float biases, float wanted, float weight, float rate);
};

const WordVectors& WordVectorsPlain();
#if defined(__x86_64__) || defined(_M_X64)
const WordVectors& WordVectorsAvx2();
const WordVectors& WordVectorsAvx512();
#endif

// The table for the same instruction set as Best().
const WordVectors& BestWordVectors();

}  // namespace maeum

#endif  // MAEUM_WORD_VECTORS_H_
