#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/base/error.h"

namespace gatehouse::ml {

// What the labels of classifiers and token classifiers mean here: by the operator's word, else by a table of usual
// names, compared without case, `_`, `-` and blanks. Pure.

using LabelMap = std::vector<std::pair<std::string, std::string>>;  // label, what it is

enum class Verdict : std::uint8_t { none, attack, harmful };

// Of a classifier's label: the map's `attack`, `harmful` or `none`, else the table's (INJECTION, JAILBREAK, LABEL_1,
// UNSAFE ...). What nobody knows is none. Errors: configuration: the map says something else.
Result<Verdict> verdict_of(std::string_view label, const LabelMap& map);

// A label of a token classifier, its scheme undone (BIO, IOBES, BILOU or none: B-PER, S-PER, PER).
struct EntityLabel {
  std::string entity{};  // Gatehouse's name; empty: no entity (O, MISC, what the map says is none)
  std::string part{};    // the label without its mark: a given name and a surname are parts of one PERSON
  bool begins = false;   // B, S, U: a new one begins, also beside one of its kind
};
// The map may name the label with its mark or without. What neither it nor the table knows keeps its own name, in
// capitals.
EntityLabel entity_of(std::string_view label, const LabelMap& map);

// "B-given_name" -> "GIVENNAME" once its mark is off.
std::string normal_label(std::string_view label);

}  // namespace gatehouse::ml
