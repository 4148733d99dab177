#include "gatehouse/dialects/anthropic/replay.h"

#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace gatehouse::dialects::anthropic {
namespace {

std::optional<Belongs> belongs_from(char mark) {
  switch (mark) {
    case 's':
      return Belongs::thinking;
    case 'e':
      return Belongs::encrypted;
    case 't':
      return Belongs::tool_call;
    case 'x':
      return Belongs::text;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::string wrap_replayed(const llm::Opaque& state, Belongs belongs, std::string_view id, bool summary) {
  if (state.origin == llm::Origin::anthropic || state.empty()) return state.value;
  const llm::Opaque marked{
      .origin = state.origin,
      .value = fmt::format("{}{}{}.{}{}", static_cast<char>(belongs), summary ? "u" : "", id.size(), id, state.value)};
  return llm::wrap_opaque(marked, llm::Origin::anthropic);
}

Replayed unwrap_replayed(std::string_view written, Belongs native) {
  Replayed out{.belongs = native, .state = llm::unwrap_opaque(written, llm::Origin::anthropic)};
  if (out.state.origin == llm::Origin::anthropic || out.state.empty()) return out;
  std::string_view rest = out.state.value;
  const auto belongs = belongs_from(rest.front());
  if (!belongs) return out;
  rest.remove_prefix(1);
  const bool summary = rest.starts_with('u');
  if (summary) rest.remove_prefix(1);
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), length);
  if (error != std::errc{}) return out;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  if (!rest.starts_with('.') || length > rest.size() - 1) return out;
  rest.remove_prefix(1);
  out.belongs = *belongs;
  out.summary = summary;
  out.id = rest.substr(0, length);
  std::string value(rest.substr(length));
  out.state.value = std::move(value);
  return out;
}

}  // namespace gatehouse::dialects::anthropic
