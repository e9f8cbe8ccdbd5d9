// One step of a recurrent network for some rows of the batch, forward and backward; one table of
// functions for each instruction set.
#ifndef MAEUM_RECURRENT_H_
#define MAEUM_RECURRENT_H_

namespace maeum {

// Weights are packed into panels, each of which makes some neighbouring vectors of units: for each
// input, the vectors of the first gate, then those of the next one. Vectors that reach beyond the
// units are filled up with zeros.
constexpr int kProductVectors = 2;  // in a panel of the way back, which has no gates

// What a thread keeps to itself lies in rows that are `stride` floats apart, long enough for
// whole panels; rows of XLA's arrays are as long as given with each. `mask` is null, or tells
// which rows have this step; what the others had they keep.
struct ForwardStep {
  long rows, units, stride;
  const float* panels;
  const float* bias;        // of the gates, or null
  const float* recurrent_bias;  // GRU only: of the part of the product that r multiplies
  const bool* mask;
  long mask_step;
  const float* a;           // the inputs' part of the sums, (gates, units)
  long a_step, gates_step;  // between the rows of `a`, and of `gates`
  const float* h;           // own rows: the state before,
  float* next;              // and after;
  float* c;                 // the cell of an LSTM
  float* y;                 // the state after, for XLA
  long units_step;          // between the rows of `y` and `beside`
  // For the way back, or null: the gates, and beside them the cell (LSTM), or what r multiplies.
  float* gates;
  float* beside;
};

// The inputs' part of the sums of some steps of some sequences, before any of them is taken.
struct Projection {
  long sequences, steps, inputs, units;
  const float* x;           // rows of `inputs`, one for each step
  long x_sequence;          // between the first rows of two sequences
  const float* panels;
  float* a;
  long a_sequence, a_row;
};

struct BackwardStep {
  long rows, units, stride;
  const bool* mask;
  long mask_step;
  const float* y;           // the state after the step
  const float* dy;          // its gradient, or null
  const float* gates;
  const float* beside;      // of this step
  long gates_step, units_step;
  const float* before;      // GRU: the state, LSTM: the cell before the step
  long before_step;
  float* dh;                // own rows: the gradients that come from the step behind; what
  float* dc;                // returns is to be passed on, but for the product
  float* dz;                // the gradient of `a`
  float* dq;                // GRU: that of the product's result, else null
  float* product;           // own rows: the same once more (`dq` if there is one)
  long product_stride;
};

struct Recurrent {
  int width;           // floats in a vector
  int gates, vectors;  // in a panel, vectors of each gate
  void (*project)(const Projection& s);
  void (*forward)(const ForwardStep& s);
  void (*backward)(const BackwardStep& s);
  // dh += product x panels, whose inputs are `inputs` columns of the product.
  void (*product)(const BackwardStep& s, long inputs, const float* panels);
};

enum class Cell { kTanh, kRelu, kLstm, kGru };

// Tables by Cell.
const Recurrent* RecurrentPlain();
#if defined(__x86_64__) || defined(_M_X64)
const Recurrent* RecurrentAvx2();
const Recurrent* RecurrentAvx512();
#endif

// The table for the same instruction set as Best().
const Recurrent& BestRecurrent(Cell cell);

}  // namespace maeum

#endif  // MAEUM_RECURRENT_H_
