#include "gatehouse/dialects/gemini/reading.h"

#include <algorithm>

namespace gatehouse::dialects::gemini {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int value_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

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

std::string to_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t left = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8 | (i < left ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out.push_back(i <= left ? kAlphabet[group >> (18 - 6 * i) & 63] : '=');
    }
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    const int value = value_of(c);
    if (value < 0) return std::nullopt;
    group = group << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<char>(group >> bits & 255));
    }
  }
  return out;
}

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

}  // namespace gatehouse::dialects::gemini
