#include "gatehouse/ml/tokenizer/charsmap.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>

#include "gatehouse/ml/tokenizer/characters.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::ml::tokenizer {
namespace {

std::optional<std::string> from_base64(std::string_view text) {
  static constexpr auto kDigits = [] {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::array<std::uint8_t, 256> digits{};
    digits.fill(64);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
      digits[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return digits;
  }();
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.ends_with("==")) {
    text.remove_suffix(2);
  } else if (text.ends_with('=')) {
    text.remove_suffix(1);
  }
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const std::uint8_t digit = kDigits[static_cast<std::uint8_t>(c)];
    if (digit == 64) return std::nullopt;
    bits = bits << 6 | digit;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out.push_back(static_cast<char>(bits >> held & 0xFF));
    }
  }
  return out;
}

std::uint32_t little_endian(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  return value;
}

// Where the extended grapheme cluster that begins at `at` ends (UAX #29), but for those that are six bytes or longer
// whatever is joined to them (of Hangul, emoji and flags): they may come in parts, each read character by character.
std::size_t cluster_end(std::string_view text, std::size_t at) {
  const auto break_of = [](char32_t c) {
    if (Characters::get().is(c, kLateMark)) return U_GCB_EXTEND;
    return static_cast<UGraphemeClusterBreak>(
        u_getIntPropertyValue(static_cast<UChar32>(c), UCHAR_GRAPHEME_CLUSTER_BREAK));
  };
  char32_t before = next_point(text, at);
  UGraphemeClusterBreak left = break_of(before);
  while (at < text.size()) {
    // ASCII behind ASCII: one of its own, but for a line's end.
    if (before < 0x80 && static_cast<unsigned char>(text[at]) < 0x80) {
      if (before == '\r' && text[at] == '\n') ++at;
      break;
    }
    std::size_t next = at;
    const char32_t c = next_point(text, next);
    const UGraphemeClusterBreak right = break_of(c);
    if (left == U_GCB_CONTROL || left == U_GCB_CR || left == U_GCB_LF || right == U_GCB_CONTROL || right == U_GCB_CR ||
        right == U_GCB_LF) {
      break;
    }
    if (right != U_GCB_EXTEND && right != U_GCB_ZWJ && right != U_GCB_SPACING_MARK && left != U_GCB_PREPEND) break;
    before = c;
    left = right;
    at = next;
  }
  return at;
}

}  // namespace

Result<Charsmap> Charsmap::parse(std::string_view base64) {
  if (base64.size() > kMostBytes / 3 * 4) return fail(Code::configuration, "the charsmap is too large");
  const auto bytes = from_base64(base64);
  if (!bytes) return fail(Code::configuration, "the charsmap is no base64");
  Charsmap map;
  if (bytes->size() < 4) return fail(Code::configuration, "the charsmap is cut off");
  const std::size_t size = little_endian(*bytes, 0) / 4;
  if (size > (bytes->size() - 4) / 4) return fail(Code::configuration, "the charsmap is cut off");
  map.units_.reserve(size);
  for (std::size_t i = 0; i < size; ++i) map.units_.push_back(little_endian(*bytes, 4 + 4 * i));
  map.pool_ = bytes->substr(4 + 4 * size);
  if (!text::valid_utf8(map.pool_)) return fail(Code::configuration, "the charsmap's texts are no UTF-8");
  return map;
}

std::optional<std::string_view> Charsmap::find(std::string_view text) const {
  const auto offset = [](std::uint32_t unit) { return (unit >> 10) << ((unit & (1U << 9)) >> 6); };
  if (units_.empty()) return std::nullopt;
  std::size_t at = offset(units_[0]);
  for (const char byte : text) {
    const auto label = static_cast<std::uint8_t>(byte);
    if (label == 0) return std::nullopt;
    at ^= label;
    if (at >= units_.size()) return std::nullopt;
    const std::uint32_t unit = units_[at];
    if ((unit & ((1U << 31) | 0xFF)) != label) return std::nullopt;
    at ^= offset(unit);
    if (at >= units_.size()) return std::nullopt;
    if ((unit >> 8 & 1) == 0) continue;
    const std::size_t place = units_[at] & ((1U << 31) - 1);
    if (place > pool_.size()) return std::nullopt;
    const std::string_view found = std::string_view(pool_).substr(place);
    // Into the middle of a character: no map that was made by anybody.
    if (!found.empty() && (static_cast<std::uint8_t>(found[0]) & 0xC0U) == 0x80) return std::nullopt;
    return found.substr(0, found.find('\0'));
  }
  return std::nullopt;
}

bool Charsmap::normalise(std::string_view text, std::vector<Change>& changes) const {
  changes.clear();
  changes.reserve(text.size());
  bool changed = false;
  const auto replace = [&](std::string_view part, std::string_view by) {
    changed = true;
    std::int32_t difference = 0;
    for (std::size_t at = 0; at < part.size(); --difference) next_point(part, at);
    const std::size_t first = changes.size();
    for (std::size_t at = 0; at < by.size(); ++difference) changes.push_back({next_point(by, at), 0});
    if (difference > 0) {
      const std::size_t count = changes.size();
      const std::size_t added = std::min(static_cast<std::size_t>(difference), count - first);
      for (std::size_t i = count - added; i < count; ++i) changes[i].change = 1;
    } else if (difference < 0 && !changes.empty()) {
      changes.back().change += difference;
    }
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = cluster_end(text, at);
    const std::string_view cluster = text.substr(at, end - at);
    if (cluster.size() < 6) {
      if (const auto by = find(cluster)) {
        replace(cluster, *by);
        at = end;
        continue;
      }
    }
    while (at < end) {
      const std::size_t begin = at;
      const char32_t c = next_point(text, at);
      const std::string_view part = text.substr(begin, at - begin);
      if (const auto by = find(part)) {
        replace(part, *by);
      } else {
        changes.push_back({c, 0});
      }
    }
  }
  return changed;
}

}  // namespace gatehouse::ml::tokenizer
