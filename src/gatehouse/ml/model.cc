#include "gatehouse/ml/model.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace gatehouse::ml {
namespace {

// Spans of one entity that overlap are one; of two that overlap otherwise the surer one stays.
void join_entities(std::vector<EntitySpan>& spans) {
  std::ranges::sort(spans, {}, [](const EntitySpan& span) { return std::tuple(span.begin, span.end, span.entity); });
  std::vector<EntitySpan> joined;
  for (const EntitySpan& span : spans) {
    if (joined.empty() || span.begin >= joined.back().end) {
      joined.push_back(span);
      continue;
    }
    EntitySpan& last = joined.back();
    if (last.entity == span.entity) {
      last.end = std::max(last.end, span.end);
      last.score = std::max(last.score, span.score);
    } else if (span.score > last.score) {
      // The one before cannot reach into it: that one was ended where this one's rival begins, or lies wholly before.
      last = span;
    }
  }
  spans = std::move(joined);
}

}  // namespace

Reading join_windows(std::span<const Window> windows, std::span<const WindowReading> readings) {
  Reading result;
  const std::size_t count = std::min(windows.size(), readings.size());
  if (count == 0) return result;
  result.settled = true;
  Wants all;
  for (const WindowReading& reading : readings.first(count)) all = all | reading.answers;
  result.answers = all;
  std::vector<std::shared_ptr<const void>> owners;
  std::vector<double> sum;
  bool judged = false;
  for (std::size_t i = 0; i < count; ++i) {
    const WindowReading& reading = readings[i];
    result.settled = result.settled && reading.settled;
    result.partial = result.partial || reading.partial || !reading.answers.covers(all);
    if (reading.answers.has(Want::injection) && (!judged || reading.injection > result.injection)) {
      judged = true;
      result.injection = reading.injection;
      result.begin = windows[i].begin;
      result.end = windows[i].end;
    }
    if (reading.answers.has(Want::harmful)) result.harmful = std::max(result.harmful, reading.harmful);
    result.entities.insert(result.entities.end(), reading.entities.begin(), reading.entities.end());
    if (reading.owner && std::ranges::find(owners, reading.owner) == owners.end()) owners.push_back(reading.owner);
    if (!reading.embedding.empty()) {
      sum.resize(std::max(sum.size(), reading.embedding.size()));
      // A text without tokens is one window that owns none.
      const double weight = std::max<std::uint32_t>(windows[i].own_end - windows[i].own_begin, 1);
      for (std::size_t d = 0; d < reading.embedding.size(); ++d) sum[d] += weight * reading.embedding[d];
    }
  }
  join_entities(result.entities);
  if (owners.size() == 1) result.owner = owners.front();
  if (owners.size() > 1) result.owner = std::make_shared<const std::vector<std::shared_ptr<const void>>>(owners);
  double square = 0;
  for (const double value : sum) square += value * value;
  if (square > 0) {
    const double factor = 1 / std::sqrt(square);
    for (const double value : sum) result.embedding.push_back(static_cast<float>(value * factor));
  }
  return result;
}

}  // namespace gatehouse::ml
