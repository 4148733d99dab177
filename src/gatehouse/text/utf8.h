#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::text {

// UTF-8 as the Unicode Standard has it (section 3.9, table 3-7; RFC 3629): no surrogates, nothing above U+10FFFF, no
// overlong form. All functions are pure and thread-safe.

// Whether all of it is well-formed. Vectorised (several GB/s).
bool valid_utf8(std::string_view text);

// The length of the sequence at the front, looking no further than it must.
struct Sequence {
  std::uint8_t size = 0;    // bytes to step over: the character, or the maximal ill-formed subpart (then 1 to 3)
  bool valid = false;       // a whole well-formed character
  bool incomplete = false;  // ill-formed only because the text ends here: more bytes could make it whole
  char32_t code_point = 0;  // if valid
};
// `text` must not be empty.
Sequence next_sequence(std::string_view text);

// How many bytes at the end (0 to 3) begin a character that is not finished yet. A stream that is cut anywhere keeps
// them back and puts the next piece behind them. Bytes that no continuation can mend are not counted: they are
// ill-formed now.
std::size_t incomplete_tail(std::string_view text);

// Appends `text`, with U+FFFD for each maximal subpart of an ill-formed sequence (the Unicode Standard's section 3.9,
// as the WHATWG decoder does it). An unfinished sequence at the end counts as one.
void append_replacing_invalid(std::string& out, std::string_view text);
std::string replace_invalid(std::string_view text);

// Whether a character must not reach a terminal or a log as it is: it commands (C0, DEL, C1), breaks lines (U+2028,
// U+2029) or turns the direction of what stands around it. All are in the basic plane.
bool unsafe_to_show(char32_t code_point);

// At most `max_bytes` of `text` for a message that a person reads: cut between characters, `…` where it was cut (not
// counted in `max_bytes`), characters that are unsafe to show written as \n, \t, \r or \u{hex}, ill-formed parts as
// U+FFFD. `max_bytes` counts bytes of the input, so the result is at most eight times as long.
std::string safe_excerpt(std::string_view text, std::size_t max_bytes);

}  // namespace gatehouse::text
