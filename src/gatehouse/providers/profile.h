#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/config/snapshot.h"
#include "gatehouse/llm/chat/block.h"
#include "gatehouse/llm/dialect.h"
#include "gatehouse/llm/operation.h"
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
    std::string prefix;  // of paths, behind `root`: the version and what else the kind adds; no slash at its end
  };

  static std::shared_ptr<const Profile> make(const config::Provider& provider);
  Profile(const Profile&) = delete;  // its quirks point into it
  Profile& operator=(const Profile&) = delete;

  const std::string& name() const { return name_; }
  const Kind& kind() const { return *kind_; }
  // The base URL's own path without the version that it may end with: every path at the provider begins with it.
  const std::string& root() const { return root_; }
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
  // Of Anthropic's dialect, where the caller does not say.
  const std::string& anthropic_version() const { return anthropic_version_; }
  // The credential is a token that is fetched and renewed, not a key of the configuration.
  bool needs_token() const { return token_; }

 private:
  static constexpr std::uint8_t kNone = 0xff;
  explicit Profile(const config::Provider& provider);
  void settle_kind(const config::Provider& provider);
  void settle_quirks(const config::Provider& provider);

  std::string name_;
  const Kind* kind_;
  std::string root_;
  std::vector<Spoken> spoken_;
  std::array<std::uint8_t, llm::kDialectCount> places_{};
  std::uint32_t operations_ = 0;
  std::string query_;
  std::string members_;  // what the quirks' `body_members` refers to
  std::string anthropic_version_ = "2023-06-01";
  bool deployments_ = false;
  bool token_ = false;
  llm::Quirks quirks_;
};

}  // namespace gatehouse::providers
