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

std::uint64_t word_at(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

// Not zero where one of the eight bytes is not plain.
std::uint64_t unplain(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHigh = 0x80 * kOnes;
  // The high bit of each byte that is zero (exact up to the first such byte, which is all that is asked).
  const auto zero = [](std::uint64_t bytes) { return (bytes - kOnes) & ~bytes & kHigh; };
  const std::uint64_t control = (word - 0x20 * kOnes) & ~word & kHigh;  // a byte below 0x20
  const std::uint64_t high = (word | (word + kOnes)) & kHigh;           // one of 0x7f or more
  return control | high | zero(word ^ '"' * kOnes) | zero(word ^ '\\' * kOnes);
}

// How many bytes at the beginning are plain, eight at a time; may stop up to seven before the first that is not.
std::size_t plain_prefix(std::string_view text) {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    if (unplain(word_at(text.data() + at)) != 0) return at;
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

bool copy_plain(std::string_view text, char* to) {
  const char* const from = text.data();
  const std::size_t size = text.size();
  if (size >= 4 && size < 8) {
    // Two halves that may overlap.
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::memcpy(&first, from, sizeof(first));
    std::memcpy(&last, from + size - sizeof(last), sizeof(last));
    std::memcpy(to, &first, sizeof(first));
    std::memcpy(to + size - sizeof(last), &last, sizeof(last));
    return unplain(std::uint64_t{first} << 32 | last) == 0;
  }
  if (size < 4) {
    bool plain = true;
    for (std::size_t at = 0; at < size; ++at) {
      plain = plain && kPlain[static_cast<unsigned char>(from[at])];
      to[at] = from[at];
    }
    return plain;
  }
  std::uint64_t wrong = 0;
  const auto copy = [&](std::size_t at) {
    const std::uint64_t word = word_at(from + at);
    wrong |= unplain(word);
    std::memcpy(to + at, &word, sizeof(word));
  };
  for (std::size_t at = 0; at + 8 < size; at += 8) copy(at);
  // The last eight, some of them for the second time.
  copy(size - 8);
  return wrong == 0;
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
  char line[kTimeSize];
  write_time(line, time);
  out.append(line, kTimeSize);
}

void write_time(char* to, base::WallTime time) {
  const auto micros = std::chrono::floor<std::chrono::microseconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(micros);
  const std::chrono::year_month_day date(day);
  auto rest = static_cast<std::uint64_t>((micros - day).count());
  static constexpr char kForm[] = "0000-00-00T00:00:00.000000Z";
  static_assert(sizeof(kForm) - 1 == kTimeSize);
  std::memcpy(to, kForm, kTimeSize);
  write_digits(to, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  write_digits(to + 5, static_cast<unsigned>(date.month()), 2);
  write_digits(to + 8, static_cast<unsigned>(date.day()), 2);
  write_digits(to + 20, static_cast<unsigned>(rest % 1000000), 6);
  rest /= 1000000;
  write_digits(to + 17, static_cast<unsigned>(rest % 60), 2);
  write_digits(to + 14, static_cast<unsigned>(rest / 60 % 60), 2);
  write_digits(to + 11, static_cast<unsigned>(rest / 3600), 2);
}

}  // namespace gatehouse::observe
