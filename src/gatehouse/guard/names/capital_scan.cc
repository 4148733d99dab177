#include "gatehouse/guard/names/capital_scan.h"

#include <algorithm>

namespace gatehouse::guard {
namespace {

bool is_candidate(unsigned char c) { return (c >= 'A' && c <= 'Z') || (c >= 0xC3 && c <= 0xD1); }

}  // namespace

bool Capitals::advance(std::size_t from) {
  static constexpr text::ByteSpan kCandidates[] = {{'A', 'Z'}, {'\xC3', '\xD1'}};
  for (std::size_t at = std::max(next_block_, from - from % 64); at < text_.size(); at += 64) {
    if (at >= marked_) {
      first_ = at;
      marked_ = at + text::kMarkedAtOnce;
      text::mark_bytes(text_.substr(at, text::kMarkedAtOnce), kCandidates, marks_);
    }
    mask_ = marks_[(at - first_) / 64];
    block_ = at;
    next_block_ = at + 64;
    if (mask_ != 0) return true;
  }
  return false;
}

bool begins_capital(std::string_view text, std::size_t at) {
  return at < text.size() && is_candidate(static_cast<unsigned char>(text[at])) && Capitals::is_free(text, at);
}

}  // namespace gatehouse::guard
