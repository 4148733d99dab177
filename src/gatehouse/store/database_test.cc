#include "gatehouse/store/database.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/store/backup.h"
#include "gatehouse/store/migrations.h"
#include "gatehouse/store/testing/temp_folder.h"

namespace gatehouse::store {
namespace {

using ::testing::HasSubstr;
using testing::TempFolder;

constexpr base::WallTime kNow{std::chrono::seconds(1'800'000'000)};

class DatabaseTest : public ::testing::Test {
 protected:
  std::unique_ptr<Database> must_open(OpenOptions options = {}) {
    auto opened = open(url_, options);
    EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().detail);
    return opened ? std::move(*opened) : nullptr;
  }
  std::int64_t count(Database& database, const std::string& sql) {
    auto statement = database.prepare(sql);
    EXPECT_TRUE(statement.has_value()) << statement.error().detail;
    auto row = (*statement)->step();
    EXPECT_TRUE(row.has_value() && *row);
    return (*statement)->integer(0);
  }

  TempFolder folder_;
  std::string path_ = folder_.path("store.db");
  std::string url_ = "sqlite:" + path_;
};

TEST_F(DatabaseTest, EveryKindOfValueComesBack) {
  auto database = must_open();
  ASSERT_TRUE(database->execute("CREATE TABLE t(i BIGINT, r DOUBLE PRECISION, s TEXT, b BYTEA, n TEXT)"));
  const std::string bytes("\x00\xff'\x01", 4);
  const std::string text = "' OR '1'='1; DROP TABLE t; --";
  auto insert = database->prepare("INSERT INTO t(n, b, s, r, i) VALUES($5, $4, $3, $2, $1)");
  ASSERT_TRUE(insert);
  (*insert)->bind_integer(1, INT64_MIN).bind_real(2, 0.1).bind_text(3, text).bind_blob(4, bytes).bind_null(5);
  EXPECT_EQ((*insert)->run().value(), 1);
  auto select = database->prepare("SELECT i, r, s, b, n FROM t WHERE s = $1");
  ASSERT_TRUE(select);
  (*select)->bind_text(1, text);
  ASSERT_TRUE((*select)->step().value());
  EXPECT_EQ((*select)->columns(), 5);
  EXPECT_EQ((*select)->integer(0), INT64_MIN);
  EXPECT_EQ((*select)->real(1), 0.1);
  EXPECT_EQ((*select)->text(2), text);
  EXPECT_EQ((*select)->blob(3), bytes);
  EXPECT_TRUE((*select)->is_null(4));
  EXPECT_FALSE((*select)->is_null(3));
  EXPECT_FALSE((*select)->step().value());
}

TEST_F(DatabaseTest, AnEmptyTextIsNoNull) {
  auto database = must_open();
  ASSERT_TRUE(database->execute("CREATE TABLE t(s TEXT NOT NULL, b BYTEA NOT NULL)"));
  auto insert = database->prepare("INSERT INTO t VALUES($1, $2)");
  (*insert)->bind_text(1, std::string_view()).bind_blob(2, std::string_view());
  EXPECT_TRUE((*insert)->run());
}

TEST_F(DatabaseTest, ErrorsAreValues) {
  auto database = must_open();
  EXPECT_EQ(database->prepare("SELEC 1").error().code, Code::io);
  EXPECT_EQ(database->prepare("  ").error().code, Code::io);
  ASSERT_TRUE(database->execute("CREATE TABLE t(a BIGINT PRIMARY KEY)"));
  auto insert = database->prepare("INSERT INTO t VALUES($1)");
  EXPECT_EQ((*insert)->bind_integer(1, 1).run().value(), 1);
  EXPECT_EQ((*insert)->bind_integer(1, 1).run().error().code, Code::invalid_request);
  EXPECT_EQ((*insert)->bind_integer(2, 1).run().error().code, Code::io) << "there is no second parameter";
  EXPECT_EQ((*insert)->bind_integer(1, 2).run().value(), 1) << "and the statement still works";
}

TEST_F(DatabaseTest, ForeignKeysHold) {
  auto database = must_open();
  ASSERT_TRUE(database->execute("CREATE TABLE a(id BIGINT PRIMARY KEY); CREATE TABLE b(a BIGINT REFERENCES a(id))"));
  EXPECT_EQ(database->execute("INSERT INTO b VALUES(7)").error().code, Code::invalid_request);
}

TEST_F(DatabaseTest, WhatIsNotCommittedIsRolledBack) {
  auto database = must_open();
  ASSERT_TRUE(database->execute("CREATE TABLE t(a BIGINT)"));
  {
    auto transaction = Transaction::begin(*database);
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(database->execute("INSERT INTO t VALUES(1)"));
  }
  EXPECT_EQ(count(*database, "SELECT count(*) FROM t"), 0);
  {
    auto transaction = Transaction::begin(*database);
    ASSERT_TRUE(database->execute("INSERT INTO t VALUES(1)"));
    EXPECT_TRUE(transaction->commit());
  }
  EXPECT_EQ(count(*database, "SELECT count(*) FROM t"), 1);
}

TEST_F(DatabaseTest, ASecondWriterWaitsNoLongerThanItsTimeout) {
  auto first = must_open();
  ASSERT_TRUE(first->execute("CREATE TABLE t(a BIGINT)"));
  auto second = must_open({.busy_timeout = std::chrono::milliseconds(1)});
  auto reader = must_open({.access = OpenOptions::Access::read_only});
  auto transaction = Transaction::begin(*first);
  ASSERT_TRUE(first->execute("INSERT INTO t VALUES(1)"));
  EXPECT_EQ(Transaction::begin(*second).error().code, Code::timed_out);
  EXPECT_EQ(count(*reader, "SELECT count(*) FROM t"), 0) << "a reader is not held up";
  ASSERT_TRUE(transaction->commit());
  EXPECT_EQ(count(*reader, "SELECT count(*) FROM t"), 1);
  EXPECT_FALSE(reader->execute("INSERT INTO t VALUES(2)")) << "and cannot write";
}

TEST_F(DatabaseTest, NobodyElseMayReadTheFiles) {
  auto database = must_open();
  ASSERT_TRUE(database->execute("CREATE TABLE t(a BIGINT)"));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat status{};
    ASSERT_EQ(::stat((path_ + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << suffix;
  }
}

TEST_F(DatabaseTest, RefusesWhatIsNotOurs) {
  EXPECT_THAT(open(url_, {.access = OpenOptions::Access::read_only}).error().detail, HasSubstr("No such file"));
  EXPECT_THAT(open("sqlite:" + folder_.path("none/x.db")).error().detail, HasSubstr("No such file"));
  EXPECT_EQ(open("mysql:x").error().code, Code::configuration);
  EXPECT_EQ(open("sqlite:").error().code, Code::configuration);
  EXPECT_EQ(open("postgresql://h/d").error().code, Code::configuration);

  std::ofstream(path_) << "this is some text file, long enough to have no SQLite header at all. "
                       << std::string(200, 'x');
  EXPECT_EQ(open(url_).error().code, Code::configuration);

  std::filesystem::remove(path_);
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "CREATE TABLE theirs(a)", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  EXPECT_THAT(open(url_).error().detail, HasSubstr("another program"));
}

TEST_F(DatabaseTest, RefusesANewerFormat) {
  ASSERT_TRUE(must_open()->execute("PRAGMA user_version=2"));
  EXPECT_THAT(open(url_).error().detail, HasSubstr("newer version"));
}

constexpr Migration kFirst{1, "things", "CREATE TABLE x_things(a BIGINT)"};
constexpr Migration kSecond{2, "more", "ALTER TABLE x_things ADD COLUMN b TEXT; INSERT INTO x_things VALUES(1, 'x')"};

TEST_F(DatabaseTest, MigrationsRunOnceAndInOrder) {
  auto database = must_open();
  const std::array one{kFirst};
  const std::array both{kFirst, kSecond};
  const std::array<Component, 1> old_version{{{"x", one}}};
  const std::array<Component, 1> new_version{{{"x", both}}};
  EXPECT_FALSE(check_migrations(*database, old_version));
  ASSERT_TRUE(migrate(*database, old_version, kNow));
  EXPECT_TRUE(check_migrations(*database, old_version));
  EXPECT_THAT(check_migrations(*database, new_version).error().detail, HasSubstr("older version"));
  ASSERT_TRUE(migrate(*database, new_version, kNow));
  ASSERT_TRUE(migrate(*database, new_version, kNow));
  EXPECT_EQ(count(*database, "SELECT count(*) FROM x_things"), 1);
  EXPECT_EQ(count(*database, "SELECT applied_at FROM gatehouse_migrations WHERE number = 2"), 1'800'000'000);
  EXPECT_THAT(migrate(*database, old_version, kNow).error().detail, HasSubstr("unknown to this version"));
}

TEST_F(DatabaseTest, AChangedMigrationIsRefusedBeforeAnythingHappens) {
  auto database = must_open();
  const std::array one{kFirst};
  const std::array<Component, 1> before{{{"x", one}}};
  ASSERT_TRUE(migrate(*database, before, kNow));
  const std::array changed{Migration{1, "things", "CREATE TABLE x_things(a BIGINT )"}};
  const std::array other{Migration{1, "y", "CREATE TABLE y_things(a BIGINT)"}};
  const std::array<Component, 2> after{{{"y", other}, {"x", changed}}};
  EXPECT_THAT(migrate(*database, after, kNow).error().detail, HasSubstr("differs"));
  EXPECT_EQ(count(*database, "SELECT count(*) FROM sqlite_schema WHERE name = 'y_things'"), 0);
}

TEST_F(DatabaseTest, AMigrationThatFailsLeavesNothing) {
  auto database = must_open();
  const std::array broken{Migration{1, "half", "CREATE TABLE x_things(a BIGINT); INSERT INTO nowhere VALUES(1)"}};
  const std::array<Component, 1> components{{{"x", broken}}};
  EXPECT_THAT(migrate(*database, components, kNow).error().detail, HasSubstr("migration 1 of x (half)"));
  EXPECT_EQ(count(*database, "SELECT count(*) FROM sqlite_schema WHERE name = 'x_things'"), 0);
  EXPECT_EQ(count(*database, "SELECT count(*) FROM gatehouse_migrations"), 0);
}

TEST_F(DatabaseTest, ABackupIsWholeWhileSomebodyWrites) {
  auto database = must_open();
  ASSERT_TRUE(database->execute("CREATE TABLE t(a BIGINT); INSERT INTO t VALUES(1)"));
  auto transaction = Transaction::begin(*database);
  ASSERT_TRUE(database->execute("INSERT INTO t VALUES(2)"));
  const std::string copy = folder_.path("copy.db");
  ASSERT_TRUE(back_up(url_, copy));
  ASSERT_TRUE(transaction->commit());
  auto copied = open("sqlite:" + copy, {.access = OpenOptions::Access::read_only});
  ASSERT_TRUE(copied);
  EXPECT_EQ(count(**copied, "SELECT count(*) FROM t"), 1) << "what was committed, and nothing of what was not";
  struct stat status{};
  ASSERT_EQ(::stat(copy.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_FALSE(back_up(url_, copy)) << "nothing is overwritten";
  EXPECT_EQ(count(**copied, "SELECT count(*) FROM t"), 1);
  EXPECT_FALSE(back_up("sqlite:" + folder_.path("none.db"), folder_.path("copy2.db")));
}

}  // namespace
}  // namespace gatehouse::store
