#include "gatehouse/guard/secrets/assignment.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "gatehouse/base/strings.h"
#include "gatehouse/guard/secrets/secret_value.h"

namespace gatehouse::guard {
namespace {

// What a name consists of, and what ends a value without quotes.
constexpr std::uint8_t kName = 1;
constexpr std::uint8_t kStop = 2;
constexpr std::array<std::uint8_t, 256> kChars = [] {
  std::array<std::uint8_t, 256> chars{};
  for (unsigned c = 0; c <= ' '; ++c) chars[c] = kStop;
  for (const char c : std::string_view("\"'`<>;,)}]&|")) chars[static_cast<unsigned char>(c)] = kStop;
  for (const char c : std::string_view("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-.")) {
    chars[static_cast<unsigned char>(c)] = kName;
  }
  return chars;
}();

bool is_name(char c) { return kChars[static_cast<unsigned char>(c)] == kName; }
bool is_stop(char c) { return kChars[static_cast<unsigned char>(c)] == kStop; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }

class Parser {
 public:
  Parser(std::string_view text, bool complete, ValueRun& run) : text_(text), complete_(complete), run_(run) {}

  Assignment parse(std::size_t keyword_begin, std::size_t keyword_end) {
    Assignment a;
    a.name_begin = keyword_begin;
    a.name_end = keyword_end;
    while (a.name_begin > 0 && keyword_begin - a.name_begin < Assignment::kLongestName &&
           is_name(text_[a.name_begin - 1])) {
      --a.name_begin;
    }
    while (a.name_end < text_.size() && is_name(text_[a.name_end])) {
      if (a.name_end - keyword_end == Assignment::kLongestName) return a;
      ++a.name_end;
    }
    while (a.name_end > keyword_end && text_[a.name_end - 1] == '.') --a.name_end;
    at_ = a.name_end;
    const bool name_quoted = at_ < text_.size() && is_quote(text_[at_]);
    skip("\"'`])*\\[", 4);
    blanks(4);
    if (!operation(a, name_quoted)) return a;
    blanks(8);
    skip("*", 2);
    blanks(1);
    if (!value(a)) return a;
    // `password: str = "..."`: what was read is a type.
    if (!a.quoted && a.outcome == Assignment::Outcome::yes && is_name_like(text_.substr(a.begin, a.end - a.begin))) {
      const Assignment type = a;
      at_ = a.end;
      blanks(2);
      const bool assigned = at_ < text_.size() && text_[at_] == '=';
      if (assigned) ++at_;
      if (assigned) blanks(4);
      if (at_ >= text_.size() && !complete_) {
        a.outcome = Assignment::Outcome::open;
      } else if (assigned && at_ < text_.size() && is_quote(text_[at_])) {
        value(a);
        if (a.outcome == Assignment::Outcome::no) a = type;
        // It may still turn out to be none.
        if (a.outcome == Assignment::Outcome::open) a.begin = type.begin;
      }
    }
    return a;
  }

 private:
  bool skip(std::string_view set, std::size_t most) {
    const std::size_t from = at_;
    while (at_ < text_.size() && at_ - from < most && set.contains(text_[at_])) ++at_;
    return at_ > from;
  }
  void blanks(std::size_t most) { skip(" \t", most); }

  bool word(std::string_view lower_word) {
    if (!base::equals_ignore_case(text_.substr(at_, lower_word.size()), lower_word)) return false;
    at_ += lower_word.size();
    return true;
  }

  bool operation(const Assignment& a, bool name_quoted) {
    if (at_ >= text_.size()) return false;
    const bool apart = at_ > 0 && is_blank(text_[at_ - 1]);
    const std::string_view name = text_.substr(a.name_begin, a.name_end - a.name_begin);
    switch (text_[at_]) {
      case ':':
        ++at_;
        skip("=:", 2);
        return true;
      case '=':
        ++at_;
        skip(">", 1);
        return at_ >= text_.size() || text_[at_] != '=';  // a comparison
      case '>':
        ++at_;
        return !apart;
      case ',':
        ++at_;
        blanks(2);
        return name_quoted && at_ < text_.size() && is_quote(text_[at_]);
      case '(':
        ++at_;
        return !apart && at_ < text_.size() && is_quote(text_[at_]);
      default:
        break;
    }
    if (!apart) return false;
    for (const std::string_view is : {"is ", "was ", "ist ", "lautet ", "es ", "est ", "value="}) {
      if (word(is)) return true;
    }
    // `--token abc`; .netrc's `login me password abc`.
    if (name.starts_with("--")) return true;
    const std::size_t from = a.name_begin > 80 ? a.name_begin - 80 : 0;
    return base::equals_ignore_case(name, "password") && text_.substr(from, a.name_begin - from).contains("login ");
  }

  bool value(Assignment& a) {
    a.outcome = Assignment::Outcome::no;
    a.quoted = false;
    a.code = false;
    if (at_ < text_.size() && text_[at_] == '\\' && at_ + 1 < text_.size() && is_quote(text_[at_ + 1])) ++at_;
    char quote = 0;
    if (at_ < text_.size() && is_quote(text_[at_])) quote = text_[at_++];
    a.begin = at_;
    if (quote != 0) {
      const std::size_t limit = std::min(text_.size(), at_ + Assignment::kLongestValue + 1);
      while (at_ < limit && text_[at_] != quote) {
        const char c = text_[at_];
        if (is_blank(c) || c == '\n' || c == '\r') return false;
        if (c == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] == quote) break;
        ++at_;
      }
    } else {
      at_ = run_end();
    }
    if (at_ - a.begin > Assignment::kLongestValue) return false;
    if (quote == 0) a.code = text_.substr(a.begin, at_ - a.begin).find_first_of("({[") != std::string_view::npos;
    a.quoted = quote != 0;
    a.end = at_;
    if (at_ == text_.size() || (text_[at_] == '\\' && at_ + 1 == text_.size())) {
      if (!complete_) {
        a.outcome = Assignment::Outcome::open;
        return false;
      }
      if (quote != 0 && at_ == text_.size()) a.quoted = false;
    }
    if (!a.quoted) {
      while (a.end > a.begin && std::string_view(".,:*?").contains(text_[a.end - 1])) --a.end;
    }
    if (a.end == a.begin) return false;
    a.outcome = Assignment::Outcome::yes;
    return true;
  }

  // The end of the run of value characters at at_.
  std::size_t run_end() {
    if (at_ >= run_.begin && at_ < run_.end) return run_.end;
    std::size_t end = at_;
    while (end < text_.size() && !is_stop(text_[end])) {
      if (text_[end] == '\\' && (end + 1 == text_.size() || std::string_view("nrt\"'").contains(text_[end + 1]))) {
        break;
      }
      ++end;
    }
    run_ = {at_, end};
    return end;
  }

  std::string_view text_;
  bool complete_;
  ValueRun& run_;
  std::size_t at_ = 0;
};

}  // namespace

Assignment parse_assignment(std::string_view text, std::size_t keyword_begin, std::size_t keyword_end, bool complete,
                            ValueRun& run) {
  return Parser(text, complete, run).parse(keyword_begin, keyword_end);
}

}  // namespace gatehouse::guard
