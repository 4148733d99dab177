#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/providers/aws/credentials.h"

namespace gatehouse::providers {

// What a provider is shown at the moment where that is no key of the configuration: a token, or AWS keys to sign with.
// Immutable once shared; any thread.
struct Credential {
  base::Secret token;                     // empty: `aws` is it
  aws::Credentials aws;                   // empty: `token` is it
  std::optional<base::WallTime> expires;  // nothing: it does not

  // A minute early, for clocks that differ and for requests that are on their way.
  bool expired(base::WallTime now) const { return expires && now + std::chrono::seconds(60) >= *expires; }
};

// One worker's view of a provider's credential. Whoever renews it puts the new one in on the worker's loop, between two
// requests; so no request waits for a lock or sees half of a change. Made before its worker serves, shared by the
// worker's upstream and the one who renews.
class CredentialSlot {
 public:
  explicit CredentialSlot(std::shared_ptr<const Credential> first = nullptr) : credential_(std::move(first)) {}
  // Null: there was none yet.
  const std::shared_ptr<const Credential>& get() const { return credential_; }
  void set(std::shared_ptr<const Credential> credential) { credential_ = std::move(credential); }

 private:
  std::shared_ptr<const Credential> credential_;
};

}  // namespace gatehouse::providers
