#include "gatehouse/observe/log.h"

#include <chrono>
#include <limits>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <simdjson.h>

namespace gatehouse::observe {
namespace {

template <class T>
concept CanBeLogged = requires(Log& log, const T& value) { log.info("event", {{"field", value}}); };
static_assert(CanBeLogged<std::string>);
static_assert(CanBeLogged<std::string_view>);
static_assert(CanBeLogged<int>);
static_assert(CanBeLogged<bool>);
static_assert(CanBeLogged<double>);
static_assert(!CanBeLogged<base::Secret>);
static_assert(!CanBeLogged<void*>);

struct Lines {
  std::vector<std::string> all;
  Log::Sink sink() {
    return [this](std::string_view line) { all.emplace_back(line); };
  }
};

// Without the time in front, whose form is checked.
std::string after_time(const std::string& line) {
  const std::size_t start = line.starts_with("{\"time\":\"") ? 9 : 0;
  const std::string_view form = "dddd-dd-ddTdd:dd:dd.ddd";
  for (std::size_t i = 0; i < form.size(); ++i) {
    const char c = line.at(start + i);
    EXPECT_TRUE(form[i] == 'd' ? (c >= '0' && c <= '9') : c == form[i]) << line;
  }
  return line.substr(line.find('Z', start) + 1);
}

TEST(Log, WritesJson) {
  Lines lines;
  Log log({.level = LogLevel::debug}, lines.sink());
  const std::string text = "127.0.0.1:8080";
  log.info("listening", {{"api", text}, {"port", 8080}, {"tls", false}, {"share", 0.5}, {"size", 7U}});
  log.warn("empty");
  log.debug("limits", {{"low", std::numeric_limits<std::int64_t>::min()},
                       {"high", std::numeric_limits<std::uint64_t>::max()},
                       {"none", std::numeric_limits<double>::quiet_NaN()}});
  log.error("bad", {{"text", "a\"b\n\xff\x1b"}});
  ASSERT_EQ(lines.all.size(), 4U);
  EXPECT_EQ(
      after_time(lines.all[0]),
      R"(","level":"info","event":"listening","api":"127.0.0.1:8080","port":8080,"tls":false,"share":0.5,"size":7})"
      "\n");
  EXPECT_EQ(after_time(lines.all[1]), "\",\"level\":\"warning\",\"event\":\"empty\"}\n");
  EXPECT_EQ(after_time(lines.all[2]),
            R"(","level":"debug","event":"limits","low":-9223372036854775808,"high":18446744073709551615,"none":null})"
            "\n");
  EXPECT_EQ(after_time(lines.all[3]),
            "\",\"level\":\"error\",\"event\":\"bad\",\"text\":\"a\\\"b\\n\ufffd\\u001b\"}\n");
  simdjson::dom::parser parser;
  for (const std::string& line : lines.all) {
    simdjson::dom::element element;
    EXPECT_EQ(parser.parse(line).get(element), simdjson::SUCCESS) << line;
  }
}

TEST(Log, WritesText) {
  Lines lines;
  Log log({.format = LogFormat::text}, lines.sink());
  log.info("listening", {{"api", "127.0.0.1:8080"}, {"note", "two words"}, {"none", ""}, {"n", -1}});
  log.warn("forged", {{"text", "a\n2026-01-01T00:00:00.000Z info fine"}});
  ASSERT_EQ(lines.all.size(), 2U);
  EXPECT_EQ(after_time(lines.all[0]), " info listening api=127.0.0.1:8080 note=\"two words\" none=\"\" n=-1\n");
  EXPECT_EQ(after_time(lines.all[1]), " warning forged text=\"a\\n2026-01-01T00:00:00.000Z info fine\"\n");
}

TEST(Log, PercentAndBracesAreText) {
  Lines lines;
  Log log({.format = LogFormat::text}, lines.sink());
  log.info("e", {{"t", "%v {} %l {0}"}});
  EXPECT_EQ(after_time(lines.all.at(0)), " info e t=\"%v {} %l {0}\"\n");
}

TEST(Log, LongTextIsCut) {
  Lines lines;
  Log log({}, lines.sink());
  log.info("e", {{"t", std::string(100000, 'x')}});
  EXPECT_LT(lines.all.at(0).size(), 5000U);
  EXPECT_TRUE(lines.all.at(0).ends_with("x\"}\n"));
}

TEST(Log, LevelsAreKept) {
  Lines lines;
  Log log({.level = LogLevel::warn}, lines.sink());
  log.debug("no");
  log.info("no");
  log.warn("yes");
  EXPECT_FALSE(log.enabled(LogLevel::info));
  log.set_level(LogLevel::debug);
  log.debug("yes");
  EXPECT_TRUE(log.enabled(LogLevel::debug));
  EXPECT_EQ(lines.all.size(), 2U);
}

TEST(Log, GoesToStandardError) {
  testing::internal::CaptureStderr();
  {
    Log log(Log::Options{.format = LogFormat::text});
    log.info("hello");
  }
  EXPECT_EQ(after_time(testing::internal::GetCapturedStderr()), " info hello\n");
}

TEST(Log, ThreadsDoNotMixLines) {
  Lines lines;
  Log log({}, lines.sink());
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&log, t] {
      for (int i = 0; i < 500; ++i) log.info("e", {{"thread", t}, {"i", i}});
    });
  }
  for (auto& thread : threads) thread.join();
  ASSERT_EQ(lines.all.size(), 2000U);
  for (const auto& line : lines.all) EXPECT_TRUE(line.starts_with("{\"time\"") && line.ends_with("}\n")) << line;
}

TEST(LimitedLog, CountsWhatItKeepsBack) {
  using std::chrono::milliseconds;
  Lines lines;
  Log log({.format = LogFormat::text}, lines.sink());
  LimitedLog limited(log, 2);
  base::ManualClock clock;
  for (int i = 0; i < 10; ++i) limited.warn(clock.now(), "storm", {{"i", i}});
  limited.warn(clock.now(), "another");
  ASSERT_EQ(lines.all.size(), 3U);
  EXPECT_EQ(after_time(lines.all[1]), " warning storm i=1\n");
  EXPECT_EQ(after_time(lines.all[2]), " warning another\n");
  clock.advance(milliseconds(999));
  limited.warn(clock.now(), "storm", {{"i", 10}});
  limited.flush(clock.now());
  EXPECT_EQ(lines.all.size(), 3U);
  clock.advance(milliseconds(1));
  limited.warn(clock.now(), "storm", {{"i", 11}});
  limited.warn(clock.now(), "storm", {{"i", 12}});
  limited.warn(clock.now(), "storm", {{"i", 13}});
  ASSERT_EQ(lines.all.size(), 5U);
  EXPECT_EQ(after_time(lines.all[3]), " warning storm i=11 suppressed=9\n");
  EXPECT_EQ(after_time(lines.all[4]), " warning storm i=12\n");
  clock.advance(milliseconds(1000));
  limited.flush(clock.now());
  limited.flush(clock.now());
  ASSERT_EQ(lines.all.size(), 6U);
  EXPECT_EQ(after_time(lines.all[5]), " warning storm suppressed=1\n");
}

}  // namespace
}  // namespace gatehouse::observe
