// Many threads at once, for the thread sanitizer above all: what they get is always the answer to their own question.
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/ml/service/service.h"
#include "gatehouse/ml/service/testing/fake_models.h"

namespace gatehouse::ml {
namespace {

using testing::FakeLinear;
using testing::FakeModel;

constexpr Wants kAll = Want::injection | Want::entities | Want::embedding;

std::shared_ptr<const ModelSet> set_of(const std::string& name, float score) {
  auto model = std::make_shared<FakeModel>(name);
  model->attack_score = score;
  model->keep_batches = false;
  auto shadow = std::make_shared<FakeModel>(name + " shadow");
  shadow->keep_batches = false;
  auto set = std::make_shared<ModelSet>();
  set->injection = set->entities = set->embedding = model;
  set->shadow_injection = shadow;
  set->linear = std::make_shared<FakeLinear>();
  return set;
}

// One request's thread: waits for the pool as an event loop does, at most a moment.
class Awaited {
 public:
  std::function<void()> on() {
    return [this] {
      const std::scoped_lock lock(mutex_);
      done_ = true;
      changed_.notify_all();
    };
  }
  bool await(std::chrono::microseconds time) {
    std::unique_lock lock(mutex_);
    const bool done = changed_.wait_for(lock, time, [&] { return done_; });
    done_ = false;
    return done;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
};

struct Tally {
  std::atomic<int> answered{0};
  std::atomic<int> makeshift{0};
  std::atomic<int> none{0};
  std::atomic<int> wrong{0};
};

void check(const std::string& text, const Reading& reading, Wants wants, Tally& tally) {
  if (reading.partial) {
    ++tally.makeshift;
    return;
  }
  ++tally.answered;
  bool right = reading.answers.covers(wants);
  if (wants.has(Want::injection)) {
    // Of one of the two sets of models.
    right = right && (text.contains("attack") ? reading.injection == 0.9F || reading.injection == 0.8F
                                              : reading.injection == 0.05F || reading.injection == 0.125F);
  }
  if (wants.has(Want::entities)) {
    for (const EntitySpan& span : reading.entities) right = right && text.substr(span.begin, 3) == "Ada";
    right = right && reading.entities.empty() == !text.contains("Ada");
  }
  if (wants.has(Want::embedding)) right = right && reading.embedding.size() == 2;
  if (!right) ++tally.wrong;
}

void requests(Service& service, unsigned seed, int count, Tally& tally) {
  std::mt19937 random(seed);
  const auto below = [&](unsigned n) { return random() % n; };
  constexpr std::array<const char*, 5> kWords = {"rain ", "hail ", "attack ", "Ada ", "maybe "};
  constexpr std::array<Wants, 4> kWants = {Wants(Want::injection), Want::injection | Want::entities,
                                           Wants(Want::embedding), kAll};
  for (int i = 0; i < count; ++i) {
    Awaited answers;  // outlives the inquiry: its `done` refers to it
    Inquiry inquiry(service, kAll);
    std::vector<std::string> texts;
    std::vector<Wants> wants;
    for (unsigned t = 0; t <= below(4); ++t) {
      // Few distinct texts, so that requests meet over them.
      std::mt19937 words(below(300));
      std::string text;
      const unsigned length = words() % 10 == 0 ? 400 : 1 + words() % 30;
      for (unsigned w = 0; w < length; ++w) text += kWords[words() % 50 == 0 ? 2 + words() % 3 : words() % 2];
      texts.push_back(std::move(text));
      wants.push_back(kWants[below(kWants.size())]);
    }
    for (int round = 0; round < 2; ++round) {
      for (std::size_t t = 0; t < texts.size(); ++t) inquiry.ask(texts[t], wants[t]);
      if (!inquiry.open()) break;
      inquiry.send(answers.on());
      if (below(8) == 0) break;  // the client has gone
      if (!answers.await(std::chrono::microseconds(below(8) == 0 ? below(300) : 10'000'000))) inquiry.give_up();
    }
    if (below(16) == 0) inquiry.give_up();
    for (std::size_t t = 0; t < texts.size(); ++t) {
      const auto answer = inquiry.ask(texts[t], wants[t]);
      if (answer.reading != nullptr) {
        check(texts[t], *answer.reading, wants[t], tally);
      } else {
        ++tally.none;
      }
    }
  }
}

TEST(ServiceStress, EveryThreadGetsItsOwnAnswers) {
  ServiceOptions options;
  options.threads = 3;
  options.queue = 24;
  options.remembered = 400;
  const auto one = set_of("one", 0.9F);
  const auto two = set_of("two", 0.8F);
  Service service("a random key", options, one);
  Tally tally;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&service, &tally, t] { requests(service, 100 + t, 400, tally); });
  }
  std::atomic<bool> over{false};
  std::thread operator_thread([&] {
    for (int i = 0; !over; ++i) {
      service.replace(i % 2 == 0 ? two : one);
      (void)service.counts();
      (void)service.read("attack " + std::to_string(i % 10), kAll);
      std::this_thread::yield();
    }
  });
  for (std::thread& thread : threads) thread.join();
  over = true;
  operator_thread.join();
  EXPECT_EQ(tally.wrong, 0);
  EXPECT_GT(tally.answered, 1000);
  const ServiceCounts counts = service.counts();
  EXPECT_GT(counts.remembered, 0U);
  EXPECT_GT(counts.settled, 0U);
  EXPECT_GT(counts.read, 0U);
  EXPECT_EQ(counts.failed, 0U);
}

}  // namespace
}  // namespace gatehouse::ml
