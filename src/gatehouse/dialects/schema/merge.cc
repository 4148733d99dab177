#include <fmt/format.h>

#include "gatehouse/dialects/schema/reader.h"
#include "gatehouse/dialects/schema/rewrite.h"
#include "gatehouse/json/value.h"

// Of the Reader: two schemas that both hold made one, and one form for what can be said in several ways.
namespace gatehouse::dialects::schema {
namespace {

using json::Kind;

constexpr std::size_t kMostCombinations = 32;  // of two anyOf that hold at once

Type type_of(std::string_view raw) {
  switch (json::kind_of(raw).value_or(Kind::null)) {
    case Kind::null:
      return Type::null;
    case Kind::boolean:
      return Type::boolean;
    case Kind::number:
      return json::read_integer(raw) ? Type::integer : Type::number;
    case Kind::string:
      return Type::string;
    case Kind::object:
      return Type::object;
    case Kind::array:
      return Type::array;
  }
  return Type::null;
}

bool takes(const std::vector<Type>& types, Type type) {
  for (const Type one : types) {
    if (one == type || (one == Type::number && type == Type::integer)) return true;
  }
  return false;
}

bool is_lower_bound(Limit limit) {
  return limit == Limit::minimum || limit == Limit::exclusive_minimum || limit == Limit::min_length ||
         limit == Limit::min_items || limit == Limit::min_properties;
}

bool is_wide(const Place& place) { return !place.any_of.empty(); }

}  // namespace

void Reader::merge(Place& place, Place&& other) {
  if (failed()) return;
  const bool was_free = place.free();
  if (place.title.empty()) place.title = other.title;
  if (place.fallback.empty()) place.fallback = other.fallback;
  if (place.description.empty()) {
    place.description = std::move(other.description);
  } else if (!other.description.empty() && !was_free && place.description != other.description) {
    place.description += ' ';
    place.description += other.description;
  }
  for (auto& text : other.notes) place.notes.push_back(std::move(text));
  other.notes.clear();
  other.description.clear();
  if (place.impossible || other.impossible) {
    place.impossible = true;
    return;
  }
  if (other.free()) {
    if (other.others == Place::Others::refused) place.others = other.others;
    return;
  }
  if (was_free) {
    const auto others = place.others;
    Place shape = std::move(other);
    shape.title = place.title;
    shape.fallback = place.fallback;
    shape.description = std::move(place.description);
    shape.notes = std::move(place.notes);
    if (others == Place::Others::refused) shape.others = others;
    place = std::move(shape);
    return;
  }
  if (place.reference == other.reference && !place.reference.empty()) return;
  if (!place.reference.empty() || !other.reference.empty()) {
    const std::uint32_t mine = dereference(place);
    const std::uint32_t theirs = dereference(other);
    merge(place, std::move(other));
    release(mine);
    release(theirs);
    return;
  }
  if (is_wide(place) || is_wide(other)) {
    // Branches may be references to what has branches.
    if (++depth_ > kMostSchemaDepth) {
      fail_with(Code::too_large, fmt::format("the schema is nested deeper than {}", kMostSchemaDepth));
    } else {
      merge_any_of(place, other);
    }
    --depth_;
    return;
  }
  merge_types(place, other);
  if (place.impossible) return;
  merge_properties(place, other);
  if (other.others == Place::Others::refused) place.others = other.others;
  if (!other.items.empty()) {
    if (place.items.empty()) {
      place.items = std::move(other.items);
    } else {
      merge(place.items.front(), std::move(other.items.front()));
    }
  }
  if (place.enumerated && other.enumerated) {
    std::erase_if(place.values,
                  [&](std::string_view value) { return std::ranges::find(other.values, value) == other.values.end(); });
  } else if (other.enumerated) {
    place.enumerated = true;
    place.values = std::move(other.values);
  }
  if (place.format.empty()) place.format = other.format;
  if (place.pattern.empty()) {
    place.pattern = other.pattern;
  } else if (!other.pattern.empty() && other.pattern != place.pattern) {
    place.notes.push_back(fmt::format("pattern {}", other.pattern));
    noted_ = true;
  }
  merge_limits(place, other);
  settle(place);
}

void Reader::merge_types(Place& place, Place& other) {
  if (other.types.empty()) return;
  if (place.types.empty()) {
    place.types = std::move(other.types);
    return;
  }
  std::vector<Type> both;
  for (const Type type : place.types) {
    if (takes(other.types, type)) {
      both.push_back(type);
    } else if (type == Type::number && std::ranges::find(other.types, Type::integer) != other.types.end()) {
      both.push_back(Type::integer);
    }
  }
  place.types = std::move(both);
  place.impossible = place.types.empty();
}

void Reader::merge_limits(Place& place, const Place& other) {
  for (const auto& [limit, raw] : other.limits) {
    const auto known = std::ranges::find(place.limits, limit, [](const auto& one) { return one.first; });
    if (known == place.limits.end()) {
      place.limits.emplace_back(limit, raw);
      continue;
    }
    if (known->second == raw) continue;
    const auto a = json::read_number(known->second);
    const auto b = json::read_number(raw);
    const std::string_view name = kLimitNames[static_cast<std::size_t>(limit)];
    if (!a || !b || limit == Limit::multiple_of) {
      place.notes.push_back(fmt::format("{} {}", name, raw));
      noted_ = true;
    } else if (is_lower_bound(limit) ? *b > *a : *b < *a) {
      known->second = raw;
    }
  }
}

void Reader::merge_properties(Place& place, Place& other) {
  if (other.properties.empty()) return;
  std::unordered_map<std::string_view, std::size_t> known;
  for (std::size_t i = 0; i < place.properties.size(); ++i) known.emplace(place.properties[i].name, i);
  for (auto& property : other.properties) {
    const auto found = known.find(property.name);
    if (found == known.end()) {
      place.properties.push_back(std::move(property));
      continue;
    }
    auto& mine = place.properties[found->second];
    mine.required = mine.required || property.required;
    merge(mine.place, std::move(property.place));
  }
}

// What holds besides the branches has to hold in each.
void Reader::merge_any_of(Place& place, Place& other) {
  std::vector<Place> branches;
  const auto of = [](Place& one) -> std::vector<Place> {
    if (is_wide(one)) return std::move(one.any_of);
    std::vector<Place> single;
    Place shape = std::move(one);
    shape.title = shape.fallback = {};
    shape.description.clear();
    shape.notes.clear();
    single.push_back(std::move(shape));
    return single;
  };
  Place about;
  about.title = place.title;
  about.fallback = place.fallback;
  about.description = place.description;
  about.notes = place.notes;
  std::vector<Place> mine = of(place);
  std::vector<Place> theirs = of(other);
  if (mine.size() * theirs.size() > kMostCombinations && mine.size() > 1 && theirs.size() > 1) {
    about.any_of = std::move(mine);
    about.notes.emplace_back("and one more condition that cannot be told here");
    noted_ = true;
  } else {
    for (const Place& a : mine) {
      for (const Place& b : theirs) {
        places_ += 1 + a.properties.size() + b.properties.size();
        if (places_ > kMostSchemaNodes) {
          return fail_with(Code::too_large, fmt::format("the schema has more than {} places", kMostSchemaNodes));
        }
        Place both = a;
        merge(both, Place(b));
        settle(both);
        about.any_of.push_back(std::move(both));
      }
    }
  }
  place = std::move(about);
}

void Reader::settle(Place& place) {
  if (place.impossible || !place.reference.empty()) return;
  if (is_wide(place)) {
    std::erase_if(place.any_of, [](const Place& branch) { return branch.impossible; });
    if (place.any_of.empty()) {
      place.impossible = true;
      return;
    }
    // A branch that takes anything makes the others idle.
    for (const Place& branch : place.any_of) {
      if (!branch.free()) continue;
      place.any_of.clear();
      return;
    }
    if (place.any_of.size() > 1) return;
    Place only = std::move(place.any_of.front());
    place.any_of.clear();
    merge(place, std::move(only));
    return;
  }
  if (place.types.empty()) infer_types(place);
  keep_values(place);
}

void Reader::infer_types(Place& place) {
  const auto add = [&place](Type type) {
    if (!place.has(type)) place.types.push_back(type);
  };
  if (place.enumerated) {
    for (const std::string_view value : place.values) add(type_of(value));
    if (place.has(Type::number)) std::erase(place.types, Type::integer);
    return;
  }
  if (!place.properties.empty() || place.others != Place::Others::untold) add(Type::object);
  if (!place.items.empty()) add(Type::array);
  if (!place.format.empty() || !place.pattern.empty()) add(Type::string);
  for (const auto& [limit, raw] : place.limits) {
    if (limit <= Limit::multiple_of) {
      add(Type::number);
    } else if (limit <= Limit::max_length) {
      add(Type::string);
    } else {
      add(limit <= Limit::unique_items ? Type::array : Type::object);
    }
  }
}

void Reader::keep_values(Place& place) {
  if (!place.enumerated) return;
  // OpenAI's own examples list the type null beside an enum without it, and mean it.
  if (place.has(Type::null) && std::ranges::find(place.values, "null") == place.values.end()) {
    place.values.emplace_back("null");
  }
  std::erase_if(place.values, [&](std::string_view value) { return !takes(place.types, type_of(value)); });
  std::erase_if(place.types, [&](Type type) {
    return std::ranges::none_of(place.values, [type](std::string_view value) {
      const Type own = type_of(value);
      return own == type || (type == Type::number && own == Type::integer);
    });
  });
  if (place.values.empty()) place.impossible = true;
}

}  // namespace gatehouse::dialects::schema
