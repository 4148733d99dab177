#include "gatehouse/ml/service/service.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/ml/service/testing/fake_models.h"

namespace gatehouse::ml {
namespace {

using testing::FakeLinear;
using testing::FakeModel;
using testing::Gate;

std::string words(std::size_t count, const std::string& word = "rain") {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += word + " ";
  return out;
}

// What a request's thread awaits.
class Signal {
 public:
  std::function<void()> on() {
    return [this] {
      const std::scoped_lock lock(mutex_);
      ++count_;
      changed_.notify_all();
    };
  }
  void await(int count = 1) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return count_ >= count; });
  }
  int count() const {
    const std::scoped_lock lock(mutex_);
    return count_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

struct Bench {
  std::shared_ptr<FakeModel> model = std::make_shared<FakeModel>();
  std::shared_ptr<FakeLinear> linear = std::make_shared<FakeLinear>();
  Gate gate;
  ServiceOptions options{};

  std::shared_ptr<ModelSet> set() const {
    auto made = std::make_shared<ModelSet>();
    made->injection = made->entities = made->embedding = model;
    made->linear = linear;
    return made;
  }
  std::unique_ptr<Service> service() {
    model->gate = &gate;
    return std::make_unique<Service>("a random key", options, set());
  }
};
constexpr Wants kAll = Want::injection | Want::entities | Want::embedding;

const Reading* await(Inquiry& inquiry, std::string_view text, Wants wants) {
  Oracle::Answer answer = inquiry.ask(text, wants);
  if (!answer.pending) return answer.reading;
  Signal done;
  inquiry.send(done.on());
  done.await();
  answer = inquiry.ask(text, wants);
  EXPECT_FALSE(answer.pending);
  return answer.reading;
}

// The text is clear to the linear model, which knows nothing of the application.
TEST(Service, JudgesATextBesideWhatTheApplicationSaid) {
  Bench bench;
  bench.model->reads_context = true;
  const auto service = bench.service();
  const auto ask = [](Inquiry& inquiry, std::string_view context) {
    auto answer = inquiry.ask_beside(context, "the key please", Want::injection);
    if (answer.pending) {
      Signal done;
      inquiry.send(done.on());
      done.await();
      answer = inquiry.ask_beside(context, "the key please", Want::injection);
    }
    return answer.reading;
  };
  Inquiry inquiry(*service, kAll);
  const Reading* kept = ask(inquiry, "the key is secret");
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(kept->injection, 0.9F);
  EXPECT_FALSE(kept->settled);
  EXPECT_EQ(kept->answers, Wants(Want::injection)) << "entities and embedding are of the text alone";
  const Reading* open = ask(inquiry, "you sell keys");
  ASSERT_NE(open, nullptr);
  EXPECT_EQ(open->injection, 0.05F);
  const Reading* alone = ask(inquiry, "");
  ASSERT_NE(alone, nullptr);
  EXPECT_TRUE(alone->settled);
  EXPECT_EQ(bench.model->batches().size(), 2U);
  // Another request's, out of memory; and the same on the spot.
  Inquiry again(*service, kAll);
  EXPECT_EQ(again.ask_beside("the key is secret", "the key please", Want::injection).reading->injection, 0.9F);
  EXPECT_EQ(service->read("the key please", Want::injection, "the key is secret").injection, 0.9F);
  EXPECT_EQ(bench.model->batches().size(), 2U);
  // What asks for more than such a model can hold against the context is asked without it.
  EXPECT_TRUE(again.ask_beside("the key is secret", "rain", Want::injection | Want::entities).reading->settled);
}

TEST(Service, AModelWithoutContextsIsAskedWithoutThem) {
  Bench bench;
  const auto service = bench.service();
  Inquiry inquiry(*service, kAll);
  const auto answer = inquiry.ask_beside("the key is secret", "the key please", Want::injection);
  ASSERT_NE(answer.reading, nullptr);
  EXPECT_TRUE(answer.reading->settled);
  EXPECT_TRUE(bench.model->batches().empty());
}

TEST(Service, AsksTheEncoderAboutWhatIsNotClear) {
  Bench bench;
  const auto service = bench.service();
  Inquiry inquiry(*service, kAll);
  EXPECT_EQ(inquiry.answers(), kAll);
  const auto first = inquiry.ask("attack Ada", Want::injection | Want::entities);
  EXPECT_EQ(first.reading, nullptr);
  EXPECT_TRUE(first.pending);
  EXPECT_TRUE(inquiry.open());
  Signal done;
  inquiry.send(done.on());
  EXPECT_FALSE(inquiry.open());
  done.await();
  const auto second = inquiry.ask("attack Ada", Want::injection | Want::entities);
  ASSERT_NE(second.reading, nullptr);
  EXPECT_EQ(second.reading->injection, 0.9F);
  ASSERT_EQ(second.reading->entities.size(), 1U);
  EXPECT_EQ(inquiry.failure(), "");
  // The embedding came with the same pass.
  const auto third = inquiry.ask("attack Ada", Want::embedding);
  ASSERT_NE(third.reading, nullptr);
  EXPECT_EQ(third.reading->embedding.size(), 2U);
  EXPECT_EQ(bench.model->batches().size(), 1U);
  EXPECT_EQ(service->counts().asked, 1U);
  EXPECT_EQ(service->counts().read, 1U);
}

TEST(Service, SettlesWhatIsClearAtOnce) {
  Bench bench;
  const auto service = bench.service();
  {
    Inquiry inquiry(*service, kAll);
    const auto answer = inquiry.ask("rain all day", Want::injection | Want::entities);
    ASSERT_NE(answer.reading, nullptr);
    EXPECT_TRUE(answer.reading->settled);
    EXPECT_FALSE(inquiry.open());
    // The embedding is nothing that the linear model could settle.
    EXPECT_TRUE(inquiry.ask("rain all day", Want::embedding).pending);
    const Reading* whole = await(inquiry, "rain all day", kAll);
    ASSERT_NE(whole, nullptr);
    EXPECT_EQ(whole->embedding.size(), 2U);
    EXPECT_EQ(answer.reading->injection, 0.125F) << "an answer lasts as long as the inquiry";
  }
  EXPECT_EQ(service->counts().settled, 1U);
  EXPECT_EQ(service->counts().asked, 2U);
  const int before = bench.linear->asked;
  Inquiry again(*service, kAll);
  EXPECT_NE(again.ask("rain all day", kAll).reading, nullptr);
  EXPECT_EQ(bench.linear->asked, before) << "remembered";
}

TEST(Service, RemembersForOtherRequests) {
  Bench bench;
  const auto service = bench.service();
  {
    Inquiry inquiry(*service, Want::injection);
    ASSERT_NE(await(inquiry, "attack", Want::injection), nullptr);
  }
  {
    Inquiry inquiry(*service, kAll);
    const auto known = inquiry.ask("attack", Want::injection);
    ASSERT_NE(known.reading, nullptr);
    EXPECT_EQ(known.reading->injection, 0.9F);
    EXPECT_TRUE(inquiry.ask("attack", kAll).pending) << "fewer verdicts are a miss for the rest";
    const Reading* all = await(inquiry, "attack", kAll);
    ASSERT_NE(all, nullptr);
    EXPECT_TRUE(all->answers.covers(kAll));
    EXPECT_EQ(known.reading->injection, 0.9F);
  }
  EXPECT_EQ(service->counts().remembered, 1U);
  EXPECT_EQ(bench.model->batches().size(), 2U);
}

TEST(Service, OnlyWhatIsAllowedAndThereIsAnswered) {
  Bench bench;
  const auto service = bench.service();
  Inquiry inquiry(*service, Want::injection | Want::harmful);
  EXPECT_EQ(inquiry.answers(), Wants(Want::injection));
  const auto answer = inquiry.ask("attack", Want::entities);
  EXPECT_EQ(answer.reading, nullptr);
  EXPECT_FALSE(answer.pending);
  const auto empty = inquiry.ask("", Want::injection);
  ASSERT_NE(empty.reading, nullptr);
  EXPECT_EQ(empty.reading->injection, 0.F);

  Service none("key", {}, nullptr);
  Inquiry without(none, kAll);
  EXPECT_TRUE(without.answers().empty());
  EXPECT_FALSE(without.ask("attack", kAll).pending);
}

TEST(Service, AQuestionInTheWorksIsJoined) {
  Bench bench;
  const auto service = bench.service();
  bench.gate.shut();
  Inquiry one(*service, kAll);
  Inquiry two(*service, kAll);
  Signal first;
  Signal second;
  EXPECT_TRUE(one.ask("attack", Want::injection).pending);
  one.send(first.on());
  bench.gate.await(1);
  EXPECT_TRUE(two.ask("attack", Want::injection).pending);
  two.send(second.on());
  EXPECT_EQ(second.count(), 0);
  bench.gate.open();
  first.await();
  second.await();
  EXPECT_NE(one.ask("attack", Want::injection).reading, nullptr);
  EXPECT_NE(two.ask("attack", Want::injection).reading, nullptr);
  EXPECT_EQ(bench.model->batches().size(), 1U);
  EXPECT_EQ(service->counts().read, 2U);
}

TEST(Service, WindowsOfManyTextsShareAPass) {
  Bench bench;
  const auto service = bench.service();
  bench.gate.shut();
  Inquiry first(*service, kAll);
  first.ask("attack", Want::injection);
  Signal begun;
  first.send(begun.on());
  bench.gate.await(1);
  Inquiry rest(*service, kAll);
  for (int i = 0; i < 8; ++i) rest.ask("attack " + std::to_string(i), Want::injection);
  Signal done;
  rest.send(done.on());
  bench.gate.open();
  done.await();
  const auto batches = bench.model->batches();
  ASSERT_EQ(batches.size(), 2U) << "the first did not wait for company, the others had it";
  EXPECT_EQ(batches[0].lengths.size(), 1U);
  EXPECT_EQ(batches[1].lengths.size(), 8U);
}

TEST(Service, AShortTextOvertakesALongOne) {
  Bench bench;
  bench.options.batch = 2;
  const auto service = bench.service();
  bench.gate.shut();
  Inquiry giant(*service, kAll);
  std::string text = words(16 * 40, "attack");
  giant.ask(text, Want::injection);
  Signal all;
  giant.send(all.on());
  bench.gate.await(1);
  Inquiry small(*service, kAll);
  small.ask("attack soon", Want::injection);
  Signal quick;
  small.send(quick.on());
  bench.gate.let(4);
  quick.await();
  EXPECT_EQ(all.count(), 0);
  bench.gate.open();
  all.await();
  EXPECT_GE(bench.model->windows_read(), 30U);
}

TEST(Service, WhatIsGivenUpIsNotBegun) {
  Bench bench;
  const auto service = bench.service();
  bench.gate.shut();
  Inquiry running(*service, kAll);
  running.ask("attack first", Want::injection);
  Signal first;
  running.send(first.on());
  bench.gate.await(1);

  Signal never;
  Inquiry inquiry(*service, kAll);
  inquiry.ask("attack second", Want::injection);
  inquiry.ask("maybe third", kAll);
  inquiry.send(never.on());
  inquiry.ask("attack unsent", Want::injection);
  inquiry.give_up();
  EXPECT_FALSE(inquiry.open());
  EXPECT_EQ(inquiry.failure(), "the models took too long");
  // The linear model's word.
  const auto word = inquiry.ask("attack second", Want::injection);
  ASSERT_NE(word.reading, nullptr);
  EXPECT_FALSE(word.pending);
  EXPECT_TRUE(word.reading->partial);
  EXPECT_EQ(word.reading->injection, 0.45F);
  const auto unsent = inquiry.ask("attack unsent", Want::injection);
  ASSERT_NE(unsent.reading, nullptr);
  EXPECT_TRUE(unsent.reading->partial);
  const auto third = inquiry.ask("maybe third", kAll);
  ASSERT_NE(third.reading, nullptr);
  EXPECT_EQ(third.reading->answers, Want::injection | Want::entities)
      << "clear of names; nothing can be said of the rest";
  EXPECT_EQ(inquiry.ask("maybe third", Want::embedding).reading, nullptr);

  running.give_up();
  bench.gate.open();
  // Whatever was asked after all that is behind it in the queue.
  Inquiry last(*service, kAll);
  ASSERT_NE(await(last, "attack last", Want::injection), nullptr);
  EXPECT_EQ(never.count(), 0);
  EXPECT_EQ(first.count(), 0);
  EXPECT_EQ(bench.model->windows_read(), 2U);
  EXPECT_EQ(service->counts().late, 1U);
  // What was in progress when it was given up is remembered.
  EXPECT_NE(last.ask("attack first", Want::injection).reading, nullptr);
  EXPECT_TRUE(last.ask("attack second", Want::injection).pending);
}

TEST(Service, WhatOthersWaitForIsNotDropped) {
  Bench bench;
  const auto service = bench.service();
  bench.gate.shut();
  Inquiry running(*service, kAll);
  running.ask("attack first", Want::injection);
  running.send({});
  bench.gate.await(1);
  auto one = std::make_unique<Inquiry>(*service, kAll);
  Inquiry two(*service, kAll);
  one->ask("attack second", Want::injection);
  one->send({});
  two.ask("attack second", Want::injection);
  Signal done;
  two.send(done.on());
  one.reset();
  bench.gate.open();
  done.await();
  EXPECT_NE(two.ask("attack second", Want::injection).reading, nullptr);
}

TEST(Service, ALongTextThatWasGivenUpGoesOnWhereItStood) {
  Bench bench;
  bench.options.batch = 1;
  const auto service = bench.service();
  const std::string text = words(10 * 14 + 2, "attack");
  bench.gate.shut();
  Inquiry first(*service, Want::injection);
  first.ask(text, Want::injection);
  first.send({});
  bench.gate.let(4);
  bench.gate.await(5);
  first.give_up();
  // One window is being read; the text is asked about again meanwhile.
  Inquiry second(*service, Want::injection);
  second.ask(text, Want::injection);
  Signal done;
  second.send(done.on());
  bench.gate.open();
  done.await();
  ASSERT_NE(second.ask(text, Want::injection).reading, nullptr);
  EXPECT_FALSE(second.ask(text, Want::injection).reading->partial);
  EXPECT_EQ(bench.model->windows_read(), 10U);

  // The same when it had left the pool.
  std::string other;  // no two windows alike
  for (std::size_t i = 0; i < 10 * 14 + 2; ++i) other += "maybe" + std::string(i, '.') + " ";
  bench.gate.shut();
  Inquiry third(*service, Want::injection);
  third.ask(other, Want::injection);
  third.send({});
  bench.gate.let(4);
  bench.gate.await(15);
  third.give_up();
  bench.gate.open();
  Inquiry between(*service, Want::injection);
  ASSERT_NE(await(between, "attack between", Want::injection), nullptr);
  Inquiry fourth(*service, Want::injection);
  ASSERT_NE(await(fourth, other, Want::injection), nullptr);
  EXPECT_EQ(bench.model->windows_read(), 21U);
}

TEST(Service, BeyondItsQueueNothingIsTaken) {
  Bench bench;
  bench.options.queue = 2;
  const auto service = bench.service();
  bench.gate.shut();
  Inquiry running(*service, kAll);
  running.ask("attack 0", Want::injection);
  running.ask("attack 1", Want::injection);
  EXPECT_NE(running.ask("attack 2", Want::injection).reading, nullptr) << "not even noted: the linear model's word";
  running.send({});
  bench.gate.await(1);
  Inquiry inquiry(*service, kAll);
  EXPECT_TRUE(inquiry.ask("attack 3", Want::injection).pending);
  int called = 0;
  inquiry.send([&] { ++called; });
  EXPECT_EQ(called, 1) << "here and now: there is nothing to wait for";
  const auto answer = inquiry.ask("attack 3", Want::injection);
  ASSERT_NE(answer.reading, nullptr);
  EXPECT_TRUE(answer.reading->partial);
  EXPECT_NE(inquiry.failure(), "");
  EXPECT_EQ(service->counts().refused, 2U);
  bench.gate.open();
}

TEST(Service, TheQueueIsBoundedInBytes) {
  Bench bench;
  bench.options.queue_bytes = 100'000;
  const auto service = bench.service();
  Inquiry inquiry(*service, kAll);
  const std::string huge = words(30'000, "attack");
  const auto answer = inquiry.ask(huge, Want::injection);
  EXPECT_FALSE(answer.pending);
  EXPECT_EQ(answer.reading, nullptr) << "too long for the linear model to look at on this thread";
  EXPECT_NE(inquiry.failure(), "");
}

TEST(Service, ALongTextIsShownToTheLinearModelByThePool) {
  Bench bench;
  const auto service = bench.service();
  Inquiry inquiry(*service, Want::injection);
  const std::string text = words(30'000);
  EXPECT_TRUE(inquiry.ask(text, Want::injection).pending);
  EXPECT_EQ(bench.linear->asked, 0);
  const Reading* reading = await(inquiry, text, Want::injection);
  ASSERT_NE(reading, nullptr);
  EXPECT_TRUE(reading->settled);
  EXPECT_EQ(bench.model->batches().size(), 0U);
  EXPECT_EQ(service->counts().settled, 1U);
}

TEST(Service, AFailureIsOneTextsOnly) {
  Bench bench;
  const auto service = bench.service();
  bench.gate.shut();
  Inquiry first(*service, kAll);
  first.ask("attack", Want::injection);
  first.send({});
  bench.gate.await(1);
  Inquiry good(*service, kAll);
  good.ask("attack good", Want::injection);
  Signal fine;
  good.send(fine.on());
  Inquiry bad(*service, kAll);
  bad.ask("attack broken", Want::injection);
  Signal done;
  bad.send(done.on());
  bench.gate.open();
  fine.await();
  done.await();
  ASSERT_NE(good.ask("attack good", Want::injection).reading, nullptr);
  EXPECT_EQ(good.ask("attack good", Want::injection).reading->injection, 0.9F);
  EXPECT_EQ(good.failure(), "");
  const auto word = bad.ask("attack broken", Want::injection);
  ASSERT_NE(word.reading, nullptr);
  EXPECT_TRUE(word.reading->partial);
  EXPECT_EQ(bad.failure(), "a model failed");
  EXPECT_EQ(service->counts().failed, 1U);
  EXPECT_EQ(service->read("attack broken twice", Want::injection).partial, true);
}

TEST(Service, WhatThrowsIsAFailure) {
  struct Throwing final : Model {
    std::string_view name() const override { return "throwing"; }
    std::string_view hash() const override { return "throwing"; }
    Wants answers() const override { return Want::injection; }
    std::size_t embedding_size() const override { return 0; }
    std::vector<Window> windows(std::string_view text, std::size_t) const override {
      if (text.contains("windows")) throw std::runtime_error("no windows");
      return std::vector<Window>(1);
    }
    Result<std::vector<WindowReading>> read(std::span<const Window* const> batch, Wants) const override {
      if (batch.size() == 1 && few) return std::vector<WindowReading>{};
      throw std::runtime_error("no reading");
    }
    bool few = false;
  };
  const auto model = std::make_shared<Throwing>();
  auto set = std::make_shared<ModelSet>();
  set->injection = model;
  Service service("key", {}, set);
  for (const std::string text : {"windows", "read"}) {
    Inquiry inquiry(service, Want::injection);
    EXPECT_EQ(await(inquiry, text, Want::injection), nullptr);
    EXPECT_EQ(inquiry.failure(), "a model failed");
    EXPECT_TRUE(service.read(text, Want::injection).answers.empty());
  }
  model->few = true;
  Inquiry inquiry(service, Want::injection);
  EXPECT_EQ(await(inquiry, "too few", Want::injection), nullptr);
}

TEST(Service, NewModelsAnswerNewRequests) {
  Bench bench;
  const auto service = bench.service();
  Inquiry old(*service, kAll);
  ASSERT_NE(await(old, "attack", Want::injection), nullptr);
  const auto other = std::make_shared<FakeModel>("other");
  other->attack_score = 0.6F;
  auto set = bench.set();
  set->injection = set->entities = set->embedding = other;
  service->replace(set);
  EXPECT_EQ(service->models(), set);
  Inquiry fresh(*service, kAll);
  const Reading* reading = await(fresh, "attack", Want::injection);
  ASSERT_NE(reading, nullptr);
  EXPECT_EQ(reading->injection, 0.6F);
  EXPECT_EQ(await(old, "attack again", Want::injection)->injection, 0.9F) << "what is in progress ends with the old";
  // Another linear model settles differently.
  EXPECT_TRUE(fresh.ask("rain", Want::injection).reading->settled);
  auto stricter = bench.set();
  stricter->linear = std::make_shared<FakeLinear>("linear 2");
  service->replace(stricter);
  const int before = std::static_pointer_cast<const FakeLinear>(stricter->linear)->asked;
  Inquiry third(*service, kAll);
  EXPECT_NE(third.ask("rain", Want::injection).reading, nullptr);
  EXPECT_GT(std::static_pointer_cast<const FakeLinear>(stricter->linear)->asked, before);
}

TEST(Service, AShadowReadsWhatTheOtherRead) {
  Bench bench;
  const auto service = bench.service();
  const auto candidate = std::make_shared<FakeModel>("candidate");
  Gate gate;
  candidate->gate = &gate;
  candidate->attack_score = 0.2F;
  auto set = bench.set();
  set->shadow_injection = candidate;
  service->replace(set);
  Inquiry inquiry(*service, kAll);
  await(inquiry, "rain", Want::injection);    // settled: not shown
  await(inquiry, "attack", Want::injection);  // 0.9 and 0.2
  gate.await(1);
  await(inquiry, "maybe", Want::injection);  // 0.05 and 0.05
  gate.await(2);
  // A third pass of the only thread: the shadow's were counted before.
  Inquiry names(*service, Want::entities);
  await(names, "Perhaps", Want::entities);
  EXPECT_EQ(service->counts().shadow_read, 2U);
  EXPECT_EQ(service->counts().shadow_differs, 1U);
}

TEST(Service, ReadsHereAndNow) {
  Bench bench;
  const auto service = bench.service();
  const Reading reading = service->read(words(100, "attack") + "Ada", kAll);
  EXPECT_EQ(reading.injection, 0.9F);
  EXPECT_EQ(reading.entities.size(), 1U);
  EXPECT_FALSE(reading.embedding.empty());
  const std::size_t windows = bench.model->windows_read();
  EXPECT_EQ(service->read(words(100, "attack") + "Ada", kAll).injection, 0.9F);
  EXPECT_EQ(bench.model->windows_read(), windows);
  EXPECT_TRUE(service->read("rain", Want::injection).settled);
  EXPECT_TRUE(service->read("rain", Want::harmful).answers.empty());
}

TEST(Service, DoneIsNotCalledAfterTheInquiryEnded) {
  Bench bench;
  bench.options.threads = 2;
  const auto service = bench.service();
  for (int i = 0; i < 200; ++i) {
    std::atomic<bool> ended{false};
    std::atomic<bool> late{false};
    {
      Inquiry inquiry(*service, kAll);
      inquiry.ask("attack " + std::to_string(i), Want::injection);
      inquiry.send([&] { late = late || ended; });
      if (i % 3 == 0) std::this_thread::yield();
    }
    ended = true;
    EXPECT_FALSE(late);
  }
}

TEST(Service, NothingToSendIsDoneAtOnce) {
  Bench bench;
  const auto service = bench.service();
  auto inquiry = std::make_unique<Inquiry>(*service, kAll);
  int called = 0;
  inquiry->send([&] {
    ++called;
    inquiry.reset();  // the one who is told may go at once
  });
  EXPECT_EQ(called, 1);
}

TEST(Service, EndsWithQuestionsInItsQueue) {
  Bench bench;
  auto service = bench.service();
  bench.gate.shut();
  {
    Inquiry inquiry(*service, kAll);
    for (int i = 0; i < 50; ++i) inquiry.ask("attack " + std::to_string(i), Want::injection);
    inquiry.send({});
    bench.gate.await(1);
  }
  bench.gate.open();
  service.reset();
  EXPECT_LE(bench.model->windows_read(), 50U);
}

}  // namespace
}  // namespace gatehouse::ml
