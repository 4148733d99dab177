#include "gatehouse/app/eval/evaluation.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "gatehouse/app/eval/encoder_alone.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::app {
namespace {

using guard::Direction;
using guard::Family;
using guard::Finding;

bool overlap(const text::ByteRange& a, const Finding& b) { return a.begin < b.end && b.begin < a.end; }

double rounded(double value) { return std::round(value * 10'000) / 10'000; }

void count_span(Tally& tally, bool expected, bool found) {
  tally.of_spans = true;
  tally.count(expected, found);
}

// What a set of tagged words tells apart; other findings in it are not judged.
constexpr std::array<std::string_view, 3> kTagged = {"PERSON", "LOCATION", "ORGANIZATION"};

void drop_unasked(const EvalRow& row, std::vector<EvalRow::Span>& found) {
  if (row.task != EvalRow::Task::tagged) return;
  std::erase_if(found, [](const auto& span) { return std::ranges::find(kTagged, span.type) == kTagged.end(); });
}

// A finding that says more than a set asks for counts as what the set calls it: a German postcode as a postal code, a
// date of birth as a date, unless the row tells the two apart.
void take_as_wanted(const EvalRow& row, std::vector<EvalRow::Span>& found) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kMoreThan = {
      {{"UK_POSTCODE", "POSTAL_CODE"},
       {"DE_PLZ", "POSTAL_CODE"},
       {"CA_POSTAL_CODE", "POSTAL_CODE"},
       {"DATE_OF_BIRTH", "DATE"}}};
  for (auto& span : found) {
    const auto* more = std::ranges::find(kMoreThan, span.type, &std::pair<std::string_view, std::string_view>::first);
    if (more == kMoreThan.end()) continue;
    if (std::ranges::find(row.spans, span.type, &EvalRow::Span::type) == row.spans.end()) span.type = more->second;
  }
}

}  // namespace

Evaluation::Evaluation(std::shared_ptr<const guard::DetectorSet> detectors, const Options& options)
    : inspector_(std::move(detectors)), options_(options) {
  if (options_.semantics == nullptr) return;
  oracle_ = std::make_unique<DirectOracle>(*options_.semantics);
  models_ = options_.semantics->models();
}

guard::Findings& Evaluation::look(const EvalRow& row, const EvalRow::Part& part, Direction direction,
                                  guard::DetectorMask wanted, With with) {
  guard::Look look{.text = part.text, .direction = direction, .role = part.role, .kind = part.kind};
  look.context = row.beside(part);
  if (with == With::models) look.meaning = oracle_.get();
  inspector_.look(look, wanted, findings_);
  return findings_;
}

bool Evaluation::add(const EvalRow& row) {
  ++rows_;
  last_.clear();
  bool right = false;
  switch (row.task) {
    case EvalRow::Task::attack:
      right = add_attack(row);
      break;
    case EvalRow::Task::spans:
    case EvalRow::Task::tagged:
      right = add_spans(row);
      break;
    case EvalRow::Task::matches:
      right = add_matches(row);
      break;
    case EvalRow::Task::payload:
      right = add_payload(row);
      break;
    case EvalRow::Task::pair:
      break;  // EmbeddingCurve's
  }
  // Its readings were of this row alone; its texts are new to the next.
  if (oracle_) oracle_->forget();
  return right;
}

Evaluation::Strongest Evaluation::strongest(const EvalRow& row, With with) {
  Strongest most;
  const bool answers = options_.family == Family::unsafe_output;
  const auto wanted = inspector_.detectors().of_family(options_.family);
  for (const auto& each : row.parts) {
    EvalRow::Part part = each;
    if (answers) part.role = llm::Role::assistant;
    for (const Finding& finding :
         look(row, part, answers ? Direction::response : Direction::request, wanted, with).list()) {
      if (finding.score > most.score) most = {finding.score, finding.detector};
    }
  }
  return most;
}

bool Evaluation::add_attack(const EvalRow& row) {
  const auto before = std::chrono::steady_clock::now();
  const auto [score, by] = strongest(row, With::models);
  milliseconds_.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - before).count());
  if (!row.label) return true;
  const bool found = score >= options_.attack;
  all_.count(*row.label, found);
  if (!row.source.empty()) by_source_[row.source].count(*row.label, found);
  if (!row.kind.empty()) by_type_[row.kind].count(*row.label, found);
  last_ = fmt::format("expected {}, score {:.3f}{}{}", *row.label ? "an attack" : "none", score,
                      by.empty() ? "" : " by ", by);
  if (models_ && options_.family == Family::injection) compare_attack(row, score);
  return found == *row.label;
}

void Evaluation::compare_attack(const EvalRow& row, float all) {
  const auto count = [&](Variant variant, float score, float threshold) {
    comparison_.count(variant, row.source, *row.label, score >= threshold);
  };
  count(Variant::patterns, strongest(row, With::patterns).score, options_.attack);
  count(Variant::all, all, options_.attack);
  count(Variant::all_strict, all, options_.strict);
  float linear = 0;
  float encoder = 0;
  for (const auto& part : row.parts) {
    // As the detectors have it: system texts are the operator's own.
    if (part.role == llm::Role::system) continue;
    if (models_->linear) {
      const auto scores = models_->linear->score(part.text);
      linear = std::max(linear, models_->linear->injection_probability(scores.injection));
    }
    if (!models_->injection) continue;
    const auto read = read_alone(*models_->injection, part.text, ml::Want::injection, row.beside(part));
    if (!read) {
      ++failures_;
      continue;
    }
    encoder = std::max(encoder, read->reading.injection);
    lengths_.add(read->tokens, read->milliseconds);
  }
  if (models_->linear) count(Variant::linear, linear, options_.attack);
  if (models_->injection) count(Variant::encoder, encoder, options_.attack);
}

bool Evaluation::add_payload(const EvalRow& row) {
  // As an answer would hold it.
  const auto before = std::chrono::steady_clock::now();
  EvalRow::Part part = row.parts.front();
  part.role = llm::Role::assistant;
  float score = 0;
  for (const Finding& finding :
       look(row, part, Direction::response, inspector_.detectors().of_family(Family::unsafe_output), With::models)
           .list()) {
    score = std::max(score, finding.score);
  }
  milliseconds_.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - before).count());
  const bool found = score >= options_.entity;
  entities_ = true;
  all_.count(true, found);
  by_source_[row.source].count(true, found);
  by_type_[row.kind].count(true, found);
  last_ = fmt::format("expected {}, score {:.3f}", row.kind, score);
  return found;
}

std::vector<EvalRow::Span> Evaluation::entities(const EvalRow& row, With with) {
  std::vector<EvalRow::Span> spans;
  const auto wanted = inspector_.detectors().of_family(Family::pii);
  for (const Finding& finding : look(row, row.parts.front(), Direction::request, wanted, with).list()) {
    if (finding.score < options_.entity) continue;
    spans.push_back({our_entity(finding.entity), {finding.begin, finding.end}});
  }
  take_as_wanted(row, spans);
  drop_unasked(row, spans);
  return spans;
}

bool Evaluation::add_spans(const EvalRow& row) {
  entities_ = true;
  exact_ = row.task == EvalRow::Task::tagged;
  const auto before = std::chrono::steady_clock::now();
  const auto found = entities(row, With::models);
  milliseconds_.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - before).count());
  bool right = true;
  match_spans(row.spans, found, exact_ ? SpanRule::exact : SpanRule::overlap,
              [&](const std::string& type, bool expected, bool hit) {
                count_span(all_, expected, hit);
                count_span(by_type_[type], expected, hit);
                if (!row.source.empty()) count_span(by_source_[row.source], expected, hit);
                if (expected == hit) return;
                right = false;
                last_ += fmt::format("{} {}; ", expected ? "missed" : "none, but", type);
              });
  match_spans(row.spans, found, exact_ ? SpanRule::overlap : SpanRule::exact,
              [&](const std::string& type, bool expected, bool hit) {
                count_span(other_all_, expected, hit);
                count_span(other_rule_[type], expected, hit);
              });
  if (models_) compare_spans(row, found);
  return right;
}

void Evaluation::compare_spans(const EvalRow& row, const std::vector<EvalRow::Span>& all) {
  const SpanRule rule = exact_ ? SpanRule::exact : SpanRule::overlap;
  comparison_.of_spans();
  const auto count = [&](Variant variant, const std::vector<EvalRow::Span>& found) {
    match_spans(row.spans, found, rule, [&](const std::string& type, bool expected, bool hit) {
      comparison_.count(variant, type, expected, hit);
    });
  };
  count(Variant::patterns, entities(row, With::patterns));
  count(Variant::all, all);
  if (!models_->entities) return;
  const auto read = read_alone(*models_->entities, row.parts.front().text, ml::Want::entities);
  if (!read) {
    ++failures_;
    return;
  }
  lengths_.add(read->tokens, read->milliseconds);
  std::vector<EvalRow::Span> spans;
  for (const ml::EntitySpan& span : read->reading.entities) {
    if (span.score >= options_.entity) spans.push_back({our_entity(span.entity), {span.begin, span.end}});
  }
  take_as_wanted(row, spans);
  drop_unasked(row, spans);
  count(Variant::encoder, spans);
}

bool Evaluation::add_matches(const EvalRow& row) {
  matches_ = true;
  const auto before = std::chrono::steady_clock::now();
  auto list = look(row, row.parts.front(), Direction::request, inspector_.detectors().all(), With::models).list();
  milliseconds_.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - before).count());
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

std::string Evaluation::to_json(const std::function<void(json::Writer&)>& members) const {
  std::string out;
  json::Writer writer(out);
  const auto table = [&](std::string_view name, const std::map<std::string, Tally>& tallies) {
    writer.key(name).begin_object();
    for (const auto& [key, tally] : tallies) {
      writer.key(key).begin_object();
      tally.write(writer);
      writer.end_object();
    }
    writer.end_object();
  };
  writer.begin_object();
  all_.write(writer);
  table("by_source", by_source_);
  table("by_type", by_type_);
  if (other_all_.all() > 0) {
    writer.key(exact_ ? "overlap" : "exact").begin_object();
    other_all_.write(writer);
    table("by_type", other_rule_);
    writer.end_object();
  }
  if (!comparison_.empty()) {
    writer.key("comparison").begin_object();
    comparison_.write(writer, entities_ ? "by_type" : "by_source");
    writer.end_object();
  }
  writer.key("threshold").number(rounded(matches_ ? options_.matches : entities_ ? options_.entity : options_.attack));
  if (unreadable_ > 0) writer.key("unreadable").unsigned_integer(unreadable_);
  if (failures_ > 0) writer.key("failures").unsigned_integer(failures_);
  if (!milliseconds_.empty()) {
    writer.key("p50_ms").number(rounded(percentile(milliseconds_, 0.5)));
    writer.key("p99_ms").number(rounded(percentile(milliseconds_, 0.99)));
  }
  if (!lengths_.empty()) {
    writer.key("encoder_latency");
    lengths_.write(writer);
  }
  if (members) members(writer);
  writer.end_object();
  return out;
}

std::string Evaluation::to_text() const {
  std::string out = fmt::format("{:32} {:>6} {:>7} {:>14} {:>9} {:>6} {:>6} {:>7} {:>14}\n", "", "n", "found", "95%",
                                "precision", "F1", "F2", "alarms", "95%");
  const auto line = [&](std::string_view name, const Tally& tally) {
    const auto share = [](std::uint64_t part, std::uint64_t of) {
      return of == 0 ? std::string("-")
                     : fmt::format("{:.1f}%", 100.0 * static_cast<double>(part) / static_cast<double>(of));
    };
    const auto interval = [](std::uint64_t part, std::uint64_t of) {
      if (of == 0) return std::string();
      const Interval between = wilson(part, of);
      return fmt::format("{:.1f}-{:.1f}%", 100 * between.low, 100 * between.high);
    };
    const auto f = [&](double beta) {
      return tally.positives() == 0 ? std::string("-") : fmt::format("{:.3f}", tally.f(beta));
    };
    const std::uint64_t clear = tally.of_spans ? 0 : tally.negatives();
    out += fmt::format("{:32} {:>6} {:>7} {:>14} {:>9} {:>6} {:>6} {:>7} {:>14}\n", name.substr(0, 32), tally.all(),
                       share(tally.true_positive, tally.positives()), interval(tally.true_positive, tally.positives()),
                       share(tally.true_positive, tally.true_positive + tally.false_positive), f(1), f(2),
                       share(tally.false_positive, clear), interval(tally.false_positive, clear));
  };
  for (const auto& [key, tally] : by_source_) line(key, tally);
  for (const auto& [key, tally] : by_type_) line("  " + key, tally);
  line("all", all_);
  if (other_all_.all() > 0) {
    out += exact_ ? "\nBy overlap\n" : "\nExact\n";
    for (const auto& [key, tally] : other_rule_) line("  " + key, tally);
    line("all", other_all_);
  }
  if (!comparison_.empty()) out += "\n" + comparison_.to_text(entities_ ? "by type" : "found / false alarms");
  if (!lengths_.empty()) out += "\n" + lengths_.to_text();
  return out;
}

}  // namespace gatehouse::app
