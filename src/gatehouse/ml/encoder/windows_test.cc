#include "gatehouse/ml/encoder/windows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/ml/encoder/shapes.h"
#include "gatehouse/ml/testing/tiny_model.h"

namespace gatehouse::ml {
namespace {

using ::testing::ElementsAre;
using testing::FakeTokenizer;

std::string words(std::size_t count, std::string_view word) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : " ") + std::string(word);
  return text;
}

// What every cutting has to keep: lengths, and each token one window's own, in order, without gaps.
void check(std::span<const Window> windows, const WindowOptions& options, std::size_t tokens) {
  std::size_t own = 0;
  std::uint32_t last = 0;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const Window& window = windows[i];
    ASSERT_LE(window.ids.size(), options.length);
    ASSERT_EQ(window.ids.size(), window.places.size());
    EXPECT_EQ(window.ids.front(), FakeTokenizer::kBegin);
    EXPECT_EQ(window.ids.back(), FakeTokenizer::kEnd);
    ASSERT_LE(window.own_begin, window.own_end);
    ASSERT_LT(window.own_end, window.ids.size());
    own += window.own_end - window.own_begin;
    for (std::size_t t = window.own_begin; t < window.own_end; ++t) {
      EXPECT_GE(window.places[t].begin, last);
      last = window.places[t].end;
    }
    EXPECT_EQ(window.begin, window.places[1].begin);
    EXPECT_EQ(window.end, window.places[window.places.size() - 2].end);
    if (i > 0) EXPECT_LE(window.begin, windows[i - 1].end + 1);  // a blank
  }
  EXPECT_EQ(own, tokens);
}

TEST(Windows, AShortTextIsOne) {
  const auto windows = cut_windows(FakeTokenizer(), "ab Cdef", 64, {.length = 16, .overlap = 4, .shapes = true});
  ASSERT_EQ(windows.size(), 1U);
  EXPECT_THAT(windows[0].ids, ElementsAre(1, 3, 5, 8, 2));
  EXPECT_THAT(windows[0].shapes, ElementsAre(0, 0, 1, 1, 0));
  EXPECT_EQ(windows[0].begin, 0U);
  EXPECT_EQ(windows[0].end, 7U);
  EXPECT_EQ(windows[0].own_begin, 1U);
  EXPECT_EQ(windows[0].own_end, 4U);
}

TEST(Windows, AContextStandsBeforeEachAndIsNobodysOwn) {
  const auto before = context_tokens(FakeTokenizer(), words(40, "abc"), 5);
  ASSERT_EQ(before.size(), 5U);
  const WindowOptions options{.length = 16, .overlap = 2, .shapes = true, .context = before};
  const auto windows = cut_windows(FakeTokenizer(), words(40, "ab"), 64, options);
  ASSERT_GT(windows.size(), 3U);
  std::size_t own = 0;
  for (const Window& window : windows) {
    ASSERT_LE(window.ids.size(), 16U);
    EXPECT_EQ(window.ids[0], FakeTokenizer::kBegin);
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(window.ids[1 + i], before[i]);
    EXPECT_EQ(window.ids[6], FakeTokenizer::kEnd);
    for (std::size_t i = 0; i < window.ids.size(); ++i) {
      EXPECT_EQ(window.shapes[i] == kShapeContext, i >= 1 && i <= 6) << i;
      if (i <= 6) EXPECT_EQ(window.places[i].end, 0U);
    }
    EXPECT_GE(window.own_begin, 7U);
    own += window.own_end - window.own_begin;
  }
  EXPECT_EQ(own, 40U);
}

TEST(Windows, OfALongContextBothEnds) {
  const auto all = context_tokens(FakeTokenizer(), "a bc def ghij klmno pqrstu", 100);
  const auto some = context_tokens(FakeTokenizer(), "a bc def ghij klmno pqrstu", 5);
  ASSERT_GT(all.size(), 5U);
  EXPECT_THAT(some, ElementsAre(all[0], all[1], all[all.size() - 3], all[all.size() - 2], all[all.size() - 1]));
}

TEST(Windows, ALongTextIsSeveralThatOverlap) {
  for (const std::size_t length : {3, 4, 9, 16, 33, 256}) {
    for (const std::size_t overlap : {0, 1, 5, 48, 1000}) {
      for (const std::string_view word : {"ab", "abcde", "abcdefghijklmnopqrstuvwxyz"}) {
        SCOPED_TRACE(::testing::Message() << length << " " << overlap << " " << word);
        const WindowOptions options{length, overlap, false};
        const std::string text = words(300, word);
        std::vector<Token> tokens;
        FakeTokenizer().encode(text, 100'000, tokens);
        const auto windows = cut_windows(FakeTokenizer(), text, 100'000, options);
        check(windows, options, tokens.size());
        EXPECT_EQ(windows.back().end, text.size());
      }
    }
  }
}

TEST(Windows, AreAboutAsLongAsEachOther) {
  const auto windows = cut_windows(FakeTokenizer(), words(70, "ab"), 64, {.length = 34, .overlap = 4});
  ASSERT_EQ(windows.size(), 3U);
  for (const Window& window : windows) EXPECT_EQ(window.ids.size(), 2 + (70 + 2 * 4) / 3U);
  // Two that overlap do not hold it all: both are full.
  const auto cut = cut_windows(FakeTokenizer(), words(70, "ab"), 2, {.length = 34, .overlap = 4});
  ASSERT_EQ(cut.size(), 2U);
  for (const Window& window : cut) EXPECT_EQ(window.ids.size(), 34U);
}

TEST(Windows, AreCutWhereAWordBegins) {
  const auto windows = cut_windows(FakeTokenizer(), words(100, "abcdefg"), 64, {20, 6, false});
  ASSERT_GT(windows.size(), 2U);
  for (const Window& window : windows) {
    EXPECT_TRUE(window.places[1].starts_word);
    EXPECT_TRUE(window.places[window.own_begin].starts_word);
  }
}

TEST(Windows, OneLongWordIsCutAnyhow) {
  const std::string text(10'000, 'x');
  const WindowOptions options{20, 6, false};
  check(cut_windows(FakeTokenizer(), text, 1000, options), options, 3334);
}

TEST(Windows, NoMoreThanAskedFor) {
  const auto windows = cut_windows(FakeTokenizer(), words(1000, "ab"), 3, {20, 4, false});
  EXPECT_EQ(windows.size(), 3U);
  EXPECT_LT(windows.back().end, 200U);
  EXPECT_TRUE(cut_windows(FakeTokenizer(), "ab", 0, {20, 4, false}).empty());
}

TEST(Windows, ATextWithoutTokensHasOneToo) {
  const auto windows = cut_windows(FakeTokenizer(), "   ", 64, {20, 4, true});
  ASSERT_EQ(windows.size(), 1U);
  EXPECT_THAT(windows[0].ids, ElementsAre(1, 2));
  EXPECT_EQ(windows[0].own_begin, windows[0].own_end);
}

}  // namespace
}  // namespace gatehouse::ml
