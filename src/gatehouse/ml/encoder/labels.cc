#include "gatehouse/ml/encoder/labels.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "gatehouse/base/strings.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::ml {
namespace {

constexpr std::size_t kMostNamed = 80;  // bytes of a foreign name in a message

// Of the models that are usual: Prompt Guard, ProtectAI's and deepset's DeBERTa, PIGuard, Qualifire, toxicity
// classifiers.
constexpr auto kVerdicts = std::to_array<std::pair<std::string_view, Verdict>>({
    {"ATTACK", Verdict::attack},
    {"INJECTION", Verdict::attack},
    {"JAILBREAK", Verdict::attack},
    {"MALICIOUS", Verdict::attack},
    {"UNSAFE", Verdict::attack},
    {"LABEL1", Verdict::attack},
    {"1", Verdict::attack},
    {"PROMPTINJECTION", Verdict::attack},
    {"INDIRECTINJECTION", Verdict::attack},
    {"EMBEDDEDINSTRUCTION", Verdict::attack},
    {"HARMFUL", Verdict::harmful},
    {"TOXIC", Verdict::harmful},
    {"TOXICITY", Verdict::harmful},
    {"HATE", Verdict::harmful},
    {"VIOLENCE", Verdict::harmful},
    {"SEXUAL", Verdict::harmful},
    {"SELFHARM", Verdict::harmful},
    {"HARASSMENT", Verdict::harmful},
});

// Empty: no entity. Of CoNLL and OntoNotes, AI4Privacy and Piiranha, i2b2, Presidio's own.
constexpr auto kEntities = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"O", ""},
    {"OUTSIDE", ""},
    {"MISC", ""},
    {"PER", "PERSON"},
    {"PERSON", "PERSON"},
    {"PERSONNAME", "PERSON"},
    {"NAME", "PERSON"},
    {"FULLNAME", "PERSON"},
    {"FIRSTNAME", "PERSON"},
    {"MIDDLENAME", "PERSON"},
    {"LASTNAME", "PERSON"},
    {"GIVENNAME", "PERSON"},
    {"SURNAME", "PERSON"},
    {"PATIENT", "PERSON"},
    {"DOCTOR", "PERSON"},
    {"STAFF", "PERSON"},
    {"LOC", "LOCATION"},
    {"LOCATION", "LOCATION"},
    {"GPE", "LOCATION"},
    {"FAC", "LOCATION"},
    {"CITY", "LOCATION"},
    {"STATE", "LOCATION"},
    {"COUNTY", "LOCATION"},
    {"COUNTRY", "LOCATION"},
    {"STREET", "STREET_ADDRESS"},
    {"STREETNAME", "STREET_ADDRESS"},
    {"STREETADDRESS", "STREET_ADDRESS"},
    {"BUILDINGNUM", "STREET_ADDRESS"},
    {"BUILDINGNUMBER", "STREET_ADDRESS"},
    {"ADDRESS", "STREET_ADDRESS"},
    {"SECONDARYADDRESS", "STREET_ADDRESS"},
    {"ORG", "ORGANIZATION"},
    {"ORGANIZATION", "ORGANIZATION"},
    {"ORGANISATION", "ORGANIZATION"},
    {"COMPANY", "ORGANIZATION"},
    {"COMPANYNAME", "ORGANIZATION"},
    {"HOSPITAL", "ORGANIZATION"},
    {"DOB", "DATE_OF_BIRTH"},
    {"DATEOFBIRTH", "DATE_OF_BIRTH"},
    {"BIRTHDATE", "DATE_OF_BIRTH"},
    {"DATE", "DATE"},
    {"EMAIL", "EMAIL"},
    {"EMAILADDRESS", "EMAIL"},
    {"PHONE", "PHONE_NUMBER"},
    {"PHONENUMBER", "PHONE_NUMBER"},
    {"TELEPHONENUM", "PHONE_NUMBER"},
    {"TELEPHONENUMBER", "PHONE_NUMBER"},
    {"IP", "IP_ADDRESS"},
    {"IPADDRESS", "IP_ADDRESS"},
    {"IPV4", "IP_ADDRESS"},
    {"IPV6", "IP_ADDRESS"},
    {"MAC", "MAC_ADDRESS"},
    {"MACADDRESS", "MAC_ADDRESS"},
    {"URL", "URL"},
    {"CREDITCARD", "CREDIT_CARD"},
    {"CREDITCARDNUMBER", "CREDIT_CARD"},
    {"CREDITCARDCVV", "CARD_SECURITY_CODE"},
    {"CVV", "CARD_SECURITY_CODE"},
    {"IBAN", "IBAN"},
    {"IBANCODE", "IBAN"},
    {"BIC", "BIC"},
    {"SSN", "US_SSN"},
    {"USSSN", "US_SSN"},
    {"ZIP", "POSTAL_CODE"},
    {"ZIPCODE", "POSTAL_CODE"},
    {"POSTCODE", "POSTAL_CODE"},
    {"POSTALCODE", "POSTAL_CODE"},
    {"PASSWORD", "PASSWORD"},
    {"VIN", "VIN"},
    {"IMEI", "IMEI"},
    {"PHONEIMEI", "IMEI"},
    {"MEDICALRECORD", "MEDICAL_RECORD_NUMBER"},
    {"MEDICALRECORDNUMBER", "MEDICAL_RECORD_NUMBER"},
});

std::optional<std::string_view> said(std::string_view label, const LabelMap& map) {
  const std::string wanted = normal_label(label);
  for (const auto& [name, meaning] : map) {
    if (normal_label(name) == wanted) return meaning;
  }
  return std::nullopt;
}

std::optional<std::string_view> usual_entity(std::string_view label) {
  const std::string wanted = normal_label(label);
  const auto found = std::ranges::find(kEntities, wanted, [](const auto& row) { return row.first; });
  if (found == kEntities.end()) return std::nullopt;
  return found->second;
}

bool is_none(std::string_view meaning) {
  return meaning.empty() || base::equals_ignore_case(meaning, "none") || base::equals_ignore_case(meaning, "safe") ||
         meaning == "O";
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return result;
}

// The mark of a scheme before a label: 'B' of "B-PER"; 0: none.
char mark_of(std::string_view label) {
  constexpr std::string_view kMarks = "BIESLU";
  return label.size() > 2 && label[1] == '-' && kMarks.contains(label[0]) ? label[0] : '\0';
}

}  // namespace

std::string normal_label(std::string_view label) {
  std::string result;
  for (const char c : label) {
    if (c != '_' && c != '-' && c != ' ') result += c;
  }
  return upper(result);
}

Result<Verdict> verdict_of(std::string_view label, const LabelMap& map) {
  if (const auto meaning = said(label, map)) {
    if (is_none(*meaning)) return Verdict::none;
    if (base::equals_ignore_case(*meaning, "attack") || base::equals_ignore_case(*meaning, "injection")) {
      return Verdict::attack;
    }
    if (base::equals_ignore_case(*meaning, "harmful")) return Verdict::harmful;
    return fail(Code::configuration,
                fmt::format("the label '{}' of a classifier can be attack, harmful or none, not '{}'",
                            text::safe_excerpt(label, kMostNamed), text::safe_excerpt(*meaning, kMostNamed)));
  }
  const auto found = std::ranges::find(kVerdicts, normal_label(label), [](const auto& row) { return row.first; });
  return found == kVerdicts.end() ? Verdict::none : found->second;
}

EntityLabel entity_of(std::string_view label, const LabelMap& map) {
  EntityLabel result;
  // E-MAIL is no end of a MAIL: what is known as it stands has no mark.
  const char mark = usual_entity(label) ? '\0' : mark_of(label);
  const std::string_view bare = mark != '\0' ? label.substr(2) : label;
  result.begins = mark == 'B' || mark == 'S' || mark == 'U';
  result.part = normal_label(bare);
  auto meaning = said(label, map);
  if (!meaning) meaning = said(bare, map);
  if (meaning) {
    if (!is_none(*meaning)) result.entity = *meaning;
  } else if (const auto usual = usual_entity(bare)) {
    result.entity = *usual;
  } else {
    result.entity = upper(bare);
  }
  return result;
}

}  // namespace gatehouse::ml
