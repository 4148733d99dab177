#include "gatehouse/llm/chat/block.h"

#include <array>
#include <cstddef>

namespace gatehouse::llm {
namespace {

constexpr std::array<std::string_view, 10> kOrigins = {"none",    "anthropic", "openai",     "azure",   "gemini",
                                                       "bedrock", "xai",       "openrouter", "mistral", "other"};

}  // namespace

std::string_view name(Origin origin) { return kOrigins[static_cast<std::size_t>(origin)]; }

std::optional<Origin> origin_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kOrigins.size(); ++i) {
    if (kOrigins[i] == name) return static_cast<Origin>(i);
  }
  return std::nullopt;
}

std::string wrap_opaque(const Opaque& state, Origin native) {
  if (state.empty() || state.origin == native) return state.value;
  std::string out(kWrappedOpaque);
  out.append(name(state.origin)).append(".").append(state.value);
  return out;
}

Opaque unwrap_opaque(std::string_view written, Origin native) {
  if (written.empty()) return {};
  if (written.starts_with(kWrappedOpaque)) {
    const std::string_view rest = written.substr(kWrappedOpaque.size());
    const auto dot = rest.find('.');
    if (dot != std::string_view::npos) {
      if (const auto origin = origin_from_name(rest.substr(0, dot))) {
        return {.origin = *origin, .value = std::string(rest.substr(dot + 1))};
      }
    }
  }
  return {.origin = native, .value = std::string(written)};
}

}  // namespace gatehouse::llm
