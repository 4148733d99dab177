#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <random>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/guard/injection/grammar.h"
#include "gatehouse/guard/injection/injection_detector.h"
#include "gatehouse/guard/injection/signatures.h"
#include "gatehouse/guard/injection/testing_matcher.h"

namespace gatehouse::guard::injection {
namespace {

std::vector<std::string> seen_in(const InjectionDetector& detector, TestingMatcher& matcher, std::string_view text) {
  static const Grammar kGrammar = *Grammar::make(signatures());
  (void)detector;
  std::vector<Place> places;
  kGrammar.match(text, matcher.scan(text), {.untrusted = true, .decoded = true}, places);
  std::vector<std::string> ids;
  for (const Place& place : places) ids.emplace_back(signatures()[place.signature].id);
  return ids;
}

TEST(InjectionSignatures, AreManyNamedOnceAndInTheirClass) {
  std::set<std::string_view> ids;
  for (const Signature& row : signatures()) {
    EXPECT_TRUE(ids.insert(row.id).second) << row.id;
    EXPECT_TRUE(row.id.starts_with(std::string(name(row.attack)) + ".")) << row.id;
    EXPECT_FALSE(row.meaning.empty()) << row.id;
    EXPECT_FALSE(row.reference.empty()) << row.id;
    EXPECT_NE(row.weight, 0) << row.id;
  }
  EXPECT_GE(ids.size(), 90u);
}

TEST(InjectionSignatures, Compile) {
  for (const Signature& row : signatures()) {
    const auto grammar = Grammar::make({&row, 1});
    EXPECT_TRUE(grammar.has_value()) << grammar.error().detail;
  }
}

TEST(InjectionSignatures, MatchTheirExampleAndNotTheirCounterexample) {
  const InjectionDetector detector;
  TestingMatcher matcher(detector);
  for (const Signature& row : signatures()) {
    EXPECT_THAT(seen_in(detector, matcher, row.positive), testing::Contains(std::string(row.id))) << row.positive;
    EXPECT_THAT(seen_in(detector, matcher, row.negative), testing::Not(testing::Contains(std::string(row.id))))
        << row.negative;
  }
}

// In somebody's own words the matcher leaves out what hangs on a scope that they have not: nothing else is seen less.
TEST(InjectionSignatures, OwnWordsNeedNoTriggersOfOtherScopes) {
  const Grammar grammar = *Grammar::make(signatures());
  const std::vector<Trigger> triggers = grammar.triggers();
  const InjectionDetector detector;
  TestingMatcher matcher(detector);
  std::mt19937 random(8);
  std::size_t left_out = 0;
  std::size_t seen = 0;
  for (int round = 0; round < 600; ++round) {
    std::string text;
    const std::size_t parts = 1 + random() % 12;
    for (std::size_t i = 0; i < parts; ++i) {
      const Signature& row = signatures()[random() % signatures().size()];
      text += random() % 4 == 0 ? row.negative : row.positive;
      text.append(random() % 300, "\n .-"[random() % 4]);
    }
    const std::span<const Hit> hits = matcher.scan(text);
    std::vector<Hit> own;
    for (const Hit& hit : hits) {
      if (triggers[hit.trigger].in_own_words) own.push_back(hit);
    }
    left_out += hits.size() - own.size();
    std::vector<Place> by_all;
    std::vector<Place> by_own;
    grammar.match(text, hits, {}, by_all);
    grammar.match(text, own, {}, by_own);
    seen += by_all.size();
    ASSERT_EQ(by_all.size(), by_own.size()) << text;
    for (std::size_t i = 0; i < by_all.size(); ++i) {
      ASSERT_EQ(by_all[i].signature, by_own[i].signature) << text;
      ASSERT_EQ(by_all[i].begin, by_own[i].begin) << text;
      ASSERT_EQ(by_all[i].end, by_own[i].end) << text;
    }
  }
  EXPECT_GT(left_out, 500U);
  EXPECT_GT(seen, 1000U);
}

std::string documentation_path() { return std::string(GATEHOUSE_SOURCE_DIR) + "/docs/injection-signatures.md"; }

TEST(InjectionSignatures, DocumentationHoldsTheTable) {
  constexpr std::string_view kBegin = "<!-- table: generated, do not edit -->\n";
  constexpr std::string_view kEnd = "<!-- end of table -->\n";
  std::ifstream stream(documentation_path(), std::ios::binary);
  std::ostringstream all;
  all << stream.rdbuf();
  const std::string text = all.str();
  const auto begin = text.find(kBegin);
  const auto end = text.find(kEnd);
  ASSERT_NE(begin, text.npos);
  ASSERT_NE(end, text.npos);
  const auto from = begin + kBegin.size();
  const std::string wanted = signatures_markdown();
  if (std::getenv("GATEHOUSE_UPDATE_DOCS") != nullptr) {
    std::ofstream(documentation_path(), std::ios::binary) << text.substr(0, from) << wanted << text.substr(end);
    return;
  }
  EXPECT_TRUE(text.substr(from, end - from) == wanted)
      << "docs/injection-signatures.md is not what the table says; regenerate it:\n"
         "  GATEHOUSE_UPDATE_DOCS=1 guard_test --gtest_filter=InjectionSignatures.DocumentationHoldsTheTable";
}

}  // namespace
}  // namespace gatehouse::guard::injection
