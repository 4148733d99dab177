#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::guard {

// `name = value` in whatever language: JSON, YAML, shell, code, XML, command lines, a sentence ("the password is ...").
struct Assignment {
  enum class Outcome : std::uint8_t {
    no,
    yes,
    open,  // the text ends inside the value
  };
  Outcome outcome = Outcome::no;
  std::size_t name_begin = 0;
  std::size_t name_end = 0;
  std::size_t begin = 0;  // of the value, without quotes
  std::size_t end = 0;
  bool quoted = false;
  bool code = false;  // an unquoted value that is an expression

  static constexpr std::size_t kLongestName = 48;    // to each side of the keyword
  static constexpr std::size_t kLongestValue = 200;  // a longer one is none
};

// Where the run of value characters that was read last begins and ends, so that many words in one run cost no more than
// one. Belongs to one text.
struct ValueRun {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// `keyword_begin` and `keyword_end`: where a word stands that says what the value is.
Assignment parse_assignment(std::string_view text, std::size_t keyword_begin, std::size_t keyword_end, bool complete,
                            ValueRun& run);

}  // namespace gatehouse::guard
