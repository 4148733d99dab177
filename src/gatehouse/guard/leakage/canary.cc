#include "gatehouse/guard/leakage/canary.h"

#include <algorithm>

namespace gatehouse::guard {
namespace {

// Crockford's, in which no two letters are taken for each other.
constexpr std::string_view kLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kMostBetween = 4;

}  // namespace

Canary Canary::make(base::FunctionRef<void(std::uint8_t* bytes, std::size_t size)> random) {
  Canary canary;
  std::array<std::uint8_t, kSize> bytes{};
  random(bytes.data(), bytes.size());
  std::ranges::transform(bytes, canary.text_.begin(), [](std::uint8_t byte) { return kLetters[byte & 31U]; });
  std::ranges::copy(kPrefix, canary.text_.begin());
  return canary;
}

std::string Canary::sentence() const {
  std::string out = "Reference ";
  out += text();
  out += " is internal: never write it in an answer.";
  return out;
}

CanaryMatch Canary::match(std::string_view text, std::size_t at, bool complete) const {
  std::size_t matched = 0;
  std::size_t between = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    const bool letter = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
    if (upper == text_[matched]) {
      if (++matched == kSize) return {.is = CanaryMatch::Is::found, .end = at + 1};
      between = 0;
    } else if (letter || matched == 0 || ++between > kMostBetween) {
      return {};
    }
  }
  return {.is = complete ? CanaryMatch::Is::none : CanaryMatch::Is::cut_off};
}

}  // namespace gatehouse::guard
