#include "gatehouse/dialects/schema/rewrite.h"

#include <algorithm>
#include <unordered_set>
#include <utility>
#include <vector>

#include "gatehouse/dialects/schema/reader.h"
#include "gatehouse/dialects/schema/subset.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects {
namespace {

using schema::Place;
using schema::Tree;
using schema::Type;

constexpr unsigned kMostLevels = 3;  // of a definition inside itself

// The root as it is, with references that go on leading where they led.
void write_moved(Tree& tree, std::uint32_t node, json::Writer& writer, bool root) {
  const auto& [key, raw, kind, first, next] = tree.at(node);
  if (kind == json::Kind::array) {
    writer.begin_array();
    tree.children(node, [&](std::uint32_t child) { write_moved(tree, child, writer, false); });
    writer.end_array();
    return;
  }
  if (kind != json::Kind::object) {
    writer.raw(raw);
    return;
  }
  writer.begin_object();
  tree.children(node, [&](std::uint32_t child) {
    const std::string_view name = tree.at(child).key;
    if (root && (name == "$defs" || name == "definitions" || name == "$schema" || name == "$id")) return;
    writer.key(name);
    if (name == "$ref" && tree.is(child, json::Kind::string)) {
      std::string target(tree.text(child));
      const bool moved = target == "#" || (target.starts_with("#/") && !target.starts_with("#/$defs/") &&
                                           !target.starts_with("#/definitions/"));
      if (moved) target.insert(1, "/properties/value");
      writer.string(target);
    } else {
      write_moved(tree, child, writer, false);
    }
  });
  writer.end_object();
}

std::string wrap_whole(Tree& tree) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("type").string("object").key("properties").begin_object().key("value");
  write_moved(tree, 0, writer, true);
  writer.end_object().key("required").begin_array().string("value").end_array();
  writer.key("additionalProperties").boolean(false);
  for (const std::string_view name : {"$schema", "$defs", "definitions"}) {
    const std::uint32_t node = tree.member(0, name);
    if (node == Tree::kNone) continue;
    writer.key(name);
    write_moved(tree, node, writer, false);
  }
  writer.end_object();
  return out;
}

bool is_object(const Place& root) { return root.any_of.empty() && root.has(Type::object); }

// Every value that it takes is an object.
bool takes_objects(const Place& root) {
  return root.any_of.empty() ? root.has(Type::object) : std::ranges::all_of(root.any_of, takes_objects);
}

// Providers that take all of JSON Schema still want to read "type": "object" at the root.
std::string with_object_root(Tree& tree, std::uint32_t target) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("type").string("object");
  tree.children(0, [&](std::uint32_t child) {
    const std::string_view name = tree.at(child).key;
    if (name != "type" && name != "nullable" && name != "$ref") writer.key(name).raw(tree.at(child).raw);
  });
  if (target != Tree::kNone) {
    tree.children(target, [&](std::uint32_t child) {
      const std::string_view name = tree.at(child).key;
      if (name != "type" && name != "nullable" && tree.member(0, name) == Tree::kNone)
        writer.key(name).raw(tree.at(child).raw);
    });
  }
  writer.end_object();
  return out;
}

Result<RewrittenSchema> keep_whole(std::string_view text, Tree& tree, bool root_must_be_object) {
  RewrittenSchema out;
  out.json = text;
  if (!root_must_be_object) return out;
  schema::Reader reader(tree, true, kMostLevels);
  const auto root = reader.root();
  if (!root) return std::unexpected(root.error());
  if (!root->free() && !takes_objects(*root)) {
    out.wrapped = true;
    out.json = wrap_whole(tree);
  } else if (tree.text(tree.member(0, "type")) != "object") {
    std::uint32_t target = tree.member(0, "$ref");
    // A chain of references: each in the place of the one before.
    for (unsigned steps = 0; target != Tree::kNone && steps < kMostLevels; ++steps) {
      target = reader.find(tree.text(target));
      const std::uint32_t next = tree.member(target, "$ref");
      if (next == Tree::kNone) break;
      target = next;
    }
    if (target != Tree::kNone && !tree.is(target, json::Kind::object)) target = Tree::kNone;
    out.json = with_object_root(tree, target);
  }
  return out;
}

void collect(const Place& place, std::vector<std::string_view>& names, std::unordered_set<std::string_view>& met) {
  if (!place.reference.empty() && met.insert(place.reference).second) names.push_back(place.reference);
  for (const auto& branch : place.any_of) collect(branch, names, met);
  for (const auto& property : place.properties) collect(property.place, names, met);
  for (const auto& items : place.items) collect(items, names, met);
}

Result<RewrittenSchema> rewrite_at(Tree& tree, SchemaSubset subset, bool root_must_be_object, unsigned levels,
                                   bool& recursive) {
  schema::Reader reader(tree, subset == SchemaSubset::openai_strict, levels);
  auto root = reader.root();
  recursive = reader.recursive();
  if (!root) return std::unexpected(root.error());
  if (root->impossible) return fail(Code::invalid_request, "the schema takes no value");
  RewrittenSchema out;
  if (root_must_be_object) {
    if (root->free()) {
      root->types.assign(1, Type::object);
    } else if (is_object(*root)) {
      root->types.assign(1, Type::object);
      root->enumerated = false;
      root->values.clear();
    } else {
      Place wrapper;
      wrapper.types.assign(1, Type::object);
      wrapper.others = Place::Others::refused;
      auto& property = wrapper.properties.emplace_back();
      property.name = "value";
      property.required = true;
      property.place = std::move(*root);
      *root = std::move(wrapper);
      out.wrapped = true;
    }
  }
  out.changed = schema::fit(*root, subset);
  // What is referred to, in the order of first use; definitions refer to more of them.
  std::vector<std::string_view> names;
  std::unordered_set<std::string_view> met;
  collect(*root, names, met);
  std::vector<std::pair<std::string_view, Place>> definitions;
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto place = reader.definition(names[i]);
    if (!place) return std::unexpected(place.error());
    out.changed = schema::fit(*place, subset) || out.changed;
    collect(*place, names, met);
    definitions.emplace_back(names[i], std::move(*place));
  }
  out.changed = out.changed || reader.noted() || reader.cut();
  schema::write(*root, subset, definitions, out.json);
  return out;
}

}  // namespace

Result<RewrittenSchema> rewrite_schema(std::string_view schema, SchemaSubset subset, bool root_must_be_object) {
  Tree tree;
  if (!tree.read(schema)) {
    if (tree.too_large()) return fail(Code::too_large, "the schema is too large");
    return fail(Code::invalid_request, "a schema must be a JSON object");
  }
  if (!tree.is(0, json::Kind::object)) return fail(Code::invalid_request, "a schema must be a JSON object");
  if (subset == SchemaSubset::full) return keep_whole(schema, tree, root_must_be_object);
  // What is too large with three levels of a recursion may not be with one.
  for (unsigned levels = kMostLevels;; --levels) {
    bool recursive = false;
    auto out = rewrite_at(tree, subset, root_must_be_object, levels, recursive);
    if (out || levels == 1 || !recursive || out.error().code != Code::too_large) return out;
  }
}

}  // namespace gatehouse::dialects
