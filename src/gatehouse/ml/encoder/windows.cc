#include "gatehouse/ml/encoder/windows.h"

#include <algorithm>
#include <limits>
#include <span>

#include "gatehouse/ml/encoder/shapes.h"

namespace gatehouse::ml {
namespace {

// The word start nearest to `at`, at most `reach` tokens before it; `at` where there is none.
std::size_t word_start(std::span<const Token> tokens, std::size_t at, std::size_t reach) {
  for (std::size_t back = 0; back <= std::min(reach, at); ++back) {
    if (tokens[at - back].starts_word) return at - back;
  }
  return at;
}

// What the next window takes of `left` tokens: as many as those behind it, so that the last is no scrap that is read
// without what stood before it, and none is longer than it has to be, since attention grows with the square. All that
// fits where the text does not fit into `most` windows.
std::size_t even_share(std::size_t left, std::size_t fits, std::size_t overlap, std::size_t most) {
  if (left <= fits) return left;
  const std::size_t step = fits - overlap;
  const std::size_t count = 1 + (left - fits + step - 1) / step;
  if (count > most) return fits;
  return (left + (count - 1) * overlap + count - 1) / count;
}

// A context's tokens beyond these are not looked at: its end is taken from there.
constexpr std::size_t kMostContext = 16'384;

struct Cut {
  std::size_t begin = 0;  // tokens
  std::size_t end = 0;
};

}  // namespace

std::vector<std::int32_t> context_tokens(const Tokenizer& tokenizer, std::string_view context, std::size_t most) {
  std::vector<Token> tokens;
  tokenizer.encode(context, kMostContext, tokens);
  std::vector<std::int32_t> ids;
  ids.reserve(std::min(tokens.size(), most));
  const std::size_t head = tokens.size() <= most ? tokens.size() : most / 2;
  for (std::size_t i = 0; i < head; ++i) ids.push_back(tokens[i].id);
  if (head < tokens.size()) {
    for (std::size_t i = tokens.size() - (most - head); i < tokens.size(); ++i) ids.push_back(tokens[i].id);
  }
  return ids;
}

std::vector<Window> cut_windows(const Tokenizer& tokenizer, std::string_view text, std::size_t most,
                                const WindowOptions& options) {
  std::vector<Window> windows;
  if (most == 0) return windows;
  const auto suffix = tokenizer.suffix();
  std::vector<std::int32_t> prefix(tokenizer.prefix().begin(), tokenizer.prefix().end());
  const std::size_t bare = prefix.size();
  if (!options.context.empty()) {
    prefix.insert(prefix.end(), options.context.begin(), options.context.end());
    prefix.insert(prefix.end(), suffix.begin(), suffix.end());
  }
  const std::size_t around = prefix.size() + suffix.size();
  const std::size_t fits = std::max<std::size_t>(options.length, around + 1) - around;
  const std::size_t overlap = std::min(options.overlap, fits / 4);
  // Offsets are 32 bits wide; what lies behind is left out like everything behind the last window.
  text = text.substr(0, std::min<std::size_t>(text.size(), std::numeric_limits<std::uint32_t>::max()));
  std::vector<Token> tokens;
  const std::size_t readable = most > std::numeric_limits<std::size_t>::max() / fits ? tokens.max_size() : most * fits;
  tokenizer.encode(text, readable, tokens);

  std::vector<Cut> cuts;
  std::size_t at = 0;
  do {
    const std::size_t size = even_share(tokens.size() - at, fits, overlap, most - cuts.size());
    Cut cut{at, at + size};
    if (cut.end < tokens.size()) cut.end = word_start(tokens, cut.end, size / 4);
    cuts.push_back(cut);
    if (cut.end == tokens.size()) break;
    // Always further on, and beyond what the one before owns: a window holds three quarters of its share, which is more
    // than half of what fits; of that the next repeats no more than three eighths of the share.
    at = word_start(tokens, cut.end - std::min(overlap, size / 4), size / 8);
  } while (cuts.size() < most);

  std::vector<std::uint8_t> shapes;
  if (options.shapes) shapes = shapes_of(text, tokens);
  windows.resize(cuts.size());
  std::size_t own = 0;
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    const Cut& cut = cuts[i];
    Window& window = windows[i];
    window.ids.reserve(cut.end - cut.begin + around);
    window.ids.insert(window.ids.end(), prefix.begin(), prefix.end());
    window.places.resize(prefix.size());
    for (std::size_t t = cut.begin; t < cut.end; ++t) {
      const Token& token = tokens[t];
      window.ids.push_back(token.id);
      window.places.push_back({token.begin, token.end, token.starts_word});
    }
    window.ids.insert(window.ids.end(), suffix.begin(), suffix.end());
    window.places.resize(window.ids.size());
    if (options.shapes) {
      window.shapes.assign(window.ids.size(), kShapeSmall);
      std::fill(window.shapes.begin() + static_cast<std::ptrdiff_t>(bare),
                window.shapes.begin() + static_cast<std::ptrdiff_t>(prefix.size()), kShapeContext);
      std::copy(shapes.begin() + static_cast<std::ptrdiff_t>(cut.begin),
                shapes.begin() + static_cast<std::ptrdiff_t>(cut.end),
                window.shapes.begin() + static_cast<std::ptrdiff_t>(prefix.size()));
    }
    std::size_t own_end = cut.end;
    if (i + 1 < cuts.size()) {
      const std::size_t middle = cuts[i + 1].begin + (cut.end - cuts[i + 1].begin) / 2;
      own_end = word_start(tokens, middle, middle - cuts[i + 1].begin);
    }
    window.own_begin = static_cast<std::uint32_t>(prefix.size() + own - cut.begin);
    window.own_end = static_cast<std::uint32_t>(prefix.size() + own_end - cut.begin);
    own = own_end;
    if (cut.end > cut.begin) {
      window.begin = tokens[cut.begin].begin;
      window.end = tokens[cut.end - 1].end;
    }
  }
  return windows;
}

}  // namespace gatehouse::ml
