#include "gatehouse/ml/tokenizer/normalizer.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "gatehouse/ml/tokenizer/fixtures.h"
#include "gatehouse/ml/tokenizer/tokenizer.h"

namespace gatehouse::ml::tokenizer {
namespace {

// What the reference implementation (tokenizers 0.23) makes of a text: the text, and where each character of it stands.
struct Golden {
  std::string_view part;
  std::string_view text;
  std::string_view made;
  std::string_view spans;  // bytes of the text
};

constexpr Golden kGoldens[] = {
    {R"j({"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true})j",
     "e\u0301 ﬁn ½ Ａ ① İstanbul", "e ﬁn ½ ａ ① istanbul",
     "0-1 3-4 4-7 7-8 8-9 9-11 11-12 12-15 15-16 16-19 19-20 20-22 22-23 23-24 24-25 25-26 26-27 27-28 28-29"},
    {R"j({"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true})j",
     "  we'LL see\015\012\015\012  x1y22\u3000z ", "  we'll see      x1y22 z ",
     "0-1 1-2 2-3 3-4 4-5 5-6 6-7 7-8 8-9 9-10 10-11 11-12 12-13 13-14 14-15 15-16 16-17 17-18 18-19 19-20 20-21 21-22 "
     "22-25 25-26 26-27"},
    {R"j({"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true})j",
     "नमस्ते! שָׁלוֹם\u200bÀÉ", "नमसत! שלוםae", "0-3 3-6 6-9 12-15 18-19 19-20 20-22 26-28 28-30 32-34 37-39 39-41"},
    {R"j({"type":"BertNormalizer","clean_text":false,"handle_chinese_chars":false,"strip_accents":false,"lowercase":true})j",
     "e\u0301 ﬁn ½ Ａ ① İstanbul", "e\u0301 ﬁn ½ ａ ① i̇stanbul",
     "0-1 1-3 3-4 4-7 7-8 8-9 9-11 11-12 12-15 15-16 16-19 19-20 20-22 20-22 22-23 23-24 24-25 25-26 26-27 27-28 "
     "28-29"},
    {R"j({"type":"BertNormalizer","clean_text":false,"handle_chinese_chars":false,"strip_accents":false,"lowercase":true})j",
     "  we'LL see\015\012\015\012  x1y22\u3000z ", "  we'll see\015\012\015\012  x1y22\u3000z ",
     "0-1 1-2 2-3 3-4 4-5 5-6 6-7 7-8 8-9 9-10 10-11 11-12 12-13 13-14 14-15 15-16 16-17 17-18 18-19 19-20 20-21 21-22 "
     "22-25 25-26 26-27"},
    {R"j({"type":"BertNormalizer","clean_text":false,"handle_chinese_chars":false,"strip_accents":false,"lowercase":true})j",
     "नमस्ते! שָׁלוֹם\u200bÀÉ", "नमस्ते! שָׁלוֹם\u200bàé",
     "0-3 3-6 6-9 9-12 12-15 15-18 18-19 19-20 20-22 22-24 24-26 26-28 28-30 30-32 32-34 34-37 37-39 39-41"},
    {R"j({"type":"NFC"})j", "e\u0301 ﬁn ½ Ａ ① İstanbul", "é ﬁn ½ Ａ ① İstanbul",
     "0-1 3-4 4-7 7-8 8-9 9-11 11-12 12-15 15-16 16-19 19-20 20-22 22-23 23-24 24-25 25-26 26-27 27-28 28-29"},
    {R"j({"type":"NFC"})j", "  we'LL see\015\012\015\012  x1y22\u3000z ", "  we'LL see\015\012\015\012  x1y22\u3000z ",
     "0-1 1-2 2-3 3-4 4-5 5-6 6-7 7-8 8-9 9-10 10-11 11-12 12-13 13-14 14-15 15-16 16-17 17-18 18-19 19-20 20-21 21-22 "
     "22-25 25-26 26-27"},
    {R"j({"type":"NFC"})j", "नमस्ते! שָׁלוֹם\u200bÀÉ", "नमस्ते! שָׁלוֹם\u200bÀÉ",
     "0-3 3-6 6-9 9-12 12-15 15-18 18-19 19-20 20-22 22-24 24-26 26-28 28-30 30-32 32-34 34-37 37-39 39-41"},
    {R"j({"type":"NFD"})j", "e\u0301 ﬁn ½ Ａ ① İstanbul", "e\u0301 ﬁn ½ Ａ ① İstanbul",
     "0-1 1-3 3-4 4-7 7-8 8-9 9-11 11-12 12-15 15-16 16-19 19-20 20-22 20-22 22-23 23-24 24-25 25-26 26-27 27-28 "
     "28-29"},
    {R"j({"type":"NFD"})j", "  we'LL see\015\012\015\012  x1y22\u3000z ", "  we'LL see\015\012\015\012  x1y22\u3000z ",
     "0-1 1-2 2-3 3-4 4-5 5-6 6-7 7-8 8-9 9-10 10-11 11-12 12-13 13-14 14-15 15-16 16-17 17-18 18-19 19-20 20-21 21-22 "
     "22-25 25-26 26-27"},
    {R"j({"type":"NFD"})j", "नमस्ते! שָׁלוֹם\u200bÀÉ", "नमस्ते! שָׁלוֹם\u200bÀE\u0301",
     "0-3 3-6 6-9 9-12 12-15 15-18 18-19 19-20 20-22 22-24 24-26 26-28 28-30 30-32 32-34 34-37 37-39 37-39 39-41 "
     "39-41"},
    {R"j({"type":"NFKC"})j", "e\u0301 ﬁn ½ Ａ ① İstanbul", "é fin 1⁄2 A 1 İstanbul",
     "0-1 3-4 4-7 4-7 7-8 8-9 9-11 9-11 9-11 11-12 12-15 15-16 16-19 19-20 20-22 22-23 23-24 24-25 25-26 26-27 27-28 "
     "28-29"},
    {R"j({"type":"NFKC"})j", "  we'LL see\015\012\015\012  x1y22\u3000z ", "  we'LL see\015\012\015\012  x1y22 z ",
     "0-1 1-2 2-3 3-4 4-5 5-6 6-7 7-8 8-9 9-10 10-11 11-12 12-13 13-14 14-15 15-16 16-17 17-18 18-19 19-20 20-21 21-22 "
     "22-25 25-26 26-27"},
    {R"j({"type":"NFKC"})j", "नमस्ते! שָׁלוֹם\u200bÀÉ", "नमस्ते! שָׁלוֹם\u200bÀÉ",
     "0-3 3-6 6-9 9-12 12-15 15-18 18-19 19-20 20-22 22-24 24-26 26-28 28-30 30-32 32-34 34-37 37-39 39-41"},
    {R"j({"type":"NFKD"})j", "e\u0301 ﬁn ½ Ａ ① İstanbul", "e\u0301 fin 1⁄2 A 1 İstanbul",
     "0-1 1-3 3-4 4-7 4-7 7-8 8-9 9-11 9-11 9-11 11-12 12-15 15-16 16-19 19-20 20-22 20-22 22-23 23-24 24-25 25-26 "
     "26-27 27-28 28-29"},
    {R"j({"type":"NFKD"})j", "  we'LL see\015\012\015\012  x1y22\u3000z ", "  we'LL see\015\012\015\012  x1y22 z ",
     "0-1 1-2 2-3 3-4 4-5 5-6 6-7 7-8 8-9 9-10 10-11 11-12 12-13 13-14 14-15 15-16 16-17 17-18 18-19 19-20 20-21 21-22 "
     "22-25 25-26 26-27"},
    {R"j({"type":"NFKD"})j", "नमस्ते! שָׁלוֹם\u200bÀÉ", "नमस्ते! שָׁלוֹם\u200bÀE\u0301",
     "0-3 3-6 6-9 9-12 12-15 15-18 18-19 19-20 20-22 22-24 24-26 26-28 28-30 30-32 32-34 34-37 37-39 37-39 39-41 "
     "39-41"},
    {R"j({"type":"Lowercase"})j", "e\u0301 ﬁn ½ Ａ ① İstanbul", "e\u0301 ﬁn ½ ａ ① i̇stanbul",
     "0-1 1-3 3-4 4-7 7-8 8-9 9-11 11-12 12-15 15-16 16-19 19-20 20-22 20-22 22-23 23-24 24-25 25-26 26-27 27-28 "
     "28-29"},
    {R"j({"type":"Lowercase"})j", "  we'LL see\015\012\015\012  x1y22\u3000z ",
     "  we'll see\015\012\015\012  x1y22\u3000z ",
     "0-1 1-2 2-3 3-4 4-5 5-6 6-7 7-8 8-9 9-10 10-11 11-12 12-13 13-14 14-15 15-16 16-17 17-18 18-19 19-20 20-21 21-22 "
     "22-25 25-26 26-27"},
    {R"j({"type":"Lowercase"})j", "नमस्ते! שָׁלוֹם\u200bÀÉ", "नमस्ते! שָׁלוֹם\u200bàé",
     "0-3 3-6 6-9 9-12 12-15 15-18 18-19 19-20 20-22 22-24 24-26 26-28 28-30 30-32 32-34 34-37 37-39 39-41"},
    {R"j({"type":"StripAccents"})j", "e\u0301 ﬁn ½ Ａ ① İstanbul", "e ﬁn ½ Ａ ① İstanbul",
     "0-1 3-4 4-7 7-8 8-9 9-11 11-12 12-15 15-16 16-19 19-20 20-22 22-23 23-24 24-25 25-26 26-27 27-28 28-29"},
    {R"j({"type":"StripAccents"})j", "  we'LL see\015\012\015\012  x1y22\u3000z ",
     "  we'LL see\015\012\015\012  x1y22\u3000z ",
     "0-1 1-2 2-3 3-4 4-5 5-6 6-7 7-8 8-9 9-10 10-11 11-12 12-13 13-14 14-15 15-16 16-17 17-18 18-19 19-20 20-21 21-22 "
     "22-25 25-26 26-27"},
    {R"j({"type":"StripAccents"})j", "नमस्ते! שָׁלוֹם\u200bÀÉ", "नमसत! שלום\u200bÀÉ",
     "0-3 3-6 6-9 12-15 18-19 19-20 20-22 26-28 28-30 32-34 34-37 37-39 39-41"},
    {R"j({"type":"Sequence","normalizers":[{"type":"NFKD"},{"type":"StripAccents"},{"type":"Lowercase"}]})j",
     "e\u0301 ﬁn ½ Ａ ① İstanbul", "e fin 1⁄2 a 1 istanbul",
     "0-1 3-4 4-7 4-7 7-8 8-9 9-11 9-11 9-11 11-12 12-15 15-16 16-19 19-20 20-22 22-23 23-24 24-25 25-26 26-27 27-28 "
     "28-29"},
    {R"j({"type":"Sequence","normalizers":[{"type":"NFKD"},{"type":"StripAccents"},{"type":"Lowercase"}]})j",
     "  we'LL see\015\012\015\012  x1y22\u3000z ", "  we'll see\015\012\015\012  x1y22 z ",
     "0-1 1-2 2-3 3-4 4-5 5-6 6-7 7-8 8-9 9-10 10-11 11-12 12-13 13-14 14-15 15-16 16-17 17-18 18-19 19-20 20-21 21-22 "
     "22-25 25-26 26-27"},
    {R"j({"type":"Sequence","normalizers":[{"type":"NFKD"},{"type":"StripAccents"},{"type":"Lowercase"}]})j",
     "नमस्ते! שָׁלוֹם\u200bÀÉ", "नमसत! שלום\u200bae",
     "0-3 3-6 6-9 12-15 18-19 19-20 20-22 26-28 28-30 32-34 34-37 37-39 39-41"},
    {R"j({"type":"Strip","strip_left":true,"strip_right":true})j", "e\u0301 ﬁn ½ Ａ ① İstanbul",
     "e\u0301 ﬁn ½ Ａ ① İstanbul",
     "0-1 1-3 3-4 4-7 7-8 8-9 9-11 11-12 12-15 15-16 16-19 19-20 20-22 22-23 23-24 24-25 25-26 26-27 27-28 28-29"},
    {R"j({"type":"Strip","strip_left":true,"strip_right":true})j", "  we'LL see\015\012\015\012  x1y22\u3000z ",
     "we'LL see\015\012\015\012  x1y22\u3000z",
     "2-3 3-4 4-5 5-6 6-7 7-8 8-9 9-10 10-11 11-12 12-13 13-14 14-15 15-16 16-17 17-18 18-19 19-20 20-21 21-22 22-25 "
     "25-26"},
    {R"j({"type":"Strip","strip_left":true,"strip_right":true})j", "नमस्ते! שָׁלוֹם\u200bÀÉ", "नमस्ते! שָׁלוֹם\u200bÀÉ",
     "0-3 3-6 6-9 9-12 12-15 15-18 18-19 19-20 20-22 22-24 24-26 26-28 28-30 30-32 32-34 34-37 37-39 39-41"},
    {R"j({"type":"Strip","strip_left":false,"strip_right":true})j", "e\u0301 ﬁn ½ Ａ ① İstanbul",
     "e\u0301 ﬁn ½ Ａ ① İstanbul",
     "0-1 1-3 3-4 4-7 7-8 8-9 9-11 11-12 12-15 15-16 16-19 19-20 20-22 22-23 23-24 24-25 25-26 26-27 27-28 28-29"},
    {R"j({"type":"Strip","strip_left":false,"strip_right":true})j", "  we'LL see\015\012\015\012  x1y22\u3000z ",
     "  we'LL see\015\012\015\012  x1y22\u3000z",
     "0-1 1-2 2-3 3-4 4-5 5-6 6-7 7-8 8-9 9-10 10-11 11-12 12-13 13-14 14-15 15-16 16-17 17-18 18-19 19-20 20-21 21-22 "
     "22-25 25-26"},
    {R"j({"type":"Strip","strip_left":false,"strip_right":true})j", "नमस्ते! שָׁלוֹם\u200bÀÉ", "नमस्ते! שָׁלוֹם\u200bÀÉ",
     "0-3 3-6 6-9 9-12 12-15 15-18 18-19 19-20 20-22 22-24 24-26 26-28 28-30 30-32 32-34 34-37 37-39 39-41"},
    {R"j({"type":"Nmt"})j", "e\u0301 ﬁn ½ Ａ ① İstanbul", "e\u0301 ﬁn ½ Ａ ① İstanbul",
     "0-1 1-3 3-4 4-7 7-8 8-9 9-11 11-12 12-15 15-16 16-19 19-20 20-22 22-23 23-24 24-25 25-26 26-27 27-28 28-29"},
    {R"j({"type":"Nmt"})j", "  we'LL see\015\012\015\012  x1y22\u3000z ", "  we'LL see      x1y22\u3000z ",
     "0-1 1-2 2-3 3-4 4-5 5-6 6-7 7-8 8-9 9-10 10-11 11-12 12-13 13-14 14-15 15-16 16-17 17-18 18-19 19-20 20-21 21-22 "
     "22-25 25-26 26-27"},
    {R"j({"type":"Nmt"})j", "नमस्ते! שָׁלוֹם\u200bÀÉ", "नमस्ते! שָׁלוֹם ÀÉ",
     "0-3 3-6 6-9 9-12 12-15 15-18 18-19 19-20 20-22 22-24 24-26 26-28 28-30 30-32 32-34 34-37 37-39 39-41"},
    {R"j({"type":"ByteLevel"})j", "e\u0301 ﬁn ½ Ａ ① İstanbul", "eÌģĠï¬ģnĠÂ½Ġï¼¡ĠâĳłĠÄ°stanbul",
     "0-1 1-3 1-3 3-4 4-7 4-7 4-7 7-8 8-9 9-11 9-11 11-12 12-15 12-15 12-15 15-16 16-19 16-19 16-19 19-20 20-22 20-22 "
     "22-23 23-24 24-25 25-26 26-27 27-28 28-29"},
    {R"j({"type":"ByteLevel"})j", "  we'LL see\015\012\015\012  x1y22\u3000z ", "ĠĠwe'LLĠseečĊčĊĠĠx1y22ãĢĢzĠ",
     "0-1 1-2 2-3 3-4 4-5 5-6 6-7 7-8 8-9 9-10 10-11 11-12 12-13 13-14 14-15 15-16 16-17 17-18 18-19 19-20 20-21 21-22 "
     "22-25 22-25 22-25 25-26 26-27"},
    {R"j({"type":"ByteLevel"})j", "नमस्ते! שָׁלוֹם\u200bÀÉ", "à¤¨à¤®à¤¸à¥įà¤¤à¥ĩ!Ġ×©Ö¸×ģ×ľ×ķÖ¹×ĿâĢĭÃĢÃī",
     "0-3 0-3 0-3 3-6 3-6 3-6 6-9 6-9 6-9 9-12 9-12 9-12 12-15 12-15 12-15 15-18 15-18 15-18 18-19 19-20 20-22 20-22 "
     "22-24 22-24 24-26 24-26 26-28 26-28 28-30 28-30 30-32 30-32 32-34 32-34 34-37 34-37 34-37 37-39 37-39 39-41 "
     "39-41"},
    {R"j({"type":"Prepend","prepend":"\u2581"})j", "e\u0301 ﬁn ½ Ａ ① İstanbul", "▁e\u0301 ﬁn ½ Ａ ① İstanbul",
     "0-1 0-1 1-3 3-4 4-7 7-8 8-9 9-11 11-12 12-15 15-16 16-19 19-20 20-22 22-23 23-24 24-25 25-26 26-27 27-28 28-29"},
    {R"j({"type":"Prepend","prepend":"\u2581"})j", "  we'LL see\015\012\015\012  x1y22\u3000z ",
     "▁  we'LL see\015\012\015\012  x1y22\u3000z ",
     "0-1 0-1 1-2 2-3 3-4 4-5 5-6 6-7 7-8 8-9 9-10 10-11 11-12 12-13 13-14 14-15 15-16 16-17 17-18 18-19 19-20 20-21 "
     "21-22 22-25 25-26 26-27"},
    {R"j({"type":"Prepend","prepend":"\u2581"})j", "नमस्ते! שָׁלוֹם\u200bÀÉ", "▁नमस्ते! שָׁלוֹם\u200bÀÉ",
     "0-3 0-3 3-6 6-9 9-12 12-15 15-18 18-19 19-20 20-22 22-24 24-26 26-28 28-30 30-32 32-34 34-37 37-39 39-41"},
    {R"j({"type":"Replace","pattern":{"String":" "},"content":"\u2581"})j", "e\u0301 ﬁn ½ Ａ ① İstanbul",
     "e\u0301▁ﬁn▁½▁Ａ▁①▁İstanbul",
     "0-1 1-3 3-4 4-7 7-8 8-9 9-11 11-12 12-15 15-16 16-19 19-20 20-22 22-23 23-24 24-25 25-26 26-27 27-28 28-29"},
    {R"j({"type":"Replace","pattern":{"String":" "},"content":"\u2581"})j",
     "  we'LL see\015\012\015\012  x1y22\u3000z ", "▁▁we'LL▁see\015\012\015\012▁▁x1y22\u3000z▁",
     "0-1 1-2 2-3 3-4 4-5 5-6 6-7 7-8 8-9 9-10 10-11 11-12 12-13 13-14 14-15 15-16 16-17 17-18 18-19 19-20 20-21 21-22 "
     "22-25 25-26 26-27"},
    {R"j({"type":"Replace","pattern":{"String":" "},"content":"\u2581"})j", "नमस्ते! שָׁלוֹם\u200bÀÉ", "नमस्ते!▁שָׁלוֹם\u200bÀÉ",
     "0-3 3-6 6-9 9-12 12-15 15-18 18-19 19-20 20-22 22-24 24-26 26-28 28-30 30-32 32-34 34-37 37-39 39-41"},
    {R"j({"type":"Replace","pattern":{"Regex":"\\s{2,}"},"content":"_"})j", "e\u0301 ﬁn ½ Ａ ① İstanbul",
     "e\u0301 ﬁn ½ Ａ ① İstanbul",
     "0-1 1-3 3-4 4-7 7-8 8-9 9-11 11-12 12-15 15-16 16-19 19-20 20-22 22-23 23-24 24-25 25-26 26-27 27-28 28-29"},
    {R"j({"type":"Replace","pattern":{"Regex":"\\s{2,}"},"content":"_"})j",
     "  we'LL see\015\012\015\012  x1y22\u3000z ", "_we'LL see_x1y22\u3000z ",
     "1-2 2-3 3-4 4-5 5-6 6-7 7-8 8-9 9-10 10-11 16-17 17-18 18-19 19-20 20-21 21-22 22-25 25-26 26-27"},
    {R"j({"type":"Replace","pattern":{"Regex":"\\s{2,}"},"content":"_"})j", "नमस्ते! שָׁלוֹם\u200bÀÉ", "नमस्ते! שָׁלוֹם\u200bÀÉ",
     "0-3 3-6 6-9 9-12 12-15 15-18 18-19 19-20 20-22 22-24 24-26 26-28 28-30 30-32 32-34 34-37 37-39 39-41"},
};

std::string spans_of(const std::string& file, std::string_view text) {
  const auto tokenizer = Tokenizer::parse(file);
  if (!tokenizer) return tokenizer.error().detail;
  std::vector<Token> tokens;
  (*tokenizer)->encode(text, text.size() * 8, tokens);
  std::string out;
  for (const Token& token : tokens) {
    fmt::format_to(std::back_inserter(out), "{}{}-{}", out.empty() ? "" : " ", token.begin, token.end);
  }
  return out;
}

TEST(Normalizer, MakesWhatTheReferenceDoes) {
  for (const Golden& golden : kGoldens) {
    auto part = Normalizer::parse(json::Value(golden.part));
    ASSERT_TRUE(part) << part.error().detail;
    Aligned text;
    Normalizer::Scratch scratch{.most = 1'000'000};
    text.read(golden.text);
    (*part)->apply(text, scratch);
    EXPECT_EQ(text.text(), golden.made) << golden.part;
    EXPECT_EQ(spans_of(fixtures::file_with(golden.part, R"({"type":"FixedLength","length":1})"), golden.text),
              golden.spans)
        << golden.part;
  }
}

// A file of a few bytes may not ask for a text of no end.
TEST(Normalizer, GrowthHasAnEnd) {
  std::string parts;
  for (int i = 0; i < 60; ++i) parts += fmt::format("{}{{\"type\":\"ByteLevel\"}}", i == 0 ? "" : ",");
  const auto file = fixtures::file_with(R"({"type":"Sequence","normalizers":[)" + parts + "]}", "null");
  const auto tokenizer = Tokenizer::parse(file);
  ASSERT_TRUE(tokenizer);
  std::vector<Token> tokens;
  (*tokenizer)->encode("\u00e9\u00e9\u00e9", 10, tokens);
  EXPECT_EQ(tokens.size(), 1U);
}

}  // namespace
}  // namespace gatehouse::ml::tokenizer
