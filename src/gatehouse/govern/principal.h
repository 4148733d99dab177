#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"

namespace gatehouse::govern {

// Which names of a kind (models, operations) somebody may use. A pattern is a name, a prefix and a star (`gpt-5*`), or
// a star alone. Default-constructed it admits every name; made from an empty list it admits none. Immutable, so
// readable from any thread.
class NameRules {
 public:
  NameRules() = default;
  // Code::configuration for an empty pattern or a star that is not at the end.
  static Result<NameRules> parse(const std::vector<std::string>& patterns);

  // Byte for byte: names are case-sensitive, as the providers' are.
  bool admits(std::string_view name) const;
  bool admits_all() const { return all_; }

 private:
  bool all_ = true;
  std::vector<std::string> exact_;     // sorted
  std::vector<std::string> prefixes_;  // without the star
};

// Who is calling, and what for. Immutable once it is in a KeyStore; lives as long as that store. The names are labels
// of records and metrics. (The identity tree will hang its budgets and roles here.)
struct Principal {
  std::string key_name;
  std::string team;
  std::string project;
  std::string user;
  std::string metadata;                      // labels of its own as a JSON object, for records; empty: none
  NameRules models;                          // names that callers ask for, before aliases are resolved
  NameRules operations;                      // e.g. `chat`, `embeddings`
  std::optional<base::WallTime> expires_at;  // from this moment on the key is refused

  bool may_use_model(std::string_view name) const { return models.admits(name); }
  bool may_use_operation(std::string_view name) const { return operations.admits(name); }
};

}  // namespace gatehouse::govern
