#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "gatehouse/dialects/deltas.h"
#include "gatehouse/json/splice.h"
#include "gatehouse/json/string_map.h"

// Edits of one document, gathered in any order. For this room only.
namespace gatehouse::dialects {

inline bool continues_character(std::string_view text, std::size_t at) {
  return at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
}
// Back to the beginning of a character, which is three bytes away at most.
inline std::size_t to_character(std::string_view text, std::size_t at) {
  at = std::min(at, text.size());
  for (int i = 0; i < 3 && continues_character(text, at); ++i) --at;
  return at;
}
inline std::size_t behind_character(std::string_view text, std::size_t at) {
  at = std::min(at, text.size());
  for (int i = 0; i < 3 && continues_character(text, at); ++i) ++at;
  return at;
}

class EditList {
 public:
  explicit EditList(std::string_view document) : document_(document) {}

  // `with` holds as long as the list.
  void put(std::size_t offset, std::size_t length, std::string_view with) { edits_.push_back({offset, length, with}); }
  void put_owned(std::size_t offset, std::size_t length, std::string with) {
    put(offset, length, owned_.emplace_back(std::move(with)));
  }
  // Of the decoded text of a string.
  void text(std::size_t offset, std::size_t length, std::span<const json::TextEdit> edits) {
    json::append_edits(document_, offset, length, edits, edits_, owned_);
  }

  // Takes the probabilities of some choices out. `choices` is sorted.
  void drop_logprobs(std::span<const Logprobs> logprobs, std::vector<std::uint32_t>& choices) {
    std::ranges::sort(choices);
    for (const Logprobs& of : logprobs) {
      if (std::ranges::binary_search(choices, of.choice)) put(of.offset, of.length, of.nothing);
    }
  }

  // What lies in a place that a wider edit takes is left out.
  std::string done() {
    std::vector<std::size_t> order(edits_.size());
    std::ranges::iota_view indices(std::size_t{0}, order.size());
    std::ranges::copy(indices, order.begin());
    std::ranges::sort(order, [this](std::size_t a, std::size_t b) {
      const json::Edit& x = edits_[a];
      const json::Edit& y = edits_[b];
      return std::tuple(x.offset, y.length, a) < std::tuple(y.offset, x.length, b);
    });
    std::vector<json::Edit> sorted;
    sorted.reserve(order.size());
    for (const std::size_t i : order) {
      const json::Edit& edit = edits_[i];
      if (sorted.empty() || edit.offset >= sorted.back().offset + sorted.back().length) sorted.push_back(edit);
    }
    return json::splice(document_, sorted);
  }

 private:
  std::string_view document_;
  std::vector<json::Edit> edits_;
  std::deque<std::string> owned_;
};

}  // namespace gatehouse::dialects
