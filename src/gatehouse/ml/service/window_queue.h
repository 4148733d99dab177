#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "gatehouse/ml/model.h"

namespace gatehouse::ml {

// Windows that wait for a pass, in the order in which they are due, and which of them make one batch: of one model,
// for the same verdicts, of like length, so that at most a quarter of a batch is padding. No lock of its own.
//
// What is due is told by a tag, ascending. Time goes by the tokens that were read (`now`): a text's windows are due one
// after the other, each kPatience times its predecessors' tokens later than the text came. So a short text overtakes
// the rest of a long one, which still gets its share however many short ones come.
template <typename Unit>
class WindowQueue {
 public:
  static constexpr std::uint64_t kPatience = 8;

  // What can be in one batch.
  struct Kind {
    const Model* model = nullptr;
    std::uint8_t wants = 0;
    std::uint32_t length = 0;  // tokens at most, see length_class
    auto operator<=>(const Kind&) const = default;
  };
  struct Place {
    Kind kind{};
    std::uint64_t tag = 0;
    std::uint64_t number = 0;
  };

  // The most tokens of a window that may share a batch with one of `tokens`: steps of a quarter from 16 on. Shorter
  // windows cost next to nothing.
  static std::uint32_t length_class(std::size_t tokens) {
    std::size_t most = 16;
    while (most < tokens) most += most / 4;
    return static_cast<std::uint32_t>(most);
  }

  Place add(const Model* model, std::uint8_t wants, std::size_t tokens, std::uint64_t tag, Unit unit) {
    Place place{{model, wants, length_class(tokens)}, tag, next_++};
    kinds_[place.kind].emplace(std::pair(place.tag, place.number), std::move(unit));
    ++size_;
    return place;
  }
  void remove(const Place& place) {
    const auto kind = kinds_.find(place.kind);
    if (kind == kinds_.end()) return;
    size_ -= kind->second.erase({place.tag, place.number});
    if (kind->second.empty()) kinds_.erase(kind);
  }
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  // The tag that is due first; not of an empty queue.
  std::uint64_t first_tag() const { return first()->second.begin()->first.first; }

  // The window that is due first and others that may share its batch, in their order: at most `most`, at most
  // `most_tokens` with padding (one always), and not more than an even share where `idle` other threads could read as
  // well.
  void take(std::size_t most, std::size_t most_tokens, std::size_t idle, std::vector<Unit>& out) {
    out.clear();
    if (empty()) return;
    const auto kind = first();
    const std::size_t length = kind->first.length;
    std::size_t count = kind->second.size();
    count = std::min({count, most, std::max<std::size_t>(1, most_tokens / length), (count + idle) / (idle + 1)});
    for (; count > 0; --count) {
      out.push_back(std::move(kind->second.begin()->second));
      kind->second.erase(kind->second.begin());
      --size_;
    }
    now_ += out.size() * length;
    if (kind->second.empty()) kinds_.erase(kind);
  }
  std::uint64_t now() const { return now_; }

 private:
  using Waiting = std::map<std::pair<std::uint64_t, std::uint64_t>, Unit>;
  auto first() const {
    return std::min_element(kinds_.begin(), kinds_.end(), [](const auto& a, const auto& b) {
      return a.second.begin()->first < b.second.begin()->first;
    });
  }
  auto first() {
    return std::min_element(kinds_.begin(), kinds_.end(), [](const auto& a, const auto& b) {
      return a.second.begin()->first < b.second.begin()->first;
    });
  }

  std::map<Kind, Waiting> kinds_;
  std::size_t size_ = 0;
  std::uint64_t next_ = 0;
  std::uint64_t now_ = 0;
};

}  // namespace gatehouse::ml
