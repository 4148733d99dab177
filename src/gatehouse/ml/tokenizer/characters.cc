#include "gatehouse/ml/tokenizer/characters.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <iterator>

namespace gatehouse::ml::tokenizer {
namespace {

// The versions of Unicode that the reference's tables were made from: unicode_categories 0.1 has 8,
// unicode-normalization-alignments 0.1 has 9.
constexpr std::uint8_t kCategories = 8;
constexpr std::uint8_t kNormalisation = 9;

std::uint8_t age(char32_t c) {
  UVersionInfo version;
  u_charAge(static_cast<UChar32>(c), version);
  return version[0];
}
bool in_version(char32_t c, std::uint8_t version) {
  const std::uint8_t since = age(c);
  return since != 0 && since <= version;
}

bool is_ideograph(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
         (c >= 0x2A700 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0x2F800 && c <= 0x2FA1F);
}

bool is_ascii_punctuation(char32_t c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

// Lower case that came after ICU 72 (Unicode 16 and 17). `step`: every how many code points.
struct CaseRange {
  char32_t first;
  char32_t last;
  char32_t lower;  // of the first; the others follow
  char32_t step;
};
constexpr CaseRange kLateCases[] = {
    {0x1C89, 0x1C89, 0x1C8A, 1}, {0xA7CB, 0xA7CB, 0x264, 1},     {0xA7CC, 0xA7CC, 0xA7CD, 1},
    {0xA7CE, 0xA7CE, 0xA7CF, 1}, {0xA7D2, 0xA7D4, 0xA7D3, 2},    {0xA7DA, 0xA7DA, 0xA7DB, 1},
    {0xA7DC, 0xA7DC, 0x19B, 1},  {0x10D50, 0x10D65, 0x10D70, 1}, {0x16EA0, 0x16EB8, 0x16EBB, 1},
};

// What came after ICU 72 (Unicode 15.1 to 17) and the reference knows: letters, numbers, and what else is part of
// words.
struct LateRange {
  char32_t first;
  char32_t last;
  std::uint16_t properties;
};
constexpr LateRange kLate[] = {{0x897, 0x897, kWord | kLateMark},
                               {0x1ACF, 0x1ADD, kLateMark},
                               {0x1AE0, 0x1AEB, kLateMark},
                               {0x1C89, 0x1C8A, kLetter | kWord},
                               {0xA7CB, 0xA7CD, kLetter | kWord},
                               {0xA7DA, 0xA7DC, kLetter | kWord},
                               {0x105C0, 0x105F3, kLetter | kWord},
                               {0x10D40, 0x10D49, kNumber | kNumeric | kWord},
                               {0x10D4A, 0x10D65, kLetter | kWord},
                               {0x10D69, 0x10D6D, kWord | kLateMark},
                               {0x10D6F, 0x10D85, kLetter | kWord},
                               {0x10EC2, 0x10EC4, kLetter | kWord},
                               {0x10EFC, 0x10EFC, kWord | kLateMark},
                               {0x11380, 0x11389, kLetter | kWord},
                               {0x1138B, 0x1138B, kLetter | kWord},
                               {0x1138E, 0x1138E, kLetter | kWord},
                               {0x11390, 0x113B5, kLetter | kWord},
                               {0x113B7, 0x113B7, kLetter | kWord},
                               {0x113B8, 0x113C0, kWord | kLateMark},
                               {0x113C2, 0x113C2, kWord | kLateMark},
                               {0x113C5, 0x113C5, kWord | kLateMark},
                               {0x113C7, 0x113CA, kWord | kLateMark},
                               {0x113CC, 0x113D0, kWord | kLateMark},
                               {0x113D1, 0x113D1, kLetter | kWord},
                               {0x113D2, 0x113D2, kWord | kLateMark},
                               {0x113D3, 0x113D3, kLetter | kWord},
                               {0x113E1, 0x113E2, kWord | kLateMark},
                               {0x116D0, 0x116E3, kNumber | kNumeric | kWord},
                               {0x11BC0, 0x11BE0, kLetter | kWord},
                               {0x11BF0, 0x11BF9, kNumber | kNumeric | kWord},
                               {0x11DE0, 0x11DE9, kNumeric},
                               {0x11F5A, 0x11F5A, kWord | kLateMark},
                               {0x13460, 0x143FA, kLetter | kWord},
                               {0x16100, 0x1611D, kLetter | kWord},
                               {0x1611E, 0x1612F, kWord | kLateMark},
                               {0x16130, 0x16139, kNumber | kNumeric | kWord},
                               {0x16D40, 0x16D6C, kLetter | kWord},
                               {0x16D70, 0x16D79, kNumber | kNumeric | kWord},
                               {0x16FF4, 0x16FF6, kNumeric},
                               {0x18CFF, 0x18CFF, kLetter | kWord},
                               {0x1CCF0, 0x1CCF9, kNumber | kNumeric | kWord},
                               {0x1E5D0, 0x1E5ED, kLetter | kWord},
                               {0x1E5EE, 0x1E5EF, kWord | kLateMark},
                               {0x1E5F0, 0x1E5F0, kLetter | kWord},
                               {0x1E5F1, 0x1E5FA, kNumber | kNumeric | kWord},
                               {0x2EBF0, 0x2EE5D, kLetter | kWord}};

char32_t simple_lower(char32_t c) {
  const auto lower = static_cast<char32_t>(u_tolower(static_cast<UChar32>(c)));
  if (lower != c || c < kLateCases[0].first) return lower;
  for (const CaseRange& range : kLateCases) {
    if (c >= range.first && c <= range.last && (c - range.first) % range.step == 0)
      return range.lower + (c - range.first);
  }
  return c;
}

std::uint16_t properties_of(char32_t c) {
  const auto point = static_cast<UChar32>(c);
  const auto mask = U_GET_GC_MASK(point);
  std::uint16_t properties = 0;
  if ((mask & U_GC_CN_MASK) != 0) {  // most of them
    if (is_ideograph(c)) properties |= kIdeograph;
    if (simple_lower(c) != c) properties |= kCased;
    const auto* late = std::ranges::lower_bound(kLate, c, {}, &LateRange::last);
    if (late != std::end(kLate) && c >= late->first) properties |= late->properties;
    return properties;
  }
  if (u_isUWhiteSpace(point) != 0) properties |= kSpace;
  if (is_ideograph(c)) properties |= kIdeograph;
  if (is_ascii_punctuation(c)) properties |= kPunctuation;
  if ((mask & (U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK)) != 0 && in_version(c, kCategories)) properties |= kOther;
  if ((mask & U_GC_P_MASK) != 0 && in_version(c, kCategories)) properties |= kPunctuation;
  if ((mask & U_GC_MN_MASK) != 0 && in_version(c, kCategories)) properties |= kNonSpacing;
  if ((mask & U_GC_M_MASK) != 0 && in_version(c, kNormalisation)) properties |= kMark;
  if ((mask & U_GC_L_MASK) != 0) properties |= kLetter;
  if ((mask & U_GC_N_MASK) != 0) properties |= kNumber | kNumeric;
  if ((mask & (U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK)) != 0 || u_isUAlphabetic(point) != 0 || c == 0x200C ||
      c == 0x200D) {
    properties |= kWord;
  }
  if (simple_lower(c) != c || c == 0x130) properties |= kCased;
  switch (c) {  // what changed its category since
    case 0x166D:
      properties |= kPunctuation;
      break;
    case 0x111C9:
      properties = static_cast<std::uint16_t>((properties | kPunctuation) & ~(kNonSpacing | kMark));
      break;
    case 0x1734:
      properties |= kNonSpacing;
      break;
    case 0x1885:
    case 0x1886:
    case 0xA9BD:
      properties = static_cast<std::uint16_t>(properties & ~kNonSpacing);
      break;
    case 0x1CF2:
    case 0x1CF3:
      properties |= kMark;
      break;
    default:
      break;
  }
  if (c >= 0xC0 && in_version(c, kNormalisation)) {
    if (u_getIntPropertyValue(point, UCHAR_NFD_QUICK_CHECK) == UNORM_NO) properties |= kDecomposes;
    if (u_getCombiningClass(point) != 0) properties |= kNonStarter;
  }
  return properties;
}

const UNormalizer2* normalizer(const void* pointer) { return static_cast<const UNormalizer2*>(pointer); }

}  // namespace

const Characters& Characters::get() {
  static const Characters characters;
  return characters;
}

Characters::Characters() {
  UErrorCode error = U_ZERO_ERROR;
  canonical_ = unorm2_getNFDInstance(&error);
  compatible_ = unorm2_getNFKDInstance(&error);
  composing_ = unorm2_getNFCInstance(&error);
  usable_ = U_SUCCESS(error) != 0;
  if (!usable_) return;
  std::array<std::uint16_t, PointTable<std::uint16_t>::kBlock> block;
  for (std::size_t index = 0; index < PointTable<std::uint16_t>::kBlocks; ++index) {
    const auto first = static_cast<char32_t>(index * block.size());
    for (std::size_t i = 0; i < block.size(); ++i) block[i] = properties_of(first + static_cast<char32_t>(i));
    properties_.add(block);
  }
}

std::size_t Characters::lower(char32_t c, char32_t* out) const {
  if (c == 0x130) {
    out[0] = 'i';
    out[1] = 0x307;
    return 2;
  }
  out[0] = simple_lower(c);
  return 1;
}

std::size_t Characters::decompose(char32_t c, bool compatible, char32_t* out) const {
  out[0] = c;
  if (c < 0xA0 || !in_version(c, kNormalisation)) return 1;
  UChar units[2 * kMostDecomposed];
  UErrorCode error = U_ZERO_ERROR;
  const std::int32_t length =
      unorm2_getDecomposition(normalizer(compatible ? compatible_ : canonical_), static_cast<UChar32>(c), units,
                              static_cast<std::int32_t>(std::size(units)), &error);
  if (length <= 0 || U_FAILURE(error) != 0) return 1;
  std::size_t count = 0;
  for (std::int32_t i = 0; i < length && count < kMostDecomposed;) {
    UChar32 point;
    U16_NEXT(units, i, length, point);
    out[count++] = static_cast<char32_t>(point);
  }
  return count;
}

char32_t Characters::compose(char32_t first, char32_t second) const {
  const UChar32 composite =
      unorm2_composePair(normalizer(composing_), static_cast<UChar32>(first), static_cast<UChar32>(second));
  if (composite < 0 || !in_version(static_cast<char32_t>(composite), kNormalisation)) return 0;
  return static_cast<char32_t>(composite);
}

std::uint8_t Characters::combining_class(char32_t c) const {
  return is(c, kNonStarter) ? u_getCombiningClass(static_cast<UChar32>(c)) : 0;
}

const int Characters::kHan = USCRIPT_HAN;
const int Characters::kHiragana = USCRIPT_HIRAGANA;
const int Characters::kKatakana = USCRIPT_KATAKANA;

int Characters::script(char32_t c) {
  if (c == 0x589 || c == 0x61C) return USCRIPT_COMMON;  // changed since
  if (c == 0x953 || c == 0x954) return USCRIPT_DEVANAGARI;
  if (!in_version(c, kNormalisation)) return kNoScript;
  UErrorCode error = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(static_cast<UChar32>(c), &error);
  return U_FAILURE(error) != 0 || script == USCRIPT_UNKNOWN ? kNoScript : static_cast<int>(script);
}

}  // namespace gatehouse::ml::tokenizer
