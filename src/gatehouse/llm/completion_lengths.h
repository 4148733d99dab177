#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::llm {

// How long a model's completions are, learned from the answers that pass: what is held for a call that sets no limit of
// its own. One for the process, outlives the workers; any thread; no lock, and only a model's first answer allocates.
// At most kMaxModels models; further ones are not learned.
class CompletionLengths {
 public:
  static constexpr std::size_t kMaxModels = 1024;
  static constexpr std::uint32_t kEnough = 50;  // answers before anything is told

  CompletionLengths();
  ~CompletionLengths();
  CompletionLengths(const CompletionLengths&) = delete;
  CompletionLengths& operator=(const CompletionLengths&) = delete;

  void learn(std::string_view model, std::uint64_t completion_tokens);
  // So many tokens that 199 of 200 recent completions were no longer, rounded up to a power of two; nothing until
  // enough were seen.
  std::optional<std::uint64_t> usual_most(std::string_view model) const;

 private:
  // Counts by the completion's bit length, halved now and then so that the recent ones weigh more.
  struct Model {
    explicit Model(std::string_view n) : name(n) {}
    const std::string name;
    std::atomic<std::uint32_t> total{0};
    std::array<std::atomic<std::uint32_t>, 33> by_bits{};
  };
  Model* find(std::string_view model, bool add) const;

  std::unique_ptr<std::atomic<Model*>[]> slots_;
  mutable std::atomic<std::size_t> size_{0};
};

}  // namespace gatehouse::llm
