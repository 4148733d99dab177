#pragma once

#include <string_view>

namespace gatehouse::govern {

// Visits each "k=v" of "k=v,k=v". Empty ones are passed over.
template <class Visit>
void each_tag(std::string_view tags, Visit visit) {
  while (!tags.empty()) {
    const std::size_t comma = tags.find(',');
    const std::string_view tag = tags.substr(0, comma);
    if (!tag.empty()) visit(tag);
    tags.remove_prefix(comma == std::string_view::npos ? tags.size() : comma + 1);
  }
}

// The value of a tag (the first of that name); empty where there is none.
inline std::string_view tag_value(std::string_view tags, std::string_view name) {
  std::string_view value;
  each_tag(tags, [&](std::string_view tag) {
    const std::size_t equals = tag.find('=');
    if (value.data() == nullptr && tag.substr(0, equals) == name && equals != std::string_view::npos) {
      value = tag.substr(equals + 1);
    }
  });
  return value;
}

}  // namespace gatehouse::govern
