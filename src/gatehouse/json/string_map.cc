#include "gatehouse/json/string_map.h"

#include <algorithm>

#include <simdjson.h>

#include "gatehouse/json/lexer.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::json {
namespace {

struct Escape {
  std::size_t written;  // bytes in the string
  std::size_t text;     // bytes of the character
};

// The escape at `p`, whose first byte is a backslash. The string is valid; a bound is kept all the same.
Escape escape_at(const char* p, const char* end) {
  if (end - p < 6 || p[1] != 'u') return {std::min<std::size_t>(2, static_cast<std::size_t>(end - p)), 1};
  const int unit = detail::hex4(p + 2);
  if (unit < 0x80) return {6, 1};
  if (unit < 0x800) return {6, 2};
  if (detail::is_paired(p, end)) return {12, 4};
  return {6, 3};
}

bool needs_escapes(std::string_view text) {
  const char* const end = text.data() + text.size();
  return detail::plain_end(text.data(), end) != end || !simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace

StringMap::StringMap(std::string_view raw)
    : begin_(raw.data()),
      at_(raw.size() < 2 ? begin_ + raw.size() : begin_ + 1),
      end_(raw.size() < 2 ? begin_ + raw.size() : begin_ + raw.size() - 1) {}

void StringMap::advance(std::size_t decoded) {
  while (text_ < decoded && at_ < end_) {
    if (*at_ == '\\') {
      const Escape escape = escape_at(at_, end_);
      if (text_ + escape.text > decoded) return;
      at_ += escape.written;
      text_ += escape.text;
    } else {
      const std::size_t left = std::min(decoded - text_, static_cast<std::size_t>(end_ - at_));
      const char* const stop = detail::plain_end(at_, at_ + left);
      // A quote or a control byte is none of a valid string: stepped over, so that the walk ends.
      const std::size_t run = stop == at_ ? 1 : static_cast<std::size_t>(stop - at_);
      at_ += run;
      text_ += run;
    }
  }
}

std::size_t StringMap::begin_of(std::size_t decoded) {
  advance(decoded);
  return static_cast<std::size_t>(at_ - begin_);
}

std::size_t StringMap::end_of(std::size_t decoded) {
  advance(decoded);
  const char* end = at_;
  if (text_ < decoded && at_ < end_) end += escape_at(at_, end_).written;
  return static_cast<std::size_t>(end - begin_);
}

void append_edits(std::string_view body, std::size_t offset, std::size_t length, std::span<const TextEdit> edits,
                  std::vector<Edit>& out, std::deque<std::string>& owned) {
  StringMap map(body.substr(offset, length));
  std::size_t text_done = 0;
  std::size_t raw_done = 0;
  for (const TextEdit& edit : edits) {
    const std::size_t text_begin = std::max(edit.begin, text_done);
    const std::size_t text_end = std::max(edit.end, text_begin);
    const std::size_t begin = std::max(map.begin_of(text_begin), raw_done);
    const std::size_t end = text_end == text_begin ? begin : std::max(map.end_of(text_end), begin);
    std::string_view replacement = edit.replacement;
    if (needs_escapes(replacement)) {
      append_escaped(owned.emplace_back(), replacement);
      replacement = owned.back();
    }
    out.push_back({offset + begin, end - begin, replacement});
    text_done = text_end;
    raw_done = end;
  }
}

}  // namespace gatehouse::json
