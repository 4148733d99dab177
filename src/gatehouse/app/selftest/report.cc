#include "gatehouse/app/selftest/report.h"

#include <algorithm>

#include <fmt/format.h>

#include "gatehouse/base/strings.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::app::selftest {
namespace {

// Reasons may be a provider's words: one line, and nothing that steers a terminal.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) out.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c);
  return out;
}

// Of a column; the last needs no blanks behind it.
std::size_t width_of(std::size_t scenario) {
  if (scenario + 1 == kScenarios) return 0;
  return std::max(name(static_cast<Scenario>(scenario)).size(), name(Verdict::refused).size());
}

std::string_view cell(const Outcome& outcome) {
  return outcome.verdict == Verdict::failed ? "FAILED" : name(outcome.verdict);
}

}  // namespace

std::string_view name(Scenario scenario) {
  constexpr std::array<std::string_view, kScenarios> kNames{"chat",        "stream",     "tools", "tools_stream",
                                                            "tool_result", "schema",     "image", "max_tokens",
                                                            "translation", "wrong_model"};
  return kNames[static_cast<std::size_t>(scenario)];
}

std::string_view name(Verdict verdict) {
  constexpr std::array<std::string_view, 3> kNames{"ok", "refused", "failed"};
  return kNames[static_cast<std::size_t>(verdict)];
}

void Row::drop(std::string_view list) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    const std::string_view member = base::trim(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (!member.empty() && std::ranges::find(dropped, member) == dropped.end()) dropped.emplace_back(member);
  }
}

std::size_t Report::count(Verdict verdict) const {
  std::size_t count = 0;
  for (const Row& row : rows) {
    count += static_cast<std::size_t>(std::ranges::count(row.outcomes, verdict, &Outcome::verdict));
  }
  return count;
}

bool Report::good() const {
  const auto answered = [](const Row& row) { return row.of(Scenario::chat).verdict == Verdict::ok; };
  return count(Verdict::failed) == 0 && std::ranges::any_of(rows, answered);
}

std::string Report::to_text() const {
  std::size_t widest = 5;
  for (const Row& row : rows) widest = std::max(widest, printable(row.model).size());
  std::string out = fmt::format("{:<16}  {:<{}}", "front", "model", widest);
  for (std::size_t i = 0; i < kScenarios; ++i) {
    out += fmt::format("  {:<{}}", name(static_cast<Scenario>(i)), width_of(i));
  }
  std::string reasons;
  std::string dropped;
  for (const Row& row : rows) {
    const std::string model = printable(row.model);
    out += fmt::format("\n{:<16}  {:<{}}", llm::name(row.front), model, widest);
    for (std::size_t i = 0; i < kScenarios; ++i) {
      const auto scenario = static_cast<Scenario>(i);
      const Outcome& outcome = row.of(scenario);
      out += fmt::format("  {:<{}}", cell(outcome), width_of(i));
      if (outcome.reason.empty()) continue;
      reasons += fmt::format("{}  {}  {}  {}: {}\n", cell(outcome), llm::name(row.front), model, name(scenario),
                             printable(outcome.reason));
    }
    if (!row.dropped.empty()) {
      dropped += fmt::format("dropped  {}  {}: {}\n", llm::name(row.front), model,
                             printable(fmt::format("{}", fmt::join(row.dropped, ", "))));
    }
  }
  out += '\n';
  if (!reasons.empty()) out += "\n" + reasons;
  if (!dropped.empty()) out += "\n" + dropped;
  out += fmt::format("\n{} ok, {} refused, {} failed; {} requests, {} prompt and {} completion tokens, {:.6f} USD",
                     count(Verdict::ok), count(Verdict::refused), count(Verdict::failed), spent.requests,
                     spent.prompt_tokens, spent.completion_tokens, spent.usd);
  if (spent.priced < spent.answers)
    out += fmt::format(" and what {} answers did not tell", spent.answers - spent.priced);
  out += '\n';
  if (!good() && count(Verdict::failed) == 0) out += "no model answered a plain chat: nothing is proven\n";
  return out;
}

std::string Report::to_json() const {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("ok").boolean(good()).key("results").begin_array();
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < kScenarios; ++i) {
      const Outcome& outcome = row.outcomes[i];
      writer.begin_object().key("front").string(llm::name(row.front)).key("model").string(row.model);
      writer.key("scenario").string(name(static_cast<Scenario>(i))).key("result").string(name(outcome.verdict));
      if (!outcome.reason.empty()) writer.key("reason").string(outcome.reason);
      writer.end_object();
    }
  }
  writer.end_array().key("dropped").begin_array();
  for (const Row& row : rows) {
    if (row.dropped.empty()) continue;
    writer.begin_object().key("front").string(llm::name(row.front)).key("model").string(row.model).key("members");
    writer.begin_array();
    for (const auto& member : row.dropped) writer.string(member);
    writer.end_array().end_object();
  }
  writer.end_array();
  for (const auto verdict : {Verdict::ok, Verdict::refused, Verdict::failed}) {
    writer.key(fmt::format("{}_count", name(verdict))).unsigned_integer(count(verdict));
  }
  writer.key("requests").unsigned_integer(spent.requests);
  writer.key("prompt_tokens").unsigned_integer(spent.prompt_tokens);
  writer.key("completion_tokens").unsigned_integer(spent.completion_tokens);
  writer.key("cost_usd").number(spent.usd);
  writer.key("answers_without_cost").unsigned_integer(spent.answers - spent.priced);
  writer.end_object();
  return out;
}

}  // namespace gatehouse::app::selftest
