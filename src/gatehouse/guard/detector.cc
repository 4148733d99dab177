#include "gatehouse/guard/detector.h"

#include <algorithm>

#include "gatehouse/guard/injection/score.h"

namespace gatehouse::guard {

Setting setting_of(const Look& look) {
  if (look.direction == Direction::response) return Setting::answers;
  const bool own = !injection::is_untrusted(look.role, look.kind) && !injection::is_decoded(look.view);
  return own ? Setting::own_words : Setting::any;
}

std::size_t word_frontier(const Look& look, std::size_t longest) {
  const std::string_view text = look.text;
  if (look.complete) return text.size();
  const std::size_t least = std::max(look.from, text.size() - std::min(text.size(), longest));
  std::size_t at = text.size();
  while (at > least) {
    const char c = text[at - 1];
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') break;
    --at;
  }
  return at;
}

}  // namespace gatehouse::guard
