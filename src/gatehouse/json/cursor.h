#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "gatehouse/json/lexer.h"
#include "gatehouse/json/scan.h"

namespace gatehouse::json {

// Walks a whole document in one pass, value by value, nested ones too: for those who want what stands deep inside,
// where `scan_object` would read every level again. It checks the grammar as it goes (a document that was not checked
// before ends the walk with `failed`), but neither UTF-8 nor surrogates: what JSON.parse takes it takes, a lone
// surrogate is decoded as U+FFFD. One thread's; the document outlives it.
//
// It stands at the first byte of a value; each of `string`, `skip`, `object` and `array` reads that value and leaves it
// behind. False: the document is no JSON, or nested too deep; nothing more can be read.
class Cursor {
 public:
  // A string where it stands, the quotes included; `inside` is without them and as written.
  struct String {
    std::size_t offset = 0;
    std::size_t length = 0;
    std::string_view inside;
    bool escaped = false;
  };

  explicit Cursor(std::string_view document) : lexer_(document, true) { lexer_.skip_space(); }

  // The first byte of the value: '"', '{', '[', or of a number or literal.
  char first() const { return lexer_.peek(); }
  std::size_t offset() const { return lexer_.offset(); }
  std::string_view since(std::size_t offset) const { return lexer_.since(offset); }
  bool failed() const { return failed_; }
  // Containers inside each other, the most that were entered so far; what was skipped is not counted.
  std::size_t depth() const { return deepest_; }

  bool string(String& out) {
    out.offset = lexer_.offset();
    if (lexer_.peek() != '"' || !lexer_.string(out.escaped)) return fail();
    out.length = lexer_.offset() - out.offset;
    out.inside = lexer_.since(out.offset).substr(1, out.length - 2);
    return true;
  }

  bool skip() {
    Kind kind;
    return lexer_.value(depth_, kind) || fail();
  }

  // Calls `member` with each key; it reads the value that follows, with this cursor, and hands on what that returned.
  template <class Member>
  bool object(Member&& member) {
    return items('{', '}', [&] {
      String key;
      if (!string(key)) return false;
      lexer_.skip_space();
      if (!lexer_.take(':')) return fail();
      lexer_.skip_space();
      return member(key);
    });
  }
  // Calls `element` at each element; it reads it.
  template <class Element>
  bool array(Element&& element) {
    return items('[', ']', element);
  }

  // Whether only white space is left.
  bool at_end() {
    lexer_.skip_space();
    return lexer_.at_end();
  }

 private:
  bool fail() {
    failed_ = true;
    return false;
  }

  template <class Item>
  bool items(char open, char close, Item&& item) {
    if (depth_ == kMaxDepth || !lexer_.take(open)) return fail();
    if (++depth_ > deepest_) deepest_ = depth_;
    lexer_.skip_space();
    if (!lexer_.take(close)) {
      for (;;) {
        if (!item()) return fail();
        lexer_.skip_space();
        if (lexer_.take(close)) break;
        if (!lexer_.take(',')) return fail();
        lexer_.skip_space();
      }
    }
    --depth_;
    return true;
  }

  detail::Lexer lexer_;
  std::size_t depth_ = 0;
  std::size_t deepest_ = 0;
  bool failed_ = false;
};

// Appends the text of a string that a Cursor read.
inline void append_decoded(const Cursor::String& string, std::string& out) {
  if (string.escaped) {
    detail::append_decoded(string.inside, out);
  } else {
    out.append(string.inside);
  }
}

}  // namespace gatehouse::json
