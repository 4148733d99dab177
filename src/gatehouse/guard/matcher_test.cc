#include "gatehouse/guard/matcher.h"

#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/guard/testing/cuts.h"

namespace gatehouse::guard {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Place = std::pair<std::uint32_t, std::size_t>;  // trigger, end

class Fake final : public Detector {
 public:
  Fake(std::string name, std::vector<Trigger> triggers) : name_(std::move(name)), triggers_(std::move(triggers)) {}
  std::string_view name() const override { return name_; }
  Family family() const override { return Family::terms; }
  std::span<const EntityInfo> entities() const override { return {}; }
  text::ViewKinds views(Direction) const override { return {text::ViewKind::original}; }
  bool concerns(Direction, llm::Role, llm::SegmentKind) const override { return true; }
  std::vector<Trigger> triggers() const override { return triggers_; }
  // Each hit is a finding of the three bytes before it; what is less than three bytes from the end is open.
  std::size_t look(const Look& look, std::span<const Hit> hits, Findings& out) const override {
    for (const Hit& hit : hits) {
      out.add({.entity = "HIT", .detector = name_, .begin = hit.end - 3, .end = hit.end});
    }
    if (look.complete) return look.text.size();
    return std::max(look.from, look.text.size() - std::min<std::size_t>(look.text.size(), careless ? 0 : 2));
  }
  bool careless = false;

 private:
  std::string name_;
  std::vector<Trigger> triggers_;
};

std::vector<Place> hits_of(const Matcher& matcher, std::string_view text, std::size_t detector) {
  const auto scratch = matcher.make_scratch();
  EXPECT_TRUE(matcher.scan(text, *scratch));
  std::vector<Place> places;
  for (const Hit& hit : scratch->hits(detector)) places.emplace_back(hit.trigger, hit.end);
  return places;
}

TEST(Matcher, HitsGoToTheirDetectorInOrder) {
  const Fake one("one", {{.trigger = 7, .pattern = "fox"}, {.trigger = 3, .pattern = "o[xg]"}});
  const Fake none("none", {});
  const Fake two("two", {{.trigger = 7, .pattern = "DOG", .caseless = false}, {.trigger = 9, .pattern = "dog"}});
  const Detector* const list[] = {&one, &none, &two};
  const auto matcher = Matcher::make(list);
  ASSERT_TRUE(matcher);
  const std::string_view text = "A fox, a Dog.";
  EXPECT_THAT(hits_of(**matcher, text, 0), ::testing::UnorderedElementsAre(Place{7, 5}, Place{3, 5}, Place{3, 12}));
  EXPECT_THAT(hits_of(**matcher, text, 1), IsEmpty());
  EXPECT_THAT(hits_of(**matcher, text, 2), ElementsAre(Place{9, 12}));
}

TEST(Matcher, AscendingWhateverThePatternsReport) {
  std::vector<Trigger> triggers;
  for (const char* pattern : {"a.{1,40}z", "b\\w+", "[0-9]{3,}", "ab", "zz$", "(?:q|qq|qqq)"}) {
    triggers.push_back({.trigger = static_cast<std::uint32_t>(triggers.size()), .pattern = pattern});
  }
  const Fake one("one", std::move(triggers));
  const Detector* const list[] = {&one};
  const auto matcher = Matcher::make(list);
  ASSERT_TRUE(matcher);
  const auto hits = hits_of(**matcher, "ab123zz qqq bbb ab 99999 abzabz aqqqzz", 0);
  ASSERT_GT(hits.size(), 20U);
  for (std::size_t i = 1; i < hits.size(); ++i) {
    EXPECT_LE(hits[i - 1].second, hits[i].second);
    EXPECT_FALSE(hits[i - 1] == hits[i]);
  }
}

TEST(Matcher, OnceIsOnceAndAScratchForgets) {
  const Fake one("one", {{.trigger = 1, .pattern = "ha", .once = true}});
  const Detector* const list[] = {&one};
  const auto matcher = Matcher::make(list);
  ASSERT_TRUE(matcher);
  const auto scratch = (*matcher)->make_scratch();
  ASSERT_TRUE((*matcher)->scan("hahaha", *scratch));
  EXPECT_EQ(scratch->hits(0).size(), 1U);
  ASSERT_TRUE((*matcher)->scan("nothing", *scratch));
  EXPECT_THAT(scratch->hits(0), IsEmpty());
  ASSERT_TRUE((*matcher)->scan("", *scratch));
}

TEST(Matcher, BytesThatAreNoTextAreBorne) {
  const Fake one("one", {{.trigger = 1, .pattern = "key"}});
  const Detector* const list[] = {&one};
  const auto matcher = Matcher::make(list);
  ASSERT_TRUE(matcher);
  EXPECT_THAT(hits_of(**matcher, std::string_view("\xff\x00\xc3key\x80", 7), 0), ElementsAre(Place{1, 6}));
}

TEST(Matcher, MatchesWhatMattersInASetting) {
  const Fake one("one", {{.trigger = 1, .pattern = "key", .in_own_words = false},
                         {.trigger = 2, .pattern = "lock", .in_answers = false},
                         {.trigger = 3, .pattern = "door"}});
  const Detector* const list[] = {&one};
  const auto matcher = Matcher::make(list);
  ASSERT_TRUE(matcher);
  const auto scratch = (*matcher)->make_scratch();
  const auto triggers_in = [&](Setting setting) {
    EXPECT_TRUE((*matcher)->scan("key lock door", *scratch, setting));
    std::vector<std::uint32_t> triggers;
    for (const Hit& hit : scratch->hits(0)) triggers.push_back(hit.trigger);
    return triggers;
  };
  EXPECT_THAT(triggers_in(Setting::any), ElementsAre(1U, 2U, 3U));
  EXPECT_THAT(triggers_in(Setting::own_words), ElementsAre(2U, 3U));
  EXPECT_THAT(triggers_in(Setting::answers), ElementsAre(1U, 3U));
}

TEST(Matcher, NothingMattersInASetting) {
  const Fake one("one", {{.trigger = 1, .pattern = "key", .in_answers = false}});
  const Detector* const list[] = {&one};
  const auto matcher = Matcher::make(list);
  ASSERT_TRUE(matcher);
  const auto scratch = (*matcher)->make_scratch();
  ASSERT_TRUE((*matcher)->scan("key", *scratch, Setting::own_words));
  EXPECT_EQ(scratch->hits(0).size(), 1U);
  ASSERT_TRUE((*matcher)->scan("key", *scratch, Setting::answers));
  EXPECT_THAT(scratch->hits(0), IsEmpty());
}

TEST(Matcher, NamesThePatternThatIsRefused) {
  const Fake good("good", {{.trigger = 1, .pattern = "ok"}});
  for (const std::string& pattern :
       {std::string("a(b"), std::string("(a)\\1"), std::string("x*"), std::string("a\0b", 3)}) {
    const Fake bad("bad", {{.trigger = 1, .pattern = "fine"}, {.trigger = 42, .pattern = pattern}});
    const Detector* const list[] = {&good, &bad};
    const auto matcher = Matcher::make(list);
    ASSERT_FALSE(matcher) << pattern;
    EXPECT_EQ(matcher.error().code, Code::configuration);
    EXPECT_THAT(matcher.error().detail, HasSubstr("detector bad"));
    EXPECT_THAT(matcher.error().detail, HasSubstr("trigger 42"));
  }
}

TEST(Matcher, TooManyHitsAreAFailureAndNoHits) {
  const Fake one("one", {{.trigger = 1, .pattern = "a"}});
  const Detector* const list[] = {&one};
  const auto matcher = Matcher::make(list);
  ASSERT_TRUE(matcher);
  const auto scratch = (*matcher)->make_scratch();
  EXPECT_TRUE((*matcher)->scan(std::string(Matcher::kMostHits, 'a'), *scratch));
  EXPECT_EQ(scratch->hits(0).size(), Matcher::kMostHits);
  EXPECT_FALSE((*matcher)->scan(std::string(Matcher::kMostHits + 1, 'a'), *scratch));
  EXPECT_THAT(scratch->hits(0), IsEmpty());
}

TEST(Matcher, WithoutTriggersNothingIsHit) {
  const Fake none("none", {});
  const Detector* const list[] = {&none};
  const auto matcher = Matcher::make(list);
  ASSERT_TRUE(matcher);
  EXPECT_THAT(hits_of(**matcher, "anything", 0), IsEmpty());
}

// A match that the library overlooks is an attack or a secret that passes. Sets of each size, needles at each distance
// from the edges of vectors, among bytes that let it skip ahead and among letters; RE2 says what must be found.
TEST(Matcher, FindsWhatRe2Finds) {
  struct Sample {
    std::string pattern;
    std::string needle;
  };
  const std::vector<Sample> samples = {
      {"\\b(?:bic|swift)\\b", " Swift "},
      {"<\\|im_start\\|>", "<|im_start|>"},
      {"eyJ[A-Za-z0-9_-]{8}", "eyJhbGciOiJI"},
      {"<script[\\s>]", "<script "},
      {"ignore\\s+(?:all\\s+)?(?:\\w+\\s+){0,2}rules?", "ignore all of your rules"},
      {"\\[inst\\]", "[INST]"},
      {"rm -rf", "rm -rf"},
      {"!\\[[^\\]]{0,40}\\]\\(http", "![picture](http"},
      {"akia[a-z0-9]{4}", "AKIAABCD"},
      {"[0-9]{3}-[0-9]{2}-[0-9]{4}", "123-45-6789"},
      {"-----begin [a-z ]{3,20}key", "-----BEGIN RSA PRIVATE KEY"},
      {"postgres(?:ql)?://", "postgresql://"},
  };
  RE2::Options options;
  options.set_case_sensitive(false);
  options.set_encoding(RE2::Options::EncodingLatin1);
  std::mt19937 random(11);
  for (const std::size_t size : {1, 2, 3, 4, 6, 12}) {
    // Compiling takes most of the time; the small sets are those that were seen to fail.
    for (std::size_t first = 0; first < samples.size(); first += size <= 2 ? 1 : 5) {
      std::vector<Trigger> triggers;
      std::vector<std::unique_ptr<RE2>> others;
      for (std::size_t i = 0; i < size; ++i) {
        const Sample& sample = samples[(first + i) % samples.size()];
        triggers.push_back({.trigger = static_cast<std::uint32_t>(i), .pattern = sample.pattern});
        others.push_back(std::make_unique<RE2>(sample.pattern, options));
      }
      const Fake one("one", std::move(triggers));
      const Detector* const list[] = {&one};
      const auto matcher = Matcher::make(list);
      ASSERT_TRUE(matcher);
      const auto scratch = (*matcher)->make_scratch();
      for (int round = 0; round < 60; ++round) {
        const char fill = "x. 0-\n"[random() % 6];
        std::string text(random() % 200, fill);
        text += samples[(first + random() % size) % samples.size()].needle;
        text.append(random() % 150, fill);
        if (round % 2 == 1) {
          for (char& c : text) {
            if (c == fill && random() % 12 == 0) c = "abcdest u-"[random() % 10];
          }
        }
        ASSERT_TRUE((*matcher)->scan(text, *scratch));
        for (std::uint32_t i = 0; i < size; ++i) {
          const auto hits = scratch->hits(0);
          const bool hit = std::ranges::find(hits, i, &Hit::trigger) != hits.end();
          ASSERT_EQ(hit, RE2::PartialMatch(text, *others[i]))
              << others[i]->pattern() << " in a set of " << size << ": " << text;
        }
      }
    }
  }
}

// The same text at every place of a cache line, with a set of 28 announcements: matches must not depend on addresses.
TEST(Matcher, FindsTheSameAtEveryAddress) {
  const std::vector<std::string> words = {
      "my name is",    "my name's",  "name:",   "je m'appelle", "me llamo",   "mi nombre es", "mi chiamo",
      "mein name ist", "ich heisse", "ik heet", "jag heter",    "jeg heter",  "nazywam",      "name is",
      "call me",       "i am",       "i'm",     "this is",      "dear",       "named",        "called",
      "signed by",     "contact",    "patient", "regards,",     "sincerely,", "hallo",        "grüezi"};
  std::vector<Trigger> triggers;
  for (const std::string& word : words) {
    triggers.push_back({.trigger = static_cast<std::uint32_t>(triggers.size()), .pattern = "\\b" + word + " "});
  }
  const Fake one("one", std::move(triggers));
  const Detector* const list[] = {&one};
  const auto matcher = Matcher::make(list);
  ASSERT_TRUE(matcher);
  const auto scratch = (*matcher)->make_scratch();
  std::mt19937 random(5);
  for (int round = 0; round < 8000; ++round) {
    std::string text;
    const std::size_t size = 20 + random() % 200;
    while (text.size() < size) {
      const unsigned kind = random() % 12;
      if (kind == 0) {
        text += " " + words[random() % words.size()] + " ";
      } else if (kind < 5) {
        text.append(random() % 16, static_cast<char>(0x80 + random() % 128));
      } else {
        text += "bcdfgh ,.\n"[random() % 10];
      }
    }
    std::size_t expected = 0;
    for (std::size_t shift = 0; shift < 64; shift += 4) {
      const std::string moved = std::string(shift, '.') + text;
      ASSERT_TRUE((*matcher)->scan(std::string_view(moved).substr(shift), *scratch));
      const std::size_t hits = scratch->hits(0).size();
      if (shift == 0) expected = hits;
      ASSERT_EQ(hits, expected) << "round " << round << ", moved by " << shift;
    }
  }
}

TEST(Matcher, ThreadsShareItWithAScratchEach) {
  const Fake one("one", {{.trigger = 1, .pattern = "needle"}});
  const Detector* const list[] = {&one};
  const auto matcher = Matcher::make(list);
  ASSERT_TRUE(matcher);
  std::vector<std::size_t> counts(4);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      threads.emplace_back([&, i] {
        const auto scratch = (*matcher)->make_scratch();
        std::string text;
        for (std::size_t k = 0; k <= i; ++k) text += "hay needle ";
        for (int round = 0; round < 200; ++round) {
          if ((*matcher)->scan(text, *scratch)) counts[i] += scratch->hits(0).size();
        }
      });
    }
  }
  EXPECT_THAT(counts, ElementsAre(200U, 400U, 600U, 800U));
}

// The helper that all detectors' tests rely on sees what it is there to see.
TEST(Cuts, AgreesWithACarefulDetectorAndCatchesACarelessOne) {
  Fake fake("fake", {{.trigger = 1, .pattern = "abc"}});
  EXPECT_EQ(testing::Driver(fake).all_cuts("xx abc yy abcabc ab"), "");
  fake.careless = true;
  EXPECT_THAT(testing::Driver(fake).all_cuts("xx abc yy"), HasSubstr("cut at 4"));
}

}  // namespace
}  // namespace gatehouse::guard
