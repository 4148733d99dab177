#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"

namespace gatehouse::govern {

// Which names of a kind (models, operations) somebody may use. A pattern is a name, a prefix and a star (`gpt-5*`), or
// a star alone. Default-constructed it admits every name; made from an empty list it admits none. Immutable, so
// readable from any thread; a copy shares the names.
class NameRules {
 public:
  NameRules() = default;
  // Code::configuration for an empty pattern or a star that is not at the end.
  static Result<NameRules> parse(const std::vector<std::string>& patterns);

  // Byte for byte: names are case-sensitive, as the providers' are.
  bool admits(std::string_view name) const;
  bool admits_all() const { return lists_ == nullptr; }

 private:
  struct Lists {
    std::vector<std::string> exact;     // sorted
    std::vector<std::string> prefixes;  // without the star
  };
  std::shared_ptr<const Lists> lists_;  // null: every name
};

}  // namespace gatehouse::govern
