#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/state/state_keys.h"

namespace gatehouse::state {

// An upload that goes on at an address of a provider's.
struct UploadTicket {
  std::string provider;  // its name in the configuration
  std::string origin;    // "https://host": where it was when the upload began
  std::string target;    // path and query below the provider's base URL
};

// Such uploads as texts for an address of the gateway's own: all that is known of one lies in its ticket, sealed under
// its tenant's key, so that nothing is kept here, any process of the installation can go on with it, and nobody can
// make one up, read one, or use another tenant's. Letters, digits, '-' and '_'. Shared by all workers; any thread, a
// short lock. Time is passed in.
class UploadTickets {
 public:
  explicit UploadTickets(std::shared_ptr<StateKeys> keys, std::chrono::seconds lasts = std::chrono::hours(24))
      : keys_(std::move(keys)), lasts_(lasts) {}

  // Error: upstream_protocol, where the target is longer than kMostTarget.
  Result<std::string> write(std::string_view tenant, const UploadTicket& ticket, base::WallTime now) const;
  // Nothing: not one of this tenant's, changed, or over.
  std::optional<UploadTicket> read(std::string_view tenant, std::string_view text, base::WallTime now) const;

  static constexpr std::size_t kMostTarget = 2048;
  static constexpr std::size_t kMostText = 4096;

 private:
  std::shared_ptr<StateKeys> keys_;
  std::chrono::seconds lasts_;
};

}  // namespace gatehouse::state
