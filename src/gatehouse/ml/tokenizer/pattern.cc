#include "gatehouse/ml/tokenizer/pattern.h"

#include <re2/re2.h>

#include <array>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/ml/tokenizer/aligned.h"
#include "gatehouse/ml/tokenizer/characters.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::ml::tokenizer {
namespace {

constexpr std::int64_t kMostRegexMemory = 16 << 20;

// White_Space, as items of a class.
constexpr std::string_view kSpaceItems =
    R"(\t-\r\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})";
constexpr std::string_view kWordItems = R"(\pL\pM\p{Nd}\p{Nl}\p{Pc})";
constexpr std::string_view kLookAhead = R"(\s+(?!\S)|\s+)";

std::unexpected<Error> bad(std::string_view expression, std::string_view why) {
  return fail(Code::configuration, fmt::format("the pattern `{}` {}", text::safe_excerpt(expression, 100), why));
}

// The expression in RE2's words: \s, \d and \w mean Unicode's.
Result<std::string> translate(std::string_view expression) {
  std::string out = "(?m)";
  bool in_class = false;
  for (std::size_t i = 0; i < expression.size(); ++i) {
    const char c = expression[i];
    if (c == '\\' && i + 1 < expression.size()) {
      const char next = expression[++i];
      std::string_view items;
      bool negated = false;
      switch (next) {
        case 's':
          items = kSpaceItems;
          break;
        case 'S':
          items = kSpaceItems;
          negated = true;
          break;
        case 'w':
          items = kWordItems;
          break;
        case 'W':
          items = kWordItems;
          negated = true;
          break;
        case 'd':
          items = R"(\p{Nd})";
          break;
        case 'D':
          items = R"(\p{Nd})";
          negated = true;
          break;
        case 'h':  // a hexadecimal digit there, and white space here
        case 'H':
        case 'b':
        case 'B':
        case 'R':
        case 'X':
          return bad(expression, "has an escape that is not supported");
        default:
          break;
      }
      if (items.empty()) {
        out += '\\';
        out += next;
      } else if (!in_class) {
        out += negated ? "[^" : "[";
        out += items;
        out += ']';
      } else if (!negated) {
        out += items;
      } else {
        return bad(expression, "has a negated escape inside brackets, which is not supported");
      }
      continue;
    }
    if (in_class) {
      if (c == '[' && expression.substr(i, 2) != "[:") return bad(expression, "has brackets inside brackets");
      if (c == '&' && expression.substr(i, 2) == "&&") return bad(expression, "has an intersection of classes");
      if (c == ']') in_class = false;
      out += c;
      continue;
    }
    if (c == '[') {
      in_class = true;
      out += c;
      if (i + 1 < expression.size() && expression[i + 1] == '^') out += expression[++i];
      if (i + 1 < expression.size() && expression[i + 1] == ']') {
        out += "\\]";
        ++i;
      }
      continue;
    }
    if (c == '+' && i > 0 && (expression[i - 1] == '+' || expression[i - 1] == '*' || expression[i - 1] == '?') &&
        (i < 2 || expression[i - 2] != '\\')) {
      return bad(expression, "has a possessive repetition, which is not supported");
    }
    if (c == '(' && expression.substr(i, 2) == "(?") {
      const std::string_view kind = expression.substr(i, 4);
      if (kind.starts_with("(?=") || kind.starts_with("(?!") || kind.starts_with("(?<=") || kind.starts_with("(?<!") ||
          kind.starts_with("(?>")) {
        return bad(expression, "has look-around, which is not supported");
      }
    } else if (c == '(') {
      out += "(?:";  // groups are ours to count
      continue;
    }
    out += c;
  }
  return out;
}

std::size_t skip(std::string_view text, std::size_t at, std::uint16_t any_of, std::uint16_t none_of) {
  const Characters& characters = Characters::get();
  while (at < text.size()) {
    std::size_t next = at;
    const std::uint16_t properties = characters[next_point(text, next)];
    if ((properties & none_of) != 0 || (any_of != 0 && (properties & any_of) == 0)) break;
    at = next;
  }
  return at;
}

// White space that ends at `end` leaves its last character to what follows, if it has another one.
std::size_t without_last(std::string_view text, std::size_t begin, std::size_t end) {
  if (end == text.size()) return end;
  std::size_t last = end;
  previous_point(text, last);
  return last > begin ? last : end;
}

}  // namespace

Result<Pattern> Pattern::parse(const json::Value& pattern) {
  if (const auto literal = pattern["String"].string()) {
    if (literal->size() > kMostBytes) return fail(Code::configuration, "the pattern is too long");
    Pattern made;
    made.literal_ = *literal;
    return made;
  }
  if (const auto expression = pattern["Regex"].string()) return regular(*expression);
  return fail(Code::configuration, "a pattern must be a `String` or a `Regex`");
}

Result<Pattern> Pattern::regular(std::string_view expression) {
  if (expression.size() > kMostBytes) return fail(Code::configuration, "the pattern is too long");
  Pattern made;
  std::string_view rest = expression;
  if (rest.ends_with(kLookAhead)) {
    rest.remove_suffix(kLookAhead.size());
    if (!rest.empty() && !rest.ends_with('|')) return bad(expression, "has look-around, which is not supported");
    made.ends_with_space_ = true;
  }
  auto translated = translate(rest);
  if (!translated) return std::unexpected(std::move(translated.error()));
  if (made.ends_with_space_) *translated += fmt::format("([{}]+)", kSpaceItems);
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(kMostRegexMemory);
  auto regex = std::make_shared<const re2::RE2>(*translated, options);
  if (!regex->ok()) return bad(expression, fmt::format("is not understood: {}", regex->error()));
  made.regex_ = std::move(regex);
  return made;
}

void Pattern::each(std::string_view text, base::FunctionRef<void(std::size_t, std::size_t)> match) const {
  if (!regex_) {
    if (literal_.empty()) return;
    for (std::size_t at = text.find(literal_); at != std::string_view::npos;
         at = text.find(literal_, at + literal_.size())) {
      match(at, at + literal_.size());
    }
    return;
  }
  std::array<re2::StringPiece, 2> groups;
  for (std::size_t at = 0; at < text.size();) {
    if (!regex_->Match(re2::StringPiece(text.data(), text.size()), at, text.size(), re2::RE2::UNANCHORED, groups.data(),
                       ends_with_space_ ? 2 : 1)) {
      return;
    }
    const auto begin = static_cast<std::size_t>(groups[0].data() - text.data());
    std::size_t end = begin + groups[0].size();
    if (begin == end) {  // nothing is matched here
      at = begin;
      if (at < text.size()) next_point(text, at);
      continue;
    }
    if (ends_with_space_ && groups[1].data() != nullptr) end = without_last(text, begin, end);
    match(begin, end);
    at = end;
  }
}

void split_like_gpt2(std::string_view text, base::FunctionRef<void(std::size_t, std::size_t)> piece) {
  const Characters& characters = Characters::get();
  constexpr std::uint16_t kNoOther = kSpace | kLetter | kNumber;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    if (text[at] == '\'') {
      const std::string_view behind = text.substr(at + 1, 2);
      if (behind.starts_with("re") || behind.starts_with("ve") || behind.starts_with("ll")) {
        at += 3;
      } else if (behind.starts_with('s') || behind.starts_with('t') || behind.starts_with('m') ||
                 behind.starts_with('d')) {
        at += 2;
      }
      if (at != begin) {
        piece(begin, at);
        continue;
      }
    }
    std::size_t first = text[at] == ' ' && at + 1 < text.size() ? at + 1 : at;
    std::size_t next = first;
    std::uint16_t properties = characters[next_point(text, next)];
    if ((properties & kSpace) != 0) {  // the space is white space as well
      at = without_last(text, begin, skip(text, begin, kSpace, 0));
    } else if ((properties & kLetter) != 0) {
      at = skip(text, next, kLetter, 0);
    } else if ((properties & kNumber) != 0) {
      at = skip(text, next, kNumber, 0);
    } else {
      at = skip(text, next, 0, kNoOther);
    }
    piece(begin, at);
  }
}

}  // namespace gatehouse::ml::tokenizer
