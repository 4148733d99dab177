#include "gatehouse/llm/tokens/tokenizer.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/llm/tokens/char_class.h"
#include "gatehouse/llm/tokens/merge.h"
#include "gatehouse/llm/tokens/splitter.h"

namespace gatehouse::llm {
namespace {

using Ids = std::vector<std::uint32_t>;

struct Golden {
  std::string_view text;
  Ids cl100k;
  Ids o200k;
};
// What OpenAI's own implementation (npm's tiktoken 1.0.22, compiled from the Rust) gives.
// clang-format off
const std::vector<Golden>& golden() {
  static const std::vector<Golden> cases = {
    {{"", 0}, {}, {}},
    {{"a", 1}, {64}, {64}},
    {{" ", 1}, {220}, {220}},
    {{"Hello, world!", 13}, {9906, 11, 1917, 0}, {13225, 11, 2375, 0}},
    {{"I'll say you're right, they've DON'T we'd", 41}, {40, 3358, 2019, 499, 2351, 1314, 11, 814, 3077, 45373, 17773, 584, 4265}, {67504, 2891, 7163, 1849, 11, 51676, 153384, 68530}},
    {{"HTTPServer getX2 x86_64", 23}, {9412, 5592, 76756, 17, 865, 4218, 62, 1227}, {17893, 6444, 717, 55, 17, 1215, 7189, 62, 2220}},
    {{"3.14159 1234567", 15}, {18, 13, 9335, 2946, 220, 4513, 10961, 22}, {18, 13, 16926, 4621, 220, 7633, 19354, 22}},
    {{"line one\n\n  line two\r\n\ttab  ", 28}, {1074, 832, 271, 220, 1584, 1403, 319, 59249, 256}, {1137, 1001, 279, 220, 2543, 1920, 370, 119380, 256}},
    {{"na\303\257ve Stra\303\237e \316\221\316\222\316\223\316\261\316\262\316\263 \320\237\321\200\320\270\320\262\320\265\321\202", 40}, {3458, 38672, 588, 27745, 24352, 8008, 239, 138, 240, 138, 241, 19481, 52355, 60474, 80584, 28089, 8341}, {1503, 9954, 737, 71184, 17495, 35144, 23628, 727, 6331, 2728, 14917, 131903}},
    {{"\344\270\255\346\226\207\345\255\227\347\254\246\357\274\214\346\270\254\350\251\246\343\200\202\346\227\245\346\234\254\350\252\236\343\201\256\343\203\206\343\202\255\343\202\271\343\203\210 \355\225\234\352\265\255\354\226\264", 58}, {16325, 17161, 49491, 3922, 35086, 105, 50520, 99, 1811, 9080, 22656, 45918, 252, 16144, 57933, 62903, 71634, 62398, 89059, 255, 32179}, {10667, 67951, 979, 134925, 77641, 788, 9048, 40909, 3385, 16056, 18368, 38236, 52971, 5959}},
    {{"\360\237\221\251\342\200\215\360\237\221\251\342\200\215\360\237\221\247\342\200\215\360\237\221\246 \360\237\207\252\360\237\207\270 \303\251", 37}, {9468, 239, 102, 378, 235, 9468, 239, 102, 378, 235, 9468, 239, 100, 378, 235, 9468, 239, 99, 11410, 229, 103, 9468, 229, 116, 4046}, {28823, 102, 2524, 28823, 102, 2524, 28823, 100, 2524, 28823, 99, 173468, 103, 55506, 116, 1212}},
    {{"path/to//file\n//\n", 17}, {2398, 33529, 322, 1213, 198, 2341}, {4189, 72231, 393, 2318, 198, 22704}},
    {{"for (int i = 0; i < n; ++i) { x[i] += 1; }\n", 43}, {2000, 320, 396, 602, 284, 220, 15, 26, 602, 366, 308, 26, 3526, 72, 8, 314, 865, 1004, 60, 1447, 220, 16, 26, 457}, {1938, 350, 491, 575, 314, 220, 15, 26, 575, 464, 297, 26, 7600, 72, 8, 354, 1215, 1768, 60, 2757, 220, 16, 26, 606}},
    {{"   leading and trailing   ", 26}, {256, 6522, 323, 28848, 262}, {256, 8117, 326, 57985, 271}},
    {{"\344\270\255A Bc \307\205ungla", 15}, {16325, 32, 426, 66, 220, 131, 227, 2234, 4355}, {1404, 32, 418, 66, 220, 131, 227, 988, 1675}},
    {{"a\302\240b\342\200\203\343\200\200c", 11}, {64, 4194, 65, 378, 225, 23249, 66}, {64, 5310, 65, 33203, 1397, 66}},
    {{"it'\305\277 x'\305\277y", 11}, {275, 6, 129, 123, 865, 6, 129, 123, 88}, {278, 6, 70067, 1215, 6, 70067, 88}},
    {{"a\302\205\302\205b\357\273\277\357\273\277c", 13}, {64, 126, 227, 126, 227, 65, 3305, 3305, 66}, {64, 126, 227, 126, 227, 65, 135153, 66}},
    {{"e\314\201\314\201A \314\201B", 10}, {68, 54939, 54939, 32, 220, 54939, 33}, {68, 13430, 13430, 32, 220, 13430, 33}},
    {{"<|endoftext|>", 13}, {27, 91, 8862, 728, 428, 91, 29}, {27, 91, 419, 1440, 919, 91, 29}},
    {{"\000\007", 2}, {188, 195}, {188, 195}},
    {{"\357\277\275\357\277\275", 6}, {10178}, {10123}},
  };
  return cases;
}
// clang-format on

// A generator of our own, so that a failure can be run again anywhere.
class Sequence {
 public:
  explicit Sequence(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t bound) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>(state_ >> 33U) % bound;
  }

 private:
  std::uint64_t state_;
};

std::string mixed_text(std::uint64_t seed, std::size_t pieces) {
  static constexpr std::string_view kParts[] = {
      "hello",    " world",       "'s",       "'LL", " ",    "\n", "\r\n", "  ", "\t", "123", "A", "b",
      "\xc3\xa9", "\xe4\xb8\xad", "!",        "/",   "//\n", "(",  ")",    ",",  "_",  "-",   "X", "\xf0\x9f\x98\x80",
      "\xcc\x81", "\xe3\x80\x80", "\xc5\xbf", "'"};
  Sequence sequence(seed);
  std::string text;
  for (std::size_t i = 0; i < pieces; ++i) text += kParts[sequence.below(std::size(kParts))];
  return text;
}

constexpr Encoding kBoth[] = {Encoding::cl100k_base, Encoding::o200k_base};

TEST(Tokenizer, gives_the_ids_of_openais_own) {
  for (const Golden& one : golden()) {
    EXPECT_EQ(encode(Encoding::cl100k_base, one.text), one.cl100k) << one.text;
    EXPECT_EQ(encode(Encoding::o200k_base, one.text), one.o200k) << one.text;
    EXPECT_EQ(encode(Encoding::o200k_harmony, one.text), one.o200k) << one.text;
    EXPECT_EQ(count_tokens(Encoding::cl100k_base, one.text), one.cl100k.size()) << one.text;
    EXPECT_EQ(count_tokens(Encoding::o200k_base, one.text), one.o200k.size()) << one.text;
  }
}

// GATEHOUSE_TOKENIZER_GOLDEN names a file in the form of gpt-tokenizer's TestPlans: "EncodingName: X", "Sample: TEXT"
// (which may go over several lines) and "Encoded: [IDS]" in turn.
TEST(Tokenizer, gives_the_ids_of_the_golden_file) {
  const char* path = std::getenv("GATEHOUSE_TOKENIZER_GOLDEN");
  if (path == nullptr) GTEST_SKIP() << "GATEHOUSE_TOKENIZER_GOLDEN is not set";
  std::ifstream file(path);
  ASSERT_TRUE(file) << path;
  std::string line;
  std::string encoding;
  std::string sample;
  std::size_t checked = 0;
  std::size_t others = 0;
  bool in_sample = false;
  while (std::getline(file, line)) {
    if (line.starts_with("EncodingName: ")) {
      encoding = line.substr(14);
    } else if (line.starts_with("Sample: ")) {
      sample = line.substr(8);
      in_sample = true;
    } else if (line.starts_with("Encoded: [")) {
      in_sample = false;
      const auto known = encoding_from_name(encoding);
      if (!known) {
        ++others;
        continue;
      }
      Ids ids;
      for (std::size_t at = 10; at < line.size() && line[at] != ']';) {
        ids.push_back(static_cast<std::uint32_t>(std::stoul(line.substr(at))));
        at = line.find_first_of(",]", at);
        if (line[at] == ',') at += 2;
      }
      EXPECT_EQ(encode(*known, sample), ids) << encoding << ": " << sample;
      EXPECT_EQ(count_tokens(*known, sample), ids.size());
      ++checked;
    } else if (in_sample) {
      sample += '\n' + line;
    }
  }
  EXPECT_GT(checked, 0U);
  std::printf("golden file: %zu cases checked, %zu of encodings that are not here\n", checked, others);
}

TEST(Tokenizer, decoding_gives_the_text_back) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const std::string text = mixed_text(seed, 60);
    for (const Encoding encoding : kBoth) {
      const Ids ids = encode(encoding, text);
      EXPECT_EQ(ids.size(), count_tokens(encoding, text)) << text;
      EXPECT_LE(ids.size(), upper_bound(text.size()));
      EXPECT_EQ(decode(encoding, ids).value(), text);
    }
  }
}

TEST(Tokenizer, every_token_decodes_and_most_encode_to_themselves) {
  for (const Encoding encoding : kBoth) {
    const std::uint32_t size = detail::Vocabulary::of(encoding).size();
    EXPECT_EQ(size, encoding == Encoding::cl100k_base ? 100256U : 199998U);
    const auto vocabulary = detail::Vocabulary::of(encoding);
    for (std::uint32_t id = 0; id < size; ++id) {
      const std::string bytes(vocabulary.bytes(id));
      ASSERT_EQ(vocabulary.find(bytes.data(), bytes.size(), bytes.data() + bytes.size()), id);
    }
    EXPECT_EQ(vocabulary.find("\x01\x02\x03nothing", 10, nullptr), detail::kNoToken);
  }
}

TEST(Tokenizer, special_tokens_are_text_and_decode_by_name) {
  EXPECT_EQ(count_tokens(Encoding::o200k_base, "<|endoftext|>"), 7U);
  const Ids end{199999};
  EXPECT_EQ(decode(Encoding::o200k_base, end).value(), "<|endoftext|>");
  const Ids harmony{200006, 200008, 200500};
  EXPECT_EQ(decode(Encoding::o200k_harmony, harmony).value(), "<|start|><|message|><|reserved_200500|>");
  EXPECT_EQ(decode(Encoding::o200k_base, harmony).error().code, Code::invalid_request);
  const Ids hole{100256};
  EXPECT_FALSE(decode(Encoding::cl100k_base, hole));
}

TEST(Tokenizer, ill_formed_text_counts_as_with_replacements) {
  const std::string replaced = "a\xef\xbf\xbd\xef\xbf\xbd z \xef\xbf\xbd";
  const std::string ill = "a\xff\xe2\x82 z \xf0\x9f";
  for (const Encoding encoding : kBoth) {
    EXPECT_EQ(count_tokens(encoding, ill), count_tokens(encoding, replaced));
    EXPECT_EQ(encode(encoding, ill), encode(encoding, replaced));
  }
}

TEST(TextCounter, a_text_in_parts_counts_like_the_whole) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const std::string text = mixed_text(seed, 80);
    for (const Encoding encoding : kBoth) {
      const std::uint64_t whole = count_tokens(encoding, text);
      TextCounter counter(encoding);
      for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        counter.add(std::string_view(text).substr(0, cut));
        counter.add(std::string_view(text).substr(cut));
        EXPECT_LE(counter.settled(), whole);
        ASSERT_EQ(counter.finish(), whole) << cut << " " << text;
      }
      for (const char c : text) counter.add({&c, 1});
      ASSERT_EQ(counter.finish(), whole) << text;
    }
  }
}

TEST(TextCounter, ill_formed_parts_count_like_the_whole) {
  const std::string text = "x\xe2\xe2\x82\xac\xf0\x9f\x98\x80\xf0\x9f\x98 y\xff\xc3";
  for (const Encoding encoding : kBoth) {
    TextCounter counter(encoding);
    for (const char c : text) counter.add({&c, 1});
    EXPECT_EQ(counter.finish(), count_tokens(encoding, text));
  }
}

TEST(TextCounter, settles_what_cannot_change) {
  TextCounter counter(Encoding::o200k_base);
  counter.add("one two three");
  EXPECT_EQ(counter.settled(), 2U);
  counter.add("score");
  EXPECT_EQ(counter.settled(), 2U);
  EXPECT_EQ(counter.finish(), count_tokens(Encoding::o200k_base, "one two threescore"));
  EXPECT_EQ(counter.finish(), 0U);
}

TEST(TextCounter, a_run_without_end_does_not_grow_it) {
  TextCounter counter(Encoding::o200k_base);
  const std::string part(1000, '!');
  std::uint64_t settled = 0;
  for (int i = 0; i < 1000; ++i) {
    counter.add(part);
    settled = counter.settled();
  }
  EXPECT_GT(settled, 0U);  // cut somewhere: not all of it is held back
  const std::uint64_t whole = count_tokens(Encoding::o200k_base, std::string(1000000, '!'));
  const std::uint64_t parts = counter.finish();
  EXPECT_GE(parts, whole);
  EXPECT_LE(parts, whole + 16);
}

struct Adversary {
  std::string_view name;
  std::string text;
};
std::vector<Adversary> adversaries(std::size_t size) {
  std::vector<Adversary> all;
  const auto repeat = [&](std::string_view name, std::string_view unit) {
    std::string text;
    while (text.size() + unit.size() <= size) text += unit;
    all.push_back({name, std::move(text)});
  };
  repeat("one letter", "a");
  repeat("capitals", "A");
  repeat("spaces", " ");
  repeat("tabs and spaces", "\t ");
  repeat("newlines", "\n");
  repeat("two letters", "ab");
  repeat("signs", "=-");
  repeat("digits", "7");
  repeat("Han", "\xe4\xb8\xad");
  repeat("Han and a capital",
         "\xe4\xb8\xad"
         "A");
  repeat("marks", "\xcc\x81");
  repeat("a sign and a mark", "!\xcc\x81");
  repeat("apostrophes", "'");
  repeat("contractions", "'s");
  repeat("spaces of three bytes", "\xe3\x80\x80");
  Sequence sequence(99);
  std::string letters;
  while (letters.size() < size) letters += static_cast<char>('a' + sequence.below(26));
  all.push_back({"random letters", letters});
  std::string runs;
  while (runs.size() < size) runs.append(1 + sequence.below(200), "ab"[sequence.below(2)]);
  all.push_back({"runs of two letters", runs});
  return all;
}

struct CountingProbe {
  std::size_t* looks;
  void look() const { ++*looks; }
};

template <detail::Pattern kPattern>
std::size_t looks_at(std::string_view text) {
  std::size_t looks = 0;
  detail::Splitter<kPattern, CountingProbe> splitter(text.data() + text.size(), CountingProbe{&looks});
  const char* at = text.data();
  while (at < text.data() + text.size()) at = splitter.next(at);
  return looks;
}

TEST(Adversary, splitting_looks_at_each_character_a_few_times) {
  for (const Adversary& one : adversaries(20000)) {
    EXPECT_LE(looks_at<detail::Pattern::cl100k>(one.text), 6 * one.text.size()) << one.name;
    EXPECT_LE(looks_at<detail::Pattern::o200k>(one.text), 6 * one.text.size()) << one.name;
  }
}

TEST(Adversary, merging_takes_a_bounded_number_of_steps_a_byte) {
  for (const Adversary& one : adversaries(20000)) {
    for (const Encoding encoding : kBoth) {
      const auto vocabulary = detail::Vocabulary::of(encoding);
      detail::Merger merger(vocabulary, one.text.data() + one.text.size(), kLongPiece);
      merger.count(one.text.data(), one.text.size());
      EXPECT_LE(merger.steps(), 12 * one.text.size()) << one.name;
    }
  }
}

TEST(Adversary, windows_merge_to_what_the_whole_does) {
  for (const Adversary& one : adversaries(20000)) {
    for (const Encoding encoding : kBoth) {
      const auto vocabulary = detail::Vocabulary::of(encoding);
      const char* const end = one.text.data() + one.text.size();
      detail::Merger whole(vocabulary, end, one.text.size());
      detail::Merger windows(vocabulary, end, kLongPiece);
      Ids expected;
      Ids ids;
      whole.encode(one.text.data(), one.text.size(), expected);
      windows.encode(one.text.data(), one.text.size(), ids);
      EXPECT_EQ(ids, expected) << one.name;
      EXPECT_EQ(windows.unproven(), 0U) << one.name;
      EXPECT_EQ(windows.count(one.text.data(), one.text.size()), expected.size()) << one.name;
    }
  }
}

TEST(CharClass, has_the_categories_of_unicode) {
  using detail::CharClass;
  EXPECT_EQ(detail::class_of(0x41), CharClass::upper);
  EXPECT_EQ(detail::class_of(0x1c5), CharClass::upper);  // a titlecase letter
  EXPECT_EQ(detail::class_of(0xdf), CharClass::lower);
  EXPECT_EQ(detail::class_of(0x2b0), CharClass::letter);  // a modifier
  EXPECT_EQ(detail::class_of(0x4e2d), CharClass::letter);
  EXPECT_EQ(detail::class_of(0x301), CharClass::mark);
  EXPECT_EQ(detail::class_of(0x2167), CharClass::number);
  EXPECT_EQ(detail::class_of(0x85), CharClass::space);
  EXPECT_EQ(detail::class_of(0x3000), CharClass::space);
  EXPECT_EQ(detail::class_of(0xfeff), CharClass::other);
  EXPECT_EQ(detail::class_of(0x10ffff), CharClass::other);
  for (char32_t c = 0; c < 128; ++c) {
    if (c == '\r' || c == '\n') continue;
    EXPECT_EQ(detail::class_of(c), detail::kAsciiClasses.of[c]) << static_cast<unsigned>(c);
  }
}

TEST(Encoding, names_read_back) {
  for (std::size_t i = 0; i < kEncodingCount; ++i) {
    EXPECT_EQ(encoding_from_name(name(static_cast<Encoding>(i))), static_cast<Encoding>(i));
  }
  EXPECT_EQ(encoding_from_name("p50k_base"), std::nullopt);
}

}  // namespace
}  // namespace gatehouse::llm
