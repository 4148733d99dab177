#include "gatehouse/text/utf8.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace gatehouse::text {
namespace {

using std::string_view_literals::operator""sv;

// By arithmetic, not by the table: the other way to write the same rules.
std::string encode(char32_t c) {
  std::string out;
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | (c >> 6U));
    out += static_cast<char>(0x80 | (c & 63U));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | (c >> 12U));
    out += static_cast<char>(0x80 | ((c >> 6U) & 63U));
    out += static_cast<char>(0x80 | (c & 63U));
  } else {
    out += static_cast<char>(0xf0 | (c >> 18U));
    out += static_cast<char>(0x80 | ((c >> 12U) & 63U));
    out += static_cast<char>(0x80 | ((c >> 6U) & 63U));
    out += static_cast<char>(0x80 | (c & 63U));
  }
  return out;
}

const char32_t kEdges[] = {0x00,   0x7f,   0x80,    0x7ff,   0x800,   0xfff,   0x1000,   0xcfff,   0xd000, 0xd7ff,
                           0xe000, 0xffff, 0x10000, 0x3ffff, 0x40000, 0xfffff, 0x100000, 0x10ffff, 0xfffd, 0xfeff};

TEST(NextSequence, ReadsEveryScalarValueAndNoOther) {
  for (char32_t c = 0; c <= 0x110000 + 0x1000; ++c) {
    const std::string bytes = encode(c);
    const Sequence sequence = next_sequence(bytes);
    const bool scalar = c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);
    ASSERT_EQ(sequence.valid, scalar) << std::hex << static_cast<std::uint32_t>(c);
    ASSERT_EQ(valid_utf8(bytes), scalar) << std::hex << static_cast<std::uint32_t>(c);
    if (scalar) {
      ASSERT_EQ(sequence.code_point, c);
      ASSERT_EQ(sequence.size, bytes.size());
    }
  }
}

TEST(NextSequence, AgreesWithTheVectorisedValidatorOnAllThreeBytes) {
  // Every pair of bytes, and a third from every class that the table knows.
  for (unsigned a = 0; a < 256; ++a) {
    for (unsigned b = 0; b < 256; ++b) {
      for (const unsigned c : {0x00U, 0x7fU, 0x80U, 0x8fU, 0x90U, 0x9fU, 0xa0U, 0xbfU, 0xc0U, 0xc2U, 0xe0U, 0xedU,
                               0xf0U, 0xf4U, 0xf5U, 0xffU}) {
        const char bytes[] = {static_cast<char>(a), static_cast<char>(b), static_cast<char>(c)};
        std::string_view rest(bytes, 3);
        bool valid = true;
        while (!rest.empty()) {
          const Sequence sequence = next_sequence(rest);
          ASSERT_GE(sequence.size, 1);
          ASSERT_LE(sequence.size, rest.size());
          valid = valid && sequence.valid;
          rest.remove_prefix(sequence.size);
        }
        ASSERT_EQ(valid, valid_utf8({bytes, 3})) << std::hex << a << ' ' << b << ' ' << c;
      }
    }
  }
}

TEST(IncompleteTail, CountsWhatIsUnfinishedAtEveryCut) {
  for (const char32_t c : kEdges) {
    const std::string bytes = encode(c);
    for (const std::string& before : {std::string(), std::string("x"), encode(0x1f600)}) {
      for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        const std::string text = before + bytes.substr(0, cut);
        EXPECT_EQ(incomplete_tail(text), cut == bytes.size() ? 0 : cut) << std::hex << static_cast<std::uint32_t>(c);
      }
    }
  }
}

TEST(IncompleteTail, DoesNotWaitForWhatCannotBeMended) {
  for (const std::string_view text : {"\x80"sv, "\xbf\xbf\xbf\xbf"sv, "a\x80"sv, "\xc0"sv, "\xc1"sv, "\xf5"sv, "\xff"sv,
                                      "\xe0\x80"sv, "\xed\xa0"sv, "\xf0\x80"sv, "\xf0\x8f\xbf"sv, "\xf4\x90"sv,
                                      "\xf4\x90\x80"sv, "\xc3\xa9\x80"sv, "\xf0\x9f\x98\x80\x80"sv, "\xc3z"sv}) {
    EXPECT_EQ(incomplete_tail(text), 0U) << testing::PrintToString(text);
  }
}

TEST(IncompleteTail, AStreamCutAnywhereIsPutTogether) {
  std::string text;
  for (const char32_t c : kEdges) text += encode(c) + "a";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const std::string_view head = std::string_view(text).substr(0, cut);
    const std::size_t kept = incomplete_tail(head);
    EXPECT_TRUE(valid_utf8(head.substr(0, cut - kept))) << cut;
    EXPECT_TRUE(valid_utf8(std::string(head.substr(cut - kept)) + text.substr(cut))) << cut;
  }
}

TEST(ReplaceInvalid, TakesMaximalSubparts) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      // The Unicode Standard, table 3-8 and the ones before it.
      {"\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41"sv, "????????A"},
      {"\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41"sv, "????????A"},
      {"\xf4\x91\x92\x93\xff\x41\x80\xbf\x42"sv, "?????A??B"},
      {"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41"sv, "????A"},
      {"\x61\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63\x80\xbf\x64"sv, "a???b?c??d"},
      {"\xf0\x9f\x98"sv, "?"},
      {"\xc3"sv, "?"},
      {""sv, ""},
      {"plain"sv, "plain"},
  };
  for (const auto& [in, expected] : cases) {
    std::string wanted;
    for (const char c : expected) wanted += c == '?' ? "\xef\xbf\xbd" : std::string(1, c);
    EXPECT_EQ(replace_invalid(in), wanted);
  }
}

TEST(ReplaceInvalid, LeavesGoodTextAndMakesAnyTextGood) {
  std::string good;
  for (const char32_t c : kEdges) good += encode(c);
  EXPECT_EQ(replace_invalid(good), good);
  std::uint32_t state = 1;
  for (int round = 0; round < 2000; ++round) {
    std::string text = good;
    for (int hits = 0; hits < 3; ++hits) {
      state = state * 1664525U + 1013904223U;
      text[(state >> 8U) % text.size()] = static_cast<char>(state >> 24U);
    }
    std::string out = "kept ";
    append_replacing_invalid(out, text);
    EXPECT_TRUE(valid_utf8(out));
    EXPECT_TRUE(out.starts_with("kept "));
    if (valid_utf8(text)) {
      EXPECT_EQ(out.substr(5), text);
    }
  }
}

TEST(SafeExcerpt, CutsBetweenCharacters) {
  const std::string text = "a" + encode(0xe9) + encode(0x20ac) + encode(0x1f600);
  const std::string_view kept[] = {"",
                                   "a",
                                   "a",
                                   "a\u00e9",
                                   "a\u00e9",
                                   "a\u00e9",
                                   "a\u00e9\u20ac",
                                   "a\u00e9\u20ac",
                                   "a\u00e9\u20ac",
                                   "a\u00e9\u20ac"};
  for (std::size_t max = 0; max < text.size(); ++max) {
    EXPECT_EQ(safe_excerpt(text, max), std::string(kept[max]) + "\u2026") << max;
  }
  EXPECT_EQ(safe_excerpt(text, text.size()), text);
  EXPECT_EQ(safe_excerpt("", 0), "");
}

TEST(SafeExcerpt, ShowsWhatCouldMislead) {
  EXPECT_EQ(safe_excerpt("a\n\t\r\x1b[2J\x7f\0b"sv, 100), "a\\n\\t\\r\\u{1b}[2J\\u{7f}\\u{0}b");
  EXPECT_EQ(safe_excerpt("\xc2\x85\xe2\x80\xa8\xe2\x80\xae\xe2\x81\xa6\xd8\x9c"sv, 100),
            "\\u{85}\\u{2028}\\u{202e}\\u{2066}\\u{61c}");
  EXPECT_EQ(safe_excerpt("x\xff\xc3"sv, 100), "x\ufffd\ufffd");
  for (char32_t c = 0; c < 0x3000; ++c) {
    if (c >= 0xd800) break;
    const std::string out = safe_excerpt(encode(c), 4);
    EXPECT_TRUE(valid_utf8(out));
    EXPECT_LE(out.size(), 8 * encode(c).size());
    for (const char shown : out) EXPECT_FALSE(static_cast<unsigned char>(shown) < 0x20 || shown == 0x7f);
  }
}

}  // namespace
}  // namespace gatehouse::text
