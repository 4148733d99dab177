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

// At most so many tokens are looked at from one place.
inline constexpr std::size_t kSqlTokens = 28;
struct SqlTokens {
  std::array<SqlToken, kSqlTokens + 1> list;  // behind the last one `end`
  std::size_t size = 0;
  bool whole = false;     // the text ends behind the last one
  bool prose = false;     // reading ended where a sentence showed
  bool spaced = false;    // white space stands between some
  bool unclosed = false;  // the last one is a string without its closing quote
  const SqlToken& operator[](std::size_t i) const { return list[i < size ? i : size]; }
};

// How the text is read.
struct SqlReading {
  char quote = 0;              // it begins inside a string with this quote
  bool plus_is_space = false;  // as forms are encoded
};

// Reads tokens from `from` on until there are kSqlTokens, the text ends, or it turns out to be a sentence: names stand
// side by side, or words that no SQL has, so that no more is looked at (and, in a stream, waited for) than it takes.
// Comments are tokens; of a conditional comment (/*!50000 ... */) the inside is read.
SqlTokens read_sql(Ahead& ahead, std::size_t from, SqlReading reading = {});

}  // namespace gatehouse::guard::unsafe
