#include "gatehouse/llm/catalogue/name_rule.h"

#include <algorithm>

#include "gatehouse/base/strings.h"

namespace gatehouse::llm {
namespace {

constexpr std::string_view kOperators = "=^$*#@~!";

std::string_view next_clause(std::string_view& rule) {
  const std::size_t end = std::min(rule.find('&'), rule.size());
  const std::string_view clause = rule.substr(0, end);
  rule.remove_prefix(std::min(end + 1, rule.size()));
  return clause;
}

bool digits_match(std::string_view pattern, std::string_view name) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '#' ? !base::is_digit(name[i]) : pattern[i] != name[i]) return false;
  }
  return true;
}

bool stands_before_end(std::string_view text, std::string_view name) {
  for (std::size_t at = name.find(text); at != std::string_view::npos; at = name.find(text, at + 1)) {
    const std::size_t after = at + text.size();
    if (after == name.size() || name[after] == '-') return true;
  }
  return false;
}

bool clause_holds(std::string_view clause, std::string_view name) {
  const std::string_view text = clause.substr(1);
  switch (clause.front()) {
    case '=':
      return name == text;
    case '^':
      return name.starts_with(text);
    case '$':
      return name.ends_with(text);
    case '*':
      return name.find(text) != std::string_view::npos;
    case '#':
      return name.size() == text.size() && digits_match(text, name);
    case '@':
      return name.size() >= text.size() && digits_match(text, name);
    case '~':
      return name.find(text) == std::string_view::npos;
    case '!':
      return !stands_before_end(text, name);
    default:
      return false;
  }
}

// "*" in the pattern stands for any run of characters. With one point of return, so never exponential.
bool glob(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool all_digits(std::string_view text) { return std::ranges::all_of(text, base::is_digit); }
bool is_month_and_day(std::string_view month, std::string_view day) {
  return month >= "01" && month <= "12" && day >= "01" && day <= "31";
}

}  // namespace

bool rule_is_valid(std::string_view rule) {
  if (rule.empty() || rule.ends_with('&')) return false;
  while (!rule.empty()) {
    const std::string_view clause = next_clause(rule);
    if (clause.size() < 2 || kOperators.find(clause.front()) == std::string_view::npos) return false;
  }
  return true;
}

bool rule_holds(std::string_view rule, std::string_view name) {
  if (rule.empty()) return false;
  while (!rule.empty()) {
    const std::string_view clause = next_clause(rule);
    if (clause.empty() || !clause_holds(clause, name)) return false;
  }
  return true;
}

bool host_matches(std::string_view pattern, std::string_view host_and_path) {
  const std::size_t slash = pattern.find('/');
  const std::size_t host_end = std::min(host_and_path.find('/'), host_and_path.size());
  if (!glob(pattern.substr(0, slash), host_and_path.substr(0, host_end))) return false;
  if (slash == std::string_view::npos) return true;
  const std::string_view wanted = pattern.substr(slash);
  const std::string_view path = host_and_path.substr(host_end);
  return path.starts_with(wanted) && (path.size() == wanted.size() || path[wanted.size()] == '/');
}

LowerName::LowerName(std::string_view text) {
  text = base::trim(text);
  if (text.size() > kMax) return;
  std::ranges::transform(text, text_.begin(), base::lower);
  size_ = text.size();
}

std::optional<LowerName> with_other_date(const LowerName& name) {
  const std::string_view text = name.view();
  for (std::size_t at = text.find("-20"); at != std::string_view::npos; at = text.find("-20", at + 1)) {
    const std::string_view date = text.substr(at + 1);
    const auto ends = [&date](std::size_t size) {
      return date.size() == size || date[size] == '-' || date[size] == ':';
    };
    std::array<char, 10> other;
    std::size_t size = 0;
    std::size_t other_size = 0;
    const auto put = [&](std::string_view part) {
      std::ranges::copy(part, other.begin() + static_cast<std::ptrdiff_t>(other_size));
      other_size += part.size();
    };
    if (date.size() >= 8 && all_digits(date.substr(0, 8)) && ends(8) &&
        is_month_and_day(date.substr(4, 2), date.substr(6, 2))) {
      size = 8;
      put(date.substr(0, 4));
      put("-");
      put(date.substr(4, 2));
      put("-");
      put(date.substr(6, 2));
    } else if (date.size() >= 10 && date[4] == '-' && date[7] == '-' && all_digits(date.substr(0, 4)) &&
               all_digits(date.substr(5, 2)) && all_digits(date.substr(8, 2)) && ends(10) &&
               is_month_and_day(date.substr(5, 2), date.substr(8, 2))) {
      size = 10;
      put(date.substr(0, 4));
      put(date.substr(5, 2));
      put(date.substr(8, 2));
    } else {
      continue;
    }
    if (text.size() - size + other_size > LowerName::kMax) return std::nullopt;
    LowerName changed;
    const auto append = [&changed](std::string_view part) {
      std::ranges::copy(part, changed.text_.begin() + static_cast<std::ptrdiff_t>(changed.size_));
      changed.size_ += part.size();
    };
    append(text.substr(0, at + 1));
    append({other.data(), other_size});
    append(date.substr(size));
    return changed;
  }
  return std::nullopt;
}

std::uint64_t name_hash(std::string_view lower) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : lower) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace gatehouse::llm
