#include "gatehouse/state/sealed_store.h"

#include <future>
#include <utility>
#include <vector>

#include "gatehouse/state/sealed_writer.h"

namespace gatehouse::state {
namespace {

constexpr std::int64_t kErased = 1000;  // rows a transaction

std::int64_t millis(base::WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

// Runs `body` on the writer's thread after all that was put before; waits for it.
template <class Body>
Result<std::uint64_t> erased(SealedWriter* writer, Body body) {
  if (writer == nullptr) return 0;
  std::promise<Result<std::uint64_t>> promise;
  auto answer = promise.get_future();
  writer->job([&](StateRows& rows, const Result<>& before) {
    if (!before) {
      promise.set_value(std::unexpected(before.error()));
      return;
    }
    std::uint64_t count = 0;
    for (;;) {
      const Result<std::int64_t> gone = body(rows);
      if (!gone) {
        promise.set_value(std::unexpected(gone.error()));
        return;
      }
      count += static_cast<std::uint64_t>(*gone);
      if (*gone < kErased) break;
    }
    promise.set_value(count);
  });
  return answer.get();
}

}  // namespace

const store::Component& SealedStore::component() { return StateRows::component(); }

SealedStore::SealedStore(std::shared_ptr<StateKeys> keys, const SealedStoreOptions& options)
    : keys_(std::move(keys)), memory_(std::make_unique<SealedMemory>(options.memory_bytes, options.tenant_share)) {}
SealedStore::~SealedStore() = default;

Result<std::unique_ptr<SealedStore>> SealedStore::open(std::unique_ptr<store::Database> database,
                                                       std::shared_ptr<StateKeys> keys, base::WallTime now,
                                                       const SealedStoreOptions& options) {
  std::unique_ptr<SealedStore> made(new SealedStore(std::move(keys), options));
  if (database == nullptr) return made;
  auto rows = StateRows::open(std::move(database));
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<SharedEntry> found;
  std::size_t bytes = 0;
  auto read = (*rows)->read(millis(now), [&](SharedEntry entry) {
    bytes += sizeof(SealedEntry) + entry->sealed.size();
    found.push_back(std::move(entry));
    return bytes < options.memory_bytes;
  });
  if (!read) return std::unexpected(std::move(read.error()));
  made->writer_ = std::make_unique<SealedWriter>(std::move(*rows), options);
  std::vector<SharedEntry> gone;
  // The latest last: it stays longest.
  for (auto entry = found.rbegin(); entry != found.rend(); ++entry) {
    made->memory_->put(made->keys_->tenant((*entry)->tenant)->tag(), std::move(*entry), gone);
  }
  for (const SharedEntry& one : gone) made->leave(one);
  return made;
}

// What memory has no place for leaves the store as well.
void SealedStore::leave(const SharedEntry& entry) {
  pushed_out_.fetch_add(1, std::memory_order_relaxed);
  if (writer_ == nullptr) return;
  auto removal = std::make_shared<SealedEntry>();
  removal->tenant = entry->tenant;
  removal->kind = entry->kind;
  removal->name = entry->name;
  writer_->push(std::move(removal));
}

EntryName SealedStore::name(std::string_view tenant, EntryKind kind, std::string_view value) const {
  return keys_->tenant(tenant)->name(purpose_of(kind), value);
}

void SealedStore::put(std::string_view tenant, EntryKind kind, const EntryName& name, std::string_view plain,
                      base::WallTime expires) {
  const auto keys = keys_->tenant(tenant);
  auto entry = std::make_shared<SealedEntry>();
  entry->tenant = tenant;
  entry->kind = kind;
  entry->name = name;
  entry->expires = millis(expires);
  entry->sealed = keys->seal(purpose_of(kind), name, plain);
  SharedEntry shared = std::move(entry);
  std::vector<SharedEntry> gone;
  // First the store's queue: who erases it then, or needs its place, takes it out of both.
  if (writer_ != nullptr) writer_->push(shared);
  memory_->put(keys->tag(), std::move(shared), gone);
  for (const SharedEntry& one : gone) leave(one);
}

std::optional<std::string> SealedStore::find(std::string_view tenant, EntryKind kind, const EntryName& name,
                                             base::WallTime now) {
  const auto keys = keys_->tenant(tenant);
  const SharedEntry entry = memory_->find(keys->tag(), kind, name, millis(now));
  if (entry == nullptr) return std::nullopt;
  opened_.fetch_add(1, std::memory_order_relaxed);
  return keys->open(purpose_of(kind), name, entry->sealed);
}

bool SealedStore::holds(std::string_view tenant, EntryKind kind, const EntryName& name, base::WallTime now) const {
  return memory_->find(keys_->tenant(tenant)->tag(), kind, name, millis(now)) != nullptr;
}

bool SealedStore::erase(std::string_view tenant, EntryKind kind, const EntryName& name) {
  const SharedEntry entry = memory_->erase(keys_->tenant(tenant)->tag(), kind, name);
  if (entry == nullptr) return false;
  if (writer_ != nullptr) {
    auto removal = std::make_shared<SealedEntry>();
    removal->tenant = tenant;
    removal->kind = kind;
    removal->name = name;
    writer_->push(std::move(removal));
  }
  return true;
}

Result<std::uint64_t> SealedStore::erase_tenant(std::string_view tenant) {
  const std::uint64_t tag = keys_->tenant(tenant)->tag();
  memory_->erase_tenant(tag);
  auto count = erased(writer_.get(), [&](StateRows& rows) { return rows.erase_tenant(tenant, kErased); });
  memory_->erase_tenant(tag);
  return count;
}

Result<std::uint64_t> SealedStore::erase_expired(base::WallTime now) {
  const std::int64_t at = millis(now);
  memory_->erase_expired(at);
  return erased(writer_.get(), [at](StateRows& rows) { return rows.erase_expired(at, kErased); });
}

Result<> SealedStore::flush() {
  auto done = erased(writer_.get(), [](StateRows&) -> Result<std::int64_t> { return 0; });
  if (!done) return std::unexpected(std::move(done.error()));
  return {};
}

SealedStoreStats SealedStore::stats() const {
  const auto size = memory_->size();
  SealedStoreStats stats{.entries = size.entries, .bytes = size.bytes};
  stats.pushed_out = pushed_out_.load(std::memory_order_relaxed);
  stats.opened = opened_.load(std::memory_order_relaxed);
  if (writer_ == nullptr) return stats;
  stats.waiting = writer_->waiting();
  stats.written = writer_->written();
  stats.dropped = writer_->dropped();
  stats.failures = writer_->failures();
  return stats;
}

}  // namespace gatehouse::state
