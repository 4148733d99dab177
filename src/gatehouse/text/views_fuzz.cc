// Views of any bytes: what leads back stays in range and in order, the limits hold, and a text that is cut anywhere
// has, up to where it says that it is open, the readings of the whole.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "gatehouse/text/views.h"

namespace {
using namespace gatehouse::text;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::abort();
}

void check(const Views& views, std::string_view text, const ViewLimits& limits) {
  std::size_t bytes = 0;
  require(views.all().size() <= limits.count, "count");
  for (const View* view : views.all()) {
    const std::string_view read = view->text();
    bytes += read.size();
    require(!read.empty(), "a view has text");
    require(view->steps().has(view->kind()), "its kind is one of its steps");
    const bool backwards = view->steps().has(ViewKind::reversed);
    const ByteRange whole = view->original(0, read.size());
    require(whole.begin < whole.end && whole.end <= text.size(), "whole range");
    const std::size_t step = 1 + read.size() / 64;
    std::size_t before = 0;
    for (std::size_t i = 0; i < read.size(); i += step) {
      const ByteRange one = view->original(i, i + 1);
      require(one.begin < one.end && whole.begin <= one.begin && one.end <= whole.end, "one byte");
      require(backwards || one.begin >= before, "ascending");
      before = one.begin;
      const ByteRange none = view->original(i, i);
      require(none.begin == none.end && none.begin <= text.size(), "empty");
      const ByteRange rest = view->original(i, read.size() + 9);
      require(rest.begin <= one.begin && rest.end >= one.end && rest.end <= whole.end, "to the end");
    }
  }
  require(bytes <= limits.bytes, "bytes");
  require(views.open_from() <= text.size(), "open_from");
}

bool is_word(char c) {
  return static_cast<unsigned char>((c | 0x20) - 'a') < 26 || static_cast<unsigned char>(c) >= 0x80;
}

// A stand-in for a detector: the words of the text and of all its views, as far as they stand before `end` in it. Words
// at the edge of a window may be parts of words.
using Found = std::set<std::pair<std::string, std::pair<std::size_t, std::size_t>>>;
template <typename Where>
void add_words(std::string_view read, std::size_t end, Where where, Found& found) {
  for (std::size_t i = 0; i < read.size();) {
    std::size_t stop = i;
    while (stop < read.size() && is_word(read[stop])) ++stop;
    if (stop - i >= 3 && stop - i <= 64) {
      const ByteRange range = where(i, stop);
      if (range.end < end) found.insert({std::string(read.substr(i, stop - i)), {range.begin, range.end}});
    }
    i = stop + 1;
  }
}
Found words(const Views& views, std::string_view text, std::size_t end) {
  Found found;
  add_words(text, end, [](std::size_t from, std::size_t to) { return ByteRange{from, to}; }, found);
  for (const View* view : views.all()) {
    const auto where = [&](std::size_t from, std::size_t to) {
      const ByteRange range = view->original(from, to);
      const bool cut = (from == 0 && range.begin > 0 && is_word(text[range.begin - 1])) ||
                       (to == view->text().size() && range.end < text.size() && is_word(text[range.end]));
      return cut ? ByteRange{end, end} : range;
    };
    add_words(view->text(), end, where, found);
  }
  return found;
}

// Where the last word in progress begins: detectors hold it back themselves.
std::size_t last_word(std::string_view text) {
  const std::size_t space = text.find_last_of(" \n\t\r");
  return space == std::string_view::npos ? 0 : space;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  const std::size_t cut_seed = data[0] | static_cast<std::size_t>(data[1]) << 8U;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  static Views whole;
  static Views head;
  const ViewLimits limits;
  whole.build(text, ViewKinds::all());
  check(whole, text, limits);

  const ViewLimits small{.depth = 2, .count = 3, .bytes = 64, .least_decoded = 4};
  head.build(text, ViewKinds::all(), true, small);
  check(head, text, small);

  if (whole.truncated()) return 0;
  const std::size_t cut = cut_seed % (text.size() + 1);
  const std::string_view front = text.substr(0, cut);
  head.build(front, ViewKinds::all(), false);
  check(head, front, limits);
  const std::size_t sure = std::min(head.open_from(), last_word(front));
  const Found expected = words(whole, text, sure);
  const Found got = words(head, front, sure);
  for (const auto& word : expected) {
    if (!got.contains(word)) {
      std::fprintf(stderr, "cut %zu sure %zu: missing '%s' %zu-%zu\n", cut, sure, word.first.c_str(), word.second.first,
                   word.second.second);
      std::abort();
    }
  }
  for (const auto& word : got) {
    if (!expected.contains(word)) {
      std::fprintf(stderr, "cut %zu sure %zu: too much '%s' %zu-%zu\n", cut, sure, word.first.c_str(),
                   word.second.first, word.second.second);
      std::abort();
    }
  }
  return 0;
}
