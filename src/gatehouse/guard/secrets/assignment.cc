#include "gatehouse/guard/secrets/assignment.h"

#include <algorithm>

#include "gatehouse/base/strings.h"
#include "gatehouse/guard/secrets/secret_value.h"

namespace gatehouse::guard {
namespace {

bool is_name(char c) {
  return base::is_digit(c) || (base::lower(c) >= 'a' && base::lower(c) <= 'z') || c == '_' || c == '-' || c == '.';
}
bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }

class Parser {
 public:
  Parser(std::string_view text, bool complete) : text_(text), complete_(complete) {}

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
    const std::size_t limit = std::min(text_.size(), at_ + Assignment::kLongestValue + 1);
    if (quote != 0) {
      while (at_ < limit && text_[at_] != quote) {
        const char c = text_[at_];
        if (is_blank(c) || c == '\n' || c == '\r') return false;
        if (c == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] == quote) break;
        ++at_;
      }
    } else {
      while (at_ < limit) {
        const char c = text_[at_];
        if (static_cast<unsigned char>(c) <= ' ' || std::string_view("\"'`<>;,)}]&|").contains(c)) break;
        if (c == '\\' && (at_ + 1 == text_.size() || std::string_view("nrt\"'").contains(text_[at_ + 1]))) break;
        if (c == '(' || c == '{' || c == '[') a.code = true;
        ++at_;
      }
    }
    if (at_ - a.begin > Assignment::kLongestValue) return false;
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

  std::string_view text_;
  bool complete_;
  std::size_t at_ = 0;
};

}  // namespace

Assignment parse_assignment(std::string_view text, std::size_t keyword_begin, std::size_t keyword_end, bool complete) {
  return Parser(text, complete).parse(keyword_begin, keyword_end);
}

}  // namespace gatehouse::guard
