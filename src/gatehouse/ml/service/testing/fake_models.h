#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/ml/linear/linear_model.h"
#include "gatehouse/ml/model.h"

// Models for tests that know a few words: `attack` is an injection, `Ada` a person. Nothing is learned.
namespace gatehouse::ml::testing {

// Clear of both unless `attack` or `maybe` (injection), or `Ada` or `Perhaps` (entities) stands in the text.
class FakeLinear final : public LinearModel {
 public:
  explicit FakeLinear(std::string hash = "linear") : hash_(std::move(hash)) {}
  std::string_view hash() const override { return hash_; }
  Scores score(std::string_view text) const override {
    asked.fetch_add(1, std::memory_order_relaxed);
    Scores scores{-4, -4, -4};
    if (text.contains("maybe")) scores.injection = 0.5F;
    if (text.contains("attack")) scores.injection = 2;
    if (text.contains("Ada") || text.contains("Perhaps")) scores.entities = 2;
    return scores;
  }
  Clear clear() const override { return {-1, -1}; }
  float injection_probability(float log_odds) const override { return log_odds > 0 ? 0.45F : 0.125F; }

  mutable std::atomic<int> asked{0};

 private:
  std::string hash_;
};

// Where a test holds a model's passes, one at a time.
class Gate {
 public:
  void shut() {
    const std::scoped_lock lock(mutex_);
    open_ = false;
  }
  void open() {
    const std::scoped_lock lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  // So many passes go through although it is shut.
  void let(int passes) {
    const std::scoped_lock lock(mutex_);
    tickets_ += passes;
    changed_.notify_all();
  }
  // Until that many passes stand before the gate or went through.
  void await(int passes) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ >= passes; });
  }
  void pass() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_ || tickets_ > 0; });
    if (!open_) --tickets_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  int tickets_ = 0;
  int arrived_ = 0;
};

// Tokens are words between white space. A window has up to `length` of them, two of them context from the one before.
class FakeModel final : public Model {
 public:
  static constexpr std::int32_t kOther = 1;
  static constexpr std::int32_t kAttack = 2;
  static constexpr std::int32_t kAda = 3;
  static constexpr std::int32_t kBroken = 4;  // `broken`: a batch with it fails

  explicit FakeModel(std::string hash = "model", Wants answers = Want::injection | Want::entities | Want::embedding)
      : hash_(std::move(hash)), answers_(answers) {}

  std::string_view name() const override { return "fake"; }
  std::string_view hash() const override { return hash_; }
  Wants answers() const override { return answers_; }
  std::size_t embedding_size() const override { return answers_.has(Want::embedding) ? 2 : 0; }

  std::vector<Window> windows(std::string_view text, std::size_t most) const override;
  // Beside `secret`, to ask for the `key` is an attack.
  bool takes_context() const override { return reads_context; }
  std::vector<Window> windows_beside(std::string_view before, std::string_view text, std::size_t most) const override {
    auto out = windows(text, most);
    if (!before.contains("secret")) return out;
    for (Window& window : out) {
      for (std::size_t i = 0; i < window.ids.size(); ++i) {
        const Window::Place& place = window.places[i];
        if (text.substr(place.begin, place.end - place.begin) == "key") window.ids[i] = kAttack;
      }
    }
    return out;
  }
  Result<std::vector<WindowReading>> read(std::span<const Window* const> batch, Wants wants) const override;

  struct Batch {
    std::vector<std::size_t> lengths{};  // tokens of each window
    Wants wants{};
  };
  std::vector<Batch> batches() const {
    const std::scoped_lock lock(mutex_);
    return batches_;
  }
  std::size_t windows_read() const {
    std::size_t sum = 0;
    for (const Batch& batch : batches()) sum += batch.lengths.size();
    return sum;
  }

  Gate* gate = nullptr;
  std::size_t length = 16;
  float attack_score = 0.9F;
  bool keep_batches = true;
  bool reads_context = false;

 private:
  std::string hash_;
  Wants answers_;
  mutable std::mutex mutex_;
  mutable std::vector<Batch> batches_;
};

inline std::vector<Window> FakeModel::windows(std::string_view text, std::size_t most) const {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> words;
  const auto space = [](char c) { return c == ' ' || c == '\n'; };
  for (std::size_t i = 0; i < text.size();) {
    if (space(text[i])) {
      ++i;
      continue;
    }
    const std::size_t begin = i;
    while (i < text.size() && !space(text[i])) ++i;
    words.emplace_back(begin, i);
  }
  std::vector<Window> out;
  std::size_t first = 0;  // of the words that are the window's own
  while (first < words.size() && out.size() < most) {
    const std::size_t context = first == 0 ? 0 : 2;
    const std::size_t from = first - context;
    const std::size_t to = std::min(words.size(), from + length);
    Window window;
    for (std::size_t w = from; w < to; ++w) {
      const std::string_view word = text.substr(words[w].first, words[w].second - words[w].first);
      window.ids.push_back(word == "attack" ? kAttack : word == "Ada" ? kAda : word == "broken" ? kBroken : kOther);
      window.places.push_back({words[w].first, words[w].second, true});
    }
    window.begin = words[from].first;
    window.end = words[to - 1].second;
    window.own_begin = static_cast<std::uint32_t>(context);
    window.own_end = static_cast<std::uint32_t>(to - from);
    out.push_back(std::move(window));
    first = to;
  }
  return out;
}

inline Result<std::vector<WindowReading>> FakeModel::read(std::span<const Window* const> batch, Wants wants) const {
  if (keep_batches) {
    const std::scoped_lock lock(mutex_);
    Batch& kept = batches_.emplace_back();
    kept.wants = wants;
    for (const Window* window : batch) kept.lengths.push_back(window->ids.size());
  }
  if (gate != nullptr) gate->pass();
  std::vector<WindowReading> out;
  for (const Window* window : batch) {
    WindowReading& reading = out.emplace_back();
    reading.answers = wants & answers_;
    reading.begin = window->begin;
    reading.end = window->end;
    reading.injection = 0.05F;
    for (std::size_t i = 0; i < window->ids.size(); ++i) {
      if (window->ids[i] == kBroken) return fail(Code::internal, "a broken window");
      if (window->ids[i] == kAttack) reading.injection = attack_score;
      if (window->ids[i] == kAda && wants.has(Want::entities) && i >= window->own_begin && i < window->own_end) {
        reading.entities.push_back({window->places[i].begin, window->places[i].end, "PERSON", 0.9F});
      }
    }
    if (wants.has(Want::embedding)) reading.embedding = {1, 0};
  }
  return out;
}

}  // namespace gatehouse::ml::testing
