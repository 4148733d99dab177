#include "gatehouse/ml/service/reading_memory.h"

#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace gatehouse::ml {
namespace {

TextKey key(std::uint64_t number, std::uint64_t reader = 1) { return TextKey{{number * 977, number}, reader}; }
std::shared_ptr<const Reading> reading(float injection, std::size_t embedding = 0) {
  auto made = std::make_shared<Reading>();
  made->answers = Want::injection;
  made->injection = injection;
  made->embedding.resize(embedding);
  return made;
}

TEST(ReadingMemory, FindsByTextAndReader) {
  ReadingMemory memory(64, 1 << 20);
  memory.put(key(1), reading(0.25F));
  ASSERT_TRUE(memory.find(key(1)));
  EXPECT_EQ(memory.find(key(1))->injection, 0.25F);
  EXPECT_FALSE(memory.find(key(2)));
  EXPECT_FALSE(memory.find(key(1, 2)));
  memory.put(key(1), reading(0.5F));
  EXPECT_EQ(memory.find(key(1))->injection, 0.5F);
  EXPECT_EQ(memory.size(), 1U);
}

TEST(ReadingMemory, TheLeastRecentlyFoundGoesFirst) {
  // All keys in one part: their parts are told by `high` and the reader.
  ReadingMemory memory(3 * ReadingMemory::kParts, 1 << 20);
  const auto at = [](std::uint64_t n) { return TextKey{{n, 0}, 7}; };
  for (std::uint64_t n = 1; n <= 3; ++n) memory.put(at(n), reading(0));
  ASSERT_TRUE(memory.find(at(1)));
  memory.put(at(4), reading(0));
  EXPECT_TRUE(memory.find(at(1)));
  EXPECT_FALSE(memory.find(at(2)));
  EXPECT_TRUE(memory.find(at(3)));
  EXPECT_TRUE(memory.find(at(4)));
}

TEST(ReadingMemory, IsBoundedByBytesAsByCount) {
  const std::size_t bound = 64'000 * ReadingMemory::kParts;
  ReadingMemory memory(100'000, bound);
  for (std::uint64_t n = 0; n < 2000; ++n) memory.put(key(n), reading(0, 1000));
  EXPECT_LE(memory.bytes(), bound);
  EXPECT_GT(memory.size(), 100U);
  EXPECT_LT(memory.size(), 300U);
  EXPECT_TRUE(memory.find(key(1999)));
  // One that no part could hold is left out, and what was there stays.
  memory.put(key(1999), reading(0.5F, 100'000));
  EXPECT_EQ(memory.find(key(1999))->injection, 0.F);
}

TEST(ReadingMemory, AReadingOutlivesItsPlace) {
  ReadingMemory memory(1, 1 << 20);
  const auto at = [](std::uint64_t n) { return TextKey{{n, 0}, 7}; };
  memory.put(at(1), reading(0.75F));
  const auto held = memory.find(at(1));
  memory.put(at(2), reading(0));
  EXPECT_FALSE(memory.find(at(1)));
  EXPECT_EQ(held->injection, 0.75F);
}

TEST(ReadingMerge, TakesEachVerdictFromWhoHasIt) {
  auto older = std::make_shared<Reading>();
  older->answers = Want::injection | Want::entities;
  older->injection = 0.5F;
  older->begin = 3;
  older->end = 9;
  older->settled = true;
  auto newer = std::make_shared<Reading>();
  newer->answers = Want::embedding | Want::entities;
  newer->embedding = {1, 0};
  newer->entities = {{0, 2, "PERSON", 0.9F}};
  newer->partial = true;
  const auto both = merge(older, newer);
  EXPECT_EQ(both->answers, older->answers | newer->answers);
  EXPECT_EQ(both->injection, 0.5F);
  EXPECT_EQ(both->begin, 3U);
  EXPECT_EQ(both->end, 9U);
  EXPECT_EQ(both->entities.size(), 1U);
  EXPECT_EQ(both->embedding.size(), 2U);
  EXPECT_FALSE(both->settled);
  EXPECT_TRUE(both->partial);
  EXPECT_EQ(merge(nullptr, newer), newer);
  EXPECT_EQ(merge(older, nullptr), older);
  EXPECT_EQ(merge(older, both), both);
}

TEST(ReaderNumber, DiffersByEveryPart) {
  EXPECT_NE(reader_number("a/b"), reader_number("a/c"));
  EXPECT_EQ(reader_number("a/b"), reader_number("a/b"));
}

}  // namespace
}  // namespace gatehouse::ml
