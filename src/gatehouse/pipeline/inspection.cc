#include "gatehouse/pipeline/inspection.h"

#include <algorithm>
#include <utility>

#include "gatehouse/json/writer.h"

namespace gatehouse::pipeline {

std::uint32_t Guarding::models() {
  if (semantics == nullptr) return models_changed;
  const auto now = semantics->models();
  if (now.owner_before(models_seen) || models_seen.owner_before(now)) {
    models_seen = now;
    ++models_changed;
  }
  return models_changed;
}

std::unique_ptr<ml::Inquiry> Guarding::inquire(ml::Wants allowed) {
  if (semantics == nullptr || allowed.empty()) return nullptr;
  const auto set = semantics->models();
  if (set == nullptr || (set->answers() & allowed).empty()) return nullptr;
  return std::make_unique<ml::Inquiry>(*semantics, allowed);
}

std::optional<base::Secret> VaultRestoring::operator()(const guard::TokenId& id) {
  auto cached = vault_.find_cached(tenant_, scope_, id, now_);
  if (cached.state != guard::Vault::Cached::State::found) return std::nullopt;
  return std::move(cached.value);
}

std::size_t VaultRestoring::find(std::string_view text, std::size_t from, bool complete, llm::SegmentKind kind,
                                 const guard::JsonNesting& begin, std::vector<guard::TextEdit>& out) {
  found_.clear();
  const std::size_t frontier = restorer_.look(text, from, complete, kind, found_, begin);
  for (const auto& restoration : found_) {
    out.push_back(
        {restoration.offset, restoration.offset + restoration.length, std::string(restoration.value.reveal())});
  }
  return frontier;
}

std::string_view name(Repair::Outcome outcome) {
  switch (outcome) {
    case Repair::Outcome::repaired:
      return "repaired";
    case Repair::Outcome::missed:
      return "missed";
    case Repair::Outcome::unaffordable:
      return "unaffordable";
    case Repair::Outcome::failed:
      return "failed";
    case Repair::Outcome::none:
      break;
  }
  return {};
}

std::vector<const CalloutLine*> Inspection::callouts(guard::Direction direction) const {
  std::vector<const CalloutLine*> asked;
  for (const std::string_view name : rules->callouts()) {
    for (const CalloutLine& line : guarding.callouts) {
      const config::Callout& settings = *line.settings;
      const bool concerned = direction == guard::Direction::request ? settings.request : settings.response;
      if (concerned && settings.name == name) asked.push_back(&line);
    }
  }
  return asked;
}

bool Inspection::fails_closed(guard::Direction direction) const {
  return rules->fails_closed(direction) || std::ranges::any_of(callouts(direction), [](const CalloutLine* line) {
           return line->settings->on_failure == config::GuardFailure::closed;
         });
}

std::string_view Inspection::verdict() const {
  if (decisions.failed_closed() || answer_stopped || ended) return "block";
  const guard::Action strictest = decisions.strictest();
  // What is only logged does not show.
  return strictest <= guard::Action::log ? std::string_view("allow") : guard::name(strictest);
}

std::string Inspection::blocked_detail(std::string_view what) const {
  std::string detail = "The " + std::string(what) + " was blocked by policy";
  const std::string by = decisions.blockers();
  if (!by.empty()) {
    detail += ": " + by;
  } else if (!decisions.failure().empty()) {
    detail += ": it could not be judged (" + std::string(decisions.failure()) + ")";
  }
  return detail;
}

void Inspection::append_findings(std::string& out) const {
  json::Writer writer(out);
  writer.begin_array();
  for (const guard::Decision& decision : decisions.list()) {
    writer.begin_object();
    writer.key("detector").string(decision.finding.detector);
    writer.key("entity").string(decision.finding.entity);
    writer.key("action").string(guard::name(decision.ruling.action));
    if (decision.ruling.monitored > decision.ruling.action) {
      writer.key("monitored").string(guard::name(decision.ruling.monitored));
    }
    if (decision.ruling.shadow > decision.ruling.action) {
      writer.key("shadow").string(guard::name(decision.ruling.shadow));
    }
    if (decision.ruling.by != nullptr) writer.key("policy").string(decision.ruling.by->policy->name);
    writer.key("direction").string(guard::name(decision.direction));
    writer.key("role").string(llm::name(decision.role));
    writer.key("kind").string(llm::name(decision.kind));
    writer.key("place").unsigned_integer(decision.place);
    writer.key("begin").unsigned_integer(decision.finding.begin);
    writer.key("end").unsigned_integer(decision.finding.end);
    writer.key("score").number(static_cast<double>(static_cast<int>(decision.finding.score * 1000 + 0.5F)) / 1000);
    if (decision.finding.view != text::ViewKind::original) {
      writer.key("view").string(text::name(decision.finding.view));
    }
    if (!decision.value.empty()) writer.key("value").string(decision.value);
    writer.end_object();
  }
  writer.end_array();
}

void Inspection::append_policies(std::string& out) const {
  json::Writer writer(out);
  writer.begin_array();
  for (const config::Policy* policy : rules->policies()) writer.string(policy->name);
  writer.end_array();
}

}  // namespace gatehouse::pipeline
