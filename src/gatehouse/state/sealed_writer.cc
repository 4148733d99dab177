#include "gatehouse/state/sealed_writer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "gatehouse/state/sealed_store.h"

namespace gatehouse::state {
namespace {

constexpr std::string_view kFirst = R"sql(
CREATE TABLE state_entries(
  tenant TEXT NOT NULL, kind BIGINT NOT NULL, name BYTEA NOT NULL, sealed BYTEA NOT NULL, written_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL, PRIMARY KEY(tenant, kind, name));
CREATE INDEX state_entries_expires ON state_entries(expires_at);
CREATE INDEX state_entries_written ON state_entries(written_at);
)sql";

constexpr auto kMigrations = std::to_array<store::Migration>({{.number = 1, .name = "sealed state", .sql = kFirst}});
constexpr store::Component kComponent{.name = "state", .migrations = kMigrations};

constexpr std::size_t kBatch = 512;  // rows in a transaction

}  // namespace

struct StateRows::Statements {
  std::unique_ptr<store::Statement> put, drop, all, drop_tenant, drop_expired;
};

const store::Component& StateRows::component() { return kComponent; }

StateRows::StateRows(std::unique_ptr<store::Database> database, std::unique_ptr<Statements> statements)
    : database_(std::move(database)), sql_(std::move(statements)) {}

StateRows::~StateRows() {
  sql_.reset();  // before the database that they belong to
}

Result<std::unique_ptr<StateRows>> StateRows::open(std::unique_ptr<store::Database> database) {
  auto sql = std::make_unique<Statements>();
  const auto statements = std::to_array<std::pair<std::unique_ptr<store::Statement>*, std::string_view>>({
      {&sql->put,
       "INSERT INTO state_entries(tenant, kind, name, sealed, written_at, expires_at) VALUES($1, $2, $3, $4, "
       "(SELECT COALESCE(MAX(written_at), 0) + 1 FROM state_entries), $5) "
       "ON CONFLICT(tenant, kind, name) DO UPDATE SET sealed = excluded.sealed, written_at = excluded.written_at, "
       "expires_at = excluded.expires_at"},
      {&sql->drop, "DELETE FROM state_entries WHERE tenant = $1 AND kind = $2 AND name = $3"},
      {&sql->all,
       "SELECT tenant, kind, name, sealed, expires_at FROM state_entries WHERE expires_at > $1 ORDER BY written_at "
       "DESC"},
      {&sql->drop_tenant,
       "DELETE FROM state_entries WHERE tenant = $1 AND (kind, name) IN "
       "(SELECT kind, name FROM state_entries WHERE tenant = $1 LIMIT $2)"},
      {&sql->drop_expired,
       "DELETE FROM state_entries WHERE (tenant, kind, name) IN "
       "(SELECT tenant, kind, name FROM state_entries WHERE expires_at <= $1 LIMIT $2)"},
  });
  for (const auto& [to, source] : statements) {
    auto prepared = database->prepare(source);
    if (!prepared) return std::unexpected(std::move(prepared.error()));
    *to = std::move(*prepared);
  }
  return std::unique_ptr<StateRows>(new StateRows(std::move(database), std::move(sql)));
}

Result<> StateRows::write(const std::vector<SharedEntry>& entries) {
  auto transaction = store::Transaction::begin(*database_);
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  for (const SharedEntry& one : entries) {
    store::Statement& statement = one->sealed.empty() ? *sql_->drop : *sql_->put;
    statement.bind_text(1, one->tenant).bind_integer(2, static_cast<std::int64_t>(one->kind));
    statement.bind_blob(3, view(one->name));
    if (!one->sealed.empty()) statement.bind_blob(4, one->sealed).bind_integer(5, one->expires);
    if (auto done = statement.run(); !done) return std::unexpected(std::move(done.error()));
  }
  return transaction->commit();
}

Result<> StateRows::read(std::int64_t now, const std::function<bool(SharedEntry)>& more) {
  store::Statement& all = *sql_->all;
  all.bind_integer(1, now);
  for (;;) {
    const auto row = all.step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
    auto entry = std::make_shared<SealedEntry>();
    entry->tenant = all.text(0);
    entry->kind = static_cast<EntryKind>(all.integer(1));
    const std::string_view name = all.blob(2);
    std::memcpy(entry->name.data(), name.data(), std::min(name.size(), entry->name.size()));
    entry->sealed = all.blob(3);
    entry->expires = all.integer(4);
    if (!more(std::move(entry))) break;
  }
  all.reset();
  return {};
}

Result<std::int64_t> StateRows::erase_tenant(std::string_view tenant, std::int64_t limit) {
  return sql_->drop_tenant->bind_text(1, tenant).bind_integer(2, limit).run();
}

Result<std::int64_t> StateRows::erase_expired(std::int64_t now, std::int64_t limit) {
  return sql_->drop_expired->bind_integer(1, now).bind_integer(2, limit).run();
}

SealedWriter::SealedWriter(std::unique_ptr<StateRows> rows, const SealedStoreOptions& options)
    : most_(options.queue),
      most_bytes_(options.queue_bytes),
      every_(options.write_every),
      retry_(options.retry_every),
      rows_(std::move(rows)),
      thread_([this] { run(); }) {}

SealedWriter::~SealedWriter() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void SealedWriter::push(SharedEntry entry) {
  Key key(entry->tenant, entry->kind, entry->name);
  const std::size_t size = entry->sealed.size();
  SharedEntry old;  // freed without the lock
  const std::lock_guard lock(mutex_);
  if (const auto place = incoming_.find(key); place != incoming_.end()) {
    old = std::exchange(place->second, std::move(entry));
    bytes_.fetch_add(size, std::memory_order_relaxed);
    bytes_.fetch_sub(old->sealed.size(), std::memory_order_relaxed);
    return;
  }
  // A removal always finds a place: what was erased must not come back with the next start.
  const bool full =
      waiting_.load(std::memory_order_relaxed) >= most_ || bytes_.load(std::memory_order_relaxed) + size > most_bytes_;
  if (full && size > 0) {
    dropped_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  incoming_.emplace(std::move(key), std::move(entry));
  waiting_.fetch_add(1, std::memory_order_relaxed);
  bytes_.fetch_add(size, std::memory_order_relaxed);
}

void SealedWriter::job(Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void SealedWriter::run() {
  auto retry_at = std::chrono::steady_clock::time_point::min();
  for (;;) {
    Pending taken;
    std::deque<Job> jobs;
    bool stop = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, every_, [this] { return stop_ || !jobs_.empty(); });
      taken.swap(incoming_);
      jobs.swap(jobs_);
      stop = stop_;
    }
    for (auto& [key, entry] : taken) {
      const auto [place, added] = backlog_.try_emplace(key, entry);
      if (added) continue;
      bytes_.fetch_sub(place->second->sealed.size(), std::memory_order_relaxed);
      waiting_.fetch_sub(1, std::memory_order_relaxed);
      place->second = std::move(entry);
    }
    // A store that failed is left alone for a while, unless somebody waits to hear how it is.
    Result<> wrote;
    if (!backlog_.empty() && (stop || !jobs.empty() || std::chrono::steady_clock::now() >= retry_at)) {
      wrote = write(backlog_);
      if (!wrote) {
        failures_.fetch_add(1, std::memory_order_relaxed);
        retry_at = std::chrono::steady_clock::now() + retry_;
      }
    }
    for (const Job& job : jobs) job(*rows_, wrote);
    if (stop) return;
  }
}

Result<> SealedWriter::write(Pending& pending) {
  std::vector<SharedEntry> batch;
  while (!pending.empty()) {
    batch.clear();
    std::size_t bytes = 0;
    auto end = pending.begin();
    for (; end != pending.end() && batch.size() < kBatch; ++end) {
      bytes += end->second->sealed.size();
      batch.push_back(end->second);
    }
    if (auto wrote = rows_->write(batch); !wrote) return wrote;
    pending.erase(pending.begin(), end);
    waiting_.fetch_sub(batch.size(), std::memory_order_relaxed);
    bytes_.fetch_sub(bytes, std::memory_order_relaxed);
    written_.fetch_add(batch.size(), std::memory_order_relaxed);
  }
  return {};
}

}  // namespace gatehouse::state
