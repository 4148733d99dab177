#include "gatehouse/observe/json_text.h"

#include <array>
#include <chrono>
#include <cstring>

#include "gatehouse/text/utf8.h"

namespace gatehouse::observe {
namespace {

// Bytes that stand for themselves: printable ASCII but for the quote and the backslash.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x7f; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

// How many bytes at the beginning are plain, eight at a time; may stop up to seven before the first that is not.
std::size_t plain_prefix(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHigh = 0x80 * kOnes;
  // The high bit of each byte that is zero (exact up to the first such byte, which is all that is asked).
  const auto zero = [](std::uint64_t word) { return (word - kOnes) & ~word & kHigh; };
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof(word));
    const std::uint64_t control = (word - 0x20 * kOnes) & ~word & kHigh;  // a byte below 0x20
    const std::uint64_t high = (word | (word + kOnes)) & kHigh;           // one of 0x7f or more
    if ((control | high | zero(word ^ '"' * kOnes) | zero(word ^ '\\' * kOnes)) != 0) return at;
  }
  return at;
}

void append_escape(std::string& out, char32_t c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      const char escape[] = {'\\',         'u', kHex[(c >> 12U) & 15U], kHex[(c >> 8U) & 15U], kHex[(c >> 4U) & 15U],
                             kHex[c & 15U]};
      out.append(escape, sizeof(escape));
  }
}

void write_digits(char* at, unsigned value, unsigned digits) {
  while (digits > 0) {
    at[--digits] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

}  // namespace

bool is_plain(std::string_view text) {
  std::size_t at = plain_prefix(text);
  while (at < text.size() && kPlain[static_cast<unsigned char>(text[at])]) ++at;
  return at == text.size();
}

void append_json_string(std::string& out, std::string_view text, std::size_t max_bytes) {
  out += '"';
  // Nearly all is short and plain.
  std::size_t copied = 0;
  std::size_t at = plain_prefix(text.substr(0, max_bytes));
  while (at < text.size()) {
    if (kPlain[static_cast<unsigned char>(text[at])]) {
      if (at == max_bytes) break;
      ++at;
      continue;
    }
    const text::Sequence sequence = text::next_sequence(text.substr(at));
    if (at + sequence.size > max_bytes) break;
    const bool unsafe = sequence.valid && (sequence.code_point == '"' || sequence.code_point == '\\' ||
                                           text::unsafe_to_show(sequence.code_point));
    if (unsafe || !sequence.valid) {
      out += text.substr(copied, at - copied);
      if (unsafe) {
        append_escape(out, sequence.code_point);
      } else {
        out += "\xef\xbf\xbd";
      }
      copied = at + sequence.size;
    }
    at += sequence.size;
  }
  out += text.substr(copied, at - copied);
  out += '"';
}

void append_time(std::string& out, base::WallTime time) {
  const auto micros = std::chrono::floor<std::chrono::microseconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(micros);
  const std::chrono::year_month_day date(day);
  auto rest = static_cast<std::uint64_t>((micros - day).count());
  char line[] = "0000-00-00T00:00:00.000000Z";
  write_digits(line, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  write_digits(line + 5, static_cast<unsigned>(date.month()), 2);
  write_digits(line + 8, static_cast<unsigned>(date.day()), 2);
  write_digits(line + 20, static_cast<unsigned>(rest % 1000000), 6);
  rest /= 1000000;
  write_digits(line + 17, static_cast<unsigned>(rest % 60), 2);
  write_digits(line + 14, static_cast<unsigned>(rest / 60 % 60), 2);
  write_digits(line + 11, static_cast<unsigned>(rest / 3600), 2);
  out.append(line, sizeof(line) - 1);
}

}  // namespace gatehouse::observe
