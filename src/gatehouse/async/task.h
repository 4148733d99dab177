#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "gatehouse/async/frame_memory.h"

namespace gatehouse::async {

using Executor = boost::asio::io_context::executor_type;

}  // namespace gatehouse::async

#if !defined(BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
// Asio keeps a handful of frames a thread and finds them by looking at each, which fails as soon as many requests are
// under way. These two members are where another allocator goes in; a Boost that has them no longer
// fails to compile here.
template <>
inline void* boost::asio::detail::awaitable_frame_base<gatehouse::async::Executor>::operator new(std::size_t size) {
  return gatehouse::async::take_frame(size);
}
template <>
inline void boost::asio::detail::awaitable_frame_base<gatehouse::async::Executor>::operator delete(void* frame,
                                                                                                   std::size_t size) {
  gatehouse::async::give_frame(frame, size);
}
#endif

namespace gatehouse::async {

// A coroutine that runs on one loop's thread and is started by being awaited (or given to a TaskScope). Errors come
// back as values (`Result`); an exception out of a task is a defect and ends in TaskScope's report.
template <class T = void>
using Task = boost::asio::awaitable<T, Executor>;

// The completion token for awaiting an Asio operation inside a Task.
inline constexpr boost::asio::use_awaitable_t<Executor> kAwait{};

}  // namespace gatehouse::async

namespace gatehouse {
using async::Task;
}  // namespace gatehouse
