#include "gatehouse/guard/redact/normalise.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gatehouse/base/strings.h"

namespace gatehouse::guard {
namespace {

using Named = std::pair<std::string_view, ValueKind>;
constexpr auto kNamed = std::to_array<Named>({
    {"CREDIT_CARD", ValueKind::card},
    {"CREDIT_CARD_NUMBER", ValueKind::card},
    {"IBAN", ValueKind::iban},
    {"IBAN_CODE", ValueKind::iban},
    {"EMAIL", ValueKind::email},
    {"EMAIL_ADDRESS", ValueKind::email},
    {"PHONE", ValueKind::phone},
    {"PHONE_NUMBER", ValueKind::phone},
    {"PERSON", ValueKind::person},
    {"PERSON_NAME", ValueKind::person},
    {"NAME", ValueKind::person},
    {"ADDRESS", ValueKind::address},
    {"STREET_ADDRESS", ValueKind::address},
    {"CITY", ValueKind::city},
    {"LOCATION", ValueKind::city},
    {"GPE", ValueKind::city},
    {"ORGANIZATION", ValueKind::organisation},
    {"ORGANISATION", ValueKind::organisation},
    {"COMPANY", ValueKind::organisation},
    {"IP", ValueKind::ip},
    {"IP_ADDRESS", ValueKind::ip},
    {"IPV4", ValueKind::ip},
    {"IPV6", ValueKind::ip},
    {"MAC", ValueKind::mac},
    {"MAC_ADDRESS", ValueKind::mac},
    {"URL", ValueKind::url},
    {"DATE_OF_BIRTH", ValueKind::date},
    {"BIRTH_DATE", ValueKind::date},
    {"DATE", ValueKind::date},
    {"VIN", ValueKind::identifier},
    {"IMEI", ValueKind::identifier},
});

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }

// "US_SSN": two letters of a country and no date, whose groups have no fixed length.
bool names_a_country(std::string_view entity) {
  return entity.size() > 3 && is_upper(entity[0]) && is_upper(entity[1]) && entity[2] == '_' &&
         entity.find("DATE") == std::string_view::npos && entity.find("BIRTH") == std::string_view::npos &&
         entity.find("PHONE") == std::string_view::npos && entity.find("ADDRESS") == std::string_view::npos;
}

// Letters in upper case and digits; nothing if there is anything else but separators, or fewer than `least` digits.
std::string compact(std::string_view value, std::string_view separators, std::size_t least) {
  std::string out;
  std::size_t digits = 0;
  for (const char c : value) {
    if (base::is_digit(c)) {
      ++digits;
      out.push_back(c);
    } else if (is_letter(c)) {
      out.push_back(static_cast<char>(c & ~0x20));
    } else if (separators.find(c) == std::string_view::npos) {
      return {};
    }
  }
  return digits < least ? std::string() : out;
}

std::string lower_with_single_spaces(std::string_view value) {
  std::string out;
  bool space = false;
  for (const char c : value) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      space = !out.empty();
      continue;
    }
    if (std::exchange(space, false)) out.push_back(' ');
    out.push_back(base::lower(c));
  }
  return out;
}

}  // namespace

ValueKind value_kind(std::string_view entity) {
  const auto found = std::ranges::find(kNamed, entity, &Named::first);
  if (found != kNamed.end()) return found->second;
  return names_a_country(entity) ? ValueKind::identifier : ValueKind::other;
}

std::string normalised(std::string_view entity, std::string_view value) {
  std::string out;
  switch (value_kind(entity)) {
    case ValueKind::card:
    case ValueKind::iban:
      out = compact(value, " -.\t\n\r", 4);
      break;
    case ValueKind::identifier:
      out = compact(value, " -./", 6);
      break;
    case ValueKind::mac:
      out = compact(value, ":-.", 0);
      break;
    case ValueKind::phone:
      // A letter is part of an extension, and a plus makes another number of the same digits.
      out = compact(value, " -./()+\t\n\r", 4);
      if (!out.empty() && value.find('+') != std::string_view::npos) out.insert(out.begin(), '+');
      break;
    case ValueKind::email:
    case ValueKind::ip:
      out = base::to_lower(value);
      break;
    case ValueKind::person:
    case ValueKind::address:
    case ValueKind::city:
    case ValueKind::organisation:
      out = lower_with_single_spaces(value);
      break;
    case ValueKind::url:
    case ValueKind::date:
    case ValueKind::other:
      break;
  }
  return out.empty() ? std::string(value) : out;
}

}  // namespace gatehouse::guard
