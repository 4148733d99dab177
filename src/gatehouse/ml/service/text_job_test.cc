#include "gatehouse/ml/service/text_job.h"

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/ml/service/testing/fake_models.h"

namespace gatehouse::ml {
namespace {

using testing::FakeLinear;
using testing::FakeModel;

std::string words(std::size_t count, const std::string& word = "rain") {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += word + " ";
  return out;
}

struct Bench {
  std::shared_ptr<FakeModel> model = std::make_shared<FakeModel>();
  std::shared_ptr<FakeLinear> linear = std::make_shared<FakeLinear>();
  ReadingMemory memory{1024, 1 << 20};
  WindowNames names{"key"};
  std::shared_ptr<ModelSet> set = std::make_shared<ModelSet>();

  Bench() {
    set->injection = set->entities = set->embedding = model;
    set->linear = linear;
  }
  TextJob job(std::string text, Wants wants, Wants free = {}) const {
    TextQuestion question;
    question.text = std::move(text);
    question.wants = wants;
    question.free = free;
    return {set, std::move(question)};
  }
  // Reads what is left to read; how many windows that were.
  std::size_t read(TextJob& job, bool remember = true) {
    std::size_t count = 0;
    for (std::size_t p = 0; p < job.passes().size(); ++p) {
      for (std::size_t w = 0; w < job.passes()[p].windows.size(); ++w) {
        const TextJob::Pass& pass = job.passes()[p];
        if (pass.read[w]) continue;
        const Window* window = &pass.windows[w];
        auto reading = pass.model->read(std::span(&window, 1), pass.wants)->front();
        if (remember) TextJob::remember(pass, w, reading, memory, names);
        job.accept(p, w, std::move(reading));
        ++count;
      }
    }
    return count;
  }
};

TEST(TextJob, OnlyWhatIsNotClearIsCut) {
  Bench bench;
  const std::string text = words(2000) + "attack " + words(2000);
  TextJob job = bench.job(text, Want::injection);
  job.prepare(64, bench.memory, bench.names);
  ASSERT_EQ(job.passes().size(), 1U);
  const TextJob::Pass& pass = job.passes()[0];
  EXPECT_FALSE(pass.left_out);
  ASSERT_FALSE(pass.windows.empty());
  EXPECT_LT(pass.windows.size() * 16 * 5, 2500U) << "two pieces of ten";
  EXPECT_FALSE(job.complete());
  EXPECT_GT(bench.read(job), 0U);
  ASSERT_TRUE(job.complete());
  const Reading reading = job.finish();
  EXPECT_EQ(reading.injection, 0.9F);
  EXPECT_EQ(text.substr(reading.begin, reading.end - reading.begin).find("attack") == std::string::npos, false)
      << "offsets are of the whole text";
  EXPECT_FALSE(reading.settled);
  EXPECT_FALSE(reading.partial);
}

TEST(TextJob, EntitiesHaveOffsetsOfTheWholeText) {
  Bench bench;
  const std::string text = words(1000) + "Ada " + words(1000);
  TextJob job = bench.job(text, Want::entities);
  job.prepare(64, bench.memory, bench.names);
  bench.read(job);
  const Reading reading = job.finish();
  ASSERT_EQ(reading.entities.size(), 1U);
  EXPECT_EQ(text.substr(reading.entities[0].begin, 3), "Ada");
}

TEST(TextJob, AClearTextIsSettled) {
  Bench bench;
  TextJob job = bench.job(words(500), Want::injection | Want::entities);
  job.prepare(64, bench.memory, bench.names);
  EXPECT_TRUE(job.passes().empty());
  ASSERT_TRUE(job.complete());
  const Reading reading = job.finish();
  EXPECT_TRUE(reading.settled);
  EXPECT_EQ(reading.answers, Want::injection | Want::entities);
  EXPECT_EQ(reading.injection, 0.125F);
}

TEST(TextJob, AnEmbeddingIsOfTheWholeTextAndBringsTheRestAlong) {
  Bench bench;
  TextJob job = bench.job(words(100), Want::embedding, Want::injection | Want::entities);
  job.prepare(64, bench.memory, bench.names);
  ASSERT_EQ(job.passes().size(), 1U);
  EXPECT_EQ(job.promised(), Want::embedding | Want::injection | Want::entities);
  bench.read(job);
  const Reading reading = job.finish();
  EXPECT_EQ(reading.embedding.size(), 2U);
  EXPECT_EQ(reading.injection, 0.05F);

  // Where parts are clear nothing comes along, or all of it would have to be read.
  TextJob some = bench.job(words(1000) + "attack", Want::injection, Want::embedding);
  some.prepare(64, bench.memory, bench.names);
  EXPECT_EQ(some.promised(), Wants(Want::injection));
}

TEST(TextJob, TheMostSuspectWindowsAreReadAndTheRestIsPartial) {
  Bench bench;
  bench.model->length = 150;
  const std::string text = words(2500, "maybe") + "attack " + words(500, "maybe");
  TextJob job = bench.job(text, Want::injection);
  job.prepare(4, bench.memory, bench.names);
  ASSERT_EQ(job.passes().size(), 1U);
  EXPECT_GE(job.passes()[0].windows.size(), 3U);
  EXPECT_TRUE(job.passes()[0].left_out);
  EXPECT_LE(bench.read(job), 4U);
  const Reading reading = job.finish();
  EXPECT_TRUE(reading.partial);
  EXPECT_EQ(reading.injection, 0.9F) << "the piece with the attack stands behind 16 others";

  // None of what is read is bad, but what is left out may be.
  TextJob doubt = bench.job(words(3000, "maybe"), Want::injection);
  doubt.prepare(4, bench.memory, bench.names);
  bench.read(doubt);
  EXPECT_EQ(doubt.finish().injection, 0.45F);
}

TEST(TextJob, WithoutALinearModelTheFrontIsRead) {
  Bench bench;
  bench.set->linear = nullptr;
  TextJob job = bench.job(words(300), Want::injection);
  job.prepare(4, bench.memory, bench.names);
  EXPECT_EQ(job.passes()[0].windows.size(), 4U);
  EXPECT_FALSE(job.word().known);
  bench.read(job);
  EXPECT_TRUE(job.finish().partial);
  TextJob all = bench.job(words(50), Want::injection);
  all.prepare(4, bench.memory, bench.names);
  bench.read(all);
  EXPECT_FALSE(all.finish().partial);
}

TEST(TextJob, WindowsThatWereReadBeforeAreNotReadAgain) {
  Bench bench;
  const std::string text = words(16) + words(14, "Ada") + words(14, "attack");
  TextJob first = bench.job(text, Want::injection | Want::entities);
  first.prepare(64, bench.memory, bench.names);
  EXPECT_EQ(bench.read(first), 3U);
  const Reading once = first.finish();

  TextJob longer = bench.job(text + words(14, "hail"), Want::injection | Want::entities);
  longer.prepare(64, bench.memory, bench.names);
  EXPECT_EQ(bench.read(longer), 1U);
  const Reading twice = longer.finish();
  EXPECT_EQ(twice.injection, once.injection);
  EXPECT_EQ(twice.begin, once.begin);
  ASSERT_EQ(twice.entities.size(), 14U);
  EXPECT_EQ(twice.entities[3].begin, once.entities[3].begin);
  EXPECT_EQ(text.substr(twice.entities[3].begin, 3), "Ada");

  // The same windows further back in a text.
  const std::string behind = words(14, "hail") + words(2) + text;
  TextJob shifted = bench.job(behind, Want::injection | Want::entities);
  shifted.prepare(64, bench.memory, bench.names);
  bench.read(shifted);
  const Reading moved = shifted.finish();
  ASSERT_EQ(moved.entities.size(), 14U);
  EXPECT_EQ(behind.substr(moved.entities[3].begin, 3), "Ada");

  // Another model knows none of it.
  bench.set = std::make_shared<ModelSet>(*bench.set);
  bench.set->injection = bench.set->entities = bench.set->embedding = std::make_shared<FakeModel>("other");
  TextJob other = bench.job(text, Want::injection | Want::entities);
  other.prepare(64, bench.memory, bench.names);
  EXPECT_EQ(bench.read(other), 3U);
}

TEST(TextJob, EachModelReadsItsOwn) {
  Bench bench;
  const auto names = std::make_shared<FakeModel>("names", Want::entities);
  bench.set->entities = names;
  TextJob job = bench.job("attack Ada", Want::injection | Want::entities | Want::embedding);
  job.prepare(64, bench.memory, bench.names);
  ASSERT_EQ(job.passes().size(), 2U);
  bench.read(job);
  const Reading reading = job.finish();
  EXPECT_EQ(reading.answers, Want::injection | Want::entities | Want::embedding);
  EXPECT_EQ(reading.entities.size(), 1U);
  ASSERT_EQ(names->batches().size(), 1U);
  EXPECT_EQ(names->batches()[0].wants, Wants(Want::entities));
  EXPECT_EQ(bench.model->batches()[0].wants, Want::injection | Want::embedding);

  // Clear of names, not of attacks: one pass.
  TextJob one = bench.job("attack", Want::injection | Want::entities);
  one.prepare(64, bench.memory, bench.names);
  EXPECT_EQ(one.passes().size(), 1U);
  bench.read(one);
  const Reading part = one.finish();
  EXPECT_EQ(part.answers, Want::injection | Want::entities);
  EXPECT_FALSE(part.settled);
  EXPECT_FALSE(part.partial);
}

TEST(TextJob, HarmfulnessComesWithTheInjectionsModelAndIsNeverClear) {
  Bench bench;
  bench.set->injection = std::make_shared<FakeModel>("both", Want::injection | Want::harmful);
  EXPECT_TRUE(bench.set->answers().has(Want::harmful));
  TextJob job = bench.job(words(10), Want::harmful);
  job.prepare(64, bench.memory, bench.names);
  EXPECT_EQ(job.passes().size(), 1U);
}

TEST(TextJob, AScoreThatIsNoneIsNotAccepted) {
  WindowReading reading;
  reading.answers = Want::injection;
  reading.injection = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(TextJob::acceptable(reading, Want::injection));
  reading.injection = 1.5F;
  EXPECT_FALSE(TextJob::acceptable(reading, Want::injection));
  reading.injection = 1;
  EXPECT_TRUE(TextJob::acceptable(reading, Want::injection));
  EXPECT_FALSE(TextJob::acceptable(reading, Want::injection | Want::entities));
}

TEST(TextJob, ATextWithoutWordsHasNoWindows) {
  Bench bench;
  TextJob job = bench.job(" \n ", Want::embedding);
  job.prepare(64, bench.memory, bench.names);
  ASSERT_TRUE(job.complete());
  EXPECT_TRUE(job.finish().answers.has(Want::embedding));
}

}  // namespace
}  // namespace gatehouse::ml
