#include "gatehouse/observe/metrics.h"

#include <array>
#include <charconv>
#include <cmath>
#include <new>
#include <stdexcept>
#include <utility>

#include "gatehouse/text/utf8.h"

namespace gatehouse::observe {
namespace {

using detail::Cell;

constexpr std::string_view kOther = "other";
constexpr std::string_view kDroppedName = "gatehouse_metrics_series_dropped_total";
constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kSeriesPerChunk = 16;

constexpr std::array<double, 21> kSeconds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                             0.025,  0.05,    0.1,    0.25,  0.5,    1,     2.5,
                                             5,      10,      30,     60,    120,    300,   600};

bool name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// The Prometheus data model's rule for names; colons are for rules, not for us.
bool good_name(std::string_view name) {
  if (name.empty() || !name_start(name[0])) return false;
  return std::ranges::all_of(name, [](char c) { return name_start(c) || (c >= '0' && c <= '9'); });
}

using Values = std::span<const std::string_view>;

std::uint64_t hash_of(Values values) {
  std::uint64_t hash = 0;
  for (const std::string_view value : values) {
    hash = (hash + std::hash<std::string_view>()(value)) * 0x9e3779b97f4a7c15U;
    hash ^= hash >> 32U;
  }
  return hash;
}

// Text format 0.0.4: in help `\` and the line feed are escaped, in label values the quote too.
void append_escaped(std::string& out, std::string_view text, bool quote_too) {
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quote_too) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
}

void append_label(std::string& out, std::string_view name, std::string_view value) {
  if (!out.empty()) out += ',';
  out += name;
  out += "=\"";
  append_escaped(out, value, true);
  out += '"';
}

void append_value(std::string& out, std::uint64_t value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
}

void append_value(std::string& out, std::int64_t value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
}

void append_value(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    char digits[40];
    out.append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
  }
}

template <class T>
void append_sample(std::string& out, std::string_view name, std::string_view suffix, std::string_view labels, T value) {
  out += name;
  out += suffix;
  if (!labels.empty()) {
    out += '{';
    out += labels;
    out += '}';
  }
  out += ' ';
  append_value(out, value);
  out += '\n';
}

void append_head(std::string& out, std::string_view name, std::string_view help, std::string_view type) {
  out += "# HELP ";
  out += name;
  out += ' ';
  append_escaped(out, help, false);
  out += "\n# TYPE ";
  out += name;
  out += ' ';
  out += type;
  out += '\n';
}

std::string_view type_name(Registry::Kind kind) {
  switch (kind) {
    case Registry::Kind::counter:
      return "counter";
    case Registry::Kind::gauge:
      return "gauge";
    case Registry::Kind::histogram:
      return "histogram";
  }
  return "untyped";
}

}  // namespace

std::span<const double> seconds_buckets() { return kSeconds; }

// Series are numbered as they come; a labelled metric's number 0 is `other`. The table finds a number by label values:
// slots are filled under the registry's mutex and read without it, and nothing is ever taken out.
struct Registry::Metric {
  struct Series {
    std::uint64_t hash = 0;
    std::uint32_t index = 0;
    std::vector<std::string> values;
    std::string rendered;  // name="value",... as it is exposed

    bool is(std::uint64_t wanted_hash, Values wanted) const {
      return hash == wanted_hash && std::equal(values.begin(), values.end(), wanted.begin(), wanted.end());
    }
  };

  Kind kind = Kind::counter;
  std::uint32_t index = 0;
  std::string name;
  std::string help;
  std::vector<std::string> labels;
  std::vector<double> bounds;
  std::size_t stride = 1;  // cells of a series
  std::function<double()> read;
  std::string read_labels;

  std::vector<std::unique_ptr<Series>> series;  // by number; guarded by the registry's mutex
  std::size_t capacity = 1;
  std::unique_ptr<std::atomic<const Series*>[]> table;
  std::size_t mask = 0;
  std::atomic<bool> full{false};  // set once, after the last series is in the table
  std::atomic<bool> other_used{false};

  const Series* find(std::uint64_t hash, Values values) const {
    for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
      const Series* series_at = table[at].load(std::memory_order_acquire);
      if (series_at == nullptr || series_at->is(hash, values)) return series_at;
    }
  }

  void insert(std::uint64_t hash, std::vector<std::string> values) {
    auto made = std::make_unique<Series>();
    made->hash = hash;
    made->index = static_cast<std::uint32_t>(series.size());
    for (std::size_t i = 0; i < labels.size(); ++i) append_label(made->rendered, labels[i], values[i]);
    made->values = std::move(values);
    if (table != nullptr) {
      std::size_t at = hash & mask;
      while (table[at].load(std::memory_order_relaxed) != nullptr) at = (at + 1) & mask;
      table[at].store(made.get(), std::memory_order_release);
    }
    series.push_back(std::move(made));
    if (series.size() == capacity) full.store(true, std::memory_order_release);
  }
};

// One metric's cells in one shard, in chunks that stay where they are: the owner adds chunks, the scraper reads them.
struct Shard::Cells {
  explicit Cells(const Registry::Metric& metric)
      : stride(metric.stride),
        per_chunk(std::min(kSeriesPerChunk, metric.capacity)),
        chunks((metric.capacity + per_chunk - 1) / per_chunk) {}
  Cells(const Cells&) = delete;
  Cells& operator=(const Cells&) = delete;
  ~Cells() {
    for (auto& chunk : chunks) ::operator delete[](chunk.load(std::memory_order_relaxed), std::align_val_t(kCacheLine));
  }

  // For the owner.
  Cell* at(std::size_t series) {
    std::atomic<Cell*>& chunk = chunks[series / per_chunk];
    Cell* cells = chunk.load(std::memory_order_relaxed);
    if (cells == nullptr) {
      // Whole cache lines of its own, so that no two workers write to one.
      const std::size_t count = per_chunk * stride;
      const std::size_t bytes = (count * sizeof(Cell) + kCacheLine - 1) / kCacheLine * kCacheLine;
      cells = static_cast<Cell*>(::operator new[](bytes, std::align_val_t(kCacheLine)));
      std::uninitialized_value_construct_n(cells, count);
      chunk.store(cells, std::memory_order_release);
    }
    return cells + series % per_chunk * stride;
  }
  // For the scraper; null where this shard counted nothing near it.
  const Cell* look(std::size_t series) const {
    const Cell* cells = chunks[series / per_chunk].load(std::memory_order_acquire);
    return cells == nullptr ? nullptr : cells + series % per_chunk * stride;
  }

  const std::size_t stride;
  const std::size_t per_chunk;
  std::vector<std::atomic<Cell*>> chunks;
};

Shard::Shard(Registry& registry) : registry_(registry) {
  metrics_.reserve(registry.metrics_.size());
  for (const auto& metric : registry.metrics_) metrics_.push_back(std::make_unique<Cells>(*metric));
}

Shard::~Shard() = default;

Cell* Shard::find(std::uint32_t index, LabelValues values) {
  Registry::Metric& metric = *registry_.metrics_[index];
  if (values.size() != metric.labels.size()) throw std::logic_error(metric.name + ": wrong number of label values");
  std::uint32_t series = 0;
  if (values.size() != 0) {
    const std::uint64_t hash = hash_of(values);
    // Asked before the table is: if it was full, whatever the table does not have has no series.
    const bool full = metric.full.load(std::memory_order_acquire);
    if (const auto* found = metric.find(hash, values)) {
      series = found->index;
    } else {
      const bool text = std::ranges::all_of(values, [](std::string_view value) { return text::valid_utf8(value); });
      if (!full && text) series = registry_.intern(metric, hash, values);
      if (series == 0) detail::add(dropped_, 1);
    }
    if (series == 0 && !metric.other_used.load(std::memory_order_relaxed)) {
      metric.other_used.store(true, std::memory_order_relaxed);
    }
  }
  return metrics_[index]->at(series);
}

Counter Shard::counter(CounterId id, LabelValues values) { return Counter(find(id.index, values)); }
Gauge Shard::gauge(GaugeId id, LabelValues values) { return Gauge(find(id.index, values)); }
Histogram Shard::histogram(HistogramId id, LabelValues values) {
  return {find(id.index, values), registry_.metrics_[id.index]->bounds};
}

Registry::Registry(std::size_t max_series) : max_series_(max_series) {}
Registry::~Registry() = default;

Registry::Metric& Registry::add(Kind kind, std::string name, std::string help, std::vector<std::string> labels,
                                std::span<const double> bounds) {
  if (!shards_.empty()) throw std::logic_error(name + ": registered after the first shard");
  if (!good_name(name) || name == kDroppedName) throw std::logic_error(name + ": not a name for a metric");
  for (const auto& other : metrics_) {
    if (other->name == name) throw std::logic_error(name + ": registered twice");
  }
  for (const std::string& label : labels) {
    if (!good_name(label) || label.starts_with("__") || label == "le" || std::ranges::count(labels, label) != 1) {
      throw std::logic_error(name.append(": not a name for a label: ").append(label));
    }
  }
  if (std::ranges::adjacent_find(bounds, [](double a, double b) { return !(a < b); }) != bounds.end()) {
    throw std::logic_error(name + ": bounds must ascend");
  }
  auto metric = std::make_unique<Metric>();
  metric->kind = kind;
  metric->index = static_cast<std::uint32_t>(metrics_.size());
  metric->name = std::move(name);
  metric->help = std::move(help);
  metric->labels = std::move(labels);
  metric->bounds.assign(bounds.begin(), bounds.end());
  if (kind == Kind::histogram) metric->stride = metric->bounds.size() + 2;
  if (metric->labels.empty()) {
    metric->insert(0, {});
  } else {
    metric->capacity = max_series_ + 1;
    const std::size_t slots = std::bit_ceil(metric->capacity * 2);
    metric->table = std::make_unique<std::atomic<const Metric::Series*>[]>(slots);
    metric->mask = slots - 1;
    // Hashed as a caller's, so that one who asks for `other` gets this very series.
    const std::vector<std::string_view> others(metric->labels.size(), kOther);
    metric->insert(hash_of(others), std::vector<std::string>(others.begin(), others.end()));
  }
  metrics_.push_back(std::move(metric));
  return *metrics_.back();
}

CounterId Registry::counter(std::string name, std::string help, std::vector<std::string> labels) {
  return {add(Kind::counter, std::move(name), std::move(help), std::move(labels), {}).index};
}

GaugeId Registry::gauge(std::string name, std::string help, std::vector<std::string> labels) {
  return {add(Kind::gauge, std::move(name), std::move(help), std::move(labels), {}).index};
}

HistogramId Registry::histogram(std::string name, std::string help, std::vector<std::string> labels,
                                std::span<const double> bounds) {
  return {add(Kind::histogram, std::move(name), std::move(help), std::move(labels), bounds).index};
}

void Registry::sampled(Kind kind, std::string name, std::string help, std::function<double()> read,
                       const std::vector<std::pair<std::string, std::string>>& labels) {
  if (kind == Kind::histogram) throw std::logic_error(name + ": a sampled metric is a counter or a gauge");
  Metric& metric = add(kind, std::move(name), std::move(help), {}, {});
  metric.read = std::move(read);
  for (const auto& [label, value] : labels) append_label(metric.read_labels, label, text::replace_invalid(value));
}

Shard& Registry::make_shard() {
  const std::lock_guard lock(mutex_);
  shards_.push_back(std::unique_ptr<Shard>(new Shard(*this)));
  return *shards_.back();
}

std::uint32_t Registry::intern(Metric& metric, std::uint64_t hash, LabelValues values) {
  const std::lock_guard lock(mutex_);
  if (const auto* found = metric.find(hash, values)) return found->index;  // another shard was first
  if (metric.series.size() == metric.capacity) return 0;
  metric.insert(hash, std::vector<std::string>(values.begin(), values.end()));
  return metric.series.back()->index;
}

void Registry::write_prometheus(std::string& out) const {
  // Series and shards are never removed, so what is listed under the lock may be read without it, and no worker waits
  // for a scrape.
  std::vector<const Shard*> shards;
  std::vector<const Metric::Series*> series;
  std::vector<std::uint64_t> buckets;
  std::uint64_t dropped = 0;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& shard : shards_) shards.push_back(shard.get());
  }
  for (const Shard* shard : shards) dropped += shard->dropped_.load(std::memory_order_relaxed);
  for (const auto& metric : metrics_) {
    append_head(out, metric->name, metric->help, type_name(metric->kind));
    if (metric->read) {
      append_sample(out, metric->name, "", metric->read_labels, metric->read());
      continue;
    }
    series.clear();
    {
      const std::lock_guard lock(mutex_);
      for (const auto& one : metric->series) series.push_back(one.get());
    }
    for (const Metric::Series* one : series) {
      const bool is_other = !metric->labels.empty() && one->index == 0;
      if (is_other && !metric->other_used.load(std::memory_order_relaxed)) continue;
      buckets.assign(metric->stride, 0);
      double sum = 0;
      for (const Shard* shard : shards) {
        const Cell* cells = shard->metrics_[metric->index]->look(one->index);
        if (cells == nullptr) continue;
        for (std::size_t i = 0; i < metric->stride; ++i) {
          const std::uint64_t value = cells[i].load(std::memory_order_relaxed);
          if (metric->kind == Kind::histogram && i == metric->bounds.size() + 1) {
            sum += std::bit_cast<double>(value);
          } else {
            buckets[i] += value;
          }
        }
      }
      if (metric->kind == Kind::counter) {
        append_sample(out, metric->name, "", one->rendered, buckets[0]);
      } else if (metric->kind == Kind::gauge) {
        append_sample(out, metric->name, "", one->rendered, static_cast<std::int64_t>(buckets[0]));
      } else {
        std::uint64_t count = 0;
        std::string labels;
        for (std::size_t i = 0; i <= metric->bounds.size(); ++i) {
          count += buckets[i];
          labels = one->rendered;
          std::string bound;
          append_value(bound, i < metric->bounds.size() ? metric->bounds[i] : HUGE_VAL);
          append_label(labels, "le", bound);
          append_sample(out, metric->name, "_bucket", labels, count);
        }
        append_sample(out, metric->name, "_sum", one->rendered, sum);
        append_sample(out, metric->name, "_count", one->rendered, count);
      }
    }
  }
  append_head(out, kDroppedName, "Counts that went to the series `other` because their metric had no room for more.",
              "counter");
  append_sample(out, kDroppedName, "", "", dropped);
}

}  // namespace gatehouse::observe
