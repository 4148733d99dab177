#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace gatehouse::guard::unsafe {

// A place where a value may be over and a condition go on: a quote, a closing parenthesis or a digit, up to four blanks
// (white space, + * /), and a conjunction.
struct ValueEnd {
  std::size_t conjunction = 0;  // where it begins
  std::size_t end = 0;          // behind its letters that were looked at: or || && and xor
};

// All of a text, ascending. By hand and not by the matcher: its literals are "or" and "and", which prose is full of,
// and looking back from each cost a fifth of the whole match. 64 bytes at a time; linear.
void find_value_ends(std::string_view text, std::vector<ValueEnd>& out);

// Where a string of JSON begins as a value (behind a colon, at most one blank, and its quote), ascending.
void find_value_strings(std::string_view text, std::vector<std::size_t>& out);

}  // namespace gatehouse::guard::unsafe
