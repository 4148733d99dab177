#include "gatehouse/providers/sandbox/scenario.h"

#include <array>
#include <string>

#include "gatehouse/base/strings.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::providers::sandbox {
namespace {

constexpr std::array kModels = {
    ModelInfo{"sandbox", Act::answer},
    ModelInfo{"sandbox-chat", Act::answer},
    ModelInfo{"sandbox-embed", Act::embed},
    ModelInfo{"sandbox-slow", Act::slow},
    ModelInfo{"sandbox-429", Act::fail_429},
    ModelInfo{"sandbox-500", Act::fail_500},
    ModelInfo{"sandbox-503", Act::fail_503},
    ModelInfo{"sandbox-timeout", Act::timeout},
    ModelInfo{"sandbox-broken-stream", Act::broken_stream},
    ModelInfo{"sandbox-stream-error", Act::stream_error},
    ModelInfo{"sandbox-empty", Act::empty},
    ModelInfo{"sandbox-long", Act::long_answer},
    ModelInfo{"sandbox-pii", Act::pii},
    ModelInfo{"sandbox-injection", Act::injection},
    ModelInfo{"sandbox-secret", Act::secret},
};

constexpr std::uint64_t kMostMilliseconds = 600'000;
constexpr std::uint64_t kMostTokensPerSecond = 1'000'000;
constexpr std::uint64_t kMostSeconds = 86'400;
constexpr std::uint64_t kMostTokens = 1'000'000;

bool set_number(Scenario& scenario, std::string_view name, std::uint64_t value) {
  if (name == "first" && value <= kMostMilliseconds) {
    scenario.first_token = std::chrono::milliseconds(value);
  } else if (name == "pace" && value >= 1 && value <= kMostTokensPerSecond) {
    scenario.tokens_per_second = static_cast<double>(value);
  } else if (name == "retry_after" && value <= kMostSeconds) {
    scenario.retry_after = static_cast<std::uint32_t>(value);
  } else if (name == "after" && value <= kMostTokens) {
    scenario.tokens_before = value;
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::string refusal_body(const Refusal& refusal) {
  std::string out;
  json::Writer writer(out);
  const auto text_or_null = [&](std::string_view key, std::string_view text) {
    writer.key(key);
    if (text.empty()) {
      writer.null();
    } else {
      writer.string(text);
    }
  };
  writer.begin_object().key("error").begin_object();
  writer.key("message").string(refusal.message).key("type").string(refusal.type);
  text_or_null("param", refusal.param);
  text_or_null("code", refusal.code);
  writer.end_object().end_object();
  return out;
}

std::span<const ModelInfo> models() { return kModels; }

Checked<Scenario> find_scenario(std::string_view model) {
  Scenario scenario;
  if (!model.starts_with("sandbox")) return scenario;
  const auto colon = model.find(':');
  const std::string_view name = model.substr(0, colon);
  const ModelInfo* found = nullptr;
  for (const ModelInfo& info : kModels) {
    if (info.name == name) found = &info;
  }
  if (found == nullptr) {
    return std::unexpected(Refusal{.status = 404,
                                   .message = "The model `" + std::string(model.substr(0, 200)) +
                                              "` does not exist or you do not have access to it.",
                                   .code = "model_not_found"});
  }
  scenario.act = found->act;
  if (scenario.act == Act::slow) {
    scenario.first_token = std::chrono::seconds(2);
    scenario.tokens_per_second = 10;
  }
  std::string_view numbers = colon == std::string_view::npos ? std::string_view() : model.substr(colon + 1);
  while (!numbers.empty()) {
    const auto comma = numbers.find(',');
    const std::string_view one = numbers.substr(0, comma);
    const auto equals = one.find('=');
    const auto value = equals == std::string_view::npos ? std::nullopt : base::parse_u64(one.substr(equals + 1));
    if (!value || !set_number(scenario, one.substr(0, equals), *value)) {
      return bad_request(
          "The sandbox knows first=MILLISECONDS (up to 600000), pace=TOKENS_PER_SECOND (1 to 1000000), "
          "retry_after=SECONDS (up to 86400) and after=TOKENS (up to 1000000) behind a model's name, "
          "divided by commas.",
          "model", "invalid_value");
    }
    numbers = comma == std::string_view::npos ? std::string_view() : numbers.substr(comma + 1);
  }
  return scenario;
}

}  // namespace gatehouse::providers::sandbox
