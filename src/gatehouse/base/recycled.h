#pragma once

#include <cstddef>
#include <new>

namespace gatehouse::base {

// Gives a class its own memory: freed objects are kept by their thread, a handful, and handed out again. For what is
// made once a request and is larger than the allocator's own fast path takes (about 1 KiB in glibc). An object may be
// freed on another thread than it was made on. Under the sanitizers every object is fresh, so that they see its misuse.
template <class T>
class Recycled {
 public:
#ifndef GATEHOUSE_SANITIZED
  static void* operator new(std::size_t size) {
    Shelf& kept = shelf();
    // A derived class may be larger.
    if (size != sizeof(T) || kept.count == 0) return ::operator new(size);
    Free* free = kept.first;
    kept.first = free->next;
    --kept.count;
    return free;
  }
  static void operator delete(void* memory, std::size_t size) {
    Shelf& kept = shelf();
    if (size != sizeof(T) || kept.count == kMost) {
      ::operator delete(memory);
      return;
    }
    kept.first = ::new (memory) Free{kept.first};
    ++kept.count;
  }

 private:
  static constexpr std::size_t kMost = 64;
  struct Free {
    Free* next;
  };
  struct Shelf {
    Shelf() = default;
    Shelf(const Shelf&) = delete;
    Shelf& operator=(const Shelf&) = delete;
    ~Shelf() {
      while (first != nullptr) {
        Free* free = first;
        first = free->next;
        ::operator delete(free);
      }
      count = kMost;  // what is freed after this thread's end goes straight back
    }
    Free* first = nullptr;
    std::size_t count = 0;
  };
  static Shelf& shelf() {
    static thread_local Shelf kept;
    return kept;
  }
#endif
};

}  // namespace gatehouse::base
