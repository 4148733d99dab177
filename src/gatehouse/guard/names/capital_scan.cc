#include "gatehouse/guard/names/capital_scan.h"

#include <bit>
#include <cstdint>

namespace gatehouse::guard {
namespace {

bool is_candidate(unsigned char c) { return (c >= 'A' && c <= 'Z') || (c >= 0xC3 && c <= 0xD1); }
bool is_inside(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '@';
}

// A letter outside ASCII in front is a letter as well; a quote or a dash is none.
bool is_free(std::string_view text, std::size_t at) {
  if (at == 0) return true;
  const auto before = static_cast<unsigned char>(text[at - 1]);
  if (before < 0x80) return !is_inside(before);
  if (at >= 2) {
    const auto lead = static_cast<unsigned char>(text[at - 2]);
    if (lead >= 0xC3 && lead <= 0xDF) return false;
  }
  return true;
}

}  // namespace

std::size_t Capitals::next(std::size_t from) {
  static constexpr text::ByteSpan kCandidates[] = {{'A', 'Z'}, {'\xC3', '\xD1'}};
  while (from < text_.size()) {
    if (from >= marked_) {
      first_ = from;
      const std::string_view part = text_.substr(first_, text::kMarkedAtOnce);
      marked_ = first_ + part.size();
      text::mark_bytes(part, kCandidates, marks_);
    }
    std::size_t block = (from - first_) / 64;
    std::uint64_t mask = marks_[block] & (~std::uint64_t{0} << ((from - first_) % 64));
    while (true) {
      for (; mask != 0; mask &= mask - 1) {
        const std::size_t found = first_ + block * 64 + static_cast<std::size_t>(std::countr_zero(mask));
        if (is_free(text_, found)) return found;
      }
      if (first_ + ++block * 64 >= marked_) break;
      mask = marks_[block];
    }
    from = marked_;
  }
  return text_.size();
}

bool begins_capital(std::string_view text, std::size_t at) {
  return at < text.size() && is_candidate(static_cast<unsigned char>(text[at])) && is_free(text, at);
}

}  // namespace gatehouse::guard
