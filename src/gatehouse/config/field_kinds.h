#pragma once

#include <string>
#include <type_traits>

#include "gatehouse/config/reader.h"
#include "gatehouse/config/units.h"

// Makes the lines of the tables (tables.cc): each function binds a kind of field to a member of the structure that the
// table fills. The default that is shown is the member's initialiser, so it is written once.
namespace gatehouse::config {

template <auto M>
struct Member;
template <class C, class V, V C::* M>
struct Member<M> {
  using Class = C;
  using Value = V;
  static V& in(void* object) { return static_cast<C*>(object)->*M; }
  static V initial() { return C{}.*M; }
};

template <auto M>
constexpr Field boolean(std::string_view name, std::string_view description) {
  return {.name = name,
          .kind = Kind::boolean,
          .description = description,
          .read =
              [](Reader& reader, const Field&, const Node& node, void* into) {
                if (const auto value = reader.boolean(node)) Member<M>::in(into) = *value;
              },
          .show_default = [] { return std::string(Member<M>::initial() ? "true" : "false"); }};
}

template <auto M>
constexpr Field integer(std::string_view name, std::uint64_t min, std::uint64_t max, std::string_view description) {
  return {.name = name,
          .kind = Kind::integer,
          .description = description,
          .min = min,
          .max = max,
          .read =
              [](Reader& reader, const Field& field, const Node& node, void* into) {
                using Value = typename Member<M>::Value;
                if (const auto value = reader.integer(field, node)) Member<M>::in(into) = static_cast<Value>(*value);
              },
          .show_default = [] { return std::to_string(Member<M>::initial()); }};
}

template <auto M>
constexpr Field size(std::string_view name, std::uint64_t min, std::uint64_t max, std::string_view description) {
  return {.name = name,
          .kind = Kind::size,
          .description = description,
          .min = min,
          .max = max,
          .read =
              [](Reader& reader, const Field& field, const Node& node, void* into) {
                if (const auto value = reader.size(field, node)) Member<M>::in(into) = *value;
              },
          .show_default = [] { return format_size(Member<M>::initial()); }};
}

template <auto M>
constexpr Field duration(std::string_view name, milliseconds min, milliseconds max, std::string_view description) {
  return {.name = name,
          .kind = Kind::duration,
          .description = description,
          .min = static_cast<std::uint64_t>(min.count()),
          .max = static_cast<std::uint64_t>(max.count()),
          .read =
              [](Reader& reader, const Field& field, const Node& node, void* into) {
                if (const auto value = reader.duration(field, node)) Member<M>::in(into) = *value;
              },
          .show_default = [] { return format_duration(Member<M>::initial()); }};
}

// `min` and `max` are lengths in bytes.
template <auto M>
constexpr Field text(std::string_view name, Charset charset, std::uint64_t min, std::uint64_t max,
                     std::string_view description) {
  return {.name = name,
          .kind = Kind::text,
          .description = description,
          .min = min,
          .max = max,
          .charset = charset,
          .read = [](Reader& reader, const Field& field, const Node& node, void* into) {
            if (auto value = reader.text(field, node)) Member<M>::in(into) = std::move(*value);
          }};
}

template <auto M>
constexpr Field secret(std::string_view name, std::uint64_t min, std::uint64_t max, std::string_view description) {
  return {.name = name,
          .kind = Kind::secret,
          .description = description,
          .min = min,
          .max = max,
          .charset = Charset::visible,
          .read = [](Reader& reader, const Field& field, const Node& node, void* into) {
            if (auto value = reader.secret(field, node)) Member<M>::in(into) = std::move(*value);
          }};
}

template <auto M, const auto& Choices>
constexpr Field choice(std::string_view name, std::string_view description,
                       std::span<const std::string_view> not_available = {}) {
  return {.name = name,
          .kind = Kind::choice,
          .description = description,
          .choices = Choices,
          .not_available = not_available,
          .read =
              [](Reader& reader, const Field& field, const Node& node, void* into) {
                using Value = typename Member<M>::Value;
                if (const auto value = reader.choice(field, node)) Member<M>::in(into) = static_cast<Value>(*value);
              },
          .show_default =
              [] {
                for (const Choice& known : Choices) {
                  if (known.value == static_cast<int>(Member<M>::initial())) return std::string(known.name);
                }
                return std::string();
              }};
}

template <auto M>
constexpr Field input(std::string_view name, std::string_view description) {
  return {.name = name,
          .kind = Kind::input,
          .description = description,
          .read = [](Reader& reader, const Field&, const Node& node, void* into) {
            if (auto value = reader.input(node)) Member<M>::in(into) = std::move(*value);
          }};
}

template <auto M>
constexpr Field output(std::string_view name, std::string_view description) {
  return {.name = name,
          .kind = Kind::output,
          .description = description,
          .read = [](Reader& reader, const Field&, const Node& node, void* into) {
            if (auto value = reader.output(node)) Member<M>::in(into) = std::move(*value);
          }};
}

// A file or folder that is looked for when it is used: by then it may have come or gone.
template <auto M>
constexpr Field path(std::string_view name, std::string_view description) {
  return {.name = name,
          .kind = Kind::path,
          .description = description,
          .read = [](Reader& reader, const Field&, const Node& node, void* into) {
            if (auto value = reader.path(node)) Member<M>::in(into) = std::move(*value);
          }};
}

template <auto M>
constexpr Field listen(std::string_view name, std::string_view description) {
  return {.name = name,
          .kind = Kind::listen,
          .description = description,
          .read =
              [](Reader& reader, const Field&, const Node& node, void* into) {
                std::vector<base::Endpoint> addresses;
                const auto add = [&](const Node& item) {
                  if (const auto address = reader.listen(item)) addresses.push_back(*address);
                };
                if (node.kind != Node::Kind::list) {
                  add(node);
                } else if (node.items.empty()) {
                  reader.problem(node, "must hold at least one address");
                } else {
                  reader.each(node, add);
                }
                if (!addresses.empty()) Member<M>::in(into) = std::move(addresses);
              },
          .show_default = [] { return Member<M>::initial().front().to_string(); }};
}

template <auto M>
constexpr Field blocks(std::string_view name, std::string_view description) {
  return {.name = name,
          .kind = Kind::blocks,
          .description = description,
          .read = [](Reader& reader, const Field&, const Node& node, void* into) {
            reader.each(node, [&](const Node& item) {
              if (const auto block = reader.block(item)) Member<M>::in(into).push_back(*block);
            });
          }};
}

template <auto M>
constexpr Field url(std::string_view name, std::string_view description) {
  return {.name = name,
          .kind = Kind::url,
          .description = description,
          .read = [](Reader& reader, const Field&, const Node& node, void* into) {
            if (auto value = reader.url(node)) Member<M>::in(into) = std::move(*value);
          }};
}

// The name of a provider; the member is its position.
template <auto M>
constexpr Field provider(std::string_view name, std::string_view description) {
  return {.name = name,
          .kind = Kind::text,
          .description = description,
          .min = 1,
          .max = 64,
          .charset = Charset::name,
          .read = [](Reader& reader, const Field&, const Node& node, void* into) {
            if (const auto position = reader.provider(node)) Member<M>::in(into) = *position;
          }};
}

template <auto M>
constexpr Field time(std::string_view name, std::string_view description) {
  return {.name = name,
          .kind = Kind::time,
          .description = description,
          .read = [](Reader& reader, const Field&, const Node& node, void* into) {
            if (const auto value = reader.time(node)) Member<M>::in(into) = *value;
          }};
}

// A Money, or an optional one; `min` and `max` are whole numbers.
template <auto M>
constexpr Field decimal(std::string_view name, std::uint64_t min, std::uint64_t max, std::string_view description) {
  return {.name = name,
          .kind = Kind::decimal,
          .description = description,
          .min = min,
          .max = max,
          .read =
              [](Reader& reader, const Field& field, const Node& node, void* into) {
                if (const auto value = reader.decimal(field, node)) Member<M>::in(into) = *value;
              },
          .show_default =
              [] {
                if constexpr (requires { Member<M>::initial().has_value(); }) {
                  return std::string();
                } else {
                  return Member<M>::initial().to_string();
                }
              }};
}

// The same below zero too: -`max` to `max`.
template <auto M>
constexpr Field signed_decimal(std::string_view name, std::uint64_t max, std::string_view description) {
  Field field = decimal<M>(name, 0, max, description);
  field.is_signed = true;
  return field;
}

// A place in the identity tree.
template <auto M>
constexpr Field scope(std::string_view name, std::string_view description) {
  return {.name = name,
          .kind = Kind::scope,
          .description = description,
          .min = 3,
          .max = 300,
          .read = [](Reader& reader, const Field& field, const Node& node, void* into) {
            if (auto value = reader.scope(field, node)) Member<M>::in(into) = std::move(*value);
          }};
}

// Lists that narrow what is allowed: an empty one would read as none and mean all.
inline void refuse_empty(Reader& reader, const Node& node) {
  if (node.kind != Node::Kind::null && (node.kind != Node::Kind::list || !node.items.empty())) return;
  reader.problem(node, "must name at least one; leave it out to allow all");
}

// A list of std::string.
template <auto M>
constexpr Field texts(std::string_view name, Charset charset, std::string_view description) {
  return {.name = name,
          .kind = Kind::texts,
          .description = description,
          .min = 1,
          .max = 256,
          .charset = charset,
          .read = [](Reader& reader, const Field& field, const Node& node, void* into) {
            refuse_empty(reader, node);
            reader.each(node, [&](const Node& item) {
              if (auto value = reader.text(field, item)) Member<M>::in(into).push_back(std::move(*value));
            });
          }};
}

// A list of NamePattern.
template <auto M>
constexpr Field patterns(std::string_view name, std::string_view description) {
  return {.name = name,
          .kind = Kind::texts,
          .description = description,
          .min = 1,
          .max = 256,
          .charset = Charset::pattern,
          .read = [](Reader& reader, const Field& field, const Node& node, void* into) {
            refuse_empty(reader, node);
            reader.each(node, [&](const Node& item) {
              if (auto value = reader.text(field, item)) Member<M>::in(into).push_back({std::move(*value)});
            });
          }};
}

// A list of std::string, each the name of a choice.
template <auto M>
constexpr Field choices(std::string_view name, std::span<const Choice> known, std::string_view description) {
  return {.name = name,
          .kind = Kind::choices,
          .description = description,
          .choices = known,
          .read = [](Reader& reader, const Field& field, const Node& node, void* into) {
            refuse_empty(reader, node);
            reader.each(node, [&](const Node& item) {
              const auto value = reader.choice(field, item);
              if (!value) return;
              for (const Choice& choice : field.choices) {
                if (choice.value == *value) Member<M>::in(into).emplace_back(choice.name);
              }
            });
          }};
}

// A structure, or an optional one that is there when the section is.
template <auto M>
constexpr Field section(std::string_view name, const Section& table) {
  return {.name = name,
          .kind = Kind::section,
          .description = table.description,
          .section = &table,
          .read = [](Reader& reader, const Field& field, const Node& node, void* into) {
            auto& value = Member<M>::in(into);
            if constexpr (requires { value.emplace(); }) {
              reader.read_section(*field.section, node, &value.emplace());
            } else {
              reader.read_section(*field.section, node, &value);
            }
          }};
}

// A vector of structures. An item is there even when it is wrong.
template <auto M>
constexpr Field sections(std::string_view name, const Section& table) {
  return {.name = name,
          .kind = Kind::sections,
          .description = table.description,
          .section = &table,
          .read = [](Reader& reader, const Field& field, const Node& node, void* into) {
            reader.each(node, [&](const Node& item) {
              reader.read_section(*field.section, item, &Member<M>::in(into).emplace_back());
            });
          }};
}

}  // namespace gatehouse::config
