#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gatehouse/base/strings.h"

namespace gatehouse::http {

// A fixed set of field names, asked about every field of every message. Most names are told apart by their length and
// first letter alone. Names of up to 32 bytes; case does not matter.
template <std::size_t N>
class NameSet {
 public:
  consteval explicit NameSet(const std::array<std::string_view, N>& names) : names_(names) {
    for (const std::string_view name : names_) first_letters_.at(name.size()) |= letter(name.front());
  }
  constexpr bool contains(std::string_view name) const {
    if (name.empty() || name.size() >= first_letters_.size()) return false;
    if ((first_letters_[name.size()] & letter(name.front())) == 0) return false;
    for (const std::string_view known : names_) {
      if (base::equals_ignore_case(name, known)) return true;
    }
    return false;
  }

 private:
  // The same bit for both cases.
  static constexpr std::uint32_t letter(char c) { return std::uint32_t{1} << (static_cast<unsigned char>(c) % 32); }

  std::array<std::string_view, N> names_;
  std::array<std::uint32_t, 33> first_letters_{};  // by length
};

template <class... Names>
consteval NameSet<sizeof...(Names)> name_set(Names... names) {
  return NameSet<sizeof...(Names)>({std::string_view(names)...});
}

}  // namespace gatehouse::http
