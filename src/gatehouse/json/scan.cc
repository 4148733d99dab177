#include "gatehouse/json/scan.h"

#include <string>

#include <simdjson.h>

#include "gatehouse/json/lexer.h"

namespace gatehouse::json {
namespace {

std::unexpected<Error> invalid(const detail::Lexer& lexer) {
  return fail(Code::invalid_request, "invalid JSON at byte " + std::to_string(lexer.offset()) + ": " + lexer.problem());
}

Result<> check_utf8(std::string_view document) {
  if (!simdjson::validate_utf8(document.data(), document.size())) {
    return fail(Code::invalid_request, "invalid JSON: the text is not valid UTF-8");
  }
  return {};
}

// Goes through a container's items from inside it, up to its closing bracket; `item` reads one, from its first byte on.
// False with a problem in the lexer.
template <class Item>
bool items(detail::Lexer& lexer, char close, const Item& item) {
  for (;;) {
    if (!item()) return false;
    lexer.skip_space();
    if (lexer.take(close)) return true;
    if (!lexer.take(',')) return lexer.fail("a comma or a closing bracket was expected");
    lexer.skip_space();
  }
}

bool at_the_end(detail::Lexer& lexer) {
  lexer.skip_space();
  return lexer.at_end() || lexer.fail("text after the end");
}

// A container that is the whole text.
template <class Item>
bool each_item(detail::Lexer& lexer, char open, const char* wrong, const Item& item) {
  const char close = open == '{' ? '}' : ']';
  lexer.skip_space();
  if (!lexer.take(open)) return lexer.fail(lexer.at_end() ? "the text ends too early" : wrong);
  lexer.skip_space();
  if (!lexer.take(close) && !items(lexer, close, item)) return false;
  return at_the_end(lexer);
}

// Reads one member and shows it.
class MemberReader {
 public:
  MemberReader(detail::Lexer& lexer, base::FunctionRef<void(const Member&)> visit) : lexer_(lexer), visit_(visit) {}

  bool operator()() const {
    if (lexer_.peek() != '"') return lexer_.fail("a key was expected");
    const std::size_t key_begin = lexer_.offset();
    bool escaped;
    if (!lexer_.string(escaped)) return false;
    std::string_view key = lexer_.since(key_begin);
    key = key.substr(1, key.size() - 2);
    lexer_.note_key(key);
    std::string decoded;
    if (escaped) {
      detail::append_decoded(key, decoded);
      key = decoded;
    }
    lexer_.skip_space();
    if (!lexer_.take(':')) return lexer_.fail("a colon was expected");
    lexer_.skip_space();
    const std::size_t begin = lexer_.offset();
    Kind kind;
    if (!lexer_.value(1, kind)) return false;
    visit_(Member{key, lexer_.since(begin), begin, kind});
    return true;
  }

 private:
  detail::Lexer& lexer_;
  base::FunctionRef<void(const Member&)> visit_;
};

bool each_member(detail::Lexer& lexer, base::FunctionRef<void(const Member&)> visit) {
  return each_item(lexer, '{', "an object was expected", MemberReader(lexer, visit));
}

bool each_element(detail::Lexer& lexer, base::FunctionRef<void(const Element&)> visit) {
  return each_item(lexer, '[', "an array was expected", [&] {
    const std::size_t begin = lexer.offset();
    Kind kind;
    if (!lexer.value(1, kind)) return false;
    visit(Element{lexer.since(begin), begin, kind});
    return true;
  });
}

}  // namespace

std::string_view describe(Kind kind) {
  switch (kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "a boolean";
    case Kind::number:
      return "a number";
    case Kind::string:
      return "a string";
    case Kind::object:
      return "an object";
    case Kind::array:
      return "an array";
  }
  return "nothing";
}

Result<> scan_object(std::string_view document, base::FunctionRef<void(const Member&)> visit) {
  if (auto valid = check_utf8(document); !valid) return valid;
  detail::Lexer lexer(document);
  if (!each_member(lexer, visit)) return invalid(lexer);
  return {};
}

Result<> scan_object(std::string_view document, Notes& notes, base::FunctionRef<void(const Member&)> visit) {
  if (auto valid = check_utf8(document); !valid) return valid;
  detail::Lexer lexer(document, notes);
  if (!each_member(lexer, visit)) return invalid(lexer);
  return {};
}

Result<> scan_array(std::string_view document, base::FunctionRef<void(const Element&)> visit) {
  if (auto valid = check_utf8(document); !valid) return valid;
  detail::Lexer lexer(document);
  if (!each_element(lexer, visit)) return invalid(lexer);
  return {};
}

bool walk_object(std::string_view checked, base::FunctionRef<void(const Member&)> visit) {
  detail::Lexer lexer(checked);
  return each_member(lexer, visit);
}

bool walk_array(std::string_view checked, base::FunctionRef<void(const Element&)> visit) {
  detail::Lexer lexer(checked);
  return each_element(lexer, visit);
}

bool walk_members(std::string_view checked, base::FunctionRef<void(const Member&)> visit) {
  detail::Lexer lexer(checked);
  return items(lexer, '}', MemberReader(lexer, visit)) && at_the_end(lexer);
}

Result<Kind> validate(std::string_view document) {
  if (auto valid = check_utf8(document); !valid) return std::unexpected(valid.error());
  detail::Lexer lexer(document);
  lexer.skip_space();
  Kind kind;
  if (!lexer.value(0, kind)) return invalid(lexer);
  lexer.skip_space();
  if (!lexer.at_end()) {
    lexer.fail("text after the end");
    return invalid(lexer);
  }
  return kind;
}

}  // namespace gatehouse::json
