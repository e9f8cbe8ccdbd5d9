// Training word vectors: Word2Vec, FastText and GloVe over a corpus of word numbers. A host
// algorithm, not a call of XLA: Python calls it, from as many threads as the user asked for. They
// share the vectors without locks (Hogwild: Niu et al., 2011); what a thread draws at random depends
// on the chunk of text only, so one thread always gives the same vectors.
#include "word_vectors.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <new>
#include <vector>

#include "microkernels.h"

namespace maeum {

const WordVectors& BestWordVectors() {
  static const WordVectors& best = []() -> const WordVectors& {
#if defined(__x86_64__) || defined(_M_X64)
    if (!std::strcmp(Best().name, "avx512")) return WordVectorsAvx512();
    if (!std::strcmp(Best().name, "avx2")) return WordVectorsAvx2();
#endif
    return WordVectorsPlain();
  }();
  return best;
}

namespace {

// SplitMix64 (Steele et al., 2014).
struct Random {
  uint64_t state;
  uint64_t Next() {
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // One of 0, ..., n - 1.
  uint64_t Below(uint64_t n) { return ((Next() >> 32) * n) >> 32; }
};

// Memory in cache lines of its own. What two threads write all the time must not lie side by side,
// as small pieces of one arena may: they would wait for each other at every word.
template <typename T>
struct Apart {
  typedef T value_type;
  static constexpr std::size_t LINES = 128;  // two, which are fetched together
  Apart() = default;
  template <typename U>
  Apart(const Apart<U>&) {}
  T* allocate(std::size_t n) {
    const std::size_t bytes = (n * sizeof(T) + LINES - 1) / LINES * LINES;
    return static_cast<T*>(::operator new(bytes, std::align_val_t(LINES)));
  }
  void deallocate(T* memory, std::size_t) { ::operator delete(memory, std::align_val_t(LINES)); }
  bool operator==(const Apart&) const { return true; }
  bool operator!=(const Apart&) const { return false; }
};

typedef std::vector<int32_t, Apart<int32_t>> Numbers;
typedef std::vector<float, Apart<float>> Floats;

// The next number that no thread has taken.
int64_t Take(int64_t* next) { return __atomic_fetch_add(next, 1, __ATOMIC_RELAXED); }

}  // namespace
}  // namespace maeum

// What one epoch of Word2Vec or FastText reads and writes. Python builds it: keep the order of the
// fields as in maeum/text/vectors/kernel.py.
struct MaeumWordVectorsTask {
  const int32_t* words;      // the corpus, word numbers
  const int64_t* sentences;  // where each sentence begins, and the end of the last
  const int64_t* chunks;     // the first sentence of each chunk, and the end of the last
  const float* alphas;       // the learning rate of each chunk
  int64_t chunk_count;
  int64_t* next;  // the next chunk to take, shared by the threads
  int64_t vocabulary;
  const uint64_t* keep;       // a word stays if 32 random bits are below this
  const uint32_t* threshold;  // the alias table of the negative words
  const int32_t* alias;
  const int64_t* path_starts;  // the Huffman tree; null without hierarchical softmax
  const int32_t* path_nodes;
  const float* path_labels;
  const int64_t* row_starts;  // the rows of each word, or null: its own
  const int32_t* rows;
  float* input;
  float* negative_output;
  float* path_output;
  int64_t stride;
  int64_t window, negative, skip_gram, mean, shrink, want_loss;
  uint64_t seed;
  double loss;  // the sum over predictions
  int64_t predictions, words_used;
};

namespace maeum {
namespace {

class Trainer {
 public:
  explicit Trainer(MaeumWordVectorsTask* task)
      : t(*task), result(*task), kernels(BestWordVectors()), vector(t.stride), error(t.stride) {
    negatives[0].resize(t.negative);
    negatives[1].resize(t.negative);
  }

  void Run() {
    for (int64_t chunk; (chunk = Take(t.next)) < t.chunk_count;) {
      random.state = Random{t.seed + 0x632be59bd9b4e019u * (chunk + 1)}.Next();
      alpha = t.alphas[chunk];
      for (int64_t s = t.chunks[chunk]; s < t.chunks[chunk + 1]; s++) Sentence(s);
    }
    result.loss = loss;
    result.predictions = predictions;
    result.words_used = words_used;
  }

 private:
  void Sentence(int64_t s) {
    kept.clear();
    for (int64_t i = t.sentences[s]; i < t.sentences[s + 1]; i++) {
      const uint64_t keep = t.keep[t.words[i]];
      if (keep >> 32 || random.Next() >> 32 < keep) kept.push_back(t.words[i]);
    }
    const int64_t n = kept.size();
    words_used += n;
    for (int64_t i = 0; i < n; i++) {
      const int64_t reach = t.shrink ? 1 + random.Below(t.window) : t.window;
      const int64_t first = i < reach ? 0 : i - reach, last = i + reach < n ? i + reach : n - 1;
      context.clear();
      for (int64_t j = first; j <= last; j++) {
        if (j != i) context.push_back(kept[j]);
      }
      if (context.empty()) continue;
      if (t.skip_gram) {
        SkipGram(kept[i]);
      } else {
        ContinuousBag(kept[i]);
      }
    }
  }

  // Each context word predicts the word in the middle.
  void SkipGram(int32_t target) {
    Draw(negatives[0]);
    for (size_t j = 0; j < context.size(); j++) {
      if (j + 1 < context.size()) Draw(negatives[(j + 1) % 2]);  // its rows are on their way
      const int32_t word = context[j];
      const int32_t* rows = t.row_starts ? t.rows + t.row_starts[word] : &word;
      const int64_t count = t.row_starts ? t.row_starts[word + 1] - t.row_starts[word] : 1;
      Predict(rows, count, true, target, negatives[j % 2]);
    }
  }

  // All context words together predict it.
  void ContinuousBag(int32_t target) {
    Draw(negatives[0]);
    if (t.row_starts) {
      bag.clear();
      for (const int32_t word : context) {
        bag.insert(bag.end(), t.rows + t.row_starts[word], t.rows + t.row_starts[word + 1]);
      }
    } else {
      bag = context;
    }
    Predict(bag.data(), bag.size(), t.mean, target, negatives[0]);
  }

  void Draw(Numbers& into) {
    for (int32_t& word : into) {
      const uint64_t r = random.Next();
      const uint64_t at = ((r >> 32) * t.vocabulary) >> 32;
      word = (uint32_t)r < t.threshold[at] ? (int32_t)at : t.alias[at];
      const float* row = t.negative_output + word * t.stride;
      for (int64_t o = 0; o < t.stride; o += 16) __builtin_prefetch(row + o, 1);
    }
  }

  // One prediction: the mean (or sum) of the rows moves by the whole error, each of them, as in the
  // authors' program: the gradient of the mean is spread, not divided.
  void Predict(const int32_t* rows, int64_t count, bool mean, int32_t target,
               const Numbers& unwanted) {
    const bool alone = count == 1;
    float* own = t.input + rows[0] * t.stride;
    const float* v = own;
    if (!alone) {
      kernels.mean(t.input, rows, count, t.stride, mean ? 1.0f / count : 1.0f, vector.data());
      v = vector.data();
    }
    const int64_t nodes = t.path_starts ? t.path_starts[target + 1] - t.path_starts[target] : 0;
    const int64_t pulls = nodes + (t.negative ? 1 + t.negative : 0);
    // A single step may move the row that it reads; more of them must all see the old one.
    const bool direct = alone && pulls <= Pull::MOST;
    float* e = direct ? own : error.data();
    if (!direct) std::memset(e, 0, t.stride * sizeof(float));
    pull.count = 0;
    for (int64_t k = 0; k < nodes; k++) {
      const int64_t at = t.path_starts[target] + k;
      Add(t.path_output + t.path_nodes[at] * t.stride, t.path_labels[at], v, e);
    }
    if (t.negative) {
      Add(t.negative_output + target * t.stride, 1.0f, v, e);
      for (const int32_t word : unwanted) {
        if (word != target) Add(t.negative_output + word * t.stride, 0.0f, v, e);
      }
    }
    Flush(v, e);
    if (!direct) kernels.spread(e, rows, count, t.stride, t.input);
    predictions++;
  }

  void Add(float* row, float label, const float* v, float* e) {
    if (pull.count == Pull::MOST) Flush(v, e);
    pull.rows[pull.count] = row;
    pull.labels[pull.count++] = label;
  }

  void Flush(const float* v, float* e) {
    kernels.pull(v, &pull, t.stride, alpha, e);
    if (t.want_loss) {
      for (int k = 0; k < pull.count; k++) {
        const double x = pull.labels[k] > 0 ? -pull.scores[k] : pull.scores[k];
        loss += x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
      }
    }
    pull.count = 0;
  }

  const MaeumWordVectorsTask t;
  MaeumWordVectorsTask& result;
  const WordVectors& kernels;
  Random random;
  float alpha;
  Pull pull = {};
  Floats vector, error;
  Numbers kept, context, bag, negatives[2];
  double loss = 0;
  int64_t predictions = 0, words_used = 0;
};

}  // namespace
}  // namespace maeum

// Trains on chunks until none is left. Each thread calls it with a task of its own.
extern "C" void MaeumWordVectors(MaeumWordVectorsTask* task) { maeum::Trainer(task).Run(); }

// What one epoch of GloVe reads and writes.
struct MaeumGloveTask {
  const int32_t *words, *contexts;  // the pairs
  const float* counts;
  const int64_t* order;
  int64_t pairs, chunk;
  int64_t* next;
  float *word, *context, *word_sum, *context_sum;                      // (vocabulary, stride)
  float *word_bias, *context_bias, *word_bias_sum, *context_bias_sum;  // (vocabulary,)
  int64_t stride;
  float most, power, rate;  // the weight of a count x is min(1, (x / most) ^ power)
  double loss;
};

extern "C" void MaeumGlove(MaeumGloveTask* task) {
  const MaeumGloveTask t = *task;
  const maeum::WordVectors& kernels = maeum::BestWordVectors();
  double loss = 0;
  for (int64_t start; (start = maeum::Take(t.next) * t.chunk) < t.pairs;) {
    const int64_t end = start + t.chunk < t.pairs ? start + t.chunk : t.pairs;
    for (int64_t i = start; i < end; i++) {
      const int64_t p = t.order[i];
      const int64_t w = t.words[p], c = t.contexts[p];
      const float x = t.counts[p];
      const float weight = x < t.most ? std::pow(x / t.most, t.power) : 1.0f;
      const float d = kernels.pair(t.word + w * t.stride, t.context + c * t.stride,
                                   t.word_sum + w * t.stride, t.context_sum + c * t.stride,
                                   t.stride, t.word_bias[w] + t.context_bias[c], std::log(x),
                                   weight, t.rate);
      const float g = weight * d;
      t.word_bias[w] -= t.rate * g / std::sqrt(t.word_bias_sum[w]);
      t.context_bias[c] -= t.rate * g / std::sqrt(t.context_bias_sum[c]);
      t.word_bias_sum[w] += g * g;
      t.context_bias_sum[c] += g * g;
      loss += 0.5 * weight * d * d;
    }
  }
  task->loss = loss;
}
