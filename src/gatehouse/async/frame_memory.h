#pragma once

#include <cstddef>

// Memory for coroutine frames. A request passes some ten of them, each freed while other requests hold theirs, so that
// an allocator meant for few objects at a time misses; here every thread keeps what it freed, by size, and hands it out
// again (bounded: frame_memory.cc). What is taken on one thread may be given back on another.
namespace gatehouse::async {

// Aligned as by plain `operator new`.
void* take_frame(std::size_t size);
// `size` as it was taken.
void give_frame(void* frame, std::size_t size) noexcept;

}  // namespace gatehouse::async
