#include "gatehouse/dialects/schema/reader.h"

#include <fmt/format.h>

#include "gatehouse/dialects/schema/rewrite.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects::schema {
namespace {

using json::Kind;

constexpr std::size_t kMostNote = 240;  // bytes of a keyword's value that a description takes

std::optional<Type> type_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kTypeCount; ++i) {
    // Gemini's dialect writes them in capitals.
    if (std::ranges::equal(name, kTypeNames[i], [](char a, char b) { return (a | 0x20) == b; })) {
      return static_cast<Type>(i);
    }
  }
  return std::nullopt;
}

std::optional<Limit> limit_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kLimitCount; ++i) {
    if (kLimitNames[i] == name) return static_cast<Limit>(i);
  }
  return std::nullopt;
}

// Keywords that say something which no subset has a word for.
bool is_noted(std::string_view key) {
  static constexpr std::array<std::string_view, 17> kNoted = {"not",
                                                              "if",
                                                              "then",
                                                              "else",
                                                              "dependentRequired",
                                                              "dependentSchemas",
                                                              "dependencies",
                                                              "contains",
                                                              "minContains",
                                                              "maxContains",
                                                              "patternProperties",
                                                              "propertyNames",
                                                              "examples",
                                                              "example",
                                                              "contentEncoding",
                                                              "contentMediaType",
                                                              "unevaluatedItems"};
  return std::ranges::find(kNoted, key) != kNoted.end();
}

bool is_wide(const Place& place) { return !place.any_of.empty(); }

}  // namespace

struct Reader::Parts {
  std::string_view reference;
  std::uint32_t all_of = Tree::kNone;
  std::uint32_t any_of = Tree::kNone;
  std::uint32_t one_of = Tree::kNone;
  std::uint32_t required = Tree::kNone;
  std::uint32_t order = Tree::kNone;  // Gemini's propertyOrdering
  bool nullable = false;
  bool tuple = false;  // `items` is of what comes behind it
};

Result<Place> Reader::root() {
  if (!tree_.is(0, Kind::object)) return fail(Code::invalid_request, "a schema must be a JSON object");
  Place place = read(0);
  // What stands at the root has to be looked at there.
  release(dereference(place));
  if (failed()) return std::unexpected(*error_);
  return place;
}

Result<Place> Reader::definition(std::string_view name) {
  Place place = read(named_nodes_.at(name));
  if (failed()) return std::unexpected(*error_);
  return place;
}

Place Reader::read(std::uint32_t node) {
  Place place;
  if (failed()) return place;
  if (++places_ > kMostSchemaNodes) {
    fail_with(Code::too_large, fmt::format("the schema has more than {} places", kMostSchemaNodes));
    return place;
  }
  if (tree_.is(node, Kind::boolean)) {
    place.impossible = tree_.at(node).raw == "false";
    return place;
  }
  if (!tree_.is(node, Kind::object)) {
    fail_with(Code::invalid_request, "a schema must be an object or a boolean");
    return place;
  }
  if (++depth_ > kMostSchemaDepth) {
    fail_with(Code::too_large, fmt::format("the schema is nested deeper than {}", kMostSchemaDepth));
    --depth_;
    return place;
  }
  Parts parts;
  tree_.children(node, [&](std::uint32_t child) {
    if (!failed()) keyword(child, place, parts);
  });
  if (parts.required != Tree::kNone || parts.order != Tree::kNone) read_required(place, parts);
  if (!parts.reference.empty()) read_reference(parts.reference, place);
  if (parts.all_of != Tree::kNone) read_all_of(parts.all_of, place);
  if (parts.any_of != Tree::kNone) read_any_of(parts.any_of, place);
  if (parts.one_of != Tree::kNone) read_any_of(parts.one_of, place);
  if (!failed()) settle(place);
  if (parts.nullable && !place.impossible) {
    // OpenAPI 3.0's word for a type more.
    if (is_wide(place) || !place.reference.empty()) {
      Place null;
      null.types.push_back(Type::null);
      if (!place.reference.empty()) {
        Place target;
        target.reference = std::exchange(place.reference, {});
        place.any_of.push_back(std::move(target));
      }
      place.any_of.push_back(std::move(null));
    } else if (!place.types.empty() && !place.has(Type::null)) {
      place.types.push_back(Type::null);
      if (place.enumerated) place.values.emplace_back("null");
    }
  }
  --depth_;
  return place;
}

void Reader::keyword(std::uint32_t node, Place& place, Parts& parts) {
  const auto& [key, raw, kind, first, next] = tree_.at(node);
  if (key == "type") {
    read_types(node, place);
  } else if (key == "description") {
    place.description = tree_.text(node);
  } else if (key == "title") {
    place.title = tree_.text(node);
  } else if (key == "properties" && kind == Kind::object) {
    // Of a member that stands twice the last one counts.
    place.properties.clear();
    std::unordered_map<std::string_view, std::size_t> seen;
    for (auto child = first; child != Tree::kNone && !failed(); child = tree_.at(child).next) {
      const auto [known, fresh] = seen.emplace(tree_.at(child).key, place.properties.size());
      if (fresh) place.properties.emplace_back().name = tree_.at(child).key;
      Place inner = read(child);
      place.properties[known->second].place = std::move(inner);
    }
  } else if (key == "required") {
    parts.required = node;
  } else if (key == "propertyOrdering") {
    parts.order = node;
  } else if (key == "items") {
    if (kind == Kind::array) {
      read_tuple(node, place);
    } else if (!parts.tuple) {
      place.items.clear();
      place.items.push_back(read(node));
    }
  } else if (key == "prefixItems" && kind == Kind::array) {
    parts.tuple = true;
    read_tuple(node, place);
  } else if (key == "additionalProperties" || key == "unevaluatedProperties") {
    if (kind == Kind::boolean) {
      place.others = raw == "false" ? Place::Others::refused : Place::Others::allowed;
    } else {
      place.others = Place::Others::allowed;
      note(place, key, node);
    }
  } else if (key == "enum" && kind == Kind::array) {
    place.enumerated = true;
    place.values.clear();
    tree_.children(node, [&](std::uint32_t child) { place.values.push_back(tree_.at(child).raw); });
  } else if (key == "const") {
    place.enumerated = true;
    place.values.assign(1, raw);
  } else if (key == "$ref" && kind == Kind::string) {
    parts.reference = tree_.text(node);
  } else if (key == "allOf" && kind == Kind::array) {
    parts.all_of = node;
  } else if (key == "anyOf" && kind == Kind::array) {
    parts.any_of = node;
  } else if (key == "oneOf" && kind == Kind::array) {
    parts.one_of = node;
  } else if (key == "nullable") {
    parts.nullable = raw == "true";
  } else if (key == "default") {
    place.fallback = raw;
  } else if (key == "format") {
    place.format = tree_.text(node);
  } else if (key == "pattern") {
    place.pattern = tree_.text(node);
  } else if (const auto limit = limit_from_name(key)) {
    std::erase_if(place.limits, [&](const auto& one) { return one.first == *limit; });
    if (raw != "false") place.limits.emplace_back(*limit, raw);
  } else if (is_noted(key)) {
    note(place, key, node);
  }
}

void Reader::read_types(std::uint32_t node, Place& place) {
  const auto add = [&](std::uint32_t one) {
    const auto type = type_from_name(tree_.text(one));
    if (!type) return fail_with(Code::invalid_request, "a schema has an unknown type");
    if (!place.has(*type)) place.types.push_back(*type);
  };
  place.types.clear();
  if (tree_.is(node, Kind::array)) {
    tree_.children(node, add);
  } else {
    add(node);
  }
}

void Reader::read_required(Place& place, const Parts& parts) {
  std::unordered_map<std::string_view, std::size_t> known;
  for (std::size_t i = 0; i < place.properties.size(); ++i) known.emplace(place.properties[i].name, i);
  const auto at = [&](std::string_view name) -> Place::Property& {
    const auto [found, fresh] = known.emplace(name, place.properties.size());
    // Required, and described nowhere: any value.
    if (fresh) {
      ++places_;
      place.properties.emplace_back().name = name;
    }
    return place.properties[found->second];
  };
  if (tree_.is(parts.required, Kind::array)) {
    tree_.children(parts.required, [&](std::uint32_t child) {
      if (tree_.is(child, Kind::string)) at(tree_.text(child)).required = true;
    });
  }
  if (tree_.is(parts.order, Kind::array)) {
    std::vector<Place::Property> ordered;
    std::vector<bool> moved(place.properties.size());
    tree_.children(parts.order, [&](std::uint32_t child) {
      const auto found = known.find(tree_.text(child));
      if (found == known.end() || moved[found->second]) return;
      moved[found->second] = true;
      ordered.push_back(std::move(place.properties[found->second]));
    });
    for (std::size_t i = 0; i < moved.size(); ++i) {
      if (!moved[i]) ordered.push_back(std::move(place.properties[i]));
    }
    place.properties = std::move(ordered);
  }
}

// A list with a schema for each position: any of them for all, the order in words.
void Reader::read_tuple(std::uint32_t node, Place& place) {
  note(place, "items in this order", node);
  Place any;
  tree_.children(node, [&](std::uint32_t child) {
    if (!failed()) any.any_of.push_back(read(child));
  });
  settle(any);
  if (any.any_of.empty() && any.free()) return;
  place.items.clear();
  place.items.push_back(std::move(any));
}

void Reader::note(Place& place, std::string_view keyword, std::uint32_t node) {
  std::string_view raw = tree_.at(node).raw;
  std::string text(keyword);
  text += ' ';
  // On one line, whatever the caller's layout.
  bool quoted = false;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char c = raw[i];
    if (c == '"') quoted = !quoted;
    if (c == '\\' && i + 1 < raw.size()) {
      text += c;
      text += raw[++i];
      continue;
    }
    if (!quoted && (c == '\n' || c == '\r' || c == '\t' || c == ' ')) continue;
    text += c;
  }
  if (text.size() > kMostNote) {
    std::size_t end = kMostNote;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text.resize(end);
    text += "...";
  }
  place.notes.push_back(std::move(text));
  noted_ = true;
}

void Reader::read_reference(std::string_view reference, Place& place) {
  const std::uint32_t target = find(reference);
  if (target == Tree::kNone) {
    return fail_with(Code::invalid_request, "a schema has a reference ($ref) that leads nowhere");
  }
  if (named_ && place.free()) {
    place.reference = definition_name(reference, target);
    return;
  }
  merge(place, resolve(target));
}

Place Reader::resolve(std::uint32_t node) {
  Place place;
  if (failed()) return place;
  unsigned& open = open_[node];
  if (open >= levels_) {
    recursive_ = cut_ = true;
    place.impossible = true;
    return place;
  }
  if (open > 0) recursive_ = true;
  ++open;
  place = read(node);
  --open_[node];
  return place;
}

std::uint32_t Reader::dereference(Place& place) {
  if (place.reference.empty() || failed()) return Tree::kNone;
  const std::uint32_t node = named_nodes_.at(std::exchange(place.reference, {}));
  merge(place, resolve(node));
  ++open_[node];
  return node;
}

void Reader::release(std::uint32_t node) {
  if (node != Tree::kNone) --open_[node];
}

void Reader::read_all_of(std::uint32_t list, Place& place) {
  tree_.children(list, [&](std::uint32_t child) {
    if (!failed()) merge(place, read(child));
  });
}

void Reader::read_any_of(std::uint32_t list, Place& place) {
  // Often a branch only says which properties have to be there: that needs no copies of all the rest.
  bool required_only = tree_.at(list).first != Tree::kNone;
  tree_.children(list, [&](std::uint32_t child) {
    const bool one = tree_.is(child, Kind::object) && tree_.member(child, "required") != Tree::kNone &&
                     tree_.at(tree_.at(child).first).next == Tree::kNone;
    required_only = required_only && one;
  });
  if (required_only) return note(place, "one of these", list);
  Place any;
  tree_.children(list, [&](std::uint32_t child) {
    if (!failed()) any.any_of.push_back(read(child));
  });
  if (any.any_of.empty()) return;
  merge(place, std::move(any));
}

std::uint32_t Reader::find(std::string_view reference) {
  const auto known = found_.find(reference);
  if (known != found_.end()) return known->second;
  std::uint32_t node = Tree::kNone;
  if (reference == "#") {
    node = 0;
  } else if (reference.starts_with("#/")) {
    node = find_pointer(reference.substr(1));
  } else {
    index_names();
    const auto named = anchors_.find(reference.starts_with('#') ? reference.substr(1) : reference);
    if (named != anchors_.end()) node = named->second;
  }
  if (!tree_.is(node, Kind::object) && !tree_.is(node, Kind::boolean)) node = Tree::kNone;
  found_.emplace(reference, node);
  return node;
}

// RFC 6901, percent-encoded as in a URL's fragment.
std::uint32_t Reader::find_pointer(std::string_view pointer) {
  std::uint32_t node = 0;
  const auto hex = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char low = static_cast<char>(c | 0x20);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
  };
  while (!pointer.empty() && node != Tree::kNone) {
    pointer.remove_prefix(1);
    const std::string_view written = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(written.size());
    std::string bytes;
    for (std::size_t i = 0; i < written.size(); ++i) {
      if (written[i] == '%' && i + 2 < written.size() && hex(written[i + 1]) >= 0 && hex(written[i + 2]) >= 0) {
        bytes += static_cast<char>(hex(written[i + 1]) * 16 + hex(written[i + 2]));
        i += 2;
      } else {
        bytes += written[i];
      }
    }
    std::string token;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (bytes[i] == '~' && i + 1 < bytes.size() && (bytes[i + 1] == '0' || bytes[i + 1] == '1')) {
        token += bytes[++i] == '0' ? '~' : '/';
      } else {
        token += bytes[i];
      }
    }
    if (tree_.is(node, Kind::array)) {
      const auto index = json::read_count(token);
      node = index ? tree_.element(node, static_cast<std::size_t>(*index)) : Tree::kNone;
    } else {
      node = tree_.member(node, token);
    }
  }
  return node;
}

void Reader::index_names() {
  if (indexed_) return;
  indexed_ = true;
  std::vector<std::uint32_t> todo{0};
  while (!todo.empty()) {
    const std::uint32_t node = todo.back();
    todo.pop_back();
    tree_.children(node, [&](std::uint32_t child) {
      const auto& [key, raw, kind, first, next] = tree_.at(child);
      if ((key == "$anchor" || key == "$id") && kind == Kind::string) anchors_.emplace(tree_.text(child), node);
      if (kind == Kind::object || kind == Kind::array) todo.push_back(child);
    });
  }
}

std::string_view Reader::definition_name(std::string_view reference, std::uint32_t node) {
  const auto known = names_.find(node);
  if (known != names_.end()) return known->second;
  std::string_view name = reference.substr(reference.find_last_of("/#") + 1);
  const auto definitions = tree_.member(0, "$defs");
  const bool own = tree_.member(definitions, name) == node;
  if (!own && (name.empty() || name.find_first_of("~%") != std::string_view::npos)) name = "root";
  // Names of definitions that are there are theirs.
  while (!own && (named_nodes_.contains(name) || tree_.member(definitions, name) != Tree::kNone)) {
    name = texts_.emplace_back(fmt::format("{}_", name));
  }
  names_.emplace(node, name);
  named_nodes_.emplace(name, node);
  return name;
}

}  // namespace gatehouse::dialects::schema
