#include "gatehouse/guard/schema/formats.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace gatehouse::guard::schema {
namespace {

struct Row {
  std::string_view name;
  Format format;
  std::string_view description;
};
constexpr Row kRows[] = {
    {"date-time", Format::date_time, "a date and time as in RFC 3339"},
    {"date", Format::date, "a date as in RFC 3339"},
    {"time", Format::time, "a time as in RFC 3339"},
    {"duration", Format::duration, "a duration as in ISO 8601"},
    {"email", Format::email, "an e-mail address"},
    {"hostname", Format::hostname, "a host name"},
    {"ipv4", Format::ipv4, "an IPv4 address"},
    {"ipv6", Format::ipv6, "an IPv6 address"},
    {"uuid", Format::uuid, "a UUID"},
    {"uri", Format::uri, "a URI"},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}
  bool at_end() const { return at_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  bool take_any(std::string_view chars) {
    if (at_end() || chars.find(peek()) == std::string_view::npos) return false;
    ++at_;
    return true;
  }
  // Exactly `digits` of them.
  std::optional<int> number(int digits) {
    int value = 0;
    for (int i = 0; i < digits; ++i, ++at_) {
      if (!is_digit(peek())) return std::nullopt;
      value = value * 10 + (peek() - '0');
    }
    return value;
  }
  bool digits() {
    const std::size_t begin = at_;
    while (is_digit(peek())) ++at_;
    return at_ > begin;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

bool take_date(Cursor& cursor) {
  const auto year = cursor.number(4);
  if (!year || !cursor.take('-')) return false;
  const auto month = cursor.number(2);
  if (!month || *month < 1 || *month > 12 || !cursor.take('-')) return false;
  const auto day = cursor.number(2);
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (*year % 4 == 0 && *year % 100 != 0) || *year % 400 == 0;
  const int most = kDays[static_cast<std::size_t>(*month - 1)] + (*month == 2 && leap ? 1 : 0);
  return day && *day >= 1 && *day <= most;
}

bool take_time(Cursor& cursor) {
  const auto hour = cursor.number(2);
  if (!hour || *hour > 23 || !cursor.take(':')) return false;
  const auto minute = cursor.number(2);
  if (!minute || *minute > 59 || !cursor.take(':')) return false;
  const auto second = cursor.number(2);
  if (!second || *second > 60) return false;
  if (cursor.take('.') && !cursor.digits()) return false;
  if (cursor.take_any("Zz")) return true;
  if (!cursor.take_any("+-")) return false;
  const auto hours = cursor.number(2);
  if (!hours || *hours > 23 || !cursor.take(':')) return false;
  const auto minutes = cursor.number(2);
  return minutes && *minutes <= 59;
}

// P, then so many years, months ..., in that order; behind a T hours, minutes, seconds.
bool is_duration(std::string_view text) {
  Cursor cursor(text);
  if (!cursor.take('P') || cursor.at_end()) return false;
  constexpr std::string_view kDate = "YMWD";
  constexpr std::string_view kTime = "HMS";
  std::string_view units = kDate;
  bool in_time = false;
  while (!cursor.at_end()) {
    if (!in_time && cursor.take('T')) {
      in_time = true;
      units = kTime;
      if (cursor.at_end()) return false;
      continue;
    }
    if (!cursor.digits()) return false;
    const std::size_t unit = units.find(cursor.peek());
    if (cursor.at_end() || unit == std::string_view::npos) return false;
    cursor.take(cursor.peek());
    units = units.substr(unit + 1);
  }
  return true;
}

bool is_hostname(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  std::size_t label = 0;
  char before = '-';
  for (const char c : text) {
    if (c == '.') {
      if (label == 0 || before == '-') return false;
      label = 0;
    } else {
      if (!is_letter(c) && !is_digit(c) && c != '-') return false;
      if ((label == 0 && c == '-') || ++label > 63) return false;
    }
    before = c;
  }
  return label > 0 && before != '-';
}

bool is_email(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || text.size() > 320) return false;
  const std::string_view local = text.substr(0, at);
  char before = '.';
  for (const char c : local) {
    const auto b = static_cast<unsigned char>(c);
    if (b <= ' ' || b == 0x7F || c == '@' || c == '"' || c == '(' || c == ')' || c == ',' || c == ':' || c == ';' ||
        c == '<' || c == '>' || c == '[' || c == '\\' || c == ']') {
      return false;
    }
    if (c == '.' && before == '.') return false;
    before = c;
  }
  return before != '.' && is_hostname(text.substr(at + 1));
}

template <int Family, std::size_t Most>
bool is_address(std::string_view text) {
  std::array<char, Most + 1> copy{};
  if (text.size() > Most || text.find('\0') != std::string_view::npos) return false;
  std::ranges::copy(text, copy.begin());
  std::array<unsigned char, 16> bytes;
  return ::inet_pton(Family, copy.data(), bytes.data()) == 1;
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

bool is_uri(std::string_view text) {
  if (text.empty() || !is_letter(text[0])) return false;
  std::size_t i = 1;
  while (i < text.size() &&
         (is_letter(text[i]) || is_digit(text[i]) || text[i] == '+' || text[i] == '-' || text[i] == '.'))
    ++i;
  if (i == text.size() || text[i] != ':') return false;
  for (++i; i < text.size(); ++i) {
    const auto b = static_cast<unsigned char>(text[i]);
    if (b <= ' ' || b >= 0x7F || std::string_view("\"<>\\^`{|}").find(text[i]) != std::string_view::npos) return false;
    if (text[i] == '%' && (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2]))) return false;
  }
  return true;
}

}  // namespace

Format format_of(std::string_view name) {
  const auto row = std::ranges::find(kRows, name, &Row::name);
  return row == std::end(kRows) ? Format::any : row->format;
}

std::string_view describe(Format format) {
  const auto row = std::ranges::find(kRows, format, &Row::format);
  return row == std::end(kRows) ? std::string_view() : row->description;
}

bool is_format(Format format, std::string_view text) {
  Cursor cursor(text);
  switch (format) {
    case Format::any:
      return true;
    case Format::date_time:
      return take_date(cursor) && cursor.take_any("Tt ") && take_time(cursor) && cursor.at_end();
    case Format::date:
      return take_date(cursor) && cursor.at_end();
    case Format::time:
      return take_time(cursor) && cursor.at_end();
    case Format::duration:
      return is_duration(text);
    case Format::email:
      return is_email(text);
    case Format::hostname:
      return is_hostname(text);
    case Format::ipv4:
      return is_address<AF_INET, 15>(text);
    case Format::ipv6:
      return is_address<AF_INET6, 45>(text);
    case Format::uuid:
      return is_uuid(text);
    case Format::uri:
      return is_uri(text);
  }
  return true;
}

}  // namespace gatehouse::guard::schema
