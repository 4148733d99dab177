#include "gatehouse/app/eval/tally.h"

#include <algorithm>
#include <cmath>

namespace gatehouse::app {
namespace {

double rounded(double value) { return std::round(value * 10'000) / 10'000; }

void write_interval(json::Writer& writer, std::string_view key, Interval interval) {
  writer.key(key).begin_array().number(rounded(interval.low)).number(rounded(interval.high)).end_array();
}

}  // namespace

Interval wilson(std::uint64_t hits, std::uint64_t of) {
  if (of == 0) return {};
  constexpr double kZ = 1.959964;
  const auto n = static_cast<double>(of);
  const double share = static_cast<double>(hits) / n;
  const double middle = share + kZ * kZ / (2 * n);
  const double half = kZ * std::sqrt(share * (1 - share) / n + kZ * kZ / (4 * n * n));
  const double scale = 1 + kZ * kZ / n;
  return {std::max(0.0, (middle - half) / scale), std::min(1.0, (middle + half) / scale)};
}

double Tally::f(double beta) const {
  const double hits = static_cast<double>(true_positive);
  const double scale = beta * beta;
  const double below =
      (1 + scale) * hits + scale * static_cast<double>(false_negative) + static_cast<double>(false_positive);
  return below == 0 ? 0 : (1 + scale) * hits / below;
}

void Tally::write(json::Writer& writer) const {
  writer.key("n").unsigned_integer(all());
  if (all() == 0) return;
  const auto share = [](std::uint64_t part, std::uint64_t of) {
    return static_cast<double>(part) / static_cast<double>(of);
  };
  if (!of_spans) writer.key("accuracy").number(rounded(share(true_positive + true_negative, all())));
  const std::uint64_t found = true_positive + false_positive;
  if (found > 0) writer.key("precision").number(rounded(share(true_positive, found)));
  if (positives() > 0) {
    writer.key("recall").number(rounded(share(true_positive, positives())));
    write_interval(writer, "recall_interval", wilson(true_positive, positives()));
    writer.key("f1").number(rounded(f(1)));
    writer.key("f2").number(rounded(f(2)));
  }
  if (negatives() > 0 && !of_spans) {
    writer.key("false_positive_rate").number(rounded(share(false_positive, negatives())));
    write_interval(writer, "false_positive_interval", wilson(false_positive, negatives()));
  }
}

}  // namespace gatehouse::app
