#include "gatehouse/app/commands/usage.h"

#include <string>

#include <CLI/CLI.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/app/commands/backup.h"
#include "gatehouse/govern/ledger/testing/ledger_fixture.h"

namespace gatehouse::app {
namespace {

using govern::testing::at;
using govern::testing::LedgerStore;
using govern::testing::sample_row;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class StoreCommandsTest : public ::testing::Test {
 protected:
  StoreCommandsTest() {
    ledger_.insert(sample_row("1", at(2026, 11, 1)));
    ledger_.insert(sample_row("2", at(2026, 12, 1)));
  }

  // Runs a command line; what it printed.
  std::string run(const std::string& line) {
    CLI::App app("", "gatehouse");
    exit_code_ = 0;
    add_usage_command(app, exit_code_);
    add_backup_command(app, exit_code_);
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    try {
      app.parse(line);
    } catch (const CLI::ParseError&) {
      exit_code_ = 2;
    }
    errors_ = ::testing::internal::GetCapturedStderr();
    return ::testing::internal::GetCapturedStdout();
  }

  LedgerStore ledger_;
  std::string store_ = " --store " + ledger_.url();
  int exit_code_ = 0;
  std::string errors_;
};

TEST_F(StoreCommandsTest, UsageBesideAWriter) {
  EXPECT_THAT(run("usage" + store_ + " --by month,team --format csv"), HasSubstr("\r\n2026-11,support,1,"));
  EXPECT_EQ(exit_code_, 0);
  EXPECT_THAT(run("usage" + store_ + " --from 2026-12 --by team --format jsonl"),
              StartsWith(R"({"team":"support","requests":1,)"));
  EXPECT_THAT(run("usage" + store_ + " --filter team=sales --format json"), HasSubstr(R"("total":{"requests":0,)"));
  EXPECT_THAT(run("usage" + store_ + " --by team"), HasSubstr("total"));
  EXPECT_THAT(run("usage" + store_ + " --format focus --from 2026-11 --to 2026-12"), StartsWith("BilledCost,"));
  EXPECT_THAT(run("usage rows" + store_), StartsWith(R"({"request_id":"2","time":"2026-12-01T00:00:00.000000Z",)"));
  EXPECT_THAT(run("usage rows --to 2026-12 --filter team=support" + store_), StartsWith(R"({"request_id":"1",)"));
  EXPECT_EQ(run("usage rows --filter status=500" + store_), "");
  EXPECT_THAT(run("usage report --month 2026-11 --by tag:feature" + store_), HasSubstr("search"));
  EXPECT_EQ(exit_code_, 0) << errors_;
}

TEST_F(StoreCommandsTest, SaysWhatIsWrong) {
  run("usage" + store_ + " --by taem");
  EXPECT_EQ(exit_code_, 2);
  EXPECT_THAT(errors_, HasSubstr("no such dimension"));
  run("usage --store sqlite:" + ledger_.path("none.db"));
  EXPECT_EQ(exit_code_, 2);
  EXPECT_THAT(errors_, HasSubstr("No such file"));
  run("usage" + store_ + " --from yesterday");
  EXPECT_EQ(exit_code_, 2);
  run("usage report --month 2026-13" + store_);
  EXPECT_EQ(exit_code_, 2);
}

TEST_F(StoreCommandsTest, ABackupCanBeAsked) {
  const std::string copy = ledger_.path("copy.db");
  run("backup" + store_ + " " + copy);
  EXPECT_EQ(exit_code_, 0) << errors_;
  EXPECT_THAT(run("usage --store sqlite:" + copy + " --by month --format csv"), HasSubstr("2026-12,1,"));
  run("backup" + store_ + " " + copy);
  EXPECT_EQ(exit_code_, 2);
}

}  // namespace
}  // namespace gatehouse::app
