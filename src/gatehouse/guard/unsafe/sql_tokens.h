#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "gatehouse/guard/unsafe/ahead.h"

namespace gatehouse::guard::unsafe {

// What a piece of SQL is, in any of the usual dialects at once (MySQL, PostgreSQL, SQL Server, Oracle, SQLite).
enum class Sql : std::uint8_t {
  end,
  number,
  string,    // quoted; may lack its end
  name,      // an identifier, also a keyword that is not listed below
  function,  // a known function with an opening parenthesis behind it
  probe,     // one that tells about the server, its files or lets it wait
  variable,  // @x, @@x
  literal,   // null, true, false, unknown
  compare,   // = < > <= <> != <=> := and like, rlike, regexp, in, is, between, sounds ...
  arithmetic,
  logic,   // and or xor || &&
  negate,  // not !
  open,
  close,
  comma,
  semicolon,
  comment,
  kunion,
  kselect,
  kfrom,
  kwhere,
  kall,  // all, distinct
  kinto,
  kfile,   // outfile, dumpfile
  korder,  // order, group
  kby,
  khaving,
  klimit,      // limit, offset, procedure, for
  kstatement,  // begins a statement: insert, drop, exec ...
  kobject,     // table, database, values, set ...
  kwait,       // waitfor, delay
  kcase,       // case, when, then, else, end, if, begin
  kunary,      // binary, distinct-like words before an operand
  kas,
  other,  // no SQL
};

struct SqlToken {
  Sql type = Sql::end;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// How the text is read.
struct SqlReading {
  char quote = 0;              // it begins inside a string with this quote, which must follow
  bool plus_is_space = false;  // as forms are encoded
};

// At most so many tokens are looked at from one place.
inline constexpr std::size_t kSqlTokens = 28;

// The tokens of a text from a place on, read when they are asked for, so that no more is looked at (and, in a stream,
// waited for) than it takes. They end with the text, after kSqlTokens, or where it turns out to be a sentence: names
// stand side by side, or words that no SQL has. Comments are tokens; of a conditional comment (/*!50000 ... */) the
// inside is read. Lives as long as a judgement.
class SqlTokens {
 public:
  SqlTokens(Ahead& ahead, std::size_t from, SqlReading reading = {})
      : ahead_(ahead), at_(from), begin_(from), reading_(reading) {}

  // Behind the last one `end`.
  const SqlToken& operator[](std::size_t i) {
    while (i >= size_ && !done_) read();
    return i < size_ ? list_[i] : end_;
  }
  std::size_t size() {
    while (!done_) read();
    return size_;
  }
  // Of what was read.
  std::size_t end() const { return size_ == 0 ? begin_ : list_[size_ - 1].end; }
  bool whole() const { return whole_; }        // the text ended behind the last one
  bool spaced() const { return spaced_; }      // white space stands between some
  bool unclosed() const { return unclosed_; }  // the last one is a string without its closing quote
  const SqlReading& reading() const { return reading_; }

 private:
  void read();
  bool next();
  bool is_prose();
  bool is_prose_word(const SqlToken& token);
  void push(Sql type, std::size_t begin);
  bool single(Sql type);
  bool line_comment();
  bool block_comment();
  bool variable();
  bool number();
  bool word();
  Sql find(std::size_t begin, std::size_t end);
  std::size_t string_end(std::size_t at, char quote);
  bool is_blank(int c) const;

  Ahead& ahead_;
  std::size_t at_;
  std::size_t begin_;
  SqlReading reading_;
  std::array<SqlToken, kSqlTokens> list_;
  SqlToken end_;
  std::size_t size_ = 0;
  std::size_t counted_ = 0;
  int pairs_ = 0;  // of names side by side
  bool started_ = false;
  bool done_ = false;
  bool whole_ = false;
  bool spaced_ = false;
  bool unclosed_ = false;
};

}  // namespace gatehouse::guard::unsafe
