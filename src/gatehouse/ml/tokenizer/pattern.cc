#include "gatehouse/ml/tokenizer/pattern.h"

#include <re2/re2.h>

#include <array>
#include <iterator>
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
constexpr std::string_view kLookAhead = R"(\s+(?!\S)|\s+)";

std::unexpected<Error> bad(std::string_view expression, std::string_view why) {
  return fail(Code::configuration, fmt::format("the pattern `{}` {}", text::safe_excerpt(expression, 100), why));
}

// What has a property, as items of a class: RE2's own tables are of an older Unicode.
std::string items_of(std::uint16_t any_of) {
  const Characters& characters = Characters::get();
  std::string items;
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (!characters.is(c, any_of)) continue;
    const char32_t first = c;
    while (c + 1 < 0x110000 && characters.is(c + 1, any_of)) ++c;
    fmt::format_to(std::back_inserter(items), "\\x{{{:X}}}-\\x{{{:X}}}", static_cast<std::uint32_t>(first),
                   static_cast<std::uint32_t>(c));
  }
  return items;
}

// The expression in RE2's words: \s, \d, \w, \p{L} and \p{N} mean what the reference takes them for.
Result<std::string> translate(std::string_view expression) {
  static const std::string letters = items_of(kLetter);
  static const std::string numbers = items_of(kNumber);
  static const std::string words = items_of(kWord) + R"(\x{B2}\x{B3}\x{B9}\x{BC}-\x{BE})";
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
          items = words;
          break;
        case 'W':
          items = words;
          negated = true;
          break;
        case 'd':
          items = R"(\p{Nd})";
          break;
        case 'D':
          items = R"(\p{Nd})";
          negated = true;
          break;
        case 'p':
          if (expression.substr(i + 1).starts_with("{L}") || expression.substr(i + 1).starts_with("{N}")) {
            items = expression[i + 2] == 'L' ? letters : numbers;
            i += 3;
          }
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
  made.rule_ = word_rule(expression);
  if (made.rule_) return made;
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
  if (rule_) return split_words(*rule_, text, match);
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

}  // namespace gatehouse::ml::tokenizer
