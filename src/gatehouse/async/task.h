#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace gatehouse::async {

using Executor = boost::asio::io_context::executor_type;

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
