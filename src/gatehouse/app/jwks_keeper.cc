#include "gatehouse/app/jwks_keeper.h"

#include <utility>

#include "gatehouse/async/task_scope.h"

namespace gatehouse::app {

struct JwksKeeper::State {
  State(Outbound& o, observe::Log& l, OnKeys k, govern::JwksCache::Policy p)
      : outbound(o), log(l), on_keys(std::move(k)), cache(p) {}

  Outbound& outbound;
  observe::Log& log;
  OnKeys on_keys;
  govern::JwksCache cache;
  govern::UnknownKids unknown_kids;
  async::AbortSource abort;
};

JwksKeeper::JwksKeeper(Outbound& outbound, observe::Log& log, OnKeys on_keys, govern::JwksCache::Policy policy)
    : state_(std::make_shared<State>(outbound, log, std::move(on_keys), policy)) {}

JwksKeeper::~JwksKeeper() {
  state_->on_keys = nullptr;
  state_->abort.abort(async::AbortReason::shutdown);
}

Result<> JwksKeeper::set_sources(std::vector<govern::JwksSource> sources) {
  bool tls = false;
  for (const auto& source : sources) {
    if (source.keys) continue;
    const auto url = http::FetchUrl::parse(source.discover ? source.issuer : source.url);
    if (!url) {
      return fail(Code::configuration, "the address of the keys of \"" + source.issuer + "\" " + url.error().detail);
    }
    tls = tls || url->tls;
  }
  if (tls) {
    if (auto made = state_->outbound.prepare_tls(); !made) return made;
  }
  if (auto set = state_->cache.set_sources(std::move(sources)); !set) return set;
  state_->on_keys(state_->cache.published());
  return {};
}

void JwksKeeper::tick(base::SteadyTime now) {
  for (const auto& note : state_->unknown_kids.drain()) state_->cache.unknown_kid(note, now);
  if (state_->cache.expire(now)) {
    state_->log.error("jwks_expired", {{"detail", "keys that could not be refreshed for a day are no longer trusted"}});
    state_->on_keys(state_->cache.published());
  }
  while (auto next = state_->cache.next(now)) {
    // `done` holds the state until the coroutine has ended; an exception out of it leaves the fetch in flight, said so.
    async::start(state_->outbound.loop(), fetch_one(state_, *std::move(next)),
                 [state = state_](std::exception_ptr error) {
                   if (error) state->log.error("jwks_defect");
                 });
  }
}

Task<void> JwksKeeper::fetch_one(std::shared_ptr<State> state, govern::JwksCache::Fetch fetch) {
  Result<http::FetchAnswer> answer;
  auto url = http::FetchUrl::parse(fetch.url);
  if (url) {
    http::FetchRequest request;
    request.url = *std::move(url);
    request.max_answer = govern::kMaxJwksSize;
    answer = co_await state->outbound.fetch(std::move(request), state->abort);
  } else {
    answer = std::unexpected(Error(Code::configuration, "The address of the keys " + url.error().detail));
  }
  if (state->abort.aborted()) co_return;
  const auto now = async::Loop::now();
  if (answer && answer->status != 200) {
    answer = fail(Code::upstream_protocol, "The answer has status " + std::to_string(answer->status));
  }
  Result<bool> changed = false;
  if (answer) {
    changed = state->cache.fetched(fetch.ticket, answer->body, now);
  } else {
    state->cache.failed(fetch.ticket, now);
    changed = std::unexpected(std::move(answer.error()));
  }
  if (!changed) {
    state->log.warn("jwks_failed", {{"url", fetch.url}, {"detail", changed.error().to_string()}});
  } else if (*changed) {
    state->log.info("jwks_changed", {{"url", fetch.url}});
    state->on_keys(state->cache.published());
  }
}

govern::UnknownKids& JwksKeeper::unknown_kids() { return state_->unknown_kids; }
std::shared_ptr<const govern::IssuerKeys> JwksKeeper::keys() const { return state_->cache.published(); }
std::vector<govern::JwksCache::Status> JwksKeeper::status() const { return state_->cache.status(); }

}  // namespace gatehouse::app
