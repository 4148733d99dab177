#include "gatehouse/store/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fmt/format.h>

namespace gatehouse::store {
namespace {

// "GtHs": PRAGMA application_id (https://www.sqlite.org/pragma.html#pragma_application_id).
constexpr std::int64_t kApplicationId = 0x47744873;
// The layout of the file itself (what `migrations` keeps its list in); PRAGMA user_version.
constexpr std::int64_t kFormat = 1;
constexpr int kMaxParameters = 200;

Code code_of(int rc) {
  switch (rc & 0xff) {
    case SQLITE_CONSTRAINT:
      return Code::invalid_request;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Code::timed_out;
    default:
      return Code::io;
  }
}

std::unexpected<Error> failed(sqlite3* handle, int rc, std::string_view what) {
  const char* message = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(rc);
  return fail(code_of(rc), fmt::format("store: {}: {}", what, message));
}

class SqliteStatement final : public Statement {
 public:
  SqliteStatement(sqlite3* handle, sqlite3_stmt* statement) : handle_(handle), statement_(statement) {
    // SQLite takes `$7` for a name and numbers names as they come, so the two need not be the same.
    const int count = sqlite3_bind_parameter_count(statement_);
    for (int i = 1; i <= count; ++i) {
      const char* name = sqlite3_bind_parameter_name(statement_, i);
      if (name == nullptr) continue;
      const int number = std::atoi(name + 1);
      if (number < 1 || number > kMaxParameters) continue;
      if (places_.size() <= static_cast<std::size_t>(number)) places_.resize(static_cast<std::size_t>(number) + 1);
      places_[static_cast<std::size_t>(number)] = i;
    }
  }
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;
  ~SqliteStatement() override { sqlite3_finalize(statement_); }

  Statement& bind_integer(int parameter, std::int64_t value) override {
    return bound(sqlite3_bind_int64(statement_, place(parameter), value));
  }
  Statement& bind_real(int parameter, double value) override {
    return bound(sqlite3_bind_double(statement_, place(parameter), value));
  }
  Statement& bind_text(int parameter, std::string_view value) override {
    // A view of nothing may have no address, which SQLite would take for null.
    return bound(sqlite3_bind_text64(statement_, place(parameter), value.data() == nullptr ? "" : value.data(),
                                     value.size(), SQLITE_STATIC, SQLITE_UTF8));
  }
  Statement& bind_blob(int parameter, std::string_view bytes) override {
    return bound(sqlite3_bind_blob64(statement_, place(parameter), bytes.data() == nullptr ? "" : bytes.data(),
                                     bytes.size(), SQLITE_STATIC));
  }
  Statement& bind_null(int parameter) override { return bound(sqlite3_bind_null(statement_, place(parameter))); }

  Result<bool> step() override {
    if (bind_error_ != SQLITE_OK) {
      const int rc = std::exchange(bind_error_, SQLITE_OK);
      return fail(Code::io, fmt::format("store: binding a parameter: {}", sqlite3_errstr(rc)));
    }
    const int rc = sqlite3_step(statement_);
    if (rc == SQLITE_ROW) return true;
    if (rc == SQLITE_DONE) {
      changed_ = sqlite3_changes64(handle_);
      sqlite3_reset(statement_);
      return false;
    }
    auto error = failed(handle_, rc, "a statement failed");
    sqlite3_reset(statement_);
    return error;
  }
  void reset() override {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    bind_error_ = SQLITE_OK;
  }

  int columns() const override { return sqlite3_column_count(statement_); }
  bool is_null(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_, column); }
  double real(int column) const override { return sqlite3_column_double(statement_, column); }
  std::string_view text(int column) const override {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return view(text, column);
  }
  std::string_view blob(int column) const override {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    return view(bytes, column);
  }

 protected:
  std::int64_t changed() const override { return changed_; }

 private:
  std::string_view view(const char* data, int column) const {
    if (data == nullptr) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }
  int place(int parameter) const {
    if (parameter < 1 || static_cast<std::size_t>(parameter) >= places_.size()) return 0;  // SQLITE_RANGE
    return places_[static_cast<std::size_t>(parameter)];
  }
  Statement& bound(int rc) {
    if (rc != SQLITE_OK && bind_error_ == SQLITE_OK) bind_error_ = rc;
    return *this;
  }

  sqlite3* handle_;
  sqlite3_stmt* statement_;
  std::vector<int> places_;
  std::int64_t changed_ = 0;
  int bind_error_ = SQLITE_OK;
};

class SqliteDatabase final : public Database {
 public:
  explicit SqliteDatabase(sqlite3* handle) : handle_(handle) {}
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;
  ~SqliteDatabase() override { sqlite3_close_v2(handle_); }

  Engine engine() const override { return Engine::sqlite; }

  Result<std::unique_ptr<Statement>> prepare(std::string_view sql) override {
    sqlite3_stmt* statement = nullptr;
    const char* tail = nullptr;
    const int rc = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement, &tail);
    if (rc != SQLITE_OK) return failed(handle_, rc, "a statement does not compile");
    if (statement == nullptr) return fail(Code::io, "store: an empty statement");
    return std::make_unique<SqliteStatement>(handle_, statement);
  }

  Result<> execute(std::string_view sql) override {
    const std::string text(sql);
    const int rc = sqlite3_exec(handle_, text.c_str(), nullptr, nullptr, nullptr);
    if (rc != SQLITE_OK) return failed(handle_, rc, "a statement failed");
    return {};
  }

  Result<> begin(bool writes) override { return execute(writes ? "BEGIN IMMEDIATE" : "BEGIN DEFERRED"); }
  Result<> commit() override { return execute("COMMIT"); }
  void rollback() override {
    if (sqlite3_get_autocommit(handle_) == 0) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
  }

  Result<> backup_to(const std::string& path) override;

  Result<std::int64_t> pragma(const char* sql) {
    auto statement = prepare(sql);
    if (!statement) return std::unexpected(statement.error());
    auto row = (*statement)->step();
    if (!row) return std::unexpected(row.error());
    return *row ? (*statement)->integer(0) : 0;
  }

 private:
  sqlite3* handle_;
};

std::string system_message(int error) { return std::error_code(error, std::generic_category()).message(); }

// Made before SQLite opens it, so that there is no moment in which others may read it. SQLite gives the files beside it
// (-wal, -shm) the same mode.
Result<> make_private_file(const std::string& path, bool must_be_new) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | (must_be_new ? O_EXCL : 0), 0600);
  if (fd < 0) return fail(Code::configuration, fmt::format("store: {}: {}", path, system_message(errno)));
  ::close(fd);
  return {};
}

Result<> backup_error(sqlite3* target, int rc, const std::string& path) {
  return fail(Code::io, fmt::format("store: backup to {}: {}", path,
                                    target != nullptr ? sqlite3_errmsg(target) : sqlite3_errstr(rc)));
}

Result<> SqliteDatabase::backup_to(const std::string& path) {
  if (auto made = make_private_file(path, true); !made) return made;
  sqlite3* target = nullptr;
  int rc = sqlite3_open_v2(path.c_str(), &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  Result<> result;
  if (rc == SQLITE_OK) {
    sqlite3_backup* backup = sqlite3_backup_init(target, "main", handle_, "main");
    if (backup != nullptr) {
      // All in one step: one read transaction of WAL mode, which no writer disturbs and which disturbs no writer. In
      // several steps a busy writer would make it begin anew each time.
      rc = sqlite3_backup_step(backup, -1);
      const int finished = sqlite3_backup_finish(backup);
      if (rc == SQLITE_DONE) rc = finished;
    } else {
      rc = sqlite3_errcode(target);
    }
  }
  if (rc != SQLITE_OK) {
    result = backup_error(target, rc, path);
  } else {
    // One file that stands by itself: no -wal beside it.
    rc = sqlite3_exec(target, "PRAGMA journal_mode=DELETE", nullptr, nullptr, nullptr);
    if (rc != SQLITE_OK) result = backup_error(target, rc, path);
  }
  sqlite3_close_v2(target);
  if (result) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 || ::fsync(fd) != 0) result = fail(Code::io, fmt::format("store: {}: cannot be synced", path));
    if (fd >= 0) ::close(fd);
  }
  if (!result) ::unlink(path.c_str());
  return result;
}

// Whose file is this? An empty one becomes ours.
Result<> claim(SqliteDatabase& database, const std::string& path, bool writes) {
  const auto application = database.pragma("PRAGMA application_id");
  if (!application) {
    return fail(Code::configuration, fmt::format("store: {}: {}", path, application.error().detail));
  }
  const auto format = database.pragma("PRAGMA user_version");
  if (!format) return std::unexpected(format.error());
  const auto tables = database.pragma("SELECT count(*) FROM sqlite_schema");
  if (!tables) return std::unexpected(tables.error());
  if (*application == kApplicationId) {
    if (*format > kFormat) {
      return fail(Code::configuration,
                  fmt::format("store: {}: was written by a newer version of Gatehouse (format {}, this one knows {})",
                              path, *format, kFormat));
    }
    return {};
  }
  if (*application != 0 || *tables != 0 || *format != 0) {
    return fail(Code::configuration, fmt::format("store: {}: is a database of another program", path));
  }
  if (!writes) return fail(Code::configuration, fmt::format("store: {}: is empty", path));
  return database.execute(fmt::format("PRAGMA application_id={}; PRAGMA user_version={};", kApplicationId, kFormat));
}

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path, const OpenOptions& options) {
  const bool in_memory = path == ":memory:";
  const bool writes = options.access != OpenOptions::Access::read_only;
  if (!in_memory) {
    if (options.access == OpenOptions::Access::create) {
      if (auto made = make_private_file(path, false); !made) return std::unexpected(made.error());
    } else {
      struct stat status{};
      if (::stat(path.c_str(), &status) != 0) {
        return fail(Code::configuration, fmt::format("store: {}: {}", path, system_message(errno)));
      }
    }
  }
  sqlite3* handle = nullptr;
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | (writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
  if (in_memory) flags |= SQLITE_OPEN_MEMORY | SQLITE_OPEN_CREATE;
  const int rc = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  auto database = std::make_unique<SqliteDatabase>(handle);
  if (rc != SQLITE_OK) {
    return fail(Code::configuration,
                fmt::format("store: {}: {}", path, handle != nullptr ? sqlite3_errmsg(handle) : "no memory"));
  }
  sqlite3_busy_timeout(handle, static_cast<int>(options.busy_timeout.count()));
  // A file from elsewhere must not run functions with side effects from its schema.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  if (auto ours = claim(*database, path, writes); !ours) return std::unexpected(ours.error());
  if (writes) {
    if (auto set = database->execute(
            fmt::format("PRAGMA journal_mode=WAL; PRAGMA synchronous={};", options.durable ? "FULL" : "NORMAL"));
        !set) {
      return std::unexpected(set.error());
    }
  }
  if (auto set = database->execute("PRAGMA foreign_keys=ON"); !set) return std::unexpected(set.error());
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace gatehouse::store
