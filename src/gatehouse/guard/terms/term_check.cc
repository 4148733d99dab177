#include "gatehouse/guard/terms/term_check.h"

#include <string>

#include "gatehouse/base/strings.h"
#include "gatehouse/guard/pii/checks.h"

namespace gatehouse::guard {
namespace {

bool mod11(std::string_view digits) {
  // The weights 2, 3, ... go up from the last digit but one; 10 and 11 start again at 2 only where there are more.
  int sum = 0;
  int weight = 2;
  for (std::size_t i = digits.size() - 1; i-- > 0;) {
    if (digits[i] == 'X') return false;
    sum += (digits[i] - '0') * weight;
    weight = weight == 10 ? 2 : weight + 1;
  }
  const int rest = (11 - sum % 11) % 11;
  return digits.back() == 'X' ? rest == 10 : rest == digits.back() - '0';
}

}  // namespace

bool passes(TermCheck check, std::string_view matched) {
  if (check == TermCheck::none) return true;
  std::string compact;
  for (const char c : matched) {
    const bool letter = base::lower(c) >= 'a' && base::lower(c) <= 'z';
    if (base::is_digit(c)) compact += c;
    if (letter && check == TermCheck::mod97) compact += static_cast<char>(c >= 'a' ? c - 32 : c);
  }
  if (check == TermCheck::mod11 && !matched.empty() && base::lower(matched.back()) == 'x') compact += 'X';
  if (compact.size() < 2) return false;
  switch (check) {
    case TermCheck::luhn:
      return pii::luhn(compact);
    case TermCheck::mod97:
      return pii::mod97(compact) == 1;
    case TermCheck::mod11:
      return mod11(compact);
    case TermCheck::verhoeff:
      return pii::verhoeff(compact);
    case TermCheck::none:
      break;
  }
  return true;
}

}  // namespace gatehouse::guard
