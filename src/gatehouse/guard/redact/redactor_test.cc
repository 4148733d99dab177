#include "gatehouse/guard/redact/redactor.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/base/ids.h"
#include "gatehouse/guard/redact/mask.h"
#include "gatehouse/guard/redact/normalise.h"
#include "gatehouse/guard/redact/restorer.h"
#include "gatehouse/guard/redact/surrogate.h"
#include "gatehouse/guard/vault/vault_testing.h"
#include "gatehouse/json/splice.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::guard {
namespace {

using llm::SegmentKind;
using testing::kNow;
using ::testing::MatchesRegex;

constexpr RedactStyle kStyles[] = {
    RedactStyle::placeholder,       RedactStyle::hash, RedactStyle::token, RedactStyle::surrogate,
    RedactStyle::format_preserving, RedactStyle::mask};

Finding finding(std::string_view entity, std::size_t begin, std::size_t end, Family family = Family::pii) {
  return {.family = family, .entity = entity, .detector = "test", .begin = begin, .end = end};
}

class RedactorTest : public ::testing::Test {
 protected:
  Redaction make(std::string_view conversation = "c1", std::string_view tenant = "t1") {
    return {keys_.get(), vault_.get(), {.tenant = tenant, .conversation = conversation, .owner = "u1"}, kNow};
  }
  std::string stand_in(std::string_view entity, std::string_view value, RedactStyle style,
                       std::string_view conversation = "c1", std::string_view tenant = "t1") {
    auto redaction = make(conversation, tenant);
    auto made = redaction.stand_in(Family::pii, entity, value, style);
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().detail);
    return made.value_or("");
  }
  static std::string edited(std::string_view text, const std::vector<Replacement>& replacements) {
    std::vector<json::Edit> edits;
    for (const auto& one : replacements) edits.push_back({one.offset, one.length, one.text});
    return json::splice(text, edits);
  }
  std::string restored(std::string_view text, SegmentKind kind, std::string_view conversation = "c1") {
    const auto lookup = [&](const TokenId& id) -> std::optional<base::Secret> {
      auto cached = vault_->find_cached("t1", conversation, id, kNow);
      if (cached.state != Vault::Cached::State::found) return std::nullopt;
      return std::move(cached.value);
    };
    Restorer restorer(lookup);
    std::vector<Restoration> found;
    restorer.look(text, 0, true, kind, found);
    std::vector<json::Edit> edits;
    for (const auto& one : found) edits.push_back({one.offset, one.length, one.value.reveal()});
    return json::splice(text, edits);
  }
  std::shared_ptr<Keyring> keys_ = testing::keyring();
  std::unique_ptr<Vault> vault_ = testing::vault(keys_);
};

TEST(RedactStyle, NamesAreRead) {
  for (const RedactStyle style : kStyles) EXPECT_EQ(redact_style_from_name(name(style)), style);
  EXPECT_EQ(redact_style_from_name("blackout"), std::nullopt);
}

TEST_F(RedactorTest, Placeholders) {
  EXPECT_EQ(stand_in("EMAIL", "ada@example.org", RedactStyle::placeholder), "[EMAIL]");
  EXPECT_EQ(stand_in("our \"thing\"", "x", RedactStyle::placeholder), "[OUR__THING_]");
}

TEST_F(RedactorTest, Hashes) {
  const std::string hash = stand_in("EMAIL", "Ada@Example.org", RedactStyle::hash);
  EXPECT_THAT(hash, MatchesRegex("\\[EMAIL:h_[0-9a-f]+\\]"));
  EXPECT_EQ(hash.size(), 26);
  EXPECT_EQ(stand_in("EMAIL", "ada@example.ORG", RedactStyle::hash, "another conversation"), hash);
  EXPECT_NE(stand_in("EMAIL", "bda@example.org", RedactStyle::hash), hash);
  EXPECT_NE(stand_in("EMAIL", "ada@example.org", RedactStyle::hash, "c1", "t2"), hash);
}

TEST_F(RedactorTest, TokensAreOfAValueAndAScope) {
  const std::string token = stand_in("CREDIT_CARD", "4111-1111-1111-1111", RedactStyle::token);
  EXPECT_THAT(token, MatchesRegex("\\[PII:CREDIT_CARD:tok_[0-9a-hjkmnp-tv-z]+\\]"));
  EXPECT_EQ(stand_in("CREDIT_CARD", "4111 1111 1111 1111", RedactStyle::token), token);
  EXPECT_EQ(stand_in("CREDIT_CARD", "4111111111111111", RedactStyle::token), token);
  EXPECT_EQ(restored(token, SegmentKind::text), "4111-1111-1111-1111");
  EXPECT_NE(stand_in("CREDIT_CARD", "4111111111111111", RedactStyle::token, "c2"), token);
  EXPECT_NE(stand_in("CREDIT_CARD", "4111111111111111", RedactStyle::token, "c1", "t2"), token);
  EXPECT_NE(stand_in("OTHER", "4111111111111111", RedactStyle::token), token);
  EXPECT_EQ(restored(token, SegmentKind::text, "c2"), token);  // not for another conversation
  auto redaction = make();
  const auto secret = redaction.stand_in(Family::secrets, "AWS_KEY", "AKIA0123", RedactStyle::token);
  EXPECT_THAT(secret.value(), ::testing::StartsWith("[SECRET:AWS_KEY:tok_"));
}

TEST_F(RedactorTest, WithoutKeysOrVaultTheStylesThatNeedThemFail) {
  Redaction plain(nullptr, nullptr, {.tenant = "t1", .conversation = "c1", .owner = ""}, kNow);
  for (const RedactStyle style : kStyles) {
    const bool needs = style != RedactStyle::placeholder && style != RedactStyle::mask;
    const auto made = plain.stand_in(Family::pii, "EMAIL", "ada@example.org", style);
    EXPECT_EQ(made.has_value(), !needs) << name(style);
    if (!made) EXPECT_EQ(made.error().code, Code::configuration);
  }
  Redaction keyed(keys_.get(), nullptr, {.tenant = "t1", .conversation = "c1", .owner = ""}, kNow);
  EXPECT_FALSE(keyed.stand_in(Family::pii, "EMAIL", "ada@example.org", RedactStyle::token).has_value());
  EXPECT_TRUE(keyed.stand_in(Family::pii, "EMAIL", "ada@example.org", RedactStyle::hash).has_value());
}

TEST_F(RedactorTest, AFailureOfTheVaultLeavesNothingHalfDone) {
  auto redaction = make();
  std::vector<Replacement> out(1);
  const std::string text = "ada@example.org " + std::string(20'000, 'x');
  const auto done = redaction.replace(
      text, SegmentKind::text,
      {{finding("EMAIL", 0, 15), RedactStyle::token}, {finding("BLOB", 16, text.size()), RedactStyle::token}}, out);
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().code, Code::too_large);
  EXPECT_EQ(done.error().detail.find("ada"), std::string::npos);
  EXPECT_EQ(out.size(), 1);
}

TEST(Masked, ShowsAsMuchAsItsKindAllows) {
  const auto pii = [](std::string_view entity, std::string_view value) { return masked(Family::pii, entity, value); };
  EXPECT_EQ(pii("CREDIT_CARD", "4111-1111-1111-1234"), "****-****-****-1234");
  EXPECT_EQ(pii("IBAN", "DE89 3704 0044 0532 0130 00"), "**** **** **** **** **30 00");
  EXPECT_EQ(pii("CREDIT_CARD", "41111111"), "********");
  EXPECT_EQ(pii("EMAIL", "ada.lovelace@example.org"), "a**.********@example.org");
  EXPECT_EQ(pii("EMAIL", "a@example.org"), "*@example.org");
  EXPECT_EQ(pii("PHONE", "+44 (20) 7946-0123"), "+4* (**) ****-***3");
  EXPECT_EQ(pii("US_SSN", "123-45-6789"), "1**-**-***9");
  EXPECT_EQ(pii("PERSON", "Zoë Müller"), "Z** *****r");
  EXPECT_EQ(pii("PERSON", "Åsa Ek"), "Å** *k");
  EXPECT_EQ(pii("PERSON", "Bo"), "**");
  EXPECT_EQ(pii("X", "\"\\\n[]'`"), "*****'*");
  EXPECT_EQ(pii("X", "\xff\xfe\x01\x02\x03\x04"), "******");
  EXPECT_EQ(pii("X", ""), "");
  EXPECT_EQ(masked(Family::secrets, "API_KEY", "sk-abc_123"), "**********");
}

TEST(Normalised, JoinsSpellingsAndNoValues) {
  EXPECT_EQ(normalised("CREDIT_CARD", "4111 1111-1111.1111"), normalised("CREDIT_CARD", "4111111111111111"));
  EXPECT_EQ(normalised("IBAN", "de89 3704 0044"), normalised("IBAN", "DE8937040044"));
  EXPECT_EQ(normalised("EMAIL", "A@B.org"), normalised("EMAIL", "a@b.ORG"));
  EXPECT_EQ(normalised("PERSON", "Ada  LOVELACE"), normalised("PERSON", "ada\nLovelace"));
  EXPECT_EQ(normalised("US_SSN", "123-45-6789"), normalised("US_SSN", "123456789"));
  EXPECT_EQ(normalised("PHONE", "(020) 7946 0123"), normalised("PHONE", "020-79460123"));
  EXPECT_NE(normalised("PHONE", "+20 7946 0123"), normalised("PHONE", "20 7946 0123"));
  EXPECT_NE(normalised("DATE_OF_BIRTH", "1/12/1990"), normalised("DATE_OF_BIRTH", "11/2/1990"));
  EXPECT_NE(normalised("US_BIRTH_DATE", "1-12-1990"), normalised("US_BIRTH_DATE", "11-2-1990"));
  EXPECT_NE(normalised("COORDINATES", "1.23"), normalised("COORDINATES", "12.3"));
  EXPECT_NE(normalised("API_KEY", "aB"), normalised("API_KEY", "ab"));
  EXPECT_NE(normalised("IP_ADDRESS", "1.2.3.4"), normalised("IP_ADDRESS", "12.3.4.4"));
  EXPECT_NE(normalised("CREDIT_CARD", "x"), normalised("CREDIT_CARD", "y"));
}

unsigned luhn_rest(std::string_view text) {
  unsigned sum = 0;
  bool twice = false;
  for (auto at = text.rbegin(); at != text.rend(); ++at) {
    if (*at < '0' || *at > '9') continue;
    const unsigned digit = static_cast<unsigned>(*at - '0') * (twice ? 2 : 1);
    sum += digit / 10 + digit % 10;
    twice = !twice;
  }
  return sum % 10;
}

unsigned mod97(std::string_view compact) {
  std::string turned(compact.substr(4));
  turned.append(compact.substr(0, 4));
  unsigned rest = 0;
  for (const char c : turned)
    rest = c <= '9' ? (rest * 10 + static_cast<unsigned>(c - '0')) % 97
                    : (rest * 100 + static_cast<unsigned>(c - 'A' + 10)) % 97;
  return rest;
}

TEST_F(RedactorTest, FormatIsKept) {
  const auto fp = [this](std::string_view entity, std::string_view value) {
    return stand_in(entity, value, RedactStyle::format_preserving);
  };
  EXPECT_THAT(fp("CREDIT_CARD", "4111-1111-1111-1111"), MatchesRegex("[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{4}"));
  EXPECT_THAT(fp("UK_NINO", "AB 12 34 56 C"), MatchesRegex("[A-Z]{2} [0-9]{2} [0-9]{2} [0-9]{2} [A-Z]"));
  EXPECT_THAT(fp("EMAIL", "ada.l@example.org"), MatchesRegex("[a-z]{3}\\.[a-z]@[a-z]{7}\\.[a-z]{3}"));
  EXPECT_THAT(fp("PERSON", "Zoë O'Neil"), MatchesRegex("[A-Z][a-z]{2} [A-Z]'[A-Z][a-z]{3}"));
  EXPECT_THAT(fp("X", "a\"\\\n[1"), MatchesRegex("[a-z]----[0-9]"));
  EXPECT_EQ(fp("X", ""), "");
  // The same for every spelling, another for every value.
  EXPECT_EQ(fp("CREDIT_CARD", "4111111111111111"), normalised("CREDIT_CARD", fp("CREDIT_CARD", "4111-1111-1111-1111")));
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i)
    seen.insert(fp("CODE", std::string(1, static_cast<char>('a' + i % 26)) + std::to_string(i)));
  EXPECT_EQ(seen.size(), 1000);
  seen.clear();
  for (char c = '0'; c <= '9'; ++c) seen.insert(fp("DIGIT", std::string(1, c)));
  EXPECT_EQ(seen.size(), 10);
  // Long ones too, and nothing of them shows.
  const std::string digits = fp("X", std::string(1000, '7'));
  EXPECT_EQ(digits.size(), 1000);
  EXPECT_EQ(digits.find("777777"), std::string::npos);
  EXPECT_EQ(fp("X", std::string(20'000, '7')).size(), 20'000);
}

TEST_F(RedactorTest, ChecksAreMadeWrong) {
  base::Random random(3);
  std::set<std::string> cards;
  for (int i = 0; i < 300; ++i) {
    std::string card = std::to_string(400000000000000 + random.below(99999999999999)) + "0";
    card.back() = static_cast<char>('0' + (10 - luhn_rest(card)) % 10);
    ASSERT_EQ(luhn_rest(card), 0);
    const std::string made = stand_in("CREDIT_CARD", card, RedactStyle::format_preserving);
    EXPECT_NE(luhn_rest(made), 0);
    cards.insert(made);
  }
  EXPECT_EQ(cards.size(), 300);
  for (const std::string_view iban :
       {"DE89370400440532013000", "GB29 NWBK 6016 1331 9268 19", "fr14 2004 1010 0505 0001 3M02 606"}) {
    const std::string before = normalised("IBAN", iban);
    const std::string made = stand_in("IBAN", iban, RedactStyle::format_preserving);
    const std::string after = normalised("IBAN", made);
    EXPECT_EQ(mod97(before), 1);
    EXPECT_NE(mod97(after), 1) << made;
    EXPECT_EQ(after.substr(0, 2), before.substr(0, 2));
    EXPECT_EQ(after.size(), before.size());
    EXPECT_NE(after.substr(4), before.substr(4));
  }
  // Of others by asking.
  const ValidCheck even = [](std::string_view, std::string_view value) { return (value.back() - '0') % 2 == 0; };
  Redaction redaction(keys_.get(), nullptr, {.tenant = "t1", .conversation = "c1", .owner = "", .valid = even}, kNow);
  for (int i = 100000; i < 100100; ++i) {
    const auto made = redaction.stand_in(Family::pii, "NUMBER", std::to_string(i), RedactStyle::format_preserving);
    EXPECT_FALSE(even("", *made)) << *made;
  }
}

TEST_F(RedactorTest, SurrogatesReadAsReal) {
  const auto of = [this](std::string_view entity, std::string_view value, std::string_view conversation = "c1") {
    return stand_in(entity, value, RedactStyle::surrogate, conversation);
  };
  EXPECT_THAT(of("PERSON", "Grace Hopper"), MatchesRegex("[A-Z][a-z]+ [A-Z][a-z]+"));
  EXPECT_THAT(of("PERSON", "GRACE"), MatchesRegex("[A-Z]+"));
  EXPECT_THAT(of("EMAIL_ADDRESS", "grace@navy.mil"), MatchesRegex("[a-z]+\\.[a-z]+[0-9]{2}@example\\.(com|net|org)"));
  EXPECT_THAT(of("PHONE", "+49 89 1234567"), MatchesRegex("\\+49 30 23125 [0-9]{3}"));
  EXPECT_THAT(of("PHONE", "+44 7700 123456"), MatchesRegex("\\+44 20 7946 0[0-9]{3}"));
  EXPECT_THAT(of("PHONE", "0033 6 12 34 56 78"), MatchesRegex("\\+33 1 99 00 [0-9]{2} [0-9]{2}"));
  EXPECT_THAT(of("PHONE", "+61 2 1234 5678"), MatchesRegex("\\+61 2 5550 [0-9]{4}"));
  EXPECT_THAT(of("PHONE", "(212) 234-5678"), MatchesRegex("\\([0-9]{3}\\) 555-01[0-9]{2}"));
  const std::string card = of("CREDIT_CARD", "4539 1488 0343 6467");
  EXPECT_THAT(card, MatchesRegex("[0-9]{4} [0-9]{4} [0-9]{4} [0-9]{4}"));
  EXPECT_EQ(luhn_rest(card), 0);
  EXPECT_THAT(of("IP", "10.1.2.3"), MatchesRegex("(192\\.0\\.2|198\\.51\\.100|203\\.0\\.113)\\.[0-9]+"));
  EXPECT_THAT(of("IP", "fe80::1"), MatchesRegex("2001:db8:[0-9a-f]+::[0-9a-f]+"));
  EXPECT_THAT(of("MAC", "a4-83-e7-01-02-03"), MatchesRegex("00-00-5E-00-53-[0-9A-F]{2}"));
  EXPECT_THAT(of("DATE_OF_BIRTH", "1990-07-31"), MatchesRegex("(198[789]|199[0123])-[01][0-9]-[01][0-9]"));
  EXPECT_THAT(of("DATE_OF_BIRTH", "31.7.1990"), MatchesRegex("[01][0-9]\\.[01][0-9]\\.(198[789]|199[0123])"));
  EXPECT_THAT(of("DATE_OF_BIRTH", "31 July 1990"), MatchesRegex("[0-9]{2} [A-Z][a-z]{3} [0-9]{4}"));
  EXPECT_THAT(of("ADDRESS", "1 Main St"), MatchesRegex("[0-9]+ [A-Za-z ]+"));
  EXPECT_THAT(of("US_SSN", "123-45-6789"), MatchesRegex("[0-9]{3}-[0-9]{2}-[0-9]{4}"));  // no list: keeps the format
  // Each of the published cards passes its check.
  for (int i = 0; i < 200; ++i) {
    for (const std::string_view number : {"4539148803436467", "341111111111111", "30569309025905"}) {
      const std::string made = of("CREDIT_CARD", number, std::to_string(i));
      EXPECT_EQ(made.size(), number.size());
      EXPECT_EQ(luhn_rest(made), 0) << made;
    }
  }
  // Coherent within a conversation, and not told across them.
  EXPECT_EQ(of("EMAIL", "Grace@Navy.mil"), of("EMAIL", "grace@navy.mil"));
  EXPECT_NE(of("EMAIL", "grace@navy.mil", "c2"), of("EMAIL", "grace@navy.mil"));
}

TEST_F(RedactorTest, WhatBelongsToNobodyIsNotReplacedAgain) {
  for (const auto& [entity, value] :
       std::vector<std::pair<std::string_view, std::string_view>>{{"EMAIL", "grace@navy.mil"},
                                                                  {"PHONE", "+49 89 1234567"},
                                                                  {"PHONE", "212-234-5678"},
                                                                  {"PHONE", "+1 212 234 5678"},
                                                                  {"PHONE", "+44 7700 123456"},
                                                                  {"PHONE", "+33612345678"},
                                                                  {"PHONE", "+61212345678"},
                                                                  {"CREDIT_CARD", "4539148803436467"},
                                                                  {"IP_ADDRESS", "10.1.2.3"},
                                                                  {"IP", "fe80::1"},
                                                                  {"MAC", "a4:83:e7:01:02:03"},
                                                                  {"URL", "https://intranet.example.org/x"}}) {
    EXPECT_FALSE(belongs_to_nobody(entity, value)) << value;
    const std::string made = stand_in(entity, value, RedactStyle::surrogate);
    EXPECT_TRUE(belongs_to_nobody(entity, made)) << made;
    auto redaction = make();
    std::vector<Replacement> out;
    ASSERT_TRUE(
        redaction.replace(made, SegmentKind::text, {{finding(entity, 0, made.size()), RedactStyle::surrogate}}, out));
    EXPECT_TRUE(out.empty());
  }
  EXPECT_FALSE(belongs_to_nobody("EMAIL", "x@badexample.com"));
  EXPECT_FALSE(belongs_to_nobody("EMAIL", "@example.com@evil.org"));
  EXPECT_FALSE(belongs_to_nobody("PERSON", "Ada Abbott"));
}

TEST_F(RedactorTest, FindingsThatOverlapBecomeOne) {
  auto redaction = make();
  const std::string text = "mail ada@example.org now";
  std::vector<Replacement> out;
  ASSERT_TRUE(redaction.replace(text, SegmentKind::text,
                                {{finding("DOMAIN", 9, 20), RedactStyle::mask},
                                 {finding("EMAIL", 5, 20), RedactStyle::hash},
                                 {finding("PERSON", 5, 8), RedactStyle::placeholder},
                                 {finding("NOTHING", 20, 20), RedactStyle::placeholder},
                                 {finding("NOW", 21, 999), RedactStyle::placeholder}},
                                out));
  ASSERT_EQ(out.size(), 2);
  EXPECT_EQ(edited(text, out), "mail [EMAIL] [NOW]");
}

TEST_F(RedactorTest, ExtentsAreWidenedToWholeCharacters) {
  auto redaction = make();
  const std::string text = "x ü😀 y";
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    for (std::size_t end = begin + 1; end <= text.size(); ++end) {
      std::vector<Replacement> out;
      ASSERT_TRUE(
          redaction.replace(text, SegmentKind::text, {{finding("X", begin, end), RedactStyle::placeholder}}, out));
      EXPECT_TRUE(text::valid_utf8(edited(text, out))) << begin << ' ' << end;
    }
  }
}

TEST_F(RedactorTest, EscapesInArgumentsAreNotCutInTwo) {
  auto redaction = make();
  const std::string text = R"({"a":"x\n\"\\\u00e9\ud83d\ude00y\\\\z\/"})";
  const std::string before = json::Value(text)["a"].string_or("");
  for (std::size_t begin = 6; begin < text.size() - 2; ++begin) {
    for (std::size_t end = begin + 1; end <= text.size() - 2; ++end) {
      std::vector<Replacement> out;
      ASSERT_TRUE(
          redaction.replace(text, SegmentKind::tool_arguments, {{finding("X", begin, end), RedactStyle::token}}, out));
      const std::string after = edited(text, out);
      ASSERT_TRUE(json::validate(after).has_value()) << after;
      const std::string back = restored(after, SegmentKind::tool_arguments);
      ASSERT_TRUE(json::validate(back).has_value()) << back;
      EXPECT_EQ(json::Value(back)["a"].string_or("none"), before) << after;
    }
  }
  // In a stream: nothing is released up to the middle of one.
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const std::size_t whole = whole_until(text, at, SegmentKind::tool_arguments);
    ASSERT_LE(whole, at);
    std::string closed = text.substr(0, whole);
    if (whole > 5 && whole < text.size() - 1) closed += "\"}";
    if (whole > 5) EXPECT_TRUE(json::validate(closed.ends_with('}') ? closed : closed + "}").has_value()) << closed;
  }
}

// Random texts with findings of every style at random places: what comes out is valid, and tokens give the exact bytes
// back, in text and in arguments, in one piece and cut.
TEST_F(RedactorTest, AnyTextSurvives) {
  base::Random random(19);
  const std::vector<std::string> parts = {"Ada", " ",  "ü",    "😀",   "4111-1111-1111-1111",    "a@b.org", "\"", "\\",
                                          "\n",  "[",  "]",    "tok_", "DE89370400440532013000", "x",       "{",  "}",
                                          ":",   "\t", "\x01", "é"};
  constexpr std::string_view kEntities[] = {"EMAIL",  "CREDIT_CARD", "PERSON", "IBAN",
                                            "US_SSN", "PHONE",       "X",      "DATE_OF_BIRTH"};
  for (int round = 0; round < 1500; ++round) {
    auto redaction = make("c" + std::to_string(round % 7 == 0 ? 1 : 2));
    const std::string conversation = "c" + std::to_string(round % 7 == 0 ? 1 : 2);
    auto scoped = make(conversation);
    std::string value;
    for (std::uint64_t i = 1 + random.below(30); i > 0; --i) value.append(parts[random.below(parts.size())]);
    const bool arguments = random.below(2) == 0;
    std::string text = value;
    if (arguments) {
      text = "{\"a\":";
      json::append_quoted(text, value);
      text += "}";
    }
    const std::size_t first = arguments ? 6 : 0;
    const std::size_t last = arguments ? text.size() - 2 : text.size();
    const auto kind = arguments ? SegmentKind::tool_arguments : SegmentKind::text;
    std::vector<Redacted> findings;
    const bool all_tokens = random.below(2) == 0;
    // Of each value one spelling, or the first one would come back for all: so every finding has its own entity.
    std::vector<std::string> entities;
    for (int i = 0; i < 5; ++i)
      entities.push_back(std::string(kEntities[random.below(8)]) + (all_tokens ? std::to_string(round * 10 + i) : ""));
    for (std::uint64_t i = random.below(5); i > 0; --i) {
      if (first >= last) break;
      const std::size_t begin = first + random.below(last - first);
      const std::size_t end = std::min(last, begin + 1 + random.below(12));
      const auto style = all_tokens ? RedactStyle::token : kStyles[random.below(std::size(kStyles))];
      findings.push_back({finding(entities[i], begin, end), style});
    }
    std::vector<Replacement> out;
    ASSERT_TRUE(scoped.replace(text, kind, findings, out));
    for (const auto& one : out) {
      std::string once, twice;
      json::append_quoted(once, one.text);
      ASSERT_EQ(once.size(), one.text.size() + 2) << name(one.style) << ' ' << one.text;
      ASSERT_TRUE(text::valid_utf8(one.text));
    }
    const std::string after = edited(text, out);
    ASSERT_TRUE(text::valid_utf8(after));
    if (arguments) ASSERT_TRUE(json::validate(after).has_value()) << after;
    if (!all_tokens) continue;
    const std::string back = restored(after, kind, conversation);
    if (arguments) {
      ASSERT_TRUE(json::validate(back).has_value()) << back;
      ASSERT_EQ(json::Value(back)["a"].string_or("none"), value) << after;
    } else {
      ASSERT_EQ(back, text) << after;
    }
  }
}

}  // namespace
}  // namespace gatehouse::guard
