#include "gatehouse/ml/tokenizer/pre_tokenizer.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "gatehouse/ml/tokenizer/fixtures.h"
#include "gatehouse/ml/tokenizer/tokenizer.h"

namespace gatehouse::ml::tokenizer {
namespace {

// What the reference implementation (tokenizers 0.23) makes of a text: its pieces, and where they stand.
struct Golden {
  std::string_view part;
  std::string_view text;
  std::string_view made;
  std::string_view spans;  // bytes of the text
};

constexpr Golden kGoldens[] = {
    {R"j({"type":"BertPreTokenizer"})j", "Hi there,  it's 12 o'clock…\011OK?!",
     "Hi|there|,|it|'|s|12|o|'|clock|…|OK|?|!",
     "0-2 3-8 8-9 11-13 13-14 14-15 16-18 19-20 20-21 21-26 26-29 30-32 32-33 33-34"},
    {R"j({"type":"BertPreTokenizer"})j", "Цена: 1234₽ — 東京タワーの高さ 333m", "Цена|:|1234₽|—|東京タワーの高さ|333m",
     "0-8 8-9 10-17 18-21 22-46 47-51"},
    {R"j({"type":"BertPreTokenizer"})j", "  we'LL see\015\012\015\012  x1y22\u3000z ", "we|'|LL|see|x1y22|z",
     "2-4 4-5 5-7 8-11 17-22 25-26"},
    {R"j({"type":"Whitespace"})j", "Hi there,  it's 12 o'clock…\011OK?!", "Hi|there|,|it|'|s|12|o|'|clock|…|OK|?!",
     "0-2 3-8 8-9 11-13 13-14 14-15 16-18 19-20 20-21 21-26 26-29 30-32 32-34"},
    {R"j({"type":"Whitespace"})j", "Цена: 1234₽ — 東京タワーの高さ 333m", "Цена|:|1234|₽|—|東京タワーの高さ|333m",
     "0-8 8-9 10-14 14-17 18-21 22-46 47-51"},
    {R"j({"type":"Whitespace"})j", "  we'LL see\015\012\015\012  x1y22\u3000z ", "we|'|LL|see|x1y22|z",
     "2-4 4-5 5-7 8-11 17-22 25-26"},
    {R"j({"type":"WhitespaceSplit"})j", "Hi there,  it's 12 o'clock…\011OK?!", "Hi|there,|it's|12|o'clock…|OK?!",
     "0-2 3-9 11-15 16-18 19-29 30-34"},
    {R"j({"type":"WhitespaceSplit"})j", "Цена: 1234₽ — 東京タワーの高さ 333m", "Цена:|1234₽|—|東京タワーの高さ|333m",
     "0-9 10-17 18-21 22-46 47-51"},
    {R"j({"type":"WhitespaceSplit"})j", "  we'LL see\015\012\015\012  x1y22\u3000z ", "we'LL|see|x1y22|z",
     "2-7 8-11 17-22 25-26"},
    {R"j({"type":"Punctuation","behavior":"Isolated"})j", "Hi there,  it's 12 o'clock…\011OK?!",
     "Hi there|,|  it|'|s 12 o|'|clock|…|\011OK|?|!", "0-8 8-9 9-13 13-14 14-20 20-21 21-26 26-29 29-32 32-33 33-34"},
    {R"j({"type":"Punctuation","behavior":"Isolated"})j", "Цена: 1234₽ — 東京タワーの高さ 333m",
     "Цена|:| 1234₽ |—| 東京タワーの高さ 333m", "0-8 8-9 9-18 18-21 21-51"},
    {R"j({"type":"Punctuation","behavior":"Isolated"})j", "  we'LL see\015\012\015\012  x1y22\u3000z ",
     "  we|'|LL see\015\012\015\012  x1y22\u3000z ", "0-4 4-5 5-27"},
    {R"j({"type":"Punctuation","behavior":"Removed"})j", "Hi there,  it's 12 o'clock…\011OK?!",
     "Hi there|  it|s 12 o|clock|\011OK", "0-8 9-13 14-20 21-26 29-32"},
    {R"j({"type":"Punctuation","behavior":"Removed"})j", "Цена: 1234₽ — 東京タワーの高さ 333m",
     "Цена| 1234₽ | 東京タワーの高さ 333m", "0-8 9-18 21-51"},
    {R"j({"type":"Punctuation","behavior":"Removed"})j", "  we'LL see\015\012\015\012  x1y22\u3000z ",
     "  we|LL see\015\012\015\012  x1y22\u3000z ", "0-4 5-27"},
    {R"j({"type":"Punctuation","behavior":"MergedWithPrevious"})j", "Hi there,  it's 12 o'clock…\011OK?!",
     "Hi there,|  it'|s 12 o'|clock…|\011OK?|!", "0-9 9-14 14-21 21-29 29-33 33-34"},
    {R"j({"type":"Punctuation","behavior":"MergedWithPrevious"})j", "Цена: 1234₽ — 東京タワーの高さ 333m",
     "Цена:| 1234₽ —| 東京タワーの高さ 333m", "0-9 9-21 21-51"},
    {R"j({"type":"Punctuation","behavior":"MergedWithPrevious"})j", "  we'LL see\015\012\015\012  x1y22\u3000z ",
     "  we'|LL see\015\012\015\012  x1y22\u3000z ", "0-5 5-27"},
    {R"j({"type":"Punctuation","behavior":"MergedWithNext"})j", "Hi there,  it's 12 o'clock…\011OK?!",
     "Hi there|,  it|'s 12 o|'clock|…\011OK|?|!", "0-8 8-13 13-20 20-26 26-32 32-33 33-34"},
    {R"j({"type":"Punctuation","behavior":"MergedWithNext"})j", "Цена: 1234₽ — 東京タワーの高さ 333m",
     "Цена|: 1234₽ |— 東京タワーの高さ 333m", "0-8 8-18 18-51"},
    {R"j({"type":"Punctuation","behavior":"MergedWithNext"})j", "  we'LL see\015\012\015\012  x1y22\u3000z ",
     "  we|'LL see\015\012\015\012  x1y22\u3000z ", "0-4 4-27"},
    {R"j({"type":"Punctuation","behavior":"Contiguous"})j", "Hi there,  it's 12 o'clock…\011OK?!",
     "Hi there|,|  it|'|s 12 o|'|clock|…|\011OK|?!", "0-8 8-9 9-13 13-14 14-20 20-21 21-26 26-29 29-32 32-34"},
    {R"j({"type":"Punctuation","behavior":"Contiguous"})j", "Цена: 1234₽ — 東京タワーの高さ 333m",
     "Цена|:| 1234₽ |—| 東京タワーの高さ 333m", "0-8 8-9 9-18 18-21 21-51"},
    {R"j({"type":"Punctuation","behavior":"Contiguous"})j", "  we'LL see\015\012\015\012  x1y22\u3000z ",
     "  we|'|LL see\015\012\015\012  x1y22\u3000z ", "0-4 4-5 5-27"},
    {R"j({"type":"Digits","individual_digits":true})j", "Hi there,  it's 12 o'clock…\011OK?!",
     "Hi there,  it's |1|2| o'clock…\011OK?!", "0-16 16-17 17-18 18-34"},
    {R"j({"type":"Digits","individual_digits":true})j", "Цена: 1234₽ — 東京タワーの高さ 333m",
     "Цена: |1|2|3|4|₽ — 東京タワーの高さ |3|3|3|m", "0-10 10-11 11-12 12-13 13-14 14-47 47-48 48-49 49-50 50-51"},
    {R"j({"type":"Digits","individual_digits":true})j", "  we'LL see\015\012\015\012  x1y22\u3000z ",
     "  we'LL see\015\012\015\012  x|1|y|2|2|\u3000z ", "0-18 18-19 19-20 20-21 21-22 22-27"},
    {R"j({"type":"Digits","individual_digits":false})j", "Hi there,  it's 12 o'clock…\011OK?!",
     "Hi there,  it's |12| o'clock…\011OK?!", "0-16 16-18 18-34"},
    {R"j({"type":"Digits","individual_digits":false})j", "Цена: 1234₽ — 東京タワーの高さ 333m",
     "Цена: |1234|₽ — 東京タワーの高さ |333|m", "0-10 10-14 14-47 47-50 50-51"},
    {R"j({"type":"Digits","individual_digits":false})j", "  we'LL see\015\012\015\012  x1y22\u3000z ",
     "  we'LL see\015\012\015\012  x|1|y|22|\u3000z ", "0-18 18-19 19-20 20-22 22-27"},
    {R"j({"type":"UnicodeScripts"})j", "Hi there,  it's 12 o'clock…\011OK?!",
     "Hi there|,  |it|'|s |12 |o|'|clock|…\011|OK|?!",
     "0-8 8-11 11-13 13-14 14-16 16-19 19-20 20-21 21-26 26-30 30-32 32-34"},
    {R"j({"type":"UnicodeScripts"})j", "Цена: 1234₽ — 東京タワーの高さ 333m", "Цена|: 1234₽ — |東京タワーの高さ |333|m",
     "0-8 8-22 22-47 47-50 50-51"},
    {R"j({"type":"UnicodeScripts"})j", "  we'LL see\015\012\015\012  x1y22\u3000z ",
     "we|'|LL see|\015\012\015\012  |x|1|y|22\u3000|z ", "2-4 4-5 5-11 11-17 17-18 18-19 19-20 20-25 25-27"},
    {R"j({"type":"CharDelimiterSplit","delimiter":"e"})j", "Hi there,  it's 12 o'clock…\011OK?!",
     "Hi th|r|,  it's 12 o'clock…\011OK?!", "0-5 6-7 8-34"},
    {R"j({"type":"CharDelimiterSplit","delimiter":"e"})j", "Цена: 1234₽ — 東京タワーの高さ 333m",
     "Цена: 1234₽ — 東京タワーの高さ 333m", "0-51"},
    {R"j({"type":"CharDelimiterSplit","delimiter":"e"})j", "  we'LL see\015\012\015\012  x1y22\u3000z ",
     "  w|'LL s|\015\012\015\012  x1y22\u3000z ", "0-3 4-9 11-27"},
    {R"j({"type":"FixedLength","length":5})j", "Hi there,  it's 12 o'clock…\011OK?!",
     "Hi th|ere, | it's| 12 o|'cloc|k…\011OK|?!", "0-5 5-10 10-15 15-20 20-25 25-32 32-34"},
    {R"j({"type":"FixedLength","length":5})j", "Цена: 1234₽ — 東京タワーの高さ 333m",
     "Цена:| 1234|₽ — 東|京タワーの|高さ 33|3m", "0-9 9-14 14-25 25-40 40-49 49-51"},
    {R"j({"type":"FixedLength","length":5})j", "  we'LL see\015\012\015\012  x1y22\u3000z ",
     "  we'|LL se|e\015\012\015\012|  x1y|22\u3000z ", "0-5 5-10 10-15 15-20 20-27"},
    {R"j({"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always","split":true})j",
     "Hi there,  it's 12 o'clock…\011OK?!", "▁Hi|▁there,|▁|▁it's|▁12|▁o'clock…\011OK?!",
     "0-2 2-9 9-10 10-15 15-18 18-34"},
    {R"j({"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always","split":true})j",
     "Цена: 1234₽ — 東京タワーの高さ 333m", "▁Цена:|▁1234₽|▁—|▁東京タワーの高さ|▁333m", "0-9 9-17 17-21 21-46 46-51"},
    {R"j({"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always","split":true})j",
     "  we'LL see\015\012\015\012  x1y22\u3000z ", "▁|▁we'LL|▁see\015\012\015\012|▁|▁x1y22\u3000z|▁",
     "0-1 1-7 7-15 15-16 16-26 26-27"},
    {R"j({"type":"Metaspace","replacement":"\u2581","prepend_scheme":"never","split":true})j",
     "Hi there,  it's 12 o'clock…\011OK?!", "Hi|▁there,|▁|▁it's|▁12|▁o'clock…\011OK?!",
     "0-2 2-9 9-10 10-15 15-18 18-34"},
    {R"j({"type":"Metaspace","replacement":"\u2581","prepend_scheme":"never","split":true})j",
     "Цена: 1234₽ — 東京タワーの高さ 333m", "Цена:|▁1234₽|▁—|▁東京タワーの高さ|▁333m", "0-9 9-17 17-21 21-46 46-51"},
    {R"j({"type":"Metaspace","replacement":"\u2581","prepend_scheme":"never","split":true})j",
     "  we'LL see\015\012\015\012  x1y22\u3000z ", "▁|▁we'LL|▁see\015\012\015\012|▁|▁x1y22\u3000z|▁",
     "0-1 1-7 7-15 15-16 16-26 26-27"},
    {R"j({"type":"Metaspace","replacement":"\u2581","prepend_scheme":"first","split":false})j",
     "Hi there,  it's 12 o'clock…\011OK?!", "▁Hi▁there,▁▁it's▁12▁o'clock…\011OK?!", "0-34"},
    {R"j({"type":"Metaspace","replacement":"\u2581","prepend_scheme":"first","split":false})j",
     "Цена: 1234₽ — 東京タワーの高さ 333m", "▁Цена:▁1234₽▁—▁東京タワーの高さ▁333m", "0-51"},
    {R"j({"type":"Metaspace","replacement":"\u2581","prepend_scheme":"first","split":false})j",
     "  we'LL see\015\012\015\012  x1y22\u3000z ", "▁▁we'LL▁see\015\012\015\012▁▁x1y22\u3000z▁", "0-27"},
    {R"j({"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true})j",
     "Hi there,  it's 12 o'clock…\011OK?!", "ĠHi|Ġthere|,|Ġ|Ġit|'s|Ġ12|Ġo|'|clock|âĢ¦|ĉ|OK|?!",
     "0-2 2-8 8-9 9-10 10-13 13-15 15-18 18-20 20-21 21-26 26-29 29-30 30-32 32-34"},
    {R"j({"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true})j",
     "Цена: 1234₽ — 東京タワーの高さ 333m", "ĠÐ¦ÐµÐ½Ð°|:|Ġ1234|âĤ½|ĠâĢĶ|ĠæĿ±äº¬ãĤ¿ãĥ¯ãĥ¼ãģ®é«ĺãģķ|Ġ333|m",
     "0-8 8-9 9-14 14-17 17-21 21-46 46-50 50-51"},
    {R"j({"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true})j",
     "  we'LL see\015\012\015\012  x1y22\u3000z ", "Ġ|Ġwe|'|LL|Ġsee|čĊčĊĠ|Ġx|1|y|22|ãĢĢ|z|Ġ",
     "0-1 1-4 4-5 5-7 7-11 11-16 16-18 18-19 19-20 20-22 22-25 25-26 26-27"},
    {R"j({"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false})j",
     "Hi there,  it's 12 o'clock…\011OK?!", "HiĠthere,ĠĠit'sĠ12Ġo'clockâĢ¦ĉOK?!", "0-34"},
    {R"j({"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false})j",
     "Цена: 1234₽ — 東京タワーの高さ 333m", "Ð¦ÐµÐ½Ð°:Ġ1234âĤ½ĠâĢĶĠæĿ±äº¬ãĤ¿ãĥ¯ãĥ¼ãģ®é«ĺãģķĠ333m", "0-51"},
    {R"j({"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false})j",
     "  we'LL see\015\012\015\012  x1y22\u3000z ", "ĠĠwe'LLĠseečĊčĊĠĠx1y22ãĢĢzĠ", "0-27"},
    {R"j({"type":"Split","pattern":{"String":" "},"behavior":"MergedWithNext","invert":false})j",
     "Hi there,  it's 12 o'clock…\011OK?!", "Hi| there,| | it's| 12| o'clock…\011OK?!",
     "0-2 2-9 9-10 10-15 15-18 18-34"},
    {R"j({"type":"Split","pattern":{"String":" "},"behavior":"MergedWithNext","invert":false})j",
     "Цена: 1234₽ — 東京タワーの高さ 333m", "Цена:| 1234₽| —| 東京タワーの高さ| 333m", "0-9 9-17 17-21 21-46 46-51"},
    {R"j({"type":"Split","pattern":{"String":" "},"behavior":"MergedWithNext","invert":false})j",
     "  we'LL see\015\012\015\012  x1y22\u3000z ", " | we'LL| see\015\012\015\012| | x1y22\u3000z| ",
     "0-1 1-7 7-15 15-16 16-26 26-27"},
    {R"j({"type":"Split","pattern":{"Regex":"\\w+|[^\\w\\s]+"},"behavior":"Removed","invert":true})j",
     "Hi there,  it's 12 o'clock…\011OK?!", "Hi|there|,|it|'|s|12|o|'|clock|…|OK|?!",
     "0-2 3-8 8-9 11-13 13-14 14-15 16-18 19-20 20-21 21-26 26-29 30-32 32-34"},
    {R"j({"type":"Split","pattern":{"Regex":"\\w+|[^\\w\\s]+"},"behavior":"Removed","invert":true})j",
     "Цена: 1234₽ — 東京タワーの高さ 333m", "Цена|:|1234|₽|—|東京タワーの高さ|333m",
     "0-8 8-9 10-14 14-17 18-21 22-46 47-51"},
    {R"j({"type":"Split","pattern":{"Regex":"\\w+|[^\\w\\s]+"},"behavior":"Removed","invert":true})j",
     "  we'LL see\015\012\015\012  x1y22\u3000z ", "we|'|LL|see|x1y22|z", "2-4 4-5 5-7 8-11 17-22 25-26"},
    {R"j({"type":"Split","pattern":{"Regex":"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false})j",
     "Hi there,  it's 12 o'clock…\011OK?!", "Hi| there|,| | it|'s| |12| o|'clock|…|\011OK|?!",
     "0-2 2-8 8-9 9-10 10-13 13-15 15-16 16-18 18-20 20-26 26-29 29-32 32-34"},
    {R"j({"type":"Split","pattern":{"Regex":"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false})j",
     "Цена: 1234₽ — 東京タワーの高さ 333m", "Цена|:| |123|4|₽| —| 東京タワーの高さ| |333|m",
     "0-8 8-9 9-10 10-13 13-14 14-17 17-21 21-46 46-47 47-50 50-51"},
    {R"j({"type":"Split","pattern":{"Regex":"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false})j",
     "  we'LL see\015\012\015\012  x1y22\u3000z ", " | we|'LL| see|\015\012\015\012| | x|1|y|22|\u3000z| ",
     "0-1 1-4 4-7 7-11 11-15 15-16 16-18 18-19 19-20 20-22 22-26 26-27"},
    {R"j({"type":"Split","pattern":{"Regex":"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false})j",
     "Hi there,  it's 12 o'clock…\011OK?!", "Hi| there|,| | it|'s| |1|2| o|'clock|…|\011OK|?!",
     "0-2 2-8 8-9 9-10 10-13 13-15 15-16 16-17 17-18 18-20 20-26 26-29 29-32 32-34"},
    {R"j({"type":"Split","pattern":{"Regex":"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false})j",
     "Цена: 1234₽ — 東京タワーの高さ 333m", "Цена|:| |1|2|3|4|₽| —| 東京タワーの高さ| |3|3|3|m",
     "0-8 8-9 9-10 10-11 11-12 12-13 13-14 14-17 17-21 21-46 46-47 47-48 48-49 49-50 50-51"},
    {R"j({"type":"Split","pattern":{"Regex":"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false})j",
     "  we'LL see\015\012\015\012  x1y22\u3000z ", " | we|'LL| see|\015\012\015\012| | x|1|y|2|2|\u3000z| ",
     "0-1 1-4 4-7 7-11 11-15 15-16 16-18 18-19 19-20 20-21 21-22 22-26 26-27"},
    {R"j({"type":"Split","pattern":{"Regex":"'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false})j",
     "Hi there,  it's 12 o'clock…\011OK?!", "Hi| there|,| | it|'s| 12| o|'|clock|…|\011|OK|?!",
     "0-2 2-8 8-9 9-10 10-13 13-15 15-18 18-20 20-21 21-26 26-29 29-30 30-32 32-34"},
    {R"j({"type":"Split","pattern":{"Regex":"'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false})j",
     "Цена: 1234₽ — 東京タワーの高さ 333m", "Цена|:| 1234|₽| —| 東京タワーの高さ| 333|m",
     "0-8 8-9 9-14 14-17 17-21 21-46 46-50 50-51"},
    {R"j({"type":"Split","pattern":{"Regex":"'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false})j",
     "  we'LL see\015\012\015\012  x1y22\u3000z ", " | we|'|LL| see|\015\012\015\012 | x|1|y|22|\u3000|z| ",
     "0-1 1-4 4-5 5-7 7-11 11-16 16-18 18-19 19-20 20-22 22-25 25-26 26-27"},
    {R"j({"type":"Split","pattern":{"Regex":"\\d|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false})j",
     "Hi there,  it's 12 o'clock…\011OK?!", "Hi| |there,| | |it's| |1|2| |o'clock…|\011|OK?!",
     "0-2 2-3 3-9 9-10 10-11 11-15 15-16 16-17 17-18 18-19 19-29 29-30 30-34"},
    {R"j({"type":"Split","pattern":{"Regex":"\\d|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false})j",
     "Цена: 1234₽ — 東京タワーの高さ 333m", "Цена:| |1|2|3|4|₽| |—| |東京タワーの高さ| |3|3|3|m",
     "0-9 9-10 10-11 11-12 12-13 13-14 14-17 17-18 18-21 21-22 22-46 46-47 47-48 48-49 49-50 50-51"},
    {R"j({"type":"Split","pattern":{"Regex":"\\d|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false})j",
     "  we'LL see\015\012\015\012  x1y22\u3000z ", " | |we'LL| |see|\015\012\015\012 | |x|1|y|2|2|\u3000|z| ",
     "0-1 1-2 2-7 7-8 8-11 11-16 16-17 17-18 18-19 19-20 20-21 21-22 22-25 25-26 26-27"},
    {R"j({"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Digits","individual_digits":false},{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"first","split":true}]})j",
     "Hi there,  it's 12 o'clock…\011OK?!", "▁Hi|there,|it's|12|o'clock…|OK?!", "0-2 3-9 11-15 16-18 19-29 30-34"},
    {R"j({"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Digits","individual_digits":false},{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"first","split":true}]})j",
     "Цена: 1234₽ — 東京タワーの高さ 333m", "▁Цена:|1234|₽|—|東京タワーの高さ|333|m",
     "0-9 10-14 14-17 18-21 22-46 47-50 50-51"},
    {R"j({"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Digits","individual_digits":false},{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"first","split":true}]})j",
     "  we'LL see\015\012\015\012  x1y22\u3000z ", "we'LL|see|x|1|y|22|z", "2-7 8-11 17-18 18-19 19-20 20-22 25-26"},
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

TEST(PreTokenizer, CutsAsTheReferenceDoes) {
  for (const Golden& golden : kGoldens) {
    auto part = PreTokenizer::parse(json::Value(golden.part));
    ASSERT_TRUE(part) << part.error().detail;
    Cut cut;
    Cut scratch;
    cut.text.read(golden.text);
    cut.stretches.push_back({0, static_cast<std::uint32_t>(cut.text.size()), -1});
    (*part)->apply(cut, scratch);
    std::string made;
    for (const Cut::Stretch& stretch : cut.stretches) {
      if (!made.empty()) made += '|';
      made.append(cut.text.text(), stretch.begin, stretch.end - stretch.begin);
    }
    EXPECT_EQ(made, golden.made) << golden.part;
    EXPECT_EQ(spans_of(fixtures::file_with("null", golden.part), golden.text), golden.spans) << golden.part;
  }
}

}  // namespace
}  // namespace gatehouse::ml::tokenizer
