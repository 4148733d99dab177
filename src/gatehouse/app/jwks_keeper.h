#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "gatehouse/app/outbound.h"
#include "gatehouse/govern/jwks_cache.h"
#include "gatehouse/observe/log.h"

namespace gatehouse::app {

// Keeps the keys of the issuers of caller tokens: does what JwksCache decides, over HTTPS. Owned by Server, on its
// loop's thread; `unknown_kids` may be noted to from any thread for as long as it lives. What it was given outlives it.
class JwksKeeper {
 public:
  // `on_keys` hears of each new set of keys, on the loop's thread: hand it to the workers.
  using OnKeys = std::function<void(std::shared_ptr<const govern::IssuerKeys>)>;
  JwksKeeper(Outbound& outbound, observe::Log& log, OnKeys on_keys, govern::JwksCache::Policy policy = {});
  ~JwksKeeper();
  JwksKeeper(const JwksKeeper&) = delete;
  JwksKeeper& operator=(const JwksKeeper&) = delete;

  // At start and on reload. Code::configuration as JwksCache has it, or for a url that may not be fetched, or TLS that
  // cannot be set up. Calls `on_keys` before it returns; the first keys follow within a tick.
  Result<> set_sources(std::vector<govern::JwksSource> sources);
  // Once a second.
  void tick(base::SteadyTime now);

  govern::UnknownKids& unknown_kids();
  std::shared_ptr<const govern::IssuerKeys> keys() const;
  std::vector<govern::JwksCache::Status> status() const;

 private:
  struct State;
  static Task<void> fetch_one(std::shared_ptr<State> state, govern::JwksCache::Fetch fetch);
  // Outlives the keeper while a fetch is under way.
  std::shared_ptr<State> state_;
};

}  // namespace gatehouse::app
