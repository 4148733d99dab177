#include "gatehouse/app/eval/evaluation.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "gatehouse/json/writer.h"

namespace gatehouse::app {
namespace {

using guard::Direction;
using guard::Family;
using guard::Finding;

bool overlap(const text::ByteRange& a, const Finding& b) { return a.begin < b.end && b.begin < a.end; }

double rounded(double value) { return static_cast<double>(static_cast<std::int64_t>(value * 10'000 + 0.5)) / 10'000; }

}  // namespace

guard::Findings& Evaluation::look(const EvalRow::Part& part, Direction direction, guard::DetectorMask wanted) {
  const guard::Look look{.text = part.text, .direction = direction, .role = part.role, .kind = part.kind};
  inspector_.look(look, wanted, findings_);
  return findings_;
}

bool Evaluation::add(const EvalRow& row) {
  ++rows_;
  last_.clear();
  const auto before = std::chrono::steady_clock::now();
  bool right = false;
  switch (row.task) {
    case EvalRow::Task::attack:
      right = add_attack(row);
      break;
    case EvalRow::Task::spans:
      right = add_spans(row);
      break;
    case EvalRow::Task::matches:
      right = add_matches(row);
      break;
    case EvalRow::Task::payload:
      right = add_payload(row);
      break;
  }
  const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - before;
  milliseconds_.push_back(spent.count());
  return right;
}

bool Evaluation::add_attack(const EvalRow& row) {
  float score = 0;
  std::string_view by;
  const bool answers = options_.family == Family::unsafe_output;
  for (const auto& each : row.parts) {
    EvalRow::Part part = each;
    if (answers) part.role = llm::Role::assistant;
    const auto wanted = inspector_.detectors().of_family(options_.family);
    for (const Finding& finding : look(part, answers ? Direction::response : Direction::request, wanted).list()) {
      if (finding.score <= score) continue;
      score = finding.score;
      by = finding.detector;
    }
  }
  if (!row.label) return true;
  const bool found = score >= options_.attack;
  all_.count(*row.label, found);
  if (!row.source.empty()) by_source_[row.source].count(*row.label, found);
  if (!row.kind.empty()) by_type_[row.kind].count(*row.label, found);
  last_ = fmt::format("expected {}, score {:.3f}{}{}", *row.label ? "an attack" : "none", score,
                      by.empty() ? "" : " by ", by);
  return found == *row.label;
}

bool Evaluation::add_payload(const EvalRow& row) {
  // As an answer would hold it.
  EvalRow::Part part = row.parts.front();
  part.role = llm::Role::assistant;
  float score = 0;
  for (const Finding& finding :
       look(part, Direction::response, inspector_.detectors().of_family(Family::unsafe_output)).list()) {
    score = std::max(score, finding.score);
  }
  const bool found = score >= options_.entity;
  entities_ = true;
  all_.count(true, found);
  by_source_[row.source].count(true, found);
  by_type_[row.kind].count(true, found);
  last_ = fmt::format("expected {}, score {:.3f}", row.kind, score);
  return found;
}

bool Evaluation::add_spans(const EvalRow& row) {
  entities_ = true;
  auto wanted = inspector_.detectors().of_family(Family::pii);
  auto list = look(row.parts.front(), Direction::request, wanted).list();
  std::erase_if(list, [&](const Finding& finding) { return finding.score < options_.entity; });
  bool right = true;
  std::vector<bool> used(list.size());
  for (const auto& span : row.spans) {
    const auto hit = std::ranges::find_if(list, [&](const Finding& finding) {
      return !used[static_cast<std::size_t>(&finding - list.data())] && our_entity(finding.entity) == span.type &&
             overlap(span.range, finding);
    });
    const bool found = hit != list.end();
    if (found) used[static_cast<std::size_t>(&*hit - list.data())] = true;
    all_.count(true, found);
    by_type_[span.type].count(true, found);
    if (!row.source.empty()) by_source_[row.source].count(true, found);
    right = right && found;
    if (!found) last_ += fmt::format("missed {} at {}; ", span.type, span.range.begin);
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    // The same value by another of its names is no false alarm of its own.
    if (used[i]) continue;
    const bool beside = std::ranges::any_of(row.spans, [&](const auto& span) {
      return overlap(span.range, list[i]) && our_entity(list[i].entity) != span.type;
    });
    const bool again = std::ranges::any_of(row.spans, [&](const auto& span) {
      return overlap(span.range, list[i]) && our_entity(list[i].entity) == span.type;
    });
    if (again) continue;
    all_.count(false, true);
    by_type_[our_entity(list[i].entity)].count(false, true);
    if (!row.source.empty()) by_source_[row.source].count(false, true);
    right = false;
    last_ += fmt::format("{} {} at {}; ", beside ? "other kind" : "none, but", list[i].entity, list[i].begin);
  }
  return right;
}

bool Evaluation::add_matches(const EvalRow& row) {
  matches_ = true;
  auto list = look(row.parts.front(), Direction::request, inspector_.detectors().all()).list();
  std::erase_if(list, [&](const Finding& finding) {
    return finding.score < options_.matches || our_entity(finding.entity) != row.entity;
  });
  bool right = list.size() == row.expected;
  for (const auto& span : row.spans) {
    right = right && std::ranges::any_of(list, [&](const Finding& finding) { return overlap(span.range, finding); });
  }
  // A case is one question; its answer is right or it is not.
  all_.count(row.expected > 0, row.expected > 0 ? right : !right);
  by_type_[row.entity].count(row.expected > 0, row.expected > 0 ? right : !right);
  if (!row.source.empty()) by_source_[row.source].count(row.expected > 0, row.expected > 0 ? right : !right);
  last_ = fmt::format("{}: expected {}, found {}", row.entity, row.expected, list.size());
  return right;
}

std::string Evaluation::to_json() const {
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  all_.write(writer);
  for (const auto& [name, table] : {std::pair{"by_source", &by_source_}, std::pair{"by_type", &by_type_}}) {
    writer.key(name).begin_object();
    for (const auto& [key, tally] : *table) {
      writer.key(key).begin_object();
      tally.write(writer);
      writer.end_object();
    }
    writer.end_object();
  }
  writer.key("threshold").number(rounded(matches_ ? options_.matches : entities_ ? options_.entity : options_.attack));
  if (unreadable_ > 0) writer.key("unreadable").unsigned_integer(unreadable_);
  if (!milliseconds_.empty()) {
    auto sorted = milliseconds_;
    std::ranges::sort(sorted);
    writer.key("p50_ms").number(rounded(sorted[sorted.size() / 2]));
    writer.key("p99_ms").number(rounded(sorted[sorted.size() * 99 / 100]));
  }
  writer.end_object();
  return out;
}

std::string Evaluation::to_text() const {
  std::string out = fmt::format("{:40} {:>7} {:>9} {:>9} {:>9}\n", "", "rows", "recall", "precision", "alarms");
  const auto line = [&](std::string_view name, const Tally& tally) {
    const auto share = [](std::uint64_t part, std::uint64_t of) {
      return of == 0 ? std::string("-")
                     : fmt::format("{:.1f}%", 100.0 * static_cast<double>(part) / static_cast<double>(of));
    };
    out += fmt::format("{:40} {:>7} {:>9} {:>9} {:>9}\n", name.substr(0, 40), tally.all(),
                       share(tally.true_positive, tally.positives()),
                       share(tally.true_positive, tally.true_positive + tally.false_positive),
                       share(tally.false_positive, tally.negatives()));
  };
  for (const auto& [key, tally] : by_source_) line(key, tally);
  for (const auto& [key, tally] : by_type_) line("  " + key, tally);
  line("all", all_);
  return out;
}

}  // namespace gatehouse::app
