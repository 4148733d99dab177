#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "gatehouse/text/views/chars.h"
#include "gatehouse/text/views/making.h"

// Readings that replace pieces of a text in place. A reading that changes little is not the whole text again: it is
// made of windows, each a stretch with its changes and some text around them. A window is closed by what stands behind
// its last change, not by what comes later, so a text that goes on never changes a closed one. From the last of
// Source::windows on they are not closed any more: one view to the end of the text, so that they stay few.
namespace gatehouse::text::views {

struct Change {
  std::size_t begin = 0;
  std::size_t end = 0;  // more than begin
  std::string_view with;
  bool weak = false;  // made only behind another change, in its window
  bool even = false;  // as many bytes as before, each for the one in its place
};

inline constexpr std::size_t kContext = 256;
inline constexpr std::size_t kWordEnd = 64;  // looked this far for white space to cut at

// Where a window that has its first change at `begin` starts.
inline std::size_t window_start(std::string_view text, std::size_t begin, std::size_t not_before) {
  if (begin <= not_before + kContext) return not_before;
  std::size_t at = begin - kContext;
  for (std::size_t i = at; i < at + kWordEnd; ++i) {
    if (is_space(text[i])) return i + 1;
  }
  while (at < begin && continues(text[at])) ++at;
  return at;
}

// Where one with its last change before `end` is closed; npos: not in this text.
inline std::size_t window_close(std::string_view text, std::size_t end) {
  const std::size_t from = end + kContext;
  for (std::size_t i = from; i < from + kWordEnd; ++i) {
    if (i >= text.size()) return std::string_view::npos;
    if (is_space(text[i])) return i;
  }
  std::size_t at = from + kWordEnd;
  for (int i = 0; i < 3 && at < text.size() && continues(text[at]); ++i) ++at;
  return at < text.size() ? at : std::string_view::npos;
}

// `reading.next(at, change)` finds the first change that begins at `at` or later; false at the end. It is asked with
// ascending offsets but for a step back to where a window was closed.
// `reading.open` is where the text ends in something unfinished.
template <typename Reading>
void make_windows(const Source& source, Reading& reading, ViewKind kind, Sink& sink) {
  const std::string_view text = source.text;
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t windows = 0;
  std::size_t closed = 0;  // no window starts before it
  std::size_t at = 0;
  Change change;
  while (!sink.full() && reading.next(at, change)) {
    at = change.end;
    if (change.weak || !sink.fresh(change.begin, change.end)) continue;
    Making& making = sink.begin();
    std::size_t done = window_start(text, change.begin, closed);
    if (windows == 0) done = std::min(done, source.from);
    std::size_t last = change.end;
    std::size_t close = kNone;
    const bool endless = ++windows >= source.windows;
    std::size_t resume = text.size();
    do {
      if (!endless && change.begin >= last + kContext) {
        close = window_close(text, last);
        if (close != kNone && change.end > close) {
          resume = change.begin;
          break;
        }
      }
      making.copy(text, done, change.begin);
      if (change.even) {
        making.put_units(change.begin, change.end, change.with, 1, 1);
      } else {
        making.put(change.begin, change.end, change.with);
      }
      done = at = change.end;
      if (!endless && !change.weak && sink.fresh(change.begin, change.end)) last = std::max(last, change.end);
    } while (!making.full() && reading.next(at, change));
    close = endless ? kNone : window_close(text, last);
    closed = std::max(done, close == kNone ? text.size() : close);
    making.copy(text, done, closed);
    at = resume;
    sink.emit(kind, close == kNone && !source.complete);
  }
  if (!source.complete && reading.open != kNone) sink.open(reading.open);
}

}  // namespace gatehouse::text::views
