#include "gatehouse/guard/unsafe/sql_tokens.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace gatehouse::guard::unsafe {
namespace {

struct Keyword {
  std::string_view word;
  Sql type;
};

// Sorted. Words of the dialects' published keyword and function lists that injections are built from.
constexpr Keyword kKeywords[] = {
    {"aes_decrypt", Sql::function}, {"all", Sql::kall},
    {"alter", Sql::kstatement},     {"and", Sql::logic},
    {"any", Sql::kunary},           {"as", Sql::kas},
    {"ascii", Sql::function},       {"backup", Sql::kstatement},
    {"begin", Sql::kcase},          {"benchmark", Sql::probe},
    {"between", Sql::compare},      {"binary", Sql::kunary},
    {"bin", Sql::function},         {"by", Sql::kby},
    {"call", Sql::kstatement},      {"case", Sql::kcase},
    {"cast", Sql::function},        {"char", Sql::function},
    {"char_length", Sql::function}, {"chr", Sql::function},
    {"coalesce", Sql::function},    {"coercibility", Sql::probe},
    {"collate", Sql::kunary},       {"column", Sql::kobject},
    {"compress", Sql::function},    {"concat", Sql::function},
    {"concat_ws", Sql::function},   {"conv", Sql::function},
    {"convert", Sql::function},     {"cos", Sql::function},
    {"count", Sql::function},       {"create", Sql::kstatement},
    {"current_date", Sql::probe},   {"current_user", Sql::probe},
    {"database", Sql::probe},       {"declare", Sql::kstatement},
    {"delay", Sql::kwait},          {"delete", Sql::kstatement},
    {"distinct", Sql::kall},        {"distinctrow", Sql::kall},
    {"div", Sql::arithmetic},       {"drop", Sql::kstatement},
    {"dumpfile", Sql::kfile},       {"else", Sql::kcase},
    {"elt", Sql::function},         {"end", Sql::kcase},
    {"except", Sql::kunion},        {"exec", Sql::kstatement},
    {"execute", Sql::kstatement},   {"exists", Sql::kunary},
    {"exp", Sql::function},         {"extractvalue", Sql::probe},
    {"false", Sql::literal},        {"floor", Sql::function},
    {"from", Sql::kfrom},           {"goto", Sql::kstatement},
    {"grant", Sql::kstatement},     {"greatest", Sql::function},
    {"group", Sql::korder},         {"group_concat", Sql::function},
    {"having", Sql::khaving},       {"hex", Sql::function},
    {"host_name", Sql::probe},      {"if", Sql::kcase},
    {"ifnull", Sql::function},      {"iif", Sql::function},
    {"in", Sql::compare},           {"insert", Sql::kstatement},
    {"instr", Sql::function},       {"intersect", Sql::kunion},
    {"into", Sql::kinto},           {"is", Sql::compare},
    {"isnull", Sql::function},      {"json_keys", Sql::probe},
    {"left", Sql::function},        {"length", Sql::function},
    {"like", Sql::compare},         {"limit", Sql::klimit},
    {"load", Sql::kstatement},      {"load_file", Sql::probe},
    {"lower", Sql::function},       {"lpad", Sql::function},
    {"make_set", Sql::function},    {"md5", Sql::function},
    {"merge", Sql::kstatement},     {"mid", Sql::function},
    {"minus", Sql::kunion},         {"mod", Sql::arithmetic},
    {"name_const", Sql::probe},     {"not", Sql::negate},
    {"null", Sql::literal},         {"nvl", Sql::function},
    {"offset", Sql::klimit},        {"or", Sql::logic},
    {"ord", Sql::function},         {"order", Sql::korder},
    {"outfile", Sql::kfile},        {"pg_sleep", Sql::probe},
    {"pi", Sql::function},          {"print", Sql::kstatement},
    {"procedure", Sql::klimit},     {"rand", Sql::function},
    {"randomblob", Sql::probe},     {"regexp", Sql::compare},
    {"repeat", Sql::function},      {"replace", Sql::function},
    {"reverse", Sql::function},     {"right", Sql::function},
    {"rlike", Sql::compare},        {"row", Sql::function},
    {"schema", Sql::probe},         {"select", Sql::kselect},
    {"session_user", Sql::probe},   {"set", Sql::kobject},
    {"sha1", Sql::function},        {"shutdown", Sql::kstatement},
    {"sign", Sql::function},        {"similar", Sql::compare},
    {"sin", Sql::function},         {"sleep", Sql::probe},
    {"some", Sql::kunary},          {"soundex", Sql::function},
    {"sounds", Sql::compare},       {"space", Sql::function},
    {"sqlite_version", Sql::probe}, {"sqrt", Sql::function},
    {"strcmp", Sql::function},      {"substr", Sql::function},
    {"substring", Sql::function},   {"system_user", Sql::probe},
    {"table", Sql::kobject},        {"then", Sql::kcase},
    {"top", Sql::kunary},           {"true", Sql::literal},
    {"truncate", Sql::kstatement},  {"uncompress", Sql::function},
    {"unhex", Sql::function},       {"union", Sql::kunion},
    {"unknown", Sql::literal},      {"update", Sql::kstatement},
    {"updatexml", Sql::probe},      {"upper", Sql::function},
    {"user", Sql::probe},           {"values", Sql::kobject},
    {"version", Sql::probe},        {"waitfor", Sql::kwait},
    {"when", Sql::kcase},           {"where", Sql::kwhere},
    {"while", Sql::kcase},          {"xor", Sql::logic},
};

// Where in kKeywords the words with each first letter begin.
constexpr auto kFirst = [] {
  std::array<std::uint8_t, 27> first{};
  static_assert(std::size(kKeywords) < 256);
  for (std::size_t letter = 0; letter <= 26; ++letter) {
    std::size_t i = 0;
    while (i < std::size(kKeywords) && kKeywords[i].word[0] < static_cast<char>('a' + letter)) ++i;
    first[letter] = static_cast<std::uint8_t>(i);
  }
  return first;
}();

constexpr char to_small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// The first eight letters of a word as a number, so that words are compared at once; shorter ones are filled with
// zeros.
constexpr std::uint64_t packed(std::string_view word) {
  std::uint64_t letters = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(word.size(), 8); ++i) {
    letters |= static_cast<std::uint64_t>(static_cast<unsigned char>(word[i])) << (i * 8);
  }
  return letters;
}
constexpr auto kPacked = [] {
  std::array<std::uint64_t, std::size(kKeywords)> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = packed(kKeywords[i].word);
  return all;
}();

// Words that no SQL has but as names, and most sentences have.
constexpr auto kProse = [] {
  constexpr std::string_view kWords[] = {
      "the",   "to",   "of",  "with", "you",  "your", "i",   "this", "that", "my",  "it",   "we",  "be",   "are",
      "can",   "will", "do",  "how",  "what", "an",   "he",  "she",  "they", "was", "were", "has", "have", "please",
      "der",   "die",  "das", "und",  "el",   "la",   "los", "les",  "des",  "que", "here", "yes", "sure", "there",
      "these", "est",  "le",  "ich",  "ist",  "una",  "um",  "een",  "het",  "il",  "di"};
  std::array<std::uint64_t, std::size(kWords)> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = packed(kWords[i]);
  std::ranges::sort(all);
  return all;
}();

// Names that are a keyword only as a function, with a parenthesis behind them.
bool needs_parenthesis(Sql type) { return type == Sql::function || type == Sql::probe; }

// Bytes; what is longer is a text in a script without spaces.
constexpr std::size_t kLongestName = 64;

}  // namespace

void SqlTokens::push(Sql type, std::size_t begin) {
  list_[size_++] = {type, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_)};
}

void SqlTokens::read() {
  if (!started_ && reading_.quote != 0) {
    at_ = string_end(at_, reading_.quote);
    push(Sql::string, begin_);
  } else if (size_ == kSqlTokens || !next() || is_prose()) {
    done_ = true;
    end_ = {Sql::end, static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(at_)};
  }
  started_ = true;
}

// Whether the last token shows that this is a sentence; then it is taken back.
bool SqlTokens::is_prose() {
  if (size_ == counted_) return false;
  counted_ = size_;
  const SqlToken& last = list_[size_ - 1];
  if (last.type != Sql::name) return false;
  const bool beside_name = size_ >= 2 && list_[size_ - 2].type == Sql::name;
  if (beside_name) ++pairs_;
  if (pairs_ < 2 && !is_prose_word(last) && last.end - last.begin <= kLongestName) return false;
  --size_;
  return true;
}

bool SqlTokens::is_prose_word(const SqlToken& token) {
  const std::string_view word = ahead_.slice(token.begin, token.end);
  if (word.size() > 6) return false;
  std::array<char, 6> small;
  std::ranges::transform(word, small.begin(), [](char c) { return to_small(c); });
  return std::ranges::binary_search(kProse, packed({small.data(), word.size()}));
}

// Behind the closing quote, or the end.
std::size_t SqlTokens::string_end(std::size_t at, char quote) {
  for (;; ++at) {
    const int c = ahead_[at];
    if (c < 0) {
      unclosed_ = true;
      return at;
    }
    if (c == '\\' && quote != '`') {
      if (ahead_[++at] < 0) {
        unclosed_ = true;
        return at;
      }
    } else if (c == quote) {
      if (ahead_[at + 1] != quote) return at + 1;
      ++at;
    }
  }
}

bool SqlTokens::is_blank(int c) const {
  return is_space(c) || c == 0 || c == 0xA0 || (c == '+' && reading_.plus_is_space);
}

// One token; false at the end.
bool SqlTokens::next() {
  while (is_blank(ahead_[at_])) {
    ++at_;
    spaced_ = true;
  }
  const std::size_t begin = at_;
  const int c = ahead_[at_];
  if (c < 0) {
    whole_ = true;
    return false;
  }
  switch (c) {
    case '\'':
    case '"':
    case '`':
      at_ = string_end(at_ + 1, static_cast<char>(c));
      push(Sql::string, begin);
      return true;
    case '(':
      return single(Sql::open);
    case ')':
      return single(Sql::close);
    case ',':
      return single(Sql::comma);
    case ';':
      return single(Sql::semicolon);
    case '#':
      return line_comment();
    case '-':
      if (ahead_[at_ + 1] == '-') return line_comment();
      return single(Sql::arithmetic);
    case '/':
      if (ahead_[at_ + 1] == '*') return block_comment();
      return single(Sql::arithmetic);
    case '*':
      if (ahead_[at_ + 1] == '/') {  // the end of a conditional comment
        at_ += 2;
        return true;
      }
      return single(Sql::arithmetic);
    case '+':
    case '%':
    case '^':
    case '~':
      return single(Sql::arithmetic);
    case '&':
    case '|':
      if (ahead_[at_ + 1] == c) {
        at_ += 2;
        push(Sql::logic, begin);
        return true;
      }
      return single(Sql::arithmetic);
    case '=':
    case '<':
    case '>':
      while (ahead_[at_] == '=' || ahead_[at_] == '<' || ahead_[at_] == '>') ++at_;
      push(at_ - begin == 2 && ahead_[begin] == ahead_[begin + 1] && c != '=' ? Sql::arithmetic : Sql::compare, begin);
      return true;
    case '!':
      if (ahead_[at_ + 1] == '=') {
        at_ += 2;
        push(Sql::compare, begin);
        return true;
      }
      return single(Sql::negate);
    case ':':
      if (ahead_[at_ + 1] == '=') {
        at_ += 2;
        push(Sql::compare, begin);
        return true;
      }
      return single(Sql::other);
    case '@':
      return variable();
    case '\\':
      if (ahead_[at_ + 1] == 'N') {
        at_ += 2;
        push(Sql::literal, begin);
        return true;
      }
      return single(Sql::other);
    case '[':
      at_ = ahead_.find_if(at_ + 1, [](int b) { return !is_word(b) && b != ' '; });
      if (ahead_[at_] != ']') {
        at_ = begin;
        return single(Sql::other);
      }
      ++at_;
      push(Sql::name, begin);
      return true;
    default:
      break;
  }
  if (is_digit(c) || (c == '.' && is_digit(ahead_[at_ + 1]))) return number();
  if (is_word(c) || c == '$') return word();
  return single(Sql::other);
}

bool SqlTokens::single(Sql type) {
  ++at_;
  push(type, at_ - 1);
  return true;
}

bool SqlTokens::line_comment() {
  const std::size_t begin = at_;
  at_ = ahead_.find_if(at_, [](int c) { return c == '\n'; });
  push(Sql::comment, begin);
  return true;
}

bool SqlTokens::block_comment() {
  const std::size_t begin = at_;
  if (ahead_[at_ + 2] == '!') {
    at_ = ahead_.find_if(at_ + 3, [](int c) { return !is_digit(c); });
    return true;
  }
  at_ += 2;
  while (ahead_[at_] >= 0 && !(ahead_[at_] == '*' && ahead_[at_ + 1] == '/')) ++at_;
  if (ahead_[at_] >= 0) at_ += 2;
  push(Sql::comment, begin);
  return true;
}

bool SqlTokens::variable() {
  const std::size_t begin = at_;
  while (ahead_[at_] == '@') ++at_;
  const int c = ahead_[at_];
  if (c == '\'' || c == '"' || c == '`') {
    at_ = string_end(at_ + 1, static_cast<char>(c));
  } else {
    while (is_word(ahead_[at_]) || ahead_[at_] == '.' || ahead_[at_] == '$') ++at_;
  }
  push(Sql::variable, begin);
  return true;
}

bool SqlTokens::number() {
  const std::size_t begin = at_;
  if (ahead_[at_] == '0' && lower(ahead_[at_ + 1]) == 'x') {
    at_ = ahead_.find_if(at_ + 2, [](int c) { return !is_hex(c); });
  } else {
    while (is_digit(ahead_[at_]) || ahead_[at_] == '.') ++at_;
    if (lower(ahead_[at_]) == 'e') {
      std::size_t exponent = at_ + 1;
      if (ahead_[exponent] == '-' || ahead_[exponent] == '+') ++exponent;
      if (is_digit(ahead_[exponent])) at_ = ahead_.find_if(exponent, [](int c) { return !is_digit(c); });
    }
  }
  // "1a" is no number, but "1or" is a number and a word.
  const std::size_t letters = at_;
  if (is_word(ahead_[at_])) {
    const std::size_t rest = ahead_.find_if(at_, [](int c) { return !is_word(c); });
    if (find(at_, rest) == Sql::name) at_ = rest;
  }
  push(at_ == letters ? Sql::number : Sql::name, begin);
  return true;
}

Sql SqlTokens::find(std::size_t begin, std::size_t end) {
  if (end - begin > 16) return Sql::name;
  std::array<char, 16> word;
  std::ranges::transform(ahead_.slice(begin, end), word.begin(), [](char c) { return to_small(c); });
  const std::string_view wanted(word.data(), end - begin);
  if (wanted[0] < 'a' || wanted[0] > 'z') return Sql::name;
  const auto letter = static_cast<std::size_t>(wanted[0] - 'a');
  const std::uint64_t letters = packed(wanted);
  for (std::size_t i = kFirst[letter]; i < kFirst[letter + 1]; ++i) {
    if (kPacked[i] == letters && kKeywords[i].word == wanted) return kKeywords[i].type;
  }
  return Sql::name;
}

bool SqlTokens::word() {
  const std::size_t begin = at_;
  while (at_ - begin <= kLongestName && (is_word(ahead_[at_]) || ahead_[at_] == '.' || ahead_[at_] == '$')) {
    // A full stop at the end of a sentence is none of the name.
    if (ahead_[at_] == '.' && !is_word(ahead_[at_ + 1]) && ahead_[at_ + 1] != '.') break;
    ++at_;
  }
  Sql type = find(begin, at_);
  if (needs_parenthesis(type)) {
    std::size_t behind = at_;
    while (is_blank(ahead_[behind])) ++behind;
    const bool bare = type == Sql::probe && ahead_.has(begin, "current_");
    if (ahead_[behind] != '(' && !bare) type = Sql::name;
  }
  push(type, begin);
  return true;
}

}  // namespace gatehouse::guard::unsafe
