#include "gatehouse/dialects/schema/subset.h"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::schema {
namespace {

using Limits = std::uint32_t;
constexpr Limits bit(Limit limit) { return Limits{1} << static_cast<unsigned>(limit); }

// What a subset has words for.
struct Words {
  bool closed = false;        // every object refuses other members, and may say nothing else about them
  bool all_required = false;  // optional properties are nullable instead
  bool one_required = false;  // an object has at least one
  bool null_type = true;      // else `nullable`
  bool bare_any_of = false;   // anyOf stands alone: its annotations go into the branches
  bool pattern = false;       // regular expressions
  bool anchored = false;      // ... without ^ and $, which are meant
  bool text_enums = false;    // enums are of strings, none of them empty
  bool fallback = true;       // default
  Limits limits = 0;
  std::span<const std::string_view> text_formats{};
  std::span<const std::string_view> number_formats{};
};

constexpr std::array<std::string_view, 10> kAnthropicFormats = {"date-time", "time", "date", "duration", "email",
                                                                "hostname",  "uri",  "ipv4", "ipv6",     "uuid"};
constexpr std::array<std::string_view, 9> kOpenAiFormats = {"date-time", "time", "date", "duration", "email",
                                                            "hostname",  "ipv4", "ipv6", "uuid"};
constexpr std::array<std::string_view, 4> kCohereFormats = {"date-time", "uuid", "date", "time"};
constexpr std::array<std::string_view, 2> kGeminiTextFormats = {"enum", "date-time"};
constexpr std::array<std::string_view, 4> kGeminiNumberFormats = {"float", "double", "int32", "int64"};

constexpr Words kAnthropic = {.closed = true, .text_formats = kAnthropicFormats};
constexpr Words kOpenAi = {.closed = true,
                           .all_required = true,
                           .pattern = true,
                           .fallback = false,
                           .limits = bit(Limit::minimum) | bit(Limit::maximum) | bit(Limit::exclusive_minimum) |
                                     bit(Limit::exclusive_maximum) | bit(Limit::multiple_of) | bit(Limit::min_items) |
                                     bit(Limit::max_items),
                           .text_formats = kOpenAiFormats};
constexpr Words kGemini = {.null_type = false,
                           .bare_any_of = true,
                           .pattern = true,
                           .text_enums = true,
                           .limits = bit(Limit::minimum) | bit(Limit::maximum) | bit(Limit::min_length) |
                                     bit(Limit::max_length) | bit(Limit::min_items) | bit(Limit::max_items) |
                                     bit(Limit::min_properties) | bit(Limit::max_properties),
                           .text_formats = kGeminiTextFormats,
                           .number_formats = kGeminiNumberFormats};
constexpr Words kCohere = {
    .one_required = true, .pattern = true, .anchored = true, .fallback = false, .text_formats = kCohereFormats};

const Words& words_of(SchemaSubset subset) {
  switch (subset) {
    case SchemaSubset::anthropic_output:
      return kAnthropic;
    case SchemaSubset::openai_strict:
      return kOpenAi;
    case SchemaSubset::gemini_openapi:
      return kGemini;
    case SchemaSubset::cohere:
    case SchemaSubset::full:
      break;
  }
  return kCohere;
}

constexpr std::string_view kTooDeep = "nested deeper than can be described: leave it empty";

Place of_type(Type type) {
  Place place;
  place.types.push_back(type);
  return place;
}

// May be null as it is.
bool is_nullable(const Place& place) { return place.has(Type::null) || std::ranges::any_of(place.any_of, is_nullable); }

// Says which type it is and no more.
bool is_bare(const Place& place) {
  return place.types.size() == 1 && place.plain() && place.properties.empty() && place.items.empty() &&
         place.others == Place::Others::untold && !place.enumerated && place.format.empty() && place.pattern.empty() &&
         place.limits.empty();
}

// The same type told twice, as of a list of pairs of numbers.
void drop_repeated(std::vector<Place>& branches) {
  std::vector<Type> met;
  std::erase_if(branches, [&met](const Place& branch) {
    if (!is_bare(branch)) return false;
    if (std::ranges::find(met, branch.types.front()) != met.end()) return true;
    met.push_back(branch.types.front());
    return false;
  });
}

// Whether the place has a type that the limit is for.
bool is_about(Limit limit, const Place& place) {
  if (limit <= Limit::multiple_of) return place.has(Type::integer) || place.has(Type::number);
  if (limit <= Limit::max_length) return place.has(Type::string);
  return place.has(limit <= Limit::unique_items ? Type::array : Type::object);
}

void take_annotations(Place& to, Place& from) {
  to.title = std::exchange(from.title, {});
  to.description = std::move(from.description);
  to.fallback = std::exchange(from.fallback, {});
  to.notes = std::move(from.notes);
  from.description.clear();
  from.notes.clear();
}

class Fitter {
 public:
  explicit Fitter(const Words& words) : words_(words) {}

  void place(Place& place) {
    if (place.impossible) {
      impossible(place);
    } else if (!place.reference.empty()) {
      // A reference stands alone.
      if (!place.plain()) alone(place);
    } else if (!place.any_of.empty()) {
      branches(place);
    } else if (place.free()) {
      anything(place);
    } else {
      std::erase_if(place.types, [&](Type type) { return type == Type::integer && place.has(Type::number); });
      const bool null = place.has(Type::null);
      if (place.types.size() - (null ? 1 : 0) > 1 || (null && place.types.size() > 1 && !pair_)) {
        split(place);
      } else {
        shape(place);
      }
    }
    if (!words_.fallback && !place.fallback.empty()) {
      place.notes.push_back(fmt::format("default {}", cut(std::exchange(place.fallback, {}))));
    }
    if (words_.bare_any_of && !place.any_of.empty()) push_down(place);
  }
  bool noted() const { return noted_; }

 private:
  void note(Place& place, std::string text) {
    place.notes.push_back(std::move(text));
    noted_ = true;
  }
  static std::string cut(std::string_view raw) {
    constexpr std::size_t kMost = 200;
    if (raw.size() <= kMost) return std::string(raw);
    std::size_t end = kMost;
    while (end > 0 && (static_cast<unsigned char>(raw[end]) & 0xC0) == 0x80) --end;
    return std::string(raw.substr(0, end)) + "...";
  }

  // Where something has to stand all the same.
  void impossible(Place& place) {
    Place stand_in;
    stand_in.title = place.title;
    stand_in.description = std::move(place.description);
    stand_in.types.push_back(Type::object);
    place = std::move(stand_in);
    note(place, std::string(kTooDeep));
    shape(place);
  }

  void alone(Place& place) {
    Place target;
    target.reference = std::exchange(place.reference, {});
    place.any_of.push_back(std::move(target));
  }

  void anything(Place& place) {
    note(place, "any JSON value; an object or a list as JSON text");
    for (const Type type : {Type::string, Type::number, Type::boolean}) place.any_of.push_back(of_type(type));
    if (words_.null_type) {
      place.any_of.push_back(of_type(Type::null));
    } else {
      for (auto& branch : place.any_of) branch.types.push_back(Type::null);
    }
  }

  void branches(Place& place) {
    bool null = false;
    if (!words_.null_type) {
      std::erase_if(place.any_of, [&](const Place& branch) {
        const bool is_null = branch.is_only(Type::null);
        null = null || is_null;
        return is_null;
      });
      if (place.any_of.empty()) {
        place.types.assign(1, Type::null);
        return shape(place);
      }
    }
    for (auto& branch : place.any_of) {
      if (null) make_nullable(branch);
      this->place(branch);
    }
    drop_repeated(place.any_of);
    if (place.any_of.size() > 1 || (place.any_of.size() == 1 && !place.any_of.front().reference.empty())) return;
    Place only = std::move(place.any_of.front());
    if (only.title.empty()) only.title = place.title;
    if (only.fallback.empty()) only.fallback = place.fallback;
    if (only.description.empty()) only.description = place.description;
    only.notes.insert(only.notes.begin(), place.notes.begin(), place.notes.end());
    place = std::move(only);
  }

  // Several types: a branch for each, with what is said about it.
  void split(Place& place) {
    Place any;
    take_annotations(any, place);
    const bool null_apart = words_.null_type;
    const bool nullable = place.has(Type::null) && !null_apart;
    for (const Type type : place.types) {
      if (type == Type::null && !null_apart) continue;
      Place branch = of_type(type);
      const bool text = type == Type::string;
      const bool number = type == Type::integer || type == Type::number;
      if (place.enumerated) {
        branch.enumerated = type != Type::null;
        for (const std::string_view value : place.values) {
          if (branch.enumerated && is_of(value, type)) branch.values.push_back(value);
        }
      }
      if (text) branch.pattern = place.pattern;
      if (text || number) branch.format = place.format;
      if (type == Type::object) {
        branch.properties = std::move(place.properties);
        branch.others = place.others;
      }
      if (type == Type::array) branch.items = std::move(place.items);
      for (const auto& one : place.limits) {
        if (is_about(one.first, branch)) branch.limits.push_back(one);
      }
      any.any_of.push_back(std::move(branch));
    }
    if (nullable) {
      for (auto& branch : any.any_of) make_nullable(branch);
    }
    place = std::move(any);
    branches(place);
  }

  static bool is_of(std::string_view value, Type type) {
    switch (json::kind_of(value).value_or(json::Kind::null)) {
      case json::Kind::null:
        return type == Type::null;
      case json::Kind::boolean:
        return type == Type::boolean;
      case json::Kind::number:
        return type == Type::number || (type == Type::integer && json::read_integer(value));
      case json::Kind::string:
        return type == Type::string;
      case json::Kind::object:
        return type == Type::object;
      case json::Kind::array:
        return type == Type::array;
    }
    return false;
  }

  void make_nullable(Place& place) {
    if (place.impossible || is_nullable(place) || place.free()) return;
    if (!place.any_of.empty()) {
      if (words_.null_type) {
        place.any_of.push_back(of_type(Type::null));
      } else {
        for (auto& branch : place.any_of) make_nullable(branch);
      }
    } else if (!place.reference.empty()) {
      alone(place);
      place.any_of.push_back(of_type(Type::null));
    } else {
      place.types.push_back(Type::null);
      if (place.enumerated) place.values.emplace_back("null");
    }
  }

  // Of one type, besides null.
  void shape(Place& place) {
    // Keywords of other types say nothing here.
    const bool number = place.has(Type::integer) || place.has(Type::number);
    const bool text = place.has(Type::string);
    std::erase_if(place.limits, [&](const auto& one) { return !is_about(one.first, place); });
    if (!text) place.pattern = {};
    if (!text && !number) place.format = {};
    values(place);
    words(place);
    limits(place);
    if (place.has(Type::object)) {
      object(place);
    } else {
      place.properties.clear();
      place.others = Place::Others::untold;
    }
    if (place.has(Type::array)) {
      if (place.items.empty()) place.items.emplace_back();
      this->place(place.items.front());
    } else {
      place.items.clear();
    }
    if (!words_.null_type && place.is_only(Type::null)) {
      place.types.insert(place.types.begin(), Type::string);
      note(place, "always null");
    }
  }

  void values(Place& place) {
    if (!place.enumerated) return;
    const bool text = place.has(Type::string);
    const bool deep = place.has(Type::object) || place.has(Type::array);
    std::string said;
    bool move = deep || (words_.text_enums && !text);
    bool empty = false;
    if (words_.text_enums && text) {
      std::erase_if(place.values, [&](std::string_view value) {
        empty = empty || value == "\"\"";
        return value == "\"\"" || value == "null";
      });
      if (empty) move = place.values.empty();
    }
    if (empty) note(place, "may be empty");
    if (!move) return;
    for (const std::string_view value : place.values) {
      if (said.size() > 400) {
        said += " ...";
        break;
      }
      if (!said.empty()) said += ", ";
      said += cut(value);
    }
    place.enumerated = false;
    place.values.clear();
    if (!said.empty() && said != "null") note(place, "one of " + said);
  }

  void words(Place& place) {
    if (!place.format.empty()) {
      const bool number = place.has(Type::integer) || place.has(Type::number);
      const auto known = number ? words_.number_formats : words_.text_formats;
      if (std::ranges::find(known, place.format) == known.end() || !(number || place.has(Type::string))) {
        note(place, fmt::format("format {}", std::exchange(place.format, {})));
      }
    }
    if (place.pattern.empty()) return;
    bool good = words_.pattern && place.has(Type::string);
    // None of the engines takes what looks around, or back.
    for (const std::string_view token : {"(?=", "(?!", "(?<"}) good = good && !place.pattern.contains(token);
    for (std::size_t i = 0; good && i + 1 < place.pattern.size(); ++i) {
      if (place.pattern[i] != '\\') continue;
      ++i;
      good = place.pattern[i] < '1' || place.pattern[i] > '9';
    }
    if (good && words_.anchored) {
      // A pattern is always of the whole text there.
      std::string_view inside = place.pattern;
      if (inside.size() > 2 && inside.front() == '^' && inside.back() == '$' && inside[inside.size() - 2] != '\\') {
        inside = inside.substr(1, inside.size() - 2);
      }
      for (std::size_t i = 0; good && i < inside.size(); ++i) {
        if (inside[i] == '\\') {
          ++i;
        } else {
          // Alternatives would have been anchored at one end only; a set's ^ is no anchor.
          good = inside[i] != '$' && inside[i] != '|' && (inside[i] != '^' || (i > 0 && inside[i - 1] == '['));
        }
      }
      if (good) place.pattern = inside;
    }
    if (!good) note(place, fmt::format("pattern {}", std::exchange(place.pattern, {})));
  }

  void limits(Place& place) {
    std::erase_if(place.limits, [&](const auto& one) {
      const auto& [limit, raw] = one;
      const auto kind = json::kind_of(raw);
      if ((words_.limits & bit(limit)) != 0 && kind == json::Kind::number) return false;
      // Anthropic's takes whether a list may be empty.
      if (words_.closed && !words_.all_required && limit == Limit::min_items && (raw == "0" || raw == "1")) {
        return false;
      }
      const std::string_view name = kLimitNames[static_cast<std::size_t>(limit)];
      note(place, raw == "true" ? std::string(name) : fmt::format("{} {}", name, cut(raw)));
      return true;
    });
  }

  void object(Place& place) {
    std::string gone;
    std::erase_if(place.properties, [&](const Place::Property& property) {
      if (!property.place.impossible || property.required) return false;
      if (gone.size() < 200) {
        if (!gone.empty()) gone += ", ";
        gone.append(property.name);
      }
      return true;
    });
    if (!gone.empty()) note(place, "left out here: " + gone);
    for (auto& property : place.properties) {
      if (words_.all_required && !property.required) {
        make_nullable(property.place);
        property.required = true;
      }
      this->place(property.place);
    }
    if (words_.one_required && !place.properties.empty() &&
        std::ranges::none_of(place.properties, [](const auto& property) { return property.required; })) {
      place.properties.front().required = true;
    }
    if (words_.closed) {
      const auto told = [](const std::string& text) { return text.starts_with("additionalProperties"); };
      if (place.others == Place::Others::allowed && std::ranges::none_of(place.notes, told)) {
        note(place, "further members would be allowed");
      }
      place.others = Place::Others::refused;
    } else if (!words_.null_type) {
      place.others = Place::Others::untold;
    } else if (place.others == Place::Others::allowed) {
      place.others = Place::Others::untold;
    }
  }

  // anyOf alone: what is said about all is said of each.
  void push_down(Place& place) {
    for (auto& branch : place.any_of) {
      if (!place.description.empty()) {
        branch.description = branch.description.empty() ? place.description
                                                        : fmt::format("{} {}", place.description, branch.description);
      }
      if (branch.title.empty()) branch.title = place.title;
      branch.notes.insert(branch.notes.end(), place.notes.begin(), place.notes.end());
      if (!branch.any_of.empty()) push_down(branch);
    }
    place.title = place.fallback = {};
    place.description.clear();
    place.notes.clear();
  }

  const Words& words_;
  const bool pair_ = !words_.null_type || words_.all_required;  // a type and null stand together
  bool noted_ = false;
};

class SchemaWriter {
 public:
  SchemaWriter(const Words& words, std::string& out) : words_(words), json_(out) {}

  void place(const Place& place, const std::vector<std::pair<std::string_view, Place>>* definitions) {
    json_.begin_object();
    if (!place.reference.empty()) {
      json_.key("$ref").string(fmt::format("#/$defs/{}", place.reference));
      json_.end_object();
      return;
    }
    types(place);
    if (!place.title.empty()) json_.key("title").string(place.title);
    description(place);
    if (!place.any_of.empty()) {
      json_.key("anyOf").begin_array();
      for (const auto& branch : place.any_of) this->place(branch, nullptr);
      json_.end_array();
    }
    if (place.enumerated) {
      json_.key("enum").begin_array();
      for (const std::string_view value : place.values) json_.raw(value);
      json_.end_array();
    }
    if (!place.format.empty()) json_.key("format").string(place.format);
    if (!place.pattern.empty()) json_.key("pattern").string(place.pattern);
    for (const auto& [limit, raw] : place.limits) json_.key(kLimitNames[static_cast<std::size_t>(limit)]).raw(raw);
    for (const auto& items : place.items) {
      json_.key("items");
      this->place(items, nullptr);
    }
    if (place.has(Type::object)) members(place);
    if (!place.fallback.empty()) json_.key("default").raw(place.fallback);
    if (definitions != nullptr && !definitions->empty()) {
      json_.key("$defs").begin_object();
      for (const auto& [name, definition] : *definitions) {
        json_.key(name);
        this->place(definition, nullptr);
      }
      json_.end_object();
    }
    json_.end_object();
  }

 private:
  void types(const Place& place) {
    if (place.types.empty()) return;
    json_.key("type");
    const auto name = [](Type type) { return kTypeNames[static_cast<std::size_t>(type)]; };
    const auto first = std::ranges::find_if(place.types, [](Type type) { return type != Type::null; });
    if (place.types.size() == 1 || !words_.null_type) {
      json_.string(name(first == place.types.end() ? Type::null : *first));
    } else {
      json_.begin_array();
      for (const Type type : place.types) json_.string(name(type));
      json_.end_array();
    }
    if (!words_.null_type && place.has(Type::null)) json_.key("nullable").boolean(true);
  }

  void description(const Place& place) {
    if (place.description.empty() && place.notes.empty()) return;
    std::string text = place.description;
    if (!place.notes.empty()) {
      text += text.empty() ? "(" : " (";
      for (std::size_t i = 0; i < place.notes.size(); ++i) {
        if (i > 0) text += "; ";
        text += place.notes[i];
      }
      text += ')';
    }
    json_.key("description").string(text);
  }

  void members(const Place& place) {
    // Gemini takes an object without a list of properties for any, with an empty one for a mistake.
    if (!place.properties.empty() || words_.closed) {
      json_.key("properties").begin_object();
      for (const auto& property : place.properties) {
        json_.key(property.name);
        this->place(property.place, nullptr);
      }
      json_.end_object();
    }
    const bool any = std::ranges::any_of(place.properties, [](const auto& property) { return property.required; });
    if (any || words_.all_required) {
      json_.key("required").begin_array();
      for (const auto& property : place.properties) {
        if (property.required) json_.string(property.name);
      }
      json_.end_array();
    }
    if (place.others == Place::Others::refused) json_.key("additionalProperties").boolean(false);
    if (!words_.null_type && place.properties.size() > 1) {
      json_.key("propertyOrdering").begin_array();
      for (const auto& property : place.properties) json_.string(property.name);
      json_.end_array();
    }
  }

  const Words& words_;
  json::Writer json_;
};

}  // namespace

bool fit(Place& place, SchemaSubset subset) {
  Fitter fitter(words_of(subset));
  fitter.place(place);
  return fitter.noted();
}

void write(const Place& place, SchemaSubset subset, const std::vector<std::pair<std::string_view, Place>>& definitions,
           std::string& out) {
  SchemaWriter(words_of(subset), out).place(place, &definitions);
}

}  // namespace gatehouse::dialects::schema
