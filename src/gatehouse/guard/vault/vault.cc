#include "gatehouse/guard/vault/vault.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <future>
#include <utility>

#include "gatehouse/guard/vault/sealed_cache.h"
#include "gatehouse/guard/vault/vault_rows.h"
#include "gatehouse/guard/vault/vault_writer.h"

namespace gatehouse::guard {
namespace {

constexpr std::int64_t kErased = 1000;  // rows a transaction
// A token that the store does not have is not asked for again so long; another process may put it meanwhile.
constexpr std::int64_t kAbsentFor = 30'000;

std::int64_t millis(base::WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}
base::WallTime time_of(std::int64_t millis) { return base::WallTime(std::chrono::milliseconds(millis)); }

// What an entry is bound to: it opens nowhere else.
std::string associated(const SealedEntry& entry) {
  std::string text = "vault 1";
  for (const std::string_view part : {std::string_view(entry.tenant), std::string_view(entry.scope),
                                      std::string_view(entry.entity), view(entry.token)}) {
    const auto size = static_cast<std::uint32_t>(part.size());
    for (unsigned shift = 0; shift < 32; shift += 8) text.push_back(static_cast<char>(size >> shift & 0xff));
    text.append(part);
  }
  return text;
}

SharedEntry seal(const VaultItem& item, const TenantKeys& keys, std::int64_t now) {
  SealedEntry entry;
  entry.tenant = item.tenant;
  entry.scope = item.scope;
  entry.entity = item.entity;
  entry.token = item.token;
  entry.check = item.check;
  entry.key = keys.current();
  entry.created = now;
  const auto nonce = crypto::AeadKey::random_nonce();
  entry.sealed.reserve(nonce.size() + item.value.size() + crypto::AeadKey::kTagSize);
  entry.sealed.assign(reinterpret_cast<const char*>(nonce.data()), nonce.size());
  keys.sealing(entry.key)->seal(nonce, associated(entry), item.value, entry.sealed);
  return std::make_shared<const SealedEntry>(std::move(entry));
}

std::optional<base::Secret> open(const SealedEntry& entry, const TenantKeys& keys) {
  const crypto::AeadKey* key = keys.sealing(entry.key);
  crypto::AeadKey::Nonce nonce;
  if (key == nullptr || entry.sealed.size() < nonce.size()) return std::nullopt;
  std::memcpy(nonce.data(), entry.sealed.data(), nonce.size());
  std::string value;
  value.reserve(entry.sealed.size());
  if (!key->open(nonce, associated(entry), std::string_view(entry.sealed).substr(nonce.size()), value)) {
    return std::nullopt;
  }
  return base::Secret(std::move(value));
}

std::size_t queued_bytes(const VaultItem& item) {
  return 512 + item.value.size() + 2 * (item.tenant.size() + item.scope.size() + item.owner.size());
}

SealedCache::Key key_of(const TenantKeys& keys, const TokenId& token) {
  return {.tenant = keys.tag(), .token = bits_of(token)};
}

}  // namespace

struct Vault::Counters {
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> conflicts{0};
  std::atomic<std::uint64_t> unreadable{0};
};

const store::Component& Vault::component() { return VaultRows::component(); }

Vault::Vault(std::shared_ptr<Keyring> keys, const VaultOptions& options)
    : keys_(std::move(keys)),
      counters_(std::make_unique<Counters>()),
      cache_(std::make_unique<SealedCache>(options.memory_bytes)) {}
Vault::~Vault() = default;

Result<std::unique_ptr<Vault>> Vault::open(std::unique_ptr<store::Database> database, std::shared_ptr<Keyring> keys,
                                           const VaultOptions& options) {
  auto rows = VaultRows::open(std::move(database));
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::unique_ptr<Vault> vault(new Vault(std::move(keys), options));
  vault->writer_ = std::make_unique<VaultWriter>(std::move(*rows), *vault->cache_, options);
  return vault;
}

Result<> Vault::put(const VaultItem& item, base::WallTime now) {
  if (item.value.size() > kMostValue) return fail(Code::too_large, "vault: a value is too long to be kept");
  if (std::max({item.tenant.size(), item.scope.size(), item.owner.size(), item.entity.size()}) > kMostName) {
    return fail(Code::invalid_request, "vault: a name is too long");
  }
  const std::int64_t at = millis(now);
  const std::int64_t retention = std::chrono::milliseconds(item.retention).count();
  if (retention <= 0) return fail(Code::invalid_request, "vault: nothing is kept for no time");
  const auto taken = [this] {
    counters_->conflicts.fetch_add(1, std::memory_order_relaxed);
    return fail(Code::conflict, "vault: another value has this token");
  };
  const auto keys = keys_->tenant(item.tenant);
  const SealedCache::Key key = key_of(*keys, item.token);
  // Renewed when half of the time is over, so that a value in every message is not written with every message.
  auto known = cache_->look(key, item.check, item.owner, at + retention / 2, at);
  if (known.state == SealedCache::State::conflict) return taken();
  if (known.state == SealedCache::State::current) return {};

  const std::size_t bytes = queued_bytes(item);
  if (!writer_->reserve(bytes)) {
    counters_->refused.fetch_add(1, std::memory_order_relaxed);
    return fail(Code::overloaded, "vault: too much waits to be written");
  }
  SharedEntry entry = known.entry != nullptr ? std::move(known.entry) : seal(item, *keys, at);
  entry = cache_->add(key, std::move(entry), item.owner, at + retention, at);
  if (entry == nullptr) {
    writer_->release(bytes);
    return taken();
  }
  writer_->push({.key = key,
                 .write = {.entry = std::move(entry), .owner = std::string(item.owner), .expires = at + retention},
                 .bytes = bytes});
  return {};
}

Vault::Cached Vault::find_cached(std::string_view tenant, std::string_view scope, const TokenId& token,
                                 base::WallTime now) {
  using State = Cached::State;
  const auto keys = keys_->tenant(tenant);
  const auto found = cache_->find(key_of(*keys, token), millis(now));
  if (!found.known) return {.state = State::unknown, .value = {}};
  if (found.entry == nullptr) return {.state = State::absent, .value = {}};
  // A token of another conversation is for nobody here, whoever wrote it into this one.
  if (!found.entry->scope.empty() && found.entry->scope != scope) return {.state = State::absent, .value = {}};
  auto value = guard::open(*found.entry, *keys);
  if (!value) {
    counters_->unreadable.fetch_add(1, std::memory_order_relaxed);
    return {.state = State::absent, .value = {}};
  }
  return {.state = State::found, .value = std::move(*value)};
}

Result<bool> Vault::preload(std::string_view tenant, std::span<const TokenId> tokens, base::WallTime now, Done done) {
  if (tokens.size() > kMostPreload) return fail(Code::invalid_request, "vault: too many tokens at once");
  const auto keys = keys_->tenant(tenant);
  const std::int64_t at = millis(now);
  std::vector<TokenId> missing;
  for (const TokenId& token : tokens) {
    if (!cache_->find(key_of(*keys, token), at).known) missing.push_back(token);
  }
  if (missing.empty()) return false;
  // A history says the same over and over.
  std::ranges::sort(missing);
  missing.erase(std::ranges::unique(missing).begin(), missing.end());
  auto load = [this, keys, at, name = std::string(tenant), wanted = std::move(missing),
               tell = std::move(done)](VaultRows& rows) {
    for (const TokenId& token : wanted) {
      auto row = rows.find(name, token);
      if (!row) {
        tell(std::unexpected(std::move(row.error())));
        return;
      }
      const bool there = *row && (*row)->expires > at;
      cache_->load(key_of(*keys, token), there ? (*row)->entry : nullptr, there ? (*row)->expires : at + kAbsentFor,
                   at);
    }
    tell({});
  };
  if (!writer_->read(std::move(load), kMostPreloads)) {
    return fail(Code::overloaded, "vault: too many look-ups wait");
  }
  return true;
}

Result<std::optional<VaultValue>> Vault::find(std::string_view tenant, const TokenId& token, base::WallTime now) {
  const auto keys = keys_->tenant(tenant);
  const std::int64_t at = millis(now);
  const auto cached = cache_->find(key_of(*keys, token), at);
  VaultRows::Row row{.entry = cached.entry, .expires = cached.expires};
  if (row.entry == nullptr) {
    // What was believed absent is asked again: a person waits, and another process may have put it.
    std::promise<Result<std::optional<VaultRows::Row>>> promise;
    auto answer = promise.get_future();
    const bool asked =
        writer_->read([&](VaultRows& rows) { promise.set_value(rows.find(tenant, token)); }, kMostPreloads + 64);
    if (!asked) return fail(Code::overloaded, "vault: too many look-ups wait");
    auto read = answer.get();
    if (!read) return std::unexpected(std::move(read.error()));
    if (!*read || (*read)->expires <= at) return std::nullopt;
    row = std::move(**read);
  }
  auto value = guard::open(*row.entry, *keys);
  if (!value) {
    counters_->unreadable.fetch_add(1, std::memory_order_relaxed);
    return fail(Code::internal, "vault: an entry cannot be opened: its master key is gone, or it is damaged");
  }
  return VaultValue{.entity = row.entry->entity,
                    .scope = row.entry->scope,
                    .value = std::move(*value),
                    .created = time_of(row.entry->created),
                    .expires = time_of(row.expires)};
}

// Runs on the writer's thread after all that was put before; waits for it.
template <class T>
Result<T> Vault::ordered(base::FunctionRef<Result<T>(VaultRows&)> body) {
  std::promise<Result<T>> promise;
  auto answer = promise.get_future();
  writer_->job([&](VaultRows& rows, const Result<>& before) {
    promise.set_value(before ? body(rows) : Result<T>(std::unexpected(before.error())));
  });
  return answer.get();
}

Result<std::uint64_t> Vault::erase(std::string_view tenant, const TokenId& token) {
  const SealedCache::Key key = key_of(*keys_->tenant(tenant), token);
  cache_->erase(key);  // at once, so that a put that comes now is written again
  const auto body = [&](VaultRows& rows) -> Result<std::uint64_t> {
    const auto gone = rows.erase(tenant, token);
    if (!gone) return std::unexpected(gone.error());
    cache_->erase_written(key);  // what was read back meanwhile
    return *gone ? 1 : 0;
  };
  return ordered<std::uint64_t>(body);
}

Result<std::uint64_t> Vault::erase_listed(std::string_view tenant,
                                          base::FunctionRef<Result<std::vector<TokenId>>(VaultRows&)> next) {
  const auto keys = keys_->tenant(tenant);
  const auto body = [&](VaultRows& rows) -> Result<std::uint64_t> {
    std::uint64_t count = 0;
    for (;;) {
      const auto tokens = next(rows);
      if (!tokens) return std::unexpected(tokens.error());
      for (const TokenId& token : *tokens) cache_->erase_written(key_of(*keys, token));
      count += tokens->size();
      if (tokens->size() < static_cast<std::size_t>(kErased)) return count;
    }
  };
  return ordered<std::uint64_t>(body);
}

Result<std::uint64_t> Vault::erase_owner(std::string_view tenant, std::string_view owner) {
  if (owner.empty()) return 0;
  return erase_listed(tenant, [&](VaultRows& rows) { return rows.erase_owner(tenant, owner, kErased); });
}

Result<std::uint64_t> Vault::erase_scope(std::string_view tenant, std::string_view scope) {
  return erase_listed(tenant, [&](VaultRows& rows) { return rows.erase_scope(tenant, scope, kErased); });
}

Result<std::uint64_t> Vault::erase_counted(base::FunctionRef<Result<std::int64_t>(VaultRows&)> next) {
  const auto body = [&](VaultRows& rows) -> Result<std::uint64_t> {
    std::uint64_t count = 0;
    for (;;) {
      const auto gone = next(rows);
      if (!gone) return std::unexpected(gone.error());
      count += static_cast<std::uint64_t>(*gone);
      if (*gone < kErased) return count;
    }
  };
  return ordered<std::uint64_t>(body);
}

Result<std::uint64_t> Vault::erase_tenant(std::string_view tenant) {
  const std::uint64_t tag = keys_->tenant(tenant)->tag();
  return erase_counted([&](VaultRows& rows) {
    auto gone = rows.erase_tenant(tenant, kErased);
    if (gone && *gone < kErased) cache_->erase_tenant(tag);
    return gone;
  });
}

Result<std::uint64_t> Vault::erase_expired(base::WallTime now) {
  return erase_counted([at = millis(now)](VaultRows& rows) { return rows.erase_expired(at, kErased); });
}

Result<std::vector<Vault::KeyUse>> Vault::key_uses() {
  const auto body = [](VaultRows& rows) -> Result<std::vector<KeyUse>> {
    const auto counts = rows.key_counts();
    if (!counts) return std::unexpected(counts.error());
    std::vector<KeyUse> uses;
    for (const auto& [key, entries] : *counts) {
      uses.push_back({.key = key, .entries = static_cast<std::uint64_t>(entries)});
    }
    return uses;
  };
  return ordered<std::vector<KeyUse>>(body);
}

Result<> Vault::flush() {
  return ordered<void>([](VaultRows&) { return Result<>(); });
}

VaultStats Vault::stats() const {
  const auto size = cache_->size();
  return {.entries = size.entries,
          .bytes = size.bytes,
          .waiting = writer_->waiting(),
          .written = writer_->written(),
          .refused = counters_->refused.load(std::memory_order_relaxed),
          .failures = writer_->failures(),
          .collisions = writer_->collisions() + counters_->conflicts.load(std::memory_order_relaxed),
          .unreadable = counters_->unreadable.load(std::memory_order_relaxed)};
}

}  // namespace gatehouse::guard
