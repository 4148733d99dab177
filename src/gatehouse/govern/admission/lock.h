#pragma once

#include <mutex>

namespace gatehouse::govern {

// A mutex for sections far shorter than going to sleep and being woken: it tries for a while before it sleeps.
class ShortLock {
 public:
  void lock() {
    for (int tries = 0; tries < kTries; ++tries) {
      if (mutex_.try_lock()) return;
      pause();
    }
    mutex_.lock();
  }
  void unlock() { mutex_.unlock(); }

 private:
  // About as long as two sections.
  static constexpr int kTries = 64;
  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }
  std::mutex mutex_;
};

}  // namespace gatehouse::govern
