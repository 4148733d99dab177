#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/text/views.h"

// What the makers of views share; inside text/ only. One thread's.
namespace gatehouse::text::views {

// The text that a view is made from: the original or another view.
struct Source {
  std::string_view text;
  bool complete = true;                       // nothing follows
  std::size_t least = 4;                      // shorter decoded pieces are not wanted
  std::size_t windows = 8;                    // see windows.h
  std::size_t from = std::string_view::npos;  // the first window begins here, if not earlier
};

// Writes the steps of a text that grows at its end.
class Steps {
 public:
  void clear(std::vector<ViewStep>& map) {
    map.clear();
    whole_ = false;
  }
  // `size` bytes from byte `at` on: each `from` of them (the last ones may be fewer) stand for `to` bytes of the
  // source, from `source` on.
  void add(std::vector<ViewStep>& map, std::size_t at, std::size_t size, std::size_t source, std::uint16_t from,
           std::uint16_t to, bool same) {
    // A few bytes between changes that leave all others in their place are of the same step: a step costs more.
    constexpr std::size_t kBetween = 4;
    const bool goes_on = whole_ && source == next_ && map.back().from == from && map.back().to == to &&
                         ((map.back().same != 0) == same || (from == 1 && to == 1 && same && size <= kBetween));
    if (!goes_on) {
      map.push_back({.at = static_cast<std::uint32_t>(at),
                     .source = static_cast<std::uint32_t>(source),
                     .from = from,
                     .to = static_cast<std::uint16_t>(to & 0x7FFFU),
                     .same = static_cast<std::uint16_t>(same ? 1 : 0)});
    }
    if (from == 1) {
      next_ = source + size * to;
      whole_ = true;
    } else if (size == from) {
      next_ = source + to;
      whole_ = true;
    } else {
      next_ = source + size / from * to;
      whole_ = size % from == 0;
    }
  }

 private:
  std::size_t next_ = 0;  // source of what would go on
  bool whole_ = false;    // all units up to here are complete
};

// A view being written: text and the way back to its source. Bounded: what goes past `most` bytes is left out and told
// by `full`.
class Making {
 public:
  Making(std::string& text, std::vector<ViewStep>& map) : text_(text), map_(map) {}
  void start(std::size_t most);

  // Bytes [begin, end) of the source as they are. Calls come in the order of the source.
  void copy(std::string_view source, std::size_t begin, std::size_t end);
  // [begin, end) of the source, not empty, reads `with`.
  void put(std::size_t begin, std::size_t end, std::string_view with);
  // Each `from` bytes of `with` (the last ones may be fewer) stand for `to` bytes of the source.
  void put_units(std::size_t begin, std::size_t end, std::string_view with, std::uint16_t from, std::uint16_t to);
  // [begin, end) of the source character by character from its end; nothing else is written. Whole or not at all.
  void mirror(std::string_view source, std::size_t begin, std::size_t end);

  std::string& text() { return text_; }
  std::vector<ViewStep>& map() { return map_; }
  bool full() const { return full_; }
  bool mirrored() const { return mirrored_; }
  std::size_t source_end() const { return source_end_; }

 private:
  void add(std::size_t begin, std::size_t end, std::string_view with, std::uint16_t from, std::uint16_t to, bool same);

  std::string& text_;
  std::vector<ViewStep>& map_;
  Steps steps_;
  std::size_t most_ = 0;
  std::size_t source_end_ = 0;
  bool full_ = false;
  bool mirrored_ = false;
};

// Where made views go.
class Sink {
 public:
  virtual ~Sink() = default;
  // An empty one to write.
  virtual Making& begin() = 0;
  // It is written. `grows`: more text behind the source would make it longer.
  virtual void emit(ViewKind kind, bool grows) = 0;
  // From byte `at` of the source on, what will be made may change with what follows.
  virtual void open(std::size_t at) = 0;
  // Nothing more is taken.
  virtual bool full() const = 0;
  // Whether a change of [begin, end) of the source is to be made by itself, for what it stands on is not just as in
  // the source's own parent, where it was made already.
  virtual bool fresh(std::size_t begin, std::size_t end) const = 0;
};

}  // namespace gatehouse::text::views
