#include "gatehouse/dialects/anthropic/model_rules.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

namespace gatehouse::dialects::anthropic {
namespace {

enum class Family : std::uint8_t { opus, sonnet, haiku, fable, mythos, other };

constexpr std::array<std::string_view, 5> kFamilies = {"opus", "sonnet", "haiku", "fable", "mythos"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(std::string_view text, std::string_view word) {
  return std::ranges::equal(text, word, [](char a, char b) { return lower(a) == b; });
}

std::size_t find_word(std::string_view text, std::string_view word) {
  const auto found =
      std::search(text.begin(), text.end(), word.begin(), word.end(), [](char a, char b) { return lower(a) == b; });
  return found == text.end() ? std::string_view::npos : static_cast<std::size_t>(found - text.begin());
}

// A part of a name between '-', '.', '@', ':' and the like.
std::string_view take_part(std::string_view& rest) {
  const auto end = rest.find_first_of("-.@:/[ _");
  const std::string_view part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return part;
}

// One or two digits: a version; eight are a date.
std::optional<unsigned> version_part(std::string_view part) {
  if (part.empty() || part.size() > 2) return std::nullopt;
  unsigned value = 0;
  for (const char c : part) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

struct Name {
  Family family = Family::other;
  unsigned version = 0;  // 405 is 4.5; 0: none told
};

// Both orders occur: "claude-3-7-sonnet-20250219", "claude-sonnet-4-5-20250929".
std::optional<Name> parse(std::string_view model) {
  constexpr std::string_view kClaude = "claude";
  const auto start = find_word(model, kClaude);
  if (start == std::string_view::npos) return std::nullopt;
  std::string_view rest = model.substr(start + kClaude.size());
  if (!rest.empty()) rest.remove_prefix(1);
  Name name;
  unsigned numbers = 0;
  bool open = true;  // a version's parts stand side by side
  while (!rest.empty()) {
    const std::string_view part = take_part(rest);
    const auto number = version_part(part);
    if (number && open && numbers < 2) {
      name.version += numbers == 0 ? *number * 100 : *number;
      ++numbers;
      continue;
    }
    if (numbers > 0) open = false;
    const auto family = std::ranges::find_if(kFamilies, [&](std::string_view word) { return same(part, word); });
    if (family != kFamilies.end() && name.family == Family::other) {
      name.family = static_cast<Family>(family - kFamilies.begin());
    }
  }
  return name;
}

}  // namespace

ModelRules rules_of(std::string_view model) {
  using Thinking = ModelRules::Thinking;
  using Off = ModelRules::Off;
  ModelRules rules;
  const auto name = parse(model);
  if (!name || (name->family == Family::other && name->version == 0)) return rules;
  const Family family = name->family;
  const bool top = family == Family::fable || family == Family::mythos;
  // A family without a version is the newest of it.
  const unsigned version = name->version == 0 && family != Family::other ? 9900 : name->version;
  const auto since = [&](Family of, unsigned first) { return family == of && version >= first; };

  const bool adaptive = top || since(Family::opus, 406) || since(Family::sonnet, 406) || since(Family::haiku, 500);
  const bool only_adaptive = top || since(Family::opus, 407) || since(Family::sonnet, 500) || since(Family::haiku, 500);
  const bool always = top || since(Family::opus, 505);
  if (adaptive) {
    rules.max_output = 128'000;
  } else if (version >= 405 || since(Family::sonnet, 400)) {
    rules.max_output = 64'000;
  } else if (since(Family::opus, 400)) {
    rules.max_output = 32'000;
  }
  if (only_adaptive) {
    rules.thinking = Thinking::adaptive;
  } else if (adaptive) {
    rules.thinking = Thinking::either;
  } else {
    rules.thinking = version >= 307 ? Thinking::manual : Thinking::none;
  }
  if (always) {
    rules.off = Off::low_effort;
  } else if (since(Family::sonnet, 505)) {
    rules.off = Off::between_tools;
  } else {
    rules.off = version >= 500 ? Off::disabled : Off::omit;
  }
  rules.effort = adaptive || since(Family::opus, 405);
  rules.effort_xhigh = only_adaptive;
  rules.sampling = !only_adaptive;
  rules.temperature_with_top_p = version < 401;
  rules.forced_tool = !(since(Family::opus, 505) || since(Family::sonnet, 505) || (top && version >= 501));
  rules.json_schema = adaptive || version >= 405 || since(Family::opus, 401);
  rules.late_system = top || since(Family::opus, 408);
  return rules;
}

}  // namespace gatehouse::dialects::anthropic
