#include "gatehouse/ml/tokenizer/tokenizer.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/ml/tokenizer/fixtures.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::ml {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using tokenizer::fixtures::file_with;

constexpr std::size_t kAll = 1'000'000'000;

std::shared_ptr<const Tokenizer> made_of(std::string_view file) {
  auto made = Tokenizer::parse(file);
  if (!made) ADD_FAILURE() << made.error().detail;
  return made ? *made : nullptr;
}

std::vector<Token> tokens(const Tokenizer& tokenizer, std::string_view text) {
  std::vector<Token> out;
  tokenizer.encode(text, kAll, out);
  return out;
}

// "id:begin-end id:begin-end"
std::string shown(const std::vector<Token>& all) {
  std::string out;
  for (const Token& token : all) {
    fmt::format_to(std::back_inserter(out), "{}{}:{}-{}", out.empty() ? "" : " ", token.id, token.begin, token.end);
  }
  return out;
}

std::vector<std::int32_t> ids(const std::vector<Token>& all) {
  std::vector<std::int32_t> out;
  for (const Token& token : all) out.push_back(token.id);
  return out;
}

std::string error_of(std::string_view file) {
  const auto made = Tokenizer::parse(file);
  if (made) return "";
  EXPECT_EQ(made.error().code, Code::configuration);
  return made.error().detail;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  if (at == std::string::npos) {
    ADD_FAILURE() << what << " is not there";
    return text;
  }
  return text.replace(at, what.size(), by);
}

// What the reference implementation (tokenizers 0.23, with encode_special_tokens) makes of the fixtures.
struct Golden {
  std::string_view text;
  std::string_view tokens;
};

constexpr Golden kBertGoldens[] = {
    {"Hello, world! Don't panic.", "97:0-5 113:5-6 98:7-12 112:12-13 99:14-17 115:17-18 43:18-19 100:20-25 114:25-26"},
    {"Ärger mit Übergröße — naïve façade",
     "5:0-2 40:2-3 18:3-4 14:4-5 40:5-6 29:7-8 22:8-9 44:9-10 1:11-23 118:24-27 31:28-29 6:29-30 22:30-32 48:32-33 "
     "14:33-34 15:35-36 6:36-37 10:37-39 6:39-40 12:40-41 14:41-42"},
    {"Čeština: příliš žluťoučký kůň",
     "9:0-2 14:2-3 42:3-5 44:5-6 22:6-7 32:7-8 6:8-9 1:9-10 35:11-12 40:12-14 22:14-16 28:16-17 22:17-18 42:18-20 "
     "55:21-23 28:23-24 46:24-25 44:25-27 34:27-28 46:28-29 10:29-31 26:31-32 54:32-34 25:35-36 46:36-38 32:38-40"},
    {"Привет, как дела? Ёлка",
     "77:0-2 80:2-4 82:4-6 84:6-8 86:8-10 88:10-12 113:12-13 89:14-16 96:16-18 90:18-20 91:21-23 86:23-25 94:25-27 "
     "96:27-29 117:29-30 85:31-33 94:33-35 90:35-37 96:37-39"},
    {"مرحبا بالعالم، كيف الحال؟", "127:0-10 1:11-25 1:25-27 1:28-34 1:35-45 1:45-47"},
    {"שָׁלוֹם עולם", "128:0-14 1:15-23"},
    {"नमस्ते दुनिया", "1:0-15 1:19-37"},
    {"สวัสดีชาวโลก", "1:0-36"},
    {"你好，世界。東京タワー", "106:0-3 107:3-6 121:6-9 108:9-12 109:12-15 119:15-18 110:18-21 111:21-24 1:24-33"},
    {"한국어 문장", "1:0-9 1:10-16"},
    {"😀👩\u200d👩\u200d👧 ok", "1:0-22 33:23-24 26:24-25"},
    {"zero\u200bwidth so\u00adft", "103:0-4 102:7-10 44:10-11 20:11-12 41:13-14 34:14-15 16:17-18 44:18-19"},
    {"tab\011here\015\012new\001line\177",
     "43:0-1 6:1-2 8:2-3 19:4-5 14:5-6 40:6-7 14:7-8 31:10-11 14:11-12 50:12-13 28:14-15 22:15-16 32:16-17 14:17-18"},
    {"e\u0301 A\u030a ﬁ ① ½ İ ẞ", "13:0-1 5:4-5 1:8-11 1:12-15 1:16-18 21:19-21 1:22-25"},
    {"   lead  and trail   ", "104:3-7 5:9-10 32:10-11 12:11-12 105:13-18"},
    {"1234567 3.14 a1b2",
     "59:0-1 62:1-2 64:2-3 66:3-4 68:4-5 70:5-6 72:6-7 63:8-9 114:9-10 59:10-11 66:11-12 5:13-14 60:14-15 8:15-16 "
     "62:16-17"},
    {"abc\u2028def\u3000ghi", "5:0-1 8:1-2 10:2-3 11:6-7 14:7-8 16:8-9 17:12-13 20:13-14 22:14-15"},
    {"x\ufffdy", "51:0-1 54:4-5"},
    {"WE'LL you're 's",
     "49:0-1 14:1-2 115:2-3 27:3-4 28:4-5 53:6-7 34:7-8 46:8-9 115:9-10 39:10-11 14:11-12 115:13-14 41:14-15"},
    {"<s> [SEP] </s>",
     "124:0-1 41:1-2 125:2-3 122:4-5 41:5-6 14:6-7 36:7-8 123:8-9 124:10-11 126:11-12 41:12-13 125:13-14"},
    {"", ""},
};

constexpr Golden kByteLevelGoldens[] = {
    {"Hello, world! Don't panic.",
     "308:0-2 79:2-3 79:3-4 82:4-5 15:5-6 224:7-7 90:7-8 82:8-9 85:9-10 79:10-11 71:11-12 4:12-13 224:14-14 306:14-16 "
     "81:16-17 300:17-19 292:20-21 275:21-23 76:23-24 70:24-25 17:25-26"},
    {"Ärger mit Übergröße — naïve façade",
     "131:0-2 230:0-2 85:2-3 74:3-4 264:4-6 224:7-7 80:7-8 76:8-9 87:9-10 224:11-11 131:11-13 254:11-13 313:13-16 "
     "74:16-17 85:17-18 131:18-20 118:18-20 131:20-22 257:20-22 72:22-23 224:24-24 263:24-27 246:24-27 224:28-28 "
     "81:28-29 276:29-32 111:30-32 89:32-33 72:33-34 224:35-35 73:35-36 276:36-39 104:37-39 274:39-41 72:41-42"},
    {"Čeština: příliš žluťoučký kůň",
     "132:0-2 238:0-2 318:2-5 87:5-6 277:6-8 68:8-9 29:9-10 292:11-12 133:12-14 251:12-14 131:14-16 259:14-16 79:16-17 "
     "76:17-18 281:18-20 224:21-21 133:21-23 126:21-23 79:23-24 88:24-25 133:25-27 102:25-27 278:27-29 132:29-31 "
     "239:29-31 78:31-32 131:32-34 125:32-34 224:35-35 78:35-36 133:36-38 111:36-38 133:38-40 234:38-40"},
    {"Привет, как дела? Ёлка",
     "144:0-2 257:0-2 145:2-4 226:2-4 144:4-6 120:4-6 144:6-8 114:6-8 282:8-10 145:10-12 228:10-12 15:12-13 224:14-14 "
     "297:14-18 269:18-20 293:21-23 116:21-23 282:23-25 283:25-27 268:27-29 34:29-30 293:31-33 227:31-33 283:33-35 "
     "297:35-39"},
    {"مرحبا بالعالم، كيف الحال؟",
     "289:0-2 152:2-4 113:2-4 288:4-6 287:6-8 262:8-10 224:11-11 287:11-13 267:13-17 152:17-19 121:17-19 267:19-23 "
     "289:23-25 152:25-27 238:25-27 224:28-28 153:28-30 229:28-30 153:30-32 236:30-32 153:32-34 227:32-34 224:35-35 "
     "267:35-39 288:39-41 267:41-45 152:45-47 257:45-47"},
    {"שָׁלוֹם עולם",
     "151:0-2 106:0-2 150:2-4 120:2-4 151:4-6 227:4-6 285:6-8 284:8-10 150:10-12 121:10-12 286:12-14 224:15-15 "
     "151:15-17 99:15-17 284:17-19 285:19-21 286:21-23"},
    {"नमस्ते दुनिया",
     "296:0-3 261:3-6 110:3-6 261:6-9 120:6-9 270:9-12 239:9-12 261:12-15 101:12-15 270:15-18 233:15-18 224:19-19 "
     "261:19-22 103:19-22 270:22-25 227:22-25 296:25-28 261:28-31 127:28-31 261:31-34 111:31-34 261:34-37 126:34-37"},
    {"สวัสดีชาวโลก",
     "295:0-6 104:3-6 260:6-9 113:6-9 295:9-15 246:12-15 260:15-18 117:15-18 260:18-21 236:18-21 260:21-24 114:21-24 "
     "260:24-27 104:24-27 160:27-30 121:27-30 228:27-30 260:30-33 102:30-33 260:33-36 227:33-36"},
    {"你好，世界。東京タワー",
     "164:0-3 125:0-3 258:0-3 165:3-6 102:3-6 125:3-6 175:6-9 124:6-9 238:6-9 164:9-12 120:9-12 248:9-12 167:12-15 "
     "247:12-15 238:12-15 290:15-18 228:15-18 166:18-21 255:18-21 113:18-21 164:21-24 122:21-24 109:21-24 163:24-27 "
     "228:24-27 127:24-27 291:27-30 111:27-30 291:30-33 124:30-33"},
    {"한국어 문장",
     "173:0-3 247:0-3 254:0-3 170:3-6 117:3-6 259:3-6 172:6-9 248:6-9 116:6-9 224:10-10 171:10-13 109:10-13 120:10-13 "
     "172:13-16 256:13-16 102:13-16"},
    {"😀👩\u200d👩\u200d👧 ok",
     "266:0-4 250:0-4 226:0-4 272:4-8 298:4-15 298:11-22 104:18-22 224:23-23 82:23-24 78:24-25"},
    {"zero\u200bwidth so\u00adft",
     "93:0-1 264:1-3 82:3-4 263:4-7 237:4-7 90:7-8 76:8-9 315:9-11 75:11-12 224:13-13 86:13-14 82:14-15 130:15-17 "
     "259:15-17 319:17-19"},
    {"tab\011here\015\012new\001line\177",
     "87:0-1 273:1-3 201:3-4 75:4-5 264:5-7 72:7-8 205:8-9 202:9-10 81:10-11 316:11-13 193:13-14 79:14-15 277:15-17 "
     "72:17-18 225:18-19"},
    {"e\u0301 A\u030a ﬁ ① ½ İ ẞ",
     "131:0-1 106:0-1 224:4-4 131:4-5 231:4-5 224:8-8 175:8-11 109:8-11 227:8-11 224:12-12 162:12-15 243:12-15 "
     "258:12-15 224:16-16 130:16-18 125:16-18 224:19-19 132:19-21 112:19-21 224:22-22 161:22-25 122:22-25 256:22-25"},
    {"   lead  and trail   ",
     "320:2-2 224:3-3 79:3-4 317:4-7 320:9-9 275:9-11 71:11-12 224:13-13 87:13-14 85:14-15 312:15-17 79:17-18 "
     "320:20-20 224:21-21"},
    {"1234567 3.14 a1b2",
     "301:0-2 303:2-4 304:4-6 26:6-7 224:8-8 22:8-9 17:9-10 302:10-12 224:13-13 68:13-14 20:14-15 69:15-16 21:16-17"},
    {"abc\u2028def\u3000ghi",
     "273:0-2 70:2-3 263:3-6 105:3-6 314:6-8 73:8-9 290:9-12 226:9-12 74:12-13 75:13-14 76:14-15"},
    {"x\ufffdy", "91:0-1 175:1-4 127:1-4 125:1-4 92:4-5"},
    {"WE'LL you're 's", "311:0-2 10:2-3 309:3-5 224:6-6 92:6-7 278:7-9 299:9-11 72:11-12 224:13-13 10:13-14 86:14-15"},
    {"<s> [SEP] </s>", "31:0-1 86:1-2 33:2-3 224:4-4 62:4-5 310:5-8 64:8-9 224:10-10 305:10-12 86:12-13 33:13-14"},
    {"", ""},
};

// But for separators in the text, which there the reference reads as such: NobodyCanWriteASeparator.
constexpr Golden kUnigramGoldens[] = {
    {"Hello, world! Don't panic.",
     "73:0-2 74:2-5 48:5-6 72:6-12 49:12-13 75:13-17 51:17-18 24:18-19 4:19-20 20:20-21 81:21-23 13:23-24 7:24-25 "
     "47:25-26"},
    {"Ärger mit Übergröße — naïve façade",
     "4:0-2 1:0-2 22:2-3 11:3-4 83:4-6 4:6-7 17:7-8 13:8-9 24:9-10 4:10-11 1:11-13 6:13-14 83:14-16 11:16-17 22:17-18 "
     "69:18-20 1:20-22 9:22-23 4:23-24 1:24-27 4:27-28 18:28-29 5:29-30 1:30-32 26:32-33 9:33-34 4:34-35 10:35-36 "
     "5:36-37 1:37-39 89:39-41 9:41-42"},
    {"Čeština: příliš žluťoučký kůň",
     "4:0-2 1:0-2 9:2-3 1:3-5 24:5-6 80:6-8 5:8-9 1:9-10 4:10-11 20:11-12 1:12-16 16:16-17 13:17-18 1:18-20 4:20-21 "
     "1:21-23 16:23-24 25:24-25 1:25-27 19:27-28 25:28-29 1:29-31 15:31-32 1:32-34 4:34-35 15:35-36 1:36-40"},
    {"Привет, как дела? Ёлка",
     "84:0-2 85:2-8 86:8-12 48:12-13 4:13-14 59:14-16 62:16-18 59:18-20 4:20-21 60:21-23 57:23-25 61:25-27 62:27-29 "
     "50:29-30 4:30-31 1:31-33 61:33-35 59:35-37 62:37-39"},
    {"مرحبا بالعالم، كيف الحال؟", "4:0-2 1:0-10 4:10-11 1:11-27 4:27-28 1:28-34 4:34-35 1:35-47"},
    {"שָׁלוֹם עולם", "4:0-2 1:0-14 4:14-15 1:15-23"},
    {"नमस्ते दुनिया", "4:0-3 1:0-18 4:18-19 1:19-37"},
    {"สวัสดีชาวโลก", "4:0-3 1:0-36"},
    {"你好，世界。東京タワー", "4:0-3 63:0-3 64:3-6 1:6-9 65:9-12 66:12-15 1:15-33"},
    {"한국어 문장", "4:0-3 1:0-9 4:9-10 1:10-16"},
    {"😀👩\u200d👩\u200d👧 ok", "4:0-4 1:0-22 4:22-23 19:23-24 15:24-25"},
    {"zero\u200bwidth so\u00adft",
     "4:0-1 30:0-1 83:1-3 19:3-4 27:7-8 13:8-9 8:9-10 82:10-12 4:12-13 23:13-14 19:14-15 1:15-17 10:17-18 24:18-19"},
    {"tab\011here\015\012new\001line\177",
     "4:0-1 24:0-1 5:1-2 6:2-3 4:3-4 12:4-5 83:5-7 9:7-8 4:8-9 18:10-11 9:11-12 27:12-13 1:13-14 16:14-15 80:15-17 "
     "9:17-18 1:18-19"},
    {"e\u0301 A\u030a ﬁ ① ½ İ ẞ",
     "4:0-1 67:0-1 4:3-4 31:4-5 1:5-7 4:7-8 91:8-11 4:11-12 38:12-15 4:15-16 38:16-18 1:16-18 39:16-18 4:18-19 "
     "13:19-21 1:19-21 4:21-22 1:22-25"},
    {"   lead  and trail   ", "77:2-7 78:8-12 79:12-18 4:20-21"},
    {"1234567 3.14 a1b2",
     "4:0-1 88:0-3 41:3-4 42:4-5 43:5-6 44:6-7 4:7-8 40:8-9 47:9-10 38:10-11 41:11-12 4:12-13 5:13-14 38:14-15 6:15-16 "
     "39:16-17"},
    {"abc\u2028def\u3000ghi", "4:0-1 5:0-1 6:1-2 7:2-3 1:3-6 8:6-7 9:7-8 10:8-9 4:9-12 11:12-13 12:13-14 13:14-15"},
    {"x\ufffdy", "4:0-1 28:0-1 1:1-4 29:4-5"},
    {"WE'LL you're 's",
     "4:0-1 35:0-1 1:1-2 51:2-3 1:3-5 4:5-6 29:6-7 19:7-8 25:8-9 51:9-10 22:10-11 9:11-12 4:12-13 51:13-14 23:14-15"},
    {"", ""},
};

TEST(Tokenizer, ReadsAsTheReferenceDoes) {
  const auto check = [](std::string_view file, auto& goldens) {
    const auto tokenizer = made_of(file);
    ASSERT_TRUE(tokenizer);
    for (const Golden& golden : goldens)
      EXPECT_EQ(shown(tokens(*tokenizer, golden.text)), golden.tokens) << golden.text;
  };
  check(tokenizer::fixtures::kBert, kBertGoldens);
  check(tokenizer::fixtures::kByteLevel, kByteLevelGoldens);
  check(tokenizer::fixtures::kUnigram, kUnigramGoldens);
}

// The pass that does all at once, and the parts one after the other: a sequence of one normaliser keeps them apart.
TEST(Tokenizer, BertInOnePassIsTheSameAsItsParts) {
  const std::string_view whole = tokenizer::fixtures::kBert;
  const std::size_t begin = whole.find(R"({"type":"BertNormalizer")");
  const std::string normalizer(whole.substr(begin, whole.find('}', begin) + 1 - begin));
  std::string parts =
      replaced(std::string(whole), normalizer, R"({"type":"Sequence","normalizers":[)" + normalizer + "]}");
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"", ""},
                                 {R"("clean_text":true)", R"("clean_text":false)"},
                                 {R"("lowercase":true)", R"("lowercase":false)"},
                                 {R"("strip_accents":null)", R"("strip_accents":false)"},
                                 {R"("handle_chinese_chars":true)", R"("handle_chinese_chars":false)"}}) {
    const auto one = made_of(replaced(std::string(whole), from, to));
    const auto other = made_of(replaced(parts, from, to));
    ASSERT_TRUE(one && other);
    for (const Golden& golden : kBertGoldens) {
      const auto expected = tokens(*other, golden.text);
      const auto got = tokens(*one, golden.text);
      EXPECT_EQ(shown(got), shown(expected)) << golden.text << to;
      EXPECT_TRUE(std::ranges::equal(got, expected, {}, &Token::starts_word, &Token::starts_word)) << golden.text;
    }
  }
}

TEST(Tokenizer, TellsWhereWordsBegin) {
  const auto bert = made_of(tokenizer::fixtures::kBert);
  std::vector<bool> starts;
  for (const Token& token : tokens(*bert, "hello leading")) starts.push_back(token.starts_word);
  EXPECT_THAT(starts, ElementsAre(true, true, false));
  // Where the text is not cut, the mark tells.
  const auto uncut =
      made_of(replaced(std::string(tokenizer::fixtures::kUnigram), R"("split":true)", R"("split":false)"));
  starts.clear();
  for (const Token& token : tokens(*uncut, "hello the n")) starts.push_back(token.starts_word);
  EXPECT_THAT(starts, ElementsAre(true, true, true, false));
}

TEST(Tokenizer, WhatTheModelAddsStandsBeside) {
  const auto bert = made_of(tokenizer::fixtures::kBert);
  EXPECT_THAT(bert->prefix(), ElementsAre(2));
  EXPECT_THAT(bert->suffix(), ElementsAre(3));
  EXPECT_EQ(bert->padding(), 0);
  EXPECT_EQ(bert->id_of("[MASK]"), 4);
  EXPECT_EQ(bert->id_of("hello"), 97);
  EXPECT_EQ(bert->id_of("nothing"), std::nullopt);
  EXPECT_EQ(bert->vocabulary_size(), 131U);
  const auto bytes = made_of(tokenizer::fixtures::kByteLevel);
  EXPECT_THAT(bytes->prefix(), ElementsAre(0));
  EXPECT_THAT(bytes->suffix(), ElementsAre(2));
  EXPECT_EQ(bytes->padding(), 1);  // by the token's name
  const auto unigram = made_of(tokenizer::fixtures::kUnigram);
  EXPECT_THAT(unigram->prefix(), IsEmpty());
  EXPECT_THAT(unigram->suffix(), ElementsAre(3));
}

// A separator that stands in the text is letters and signs to every kind of model, also where the model's own search
// would find it.
TEST(Tokenizer, NobodyCanWriteASeparator) {
  for (const std::string_view file :
       {tokenizer::fixtures::kBert, tokenizer::fixtures::kByteLevel, tokenizer::fixtures::kUnigram}) {
    const auto tokenizer = made_of(file);
    for (const std::string_view special : {"[CLS]", "[SEP]", "[MASK]", "<s>", "</s>", "<pad>"}) {
      const auto id = tokenizer->id_of(special);
      if (!id) continue;
      for (const auto& text : {std::string(special), fmt::format("a {} b", special), fmt::format("a{}b", special)}) {
        EXPECT_THAT(ids(tokens(*tokenizer, text)), testing::Not(testing::Contains(*id))) << text;
      }
    }
  }
  // Where nothing cuts at brackets.
  const auto uncut =
      made_of(replaced(std::string(tokenizer::fixtures::kBert), R"("BertPreTokenizer")", R"("WhitespaceSplit")"));
  EXPECT_THAT(ids(tokens(*uncut, "[SEP] [sep]")), testing::Not(testing::Contains(3)));
}

TEST(Tokenizer, BytesThatAreNoTextAreReplacementCharacters) {
  for (const std::string_view file :
       {tokenizer::fixtures::kBert, tokenizer::fixtures::kByteLevel, tokenizer::fixtures::kUnigram}) {
    const auto tokenizer = made_of(file);
    for (const std::string_view text :
         {"he\xffllo wor\xe4\xbdld", "\xc3", "\xf0\x9f\x98 x\xed\xa0\x80y", "\x80\x80ok\xe4"}) {
      const auto got = tokens(*tokenizer, text);
      EXPECT_EQ(ids(got), ids(tokens(*tokenizer, text::replace_invalid(text))));
      for (const Token& token : got) {
        EXPECT_LE(token.begin, token.end);
        EXPECT_LE(token.end, text.size());
      }
    }
  }
  const auto bert = made_of(tokenizer::fixtures::kBert);
  EXPECT_EQ(shown(tokens(*bert, "\xff hello \xe4\xbd world")), "97:2-7 98:11-16");
}

TEST(Tokenizer, StopsAtTheMostThatIsAskedFor) {
  for (const std::string_view file :
       {tokenizer::fixtures::kBert, tokenizer::fixtures::kByteLevel, tokenizer::fixtures::kUnigram}) {
    const auto tokenizer = made_of(file);
    const std::string text = "hello zebra \xc3\xa9t\xc3\xa9 world";
    const auto all = tokens(*tokenizer, text);
    for (std::size_t most = 0; most <= all.size() + 1; ++most) {
      std::vector<Token> some;
      tokenizer->encode(text, most, some);
      EXPECT_EQ(shown(some),
                shown({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(most, all.size()))}));
    }
    std::vector<Token> before(3, Token{.id = 77});  // what is there stays, and counts
    tokenizer->encode(text, 4, before);
    ASSERT_EQ(before.size(), 4U);
    EXPECT_EQ(before[2].id, 77);
    EXPECT_EQ(before[3].id, all[0].id);
    tokenizer->encode(text, 2, before);
    EXPECT_EQ(before.size(), 4U);
  }
}

// Words of no end: nothing may take the square of their length. A test that hangs is one that fails.
TEST(Tokenizer, LongWordsTakeNoLongerThanTheirLength) {
  std::string marks = "a";
  for (int i = 0; i < 100'000; ++i) marks += i % 2 == 0 ? "\u0301" : "\u0323";
  std::string letters(1 << 20, 'a');
  std::string spaces(1 << 20, ' ');
  std::string mixed;
  for (int i = 0; i < 100'000; ++i) mixed += "\u4e16'";
  for (const std::string_view file :
       {tokenizer::fixtures::kBert, tokenizer::fixtures::kByteLevel, tokenizer::fixtures::kUnigram}) {
    const auto tokenizer = made_of(file);
    for (const std::string& text : {letters, spaces, marks, mixed}) {
      std::size_t end = 0;
      for (const Token& token : tokens(*tokenizer, text)) {
        EXPECT_LE(end, token.end);
        end = token.end;
      }
      EXPECT_LE(end, text.size());
    }
  }
}

TEST(Tokenizer, ByteLevelMergesOfLongAndShortWordsAgree) {
  // Up to 32 symbols are merged by looking at all, more with a heap: the same word alone and many times over.
  const auto tokenizer =
      made_of(replaced(std::string(tokenizer::fixtures::kByteLevel), R"("use_regex":true)", R"("use_regex":false)"));
  const auto one = ids(tokens(*tokenizer, "\n\n"));
  std::string many;
  for (int i = 0; i < 40; ++i) many += "qz";
  const auto short_one = ids(tokens(*tokenizer, "qz"));
  std::vector<std::int32_t> expected;
  for (int i = 0; i < 40; ++i) expected.insert(expected.end(), short_one.begin(), short_one.end());
  EXPECT_EQ(ids(tokens(*tokenizer, many)), expected);
}

TEST(Tokenizer, AddedTokensThatAreNotSpecialAreFound) {
  std::string file(tokenizer::fixtures::kBert);
  file = replaced(file, R"("added_tokens":[)",
                  R"("added_tokens":[{"id":131,"content":"Big Word","single_word":true,"normalized":false},)"
                  R"({"id":132,"content":"mask me","lstrip":true,"rstrip":true,"normalized":true},)");
  const auto tokenizer = made_of(file);
  EXPECT_EQ(tokenizer->id_of("Big Word"), 131);
  EXPECT_EQ(tokenizer->vocabulary_size(), 133U);
  EXPECT_EQ(shown(tokens(*tokenizer, "hello Big Word world")), "97:0-5 131:6-14 98:15-20");
  EXPECT_EQ(shown(tokens(*tokenizer, "Big Wordy")), shown(tokens(*tokenizer, "big wordy")));
  EXPECT_EQ(shown(tokens(*tokenizer, "hello  MASK me \t world")), "97:0-5 132:5-17 98:17-22");
}

TEST(Tokenizer, ErrorsNameThePart) {
  EXPECT_THAT(error_of(""), HasSubstr("tokenizer.json"));
  EXPECT_THAT(error_of("[]"), HasSubstr("tokenizer.json"));
  EXPECT_EQ(error_of("{}"), "model: unknown type ``");
  EXPECT_EQ(error_of(file_with("null", R"({"type":"Shred"})")), "pre_tokenizer: unknown type `Shred`");
  EXPECT_EQ(error_of(file_with(R"({"type":"Shout"})", "null")), "normalizer: unknown type `Shout`");
  EXPECT_EQ(error_of(file_with(R"({"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Shout"}]})", "null")),
            "normalizer: unknown type `Shout`");
  EXPECT_EQ(error_of(R"({"post_processor":{"type":"Wrap"}})"), "post_processor: unknown type `Wrap`");
  EXPECT_EQ(error_of(R"({"model":{"type":"Guess"}})"), "model: unknown type `Guess`");
  EXPECT_EQ(error_of(R"({"model":{"type":"WordPiece","vocab":{"a":0}}})"),
            "model: unk_token `[UNK]` is not in the vocabulary");
  EXPECT_THAT(error_of(R"({"model":{"type":"WordPiece","vocab":{"[UNK]":-1}}})"), HasSubstr("vocab"));
  EXPECT_THAT(error_of(R"({"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}})"), HasSubstr("merges"));
  EXPECT_THAT(error_of(R"({"model":{"type":"BPE","vocab":{"a":0},"merges":["a a"]}})"), HasSubstr("`aa`"));
  EXPECT_THAT(error_of(R"({"model":{"type":"BPE","vocab":{"a":0},"merges":[],"dropout":0.1}})"), HasSubstr("dropout"));
  EXPECT_THAT(error_of(R"({"model":{"type":"Unigram","vocab":[["a",-1.5]],"unk_id":1}})"), HasSubstr("unk_id"));
  EXPECT_THAT(error_of(R"({"model":{"type":"Unigram","vocab":[["a"]],"unk_id":0}})"), HasSubstr("vocab"));
  EXPECT_THAT(error_of(R"({"post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x"}}]}})"),
              HasSubstr("TemplateProcessing"));
  EXPECT_THAT(error_of(file_with("null", R"j({"type":"Split","pattern":{"Regex":"a(?=b)"},"behavior":"Isolated"})j")),
              HasSubstr("look-around"));
  EXPECT_THAT(error_of(file_with("null", R"j({"type":"Split","pattern":{"Regex":"a(b"},"behavior":"Isolated"})j")),
              HasSubstr("not understood"));
  EXPECT_THAT(error_of(file_with(R"({"type":"Precompiled","precompiled_charsmap":"AAA"})", "null")),
              HasSubstr("base64"));
}

}  // namespace
}  // namespace gatehouse::ml
