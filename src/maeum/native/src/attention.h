// Attention of one head, forwards and backwards, one table of functions for each instruction set.
#ifndef MAEUM_ATTENTION_H_
#define MAEUM_ATTENTION_H_

namespace maeum {

constexpr long kDeepest = 256;  // the deepest head that the functions know

// A head of one row of the batch. Steps count floats (bytes in `seen`) between positions; the
// entries of a position stand one behind the other. 0 in `seen` hides a key from a query.
struct Head {
  const float *q, *k, *v;
  long q_step, k_step, v_step;
  long first, queries;  // which queries are asked for; the arrays begin with query 0
  long keys, depth, value_depth;
  float scale;
  bool causal;
  const unsigned char* seen;  // null if there is no mask
  long seen_step;             // 0 if all queries see the same
  float* out;                 // its step is that of dout
  float* softmax;             // for each query the greatest score and 1 / sum of exponentials
  const float* dout;
  float *dq, *dk, *dv;  // with the steps of q, k and v
  long out_step;
  bool begins, ends;  // the heads that share keys begin and end with this one
  float* scratch;
};

struct Attention {
  long (*scratch)(const Head& head, bool backward);  // floats
  void (*forward)(const Head& head);
  // All queries at once. Heads that share keys follow each other with the same scratch.
  void (*backward)(const Head& head);
};

const Attention& AttentionPlain();
#if defined(__x86_64__) || defined(_M_X64)
const Attention& AttentionAvx2();
const Attention& AttentionAvx512();
#endif

}  // namespace maeum

#endif  // MAEUM_ATTENTION_H_
