#include "gatehouse/dialects/gemini/partial_arguments.h"

#include <algorithm>
#include <utility>

#include "gatehouse/dialects/gemini/codec.h"
#include "gatehouse/dialects/gemini/reading.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::gemini {
namespace {

constexpr std::size_t kMostNodes = 4096;
constexpr std::size_t kMostDepth = 64;

}  // namespace

bool PartialArguments::add(std::string_view pieces) {
  bool read = true;
  json::walk_array(pieces, [&](const json::Element& element) { read = read && piece(element.value); });
  return read;
}

bool PartialArguments::piece(std::string_view raw) {
  std::string path;
  std::string text;
  std::string_view literal;
  bool word = false;
  bytes_ += raw.size();
  Cursor cursor(raw);
  if (bytes_ > kMostPartialArguments || cursor.first() != '{') return false;
  const bool read = members(cursor, [&](const Name& name) {
    if (name == "jsonPath") return take_text(cursor, path);
    if (name == "stringValue") {
      word = cursor.first() == '"';
      return take_text(cursor, text);
    }
    if (name == "numberValue" || name == "boolValue") {
      literal = take(cursor);
      // A number that JSON has no word for comes in quotes ("NaN").
      if (literal.starts_with('"')) literal = "null";
      return !literal.empty();
    }
    if (name == "nullValue") literal = "null";
    return cursor.skip();
  });
  if (!read) return false;
  Node* const node = at(path);
  if (node == nullptr || node == &root_) return false;
  if (word) {
    if (node->kind != Node::Kind::string) *node = {.kind = Node::Kind::string};
    node->text += text;
  } else if (!literal.empty()) {
    *node = {.kind = Node::Kind::literal, .text = std::string(literal)};
  }
  return true;
}

PartialArguments::Node* PartialArguments::member(Node& node, std::string&& name) {
  if (node.kind != Node::Kind::object) node = {.kind = Node::Kind::object};
  // The last one is the one that grows, nearly always.
  const auto found =
      std::find_if(node.members.rbegin(), node.members.rend(), [&](const Member& m) { return m.name == name; });
  if (found != node.members.rend()) return &found->node;
  if (++nodes_ > kMostNodes) return nullptr;
  return &node.members.emplace_back(Member{std::move(name), {}}).node;
}

PartialArguments::Node* PartialArguments::element(Node& node, std::size_t index) {
  if (node.kind != Node::Kind::array) node = {.kind = Node::Kind::array};
  if (index >= node.elements.size()) {
    if (index >= kMostNodes) return nullptr;
    nodes_ += index + 1 - node.elements.size();
    if (nodes_ > kMostNodes) return nullptr;
    node.elements.resize(index + 1);
  }
  return &node.elements[index];
}

PartialArguments::Node* PartialArguments::at(std::string_view path) {
  if (!path.starts_with('$')) return nullptr;
  path.remove_prefix(1);
  Node* node = &root_;
  std::size_t depth = 0;
  while (!path.empty() && node != nullptr) {
    if (++depth > kMostDepth) return nullptr;
    if (path.starts_with('.')) {
      path.remove_prefix(1);
      const std::size_t end = std::min(path.find_first_of(".["), path.size());
      if (end == 0) return nullptr;
      node = member(*node, std::string(path.substr(0, end)));
      path.remove_prefix(end);
      continue;
    }
    if (!path.starts_with('[') || path.size() < 3) return nullptr;
    path.remove_prefix(1);
    const char quote = path.front();
    if (quote == '\'' || quote == '"') {
      path.remove_prefix(1);
      std::string name;
      while (!path.empty() && path.front() != quote) {
        if (path.front() == '\\' && path.size() > 1) path.remove_prefix(1);
        name.push_back(path.front());
        path.remove_prefix(1);
      }
      if (!path.starts_with(quote)) return nullptr;
      path.remove_prefix(1);
      node = member(*node, std::move(name));
    } else {
      const std::size_t end = path.find(']');
      if (end == std::string_view::npos || end > 5) return nullptr;
      const auto index = json::read_count(path.substr(0, end));
      if (!index) return nullptr;
      node = element(*node, static_cast<std::size_t>(*index));
      path.remove_prefix(end);
    }
    if (!path.starts_with(']')) return nullptr;
    path.remove_prefix(1);
  }
  return node;
}

void PartialArguments::write(std::string& out) const { write(root_, out); }

// As deep as paths may be.
void PartialArguments::write(const Node& node, std::string& out) {
  switch (node.kind) {
    case Node::Kind::null:
      out += "null";
      return;
    case Node::Kind::literal:
      out += node.text;
      return;
    case Node::Kind::string:
      json::append_quoted(out, node.text);
      return;
    case Node::Kind::object: {
      char before = '{';
      for (const Member& member : node.members) {
        out.push_back(std::exchange(before, ','));
        json::append_quoted(out, member.name);
        out.push_back(':');
        write(member.node, out);
      }
      out += before == '{' ? "{}" : "}";
      return;
    }
    case Node::Kind::array: {
      char before = '[';
      for (const Node& element : node.elements) {
        out.push_back(std::exchange(before, ','));
        write(element, out);
      }
      out += before == '[' ? "[]" : "]";
      return;
    }
  }
}

}  // namespace gatehouse::dialects::gemini
