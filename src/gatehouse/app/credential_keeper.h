#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "gatehouse/app/outbound.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/observe/log.h"
#include "gatehouse/providers/token_source.h"

namespace gatehouse::app {

// Keeps the credentials of providers that have to be asked for: fetches each at once and again ahead of its end, and
// hands it on. Where renewing fails the old one holds until it ends. Owned by Server, on its loop's thread; what it was
// given outlives it.
class CredentialKeeper {
 public:
  // `on_credential` hears of each new one, on the loop's thread: hand it to the workers.
  using OnCredential = std::function<void(const providers::TokenSource&, std::shared_ptr<const providers::Credential>)>;
  CredentialKeeper(Outbound& outbound, observe::Log& log, const base::Clock& clock, OnCredential on_credential);
  ~CredentialKeeper();
  CredentialKeeper(const CredentialKeeper&) = delete;
  CredentialKeeper& operator=(const CredentialKeeper&) = delete;

  // At start and on reload; a source that was there before keeps its credential. Code::configuration where TLS cannot
  // be set up.
  Result<> set_sources(std::vector<providers::TokenSource> sources);
  // Once a second, and once behind `set_sources`.
  void tick(base::SteadyTime now);

  // What there is for a source, also for one that was not set yet: null until the first one came.
  std::shared_ptr<const providers::Credential> current(const providers::TokenSource& source) const;

  struct Counts {
    std::size_t sources = 0;
    std::size_t failing = 0;  // whose last fetch failed
    std::uint64_t failures = 0;
  };
  Counts counts() const;

 private:
  struct State;
  struct Kept;
  static Task<void> fetch_one(std::shared_ptr<State> state, std::shared_ptr<Kept> kept);
  // Outlives the keeper while a fetch is under way.
  std::shared_ptr<State> state_;
};

}  // namespace gatehouse::app
