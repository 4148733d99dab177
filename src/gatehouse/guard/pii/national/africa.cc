#include "gatehouse/guard/pii/national/digits.h"
#include "gatehouse/guard/pii/national/national.h"

namespace gatehouse::guard::pii::national {
namespace {

// Identification Act 68 of 1997, Department of Home Affairs: the day of birth, sex, 0 for citizens, 1 for permanent
// residents and 2 for refugees, 8 or 9, Luhn.
bool za_id(std::string_view s) { return yymmdd(s) && one_of(s[10], "012") && one_of(s[11], "89") && luhn(s); }

// Federal Road Safety Corps: three letters of the local government area, a number, two letters.
bool ng_plate(std::string_view s) { return s.substr(3, 3) != "000"; }

// National Identification Authority: GHA, nine digits, a digit. Others have their country's three letters.
bool ghana(std::string_view s) { return s.substr(3, 9) != "000000000"; }

constexpr Kind kKinds[] = {
    {.entity = "ZA_ID_NUMBER",
     .description = "South African identity number",
     .country = "ZA",
     .shapes = "######-####-###",
     .separators = " ",
     .valid = za_id,
     .words = "south african id|rsa id|sa id|id number|identity number|permanent resident|refugee",
     .score = 0.6F,
     .score_near = 0.95F},
    // NIMC: eleven digits; no rule of a check digit is published.
    {.entity = "NG_NIN",
     .description = "Nigerian national identification number",
     .country = "NG",
     .shapes = "###########|####-###-####",
     .words = "nin|nimc|national identification number",
     .score = 0,
     .score_near = 0.7F,
     .needs_word = true},
    {.entity = "NG_BVN",
     .description = "Nigerian bank verification number",
     .country = "NG",
     .shapes = "###########",
     .words = "bvn|bank verification",
     .score = 0,
     .score_near = 0.8F,
     .needs_word = true},
    {.entity = "NG_VEHICLE_REGISTRATION",
     .description = "Number plate of a Nigerian vehicle",
     .country = "NG",
     .shapes = "@@@_###@@",
     .valid = ng_plate,
     .words = "plate|plates|vehicle|registration|frsc",
     .score = 0.3F,
     .score_near = 0.75F},
    {.entity = "NG_VEHICLE_REGISTRATION",
     .country = "NG",
     .shapes = "@@@###@@",
     .valid = ng_plate,
     .words = "plate|plates|vehicle registration|number plate|frsc",
     .score = 0.1F,
     .score_near = 0.65F},
    // Kenya Revenue Authority: A (persons) or P (others), nine digits, a letter.
    {.entity = "KE_PIN",
     .description = "Kenyan tax number",
     .country = "KE",
     .shapes = "a#########@|p#########@",
     .words = "kra|kra pin|pin",
     .score = 0.35F,
     .score_near = 0.8F},
    {.entity = "KE_NATIONAL_ID",
     .description = "Kenyan identity card number",
     .country = "KE",
     .shapes = "#{7,8}",
     .words = "kitambulisho|kenyan id|kenya id",
     .score = 0,
     .score_near = 0.7F,
     .needs_word = true},
    {.entity = "GH_CARD",
     .description = "Number of a Ghana card",
     .country = "GH",
     .shapes = "gha-#########-#",
     .separators = "-",
     .valid = ghana,
     .words = "ghana card|national identification",
     .score = 0.8F,
     .score_near = 0.95F},
};

}  // namespace

std::span<const Kind> africa() { return kKinds; }

}  // namespace gatehouse::guard::pii::national
