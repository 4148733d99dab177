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

// Goes through a container's items; `item` reads one, from its first byte on. False with a problem in the lexer.
template <class Item>
bool each_item(detail::Lexer& lexer, char open, const char* wrong, const Item& item) {
  const char close = open == '{' ? '}' : ']';
  lexer.skip_space();
  if (!lexer.take(open)) return lexer.fail(lexer.at_end() ? "the text ends too early" : wrong);
  lexer.skip_space();
  if (!lexer.take(close)) {
    for (;;) {
      if (!item()) return false;
      lexer.skip_space();
      if (lexer.take(close)) break;
      if (!lexer.take(',')) return lexer.fail("a comma or a closing bracket was expected");
      lexer.skip_space();
    }
  }
  lexer.skip_space();
  return lexer.at_end() || lexer.fail("text after the end");
}

bool each_member(detail::Lexer& lexer, base::FunctionRef<void(const Member&)> visit) {
  std::string decoded;
  return each_item(lexer, '{', "an object was expected", [&] {
    if (lexer.peek() != '"') return lexer.fail("a key was expected");
    const std::size_t key_begin = lexer.offset();
    bool escaped;
    if (!lexer.string(escaped)) return false;
    std::string_view key = lexer.since(key_begin);
    key = key.substr(1, key.size() - 2);
    if (escaped) {
      decoded.clear();
      detail::append_decoded(key, decoded);
      key = decoded;
    }
    lexer.skip_space();
    if (!lexer.take(':')) return lexer.fail("a colon was expected");
    lexer.skip_space();
    const std::size_t begin = lexer.offset();
    Kind kind;
    if (!lexer.value(1, kind)) return false;
    visit(Member{key, lexer.since(begin), begin, kind});
    return true;
  });
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
