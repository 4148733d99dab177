#include "gatehouse/govern/jwks_cache.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "gatehouse/crypto/hmac.h"
#include "gatehouse/json/unique.h"
#include "gatehouse/json/value.h"

namespace gatehouse::govern {
namespace {

constexpr std::uint64_t kIssuerMask = 0xff;
// A set that somebody keeps publishing with other white space must not empty every cache of principals each time; but
// any change of the text counts, since what matters cannot be told from what does not.
bool same(const std::shared_ptr<const JwkSet>& a, const std::shared_ptr<const JwkSet>& b) {
  if (!a || !b) return a == b;
  return a->fingerprint() == b->fingerprint();
}

bool same(const JwksSource& a, const JwksSource& b) {
  return a.issuer == b.issuer && a.url == b.url && a.discover == b.discover && same(a.keys, b.keys);
}

std::uint64_t hash_of(std::string_view kid) {
  const crypto::Digest digest = crypto::sha256(kid);
  std::uint64_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof(hash));
  return hash & ~kIssuerMask;
}

}  // namespace

std::optional<IssuerKeys::Found> IssuerKeys::find(std::string_view issuer) const {
  for (const Entry& entry : entries_) {
    if (entry.issuer == issuer) return Found{entry.id, entry.keys.get()};
  }
  return std::nullopt;
}

void UnknownKids::note(std::uint32_t issuer, std::string_view kid) {
  // The hash is SHA-256's, so nobody finds an id that hides behind another one's.
  const std::uint64_t word = hash_of(kid) | (issuer & kIssuerMask);
  const std::size_t begin = static_cast<std::size_t>(word >> 8U);
  for (std::size_t i = 0; i < kSlots; ++i) {
    std::atomic<std::uint64_t>& slot = slots_[(begin + i) % kSlots];
    std::uint64_t seen = slot.load(std::memory_order_relaxed);
    if (seen == word) return;
    if (seen != 0) continue;
    if (slot.compare_exchange_strong(seen, word, std::memory_order_relaxed) || seen == word) return;
  }
}

std::vector<UnknownKids::Note> UnknownKids::drain() {
  std::vector<Note> notes;
  for (auto& slot : slots_) {
    if (slot.load(std::memory_order_relaxed) == 0) continue;
    const std::uint64_t word = slot.exchange(0, std::memory_order_relaxed);
    if (word != 0) notes.push_back({static_cast<std::uint32_t>(word & kIssuerMask), word & ~kIssuerMask});
  }
  return notes;
}

JwksCache::JwksCache() : JwksCache(Policy{}) {}
JwksCache::JwksCache(Policy policy) : policy_(policy), published_(std::make_shared<const IssuerKeys>()) {}

Result<> JwksCache::set_sources(std::vector<JwksSource> sources) {
  if (sources.size() > kMaxIssuers) return fail(Code::configuration, "more than 64 issuers of tokens");
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const JwksSource& source = sources[i];
    const int ways = int{!source.url.empty()} + int{source.discover} + int{source.keys != nullptr};
    if (source.issuer.empty() || ways != 1) {
      return fail(Code::configuration, "an issuer of tokens needs one source of its keys");
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (sources[j].issuer == source.issuer) return fail(Code::configuration, "an issuer of tokens is given twice");
    }
  }
  std::vector<Issuer> next;
  for (JwksSource& source : sources) {
    const auto old = std::ranges::find_if(issuers_, [&](const Issuer& issuer) { return same(issuer.source, source); });
    if (old != issuers_.end()) {
      next.push_back(std::move(*old));
      issuers_.erase(old);
      continue;
    }
    Issuer issuer;
    issuer.source = std::move(source);
    issuer.keys = issuer.source.keys;
    issuer.pause = policy_.min_refetch;
    next.push_back(std::move(issuer));
  }
  // Ids fit a byte and are an issuer's for as long as it stays; the lowest free one is taken.
  for (Issuer& issuer : next) {
    while (issuer.id == 0) {
      next_id_ = next_id_ % kIssuerMask + 1;
      if (std::ranges::none_of(next, [&](const Issuer& other) { return other.id == next_id_; })) issuer.id = next_id_;
    }
  }
  issuers_ = std::move(next);
  publish();
  return {};
}

void JwksCache::publish() {
  auto keys = std::make_shared<IssuerKeys>();
  for (const Issuer& issuer : issuers_) {
    keys->entries_.push_back({.issuer = issuer.source.issuer, .id = issuer.id, .keys = issuer.keys});
  }
  keys->generation_ = ++generation_;
  published_ = std::move(keys);
}

std::optional<JwksCache::Fetch> JwksCache::next(base::SteadyTime now) {
  for (Issuer& issuer : issuers_) {
    if (issuer.source.keys || issuer.ticket != 0) continue;
    // `due` is in the past only at first; the pause holds for what tokens ask for.
    const bool asked = issuer.asked && issuer.fetched_at && now - *issuer.started_at >= issuer.pause;
    if (now < issuer.due && !asked) continue;
    issuer.discovering = issuer.source.discover && issuer.discovered.empty();
    issuer.ticket = next_ticket_++;
    issuer.started_at = now;
    ++issuer.fetches;
    std::string url = issuer.source.url;
    if (issuer.discovering) {
      url = issuer.source.issuer;
      if (url.ends_with('/')) url.pop_back();
      url += "/.well-known/openid-configuration";
    } else if (issuer.source.discover) {
      url = issuer.discovered;
    }
    return Fetch{issuer.ticket, std::move(url)};
  }
  return std::nullopt;
}

JwksCache::Issuer* JwksCache::by_ticket(std::uint64_t ticket) {
  const auto found =
      std::ranges::find_if(issuers_, [ticket](const Issuer& issuer) { return ticket != 0 && issuer.ticket == ticket; });
  return found == issuers_.end() ? nullptr : &*found;
}

void JwksCache::fail_with(Issuer& issuer, base::SteadyTime now) {
  issuer.ticket = 0;
  issuer.asked = false;
  issuer.asked_for.clear();
  // An address that discovery gave may have moved.
  issuer.discovered.clear();
  base::Duration pause = policy_.retry;
  for (std::uint64_t i = 0; i < issuer.failures && pause < policy_.refresh; ++i) pause *= 2;
  ++issuer.failures;
  issuer.due = now + std::min(pause, policy_.refresh);
}

Result<bool> JwksCache::take_discovery(Issuer& issuer, std::string_view body, base::SteadyTime now) {
  const auto wrong = [&](const char* why) -> Result<bool> {
    fail_with(issuer, now);
    return fail(Code::upstream_protocol, why);
  };
  if (body.size() > kMaxJwksSize || !json::require_unique_members(body)) {
    return wrong("the discovery document is not JSON that is accepted");
  }
  const json::Value document(body);
  // OpenID Connect Discovery 1.0, section 4.3: must be the very issuer, or another one speaks for it.
  if (document["issuer"].string() != issuer.source.issuer) return wrong("the discovery document is another issuer's");
  auto url = document["jwks_uri"].string();
  if (!url || url->empty() || url->size() > 2048) return wrong("the discovery document names no key set");
  // An issuer that is asked over TLS sends nobody to where there is none, least of all to the gateway's own host.
  if (!issuer.source.issuer.starts_with("http://") && !url->starts_with("https://")) {
    return wrong("the discovery document's key set is not at an https address");
  }
  issuer.discovered = *std::move(url);
  issuer.ticket = 0;
  issuer.due = now;  // and on to the keys
  return false;
}

Result<bool> JwksCache::fetched(std::uint64_t ticket, std::string_view body, base::SteadyTime now) {
  Issuer* const issuer = by_ticket(ticket);
  if (issuer == nullptr) return false;  // no longer ours
  if (issuer->discovering) return take_discovery(*issuer, body, now);
  auto set = JwkSet::parse(body);
  if (!set) {
    fail_with(*issuer, now);
    return std::unexpected(std::move(set.error()));
  }
  auto keys = std::make_shared<const JwkSet>(*std::move(set));
  const bool changed = !same(issuer->keys, keys);
  issuer->ticket = 0;
  issuer->fetched_at = now;
  issuer->due = now + policy_.refresh;
  issuer->failures = 0;
  if (changed) {
    issuer->keys = std::move(keys);
    issuer->pause = policy_.min_refetch;
    issuer->missing.clear();
    issuer->missing_at = 0;
    publish();
  } else if (issuer->asked) {
    issuer->pause = std::min(issuer->pause * 2, policy_.refresh);
  }
  // What was asked for and is still not there; a set that changed may have brought it, so there it is asked anew.
  if (!changed) {
    for (const std::uint64_t kid : issuer->asked_for) {
      const Missing entry{kid, now + policy_.refresh};
      if (issuer->missing.size() < kMissing) {
        issuer->missing.push_back(entry);
      } else {
        issuer->missing[issuer->missing_at++ % kMissing] = entry;
      }
    }
  }
  issuer->asked = false;
  issuer->asked_for.clear();
  return changed;
}

void JwksCache::failed(std::uint64_t ticket, base::SteadyTime now) {
  if (Issuer* const issuer = by_ticket(ticket)) fail_with(*issuer, now);
}

void JwksCache::unknown_kid(const UnknownKids::Note& note, base::SteadyTime now) {
  const auto issuer =
      std::ranges::find_if(issuers_, [&](const Issuer& candidate) { return candidate.id == note.issuer; });
  // While a fetch is in flight nothing is noted: its answer may have been made before the key was, and whoever has such
  // a token will show it again.
  if (issuer == issuers_.end() || issuer->source.keys || issuer->ticket != 0) return;
  const auto known = [&](const Missing& missing) { return missing.kid == note.kid && now < missing.until; };
  if (std::ranges::any_of(issuer->missing, known)) return;
  if (issuer->asked_for.size() < kMissing &&
      std::ranges::find(issuer->asked_for, note.kid) == issuer->asked_for.end()) {
    issuer->asked_for.push_back(note.kid);
  }
  issuer->asked = true;
}

bool JwksCache::expire(base::SteadyTime now) {
  bool any = false;
  for (Issuer& issuer : issuers_) {
    if (issuer.source.keys || !issuer.keys || now - *issuer.fetched_at <= policy_.max_stale) continue;
    issuer.keys = nullptr;
    any = true;
  }
  if (any) publish();
  return any;
}

std::vector<JwksCache::Status> JwksCache::status() const {
  std::vector<Status> all;
  for (const Issuer& issuer : issuers_) {
    all.push_back({.issuer = issuer.source.issuer,
                   .keys = issuer.keys ? issuer.keys->keys().size() : 0,
                   .left_out = issuer.keys ? issuer.keys->left_out() : 0,
                   .in_flight = issuer.ticket != 0,
                   .fetches = issuer.fetches,
                   .failures = issuer.failures,
                   .fetched_at = issuer.fetched_at});
  }
  return all;
}

}  // namespace gatehouse::govern
