#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/base/error.h"
#include "gatehouse/base/function_ref.h"
#include "gatehouse/json/scan.h"

namespace gatehouse::json {

// Reading of single values from their raw text, as `scan_object` gives it. Nothing is kept: each look walks the text
// again, so this is for the few members somebody asks for. The document was checked as a whole before: UTF-8 is not
// checked again here. A value that is not what is asked for, or not valid, reads
// as nothing.

// The decoded text of a string, given with its quotes.
std::optional<std::string> read_string(std::string_view raw);
// The same, appended; false (and `out` as it was) if `raw` is no string.
bool append_string(std::string_view raw, std::string& out);
// An integer written without fraction and exponent, in the range of the type.
std::optional<std::int64_t> read_integer(std::string_view raw);
// A count: an integer from 0 on; also one written with an all-zero fraction ("12.0"), as some servers do.
std::optional<std::uint64_t> read_count(std::string_view raw);
std::optional<double> read_number(std::string_view raw);
std::optional<bool> read_bool(std::string_view raw);

// The kind of a raw value by its first byte; nothing for an empty or impossible one.
std::optional<Kind> kind_of(std::string_view raw);

// The raw value at a path of keys divided by dots ("usage.prompt_tokens"); of a key that stands twice the last one
// counts, as in most parsers. Empty if there is none. Keys with dots in them cannot be named.
std::string_view find(std::string_view raw, std::string_view path);

// A raw value as something to walk in. A view: the text must outlive it. The empty Value stands for "not there"; all
// questions may be put to it.
class Value {
 public:
  Value() = default;
  explicit Value(std::string_view raw);

  bool exists() const { return !raw_.empty(); }
  std::string_view raw() const { return raw_; }
  bool is(Kind kind) const { return exists() && kind_ == kind; }
  bool is_null() const { return is(Kind::null); }

  Value operator[](std::string_view key) const;  // a member of an object (the last of that name)
  void members(base::FunctionRef<void(std::string_view key, Value value)> visit) const;
  void elements(base::FunctionRef<void(Value value)> visit) const;
  std::size_t size() const;  // members or elements; 0 for anything else

  std::optional<std::string> string() const { return read_string(raw_); }
  std::string string_or(std::string_view otherwise) const;
  std::optional<std::int64_t> integer() const { return read_integer(raw_); }
  std::optional<double> number() const { return read_number(raw_); }
  std::optional<bool> boolean() const { return read_bool(raw_); }

 private:
  std::string_view raw_;
  Kind kind_ = Kind::null;
};

}  // namespace gatehouse::json
