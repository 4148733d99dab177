#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "gatehouse/ml/service/service.h"
#include "gatehouse/ml/service/testing/fake_models.h"

namespace gatehouse::ml {
namespace {

using testing::FakeLinear;
using testing::FakeModel;

std::shared_ptr<ModelSet> set() {
  auto model = std::make_shared<FakeModel>();
  model->keep_batches = false;
  auto made = std::make_shared<ModelSet>();
  made->injection = made->entities = made->embedding = model;
  made->linear = std::make_shared<FakeLinear>();
  return made;
}

std::string prose(std::size_t size) {
  std::string text;
  while (text.size() < size) text += "rain fell on the harbour all night; ";
  text.resize(size);
  return text;
}

Service& shared() {
  static Service service("a random key", {}, set());
  return service;
}

// A text that another request asked about before: what every turn of a conversation costs for each text before it.
void remembered(benchmark::State& state) {
  const std::string text = prose(static_cast<std::size_t>(state.range(0)));
  (void)shared().read(text, Want::injection);
  for ([[maybe_unused]] auto _ : state) {
    Inquiry inquiry(shared(), Want::injection);
    benchmark::DoNotOptimize(inquiry.ask(text, Want::injection));
  }
}
BENCHMARK(remembered)->Arg(50)->Arg(1000)->Arg(100'000)->Threads(1)->Threads(2);

// The same for each of 16 texts of one request: without making the inquiry.
void remembered_of_many(benchmark::State& state) {
  std::vector<std::string> texts;
  for (int i = 0; i < 16; ++i) {
    texts.push_back(prose(static_cast<std::size_t>(state.range(0))) + std::to_string(i));
    (void)shared().read(texts.back(), Want::injection);
  }
  for ([[maybe_unused]] auto _ : state) {
    Inquiry inquiry(shared(), Want::injection);
    for (const std::string& text : texts) benchmark::DoNotOptimize(inquiry.ask(text, Want::injection));
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * texts.size()));
}
BENCHMARK(remembered_of_many)->Arg(50)->Arg(1000);

// Asked again by another detector of the same request.
void asked_again(benchmark::State& state) {
  const std::string text = prose(static_cast<std::size_t>(state.range(0)));
  Inquiry inquiry(shared(), Want::injection);
  inquiry.ask(text, Want::injection);
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(inquiry.ask(text, Want::injection));
}
BENCHMARK(asked_again)->Arg(50)->Arg(1000)->Arg(100'000);

// A new text through the pool and back, with a model that takes no time: what batching and waking cost.
void through_the_pool(benchmark::State& state) {
  Service service("a random key", {}, set());
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  std::uint64_t number = 0;
  for ([[maybe_unused]] auto _ : state) {
    const std::string text = "attack " + std::to_string(++number);
    Inquiry inquiry(service, Want::injection);
    inquiry.ask(text, Want::injection);
    inquiry.send([&] {
      const std::scoped_lock lock(mutex);
      done = true;
      changed.notify_one();
    });
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return done; });
    done = false;
    lock.unlock();
    benchmark::DoNotOptimize(inquiry.ask(text, Want::injection));
  }
}
BENCHMARK(through_the_pool)->UseRealTime();

}  // namespace
}  // namespace gatehouse::ml
