#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::guard {

// Where in a Markdown text a place is: inside a fenced code block (CommonMark 0.31, section 4.5) or not. Fed with a
// text in pieces cut anywhere. As readers are, it is more lenient than the specification: a fence may be indented
// deeper and stand in a quotation. Small and copied freely; about as fast as memchr.
class FenceState {
 public:
  enum class Language : std::uint8_t { none, shell, sql, markup, other };

  void feed(std::string_view text);
  // In the content of a fenced block; its opening and closing lines are not.
  bool inside() const { return mark_ != 0 && phase_ != Phase::info; }
  Language language() const { return language_; }
  // Nothing of the current line was fed.
  bool at_line_start() const { return phase_ == Phase::start && indent_ == 0; }

 private:
  enum class Phase : std::uint8_t { start, marks, info, rest };
  void end_of_line();
  void open();

  Phase phase_ = Phase::start;
  std::uint8_t indent_ = 0;
  char run_mark_ = 0;  // the marks that this line began with
  bool blank_after_ = false;
  std::uint16_t run_ = 0;
  char mark_ = 0;  // of the open fence; 0: none is open
  std::uint16_t length_ = 0;
  Language language_ = Language::none;
  std::uint8_t name_size_ = 0;
  std::array<char, 12> name_{};
};

// What of a text stood in front of the part that is looked at, and is no longer here: a stream's window moves on. The
// owner of the window feeds it all that it lets go.
class TextBefore {
 public:
  void advance(std::string_view gone);
  std::size_t bytes() const { return bytes_; }
  std::size_t characters() const { return characters_; }  // code points; one cut in two is counted where it begins
  const FenceState& fence() const { return fence_; }

 private:
  std::size_t bytes_ = 0;
  std::size_t characters_ = 0;
  FenceState fence_;
};

}  // namespace gatehouse::guard
