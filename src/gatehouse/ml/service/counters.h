#pragma once

#include <atomic>
#include <cstdint>

#include "gatehouse/ml/service/service.h"

namespace gatehouse::ml {

// ServiceCounts as all threads add to them.
struct Counters {
  std::atomic<std::uint64_t> asked{0};
  std::atomic<std::uint64_t> remembered{0};
  std::atomic<std::uint64_t> settled{0};
  std::atomic<std::uint64_t> read{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> late{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> windows{0};
  std::atomic<std::uint64_t> batches{0};
  std::atomic<std::uint64_t> busy_us{0};
  std::atomic<std::uint64_t> shadow_read{0};
  std::atomic<std::uint64_t> shadow_differs{0};

  static void add(std::atomic<std::uint64_t>& to, std::uint64_t by = 1) {
    if (by != 0) to.fetch_add(by, std::memory_order_relaxed);
  }
  ServiceCounts now() const {
    const auto of = [](const std::atomic<std::uint64_t>& value) { return value.load(std::memory_order_relaxed); };
    return {of(asked),  of(remembered), of(settled), of(read),    of(refused),     of(late),
            of(failed), of(windows),    of(batches), of(busy_us), of(shadow_read), of(shadow_differs)};
  }
};

}  // namespace gatehouse::ml
