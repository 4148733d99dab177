#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::observe {

// Metrics are counted in shards, one per worker thread: a shard has a single writer, so that counting is a relaxed load
// and store without a lock or a locked instruction, and the scraper adds the shards up while they are written.

namespace detail {
using Cell = std::atomic<std::uint64_t>;
inline void add(Cell& cell, std::uint64_t by) {
  cell.store(cell.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}
}  // namespace detail

// Handles: a word or three, to be copied and kept. Valid as long as the registry; used by the shard's thread only. A
// default-constructed one must not be used.
class Counter {
 public:
  Counter() = default;
  void add(std::uint64_t by = 1) { detail::add(*cell_, by); }

 private:
  friend class Shard;
  explicit Counter(detail::Cell* cell) : cell_(cell) {}
  detail::Cell* cell_ = nullptr;
};

// The scraper shows the sum over the shards. Each may be negative in between.
class Gauge {
 public:
  Gauge() = default;
  void add(std::int64_t by = 1) { detail::add(*cell_, static_cast<std::uint64_t>(by)); }
  void sub(std::int64_t by = 1) { add(-by); }
  void set(std::int64_t value) { cell_->store(static_cast<std::uint64_t>(value), std::memory_order_relaxed); }

 private:
  friend class Shard;
  explicit Gauge(detail::Cell* cell) : cell_(cell) {}
  detail::Cell* cell_ = nullptr;
};

class Histogram {
 public:
  Histogram() = default;
  // In the unit of the bounds (seconds, where nothing else is said). A value on a bound falls below it; NaN is ignored.
  void observe(double value) {
    if (!(value == value)) return;
    const auto bucket =
        static_cast<std::size_t>(std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin());
    detail::add(cells_[bucket], 1);
    detail::Cell& sum = cells_[bounds_.size() + 1];
    const double total = std::bit_cast<double>(sum.load(std::memory_order_relaxed)) + value;
    sum.store(std::bit_cast<std::uint64_t>(total), std::memory_order_relaxed);
  }

 private:
  friend class Shard;
  Histogram(detail::Cell* cells, std::span<const double> bounds) : cells_(cells), bounds_(bounds) {}
  detail::Cell* cells_ = nullptr;  // one per bound, one for what is above the last, one for the sum
  std::span<const double> bounds_;
};

struct CounterId {
  std::uint32_t index = 0;
};
struct GaugeId {
  std::uint32_t index = 0;
};
struct HistogramId {
  std::uint32_t index = 0;
};

// 100 us to 600 s.
std::span<const double> seconds_buckets();

using LabelValues = std::initializer_list<std::string_view>;

class Registry;

// One thread's counts. Made by Registry::make_shard, which owns it; only its thread asks it for handles and counts.
// Finding a series is a hash of the label values and a look into a table without a lock; only the first use of a series
// allocates (and, if no shard has used it, takes a lock), so a caller on the hot path keeps the handle or asks each
// time for some 50 ns.
class Shard {
 public:
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;
  ~Shard();

  // As many values as the metric has label names, in their order. Values must be bounded by what the operator
  // configured, never by what callers send; what comes past the registry's limit is counted in a series whose labels
  // are all `other`, and so is what is not UTF-8. Another number of values is a mistake in the program:
  // std::logic_error.
  Counter counter(CounterId id, LabelValues values = {});
  Gauge gauge(GaugeId id, LabelValues values = {});
  Histogram histogram(HistogramId id, LabelValues values = {});
  // How often something was asked for that has no series of its own.
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  friend class Registry;
  struct Cells;
  explicit Shard(Registry& registry);
  detail::Cell* find(std::uint32_t index, LabelValues values);

  Registry& registry_;
  std::vector<std::unique_ptr<Cells>> metrics_;
  detail::Cell dropped_{0};
};

// All metrics of a process (or of a test). Metrics are registered at start-up, before the first shard is made; names,
// labels and buckets are ours, so a wrong one (the characters, a name twice, a metric after the first shard) is a
// mistake in the program: std::logic_error. Owned by the application, outlives the workers.
class Registry {
 public:
  // `max_series`: label combinations a metric may have, `other` not counted.
  explicit Registry(std::size_t max_series = 1000);
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  CounterId counter(std::string name, std::string help, std::vector<std::string> labels = {});
  GaugeId gauge(std::string name, std::string help, std::vector<std::string> labels = {});
  // Upper bounds, ascending, without +Inf.
  HistogramId histogram(std::string name, std::string help, std::vector<std::string> labels = {},
                        std::span<const double> bounds = seconds_buckets());
  enum class Kind : std::uint8_t { counter, gauge, histogram };
  // A number that is read when somebody scrapes, on the scraper's thread. `kind` is counter or gauge; `labels` are
  // fixed pairs of name and value.
  void sampled(Kind kind, std::string name, std::string help, std::function<double()> read,
               const std::vector<std::pair<std::string, std::string>>& labels = {});

  // Any thread, at start-up. The shard belongs to one thread from then on.
  Shard& make_shard();

  // Appends the exposition (text format 0.0.4: `Content-Type: text/plain; version=0.0.4`), in order of registration.
  // Any thread, while the shards are written; a histogram's count is always the sum of its buckets.
  void write_prometheus(std::string& out) const;

 private:
  friend class Shard;
  struct Metric;
  Metric& add(Kind kind, std::string name, std::string help, std::vector<std::string> labels,
              std::span<const double> bounds);
  std::uint32_t intern(Metric& metric, std::uint64_t hash, LabelValues values);

  const std::size_t max_series_;
  std::vector<std::unique_ptr<Metric>> metrics_;  // does not change once there are shards
  mutable std::mutex mutex_;                      // guards new series and new shards
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace gatehouse::observe
