#include "gatehouse/admin/api/query.h"

#include <algorithm>

#include "gatehouse/base/strings.h"
#include "gatehouse/config/units.h"
#include "gatehouse/crypto/encoding.h"

namespace gatehouse::admin {
namespace {

constexpr std::size_t kMostParameters = 64;
constexpr std::size_t kMaxCursor = 1024;

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && plus_is_space) {
      c = ' ';
    } else if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex(text[i + 1]);
      const int low = hex(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;
    out.push_back(c);
  }
  return out;
}

std::optional<std::vector<std::string>> split_path(std::string_view path) {
  if (!path.starts_with('/') || path.find('\\') != path.npos) return std::nullopt;
  std::vector<std::string> segments;
  path.remove_prefix(1);
  for (;;) {
    const auto slash = path.find('/');
    auto segment = percent_decode(path.substr(0, slash), false);
    if (!segment || segment->empty() || *segment == "." || *segment == "..") return std::nullopt;
    segments.push_back(std::move(*segment));
    if (slash == path.npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

Result<Query> Query::parse(std::string_view text, std::span<const std::string_view> known,
                           std::string_view repeatable) {
  Query query;
  while (!text.empty()) {
    const auto end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = equals == pair.npos ? std::optional<std::string>("") : percent_decode(pair.substr(equals + 1), true);
    if (!name || !value) return fail(Code::invalid_request, "A parameter is malformed");
    if (std::ranges::find(known, *name) == known.end()) {
      std::string names;
      for (const auto one : known) names.append(names.empty() ? "" : ", ").append(one);
      return fail(Code::invalid_request, known.empty() ? "No parameters are known here" : "Known parameters: " + names);
    }
    if (*name != repeatable && query.values_.contains(*name)) {
      return fail(Code::invalid_request, "A parameter is given twice");
    }
    if (query.values_.size() >= kMostParameters) return fail(Code::invalid_request, "Too many parameters");
    query.values_.emplace(std::move(*name), std::move(*value));
  }
  return query;
}

std::string_view Query::get(std::string_view name) const {
  const auto at = values_.find(name);
  return at == values_.end() ? std::string_view() : std::string_view(at->second);
}

std::vector<std::string> Query::all(std::string_view name) const {
  std::vector<std::string> found;
  const auto [from, to] = values_.equal_range(name);
  for (auto at = from; at != to; ++at) found.push_back(at->second);
  return found;
}

Result<std::size_t> Query::limit(std::size_t otherwise, std::size_t most) const {
  const auto text = get("limit");
  if (text.empty()) return otherwise;
  const auto number = base::parse_u64(text);
  if (!number || *number < 1 || *number > most) {
    return fail(Code::invalid_request, "limit: 1 to " + std::to_string(most));
  }
  return static_cast<std::size_t>(*number);
}

Result<std::optional<base::WallTime>> Query::time(std::string_view name) const {
  const auto text = get(name);
  if (text.empty()) return std::optional<base::WallTime>();
  const auto parsed = config::parse_time(text);
  if (!parsed) return fail(Code::invalid_request, std::string(name) + ": a date, or a date-time of RFC 3339");
  return std::optional(*parsed);
}

Result<bool> Query::flag(std::string_view name) const {
  const auto text = get(name);
  if (text.empty() || text == "false") return false;
  if (text == "true") return true;
  return fail(Code::invalid_request, std::string(name) + ": true or false");
}

std::string make_cursor(std::string_view list, std::string_view after) {
  return crypto::to_base64url(std::string(list) + "\n" + std::string(after));
}

Result<std::string> read_cursor(std::string_view list, std::string_view cursor) {
  if (cursor.empty()) return std::string();
  const auto refused = [] { return fail(Code::invalid_request, "cursor: not one of this list"); };
  if (cursor.size() > kMaxCursor) return refused();
  const auto text = crypto::from_base64url(cursor);
  if (!text) return refused();
  const auto line = text->find('\n');
  if (line == std::string::npos || std::string_view(*text).substr(0, line) != list) return refused();
  std::string after = text->substr(line + 1);
  if (after.empty() || std::ranges::any_of(after, [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
    return refused();
  }
  return after;
}

}  // namespace gatehouse::admin
