#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "gatehouse/base/error.h"

namespace gatehouse::store {

// One compiled statement with bound parameters, used again and again. Owner: whoever prepared it, together with its
// Database, which must outlive it; same thread as that.
//
//   auto insert = database.prepare("INSERT INTO t(a, b) VALUES($1, $2)");
//   (*insert)->bind_integer(1, 7).bind_text(2, name);
//   if (auto done = (*insert)->run(); !done) ...
//
//   (*select)->bind_text(1, name);
//   while (true) {
//     auto row = (*select)->step();
//     if (!row) return fail(...);
//     if (!*row) break;
//     use((*select)->integer(0));
//   }
//   (*select)->reset();
//
// Parameters are written `$1`, `$2` ... and counted from 1, columns from 0. Text and blobs are borrowed from binding
// until the statement is reset or run: the caller keeps them. What a column gives holds until the next step or reset.
// A parameter that is not there is told by the next step. A value asked for as another type is converted as SQL does
// (text "12" reads as 12); null reads as 0, 0.0 or empty.
class Statement {
 public:
  virtual ~Statement() = default;

  virtual Statement& bind_integer(int parameter, std::int64_t value) = 0;
  virtual Statement& bind_real(int parameter, double value) = 0;
  virtual Statement& bind_text(int parameter, std::string_view value) = 0;
  virtual Statement& bind_blob(int parameter, std::string_view bytes) = 0;
  virtual Statement& bind_null(int parameter) = 0;

  // True: a row is there to read. False: that was all (the statement is reset by itself, bindings kept).
  // Errors: invalid_request when a constraint forbids it (unique, foreign key, not null, check), timed_out when
  // somebody else held the lock for longer than the busy timeout, io for everything else.
  virtual Result<bool> step() = 0;
  // Ready for the next use; bindings are cleared.
  virtual void reset() = 0;

  virtual int columns() const = 0;
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual double real(int column) const = 0;
  virtual std::string_view text(int column) const = 0;
  virtual std::string_view blob(int column) const = 0;

  // Runs a statement that gives no rows (rows are skipped) and resets it. The number of rows that it changed.
  Result<std::int64_t> run();

 protected:
  virtual std::int64_t changed() const = 0;
};

enum class Engine : std::uint8_t { sqlite, postgresql };

// A connection to the store. The one interface over SQLite and PostgreSQL: SQL that both understand (BIGINT, DOUBLE
// PRECISION, TEXT; INSERT ... ON CONFLICT; `$1`), and `engine()` where they differ. Owner: whoever opened it; one
// thread at a time uses it and its statements, and several threads open one each. No exception leaves it. Blocks: never
// call it on a worker's thread. Never put text of a request into SQL: bind it.
class Database {
 public:
  virtual ~Database() = default;

  virtual Engine engine() const = 0;
  // Errors: io with the engine's message (a statement that does not compile, a connection that is gone).
  virtual Result<std::unique_ptr<Statement>> prepare(std::string_view sql) = 0;
  // One or several statements separated by `;`, without parameters, rows ignored. For schemas. Errors as of step().
  virtual Result<> execute(std::string_view sql) = 0;

  // See Transaction; not nested.
  virtual Result<> begin(bool writes) = 0;
  virtual Result<> commit() = 0;
  virtual void rollback() = 0;

  // A consistent copy of all of it into a new file of mode 0600, while others read and write. Errors: configuration
  // when the file exists already or the engine brings its own tool; io. SQLite only.
  virtual Result<> backup_to(const std::string& path) = 0;
};

// All or nothing: what is not committed when it goes out of scope is rolled back. `writes` takes the write lock at once
// (with SQLite one writer at a time), so that a transaction never fails in the middle for want of it.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database, bool writes = true) {
    if (auto begun = database.begin(writes); !begun) return std::unexpected(begun.error());
    return Transaction(database);
  }
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction() {
    if (database_ != nullptr) database_->rollback();
  }
  // After an error nothing of it was done.
  Result<> commit() {
    Database* database = std::exchange(database_, nullptr);
    auto done = database->commit();
    if (!done) database->rollback();
    return done;
  }

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

struct OpenOptions {
  enum class Access : std::uint8_t {
    create,     // read and write; made when it is not there
    existing,   // read and write
    read_only,  // beside a running gateway
  };
  Access access = Access::create;
  // True: a commit survives a power cut (SQLite's synchronous=FULL). False: after a power cut the last commits may be
  // gone, all together and never half of one; a crash of the process loses nothing either way.
  bool durable = false;
  std::chrono::milliseconds busy_timeout{5000};  // how long a lock of another connection is waited for
};

// Opens what a configuration's `store` names: "sqlite:PATH" (":memory:" for a store of this connection alone).
// Errors: configuration, with what is wrong (an unknown kind, a file that is not ours or of a newer version, a folder
// that is not there); io.
Result<std::unique_ptr<Database>> open(std::string_view url, const OpenOptions& options = {});

// The path of "sqlite:PATH"; nothing for another kind.
std::optional<std::string> sqlite_path(std::string_view url);

}  // namespace gatehouse::store
