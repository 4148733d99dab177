#include "gatehouse/llm/tokens/merge.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

namespace gatehouse::llm::detail {

std::size_t Merger::split_short(const char* at, std::size_t size, std::uint8_t* starts) const {
  // ranks[i]: of the pair of the parts i and i + 1.
  std::array<std::uint32_t, kShort + 1> ranks;
  for (std::size_t i = 0; i <= size; ++i) starts[i] = static_cast<std::uint8_t>(i);
  for (std::size_t i = 0; i + 1 < size; ++i) ranks[i] = rank(at, i, i + 2);
  std::size_t parts = size;
  while (parts > 1) {
    // The value first, which the compiler does several at a time, then the leftmost place of it.
    std::uint32_t least = kNoToken;
    for (std::size_t i = 0; i + 1 < parts; ++i) least = std::min(least, ranks[i]);
    if (least == kNoToken) break;
    const auto best = static_cast<std::size_t>(std::find(ranks.begin(), ranks.end(), least) - ranks.begin());
    std::move(starts + best + 2, starts + parts + 1, starts + best + 1);
    std::move(ranks.begin() + static_cast<std::ptrdiff_t>(best) + 1,
              ranks.begin() + static_cast<std::ptrdiff_t>(parts) - 1,
              ranks.begin() + static_cast<std::ptrdiff_t>(best));
    --parts;
    if (best + 1 < parts) ranks[best] = rank(at, starts[best], starts[best + 2]);
    if (best > 0) ranks[best - 1] = rank(at, starts[best - 1], starts[best + 1]);
  }
  return parts;
}

void Merger::merge_long(const char* at, std::size_t size) {
  const auto end = static_cast<std::uint32_t>(size);
  parts_.resize(size + 1);
  heap_.clear();
  const auto entry = [](std::uint32_t rank, std::uint32_t position) {
    return static_cast<std::uint64_t>(rank) << 32U | position;
  };
  for (std::uint32_t i = 0; i <= end; ++i) {
    parts_[i] = {i + 2 <= end ? rank(at, i, i + 2) : kNoToken, i + 1, i - 1};
    if (parts_[i].rank != kNoToken) heap_.push_back(entry(parts_[i].rank, i));
  }
  steps_ += size;
  // The lowest rank first, the leftmost of the same: so the smallest entry on top.
  std::make_heap(heap_.begin(), heap_.end(), std::greater<>());
  const auto update = [&](std::uint32_t i) {
    Part& part = parts_[i];
    part.rank = part.next < end ? rank(at, i, parts_[part.next].next) : kNoToken;
    ++steps_;
    if (part.rank == kNoToken) return;
    heap_.push_back(entry(part.rank, i));
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  };
  while (!heap_.empty()) {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    const std::uint64_t top = heap_.back();
    heap_.pop_back();
    ++steps_;
    const auto i = static_cast<std::uint32_t>(top);
    // The pair has become another one, or its left part was merged away, since the entry was made.
    if (parts_[i].rank != top >> 32U) continue;
    const std::uint32_t gone = parts_[i].next;
    parts_[gone].rank = kNoToken;
    parts_[i].next = parts_[gone].next;
    parts_[parts_[i].next].previous = i;
    update(i);
    if (i > 0) update(parts_[i].previous);
  }
}

std::uint64_t Merger::emit(const char* at, std::size_t from, std::size_t to, std::vector<std::uint32_t>* ids) {
  std::uint64_t tokens = 0;
  while (from < to) {
    const std::size_t next = parts_[from].next;
    if (ids != nullptr) ids->push_back(vocabulary_.find(at + from, next - from, limit_));
    ++tokens;
    from = next;
  }
  return tokens;
}

bool Merger::stay_apart(const char* at, std::size_t first, std::size_t second) const {
  Merger merger(vocabulary_, limit_, window_);
  const std::size_t size = first + second;
  merger.merge_long(at, size);
  return merger.parts_[0].next == first && merger.parts_[first].next == size;
}

// Tokens in a row are what merging all their bytes gives if, and only if, that holds for each two neighbours. So a
// window may be begun at any token of the one before, if the token that is then first stays apart from the one before.
std::uint64_t Merger::split_windows(const char* at, std::size_t size, std::vector<std::uint32_t>* ids) {
  constexpr std::size_t kTries = 4;
  std::uint64_t tokens = 0;
  std::vector<Part> window;
  merge_long(at, std::min(size, window_));
  while (size > window_) {
    // Where the next window may begin: the last tokens that are not too near its end.
    std::array<std::size_t, kTries> cuts{};
    std::size_t seen = 0;
    for (std::size_t from = parts_[0].next; from < window_ - window_ / 8; from = parts_[from].next)
      cuts[seen++ % kTries] = from;
    window.swap(parts_);
    std::size_t cut = 0;
    bool proven = false;
    for (std::size_t tried = 0; tried < std::min(seen, kTries) && !proven; ++tried) {
      cut = cuts[(seen - 1 - tried) % kTries];
      merge_long(at + cut, std::min(size - cut, window_));
      const std::size_t before = cut - window[cut].previous;
      proven = stay_apart(at + cut - before, before, parts_[0].next);
    }
    if (!proven) ++unproven_;
    window.swap(parts_);
    tokens += emit(at, 0, cut, ids);
    window.swap(parts_);
    at += cut;
    size -= cut;
  }
  return tokens + emit(at, 0, size, ids);
}

std::uint64_t Merger::split(const char* at, std::size_t size, std::vector<std::uint32_t>* ids) {
  if (size > window_) return split_windows(at, size, ids);
  if (size > kShort) {
    merge_long(at, size);
    return emit(at, 0, size, ids);
  }
  std::array<std::uint8_t, kShort + 2> starts;
  const std::size_t parts = split_short(at, size, starts.data());
  if (ids != nullptr) {
    for (std::size_t i = 0; i < parts; ++i) {
      ids->push_back(vocabulary_.find(at + starts[i], static_cast<std::size_t>(starts[i + 1] - starts[i]), limit_));
    }
  }
  return parts;
}

}  // namespace gatehouse::llm::detail
