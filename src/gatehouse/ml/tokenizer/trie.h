#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"

namespace gatehouse::ml::tokenizer {

// A set of byte strings, each with a number from 0 on, as a double array (Aoe 1989): a step is one load. Immutable once
// built, any thread.
class Trie {
 public:
  struct Entry {
    std::string_view key{};  // not empty
    std::int32_t value = 0;
  };
  static constexpr std::size_t kMostStates = std::size_t{8} << 20;  // 96 MiB

  Trie() = default;
  // Of a key that stands twice the last one counts. Errors: configuration, when there are too many states.
  static Result<Trie> build(std::vector<Entry> entries);

  static constexpr std::int32_t kRoot = 0;
  static constexpr std::int32_t kNone = -1;

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }  // keys
  // The state behind `state` by one byte, or kNone.
  std::int32_t step(std::int32_t state, std::uint8_t byte) const {
    const std::size_t next = static_cast<std::size_t>(states_[static_cast<std::size_t>(state)].base) + byte;
    return states_[next].parent == state ? static_cast<std::int32_t>(next) : kNone;
  }
  // The number of the key that ends at `state`, or kNone.
  std::int32_t value(std::int32_t state) const { return states_[static_cast<std::size_t>(state)].value; }

  std::int32_t walk(std::int32_t state, std::string_view bytes) const {
    for (const char byte : bytes) {
      if (state == kNone) return kNone;
      state = step(state, static_cast<std::uint8_t>(byte));
    }
    return state;
  }
  std::optional<std::int32_t> find(std::string_view key) const {
    if (empty() || key.empty()) return std::nullopt;
    const std::int32_t state = walk(kRoot, key);
    if (state == kNone || value(state) == kNone) return std::nullopt;
    return value(state);
  }

 private:
  // Every base is such that base + 255 is inside, so that a step needs no bound.
  struct State {
    std::int32_t base = 0;
    std::int32_t parent = kNone;
    std::int32_t value = kNone;
  };
  std::vector<State> states_ = std::vector<State>(256);
  std::size_t size_ = 0;
};

}  // namespace gatehouse::ml::tokenizer
