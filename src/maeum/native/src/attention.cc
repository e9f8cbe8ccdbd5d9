// Attention over arrays of float32 with the axes (batch, length, heads, depth), as calls of XLA.
//
// Each thread takes a head of a row of the batch at a time, or a part of its queries where there
// are few heads. The way back computes the weights again, from what the softmax was made with.
#include "attention.h"

#include <cstring>

#include "microkernels.h"
#include "parallel.h"

namespace maeum {
namespace {

namespace ffi = xla::ffi;
using Input = ffi::Buffer<ffi::F32>;
using Mask = ffi::Buffer<ffi::PRED>;
using Output = ffi::Result<Input>;

constexpr long kLeastQueries = 192;  // a part of a head has so many at least; a multiple of tiles

const Attention& BestAttention() {
  static const Attention& best = []() -> const Attention& {
#if defined(__x86_64__) || defined(_M_X64)
    if (!std::strcmp(Best().name, "avx512")) return AttentionAvx512();
    if (!std::strcmp(Best().name, "avx2")) return AttentionAvx2();
#endif
    return AttentionPlain();
  }();
  return best;
}

// The arrays of a call. The mask is empty, or has an entry for each key and axes that broadcast
// otherwise.
class Heads {
 public:
  Heads(const Input& q, const Input& k, const Input& v, const Mask& mask, float scale, bool causal)
      : batch(q.dimensions()[0]), heads(q.dimensions()[2]), shared(heads / k.dimensions()[2]),
        seen_(mask.element_count() ? mask.typed_data() : nullptr) {
    if (seen_) {
      const auto sizes = mask.dimensions();
      const long rows = sizes[2] * sizes[3];
      seen_step_ = sizes[2] > 1 ? sizes[3] : 0;
      head_step_ = sizes[1] > 1 ? rows : 0;
      batch_step_ = sizes[0] > 1 ? sizes[1] * rows : 0;
    }
    all.q = q.typed_data();
    all.k = k.typed_data();
    all.v = v.typed_data();
    all.queries = q.dimensions()[1];
    all.keys = k.dimensions()[1];
    all.depth = q.dimensions()[3];
    all.value_depth = v.dimensions()[3];
    all.q_step = heads * all.depth;
    all.k_step = heads / shared * all.depth;
    all.v_step = heads / shared * all.value_depth;
    all.out_step = heads * all.value_depth;
    all.scale = scale;
    all.causal = causal;
    all.seen_step = seen_step_;
  }
  // Head `i` of row `b`.
  Head At(long b, long i) const {
    Head h = all;
    const long j = i / shared, queries = b * all.queries, keys = b * all.keys;
    const auto to = [&](auto*& array, long row, long step, long head, long depth) {
      if (array) array += row * step + head * depth;
    };
    to(h.q, queries, all.q_step, i, all.depth);
    to(h.dq, queries, all.q_step, i, all.depth);
    to(h.k, keys, all.k_step, j, all.depth);
    to(h.dk, keys, all.k_step, j, all.depth);
    to(h.v, keys, all.v_step, j, all.value_depth);
    to(h.dv, keys, all.v_step, j, all.value_depth);
    to(h.out, queries, all.out_step, i, all.value_depth);
    to(h.dout, queries, all.out_step, i, all.value_depth);
    h.softmax += (b * heads + i) * all.queries * 2;
    if (seen_) {
      h.seen = reinterpret_cast<const unsigned char*>(seen_) + b * batch_step_ + i * head_step_;
    }
    h.begins = i % shared == 0;
    h.ends = i % shared == shared - 1;
    return h;
  }
  const long batch, heads, shared;  // heads that share keys and values
  Head all{};                       // of the first row and head

 private:
  const bool* seen_;
  long seen_step_ = 0, head_step_ = 0, batch_step_ = 0;
};

ffi::Error Forward(ffi::ThreadPool pool, Input q, Input k, Input v, Mask mask, Output out,
                   Output softmax, float scale, bool causal) {
  const Attention& kernels = BestAttention();
  Heads heads(q, k, v, mask, scale, causal);
  heads.all.out = out->typed_data();
  heads.all.softmax = softmax->typed_data();
  const long count = heads.batch * heads.heads, queries = heads.all.queries;
  long parts = 1;
  if (count < 2 * Threads(pool)) parts = std::max(1L, queries / kLeastQueries);
  const long size = (queries + parts - 1) / parts;
  Parallel(pool, count * parts, [&](long i) {
    Head h = heads.At(i / parts / heads.heads, i / parts % heads.heads);
    h.first = i % parts * size;
    h.queries = std::min(size, queries - h.first);
    if (h.queries <= 0) return;
    Arena::Block memory(kernels.scratch(h, false));
    h.scratch = memory.get();
    kernels.forward(h);
  });
  return ffi::Error::Success();
}

ffi::Error Backward(ffi::ThreadPool pool, Input q, Input k, Input v, Mask mask, Input out,
                    Input softmax, Input dout, Output dq, Output dk, Output dv, float scale,
                    bool causal) {
  const Attention& kernels = BestAttention();
  Heads heads(q, k, v, mask, scale, causal);
  heads.all.out = const_cast<float*>(out.typed_data());  // only read, as the other is
  heads.all.softmax = const_cast<float*>(softmax.typed_data());
  heads.all.dout = dout.typed_data();
  heads.all.dq = dq->typed_data();
  heads.all.dk = dk->typed_data();
  heads.all.dv = dv->typed_data();
  const long groups = heads.heads / heads.shared;
  Parallel(pool, heads.batch * groups, [&](long i) {
    Arena::Block memory(kernels.scratch(heads.all, true));
    for (long j = 0; j < heads.shared; j++) {
      Head h = heads.At(i / groups, i % groups * heads.shared + j);
      h.scratch = memory.get();
      kernels.backward(h);
    }
  });
  return ffi::Error::Success();
}

}  // namespace
}  // namespace maeum

#define CALL xla::ffi::Ffi::Bind().Ctx<xla::ffi::ThreadPool>()
#define ARRAY Arg<maeum::Input>()
#define MASK Arg<maeum::Mask>()
#define RESULT Ret<maeum::Input>()

XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumAttention, maeum::Forward,
                              CALL.ARRAY.ARRAY.ARRAY.MASK.RESULT.RESULT.Attr<float>("scale")
                                  .Attr<bool>("causal"));
XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumAttentionGradient, maeum::Backward,
                              CALL.ARRAY.ARRAY.ARRAY.MASK.ARRAY.ARRAY.ARRAY.RESULT.RESULT.RESULT
                                  .Attr<float>("scale")
                                  .Attr<bool>("causal"));
