#include "gatehouse/guard/secrets/secret_value.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <zlib.h>

#include "gatehouse/base/strings.h"

namespace gatehouse::guard {
namespace {

using base::is_digit;
using base::lower;

bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
bool is_word(char c) { return is_digit(c) || is_letter(c); }

// c * log2(c), for counts.
const std::array<double, 513>& count_logs() {
  static const std::array<double, 513> kLogs = [] {
    std::array<double, 513> logs{};
    for (std::size_t i = 2; i < logs.size(); ++i) logs[i] = static_cast<double>(i) * std::log2(static_cast<double>(i));
    return logs;
  }();
  return kLogs;
}

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (is_digit(c)) return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

// Either alphabet, at most `most` bytes of it; nothing for another character.
std::optional<std::string> decode_base64(std::string_view text, std::size_t most) {
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    if (c == '=') break;
    const int value = base64_value(c);
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> held);
      if (out.size() == most) break;
    }
  }
  return out;
}

}  // namespace

double entropy(std::string_view value) {
  value = value.substr(0, 512);
  if (value.empty()) return 0;
  std::array<std::uint16_t, 256> counts{};
  for (const char c : value) ++counts[static_cast<unsigned char>(c)];
  double sum = 0;
  for (const std::uint16_t count : counts) sum += count_logs()[count];
  const double n = static_cast<double>(value.size());
  return std::log2(n) - sum / n;
}

bool contains_ignore_case(std::string_view text, std::string_view lower_word) {
  if (lower_word.empty()) return true;
  for (std::size_t at = 0; at + lower_word.size() <= text.size(); ++at) {
    if (lower(text[at]) != lower_word.front()) continue;
    std::size_t i = 1;
    while (i < lower_word.size() && lower(text[at + i]) == lower_word[i]) ++i;
    if (i == lower_word.size()) return true;
  }
  return false;
}

namespace {

bool contains_any(std::string_view value, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return contains_ignore_case(value, word); });
}

std::size_t longest_repeat(std::string_view value) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    run = i > 0 && value[i] == value[i - 1] ? run + 1 : 1;
    longest = std::max(longest, run);
  }
  return longest;
}

}  // namespace

bool is_made_up(std::string_view value) {
  static constexpr std::array<std::string_view, 11> kWords = {
      "xxxx", "your", "placeholder", "redacted", "changeme", "change_me", "insert", "replace", "....", "****", "dummy"};
  if (longest_repeat(value) >= 12) return true;
  return contains_any(value, kWords);
}

bool is_documented_example(std::string_view value) { return contains_ignore_case(value, "example"); }

bool is_placeholder(std::string_view value) {
  static constexpr std::array<std::string_view, 43> kWords = {
      "xxxx",   "your",     "example", "placeholder", "changeme", "change_me",    "change-me", "redacted", "dummy",
      "sample", "replace",  "insert",  "todo",        "fixme",    "undefined",    "foobar",    "lorem",    "_here",
      "-here",  "enter_",   "enter-",  "${",          "{{",       "$(",           "<",         ">",        "...",
      "****",   "\xE2\x80", "env.",    "environ",     "getenv",   "process.",     "secrets.",  "vault:",   "arn:",
      "!ref",   "@micros",  "config.", "not_set",     "notset",   "\xE2\x96\x88", "fake"};
  if (value.empty()) return true;
  switch (value.front()) {
    case '$':
    case '{':
    case '<':
    case '[':
    case '(':
    case '*':
    case '#':
      // A password may begin like that; a variable or a mark ends in a letter, a digit or a bracket.
      if (value.size() < 2 || is_word(value[1]) || value[1] == value[0] || value[1] == '{') return true;
      break;
    case '%':
      if (value.back() == '%') return true;
      break;
    default:
      break;
  }
  if (longest_repeat(value) * 2 > value.size()) return true;
  // Capitals and underscores only: the name of a variable.
  if (std::ranges::all_of(value, [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; })) return true;
  return contains_any(value, kWords);
}

bool is_uuid(std::string_view value) {
  if (value.size() != 36) return false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? value[i] != '-' : !is_hex(value.substr(i, 1))) return false;
  }
  return true;
}

bool is_hex(std::string_view value) {
  return std::ranges::all_of(value, [](char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); });
}

bool is_name_like(std::string_view value) {
  // Parts of one kind each: lower, Capitalised, UPPER, or up to four digits.
  std::size_t words = 0;
  std::size_t letters = 0;
  std::size_t single = 0;  // one letter
  std::size_t mixed = 0;   // digits right beside letters
  for (std::size_t at = 0; at < value.size();) {
    const char c = value[at];
    if (c == '.' || c == '/' || c == '_' || c == '-' || c == ':') {
      ++at;
      continue;
    }
    std::size_t end = at;
    if (is_digit(c)) {
      while (end < value.size() && is_digit(value[end])) ++end;
      if (end - at > 4) return false;
      mixed += at > 0 && is_letter(value[at - 1]);
      mixed += end < value.size() && is_letter(value[end]);
    } else if (is_letter(c)) {
      ++end;
      if (end < value.size() && value[end] >= 'A' && value[end] <= 'Z' && c <= 'Z') {
        while (end < value.size() && value[end] >= 'A' && value[end] <= 'Z') ++end;
      } else {
        while (end < value.size() && value[end] >= 'a' && value[end] <= 'z') ++end;
      }
      // Random letters change kind all the time, and no word is that long.
      if ((end - at < 2 && value.size() > 8 && ++single > 1) || end - at > 15) return false;
      ++words;
      letters += end - at;
    } else {
      return false;
    }
    at = end;
  }
  return words > 0 && mixed <= 2 && letters >= 3 * words;
}

bool has_base62_crc(std::string_view body) {
  constexpr std::string_view kBase62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  if (body.size() < 7) return false;
  const std::string_view random = body.substr(0, body.size() - 6);
  auto crc = static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(random.data()), static_cast<uInt>(random.size())));
  for (std::size_t i = body.size(); i > body.size() - 6; --i) {
    if (body[i - 1] != kBase62[crc % 62]) return false;
    crc /= 62;
  }
  return true;
}

bool is_basic_credentials(std::string_view value) {
  const std::optional<std::string> text = decode_base64(value, 512);
  if (!text || text->size() < 3) return false;
  const std::size_t colon = text->find(':');
  if (colon == std::string::npos || colon + 1 == text->size()) return false;
  return std::ranges::all_of(*text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; });
}

bool is_jwt_header(std::string_view part) {
  const std::optional<std::string> text = decode_base64(part, 2048);
  return text && text->starts_with("{") && text->ends_with("}") &&
         (text->find("\"alg\"") != std::string::npos || text->find("\"enc\"") != std::string::npos);
}

}  // namespace gatehouse::guard
