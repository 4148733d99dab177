#include "gatehouse/dialects/gemini/text_places.h"

#include <algorithm>

namespace gatehouse::dialects::gemini {
namespace {

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

}  // namespace

void TextPlaces::grow(std::string_view text) {
  const bool plain = plain_ == length_;
  length_ += text.size();
  if (lost_) return;
  if (plain) {
    const auto first = std::ranges::find_if(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80U; });
    const auto ascii = static_cast<std::size_t>(first - text.begin());
    plain_ += ascii;
    text.remove_prefix(ascii);
  }
  if (kept_.size() + text.size() > kMostKept) {
    lost_ = true;
    kept_.clear();
    return;
  }
  kept_ += text;
}

std::optional<std::uint64_t> TextPlaces::code_point_of(std::uint64_t byte) const {
  if (byte > length_) return std::nullopt;
  if (byte <= plain_) return byte;
  if (lost_) return std::nullopt;
  const auto until = kept_.begin() + static_cast<std::ptrdiff_t>(byte - plain_);
  return plain_ + static_cast<std::uint64_t>(std::count_if(kept_.begin(), until, begins_character));
}

std::optional<std::uint64_t> TextPlaces::byte_of(std::uint64_t code_point) const {
  if (code_point <= plain_) return code_point;
  if (lost_) return std::nullopt;
  std::uint64_t left = code_point - plain_;
  for (std::size_t at = 0; at < kept_.size(); ++at) {
    if (begins_character(kept_[at]) && left-- == 0) return plain_ + at;
  }
  return left == 0 ? std::optional(length_) : std::nullopt;
}

void TextPlaces::clear() {
  length_ = plain_ = 0;
  kept_.clear();
  lost_ = false;
}

}  // namespace gatehouse::dialects::gemini
