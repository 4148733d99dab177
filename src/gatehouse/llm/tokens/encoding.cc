#include "gatehouse/llm/tokens/encoding.h"

#include <array>

namespace gatehouse::llm {
namespace {

constexpr std::array<std::string_view, kEncodingCount> kNames = {"cl100k_base", "o200k_base", "o200k_harmony"};

}  // namespace

std::string_view name(Encoding encoding) { return kNames[static_cast<std::size_t>(encoding)]; }

std::optional<Encoding> encoding_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Encoding>(i);
  }
  return std::nullopt;
}

}  // namespace gatehouse::llm
