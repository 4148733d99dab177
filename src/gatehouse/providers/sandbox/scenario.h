#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "gatehouse/providers/sandbox/refusal.h"

namespace gatehouse::providers::sandbox {

// What a model of the sandbox does.
enum class Act : std::uint8_t {
  answer,
  embed,
  slow,
  fail_429,
  fail_500,
  fail_503,
  timeout,
  broken_stream,
  stream_error,
  empty,
  long_answer,
  pii,
  injection,
  secret,
};

struct ModelInfo {
  std::string_view name;
  Act act;
};
// All that have a name of their own, in the order of the list of models.
std::span<const ModelInfo> models();

// A model's act with the numbers that may stand behind its name ("sandbox-slow:first=2000,pace=5").
struct Scenario {
  Act act = Act::answer;
  std::optional<std::chrono::milliseconds> first_token;  // first=, milliseconds
  std::optional<double> tokens_per_second;               // pace=
  std::optional<std::uint32_t> retry_after;              // retry_after=, seconds
  std::size_t tokens_before = 3;                         // after=, tokens before a stream breaks
};

// Any name that does not begin with "sandbox" is answered as `sandbox` is, so that an application can be pointed
// here as it is. Refuses unknown sandbox models (404) and bad numbers (400).
Checked<Scenario> find_scenario(std::string_view model);

}  // namespace gatehouse::providers::sandbox
