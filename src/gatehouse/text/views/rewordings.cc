#include "gatehouse/text/views/rewordings.h"

#include <algorithm>
#include <array>
#include <string>

#include "gatehouse/text/views/chars.h"
#include "gatehouse/text/views/windows.h"
#include "gatehouse/text/views/word_starts.h"

namespace gatehouse::text::views {
namespace {

// From the beginning of one known word to the next in a piece; the piece goes on as far behind the last.
constexpr std::size_t kApart = 96;
constexpr std::size_t kLongestPiece = std::size_t{16} << 10;  // one read backwards; the next begins behind it
constexpr std::size_t kLongestWord = 1024;

template <std::size_t kCount, typename Key>
constexpr auto sorted_keys(const std::string_view (&words)[kCount], Key key) {
  std::array<std::uint32_t, kCount> keys{};
  std::ranges::transform(words, keys.begin(), key);
  std::ranges::sort(keys);
  return keys;
}
constexpr auto kRot13Keys = sorted_keys(kRot13Words, rot13_key);
constexpr auto kReversedKeys = sorted_keys(kReversedWords, reversed_key);

// Calls piece(begin, end, growing) for each.
template <typename Keys, typename Piece>
void find_pieces(const Source& source, const Screened& found, const Keys& keys, std::size_t most, Sink& sink,
                 Piece piece) {
  const std::string_view text = source.text;
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t begin = kNone;
  std::size_t last = 0;
  std::size_t count = 0;
  const auto close = [&] {
    if (begin == kNone) return;
    const bool going_on = !source.complete && text.size() <= last + kApart + kWordEnd;
    if (count > 1) {
      std::size_t end = std::min(text.size(), last + kApart);
      while (end < text.size() && end < last + kApart + kWordEnd && !is_space(text[end])) ++end;
      for (int i = 0; i < 3 && end < text.size() && continues(text[end]); ++i) ++end;
      if (sink.fresh(begin, end)) piece(begin, end, going_on);
    } else if (going_on) {
      sink.open(begin);
    }
    begin = kNone;
  };
  for (const std::uint32_t word : found.words) {
    if (sink.full()) return;
    const std::uint32_t key = start_key(text[word], text[word + 1], text[word + 2], text[word + 3]);
    if (!std::ranges::binary_search(keys, key)) continue;
    if (begin != kNone && (word > last + kApart || word - begin > most)) close();
    if (begin == kNone) {
      begin = word;
      count = 0;
    }
    last = word;
    ++count;
  }
  close();
}

}  // namespace

void make_rot13(const Source& source, const Screened& found, Sink& sink) {
  std::string read;
  find_pieces(source, found, kRot13Keys, std::string_view::npos, sink,
              [&](std::size_t begin, std::size_t end, bool growing) {
                read.assign(source.text.substr(begin, end - begin));
                for (char& c : read) c = rot13(c);
                sink.begin().put_units(begin, end, read, 1, 1);
                sink.emit(ViewKind::rot13, growing);
              });
}

void make_reversed(const Source& source, const Screened& found, Sink& sink) {
  std::string word;
  const std::string_view text = source.text;
  find_pieces(source, found, kReversedKeys, kLongestPiece, sink, [&](std::size_t begin, std::size_t end, bool growing) {
    Making* making = &sink.begin();
    for (std::size_t at = begin; at < end;) {
      std::size_t stop = at;
      while (stop < end && stop < at + kLongestWord && is_alnum(text[stop])) ++stop;
      if (stop == at) {
        making->copy(text, at, at + 1);
        ++at;
        continue;
      }
      word.assign(text.substr(at, stop - at));
      std::ranges::reverse(word);
      making->put(at, stop, word);
      at = stop;
    }
    sink.emit(ViewKind::reversed, growing);
    // Its beginning is read last: nothing of it is decided before its end.
    if (growing) {
      sink.open(begin);
      return;
    }
    making = &sink.begin();
    making->mirror(text, begin, end);
    sink.emit(ViewKind::reversed, false);
  });
}

}  // namespace gatehouse::text::views
