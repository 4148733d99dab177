#include "gatehouse/async/frame_memory.h"

#include <array>
#include <cstdint>
#include <new>

namespace gatehouse::async {
namespace {

constexpr std::size_t kStep = 64;                         // sizes that share a shelf
constexpr std::size_t kShelves = 32;                      // frames above 2 KiB are the allocator's
constexpr std::uint32_t kKept = 256;                      // frames on one shelf
constexpr std::size_t kKeptBytes = std::size_t{1} << 20;  // on all shelves of a thread

struct Free {
  Free* next;
};

struct Shelf {
  Free* first = nullptr;
  std::uint32_t count = 0;
};

// A thread's shelves. No destructor while frames may still be given back: `Emptied` below empties them at the thread's
// end, and what comes after that goes straight to the allocator.
struct Shelves {
  std::array<Shelf, kShelves> of{};
  std::size_t bytes = 0;
  bool registered = false;
  bool over = false;
};
constinit thread_local Shelves shelves;

struct Emptied {
  ~Emptied() {
    shelves.over = true;
    for (Shelf& shelf : shelves.of) {
      while (shelf.first != nullptr) {
        Free* free = shelf.first;
        shelf.first = free->next;
        ::operator delete(free);
      }
    }
  }
};

void register_thread() {
  static thread_local Emptied at_end;
  static_cast<void>(&at_end);
  shelves.registered = true;
}

}  // namespace

void* take_frame(std::size_t size) {
  const std::size_t at = (size - 1) / kStep;
  if (at >= kShelves) return ::operator new(size);
  Shelf& shelf = shelves.of[at];
  if (shelf.first == nullptr) return ::operator new((at + 1) * kStep);
  Free* free = shelf.first;
  shelf.first = free->next;
  --shelf.count;
  shelves.bytes -= (at + 1) * kStep;
  return free;
}

void give_frame(void* frame, std::size_t size) noexcept {
  const std::size_t at = (size - 1) / kStep;
  if (at >= kShelves || shelves.of[at].count == kKept || shelves.bytes >= kKeptBytes || shelves.over) {
    ::operator delete(frame);
    return;
  }
  if (!shelves.registered) register_thread();
  Shelf& shelf = shelves.of[at];
  shelf.first = ::new (frame) Free{shelf.first};
  ++shelf.count;
  shelves.bytes += (at + 1) * kStep;
}

}  // namespace gatehouse::async
