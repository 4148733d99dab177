#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/llm/dialect.h"

namespace gatehouse::app::selftest {

enum class Scenario : std::uint8_t {
  chat,
  stream,
  tools,
  tools_stream,
  tool_result,
  schema,
  image,
  max_tokens,
  translation,
  wrong_model,
};
inline constexpr std::size_t kScenarios = static_cast<std::size_t>(Scenario::wrong_model) + 1;
std::string_view name(Scenario scenario);

enum class Verdict : std::uint8_t { ok, refused, failed };
std::string_view name(Verdict verdict);

struct Outcome {
  Verdict verdict = Verdict::ok;
  std::string reason{};  // of refused and failed; of ok a remark, or empty
};

// What came of one model asked in one dialect.
struct Row {
  llm::Dialect front = llm::Dialect::openai_chat;
  std::string model{};
  std::array<Outcome, kScenarios> outcomes{};
  std::vector<std::string> dropped{};  // members that x-gatehouse-dropped named, each once

  Outcome& of(Scenario scenario) { return outcomes[static_cast<std::size_t>(scenario)]; }
  const Outcome& of(Scenario scenario) const { return outcomes[static_cast<std::size_t>(scenario)]; }
  void drop(std::string_view list);  // names divided by commas
};

struct Spent {
  std::uint64_t requests = 0;
  std::uint64_t prompt_tokens = 0;
  std::uint64_t completion_tokens = 0;
  std::uint64_t answers = 0;  // that had tokens
  std::uint64_t priced = 0;   // of these, that told their cost
  double usd = 0;             // of the priced
};

struct Report {
  std::vector<Row> rows{};
  Spent spent{};

  std::size_t count(Verdict verdict) const;
  // Nothing failed, and at least one model answered at all: a run in which everything was refused proves nothing.
  bool good() const;
  std::string to_text() const;
  std::string to_json() const;  // one object
};

}  // namespace gatehouse::app::selftest
