#include "gatehouse/text/views/escapes.h"

#include <algorithm>
#include <array>
#include <optional>

#include "gatehouse/text/views/chars.h"
#include "gatehouse/text/views/entities.h"
#include "gatehouse/text/views/windows.h"

namespace gatehouse::text::views {
namespace {

// What an escape at some place is.
enum class Got : std::uint8_t { none, escape, at_end /* one, but it may go on */, unfinished };

// The parts that these readings share: find the sign, ask what stands there. `Escape` has
//   Got read(text, at, change, buffer)   // `at` is at the sign; for none change.end is where looking goes on
template <char kSign, typename Escape>
class Unescaping {
 public:
  Unescaping(std::string_view text, std::size_t first) : text_(text), first_(first) {}

  bool next(std::size_t at, Change& change) {
    at = std::max(at, first_);
    while (at < text_.size()) {
      at = text_.find(kSign, at);
      if (at == std::string_view::npos) return false;
      buffer_.clear();
      change = {at, at + 1, {}, false};
      const Got got = Escape::read(text_, at, change, buffer_);
      if (got == Got::at_end || got == Got::unfinished) open = std::min(open, at);
      if (got == Got::escape || got == Got::at_end) {
        if (change.with.empty()) change.with = buffer_;
        return true;
      }
      at = change.end;
    }
    return false;
  }

  std::size_t open = std::string_view::npos;

 private:
  std::string_view text_;
  std::size_t first_;
  std::string buffer_;
};

// `count` hex digits at `at`: their value, or -1 if they are none, or -2 if the text ends within them.
int hex_at(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (at + i >= text.size()) return -2;
    const int digit = hex_digit(text[at + i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

constexpr bool is_high(int unit) { return unit >= 0xD800 && unit < 0xDC00; }
constexpr bool is_low(int unit) { return unit >= 0xDC00 && unit < 0xE000; }

// A unit written by a sign of `lead` bytes and four digits, and the second one of a pair.
Got read_units(std::string_view text, std::size_t at, std::string_view lead, Change& change, std::string& buffer) {
  const int unit = hex_at(text, at + lead.size(), 4);
  if (unit == -2) return Got::unfinished;
  if (unit == -1 || is_low(unit)) return Got::none;
  change.end = at + lead.size() + 4;
  if (!is_high(unit)) {
    append_utf8(buffer, static_cast<char32_t>(unit));
    return Got::escape;
  }
  const std::string_view rest = text.substr(change.end);
  if (rest.size() < lead.size()) return lead.starts_with(rest) ? Got::unfinished : Got::none;
  if (!rest.starts_with(lead)) return Got::none;
  const int low = hex_at(text, change.end + lead.size(), 4);
  if (low == -2) return Got::unfinished;
  if (low == -1 || !is_low(low)) return Got::none;
  change.end += lead.size() + 4;
  append_utf8(buffer,
              0x10000 + ((static_cast<char32_t>(unit) - 0xD800) << 10U) + (static_cast<char32_t>(low) - 0xDC00));
  return Got::escape;
}

struct JsonEscape {
  static Got read(std::string_view text, std::size_t at, Change& change, std::string& buffer) {
    if (at + 1 >= text.size()) return Got::unfinished;
    const char sign = text[at + 1];
    change.end = at + 2;
    switch (sign) {
      case '"':
      case '/':
        change.with = text.substr(at + 1, 1);
        return Got::escape;
      case '\\':
        // Of itself it hides nothing, unless an escape was escaped.
        change.with = text.substr(at + 1, 1);
        change.weak =
            at + 2 < text.size() && std::string_view("unrtxbf\"/").find(text[at + 2]) == std::string_view::npos;
        return at + 2 < text.size() ? Got::escape : Got::at_end;
      case 'n':
        change.with = "\n";
        return Got::escape;
      case 't':
        change.with = "\t";
        return Got::escape;
      case 'r':
        change.with = "\r";
        return Got::escape;
      case 'b':
        change.with = "\b";
        return Got::escape;
      case 'f':
        change.with = "\f";
        return Got::escape;
      case 'u':
        break;
      default:
        change.end = at + 1;
        return Got::none;
    }
    if (at + 2 >= text.size()) return Got::unfinished;
    if (text[at + 2] != '{') return read_units(text, at, "\\u", change, buffer);
    char32_t value = 0;
    std::size_t i = at + 3;
    for (; i < text.size() && i < at + 9; ++i) {
      const int digit = hex_digit(text[i]);
      if (digit < 0) break;
      value = value * 16 + static_cast<char32_t>(digit);
    }
    if (i >= text.size()) return Got::unfinished;
    if (text[i] != '}' || i == at + 3 || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return Got::none;
    change.end = i + 1;
    append_utf8(buffer, value);
    return Got::escape;
  }
};

struct HexEscape {
  static Got read(std::string_view text, std::size_t at, Change& change, std::string& buffer) {
    if (at + 1 >= text.size()) return Got::unfinished;
    if (text[at + 1] != 'x' && text[at + 1] != 'X') return Got::none;
    const int value = hex_at(text, at + 2, 2);
    if (value == -2) return Got::unfinished;
    if (value == -1) return Got::none;
    change.end = at + 4;
    buffer += static_cast<char>(value);
    return Got::escape;
  }
};

struct PercentEscape {
  static Got read(std::string_view text, std::size_t at, Change& change, std::string& buffer) {
    if (at + 1 >= text.size()) return Got::unfinished;
    if (text[at + 1] == 'u') return read_units(text, at, "%u", change, buffer);
    const int value = hex_at(text, at + 1, 2);
    if (value == -2) return Got::unfinished;
    if (value == -1) return Got::none;
    change.end = at + 3;
    buffer += static_cast<char>(value);
    return Got::escape;
  }
};

struct HtmlEscape {
  static constexpr std::size_t kMostDigits = 64;  // zeros in front

  static Got read(std::string_view text, std::size_t at, Change& change, std::string& buffer) {
    if (at + 1 >= text.size()) return Got::unfinished;
    return text[at + 1] == '#' ? number(text, at, change, buffer) : named(text, at, change, buffer);
  }

 private:
  static Got number(std::string_view text, std::size_t at, Change& change, std::string& buffer) {
    std::size_t i = at + 2;
    if (i >= text.size()) return Got::unfinished;
    const bool hex = text[i] == 'x' || text[i] == 'X';
    if (hex) ++i;
    const std::size_t digits = i;
    char32_t value = 0;
    for (; i < text.size() && i < digits + kMostDigits; ++i) {
      const int digit = hex_digit(text[i]);
      if (digit < 0 || (!hex && digit > 9)) break;
      value = std::min<char32_t>(value * (hex ? 16 : 10) + static_cast<char32_t>(digit), 0x110000);
    }
    const bool at_end = i >= text.size();
    if (at_end && i == digits) return Got::unfinished;
    change.end = i;
    if (i == digits || value == 0 || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return Got::none;
    if (!at_end && text[i] == ';') ++change.end;
    append_utf8(buffer, value);
    return at_end ? Got::at_end : Got::escape;
  }

  static Got named(std::string_view text, std::size_t at, Change& change, std::string& buffer) {
    std::size_t i = at + 1;
    while (i < text.size() && i <= at + kLongestEntity && is_alnum(text[i])) ++i;
    change.end = std::max(i, at + 1);
    const std::string_view name = text.substr(at + 1, i - at - 1);
    const bool at_end = i >= text.size() && name.size() <= kLongestEntity;
    if (!at_end && name.empty()) return Got::none;
    if (i < text.size() && text[i] == ';') {
      const char32_t value = entity(name);
      if (value == 0) return Got::none;
      change.end = i + 1;
      append_utf8(buffer, value);
      return Got::escape;
    }
    // &ltscript: the oldest names need no semicolon and may be followed by anything.
    for (const std::string_view old : {"amp", "lt", "gt", "quot", "nbsp"}) {
      if (!name.starts_with(old)) continue;
      change.end = at + 1 + old.size();
      append_utf8(buffer, entity(old));
      return at_end ? Got::at_end : Got::escape;
    }
    return at_end ? Got::unfinished : Got::none;
  }
};

template <char kSign, typename Escape>
void make(const Source& source, std::size_t first, ViewKind kind, Sink& sink) {
  Unescaping<kSign, Escape> reading(source.text, first);
  make_windows(source, reading, kind, sink);
}

}  // namespace

void make_json(const Source& source, std::size_t first, Sink& sink) {
  make<'\\', JsonEscape>(source, first, ViewKind::json, sink);
}
void make_hex_escapes(const Source& source, std::size_t first, Sink& sink) {
  make<'\\', HexEscape>(source, first, ViewKind::hex, sink);
}
void make_percent(const Source& source, std::size_t first, Sink& sink) {
  make<'%', PercentEscape>(source, first, ViewKind::percent, sink);
}
void make_html(const Source& source, std::size_t first, Sink& sink) {
  make<'&', HtmlEscape>(source, first, ViewKind::html, sink);
}

}  // namespace gatehouse::text::views
