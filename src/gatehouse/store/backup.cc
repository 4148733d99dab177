#include "gatehouse/store/backup.h"

#include <unistd.h>

#include <fmt/format.h>

#include "gatehouse/store/database.h"

namespace gatehouse::store {
namespace {

Result<> check_copy(const std::string& file) {
  auto copy = open("sqlite:" + file, {.access = OpenOptions::Access::read_only});
  if (!copy) return std::unexpected(copy.error());
  auto check = (*copy)->prepare("PRAGMA quick_check");
  if (!check) return std::unexpected(check.error());
  auto row = (*check)->step();
  if (!row) return std::unexpected(row.error());
  if (!*row || (*check)->text(0) != "ok") return fail(Code::io, fmt::format("store: {}: the copy is damaged", file));
  return {};
}

}  // namespace

Result<> back_up(std::string_view url, const std::string& file) {
  if (!sqlite_path(url)) return fail(Code::configuration, "store: only sqlite:PATH is backed up by this command");
  auto source = open(url, {.access = OpenOptions::Access::existing});
  if (!source) return std::unexpected(source.error());
  if (auto done = (*source)->backup_to(file); !done) return done;
  auto sound = check_copy(file);
  if (!sound) ::unlink(file.c_str());
  return sound;
}

}  // namespace gatehouse::store
