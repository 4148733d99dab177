#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::ml::tokenizer {

// Bytes [begin, end) of the text that was asked about.
struct Source {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// A code point to be put out by a normaliser. `change` tells what it stands for, as in the reference implementation: 0
// takes the place of the next code point of the old text, -n that of the next and of the n behind it, 1 is new and
// stands for the same as what was before it.
struct Change {
  char32_t point = 0;
  std::int32_t change = 0;
};

void append_utf8(std::string& out, char32_t c);
// The code point at `at`, which is moved behind it. `text` is well-formed.
char32_t next_point(std::string_view text, std::size_t& at);
// The one that ends at `at`, which is moved before it; `at` is not 0.
char32_t previous_point(std::string_view text, std::size_t& at);

// A text in the making: well-formed UTF-8, and for each byte of it the bytes of the original that its character stands
// for. One thread's.
class Aligned {
 public:
  const std::string& text() const { return text_; }
  std::size_t size() const { return text_.size(); }
  Source source(std::size_t byte) const { return from_[byte]; }
  // What [begin, end) stands for; it is not empty.
  Source source(std::size_t begin, std::size_t end) const {
    return {from_[begin].begin, from_[end - 1].end < from_[begin].begin ? from_[begin].begin : from_[end - 1].end};
  }

  void clear() {
    text_.clear();
    from_.clear();
  }
  // Any bytes; U+FFFD for each ill-formed part, as text::append_replacing_invalid does it.
  void read(std::string_view original);
  void append(char32_t c, Source source);
  void append(std::string_view well_formed, Source source);
  void append(const Aligned& other, std::size_t begin, std::size_t end);

  // Makes this the text of `changes` over `old`, whose first `removed` code points are left out.
  void rewrite(const Aligned& old, std::span<const Change> changes, std::size_t removed = 0);
  // Puts `prefix` before the text; it stands for what the first character does. Nothing where the text is empty.
  void prepend(std::string_view prefix);

 private:
  std::string text_;
  std::vector<Source> from_;
};

}  // namespace gatehouse::ml::tokenizer
