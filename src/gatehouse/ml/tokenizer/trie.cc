#include "gatehouse/ml/tokenizer/trie.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace gatehouse::ml::tokenizer {
namespace {

constexpr std::int32_t kFree = -2;  // the parent of a cell that nobody has
constexpr std::int32_t kGivenUp = -3;
// Places tried for a state's children before they go behind all others: keeps hostile sets of keys from costing the
// square of their size, at the price of some holes.
constexpr int kMostTries = 64;

// The keys [begin, end) go on at `depth` below `state`.
struct Work {
  std::size_t begin;
  std::size_t end;
  std::size_t depth;
  std::int32_t state;
};

}  // namespace

Result<Trie> Trie::build(std::vector<Entry> entries) {
  std::erase_if(entries, [](const Entry& entry) { return entry.key.empty(); });
  std::vector<std::uint32_t> order(entries.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
    const int compared = entries[a].key.compare(entries[b].key);
    return compared != 0 ? compared < 0 : a < b;
  });
  std::vector<Entry> sorted;
  sorted.reserve(entries.size());
  for (const std::uint32_t place : order) {
    if (!sorted.empty() && sorted.back().key == entries[place].key) sorted.pop_back();
    sorted.push_back(entries[place]);
  }
  entries = std::move(sorted);

  Trie trie;
  trie.size_ = entries.size();
  auto& states = trie.states_;
  states.clear();
  // The free cells as a list.
  std::vector<std::int32_t> next_free;
  std::vector<std::int32_t> previous_free;
  std::int32_t first_free = kNone;
  std::int32_t last_free = kNone;
  const auto extend = [&](std::size_t size) {
    const std::size_t old = states.size();
    if (size <= old) return;
    states.resize(size, State{.base = 0, .parent = kFree, .value = kNone});
    next_free.resize(size);
    previous_free.resize(size);
    for (std::size_t i = old; i < size; ++i) {
      next_free[i] = static_cast<std::int32_t>(i + 1);
      previous_free[i] = static_cast<std::int32_t>(i) - 1;
    }
    previous_free[old] = last_free;
    if (last_free != kNone) {
      next_free[static_cast<std::size_t>(last_free)] = static_cast<std::int32_t>(old);
    } else {
      first_free = static_cast<std::int32_t>(old);
    }
    last_free = static_cast<std::int32_t>(size - 1);
    next_free[size - 1] = kNone;
  };
  const auto take = [&](std::size_t cell, std::int32_t parent) {
    const std::int32_t before = previous_free[cell];
    const std::int32_t behind = next_free[cell];
    (before != kNone ? next_free[static_cast<std::size_t>(before)] : first_free) = behind;
    (behind != kNone ? previous_free[static_cast<std::size_t>(behind)] : last_free) = before;
    states[cell].parent = parent;
  };

  extend(512);
  take(0, kNone);
  std::vector<Work> stack;
  if (!entries.empty()) stack.push_back({0, entries.size(), 0, kRoot});
  std::vector<std::uint8_t> labels;
  std::vector<std::size_t> begins;
  while (!stack.empty()) {
    Work work = stack.back();
    stack.pop_back();
    if (entries[work.begin].key.size() == work.depth) {
      states[static_cast<std::size_t>(work.state)].value = entries[work.begin].value;
      if (++work.begin == work.end) continue;
    }
    labels.clear();
    begins.clear();
    for (std::size_t i = work.begin; i < work.end; ++i) {
      const auto label = static_cast<std::uint8_t>(entries[i].key[work.depth]);
      if (!labels.empty() && labels.back() == label) continue;
      labels.push_back(label);
      begins.push_back(i);
    }
    begins.push_back(work.end);

    std::size_t base = states.size();  // where none is found: all of it new
    std::int32_t cell = first_free;
    for (int tries = 0; cell != kNone && tries < kMostTries;
         ++tries, cell = next_free[static_cast<std::size_t>(cell)]) {
      if (cell < labels.front()) continue;
      const std::size_t here = static_cast<std::size_t>(cell) - labels.front();
      const bool fits = std::ranges::all_of(labels, [&](std::uint8_t label) {
        return here + label >= states.size() || states[here + label].parent == kFree;
      });
      if (fits) {
        base = here;
        break;
      }
    }
    // Cells that few labels did not fit are given up, so that the next tries go to those behind them.
    if (base == states.size() && cell != kNone && labels.size() <= 8) {
      while (first_free != cell && first_free != kNone) {
        const auto passed = static_cast<std::size_t>(first_free);
        first_free = next_free[passed];
        if (first_free != kNone) previous_free[static_cast<std::size_t>(first_free)] = kNone;
        states[passed].parent = kGivenUp;
      }
    }
    if (base + 256 > kMostStates) return fail(Code::configuration, "model: the vocabulary is too large");
    extend(base + 256);
    states[static_cast<std::size_t>(work.state)].base = static_cast<std::int32_t>(base);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const std::size_t child = base + labels[i];
      take(child, work.state);
      stack.push_back({begins[i], begins[i + 1], work.depth + 1, static_cast<std::int32_t>(child)});
    }
  }
  // A state without children has base 0: nothing there may be taken for its child.
  states.shrink_to_fit();
  return trie;
}

}  // namespace gatehouse::ml::tokenizer
