#pragma once

#include <optional>
#include <utility>

#include "gatehouse/async/task.h"

namespace gatehouse::async {

// What a function returns that mostly has its value at once and only sometimes must wait: no coroutine frame is made
// for the common case. The caller writes
//     auto e = f(...);
//     T value = e.ready() ? e.take() : co_await e.task();
// and does so once. Whatever f was given by reference lives until then.
template <class T>
class [[nodiscard]] Eventually {
 public:
  Eventually(T value) : value_(std::move(value)) {}     // NOLINT(google-explicit-constructor)
  Eventually(Task<T> task) : task_(std::move(task)) {}  // NOLINT(google-explicit-constructor)
  template <class U>
    requires(std::is_constructible_v<T, U &&> && !std::is_same_v<std::remove_cvref_t<U>, Task<T>> &&
             !std::is_same_v<std::remove_cvref_t<U>, Eventually>)
  Eventually(U&& value) : value_(std::forward<U>(value)) {}  // NOLINT(google-explicit-constructor)

  bool ready() const { return value_.has_value(); }
  T take() { return std::move(*value_); }
  Task<T> task() { return std::move(*task_); }

 private:
  std::optional<T> value_;
  std::optional<Task<T>> task_;
};

}  // namespace gatehouse::async

namespace gatehouse {
using async::Eventually;
}  // namespace gatehouse
