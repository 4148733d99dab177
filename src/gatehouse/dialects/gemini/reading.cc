#include "gatehouse/dialects/gemini/reading.h"

#include <algorithm>

namespace gatehouse::dialects::gemini {
namespace {

std::string_view unquoted(std::string_view raw) {
  if (raw.size() >= 2 && raw.front() == '"' && raw.back() == '"') return raw.substr(1, raw.size() - 2);
  return raw;
}

}  // namespace

Name::Name(const Cursor::String& written) : view_(written.inside) {
  if (!written.escaped && written.inside.find('_') == std::string_view::npos) return;
  std::string text = decoded(written);
  // Longer than any that is known: whatever it is, it is none of those.
  if (text.size() > buffer_.size()) return;
  std::size_t size = 0;
  bool upper = false;
  for (const char c : text) {
    if (c == '_' && size > 0) {
      upper = true;
      continue;
    }
    buffer_[size++] = upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = false;
  }
  view_ = {buffer_.data(), size};
}

std::string decoded(const Cursor::String& text) {
  std::string out;
  json::append_decoded(text, out);
  return out;
}

bool take_text(Cursor& cursor, std::string& to) {
  to.clear();
  if (const auto text = take_string(cursor)) json::append_decoded(*text, to);
  return !cursor.failed();
}

std::optional<double> number_of(std::string_view raw) { return json::read_number(unquoted(raw)); }

std::optional<std::int64_t> integer_of(std::string_view raw) {
  if (const auto integer = json::read_integer(unquoted(raw))) return integer;
  const auto number = number_of(raw);
  if (!number || *number != static_cast<double>(static_cast<std::int64_t>(std::clamp(*number, -9e15, 9e15)))) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(*number);
}

std::optional<std::uint64_t> count_of(std::string_view raw) { return json::read_count(unquoted(raw)); }

bool is_standard_base64(std::string_view data) {
  return data.size() % 4 == 0 && data.find_first_of("-_") == std::string_view::npos;
}

std::string standard_base64(std::string&& data) {
  if (is_standard_base64(data)) return std::move(data);
  for (char& c : data) {
    if (c == '-') c = '+';
    if (c == '_') c = '/';
  }
  while (data.size() % 4 != 0) data.push_back('=');
  return std::move(data);
}

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

}  // namespace gatehouse::dialects::gemini
