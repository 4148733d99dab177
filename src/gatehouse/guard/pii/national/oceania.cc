#include "gatehouse/guard/pii/national/digits.h"
#include "gatehouse/guard/pii/national/national.h"

namespace gatehouse::guard::pii::national {
namespace {

// Australian Business Register, "Format of the ABN": 1 less on the first digit, weights 10 1 3 5 7 9 11 13 15 17 19, a
// multiple of 89.
bool abn(std::string_view s) { return s[0] != '0' && (sum(s, {10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19}) - 10) % 89 == 0; }
// ASIC, "Australian Company Number digit check": weights 8 to 1, modulus 10.
bool acn(std::string_view s) {
  return s.substr(0, 8) != "00000000" && (10 - sum(s, {8, 7, 6, 5, 4, 3, 2, 1}) % 10) % 10 == digit(s[8]);
}
// Australian Taxation Office: weights 1 4 3 7 5 8 6 9 10, a multiple of 11.
bool tfn(std::string_view s) { return !all_same(s) && sum(s, {1, 4, 3, 7, 5, 8, 6, 9, 10}) % 11 == 0; }
// Services Australia: begins with 2 to 6, weights 1 3 7 9 1 3 7 9 give the ninth digit, the tenth counts the cards.
bool au_medicare(std::string_view s) {
  return in(s[0], '2', '6') && s[9] != '0' && sum(s, {1, 3, 7, 9, 1, 3, 7, 9}) % 10 == digit(s[8]);
}

// Inland Revenue, Resident withholding tax specification: 10 to 200 million, weights 3 2 7 6 5 4 3 2, modulus 11; where
// that gives 10, weights 7 4 3 2 5 2 7 6.
bool ird(std::string_view s) {
  const long long value = number(s);
  if (value < 10'000'000 || value > 200'000'000) return false;
  const long long front = value / 10;
  constexpr int kFirst[] = {2, 3, 4, 5, 6, 7, 2, 3};
  constexpr int kSecond[] = {6, 7, 2, 5, 2, 3, 4, 7};
  const auto check = [front](const int(&weights)[8]) {
    long long rest = front;
    int total = 0;
    for (const int weight : weights) {
      total += static_cast<int>(rest % 10) * weight;
      rest /= 10;
    }
    return (11 - total % 11) % 11;
  };
  int wanted = check(kFirst);
  if (wanted == 10) wanted = check(kSecond);
  return wanted == static_cast<int>(value % 10);
}

// Health New Zealand, HISO 10046: letters without I and O count from A = 1, weights 7 to 2. Until 2026 three letters,
// three digits and a check digit (modulus 11), then three letters, two digits, a letter and a check letter (modulus
// 24).
constexpr std::string_view kHealth = "ABCDEFGHJKLMNPQRSTUVWXYZ";
bool nhi(std::string_view s) {
  int total = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    const std::size_t place = kHealth.find(s[i]);
    if (!is_digit(s[i]) && place == std::string_view::npos) return false;
    total += (is_digit(s[i]) ? digit(s[i]) : static_cast<int>(place) + 1) * (7 - static_cast<int>(i));
  }
  if (is_digit(s[6])) return total % 11 != 0 && (11 - total % 11) % 10 == digit(s[6]);
  return s[6] == kHealth[static_cast<std::size_t>(24 - total % 24 - 1)];
}

constexpr Kind kKinds[] = {
    {.entity = "AU_ABN",
     .description = "Australian business number",
     .country = "AU",
     .shapes = "##-###-###-###",
     .separators = " ",
     .valid = abn,
     .words = "abn|australian business",
     .score = 0.45F,
     .score_near = 0.95F},
    {.entity = "AU_ACN",
     .description = "Australian company number",
     .country = "AU",
     .shapes = "###-###-###",
     .separators = " ",
     .valid = acn,
     .words = "acn|australian company",
     .score = 0.25F,
     .score_near = 0.95F},
    {.entity = "AU_TFN",
     .description = "Australian tax file number",
     .country = "AU",
     .shapes = "###-###-###",
     .valid = tfn,
     .words = "tfn|tax file",
     .score = 0.25F,
     .score_near = 0.95F},
    {.entity = "AU_MEDICARE",
     .description = "Number of an Australian Medicare card",
     .country = "AU",
     .shapes = "####-#####-#",
     .valid = au_medicare,
     .words = "medicare",
     .score = 0.25F,
     .score_near = 0.95F},
    {.entity = "AU_PASSPORT",
     .description = "Australian passport number",
     .country = "AU",
     .shapes = "@#######|@@#######",
     .words = "australian passport|passport",
     .score = 0,
     .score_near = 0.6F,
     .needs_word = true},
    {.entity = "NZ_IRD",
     .description = "New Zealand tax number",
     .country = "NZ",
     .shapes = "##-###-###|###-###-###",
     .valid = ird,
     .words = "ird|inland revenue",
     .score = 0.25F,
     .score_near = 0.95F},
    {.entity = "NZ_NHI",
     .description = "New Zealand national health index number",
     .country = "NZ",
     .shapes = "@@@####|@@@##@@",
     .valid = nhi,
     .words = "nhi|national health index",
     .score = 0.2F,
     .score_near = 0.95F},
};

}  // namespace

std::span<const Kind> oceania() { return kKinds; }

}  // namespace gatehouse::guard::pii::national
