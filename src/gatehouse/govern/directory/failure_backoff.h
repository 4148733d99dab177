#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>

#include "gatehouse/base/address.h"
#include "gatehouse/base/clock.h"

namespace gatehouse::govern {

// Slows down an address that fails to authenticate again and again: after `free_failures` in a row it waits, twice as
// long with each further failure, up to `longest`. What comes while it waits is refused unseen and does not lengthen
// the wait. An IPv6 address counts by its /64, for a single host has as many as it likes. Bounded: the address that
// failed longest ago is forgotten for a new one. One thread.
class FailureBackoff {
 public:
  struct Options {
    unsigned free_failures = 5;
    std::chrono::seconds first{1};
    std::chrono::seconds longest{60};
    std::chrono::minutes forget_after{15};
    std::size_t most = 4096;
  };
  FailureBackoff() = default;
  explicit FailureBackoff(Options options) : options_(options) {}

  // How long it must still wait; zero: it may try.
  base::Duration wait(const base::Address& from, base::SteadyTime now) const;
  void failed(const base::Address& from, base::SteadyTime now);
  void succeeded(const base::Address& from);
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    base::Address from;
    unsigned failures = 0;
    base::SteadyTime last{};
    base::SteadyTime until{};
  };
  Options options_;
  std::list<Entry> entries_;  // the one that failed last is in front
  std::map<base::Address, std::list<Entry>::iterator> index_;
};

}  // namespace gatehouse::govern
