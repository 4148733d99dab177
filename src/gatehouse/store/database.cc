#include "gatehouse/store/database.h"

#include "gatehouse/store/sqlite.h"

namespace gatehouse::store {
namespace {

constexpr std::string_view kSqlite = "sqlite:";

}  // namespace

Result<std::int64_t> Statement::run() {
  while (true) {
    auto row = step();
    if (!row) {
      reset();
      return std::unexpected(row.error());
    }
    if (!*row) break;
  }
  const std::int64_t rows = changed();
  reset();
  return rows;
}

std::optional<std::string> sqlite_path(std::string_view url) {
  if (!url.starts_with(kSqlite)) return std::nullopt;
  return std::string(url.substr(kSqlite.size()));
}

Result<std::unique_ptr<Database>> open(std::string_view url, const OpenOptions& options) {
  if (const auto path = sqlite_path(url)) {
    if (path->empty() || path->find('\0') != std::string::npos) {
      return fail(Code::configuration, "store: sqlite: needs the path of a file");
    }
    return open_sqlite(*path, options);
  }
  if (url.starts_with("postgresql:") || url.starts_with("postgres:")) {
    return fail(Code::configuration, "store: this version keeps its data in SQLite only (sqlite:PATH)");
  }
  return fail(Code::configuration, "store: must be sqlite:PATH");
}

}  // namespace gatehouse::store
