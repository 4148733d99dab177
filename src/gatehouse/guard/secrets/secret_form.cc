#include "gatehouse/guard/secrets/secret_form.h"

#include <algorithm>
#include <cstdlib>

namespace gatehouse::guard {
namespace {

constexpr std::string_view kLetters = "dhxwluUtzbsegfpkq";

bool is_in(char letter, char c) {
  const bool digit = c >= '0' && c <= '9';
  const bool lower = c >= 'a' && c <= 'z';
  const bool upper = c >= 'A' && c <= 'Z';
  const bool word = digit || lower || upper;
  switch (letter) {
    case 'd':
      return digit;
    case 'h':
      return digit || (c >= 'a' && c <= 'f');
    case 'x':
      return digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    case 'w':
      return word;
    case 'l':
      return digit || lower;
    case 'u':
      return digit || upper;
    case 'U':
      return upper;
    case 't':
      return upper || (c >= '2' && c <= '7');
    case 'z':
      return std::string_view("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L").contains(c);
    case 'b':
      return word || c == '_' || c == '-';
    case 's':
      return word || c == '+' || c == '/';
    case 'e':
      return word || c == '_' || c == '-' || c == '=';
    case 'g':
      return word || c == '_' || c == '-' || c == '=' || c == '.';
    case 'f':
      return word || c == '_' || c == '-' || c == '.' || c == '~';
    case 'p':
      return word || c == '+' || c == '/' || c == '%' || c == '=';
    case 'k':
      return digit || lower || c == '-';
    case 'q':
      return c == '=';
    default:
      return false;
  }
}

std::size_t number(std::string_view form, std::size_t& at) {
  std::size_t value = 0;
  const std::size_t from = at;
  while (at < form.size() && form[at] >= '0' && form[at] <= '9') value = value * 10 + (form[at++] - '0');
  if (at == from || value > 10'000) std::abort();
  return value;
}

}  // namespace

CharClasses::CharClasses() {
  for (std::size_t i = 0; i < kLetters.size(); ++i) {
    bits_[static_cast<unsigned char>(kLetters[i])] = 1U << i;
    for (unsigned c = 0; c < 128; ++c) {
      if (is_in(kLetters[i], static_cast<char>(c))) of_[c] |= 1U << i;
    }
  }
}

const CharClasses& CharClasses::table() {
  static const CharClasses kTable;
  return kTable;
}

SecretForm::SecretForm(std::string_view form) {
  const CharClasses& classes = CharClasses::table();
  constexpr std::string_view kUuid = "{x8}-{x4}-{x4}-{x4}-{x12}";
  std::string expanded;
  for (std::size_t at = 0; at < form.size();) {
    if (form.substr(at).starts_with("{uuid}")) {
      expanded += kUuid;
      at += 6;
    } else {
      expanded += form[at++];
    }
  }
  form = expanded;
  bool marked = false;
  for (std::size_t at = 0; at < form.size();) {
    if (form[at] == '^') {
      mark_step_ = steps_.size();
      marked = true;
      ++at;
    } else if (form[at] == '{') {
      Step step;
      step.run = true;
      step.mask = classes.bit(form[at + 1]);
      if (step.mask == 0) std::abort();
      at += 2;
      step.least = static_cast<std::uint16_t>(number(form, at));
      step.most = step.least;
      if (form[at] == ',') step.most = static_cast<std::uint16_t>(number(form, ++at));
      if (form[at++] != '}' || step.most < step.least) std::abort();
      steps_.push_back(step);
      literals_.emplace_back();
    } else {
      const bool extend = !steps_.empty() && !steps_.back().run && !(marked && mark_step_ == steps_.size());
      if (!extend) {
        steps_.emplace_back();
        literals_.emplace_back();
      }
      literals_.back() += form[at++];
    }
  }
  // A form without a literal has no trigger: it is for values whose place is known.
  trigger_step_ = 0;
  while (trigger_step_ < steps_.size() && steps_[trigger_step_].run) {
    lead_least_ += steps_[trigger_step_].least;
    lead_most_ += steps_[trigger_step_].most;
    ++trigger_step_;
  }
  if (trigger_step_ == steps_.size()) {
    trigger_step_ = 0;
  } else if (trigger_step_ + 1 < steps_.size() && steps_[trigger_step_ + 1].run) {
    const std::size_t literal = literals_[trigger_step_].size();
    const std::size_t wanted = literal >= 8 ? 0 : literal >= 5 ? 2 : 4;
    trigger_tail_ = std::min<std::size_t>(wanted, steps_[trigger_step_ + 1].least);
  }
  left_ = classes.bit('b');
  if (!steps_.empty()) {
    const Step& first = steps_.front().run || steps_.size() == 1 ? steps_.front() : steps_[1];
    if (mark_step_ == 0 && first.run) left_ |= first.mask;
  }
}

std::string SecretForm::trigger_pattern() const {
  std::string pattern;
  // A word in progress is no beginning: told to the matcher, so that a text full of them has no hits.
  if (lead_most_ == 0 && CharClasses::table().in(literals_[trigger_step_].front(), CharClasses::table().bit('w'))) {
    pattern = "\\b";
  }
  for (const char c : literals_[trigger_step_]) {
    if (std::string_view("\\.^$|()[]{}*+?/-~#").contains(c)) pattern += '\\';
    pattern += c;
  }
  if (trigger_tail_ > 0) {
    const CharClasses& classes = CharClasses::table();
    pattern += '[';
    for (char c = 33; c < 127; ++c) {
      if (!classes.in(c, steps_[trigger_step_ + 1].mask)) continue;
      if (std::string_view("\\]^-").contains(c)) pattern += '\\';
      pattern += c;
    }
    pattern += "]{" + std::to_string(trigger_tail_) + "}";
  }
  return pattern;
}

bool free_before(std::string_view text, std::size_t at, std::uint32_t mask) {
  if (at == 0 || text[at - 1] == '=' || !CharClasses::table().in(text[at - 1], mask)) return true;
  // The end of an escape in a string literal: \n, \r, \t.
  const char c = text[at - 1];
  return at >= 2 && text[at - 2] == '\\' && (c == 'n' || c == 'r' || c == 't');
}

SecretForm::Match SecretForm::match_at(std::string_view text, std::size_t at, bool complete) const {
  if (at < lead_least_) return {};
  std::size_t begin = at - lead_least_;
  if (lead_most_ > lead_least_) {  // one run in front, of a length that varies
    const CharClasses& classes = CharClasses::table();
    while (begin > 0 && at - begin < lead_most_ && classes.in(text[begin - 1], steps_.front().mask)) --begin;
  }
  if (!free_before(text, begin, left_)) return {};
  return walk(text, begin, complete);
}

SecretForm::Match SecretForm::match_from(std::string_view text, std::size_t begin, bool complete) const {
  return walk(text, begin, complete);
}

bool SecretForm::matches(std::string_view value) const {
  const Match match = walk(value, 0, true);
  return match.outcome == Outcome::yes && match.end == value.size();
}

SecretForm::Match SecretForm::walk(std::string_view text, std::size_t begin, bool complete) const {
  const CharClasses& classes = CharClasses::table();
  Match match;
  match.begin = begin;
  std::size_t at = begin;
  std::size_t run_from = begin;
  const auto ended = [&] {
    match.outcome = complete ? Outcome::no : Outcome::open;
    match.end = text.size();
    return match;
  };
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    if (i == mark_step_) match.begin = at;
    if (step.run) {
      const std::size_t limit = std::min(text.size(), at + step.most);
      run_from = at;
      while (at < limit && classes.in(text[at], step.mask)) ++at;
      if (at - run_from < step.least) return at == text.size() ? ended() : match;
    } else {
      const std::string_view literal = literals_[i];
      const std::string_view there = text.substr(at, literal.size());
      if (there.size() < literal.size()) return literal.starts_with(there) ? ended() : match;
      if (there != literal) return match;
      at += literal.size();
    }
  }
  if (at == text.size()) {
    if (!complete) return ended();
  } else {
    // The last run, or a literal's end, goes on: another thing. A dot may end the sentence.
    const std::uint32_t mask = (steps_.back().run ? steps_.back().mask : 0) | classes.bit('w');
    if (text[at] != '.' && classes.in(text[at], mask)) return match;
  }
  if (steps_.back().run && text[at - 1] == '.' && at - 1 - run_from >= steps_.back().least) --at;
  match.end = at;
  match.outcome = Outcome::yes;
  return match;
}

}  // namespace gatehouse::guard
