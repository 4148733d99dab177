#include "gatehouse/dialects/schema/tree.h"

#include "gatehouse/json/value.h"

namespace gatehouse::dialects::schema {

bool Tree::read(std::string_view text) {
  nodes_.clear();
  texts_.clear();
  too_large_ = false;
  json::Cursor cursor(text);
  std::uint32_t root = kNone;
  return value(cursor, {}, root) && cursor.at_end();
}

std::string_view Tree::decoded(const json::Cursor::String& string) {
  if (!string.escaped) return string.inside;
  std::string& text = texts_.emplace_back();
  json::append_decoded(string, text);
  return text;
}

bool Tree::value(json::Cursor& cursor, std::string_view key, std::uint32_t& node) {
  if (nodes_.size() == kMostNodes) {
    too_large_ = true;
    return false;
  }
  node = static_cast<std::uint32_t>(nodes_.size());
  nodes_.emplace_back().key = key;
  const std::size_t begin = cursor.offset();
  const char first = cursor.first();
  const auto kind = json::kind_of({&first, 1});
  if (!kind) return false;
  std::uint32_t last = kNone;
  const auto adopt = [&](std::string_view name) {
    std::uint32_t child = kNone;
    if (!value(cursor, name, child)) return false;
    (last == kNone ? nodes_[node].first : nodes_[last].next) = child;
    last = child;
    return true;
  };
  bool good = false;
  switch (*kind) {
    case json::Kind::object:
      good = cursor.object([&](const json::Cursor::String& name) { return adopt(decoded(name)); });
      break;
    case json::Kind::array:
      good = cursor.array([&] { return adopt({}); });
      break;
    default:
      good = cursor.skip();
  }
  if (!good) return false;
  nodes_[node].kind = *kind;
  nodes_[node].raw = cursor.since(begin);
  return true;
}

std::uint32_t Tree::member(std::uint32_t object, std::string_view key) const {
  std::uint32_t found = kNone;
  if (!is(object, json::Kind::object)) return found;
  children(object, [&](std::uint32_t child) {
    if (nodes_[child].key == key) found = child;
  });
  return found;
}

std::uint32_t Tree::element(std::uint32_t array, std::size_t index) const {
  std::uint32_t found = kNone;
  if (!is(array, json::Kind::array)) return found;
  children(array, [&](std::uint32_t child) {
    if (index-- == 0) found = child;
  });
  return found;
}

std::string_view Tree::text(std::uint32_t node) {
  if (!is(node, json::Kind::string)) return {};
  const std::string_view raw = nodes_[node].raw;
  if (raw.find('\\') == std::string_view::npos) return raw.substr(1, raw.size() - 2);
  std::string& text = texts_.emplace_back();
  json::append_string(raw, text);
  return text;
}

}  // namespace gatehouse::dialects::schema
