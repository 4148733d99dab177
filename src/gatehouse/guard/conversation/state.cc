#include "gatehouse/guard/conversation/state.h"

#include <algorithm>

namespace gatehouse::guard {

void ConversationState::remember(llm::Role role, std::string_view text) {
  // A long text leaves room for a few before it.
  constexpr std::size_t kMostOfOne = kMostTail / 2;
  if (text.size() > kMostOfOne) {
    std::size_t from = text.size() - kMostOfOne;
    while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80) ++from;
    text.remove_prefix(from);
  }
  if (text.empty()) return;
  tail.push_back({.role = role, .text = std::string(text)});
  std::size_t bytes = 0;
  std::size_t first = tail.size();
  while (first > 0 && tail.size() - first < kMostPast && bytes + tail[first - 1].text.size() <= kMostTail) {
    bytes += tail[--first].text.size();
  }
  tail.erase(tail.begin(), tail.begin() + static_cast<std::ptrdiff_t>(first));
}

}  // namespace gatehouse::guard
