#include <algorithm>
#include <iterator>
#include <utility>

#include "gatehouse/text/views.h"
#include "gatehouse/text/views/chars.h"

namespace gatehouse::text {

std::string_view name(ViewKind kind) {
  switch (kind) {
    case ViewKind::original:
      return "original";
    case ViewKind::folded:
      return "folded";
    case ViewKind::json:
      return "json";
    case ViewKind::base64:
      return "base64";
    case ViewKind::hex:
      return "hex";
    case ViewKind::percent:
      return "percent";
    case ViewKind::html:
      return "html";
    case ViewKind::rot13:
      return "rot13";
    case ViewKind::leet:
      return "leet";
    case ViewKind::spaced:
      return "spaced";
    case ViewKind::unmarked:
      return "unmarked";
    case ViewKind::reversed:
      return "reversed";
    case ViewKind::tags:
      return "tags";
  }
  std::unreachable();
}

ByteRange View::source_of(std::size_t byte) const {
  const auto step = std::prev(std::ranges::upper_bound(map_, byte, {}, &ViewStep::at));
  const std::size_t begin = step->source + (byte - step->at) / step->from * step->to;
  return {begin, std::min<std::size_t>(begin + step->to, source_end_)};
}

View::Origin View::parent_range(std::size_t begin, std::size_t end) const {
  if (size_ == 0) return {{source_end_, source_end_}};
  if (mirrored_) {
    const auto edge = [this](std::size_t at, int step) {
      for (int i = 0; i < 3 && at > 0 && at < text_.size() && views::continues(text_[at]); ++i) {
        at = step < 0 ? at - 1 : at + 1;
      }
      return at;
    };
    const bool empty = begin == end;
    const std::size_t first = edge(begin, -1);
    const std::size_t last = empty ? first : edge(end, 1);
    return {{source_end_ - last, source_end_ - first}};
  }
  if (begin == end) {
    const std::size_t at = begin < size_ ? source_of(begin).begin : source_end_;
    return {{at, at}, true};
  }
  const auto first = std::prev(std::ranges::upper_bound(map_, begin, {}, &ViewStep::at));
  const bool exact = first->same != 0 && (std::next(first) == map_.end() || std::next(first)->at >= end);
  return {{source_of(begin).begin, source_of(end - 1).end}, exact};
}

ByteRange View::original(std::size_t begin, std::size_t end) const {
  end = std::min(end, size_);
  begin = std::min(begin, end);
  ByteRange range{begin, end};
  for (const View* view = this; view != nullptr; view = view->parent_) {
    range = view->parent_range(range.begin, range.end).range;
  }
  return range;
}

}  // namespace gatehouse::text
