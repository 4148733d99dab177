#include "gatehouse/app/commands/guard_replay.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <optional>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/app/commands/guard.h"
#include "gatehouse/app/commands/guard_models.h"
#include "gatehouse/app/eval/direct_oracle.h"
#include "gatehouse/app/guards_of.h"
#include "gatehouse/dialects/deltas.h"
#include "gatehouse/dialects/segments.h"
#include "gatehouse/guard/answer_text.h"
#include "gatehouse/guard/request_facts.h"
#include "gatehouse/guard/request_guard.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::app {
namespace {

constexpr std::size_t kMostLine = std::size_t{32} << 20;
constexpr std::array<std::string_view, 4> kVerdicts = {"allow", "flag", "redact", "block"};

std::size_t verdict_of(const guard::Decisions& decisions) {
  if (decisions.failed_closed()) return 3;
  switch (decisions.strictest()) {
    case guard::Action::flag:
      return 1;
    case guard::Action::redact:
      return 2;
    case guard::Action::block:
      return 3;
    default:
      return 0;  // what is only logged does not show
  }
}

// What is put in place of values has no keys and no vault behind it here, and does not matter: nothing is sent.
std::shared_ptr<const config::Snapshot> without_keys(const config::Snapshot& snapshot) {
  auto own = std::make_shared<config::Snapshot>(snapshot);
  for (auto& policy : own->policies) {
    auto& guards = policy.guards;
    for (auto* rule :
         {&guards.pii, &guards.secrets, &guards.injection, &guards.leakage, &guards.unsafe_output, &guards.terms}) {
      if (*rule) (*rule)->style = config::RedactStyle::placeholder;
    }
  }
  return own;
}

llm::Operation operation_of(std::string_view name, json::Value request) {
  for (const auto operation : {llm::Operation::chat_completions, llm::Operation::completions, llm::Operation::responses,
                               llm::Operation::embeddings, llm::Operation::moderations}) {
    if (llm::name(operation) == name) return operation;
  }
  if (!name.empty()) return llm::Operation::passthrough;
  if (request["messages"].exists()) return llm::Operation::chat_completions;
  return request["input"].exists() ? llm::Operation::responses : llm::Operation::completions;
}

}  // namespace

// A line that was read.
struct GuardReplay::Row {
  std::string_view request;
  std::string_view response;  // empty: none
  llm::Operation operation = llm::Operation::chat_completions;
  std::string org, unit, team, project, user, key, model, tags;
};

// One that was acted upon.
struct GuardReplay::Found {
  guard::Direction direction = guard::Direction::request;
  std::uint32_t place = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string detector, entity;
  guard::Action action = guard::Action::allow;
  std::string role, kind, policy;

  auto key() const { return std::tie(direction, place, begin, end, detector, entity, action); }
};

struct GuardReplay::Judged {
  std::size_t verdict = 0;
  std::string failure;
  std::vector<Found> found;  // ordered by key
};

struct GuardReplay::Change {
  std::size_t line = 0;
  std::size_t before = 0;
  std::size_t after = 0;
  std::string failure;  // the candidate's
  std::vector<Found> lost;
  std::vector<Found> gained;
};

// One configuration's way of judging.
struct GuardReplay::Side {
  std::shared_ptr<const config::Snapshot> snapshot;
  GuardPlan plan;
  std::unique_ptr<guard::PolicySet> policies;
  std::unique_ptr<guard::Inspector> inspector;
  ml::Service* models = nullptr;

  static Result<std::unique_ptr<Side>> make(const config::Snapshot& snapshot, std::string_view which,
                                            ml::Service* models) {
    auto side = std::make_unique<Side>();
    side->models = models;
    side->snapshot = without_keys(snapshot);
    auto plan = guards_of(*side->snapshot);
    if (!plan) return fail(Code::configuration, fmt::format("{}: {}", which, plan.error().detail));
    side->plan = std::move(*plan);
    if (side->plan.detectors) {
      side->policies = std::make_unique<guard::PolicySet>(side->plan.policies, side->plan.detectors);
      side->inspector = std::make_unique<guard::Inspector>(side->plan.detectors);
    }
    return side;
  }

  Judged judge(const Row& row, base::WallTime now) {
    if (!policies) return {};
    guard::Asked asked;
    asked.org = row.org;
    asked.unit = row.unit;
    asked.team = row.team;
    asked.project = row.project;
    asked.user = row.user;
    asked.key = row.key;
    asked.model = row.model;
    asked.operation = llm::name(row.operation);
    asked.tags = row.tags;
    asked.now = now;
    const auto rules = policies->find(asked);
    if (rules->empty()) return {};
    llm::SegmentList segments;
    dialects::read_segments(row.operation, row.request, segments);
    guard::Decisions decisions;
    guard::Redaction redaction(nullptr, nullptr, {.tenant = "replay", .conversation = {}, .owner = {}}, now);
    guard::RequestGuard guard(*rules, *inspector, redaction, nullptr, false);
    std::optional<DirectOracle> oracle;
    if (models != nullptr) {
      oracle.emplace(*models, rules->asks(guard::Direction::request));
      guard.ask(*oracle, 1);
    }
    if (segments.unread > 0) {
      decisions.add_failure("texts given as token numbers are not looked at",
                            rules->fails_closed(guard::Direction::request));
    }
    const bool refused = guard.judge(segments, [] { return false; }, decisions).refused || decisions.failed_closed();
    // A request that is refused has no answer.
    if (!refused && !row.response.empty()) judge_answer(row, segments, *rules, redaction, decisions);
    return told(decisions);
  }

 private:
  void judge_answer(const Row& row, const llm::SegmentList& segments, const guard::Rules& rules,
                    guard::Redaction& redaction, guard::Decisions& decisions) {
    guard::SystemText system;
    for (const auto& segment : segments.segments) {
      if (segment.role == llm::Role::system && segment.kind == llm::SegmentKind::text) system.add(segment.text);
    }
    guard::RequestFacts facts;
    if (!system.empty()) facts.system = &system;
    std::optional<DirectOracle> oracle;
    if (models != nullptr) oracle.emplace(*models, rules.asks(guard::Direction::response));
    const guard::AnswerGuarding guarding{.rules = rules,
                                         .inspector = *inspector,
                                         .redaction = redaction,
                                         .restoring = nullptr,
                                         .facts = &facts,
                                         .decisions = decisions,
                                         .meaning = oracle ? &*oracle : nullptr};
    std::vector<llm::Delta> deltas;
    dialects::DeltaReader reader(row.operation);
    if (!reader.read_body(row.response, deltas)) {
      decisions.add_failure("the answer could not be read", rules.fails_closed(guard::Direction::response));
      return;
    }
    for (std::uint32_t i = 0; i < deltas.size(); ++i) {
      if (deltas[i].kind == llm::SegmentKind::media || deltas[i].text.empty()) continue;
      guard::AnswerText text(deltas[i].kind, i);
      text.append(deltas[i].text);
      if (!text.look(guarding, true)) return;
    }
  }

  static Judged told(const guard::Decisions& decisions) {
    Judged judged;
    judged.verdict = verdict_of(decisions);
    judged.failure = decisions.failure();
    for (const auto& decision : decisions.list()) {
      if (decision.ruling.action < guard::Action::flag) continue;
      const auto* by = decision.ruling.by;
      judged.found.push_back({.direction = decision.direction,
                              .place = decision.place,
                              .begin = decision.finding.begin,
                              .end = decision.finding.end,
                              .detector = std::string(decision.finding.detector),
                              .entity = std::string(decision.finding.entity),
                              .action = decision.ruling.action,
                              .role = std::string(llm::name(decision.role)),
                              .kind = std::string(llm::name(decision.kind)),
                              .policy = by == nullptr ? std::string() : by->policy->name});
    }
    std::ranges::sort(judged.found, [](const Found& a, const Found& b) { return a.key() < b.key(); });
    return judged;
  }
};

GuardReplay::GuardReplay() = default;
GuardReplay::~GuardReplay() = default;

Result<std::unique_ptr<GuardReplay>> GuardReplay::make(const config::Snapshot& live, const config::Snapshot& candidate,
                                                       ml::Service* live_models, ml::Service* candidate_models) {
  std::unique_ptr<GuardReplay> made(new GuardReplay());
  auto before = Side::make(live, "the live configuration", live_models);
  if (!before) return std::unexpected(std::move(before.error()));
  auto after = Side::make(candidate, "the candidate", candidate_models);
  if (!after) return std::unexpected(std::move(after.error()));
  made->live_ = std::move(*before);
  made->candidate_ = std::move(*after);
  return made;
}

Result<bool> GuardReplay::add(std::size_t number, std::string_view line, base::WallTime now) {
  const auto no_row = [&](std::string why) -> Result<bool> {
    ++unread_;
    return fail(Code::invalid_request, std::move(why));
  };
  if (line.size() > kMostLine) return no_row("more than 32 MiB");
  if (auto valid = json::validate(line); !valid) return no_row("no JSON: " + valid.error().detail);
  const json::Value root(line);
  if (!root.is(json::Kind::object)) return no_row("no object");
  const bool wrapped = root["request"].exists();
  const json::Value request = wrapped ? root["request"] : root;
  if (!request.is(json::Kind::object)) return no_row("its request is no object");
  Row row;
  row.request = request.raw();
  row.model = request["model"].string_or("");
  std::string operation;
  if (wrapped) {
    if (root["response"].is(json::Kind::object)) row.response = root["response"].raw();
    for (const auto& [name, into] :
         {std::pair("org", &row.org), std::pair("unit", &row.unit), std::pair("team", &row.team),
          std::pair("project", &row.project), std::pair("user", &row.user), std::pair("key", &row.key),
          std::pair("tags", &row.tags), std::pair("operation", &operation)}) {
      *into = root[name].string_or("");
    }
    if (root["model"].exists()) row.model = root["model"].string_or("");
  }
  row.operation = operation_of(operation, request);
  const Judged before = live_->judge(row, now);
  const Judged after = candidate_->judge(row, now);
  ++requests_;
  ++counts_[before.verdict][after.verdict];
  Change change{.line = number,
                .before = before.verdict,
                .after = after.verdict,
                .failure = after.failure == before.failure ? std::string() : after.failure,
                .lost = {},
                .gained = {}};
  const auto less = [](const Found& a, const Found& b) { return a.key() < b.key(); };
  std::ranges::set_difference(before.found, after.found, std::back_inserter(change.lost), less);
  std::ranges::set_difference(after.found, before.found, std::back_inserter(change.gained), less);
  if (before.verdict == after.verdict && change.lost.empty() && change.gained.empty()) return false;
  ++changed_;
  if (changes_.size() < kMostTold) changes_.push_back(std::move(change));
  return true;
}

std::string GuardReplay::to_text() const {
  std::string out;
  const auto list = [&](char sign, const std::vector<Found>& all) {
    for (const Found& one : all) {
      out += fmt::format("  {} {:6} {} {} {} {} {} {} {}-{}{}\n", sign, guard::name(one.action), one.entity,
                         one.detector, guard::name(one.direction), one.role, one.kind, one.place, one.begin, one.end,
                         one.policy.empty() ? "" : " by " + one.policy);
    }
  };
  for (const Change& change : changes_) {
    out += fmt::format("line {}: {} -> {}\n", change.line, kVerdicts[change.before], kVerdicts[change.after]);
    list('-', change.lost);
    list('+', change.gained);
    if (!change.failure.empty()) out += fmt::format("  ! {}\n", change.failure);
  }
  if (changed_ > changes_.size()) out += fmt::format("and {} more\n", changed_ - changes_.size());
  out += fmt::format("{} requests, {} would change, {} lines could not be read\n", requests_, changed_, unread_);
  out += fmt::format("{:8}{:>10}{:>10}\n", "", "live", "candidate");
  for (std::size_t i = 0; i < kVerdicts.size(); ++i) {
    std::uint64_t before = 0;
    std::uint64_t after = 0;
    for (std::size_t k = 0; k < kVerdicts.size(); ++k) {
      before += counts_[i][k];
      after += counts_[k][i];
    }
    out += fmt::format("{:8}{:>10}{:>10}\n", kVerdicts[i], before, after);
  }
  return out;
}

std::string GuardReplay::to_json() const {
  std::string out;
  json::Writer writer(out);
  const auto list = [&](std::string_view name, const std::vector<Found>& all) {
    writer.key(name).begin_array();
    for (const Found& one : all) {
      writer.begin_object().key("action").string(guard::name(one.action)).key("entity").string(one.entity);
      writer.key("detector").string(one.detector).key("direction").string(guard::name(one.direction));
      writer.key("role").string(one.role).key("kind").string(one.kind).key("place").unsigned_integer(one.place);
      writer.key("begin").unsigned_integer(one.begin).key("end").unsigned_integer(one.end);
      if (!one.policy.empty()) writer.key("policy").string(one.policy);
      writer.end_object();
    }
    writer.end_array();
  };
  writer.begin_object().key("requests").unsigned_integer(requests_).key("unread").unsigned_integer(unread_);
  writer.key("changed").unsigned_integer(changed_).key("verdicts").begin_array();
  for (std::size_t before = 0; before < kVerdicts.size(); ++before) {
    for (std::size_t after = 0; after < kVerdicts.size(); ++after) {
      if (counts_[before][after] == 0) continue;
      writer.begin_object().key("live").string(kVerdicts[before]).key("candidate").string(kVerdicts[after]);
      writer.key("requests").unsigned_integer(counts_[before][after]).end_object();
    }
  }
  writer.end_array().key("changes").begin_array();
  for (const Change& change : changes_) {
    writer.begin_object().key("line").unsigned_integer(change.line);
    writer.key("live").string(kVerdicts[change.before]).key("candidate").string(kVerdicts[change.after]);
    list("lost", change.lost);
    list("gained", change.gained);
    if (!change.failure.empty()) writer.key("failure").string(change.failure);
    writer.end_object();
  }
  writer.end_array().end_object();
  return out;
}

int run_guard_replay(const GuardOptions& options) {
  const auto wrong = [](const std::string& text) {
    std::fprintf(stderr, "gatehouse: %s\n", text.c_str());
    return 2;
  };
  const auto live = load_guard_config(options.config);
  if (!live) return wrong(live.error().detail);
  const auto candidate = load_guard_config(options.candidate);
  if (!candidate) return wrong(candidate.error().detail);
  const auto live_models = open_guard_models(**live, options.models, ModelsFor::policies);
  if (!live_models) return wrong(live_models.error().detail);
  const auto candidate_models = open_guard_models(**candidate, options.models, ModelsFor::policies);
  if (!candidate_models) return wrong(candidate_models.error().detail);
  auto replay = GuardReplay::make(**live, **candidate, (*live_models)->service(), (*candidate_models)->service());
  if (!replay) return wrong(replay.error().detail);
  std::ifstream file;
  if (options.rows != "-") {
    file.open(options.rows, std::ios::binary);
    if (!file) return wrong(options.rows + ": cannot be read");
  }
  std::istream& in = options.rows == "-" ? std::cin : file;
  const base::WallTime now = std::chrono::system_clock::now();
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    if (const auto added = (*replay)->add(number, line, now); !added) {
      std::fprintf(stderr, "line %zu: %s\n", number, added.error().detail.c_str());
    }
  }
  if ((*replay)->requests() == 0) return wrong(options.rows + ": no request could be read");
  const std::string out = options.json ? (*replay)->to_json() + "\n" : (*replay)->to_text();
  std::fwrite(out.data(), 1, out.size(), stdout);
  return (*replay)->changed() > 0 ? 1 : 0;
}

}  // namespace gatehouse::app
