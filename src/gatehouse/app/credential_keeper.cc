#include "gatehouse/app/credential_keeper.h"

#include <algorithm>
#include <utility>

#include "gatehouse/app/credential_fetch.h"
#include "gatehouse/async/task_scope.h"
#include "gatehouse/providers/refresh.h"

namespace gatehouse::app {
namespace {

// A credentials file is looked at this often: nobody says when it changes.
constexpr base::Duration kFileAgain = std::chrono::minutes(5);

// For the log: who is asked, and nothing that is secret.
std::string whom(const providers::TokenSource& source) {
  if (source.kind == providers::TokenSource::Kind::aws) return "aws " + source.aws.region;
  return source.url.authority();
}

bool needs_tls(const providers::TokenSource& source) {
  if (source.kind != providers::TokenSource::Kind::aws) return source.url.tls;
  const auto& aws = source.aws;
  const bool asks_sts = !aws.role_arn.empty() && (aws.sts_endpoint.empty() || aws.sts_endpoint.tls);
  return asks_sts || aws.container_endpoint.tls || aws.imds_endpoint.tls;
}

}  // namespace

struct CredentialKeeper::Kept {
  providers::TokenSource source;
  std::shared_ptr<const providers::Credential> credential;
  providers::RefreshSchedule schedule;
  bool told_expired = false;
};

struct CredentialKeeper::State {
  State(Outbound& o, observe::Log& l, const base::Clock& c, OnCredential on)
      : outbound(o), log(l), clock(c), on_credential(std::move(on)), random(base::Random::from_device()) {}

  Outbound& outbound;
  observe::Log& log;
  const base::Clock& clock;
  OnCredential on_credential;
  base::Random random;
  std::vector<std::shared_ptr<Kept>> kept;
  std::uint64_t failures = 0;
  async::AbortSource abort;
};

CredentialKeeper::CredentialKeeper(Outbound& outbound, observe::Log& log, const base::Clock& clock,
                                   OnCredential on_credential)
    : state_(std::make_shared<State>(outbound, log, clock, std::move(on_credential))) {}

CredentialKeeper::~CredentialKeeper() {
  state_->on_credential = nullptr;
  state_->abort.abort(async::AbortReason::shutdown);
}

Result<> CredentialKeeper::set_sources(std::vector<providers::TokenSource> sources) {
  if (std::ranges::any_of(sources, needs_tls)) {
    if (auto made = state_->outbound.prepare_tls(); !made) return made;
  }
  std::vector<std::shared_ptr<Kept>> next;
  for (auto& source : sources) {
    const auto is_it = [&](const std::shared_ptr<Kept>& kept) { return kept->source == source; };
    if (std::ranges::any_of(next, is_it)) continue;  // several providers with one account
    const auto known = std::ranges::find_if(state_->kept, is_it);
    if (known != state_->kept.end()) {
      next.push_back(*known);
      continue;
    }
    auto made = std::make_shared<Kept>(Kept{.source = std::move(source), .credential = {}, .schedule = {}});
    if (auto given = providers::given_credential(made->source)) {
      made->credential = std::make_shared<const providers::Credential>(std::move(*given));
      made->schedule.succeeded({}, std::nullopt, std::nullopt, state_->random);
    }
    next.push_back(std::move(made));
  }
  state_->kept = std::move(next);
  return {};
}

void CredentialKeeper::tick(base::SteadyTime now) {
  for (const auto& kept : state_->kept) {
    if (kept->credential && !kept->told_expired && kept->credential->expired(state_->clock.wall())) {
      kept->told_expired = true;
      state_->log.error("credential_expired",
                        {{"kind", providers::name(kept->source.kind)}, {"from", whom(kept->source)}});
    }
    if (!kept->schedule.due(now)) continue;
    kept->schedule.started();
    // `done` holds the state until the coroutine has ended; an exception out of it leaves the fetch in flight, said so.
    async::start(state_->outbound.loop(), fetch_one(state_, kept), [state = state_](std::exception_ptr error) {
      if (error) state->log.error("credential_defect");
    });
  }
}

Task<void> CredentialKeeper::fetch_one(std::shared_ptr<State> state, std::shared_ptr<Kept> kept) {
  auto got = co_await fetch_credential(state->outbound, kept->source, state->clock, state->abort);
  if (state->abort.aborted()) co_return;
  const auto now = async::Loop::now();
  // One that has ended is no better than none.
  if (got && got->expired(state->clock.wall())) {
    got = fail(Code::upstream_credentials, "the credential has ended already");
  }
  if (!got) {
    ++state->failures;
    kept->schedule.failed(now, state->random);
    state->log.warn("credential_failed", {{"kind", providers::name(kept->source.kind)},
                                          {"from", whom(kept->source)},
                                          {"failures", kept->schedule.failures()},
                                          {"detail", got.error().to_string()}});
    co_return;
  }
  std::optional<base::Duration> life;
  if (got->expires) life = std::chrono::duration_cast<base::Duration>(*got->expires - state->clock.wall());
  const bool is_file = !kept->source.aws.credentials_file.empty();
  kept->schedule.succeeded(now, life, is_file ? std::optional(kFileAgain) : std::nullopt, state->random);
  kept->credential = std::make_shared<const providers::Credential>(std::move(*got));
  kept->told_expired = false;
  state->log.debug("credential_renewed", {{"kind", providers::name(kept->source.kind)}, {"from", whom(kept->source)}});
  // A source that a reload took away in the meantime has nobody to hand it to.
  if (std::ranges::find(state->kept, kept) != state->kept.end()) state->on_credential(kept->source, kept->credential);
}

std::shared_ptr<const providers::Credential> CredentialKeeper::current(const providers::TokenSource& source) const {
  for (const auto& kept : state_->kept) {
    if (kept->source == source) return kept->credential;
  }
  if (auto given = providers::given_credential(source)) {
    return std::make_shared<const providers::Credential>(std::move(*given));
  }
  return nullptr;
}

CredentialKeeper::Counts CredentialKeeper::counts() const {
  Counts counts{.sources = state_->kept.size(), .failing = 0, .failures = state_->failures};
  for (const auto& kept : state_->kept) counts.failing += kept->schedule.failures() > 0 ? 1 : 0;
  return counts;
}

}  // namespace gatehouse::app
