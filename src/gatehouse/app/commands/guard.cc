#include "gatehouse/app/commands/guard.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "gatehouse/app/commands/guard_eval.h"
#include "gatehouse/app/commands/guard_models.h"
#include "gatehouse/app/commands/guard_replay.h"
#include "gatehouse/app/commands/text_input.h"
#include "gatehouse/app/eval/direct_oracle.h"
#include "gatehouse/app/guards_of.h"
#include "gatehouse/base/ids.h"
#include "gatehouse/config/load.h"
#include "gatehouse/dialects/segments.h"
#include "gatehouse/guard/request_guard.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::app {
namespace {

int say_error(const std::string& text) {
  std::fprintf(stderr, "gatehouse: %s\n", text.c_str());
  return 2;
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

int list_entities(const GuardOptions& options) {
  auto snapshot = load_guard_config(options.config);
  if (!snapshot) return say_error(snapshot.error().detail);
  auto detectors = builtin_detectors(**snapshot);
  if (!detectors) return say_error(detectors.error().detail);
  const guard::DetectorSet& set = **detectors;
  std::string out;
  for (std::size_t i = 0; i < set.size(); ++i) {
    for (const auto& info : set[i].entities()) {
      if (options.json) {
        json::Writer writer(out);
        writer.begin_object();
        writer.key("entity").string(info.entity);
        writer.key("family").string(guard::name(set[i].family()));
        writer.key("detector").string(set[i].name());
        if (!info.region.empty()) writer.key("region").string(info.region);
        writer.key("description").string(info.description);
        writer.end_object();
        out += '\n';
      } else {
        out += fmt::format("{:14} {:34} {:3} {}\n", guard::name(set[i].family()), info.entity, info.region,
                           info.description);
      }
    }
  }
  print(out);
  return 0;
}

// What stands for values here has no vault behind it: a key of this call's own.
std::shared_ptr<guard::Keyring> passing_keys() {
  std::vector<guard::MasterKey> masters;
  std::string secret(32, '\0');
  base::random_bytes(secret.data(), secret.size());
  masters.push_back({.id = 1, .secret = base::Secret(std::move(secret))});
  return *guard::Keyring::make(std::move(masters));
}

llm::Role role_of(std::string_view name) {
  for (const auto role : {llm::Role::system, llm::Role::user, llm::Role::assistant, llm::Role::tool}) {
    if (llm::name(role) == name) return role;
  }
  return llm::Role::none;
}

void write_decision(json::Writer& writer, const guard::Decision& decision) {
  writer.begin_object();
  writer.key("entity").string(decision.finding.entity);
  writer.key("detector").string(decision.finding.detector);
  writer.key("begin").unsigned_integer(decision.finding.begin);
  writer.key("end").unsigned_integer(decision.finding.end);
  writer.key("score").number(static_cast<double>(decision.finding.score));
  writer.key("view").string(text::name(decision.finding.view));
  writer.key("action").string(guard::name(decision.ruling.action));
  if (decision.ruling.by != nullptr) writer.key("policy").string(decision.ruling.by->policy->name);
  writer.end_object();
}

int test(const GuardOptions& options) {
  auto snapshot = load_guard_config(options.config);
  if (!snapshot) return say_error(snapshot.error().detail);
  auto input = read_input(options.file);
  if (!input) return say_error(input.error().detail);
  while (!options.request && (input->ends_with('\n') || input->ends_with('\r'))) input->pop_back();

  // Without policies everything that is found is told.
  auto plan = guards_of(**snapshot);
  if (!plan) return say_error(plan.error().detail);
  if (!plan->detectors) {
    auto detectors = builtin_detectors(**snapshot);
    if (!detectors) return say_error(detectors.error().detail);
    plan->detectors = std::move(*detectors);
  }
  guard::PolicySet policies(plan->policies, plan->detectors);
  guard::Asked asked;
  asked.team = options.team;
  asked.model = options.model;
  asked.operation = "chat_completions";
  asked.now = std::chrono::system_clock::now();
  const auto rules = policies.find(asked);
  guard::Inspector inspector(plan->detectors);
  auto semantics = open_guard_models(**snapshot, options.models);
  if (!semantics) return say_error(semantics.error().detail);
  const auto direction = options.response ? guard::Direction::response : guard::Direction::request;
  std::unique_ptr<DirectOracle> oracle;
  if (auto* service = (*semantics)->service()) {
    // As the policies have it; where there are none, all is told.
    oracle =
        std::make_unique<DirectOracle>(*service, rules->empty() ? DirectOracle::kEverything : rules->asks(direction));
  }

  llm::SegmentList list;
  if (options.request) {
    if (auto valid = json::validate(*input); !valid) return say_error("the input is no JSON: " + valid.error().detail);
    dialects::read_segments(llm::Operation::chat_completions, *input, list);
  } else {
    const llm::Role role = role_of(options.role);
    if (role == llm::Role::none) return say_error("--role is system, user, assistant or tool");
    list.segments.push_back({.role = role, .length = 1, .text = *input});
  }
  std::string context;
  for (const auto& segment : list.segments) {
    if (segment.role == llm::Role::system && segment.kind == llm::SegmentKind::text) {
      context.append(context.empty() ? "" : "\n").append(segment.text);
    }
  }
  const auto keys = passing_keys();
  guard::Redaction redaction(keys.get(), nullptr, {.tenant = "test", .conversation = {}, .owner = {}},
                             std::chrono::system_clock::now());
  guard::Findings findings;
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  writer.key("texts").begin_array();
  guard::Action strictest = guard::Action::allow;
  bool failed = false;
  for (const auto& segment : list.segments) {
    if (segment.text.empty()) continue;
    guard::Look look{.text = segment.text, .direction = direction, .role = segment.role, .kind = segment.kind};
    look.meaning = oracle.get();
    if (segment.role == llm::Role::user && segment.kind == llm::SegmentKind::text) look.context = context;
    inspector.look(look, plan->detectors->all(), findings);
    failed = failed || !findings.failure().empty();
    std::vector<guard::Decision> decisions;
    for (const auto& finding : findings.list()) {
      guard::Decision decision{.finding = finding,
                               .ruling = rules->judge(finding, direction),
                               .direction = direction,
                               .role = segment.role,
                               .kind = segment.kind,
                               .place = 0,
                               .value = {}};
      strictest = std::max(strictest, decision.ruling.action);
      // Tokens need a vault; what they would look like is told by a placeholder.
      if (decision.ruling.style == guard::RedactStyle::token) decision.ruling.style = guard::RedactStyle::placeholder;
      decisions.push_back(std::move(decision));
    }
    if (decisions.empty() && options.request) continue;
    writer.begin_object();
    writer.key("role").string(llm::name(segment.role));
    writer.key("kind").string(llm::name(segment.kind));
    writer.key("findings").begin_array();
    for (const auto& decision : decisions) write_decision(writer, decision);
    writer.end_array();
    if (auto edits = guard::plan_edits(segment.text, segment.kind, decisions, redaction); edits && !edits->empty()) {
      std::string text;
      std::size_t at = 0;
      for (const auto& edit : *edits) {
        text.append(segment.text.substr(at, edit.begin - at)).append(edit.text);
        at = edit.end;
      }
      text.append(segment.text.substr(at));
      writer.key("text").string(text);
    }
    writer.end_object();
    if (!options.json) {
      for (const auto& decision : decisions) {
        print(fmt::format("{:8} {:34} {:5.2f} {:>6}-{:<6} {} {}\n",
                          rules->empty() ? "" : guard::name(decision.ruling.action), decision.finding.entity,
                          decision.finding.score, decision.finding.begin, decision.finding.end,
                          text::name(decision.finding.view), decision.finding.detector));
      }
    }
  }
  writer.end_array();
  writer.key("verdict").string(rules->empty() ? "" : guard::name(strictest));
  writer.key("complete").boolean(!failed);
  write_models(writer, **semantics);
  writer.end_object();
  if (options.json) print(out + "\n");
  return strictest >= guard::Action::redact ? 1 : 0;
}

}  // namespace

CLI::App* add_guard_command(CLI::App& app, GuardOptions& options) {
  auto* command = app.add_subcommand("guard", "what guards find, tried without a gateway running");
  command->require_subcommand(1);
  auto* entities = command->add_subcommand("entities", "list everything that is looked for");
  auto* test_command = command->add_subcommand(
      "test", "look at one text, or with --request at a request's body; exit 1 if policy redacts or blocks");
  test_command->add_option("file", options.file, "what to read; - for standard input");
  test_command->add_flag("--request", options.request, "the input is the JSON body of a chat completion");
  test_command->add_flag("--response", options.response, "as part of an answer");
  test_command->add_option("--role", options.role, "whose words: system, user, assistant, tool");
  test_command->add_option("--team", options.team, "as a caller of this team");
  test_command->add_option("-m,--model", options.model, "for this model");
  auto* eval = command->add_subcommand("eval", "measure detectors on JSON lines whose answer is known");
  eval->add_option("rows", options.rows, "a file of JSON lines; - for standard input")->required();
  eval->add_option("-t,--threshold", options.threshold, "count findings from this score on");
  eval->add_option("--family", options.family, "of rows with a label: injection (the default), unsafe_output, pii ...");
  eval->add_flag("--embedding", options.embedding,
                 "rows {a, b, same}: hits against false hits of the embedding, beside hashed n-grams");
  eval->add_flag("--replay", options.replay,
                 "rows with messages: their turns as requests, one after the other, with the memory of texts");
  eval->add_flag("--wrong", options.list_wrong, "tell each row that was answered wrong, on standard error");
  auto* replay = command->add_subcommand(
      "replay", "what a candidate's policies would have done with recorded requests; exit 1 if anything changes");
  replay->add_option("rows", options.rows, "JSON lines: requests, or {request, response, team, model ...}; - for stdin")
      ->required();
  replay->add_option("--candidate", options.candidate, "the configuration to compare with")->required();
  auto* latency =
      command->add_subcommand("latency", "what the encoder takes at 32, 128 and 512 tokens on this machine");
  for (auto* each : {test_command, eval, replay, latency}) {
    each->add_option("--models", options.models.folder, "a model's folder in place of the configured ones");
    each->add_flag("--no-models", options.models.none, "patterns alone");
    each->add_flag("--no-linear", options.models.no_linear, "the encoder reads what the linear model would settle");
  }
  for (auto* each : {entities, test_command, eval, replay, latency}) {
    each->add_option("-c,--config", options.config, "a configuration: its policies and entities");
    each->add_flag("--json", options.json, "JSON only");
  }
  return command;
}

Result<std::shared_ptr<const config::Snapshot>> load_guard_config(const std::string& path) {
  if (path.empty()) return std::make_shared<const config::Snapshot>();
  const auto loaded = config::load(path, config::process_environment());
  if (!loaded.snapshot) {
    return fail(Code::configuration, loaded.problems.empty() ? path : loaded.problems.front().to_string());
  }
  return loaded.snapshot;
}

int run_guard_command(const CLI::App& command, const GuardOptions& options) {
  if (command.got_subcommand("entities")) return list_entities(options);
  if (command.got_subcommand("test")) return test(options);
  if (command.got_subcommand("replay")) return run_guard_replay(options);
  if (command.got_subcommand("latency")) return run_guard_latency(options);
  return run_guard_eval(options);
}

}  // namespace gatehouse::app
