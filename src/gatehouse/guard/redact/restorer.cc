#include "gatehouse/guard/redact/restorer.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "gatehouse/base/strings.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::guard {
namespace {

constexpr std::size_t kMostHeldBackslashes = 2;

std::size_t find_bracket(std::string_view text, std::size_t from) {
  if (from >= text.size()) return std::string_view::npos;
  const void* found = std::memchr(text.data() + from, '[', text.size() - from);
  return found == nullptr ? std::string_view::npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

std::size_t backslashes_before(std::string_view text, std::size_t from, std::size_t end) {
  std::size_t count = 0;
  while (end - count > from && text[end - count - 1] == '\\') ++count;
  return count;
}

// How many of the backslashes before a token's bracket belong to it, of those from `from` on. In Markdown one of an odd
// number; in JSON, where that is written as two, two of an even number, or the one that should not be there.
std::size_t swallowed(std::string_view text, std::size_t from, std::size_t bracket, llm::SegmentKind kind) {
  const std::size_t run = backslashes_before(text, 0, bracket);
  std::size_t count = run % 2;
  if (kind == llm::SegmentKind::tool_arguments && count == 0 && run > 0) count = 2;
  return std::min(count, bracket - from);
}

// Without leaving a copy behind: the text that is given is a secret, and so is what was made of it.
base::Secret escaped_for_json(const base::Secret& value) {
  std::string quoted;
  quoted.reserve(value.reveal().size() * 2 + 16);
  json::append_quoted(quoted, value.reveal());
  const base::Secret holder(std::move(quoted));
  const std::string_view inside = holder.reveal();
  return base::Secret(std::string(inside.substr(1, inside.size() - 2)));
}

base::Secret percent_encoded(const base::Secret& value) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  out.reserve(value.reveal().size() * 3);
  for (const char c : value.reveal()) {
    const bool plain = base::is_digit(c) || (base::lower(c) >= 'a' && base::lower(c) <= 'z') || c == '-' || c == '.' ||
                       c == '_' || c == '~';
    if (plain) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(kHex[static_cast<unsigned char>(c) >> 4U]);
      out.push_back(kHex[static_cast<unsigned char>(c) & 15U]);
    }
  }
  return base::Secret(std::move(out));
}

}  // namespace

void JsonNesting::feed(std::string_view text) {
  for (const char c : text) {
    if (c == '"') {
      quote();
      backslashes_ = 0;
    } else {
      other(c);
      backslashes_ = c == '\\' ? backslashes_ + 1 : 0;
    }
  }
}

void JsonNesting::quote() {
  // Read as JSON, an even number of backslashes leaves the quote a quote; an odd one makes it a character of the
  // string, before which half of the others are left.
  std::size_t count = backslashes_;
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    Level& level = levels_[i];
    if (count % 2 == 0) {
      level = {.in_string = !level.in_string, .holds = Holds::undecided};
      for (std::size_t deeper = i + 1; deeper < levels_.size(); ++deeper) levels_[deeper] = {};
      return;
    }
    if (!level.in_string) return;
    if (level.holds == Holds::after_bracket) level.holds = Holds::json;  // [\"
    if (level.holds == Holds::undecided) level.holds = Holds::text;      // \"quoted\"
    if (level.holds != Holds::json) return;
    count = (count - 1) / 2;
  }
}

void JsonNesting::other(char c) {
  std::size_t deepest = 0;
  while (deepest + 1 < levels_.size() && levels_[deepest].holds == Holds::json && levels_[deepest + 1].in_string) {
    ++deepest;
  }
  Level& level = levels_[deepest];
  const bool space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
  if (!level.in_string || space || c == '\\') return;
  if (level.holds == Holds::undecided) {
    level.holds = c == '{' ? Holds::json : c == '[' ? Holds::after_bracket : Holds::text;
  } else if (level.holds == Holds::after_bracket) {
    level.holds = c == '{' || c == '[' || c == ']' || c == '-' || base::is_digit(c) ? Holds::json : Holds::text;
  }
}

unsigned JsonNesting::depth() const {
  unsigned depth = 1;
  while (depth < levels_.size() && levels_[depth - 1].in_string && levels_[depth - 1].holds == Holds::json &&
         levels_[depth].in_string) {
    ++depth;
  }
  return depth;
}

std::size_t Restorer::look(std::string_view text, std::size_t from, bool complete, llm::SegmentKind kind,
                           std::vector<Restoration>& out, const JsonNesting& begin) {
  if (kind == llm::SegmentKind::media) return text.size();
  JsonNesting nesting = begin;
  std::size_t fed = 0;      // to `nesting`
  std::size_t done = from;  // where the last token ended
  std::size_t at = from;
  std::size_t bytes = 0;
  for (;;) {
    const std::size_t bracket = find_bracket(text, at);
    if (bracket == std::string_view::npos) break;
    const TokenMatch match = match_token(text, bracket);
    if (match.state == TokenMatch::State::none || (match.state == TokenMatch::State::partial && complete)) {
      at = bracket + 1;
      continue;
    }
    const std::size_t escaped_start = bracket - swallowed(text, done, bracket, kind);
    if (match.state == TokenMatch::State::partial) return escaped_start;
    // Brackets are escaped both or none: a backslash before `[` alone was there before.
    const std::size_t start = match.escaped ? escaped_start : bracket;
    at = done = match.end;
    if (bytes >= kMostBytes) continue;
    std::optional<base::Secret> value = lookup_(match.id);
    if (!value) continue;
    if (kind == llm::SegmentKind::tool_arguments) {
      nesting.feed(text.substr(fed, start - fed));
      fed = start;
      for (unsigned depth = nesting.depth(); depth > 0; --depth) *value = escaped_for_json(*value);
    } else if (kind == llm::SegmentKind::url) {
      *value = percent_encoded(*value);
    }
    bytes += value->reveal().size();
    out.push_back({.offset = start, .length = match.end - start, .value = std::move(*value)});
  }
  if (complete) return text.size();
  return text.size() - std::min(kMostHeldBackslashes, backslashes_before(text, done, text.size()));
}

bool find_tokens(std::string_view text, std::size_t most,
                 base::FunctionRef<void(std::size_t begin, std::size_t end, const TokenId& id)> visit) {
  std::size_t count = 0;
  for (std::size_t at = find_bracket(text, 0); at != std::string_view::npos;) {
    const TokenMatch match = match_token(text, at);
    if (match.state != TokenMatch::State::whole) {
      at = find_bracket(text, at + 1);
      continue;
    }
    if (++count > most) return false;
    visit(at, match.end, match.id);
    at = find_bracket(text, match.end);
  }
  return true;
}

}  // namespace gatehouse::guard
