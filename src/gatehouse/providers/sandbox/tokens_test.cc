#include "gatehouse/providers/sandbox/tokens.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::providers::sandbox {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> tokens;
  while (!text.empty()) {
    tokens.emplace_back(text.substr(0, token_size(text)));
    text.remove_prefix(tokens.back().size());
  }
  return tokens;
}

TEST(Tokens, are_words_and_marks) {
  EXPECT_THAT(split("Hello, world!"), ElementsAre("Hello", ",", " world", "!"));
  EXPECT_THAT(split("  a\n\nb "), ElementsAre("  a", "\n\nb", " "));
  EXPECT_THAT(split("internationalisation"), ElementsAre("internat", "ionalisa", "tion"));
  EXPECT_THAT(split("d\xC3\xA9j\xC3\xA0 vu"), ElementsAre("d\xC3\xA9j\xC3\xA0", " vu"));
  EXPECT_THAT(split("\xE4\xBD\xA0\xE5\xA5\xBDok\xF0\x9F\x98\x80"),
              ElementsAre("\xE4\xBD\xA0", "\xE5\xA5\xBD", "ok", "\xF0\x9F\x98\x80"));
  EXPECT_THAT(split(""), ElementsAre());
}

TEST(Tokens, count_and_cut_agree) {
  const std::string_view text = "One two, three. \xE4\xBD\xA0 \n";
  EXPECT_EQ(count_tokens(text), 7u);
  EXPECT_EQ(text.substr(0, tokens_size(text, 2)), "One two");
  EXPECT_EQ(tokens_size(text, 100), text.size());
  EXPECT_EQ(tokens_size(text, 0), 0u);
}

// Text from outside is checked before it is counted; this only says that nothing is read beyond the end.
TEST(Tokens, a_cut_character_is_a_token) {
  EXPECT_EQ(count_tokens("\xE4\xBD"), 1u);
  EXPECT_EQ(count_tokens("\xF0"), 1u);
}

}  // namespace
}  // namespace gatehouse::providers::sandbox
