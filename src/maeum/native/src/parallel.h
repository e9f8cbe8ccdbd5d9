// Work on XLA's own threads, and memory that they keep from call to call.
#ifndef MAEUM_PARALLEL_H_
#define MAEUM_PARALLEL_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <thread>
#include <utility>

#include "xla/ffi/api/ffi.h"

namespace maeum {

// Waits a moment for another thread: at first without leaving the processor, because what is
// waited for takes microseconds; but that thread may be waiting for this very processor.
inline void Pause(long turn) {
  if (turn > 4096) return std::this_thread::yield();
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

// How many threads a call may use: those of XLA's pool, the caller being one of them.
inline long Threads(xla::ffi::ThreadPool& pool) { return std::max<long>(1, pool.num_threads()); }

// Runs body(0), ..., body(n - 1). The caller works too, so nothing waits for a pool that is busy:
// a task that comes late finds nothing left to do. Which thread runs which number is not fixed, so
// a body must not depend on it.
template <class Body>
void Parallel(xla::ffi::ThreadPool& pool, long n, Body body) {
  struct Shared {
    Shared(long n, Body body) : n(n), body(std::move(body)) {}
    void Work() {
      for (long i; (i = next.fetch_add(1, std::memory_order_relaxed)) < n;) {
        body(i);
        done.fetch_add(1, std::memory_order_release);
      }
    }
    std::atomic<long> next{0}, done{0};
    const long n;
    Body body;
  };
  const long helpers = std::min(n, Threads(pool)) - 1;
  if (helpers <= 0) {
    for (long i = 0; i < n; i++) body(i);
    return;
  }
  // `body` refers to the caller's frame, which outlives every call of it: the caller returns
  // only when all numbers are done, and later tasks see next >= n.
  auto shared = std::make_shared<Shared>(n, std::move(body));
  for (long i = 0; i < helpers; i++) pool.Schedule([shared] { shared->Work(); });
  shared->Work();
  for (long turn = 0; shared->done.load(std::memory_order_acquire) < n; turn++) Pause(turn);
}

// Scratch memory of a thread, given back in the reverse order of its taking. Asking the system for
// megabytes in every call costs more (page faults) than many a convolution; what exceeds the
// bound is given back to the system at once.
class Arena {
 public:
  static constexpr size_t kKept = size_t{16} << 20;  // bytes kept by each thread

  class Block {
   public:
    explicit Block(size_t floats) : bytes_((floats * sizeof(float) + 63) / 64 * 64) {
      Arena& arena = Local();
      if (arena.used_ + bytes_ <= kKept) {
        if (!arena.memory_) arena.memory_ = Allocate(kKept);
        data_ = reinterpret_cast<float*>(arena.memory_ + arena.used_);
        arena.used_ += bytes_;
      } else {
        own_ = true;
        data_ = reinterpret_cast<float*>(Allocate(bytes_));
      }
    }
    ~Block() {
      if (own_) {
        std::free(data_);
      } else {
        Local().used_ -= bytes_;
      }
    }
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;
    float* get() { return data_; }

   private:
    size_t bytes_;
    bool own_ = false;
    float* data_;
  };

  ~Arena() { std::free(memory_); }

 private:
  static Arena& Local() {
    thread_local Arena arena;
    return arena;
  }
  static char* Allocate(size_t bytes) {
    void* p = std::aligned_alloc(64, std::max<size_t>(bytes, 64));
    if (!p) throw std::bad_alloc();
    return static_cast<char*>(p);
  }

  char* memory_ = nullptr;
  size_t used_ = 0;
};

}  // namespace maeum

#endif  // MAEUM_PARALLEL_H_
