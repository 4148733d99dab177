// What we accept simdjson's DOM accepts and the other way round, but for what scan.h says is ours: depth, and numbers
// beyond the range of a double. What is written again reads the same.
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "gatehouse/json/cursor.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/splice.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

bool walk(gatehouse::json::Cursor& cursor) {
  using gatehouse::json::Cursor;
  switch (cursor.first()) {
    case '{':
      return cursor.object([&](const Cursor::String&) { return walk(cursor); });
    case '[':
      return cursor.array([&] { return walk(cursor); });
    case '"': {
      Cursor::String string;
      if (!cursor.string(string)) return false;
      std::string text;
      gatehouse::json::append_decoded(string, text);
      const auto read = gatehouse::json::read_string(cursor.since(string.offset));
      require(!read || *read == text);  // nothing where a surrogate is alone
      require(string.escaped || text == string.inside);
      return true;
    }
    default:
      return cursor.skip();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse::json;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string_view document = text;

  static simdjson::dom::parser parser;
  simdjson::dom::element root;
  const auto theirs = parser.parse(document.data(), document.size()).get(root);
  const auto ours = validate(document);
  if (ours) {
    require(theirs == simdjson::SUCCESS || theirs == simdjson::NUMBER_ERROR);
  } else if (theirs == simdjson::SUCCESS) {
    require(ours.error().detail.find("nested too deep") != std::string::npos);
  }

  // A walk takes all that a scan takes, and sees every string of it.
  Cursor cursor(document);
  const bool walked = walk(cursor) && cursor.at_end();
  if (ours) require(walked && !cursor.failed());

  std::vector<Edit> edits;
  std::string rewritten;
  Writer writer(rewritten);
  writer.begin_object();
  const auto scanned = scan_object(document, [&](const Member& member) {
    require(document.substr(member.offset, member.value.size()) == member.value);
    require(kind_of(member.value) == member.kind);
    edits.push_back({member.offset, member.value.size(), "0"});
    writer.key(member.key);
    if (const auto string = read_string(member.value)) {
      require(member.kind == Kind::string);
      writer.string(*string);
    } else {
      require(member.kind != Kind::string);
      writer.raw(member.value);
    }
  });
  writer.end_object();
  require(scanned.has_value() == (ours && *ours == Kind::object));
  if (scanned) {
    require(validate(splice(document, edits)).has_value());
    require(validate(rewritten).has_value());
    if (theirs == simdjson::SUCCESS) {
      simdjson::dom::parser again;
      simdjson::dom::element copy;
      require(again.parse(rewritten).get(copy) == simdjson::SUCCESS);
      require(simdjson::minify(copy) == simdjson::minify(root));
    }
    (void)find(document, "usage.prompt_tokens");
  }
  const auto array = scan_array(document, [&](const Element& element) {
    require(document.substr(element.offset, element.value.size()) == element.value);
  });
  require(array.has_value() == (ours && *ours == Kind::array));

  // Any bytes may be written as a string.
  std::string quoted;
  append_quoted(quoted, document);
  require(validate(quoted).has_value());
  if (simdjson::validate_utf8(document)) require(read_string(quoted) == document);
  return 0;
}
