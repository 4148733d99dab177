#include "gatehouse/guard/redact/token.h"

#include <string>

#include <gtest/gtest.h>

#include "gatehouse/guard/redact/restorer.h"

namespace gatehouse::guard {
namespace {

using State = TokenMatch::State;

constexpr std::string_view kToken = "[PII:EMAIL:tok_k3v9abcdefgh]";

TEST(Token, BitsAndTextAreTheSame) {
  for (const std::uint64_t bits : {0UL, 1UL, 31UL, 32UL, 0x123456789abcdefUL, (1UL << 60U) - 1}) {
    const TokenId id = token_id_of(bits);
    EXPECT_EQ(bits_of(id), bits);
    TokenId read;
    EXPECT_TRUE(read_token_id(view(id), read));
    EXPECT_EQ(read, id);
  }
}

TEST(Token, IsWrittenSafely) {
  const TokenId id = token_id_of(1);
  EXPECT_EQ(token_text(Family::pii, "EMAIL", id), "[PII:EMAIL:tok_000000000001]");
  EXPECT_EQ(token_text(Family::secrets, "AWS_ACCESS_KEY", id), "[SECRET:AWS_ACCESS_KEY:tok_000000000001]");
  EXPECT_EQ(token_text(Family::pii, "our \"id\\\n]", id), "[PII:OUR__ID___:tok_000000000001]");
  EXPECT_EQ(token_text(Family::terms, "", id), "[PII:VALUE:tok_000000000001]");
  EXPECT_EQ(label_of(std::string(1000, 'x')).size(), kMostLabel);
}

TEST(Token, WhatWeWriteIsFound) {
  for (const std::string_view entity : {"EMAIL", "a", "US_SSN_2", "_"}) {
    for (const Family family : {Family::pii, Family::secrets}) {
      const std::string text = token_text(family, entity, token_id_of(77));
      const TokenMatch match = match_token(text, 0);
      EXPECT_EQ(match.state, State::whole) << text;
      EXPECT_EQ(match.end, text.size());
      EXPECT_EQ(match.id, token_id_of(77));
    }
  }
  const std::string longest = token_text(Family::secrets, std::string(200, '_'), token_id_of(5));
  EXPECT_EQ(match_token(longest, 0).state, State::whole);
  std::string escaped;
  for (const char c : longest) escaped.append(c == '_' || c == ':' || c == ']' ? "\\\\" : "").push_back(c);
  // Longer than anybody writes: not taken for one, and not held for ever.
  EXPECT_GT(escaped.size(), kLongestToken);
  EXPECT_EQ(match_token(escaped, 0).state, State::none);
}

TEST(Token, AsModelsWriteIt) {
  for (const std::string_view text :
       {"[pii:email:TOK_K3V9ABCDEFGH]", "[PII:EMAIL:tok_k3v9abcdefgh\\]", "[PII:EMAIL\\_ADDRESS:tok\\_k3v9abcdefgh\\]",
        "[PII\\:EMAIL\\:tok\\\\_k3v9abcdefgh\\\\]"}) {
    const TokenMatch match = match_token(text, 0);
    EXPECT_EQ(match.state, State::whole) << text;
    EXPECT_EQ(match.end, text.size());
    EXPECT_EQ(view(match.id), "k3v9abcdefgh");
  }
}

TEST(Token, WhatIsNone) {
  for (const std::string_view text :
       {"[]", "[link](url)", "[PII]", "[PII:]", "[PII:EMAIL]", "[PII::tok_k3v9abcdefgh]",
        "[PII:E MAIL:tok_k3v9abcdefgh]", "[PII:EMAIL:tok_k3v9abcdefg]", "[PII:EMAIL:tok_k3v9abcdefghj]",
        "[PII:EMAIL:tok_k3v9abcdefgu]", "[PII:EMAIL:tok-k3v9abcdefgh]", "[SECRETS:EMAIL:tok_k3v9abcdefgh]",
        "[EMAIL:h_0123456789abcdef]", "[PII:EMA\\IL:tok_k3v9abcdefgh]", "[\\\\\\PII:EMAIL:tok_k3v9abcdefgh]"}) {
    EXPECT_EQ(match_token(text, 0).state, State::none) << text;
    TokenId id;
    EXPECT_FALSE(read_token_id(text, id)) << text;
  }
}

TEST(Token, EveryBeginningIsOpen) {
  const std::string_view texts[] = {kToken, "[SECRET:AWS\\_KEY:tok\\_k3v9abcdefgh\\\\]"};
  for (const std::string_view text : texts) {
    for (std::size_t i = 1; i < text.size(); ++i) {
      EXPECT_EQ(match_token(text.substr(0, i), 0).state, State::partial) << i;
    }
  }
}

TEST(Token, IsReadFromWhatPeoplePaste) {
  TokenId id;
  for (const std::string_view text :
       {"[PII:EMAIL:tok_k3v9abcdefgh]", "tok_k3v9abcdefgh", "k3v9abcdefgh", "TOK_K3V9ABCDEFGH"}) {
    id = {};
    EXPECT_TRUE(read_token_id(text, id)) << text;
    EXPECT_EQ(view(id), "k3v9abcdefgh");
  }
  for (const std::string_view text : {"", "tok_", "tok_k3v9abcdefg", "tok_k3v9abcdefgh ",
                                      "[PII:EMAIL:tok_k3v9abcdefgh] ", "tik_k3v9abcdefgh", "k3v9abcdefgl"}) {
    EXPECT_FALSE(read_token_id(text, id)) << text;
  }
}

TEST(FindTokens, VisitsAllUpToABound) {
  std::string text = "a [b] ";
  for (int i = 0; i < 5; ++i) text.append(kToken).append(" [PII:EMAIL] ");
  std::size_t count = 0;
  const auto visit = [&](std::size_t begin, std::size_t end, const TokenId& id) {
    EXPECT_EQ(text.substr(begin, end - begin), kToken);
    EXPECT_EQ(view(id), "k3v9abcdefgh");
    ++count;
  };
  EXPECT_TRUE(find_tokens(text, 5, visit));
  EXPECT_EQ(count, 5);
  EXPECT_FALSE(find_tokens(text, 4, visit));
  EXPECT_EQ(count, 9);
}

}  // namespace
}  // namespace gatehouse::guard
