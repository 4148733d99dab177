#include "gatehouse/ml/tokenizer/splitting.h"

namespace gatehouse::ml::tokenizer {

std::optional<Delimiters> delimiters_named(std::string_view name) {
  if (name == "Removed") return Delimiters::removed;
  if (name == "Isolated") return Delimiters::isolated;
  if (name == "MergedWithPrevious") return Delimiters::merged_with_previous;
  if (name == "MergedWithNext") return Delimiters::merged_with_next;
  if (name == "Contiguous") return Delimiters::contiguous;
  return std::nullopt;
}

void Splitting::put(std::size_t begin, std::size_t end, bool delimiter) {
  if (begin == end) return;
  const bool before = was_delimiter_;
  const bool any = out_.size() > first_;
  was_delimiter_ = delimiter;
  const auto extend = [&] { out_.back().end = static_cast<std::uint32_t>(end); };
  switch (how_) {
    case Delimiters::removed:
      if (!delimiter) push(begin, end);
      return;
    case Delimiters::isolated:
      push(begin, end);
      return;
    case Delimiters::contiguous:
      if (any && delimiter == before) {
        extend();
      } else {
        push(begin, end);
      }
      return;
    case Delimiters::merged_with_previous:
      if (any && delimiter && !before) {
        extend();
      } else {
        push(begin, end);
      }
      return;
    case Delimiters::merged_with_next:
      if (any && !delimiter && before) {
        extend();
      } else {
        push(begin, end);
      }
      return;
  }
}

void Splitting::end() {
  put(done_, end_, inverted_);
  done_ = end_;
}

}  // namespace gatehouse::ml::tokenizer
