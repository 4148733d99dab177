#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/json/cursor.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/llm/chat/block.h"

namespace gatehouse::dialects::anthropic {

// Raw JSON to be kept and written again. A provider's text that is no UTF-8, or has lone surrogates, reads on with
// U+FFFD in their place instead of spoiling all that it is written into. The grammar was checked before.
inline std::string kept_json(std::string_view raw) {
  if (json::validate(raw)) return std::string(raw);
  std::string out;
  std::string decoded;
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t quote = std::min(raw.find('"', at), raw.size());
    out.append(raw.substr(at, quote - at));
    if (quote == raw.size()) break;
    std::size_t end = quote + 1;
    while (end < raw.size() && raw[end] != '"') end += raw[end] == '\\' ? 2 : 1;
    decoded.clear();
    json::append_decoded({.inside = raw.substr(quote + 1, end - quote - 1), .escaped = true}, decoded);
    json::append_quoted(out, decoded);
    at = end + 1;
  }
  return out;
}

// The members of one object by their raw values, because `type` may stand behind what it is the type of. Views into the
// document, which was checked before and outlives them. What was asked for counts as known, the rest are extras.
class Fields {
 public:
  static constexpr std::size_t kMost = 48;

  // Reads the object at which the cursor stands. False: it is none, or has more members than kMost.
  bool read(json::Cursor& cursor) {
    size_ = 0;
    if (cursor.first() != '{') return false;
    return cursor.object([&](const json::Cursor::String& key) {
      if (size_ == kMost) return false;
      Field& field = fields_[size_];
      field.key = key.inside;
      field.escaped = key.escaped;
      field.known = false;
      const std::size_t start = cursor.offset();
      if (!cursor.skip()) return false;
      field.raw = cursor.since(start);
      ++size_;
      return true;
    });
  }
  bool read(std::string_view object) {
    json::Cursor cursor(object);
    return read(cursor);
  }

  // The raw value; empty: there is none, or it is null. Of a member that stands twice the last counts.
  std::string_view raw(std::string_view key) {
    std::string_view found;
    for (std::size_t i = 0; i < size_; ++i) {
      Field& field = fields_[i];
      if (!is(field, key)) continue;
      field.known = true;
      found = field.raw == "null" ? std::string_view{} : field.raw;
    }
    return found;
  }
  bool has(std::string_view key) { return !raw(key).empty(); }
  // Sets `out` where there is such a string. False: there is something that is no string.
  bool string(std::string_view key, std::string& out) {
    const std::string_view value = raw(key);
    if (value.empty()) return true;
    out.clear();
    return json::append_string(value, out);
  }
  std::string text(std::string_view key) { return json::read_string(raw(key)).value_or(std::string()); }
  std::optional<bool> boolean(std::string_view key) { return json::read_bool(raw(key)); }
  std::uint64_t count(std::string_view key) { return json::read_count(raw(key)).value_or(0); }

  // What nobody asked for, nulls too.
  void rest(llm::Extras& out) const {
    for (std::size_t i = 0; i < size_; ++i) {
      if (!fields_[i].known) out.push_back({.name = name(fields_[i]), .json = std::string(fields_[i].raw)});
    }
  }
  bool any_left() const {
    for (std::size_t i = 0; i < size_; ++i) {
      if (!fields_[i].known) return true;
    }
    return false;
  }

 private:
  struct Field {
    std::string_view key;
    std::string_view raw;
    bool escaped = false;
    bool known = false;
  };
  static std::string name(const Field& field) {
    std::string decoded;
    json::append_decoded({.inside = field.key, .escaped = field.escaped}, decoded);
    return decoded;
  }
  static bool is(const Field& field, std::string_view key) {
    return field.escaped ? name(field) == key : field.key == key;
  }

  std::array<Field, kMost> fields_;
  std::size_t size_ = 0;
};

}  // namespace gatehouse::dialects::anthropic
