#include "gatehouse/app/eval/lengths.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace gatehouse::app {

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto last = static_cast<double>(values.size() - 1);
  const auto at = static_cast<std::size_t>(std::clamp(std::round(share * last), 0.0, last));
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(at));
  return values[at];
}

void Lengths::add(std::size_t tokens, double milliseconds) {
  std::size_t bucket = 0;
  while (bucket < kBounds.size() && tokens > kBounds[bucket]) ++bucket;
  times_[bucket].push_back(milliseconds);
}

bool Lengths::empty() const {
  return std::ranges::all_of(times_, [](const auto& times) { return times.empty(); });
}

void Lengths::write(json::Writer& writer) const {
  const auto rounded = [](double value) { return std::round(value * 1000) / 1000; };
  writer.begin_array();
  for (std::size_t i = 0; i < times_.size(); ++i) {
    if (times_[i].empty()) continue;
    writer.begin_object();
    if (i < kBounds.size()) writer.key("tokens").unsigned_integer(kBounds[i]);
    writer.key("n").unsigned_integer(times_[i].size());
    writer.key("p50_ms").number(rounded(percentile(times_[i], 0.5)));
    writer.key("p95_ms").number(rounded(percentile(times_[i], 0.95)));
    writer.end_object();
  }
  writer.end_array();
}

std::string Lengths::to_text() const {
  std::string out = fmt::format("{:32} {:>7} {:>10} {:>10}\n", "encoder at first sight", "n", "p50 ms", "p95 ms");
  for (std::size_t i = 0; i < times_.size(); ++i) {
    if (times_[i].empty()) continue;
    const std::string title = i < kBounds.size() ? fmt::format("at most {} tokens", kBounds[i]) : "more";
    out += fmt::format("{:32} {:>7} {:>10.2f} {:>10.2f}\n", title, times_[i].size(), percentile(times_[i], 0.5),
                       percentile(times_[i], 0.95));
  }
  return out;
}

}  // namespace gatehouse::app
