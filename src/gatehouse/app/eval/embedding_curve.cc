#include "gatehouse/app/eval/embedding_curve.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/app/eval/hashed_ngrams.h"
#include "gatehouse/app/eval/tally.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::app {
namespace {

constexpr std::array<double, 6> kFalseHits = {0.001, 0.005, 0.01, 0.02, 0.05, 0.1};

double rounded(double value) { return std::round(value * 10'000) / 10'000; }

}  // namespace

void EmbeddingCurve::add(const EvalRow& row) {
  if (row.task != EvalRow::Task::pair) return;
  pairs_.push_back({.a = row.parts[0].text, .b = row.parts[1].text, .same = row.label.value_or(false)});
  if (pairs_.back().same) ++equal_;
}

std::vector<EmbeddingCurve::Point> EmbeddingCurve::curve(const std::vector<float>& equal, std::vector<float> unequal) {
  std::ranges::sort(unequal, std::greater<>());
  std::vector<Point> points;
  for (const double share : kFalseHits) {
    // What is above the first unequal pair that is one too many.
    const auto allowed = static_cast<std::size_t>(share * static_cast<double>(unequal.size()));
    const float threshold = allowed < unequal.size() ? unequal[allowed] : -1.0F;
    const auto hits = std::ranges::count_if(equal, [&](float likeness) { return likeness > threshold; });
    points.push_back({.false_hits = share, .threshold = threshold, .hits = static_cast<std::size_t>(hits)});
  }
  return points;
}

void EmbeddingCurve::add_curve(std::string name, const std::vector<float>& likeness) {
  std::vector<float> equal;
  std::vector<float> unequal;
  for (std::size_t i = 0; i < pairs_.size(); ++i) (pairs_[i].same ? equal : unequal).push_back(likeness[i]);
  curves_.push_back({.name = std::move(name), .points = curve(equal, std::move(unequal))});
}

// Texts of like length go through the model together, as the service does it.
Result<std::vector<float>> EmbeddingCurve::embedding_likeness() const {
  constexpr std::size_t kBatch = 16;
  const std::size_t size = model_->embedding_size();
  const auto text_of = [&](std::size_t i) -> const std::string& {
    return i % 2 == 0 ? pairs_[i / 2].a : pairs_[i / 2].b;
  };
  std::vector<std::size_t> order(pairs_.size() * 2);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(text_of(i).size(), i); });
  std::vector<float> embeddings(order.size() * size);
  for (std::size_t at = 0; at < order.size(); at += kBatch) {
    const std::size_t count = std::min(kBatch, order.size() - at);
    std::vector<ml::Window> windows;
    std::vector<std::size_t> owner;
    for (std::size_t i = at; i < at + count; ++i) {
      // A question fits one window; of a longer text its beginning stands for it.
      auto own = model_->windows(text_of(order[i]), 1);
      if (own.empty()) continue;
      windows.push_back(std::move(own.front()));
      owner.push_back(order[i]);
    }
    if (windows.empty()) continue;
    std::vector<const ml::Window*> batch;
    for (const auto& window : windows) batch.push_back(&window);
    auto read = model_->read(batch, ml::Want::embedding);
    if (!read) return std::unexpected(std::move(read.error()));
    for (std::size_t i = 0; i < owner.size() && i < read->size(); ++i) {
      const auto& from = (*read)[i].embedding;
      if (from.size() == size) {
        std::ranges::copy(from, embeddings.begin() + static_cast<std::ptrdiff_t>(owner[i] * size));
      }
    }
  }
  std::vector<float> likeness;
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    const float* a = embeddings.data() + 2 * i * size;
    likeness.push_back(std::inner_product(a, a + size, a + size, 0.0F));
  }
  return likeness;
}

Result<> EmbeddingCurve::finish() {
  if (model_ && model_->embedding_size() > 0) {
    auto likeness = embedding_likeness();
    if (!likeness) return std::unexpected(std::move(likeness.error()));
    add_curve("embedding", *likeness);
  }
  std::vector<float> likeness;
  for (const Pair& pair : pairs_) likeness.push_back(HashedNgrams(pair.a).likeness(HashedNgrams(pair.b)));
  add_curve("ngrams", likeness);
  return {};
}

std::string EmbeddingCurve::to_json() const {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("n").unsigned_integer(pairs_.size()).key("same").unsigned_integer(equal_);
  for (const Curve& each : curves_) {
    writer.key(each.name).begin_array();
    for (const Point& point : each.points) {
      writer.begin_object().key("false_hits").number(point.false_hits);
      writer.key("threshold").number(rounded(point.threshold));
      if (equal_ > 0) {
        const Interval interval = wilson(point.hits, equal_);
        writer.key("hits").number(rounded(static_cast<double>(point.hits) / static_cast<double>(equal_)));
        writer.key("hits_interval").begin_array();
        writer.number(rounded(interval.low)).number(rounded(interval.high)).end_array();
      }
      writer.end_object();
    }
    writer.end_array();
  }
  writer.end_object();
  return out;
}

std::string EmbeddingCurve::to_text() const {
  std::string out = fmt::format("{:24}", "hits at false hits of");
  for (const double share : kFalseHits) out += fmt::format(" {:>8.1f}%", 100 * share);
  out += '\n';
  for (const Curve& each : curves_) {
    out += fmt::format("{:24}", each.name);
    for (const Point& point : each.points) {
      out += equal_ == 0
                 ? fmt::format(" {:>9}", "-")
                 : fmt::format(" {:>8.1f}%", 100.0 * static_cast<double>(point.hits) / static_cast<double>(equal_));
    }
    out += '\n';
  }
  return out;
}

}  // namespace gatehouse::app
