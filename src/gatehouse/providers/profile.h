#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/config/snapshot.h"
#include "gatehouse/llm/dialect.h"
#include "gatehouse/llm/quirks.h"
#include "gatehouse/providers/kinds.h"

namespace gatehouse::providers {

// One provider of a configuration with what its kind and its settings come to: which dialects it is spoken to in, below
// which paths, with which key, and how it differs from the dialects' owners. Made once a configuration and shared by
// the workers; immutable, any thread. It does not refer to the configuration that it was made of.
class Profile {
 public:
  // A dialect as this provider offers it.
  struct Spoken {
    llm::Dialect dialect;
    Auth auth;
    std::string prefix;  // of the path: the base URL's own and what the kind adds; no slash at its end
  };

  static std::shared_ptr<const Profile> make(const config::Provider& provider);
  Profile(const Profile&) = delete;  // its quirks point into it
  Profile& operator=(const Profile&) = delete;

  const std::string& name() const { return name_; }
  const Kind& kind() const { return *kind_; }
  const llm::Quirks& quirks() const { return quirks_; }
  // The main dialect first; never empty.
  const std::vector<Spoken>& spoken() const { return spoken_; }
  // Null: it does not speak it.
  const Spoken* find(llm::Dialect dialect) const {
    const auto at = places_[static_cast<std::size_t>(dialect)];
    return at == kNone ? nullptr : &spoken_[at];
  }
  bool has(llm::Operation operation) const {
    return (operations_ & (1U << static_cast<std::uint32_t>(operation))) != 0;
  }
  // Every path gets it, behind a `?` or `&`: "api-version=2024-10-21"; empty: nothing.
  const std::string& query() const { return query_; }
  // Azure's older addresses, in which the path names the deployment.
  bool deployments() const { return deployments_; }

 private:
  static constexpr std::uint8_t kNone = 0xff;
  explicit Profile(const config::Provider& provider);

  std::string name_;
  const Kind* kind_;
  std::vector<Spoken> spoken_;
  std::array<std::uint8_t, llm::kDialectCount> places_{};
  std::uint32_t operations_ = 0;
  std::string query_;
  std::string members_;  // what the quirks' `members` refers to
  bool deployments_ = false;
  llm::Quirks quirks_;
};

}  // namespace gatehouse::providers
