#pragma once

#include <functional>
#include <initializer_list>
#include <memory>

#include "gatehouse/async/loop.h"

namespace gatehouse::async {

// Calls `f` on the loop's thread for each of the signals that the process gets, until it dies.
class Signals {
 public:
  Signals(Loop& loop, std::initializer_list<int> numbers, std::function<void(int)> f);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace gatehouse::async
