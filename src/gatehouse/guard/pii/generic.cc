#include <algorithm>
#include <array>

#include "gatehouse/guard/pii/checks.h"
#include "gatehouse/guard/pii/kind.h"

// Kinds of no single country.
namespace gatehouse::guard::pii {
namespace {

struct CardRange {
  int low;  // of the first `places` digits
  int high;
  std::uint8_t places;
  std::uint8_t least;  // digits of the number
  std::uint8_t most;
};

// Issuer ranges that the networks publish (ISO/IEC 7812-1), and how long their numbers are.
constexpr CardRange kCards[] = {
    {4, 4, 1, 13, 13},       {4, 4, 1, 16, 16},       {4, 4, 1, 19, 19},        // Visa
    {51, 55, 2, 16, 16},     {2221, 2720, 4, 16, 16},                           // Mastercard
    {34, 34, 2, 15, 15},     {37, 37, 2, 15, 15},                               // American Express
    {300, 305, 3, 14, 19},   {3095, 3095, 4, 14, 19}, {36, 36, 2, 14, 19},      // Diners Club
    {38, 39, 2, 14, 19},                                                        //
    {6011, 6011, 4, 16, 19}, {644, 649, 3, 16, 19},   {65, 65, 2, 16, 19},      // Discover
    {3528, 3589, 4, 16, 19}, {2131, 2131, 4, 15, 15}, {1800, 1800, 4, 15, 15},  // JCB
    {62, 62, 2, 16, 19},     {81, 81, 2, 16, 19},                               // UnionPay, RuPay
    {5018, 5018, 4, 12, 19}, {5020, 5020, 4, 12, 19}, {5038, 5038, 4, 12, 19},  // Maestro
    {5893, 5893, 4, 12, 19}, {6304, 6304, 4, 12, 19}, {6759, 6759, 4, 12, 19},  //
    {6761, 6763, 4, 12, 19}, {50, 50, 2, 12, 19},     {56, 58, 2, 12, 19},      //
    {639, 639, 3, 12, 19},   {67, 67, 2, 12, 19},                               //
    {2200, 2204, 4, 16, 19}, {60, 60, 2, 16, 16},     {636, 638, 3, 16, 19},    // Mir; RuPay, Elo, Hipercard
    {9792, 9792, 4, 16, 16}, {1, 1, 1, 15, 15}};                                // Troy; UATP

bool valid_card(std::string_view compact) {
  if (!luhn(compact)) return false;
  return std::ranges::any_of(kCards, [&](const CardRange& range) {
    const long long front = number(compact.substr(0, range.places));
    return compact.size() >= range.least && compact.size() <= range.most && front >= range.low && front <= range.high;
  });
}

// The lengths and ranges that nearly all cards have; the others are shapes that other numbers share.
bool valid_common_card(std::string_view compact) {
  return (compact.size() >= 14 && compact.size() <= 16) && compact[0] != '1' && valid_card(compact);
}

bool luhn_card(std::string_view compact) { return luhn(compact) && !all_same(compact); }

struct IbanLength {
  char country[3];
  std::uint8_t length;
};
// SWIFT's IBAN registry (ISO 13616), and the states that use the form without being in it. Ascending.
constexpr IbanLength kIbans[] = {
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AO", 25}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BF", 28},
    {"BG", 22}, {"BH", 22}, {"BI", 27}, {"BJ", 28}, {"BR", 29}, {"BY", 28}, {"CF", 27}, {"CG", 27}, {"CH", 21},
    {"CI", 28}, {"CM", 27}, {"CR", 22}, {"CV", 25}, {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DJ", 27}, {"DK", 18},
    {"DO", 28}, {"DZ", 26}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FK", 18}, {"FO", 18}, {"FR", 27},
    {"GA", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GQ", 27}, {"GR", 27}, {"GT", 28}, {"GW", 25},
    {"HN", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IR", 26}, {"IS", 26}, {"IT", 27},
    {"JO", 30}, {"KM", 27}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20},
    {"LV", 21}, {"LY", 25}, {"MA", 28}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MG", 27}, {"MK", 19}, {"ML", 28},
    {"MN", 20}, {"MR", 27}, {"MT", 31}, {"MU", 30}, {"MZ", 25}, {"NE", 28}, {"NI", 28}, {"NL", 18}, {"NO", 15},
    {"OM", 23}, {"PK", 24}, {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"RU", 33},
    {"SA", 24}, {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"SN", 28}, {"SO", 23},
    {"ST", 25}, {"SV", 28}, {"TD", 27}, {"TG", 28}, {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22},
    {"VG", 24}, {"XK", 20}, {"YE", 30}};
static_assert(std::ranges::is_sorted(kIbans, {}, [](const IbanLength& row) { return std::string_view(row.country); }));

bool valid_iban(std::string_view compact) {
  const std::string_view country = compact.substr(0, 2);
  const auto* found = std::ranges::lower_bound(kIbans, country, {},
                                               [](const IbanLength& row) { return std::string_view(row.country, 2); });
  if (found == std::end(kIbans) || country != std::string_view(found->country, 2)) return false;
  if (compact.size() != found->length) return false;
  std::array<char, 34> turned{};
  const std::size_t rest = compact.size() - 4;
  compact.copy(turned.data(), rest, 4);
  compact.copy(turned.data() + rest, 4);
  return mod97({turned.data(), compact.size()}) == 1;
}

bool has_vehicle_letters(std::string_view compact) {
  bool letter = false;
  bool digit_seen = false;
  for (const char c : compact) {
    if (c == 'I' || c == 'O' || c == 'Q') return false;
    letter |= is_upper(c);
    digit_seen |= is_digit(c);
  }
  return letter && digit_seen;
}

// ISO 3779 and 49 CFR 565.15 (c): the ninth character checks the others in North America.
bool valid_vin(std::string_view compact) {
  if (!has_vehicle_letters(compact)) return false;
  constexpr int kWeights[] = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  constexpr std::string_view kValues = "12345678.12345.7.923456789";  // A to Z
  int sum = 0;
  for (std::size_t i = 0; i < compact.size(); ++i) {
    const char c = compact[i];
    sum += (is_digit(c) ? digit(c) : digit(kValues[static_cast<std::size_t>(c - 'A')])) * kWeights[i];
  }
  const int check = sum % 11;
  return compact[8] == (check == 10 ? 'X' : static_cast<char>('0' + check));
}
// Elsewhere only the form is fixed; the last four are digits.
bool shaped_vin(std::string_view compact) {
  return has_vehicle_letters(compact) && all_digits(compact.substr(13)) && !all_digits(compact);
}

// 3GPP TS 23.003, annex B: reporting body, type, serial, a Luhn digit. The bodies in use are below 70 or 86, 91,
// 98, 99.
bool valid_imei(std::string_view compact) {
  const int body = static_cast<int>(number(compact.substr(0, 2)));
  return (body < 70 || body == 86 || body == 91 || body >= 98) && luhn(compact) && !all_same(compact.substr(0, 14));
}

bool not_all_same(std::string_view compact) { return !all_same(compact); }

constexpr std::string_view kCardWords =
    "card|credit|debit|visa|mastercard|amex|american express|maestro|discover|diners|jcb|unionpay|cc|ccn|pan|"
    "carte|bancaire|tarjeta|cr\xC3\xA9"
    "dito|carta|cart\xC3\xA3o|kreditkarte|karte|kaart|kort|karta|karty|"
    "\xD0\xBA\xD0\xB0\xD1\x80\xD1\x82|\xE4\xBF\xA1\xE7\x94\xA8\xE5\x8D\xA1|\xE9\x93\xB6\xE8\xA1\x8C\xE5\x8D\xA1|"
    "\xE3\x82\xAB\xE3\x83\xBC\xE3\x83\x89|\xEC\xB9\xB4\xEB\x93\x9C";
constexpr std::string_view kIbanWords =
    "iban|bank|account|konto|compte|cuenta|conto|conta|rekening|rachunek|kontonummer|bic|swift|sepa";
constexpr std::string_view kVinWords =
    "vin|vehicle|chassis|fahrgestell|fin|ch\xC3\xA2ssis|bastidor|telaio|chassi|car|auto|truck";

constexpr Kind kKinds[] = {
    {.entity = "CREDIT_CARD",
     .description = "payment card number (issuer range, Luhn)",
     .shapes =
         "####_####_####_####|####_####_####_####_#{1,3}|####_######_#{4,5}|####_####_####_#{1,3}|####_####_#####",
     .valid = valid_card,
     .words = kCardWords,
     .score = 0.9F,
     .score_near = 0.98F},
    {.entity = "CREDIT_CARD",
     .shapes = "#{14,16}",
     .valid = valid_common_card,
     .words = kCardWords,
     .score = 0.75F,
     .score_near = 0.98F},
    {.entity = "CREDIT_CARD",
     .shapes = "#{12,19}",
     .valid = valid_card,
     .words = kCardWords,
     .score = 0.4F,
     .score_near = 0.9F},
    // Ranges are given out anew: near a word for it the check digit will do.
    {.entity = "CREDIT_CARD",
     .shapes = "####~####~####~####|#{12,19}",
     .valid = luhn_card,
     .words = kCardWords,
     .score = 0,
     .score_near = 0.75F,
     .needs_word = true},
    {.entity = "CARD_SECURITY_CODE",
     .description = "the three or four digits on a payment card (CVV, CVC, CID)",
     .shapes = "#{3,4}",
     .words = "cvv|cvv2|cvc|cvc2|cid|card verification|security code|pr\xC3\xBC"
              "fziffer|kartenpr\xC3\xBC"
              "f|"
              "cryptogramme|c\xC3\xB3"
              "digo de seguridad|codice di sicurezza",
     .score = 0,
     .score_near = 0.75F,
     .needs_word = true},
    {.entity = "IBAN",
     .description = "international bank account number (ISO 13616: country's length, mod 97)",
     .shapes = "@@##~****~****~*{1,4}|@@##~****~****~****~*{1,4}|@@##~****~****~****~****~*{1,4}|"
               "@@##~****~****~****~****~****~*{1,4}|@@##~****~****~****~****~****~****~*{1,4}|"
               "@@##~****~****~****~****~****~****~****~*",
     .valid = valid_iban,
     .words = kIbanWords,
     .score = 0.95F,
     .score_near = 0.99F},
    {.entity = "BIC", .description = "bank identifier (ISO 9362), near a word for it", .score = 0, .score_near = 0.8F},
    {.entity = "VIN",
     .description = "vehicle identification number (ISO 3779; with North America's check digit)",
     .shapes = "*{17}",
     .valid = valid_vin,
     .words = kVinWords,
     .score = 0.45F,
     .score_near = 0.95F},
    {.entity = "VIN", .shapes = "*{17}", .valid = shaped_vin, .words = kVinWords, .score = 0.1F, .score_near = 0.6F},
    {.entity = "IMEI",
     .description = "number of a mobile device (3GPP TS 23.003, Luhn)",
     .shapes = "#{15}|##_######_######_#",
     .valid = valid_imei,
     .words = "imei|device|handset|meid|serial",
     .score = 0.3F,
     .score_near = 0.9F},
    {.entity = "MEDICAL_RECORD_NUMBER",
     .description = "number of a patient or a medical record, near a word for it",
     .shapes = "#{5,12}|@{1,4}-#{5,10}|##-##-##|###-##-####",
     .valid = not_all_same,
     .words = "mrn|medical record|patient id|patient number|patient no|patient identifier|chart number|health record|"
              "hospital number|patientennummer|patienten-nr|dossier m\xC3\xA9"
              "dical|num\xC3\xA9ro de patient|"
              "historia cl\xC3\xADnica|cartella clinica|prontu\xC3\xA1rio",
     .score = 0,
     .score_near = 0.75F,
     .needs_word = true},
    {.entity = "POSTAL_CODE",
     .description = "postal code of any country, near a word for it",
     .shapes = "#{4,6}|#####-####|###-##|##-###|####-###|@#@-#@#|#{4}-@@|@{1,2}#{1,2}-#@@|@{1,2}#@-#@@",
     .words = "zip|zipcode|zip code|postal code|postcode|post code|postleitzahl|plz|code postal|"
              "c\xC3\xB3"
              "digo postal|cap|cep|postnummer|postcode|kod pocztowy|"
              "\xE9\x82\xAE\xE7\xBC\x96|\xE9\x83\xB5\xE4\xBE\xBF\xE7\x95\xAA\xE5\x8F\xB7|\xEC\x9A\xB0\xED\x8E\xB8",
     .score = 0,
     .score_near = 0.6F,
     .needs_word = true},
    // Those without a shape have recognisers of their own; their rows hold names, words and scores.
    {.entity = "EMAIL", .description = "e-mail address", .score = 0.95F, .score_near = 0.95F},
    {.entity = "URL",
     .description = "URL; sure to be one, but below the usual threshold: seldom personal",
     .score = 0.45F,
     .score_near = 0.45F},
    {.entity = "DOMAIN_NAME",
     .description = "host name under a known top-level domain",
     .score = 0.2F,
     .score_near = 0.2F},
    {.entity = "IP_ADDRESS",
     .description = "IPv4 and IPv6 address, with zone or prefix",
     .words = "ip|ipv4|ipv6|address|adresse|host|server|gateway|subnet|netmask|network|dns|ping",
     .score = 0.6F,
     .score_near = 0.9F},
    {.entity = "MAC_ADDRESS",
     .description = "hardware address of a network interface (EUI-48)",
     .score = 0.8F,
     .score_near = 0.8F},
    {.entity = "CRYPTO_WALLET",
     .description = "address of a crypto currency, by its checksum",
     .words = "wallet|address|bitcoin|btc|ethereum|eth|crypto|ltc|xrp|tron|doge",
     .score = 0.9F,
     .score_near = 0.98F},
    {.entity = "PHONE_NUMBER",
     .description = "telephone number",
     .words = "phone|tel|telephone|telefon|mobile|mobil|cell|call|calling|fax|whatsapp|sms|text me|ring|dial|hotline|"
              "contact|reach|handy|rufnummer|anruf|t\xC3\xA9l\xC3\xA9phone|portable|appel|tel\xC3\xA9"
              "fono|"
              "m\xC3\xB3vil|celular|llam|telefone|telem\xC3\xB3vel|telefoon|cellulare|chiama|puhelin|telf|"
              "\xD1\x82\xD0\xB5\xD0\xBB\xD0\xB5\xD1\x84\xD0\xBE\xD0\xBD|\xD0\xBC\xD0\xBE\xD0\xB1\xD0\xB8\xD0\xBB|"
              "\xE7\x94\xB5\xE8\xAF\x9D|\xE9\x9B\xBB\xE8\xA9\xB1|\xE6\x89\x8B\xE6\x9C\xBA|\xE6\x90\xBA\xE5\xB8\xAF|"
              "\xEC\xA0\x84\xED\x99\x94|\xED\x9C\xB4\xEB\x8C\x80|\xE0\xB9\x82\xE0\xB8\x97\xE0\xB8\xA3",
     .score = 0.8F,
     .score_near = 0.9F},
    {.entity = "DATE",
     .description = "date; below the usual threshold, as dates are everywhere",
     .score = 0.4F,
     .score_near = 0.4F},
    {.entity = "DATE_OF_BIRTH",
     .description = "date with its year, near a word for being born",
     .words = "dob|d.o.b|born|birth|birthday|birthdate|geboren|geburt|geb|n\xC3\xA9 le|n\xC3\xA9"
              "e le|naissance|"
              "nacid|nacimiento|nato il|nata il|nascit|nascid|nasciment|geboorte|f\xC3\xB6"
              "dd|f\xC3\xB6"
              "delse|"
              "f\xC3\xB8"
              "dt|syntym|urodz|\xD1\x80\xD0\xBE\xD0\xB6\xD0\xB4\xD0\xB5\xD0\xBD|"
              "\xD1\x80\xD0\xBE\xD0\xB4\xD0\xB8\xD0\xBB|do\xC4\x9Fum|\xE7\x94\x9F\xE5\xB9\xB4|"
              "\xE5\x87\xBA\xE7\x94\x9F|\xE7\x94\x9F\xE6\x97\xA5|\xEC\x83\x9D\xEB\x85\x84|\xEC\xB6\x9C\xEC\x83\x9D",
     .score = 0,
     .score_near = 0.85F,
     .needs_word = true},
    {.entity = "GPS_COORDINATES",
     .description = "latitude and longitude with at least four decimals, or in degrees",
     .words = "gps|coordinates|coords|location|latitude|lat|lon|lng|koordinaten|coordonn\xC3\xA9"
              "es|coordenadas|"
              "coordinate|standort|position",
     .score = 0.55F,
     .score_near = 0.9F},
};

}  // namespace

std::span<const Kind> generic_kinds() { return kKinds; }

}  // namespace gatehouse::guard::pii
