#include "gatehouse/guard/conversation/writer.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "gatehouse/guard/conversation/book.h"

namespace gatehouse::guard {
namespace {

constexpr std::string_view kFirst = R"sql(
CREATE TABLE conversation_states(
  tenant TEXT NOT NULL, name BYTEA NOT NULL, conversation BYTEA NOT NULL, risk DOUBLE PRECISION NOT NULL,
  changed_at BIGINT NOT NULL, turns BIGINT NOT NULL, ended BIGINT NOT NULL, refused BIGINT NOT NULL,
  last BYTEA NOT NULL, key_id BIGINT NOT NULL, sealed BYTEA NOT NULL, expires_at BIGINT NOT NULL,
  PRIMARY KEY(tenant, name));
CREATE INDEX conversation_states_expires ON conversation_states(expires_at);
CREATE INDEX conversation_states_changed ON conversation_states(changed_at);
)sql";

constexpr auto kMigrations =
    std::to_array<store::Migration>({{.number = 1, .name = "states of conversations", .sql = kFirst}});
constexpr store::Component kComponent{.name = "conversation", .migrations = kMigrations};

constexpr std::size_t kBatch = 512;  // rows in a transaction

ConversationName name_of(std::string_view bytes) {
  ConversationName name{};
  std::memcpy(name.data(), bytes.data(), std::min(bytes.size(), name.size()));
  return name;
}

}  // namespace

struct ConversationRows::Statements {
  std::unique_ptr<store::Statement> put, all, drop_tenant, drop_expired;
};

const store::Component& ConversationRows::component() { return kComponent; }

ConversationRows::ConversationRows(std::unique_ptr<store::Database> database, std::unique_ptr<Statements> statements)
    : database_(std::move(database)), sql_(std::move(statements)) {}

ConversationRows::~ConversationRows() {
  sql_.reset();  // before the database that they belong to
}

Result<std::unique_ptr<ConversationRows>> ConversationRows::open(std::unique_ptr<store::Database> database) {
  auto sql = std::make_unique<Statements>();
  const auto statements = std::to_array<std::pair<std::unique_ptr<store::Statement>*, std::string_view>>({
      {&sql->put,
       "INSERT INTO conversation_states(tenant, name, conversation, risk, changed_at, turns, ended, refused, last, "
       "key_id, sealed, expires_at) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
       "ON CONFLICT(tenant, name) DO UPDATE SET conversation = excluded.conversation, risk = excluded.risk, "
       "changed_at = excluded.changed_at, turns = excluded.turns, ended = excluded.ended, "
       "refused = excluded.refused, last = excluded.last, key_id = excluded.key_id, sealed = excluded.sealed, "
       "expires_at = excluded.expires_at"},
      {&sql->all,
       "SELECT tenant, name, conversation, risk, changed_at, turns, ended, refused, last, key_id, sealed, expires_at "
       "FROM conversation_states WHERE expires_at > $1 ORDER BY changed_at DESC"},
      {&sql->drop_tenant,
       "DELETE FROM conversation_states WHERE tenant = $1 AND name IN "
       "(SELECT name FROM conversation_states WHERE tenant = $1 LIMIT $2)"},
      {&sql->drop_expired,
       "DELETE FROM conversation_states WHERE (tenant, name) IN "
       "(SELECT tenant, name FROM conversation_states WHERE expires_at <= $1 LIMIT $2)"},
  });
  for (const auto& [to, source] : statements) {
    auto prepared = database->prepare(source);
    if (!prepared) return std::unexpected(std::move(prepared.error()));
    *to = std::move(*prepared);
  }
  return std::unique_ptr<ConversationRows>(new ConversationRows(std::move(database), std::move(sql)));
}

Result<> ConversationRows::write(const std::vector<SharedConversation>& kept) {
  auto transaction = store::Transaction::begin(*database_);
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  for (const SharedConversation& one : kept) {
    const ConversationState& state = one->state;
    sql_->put->bind_text(1, one->tenant).bind_blob(2, view(one->name)).bind_blob(3, view(state.id));
    sql_->put->bind_real(4, state.risk).bind_integer(5, state.at).bind_integer(6, state.turns);
    sql_->put->bind_integer(7, state.ended ? 1 : 0).bind_integer(8, state.refused ? 1 : 0);
    sql_->put->bind_blob(9, view(state.last)).bind_integer(10, one->key).bind_blob(11, one->sealed);
    sql_->put->bind_integer(12, one->expires);
    if (auto done = sql_->put->run(); !done) return std::unexpected(std::move(done.error()));
  }
  return transaction->commit();
}

Result<> ConversationRows::read(std::int64_t now, const std::function<bool(SharedConversation)>& more) {
  store::Statement& all = *sql_->all;
  all.bind_integer(1, now);
  for (;;) {
    const auto row = all.step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
    auto kept = std::make_shared<KeptConversation>();
    kept->tenant = all.text(0);
    kept->name = name_of(all.blob(1));
    kept->state.id = name_of(all.blob(2));
    kept->state.risk = all.real(3);
    kept->state.at = all.integer(4);
    kept->state.turns = static_cast<std::uint32_t>(all.integer(5));
    kept->state.ended = all.integer(6) != 0;
    kept->state.refused = all.integer(7) != 0;
    kept->state.last = name_of(all.blob(8));
    kept->key = static_cast<std::uint32_t>(all.integer(9));
    kept->sealed = all.blob(10);
    kept->expires = all.integer(11);
    if (!more(std::move(kept))) break;
  }
  all.reset();
  return {};
}

Result<std::int64_t> ConversationRows::erase_tenant(std::string_view tenant, std::int64_t limit) {
  return sql_->drop_tenant->bind_text(1, tenant).bind_integer(2, limit).run();
}

Result<std::int64_t> ConversationRows::erase_expired(std::int64_t now, std::int64_t limit) {
  return sql_->drop_expired->bind_integer(1, now).bind_integer(2, limit).run();
}

ConversationWriter::ConversationWriter(std::unique_ptr<ConversationRows> rows, const ConversationBookOptions& options)
    : most_(options.queue),
      every_(options.write_every),
      retry_(options.retry_every),
      rows_(std::move(rows)),
      thread_([this] { run(); }) {}

ConversationWriter::~ConversationWriter() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void ConversationWriter::push(SharedConversation kept) {
  Key key(kept->tenant, kept->name);
  SharedConversation old;  // freed without the lock
  const std::lock_guard lock(mutex_);
  if (const auto place = incoming_.find(key); place != incoming_.end()) {
    old = std::exchange(place->second, std::move(kept));
    return;
  }
  if (waiting_.load(std::memory_order_relaxed) >= most_) {
    dropped_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  incoming_.emplace(std::move(key), std::move(kept));
  waiting_.fetch_add(1, std::memory_order_relaxed);
}

void ConversationWriter::job(Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void ConversationWriter::run() {
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
    for (auto& [key, kept] : taken) {
      const auto [place, added] = backlog_.insert_or_assign(key, std::move(kept));
      if (!added) waiting_.fetch_sub(1, std::memory_order_relaxed);
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

Result<> ConversationWriter::write(Pending& pending) {
  std::vector<SharedConversation> batch;
  while (!pending.empty()) {
    batch.clear();
    auto end = pending.begin();
    for (; end != pending.end() && batch.size() < kBatch; ++end) batch.push_back(end->second);
    if (auto wrote = rows_->write(batch); !wrote) return wrote;
    pending.erase(pending.begin(), end);
    waiting_.fetch_sub(batch.size(), std::memory_order_relaxed);
    written_.fetch_add(batch.size(), std::memory_order_relaxed);
  }
  return {};
}

}  // namespace gatehouse::guard
