#include "gatehouse/guard/redact/format_preserving.h"

#include <algorithm>

#include "gatehouse/base/strings.h"
#include "gatehouse/guard/redact/mask.h"
#include "gatehouse/guard/redact/normalise.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::guard {
namespace {

constexpr std::size_t kPiece = 48;  // of what is longer than FF1 takes; what is left over is at least 16

enum class Is : std::uint8_t { digit, upper, lower, fixed };

// A value taken apart: what each character is, and the numerals of digits and letters in their order.
struct Parts {
  std::vector<Is> is;
  std::vector<char> fixed;
  std::vector<std::uint8_t> digits;
  std::vector<std::uint8_t> letters;

  void digit(char c) {
    is.push_back(Is::digit);
    digits.push_back(static_cast<std::uint8_t>(c - '0'));
  }
  void letter(Is kind, std::uint32_t numeral) {
    is.push_back(kind);
    letters.push_back(static_cast<std::uint8_t>(numeral % 26));
  }
  void keep(char c) {
    is.push_back(Is::fixed);
    fixed.push_back(c);
  }
  std::string written() const {
    std::string out;
    out.reserve(is.size());
    std::size_t digit = 0;
    std::size_t letter = 0;
    std::size_t other = 0;
    for (const Is kind : is) {
      switch (kind) {
        case Is::digit:
          out.push_back(static_cast<char>('0' + digits[digit++]));
          break;
        case Is::upper:
          out.push_back(static_cast<char>('A' + letters[letter++]));
          break;
        case Is::lower:
          out.push_back(static_cast<char>('a' + letters[letter++]));
          break;
        case Is::fixed:
          out.push_back(fixed[other++]);
          break;
      }
    }
    return out;
  }
};

Parts parts_of(std::string_view value, std::size_t kept_letters) {
  Parts parts;
  while (!value.empty()) {
    const text::Sequence next = text::next_sequence(value);
    const char c = value.front();
    value.remove_prefix(next.size);
    const char32_t code = next.valid ? next.code_point : U'\0';
    if (code >= 0x80) {
      parts.letter(Is::lower, code);
    } else if (base::is_digit(c) && next.valid) {
      parts.digit(c);
    } else if (base::lower(c) >= 'a' && base::lower(c) <= 'z' && next.valid) {
      if (kept_letters > 0) {
        --kept_letters;
        parts.keep(c);
      } else {
        parts.letter(c < 'a' ? Is::upper : Is::lower, static_cast<std::uint32_t>(base::lower(c) - 'a'));
      }
    } else {
      parts.keep(is_separator(code) ? c : '-');
    }
  }
  return parts;
}

// ISO/IEC 7812-1 annex B: from the right every second digit doubled.
std::uint8_t luhn_digit(std::span<const std::uint8_t> payload) {
  unsigned sum = 0;
  bool twice = true;
  for (std::size_t i = payload.size(); i > 0; --i, twice = !twice) {
    const unsigned digit = twice ? payload[i - 1] * 2U : payload[i - 1];
    sum += digit / 10 + digit % 10;
  }
  return static_cast<std::uint8_t>((10 - sum % 10) % 10);
}

// ISO 13616 and ISO 7064 mod 97-10: the check digits (2 to 98) of country and account, in upper case.
unsigned iban_check(std::string_view country, std::string_view account) {
  unsigned rest = 0;
  const auto add = [&](std::string_view text) {
    for (const char c : text) {
      const unsigned value = base::is_digit(c) ? static_cast<unsigned>(c - '0') : static_cast<unsigned>(c - 'A' + 10);
      rest = (value < 10 ? rest * 10 + value : rest * 100 + value) % 97;
    }
  };
  add(account);
  add(country);
  add("00");
  return 98 - rest;
}

bool is_iban(std::string_view compact) {
  return compact.size() > 8 && compact.size() <= 34 && !base::is_digit(compact[0]) && !base::is_digit(compact[1]) &&
         base::is_digit(compact[2]) && base::is_digit(compact[3]) &&
         std::ranges::all_of(compact, [](char c) { return base::is_digit(c) || (c >= 'A' && c <= 'Z'); });
}

}  // namespace

void FormatPreserver::encrypt(std::span<std::uint8_t> numerals, unsigned radix, std::string_view tweak) {
  if (numerals.empty()) return;
  if (numerals.size() == 1) {
    // FF1 takes two at least: a permutation of one from the order in which it puts pairs.
    std::vector<std::pair<unsigned, std::uint8_t>> order;
    for (unsigned i = 0; i < radix; ++i) {
      std::uint8_t pair[2] = {0, static_cast<std::uint8_t>(i)};
      ff1_.encrypt(pair, radix, tweak);
      order.emplace_back(pair[0] * radix + pair[1], static_cast<std::uint8_t>(i));
    }
    std::ranges::sort(order);
    numerals[0] = order[numerals[0]].second;
    return;
  }
  std::string piece_tweak(tweak);
  piece_tweak.push_back('\0');
  for (unsigned piece = 0; !numerals.empty(); ++piece) {
    const std::size_t size = numerals.size() > crypto::Ff1::kMost ? kPiece : numerals.size();
    piece_tweak.back() = static_cast<char>(piece & 0xff);
    ff1_.encrypt(numerals.first(size), radix, piece_tweak);
    numerals = numerals.subspan(size);
  }
}

std::string FormatPreserver::replace(std::string_view entity, std::string_view value) {
  const std::string_view rest = value.substr(std::min(value.size(), kMost));
  value = value.substr(0, kMost);
  const ValueKind kind = value_kind(entity);
  const std::string compact = kind == ValueKind::iban ? normalised(entity, value) : std::string();
  const bool iban = !compact.empty() && is_iban(compact);
  Parts parts = parts_of(value, iban ? 2 : 0);

  const bool luhn = (kind == ValueKind::card || entity == "IMEI" || entity == "CA_SIN") && parts.digits.size() >= 8;
  std::span<std::uint8_t> digits(parts.digits);
  if (iban) digits = digits.subspan(2);
  if (luhn) digits = digits.first(digits.size() - 1);

  const auto tweak = [&](char part, std::span<const std::uint8_t> other) {
    std::string text(entity.substr(0, 256));
    text.push_back('\0');
    text.push_back(part);
    text.append(other.begin(), other.end());
    return text;
  };
  encrypt(digits, 10, tweak('d', parts.letters));
  encrypt(parts.letters, 26, tweak('l', digits));

  if (luhn) {
    parts.digits.back() = static_cast<std::uint8_t>((luhn_digit(digits) + 5) % 10);
  } else if (iban) {
    const std::string written = normalised(entity, parts.written());
    const unsigned right = iban_check(written.substr(0, 2), written.substr(4));
    // Never the same modulo 97, and like the right one from 02 to 98.
    const unsigned wrong = right >= 50 ? right - 48 : right + 48;
    parts.digits[0] = static_cast<std::uint8_t>(wrong / 10);
    parts.digits[1] = static_cast<std::uint8_t>(wrong % 10);
  }
  std::string out = parts.written();
  if (valid_ != nullptr && !luhn && !iban && !parts.digits.empty()) {
    for (int turn = 0; turn < 9 && valid_(entity, out); ++turn) {
      parts.digits.back() = static_cast<std::uint8_t>((parts.digits.back() + 1) % 10);
      out = parts.written();
    }
  }
  out.append(rest.size(), '*');
  return out;
}

}  // namespace gatehouse::guard
