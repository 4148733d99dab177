#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::json {

// Appends `text` as a JSON string with quotes. Only what must be escaped is; bytes that are no UTF-8 become U+FFFD,
// so that what is written is always valid.
void append_quoted(std::string& out, std::string_view text);
// The same without the quotes: what stands between them.
void append_escaped(std::string& out, std::string_view text);

// Writes compact JSON onto the end of a string. Owner: the caller, who must keep `out` and calls in the order of the
// grammar (a key before each value in an object, as many ends as begins); commas are set by themselves. Not
// thread-safe.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  Writer& begin_object() { return open('{'); }
  Writer& end_object() { return close('}'); }
  Writer& begin_array() { return open('['); }
  Writer& end_array() { return close(']'); }
  Writer& key(std::string_view name);
  Writer& string(std::string_view text);
  Writer& integer(std::int64_t value);
  Writer& unsigned_integer(std::uint64_t value);
  Writer& number(double value);  // shortest form that reads back the same; not finite: null
  Writer& boolean(bool value);
  Writer& null();
  Writer& raw(std::string_view json);  // a value that is JSON already

 private:
  Writer& open(char bracket);
  Writer& close(char bracket);
  void value_begins() {
    if (comma_) out_.push_back(',');
    comma_ = true;
  }

  std::string& out_;
  bool comma_ = false;
};

}  // namespace gatehouse::json
