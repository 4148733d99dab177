#include "gatehouse/providers/sandbox/schema.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "gatehouse/base/strings.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::providers::sandbox {
namespace {

using json::Kind;
using json::Value;

// Bytes of schema that may be walked over, values that may be written, and levels of them.
constexpr std::size_t kMostWork = 64u << 20;
constexpr std::size_t kMostValues = 5'000;
constexpr std::size_t kMostDepth = 60;
// From this level on only what is required is written, so that recursion ends.
constexpr std::size_t kShortDepth = 6;
constexpr std::size_t kMostReferences = 16;

std::string_view between(std::string_view text, char open, char close) {
  const auto begin = text.find(open);
  if (begin == std::string_view::npos) return {};
  const auto end = text.find(close, begin + 1);
  return end == std::string_view::npos ? std::string_view() : text.substr(begin + 1, end - begin - 1);
}

// "in Paris" -> "Paris", with further capitalised words ("New York").
std::string_view place_in(std::string_view text) {
  for (const std::string_view word : {" in ", " for ", " at ", " to "}) {
    for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
      const std::size_t begin = at + word.size();
      std::size_t end = begin;
      std::size_t next = begin;
      while (next < text.size() && text[next] >= 'A' && text[next] <= 'Z') {
        end = next;
        while (end < text.size() && text[end] != ' ' && text.find_first_of(".,;:!?\"'", end) != end) ++end;
        if (end >= text.size() || text[end] != ' ') break;
        next = end + 1;
      }
      if (end > begin) return text.substr(begin, end - begin);
    }
  }
  return {};
}

// At most `characters` characters of valid UTF-8.
std::string_view first_characters(std::string_view text, std::size_t characters) {
  std::size_t at = 0;
  while (at < text.size() && characters > 0) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
    --characters;
  }
  return text.substr(0, at);
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string string_of_format(std::string_view format) {
  if (format == "date-time") return "2026-01-15T09:30:00Z";
  if (format == "date") return "2026-01-15";
  if (format == "time") return "09:30:00Z";
  if (format == "duration") return "PT15M";
  if (format == "email" || format == "idn-email") return "ada@example.com";
  if (format == "hostname" || format == "idn-hostname") return "example.com";
  if (format == "ipv4") return "192.0.2.1";
  if (format == "ipv6") return "2001:db8::1";
  if (format == "uuid") return "123e4567-e89b-12d3-a456-426614174000";
  if (format == "uri" || format == "iri" || format == "uri-reference") return "https://example.com/";
  return {};
}

// What a property of this name would plausibly hold.
std::string string_for_name(std::string_view name, std::string_view hint) {
  const std::string lower = base::to_lower(name);
  const auto has = [&](std::string_view part) { return lower.find(part) != std::string::npos; };
  const auto or_else = [](std::string_view found, std::string_view otherwise) {
    return std::string(found.empty() ? otherwise : found);
  };
  if (has("email") || has("mail")) return "ada@example.com";
  if (has("phone")) return "+1 202-555-0143";
  if (has("url") || has("uri") || has("link")) return "https://example.com/";
  if (has("city") || has("location") || has("place") || has("destination")) return or_else(place_in(hint), "Paris");
  if (has("country")) return "France";
  if (has("timezone")) return "Europe/Paris";
  if (has("currency")) return "EUR";
  if (has("language") || has("locale")) return "en";
  if (has("date")) return "2026-01-15";
  if (has("time")) return "09:30";
  if (has("unit")) return "metric";
  if (has("query") || has("question") || has("search") || has("text") || has("message") || has("prompt") ||
      has("input") || has("content") || has("answer") || has("summary") || has("reason") || lower == "q") {
    const std::string_view quoted = between(hint, '"', '"');
    return or_else(first_characters(quoted.empty() ? hint : quoted, 120), "sandbox sample");
  }
  if (has("name")) return "Ada Lovelace";
  if (has("id")) return "id-1";
  return name.empty() ? "sandbox" : "sample " + std::string(first_characters(name, 40));
}

class Maker {
 public:
  Maker(Value root, std::string_view hint) : root_(root), hint_(hint) {}

  std::optional<std::string> make() {
    std::string out;
    json::Writer writer(out);
    value(root_, "", 0, 0, writer);
    if (failed_) return std::nullopt;
    return out;
  }

 private:
  // A schema with all that is joined to it by $ref, allOf, anyOf and oneOf; the first that has a keyword counts.
  using Parts = std::vector<Value>;

  Value member(Value of, std::string_view key) {
    work_ += of.raw().size();
    if (work_ > kMostWork) failed_ = true;
    return failed_ ? Value() : of[key];
  }

  Value keyword(const Parts& parts, std::string_view key) {
    for (const Value part : parts) {
      if (const Value found = member(part, key); found.exists()) return found;
    }
    return {};
  }

  // A JSON pointer within the document (RFC 6901): "#", "#/$defs/name".
  Value at_pointer(std::string_view pointer) {
    if (!pointer.starts_with('#')) return {};
    pointer.remove_prefix(1);
    Value at = root_;
    while (pointer.starts_with('/')) {
      pointer.remove_prefix(1);
      const auto slash = std::min(pointer.find('/'), pointer.size());
      std::string key;
      for (std::size_t i = 0; i < slash; ++i) {
        const bool escaped = pointer[i] == '~' && i + 1 < slash;
        if (escaped) ++i;
        key.push_back(escaped ? (pointer[i] == '1' ? '/' : '~') : pointer[i]);
      }
      pointer.remove_prefix(slash);
      if (at.is(Kind::array)) {
        const auto index = base::parse_u64(key);
        std::size_t i = 0;
        Value found;
        at.elements([&](Value element) {
          if (index && i++ == *index) found = element;
        });
        at = found;
      } else {
        at = member(at, key);
      }
    }
    return at;
  }

  void gather(Value schema, std::size_t depth, std::size_t references, Parts& parts) {
    if (failed_ || references > kMostReferences) {
      failed_ = true;
      return;
    }
    parts.push_back(schema);
    if (!schema.is(Kind::object)) return;
    if (const auto reference = member(schema, "$ref").string()) {
      const Value target = at_pointer(*reference);
      if (!target.exists()) failed_ = true;
      gather(target, depth, references + 1, parts);
    }
    member(schema, "allOf").elements([&](Value part) { gather(part, depth, references + 1, parts); });
    for (const std::string_view key : {"anyOf", "oneOf"}) {
      if (const Value branches = member(schema, key); branches.size() > 0) {
        gather(pick(branches, depth), depth, references + 1, parts);
      }
    }
  }

  // The first branch; deep down rather one that cannot go on.
  Value pick(Value branches, std::size_t depth) {
    Value first;
    Value simple;
    branches.elements([&](Value branch) {
      if (!first.exists()) first = branch;
      const std::string type = member(branch, "type").string_or("");
      const bool goes_on = type == "object" || type == "array" ||
                           (type.empty() && !member(branch, "enum").exists() && !member(branch, "const").exists());
      if (!simple.exists() && !goes_on) simple = branch;
    });
    return depth >= kShortDepth && simple.exists() ? simple : first;
  }

  std::string type_of(const Parts& parts) {
    const Value type = keyword(parts, "type");
    if (auto name = type.string()) return *std::move(name);
    std::string picked;
    type.elements([&](Value element) {
      const std::string name = element.string_or("");
      if (picked.empty() || picked == "null") picked = name;
    });
    if (!picked.empty()) return picked;
    if (keyword(parts, "properties").exists() || keyword(parts, "required").exists()) return "object";
    if (keyword(parts, "items").exists() || keyword(parts, "prefixItems").exists()) return "array";
    for (const std::string_view key : {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}) {
      if (keyword(parts, key).exists()) return "number";
    }
    return "string";
  }

  // `index` tells the items of an array apart.
  void value(Value schema, std::string_view name, std::size_t index, std::size_t depth, json::Writer& writer) {
    if (++values_ > kMostValues || depth > kMostDepth || schema.raw() == "false") failed_ = true;
    if (failed_) return;
    Parts parts;
    gather(schema, depth, 0, parts);
    if (const Value constant = keyword(parts, "const"); constant.exists()) {
      writer.raw(constant.raw());
      return;
    }
    if (const Value choices = keyword(parts, "enum"); choices.size() > 0) {
      std::size_t i = 0;
      const std::size_t wanted = index % choices.size();
      choices.elements([&](Value choice) {
        if (i++ == wanted) writer.raw(choice.raw());
      });
      return;
    }
    const std::string type = type_of(parts);
    if (type == "object") return object(parts, depth, writer);
    if (type == "array") return array(parts, name, depth, writer);
    if (const Value preset = keyword(parts, "default"); preset.exists() && index == 0 && !preset.is_null()) {
      writer.raw(preset.raw());
    } else if (type == "string") {
      writer.string(string(parts, name, index));
    } else if (type == "integer" || type == "number") {
      number(parts, type == "integer", index, writer);
    } else if (type == "boolean") {
      writer.boolean(index % 2 == 0);
    } else {
      writer.null();
    }
  }

  void object(const Parts& parts, std::size_t depth, json::Writer& writer) {
    std::vector<std::string> required;
    for (const Value part : parts) {
      member(part, "required").elements([&](Value name) {
        if (auto text = name.string()) required.push_back(*std::move(text));
      });
    }
    const auto is_required = [&](std::string_view name) { return std::ranges::find(required, name) != required.end(); };
    std::vector<std::string> written;
    const auto is_written = [&](std::string_view name) { return std::ranges::find(written, name) != written.end(); };
    writer.begin_object();
    for (const Value part : parts) {
      member(part, "properties").members([&](std::string_view name, Value schema) {
        if (is_written(name) || (depth >= kShortDepth && !is_required(name))) return;
        written.emplace_back(name);
        writer.key(name);
        value(schema, name, 0, depth + 1, writer);
      });
    }
    for (const std::string& name : required) {
      if (is_written(name)) continue;
      written.push_back(name);
      writer.key(name);
      value(Value("{}"), name, 0, depth + 1, writer);
    }
    writer.end_object();
  }

  void array(const Parts& parts, std::string_view name, std::size_t depth, json::Writer& writer) {
    const Value items = keyword(parts, "items");
    const std::size_t least = keyword(parts, "minItems").integer().value_or(0) > 0
                                  ? static_cast<std::size_t>(*keyword(parts, "minItems").integer())
                                  : 0;
    const auto most = keyword(parts, "maxItems").integer();
    std::size_t wanted = depth >= kShortDepth || items.raw() == "false" ? least : std::max<std::size_t>(least, 1);
    if (most && *most >= 0) wanted = std::min(wanted, static_cast<std::size_t>(*most));
    writer.begin_array();
    std::size_t index = 0;
    keyword(parts, "prefixItems").elements([&](Value schema) {
      if (most && static_cast<std::int64_t>(index) >= *most) return;
      value(schema, name, index++, depth + 1, writer);
    });
    while (index < wanted && !failed_) value(items, name, index++, depth + 1, writer);
    writer.end_array();
  }

  std::string string(const Parts& parts, std::string_view name, std::size_t index) {
    std::string text = string_of_format(keyword(parts, "format").string_or(""));
    const bool formatted = !text.empty();
    if (!formatted) text = string_for_name(name, hint_);
    if (index > 0 && !formatted) text += " " + std::to_string(index + 1);
    const auto least = keyword(parts, "minLength").integer().value_or(0);
    const auto most = keyword(parts, "maxLength").integer();
    constexpr std::int64_t kMostLength = 10'000;
    if (least > kMostLength) failed_ = true;
    if (failed_) return {};
    for (auto size = static_cast<std::int64_t>(count_characters(text)); size < least; ++size) text.push_back('.');
    if (most && *most >= 0) text = std::string(first_characters(text, static_cast<std::size_t>(*most)));
    return text;
  }

  void number(const Parts& parts, bool whole, std::size_t index, json::Writer& writer) {
    const auto bound = [&](std::string_view key) { return keyword(parts, key).number(); };
    const auto step_given = bound("multipleOf");
    const double step = step_given && *step_given > 0 ? *step_given : 1;
    double value = static_cast<double>(index + 1) * step;
    if (const auto least = bound("minimum"); least && value < *least) value = std::ceil(*least / step) * step;
    if (const auto least = bound("exclusiveMinimum"); least && value <= *least) {
      value = (std::floor(*least / step) + 1) * step;
    }
    if (const auto most = bound("maximum"); most && value > *most) value = std::floor(*most / step) * step;
    if (const auto most = bound("exclusiveMaximum"); most && value >= *most) {
      value = (std::ceil(*most / step) - 1) * step;
    }
    // A narrow range without a whole number in it: its middle, or what is next to the one bound.
    if (!whole && !step_given) {
      const double low = std::max(bound("minimum").value_or(-INFINITY), bound("exclusiveMinimum").value_or(-INFINITY));
      const double high = std::min(bound("maximum").value_or(INFINITY), bound("exclusiveMaximum").value_or(INFINITY));
      if (std::isfinite(low) && std::isfinite(high) && (value < low || value > high)) value = low + (high - low) / 2;
    }
    if (whole && std::abs(value) < 9e15) {
      writer.integer(static_cast<std::int64_t>(std::llround(value)));
    } else {
      writer.number(value);
    }
  }

  Value root_;
  std::string_view hint_;
  std::size_t work_ = 0;
  std::size_t values_ = 0;
  bool failed_ = false;
};

}  // namespace

std::optional<std::string> make_up(Value schema, std::string_view hint) { return Maker(schema, hint).make(); }

}  // namespace gatehouse::providers::sandbox
