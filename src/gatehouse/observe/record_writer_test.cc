#include "gatehouse/observe/record_writer.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <simdjson.h>

namespace gatehouse::observe {
namespace {

class RecordWriterTest : public testing::Test {
 protected:
  RecordWriterTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse_records_XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~RecordWriterTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  static std::vector<std::string> lines(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::vector<std::string> result;
    for (std::string line; std::getline(file, line);) result.push_back(line);
    return result;
  }

  std::filesystem::path folder_;
};

AccessRecord record(std::string_view id) {
  AccessRecord made;
  made.request_id = id;
  made.path = "/v1/chat/completions";
  made.status = 200;
  return made;
}

std::string id_of(const std::string& line) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  std::string_view id;
  if (parser.parse(line).get(element) != simdjson::SUCCESS || element["request_id"].get(id) != simdjson::SUCCESS) {
    return "not a record: " + line;
  }
  return std::string(id);
}

TEST_F(RecordWriterTest, CloseWritesAllInTheLanesOrder) {
  auto writer = RecordWriter::open({.path = path("a"), .block_bytes = 1000});
  ASSERT_TRUE(writer);
  RecordLane& lane = (*writer)->make_lane();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(lane.append(record("r" + std::to_string(i))));
  (*writer)->close();
  const auto written = lines(path("a"));
  ASSERT_EQ(written.size(), 100U);
  for (std::size_t i = 0; i < written.size(); ++i) EXPECT_EQ(id_of(written[i]), "r" + std::to_string(i));
  EXPECT_EQ((*writer)->written(), 100U);
  EXPECT_EQ((*writer)->dropped(), 0U);
  struct stat info{};
  ASSERT_EQ(::stat(path("a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0027, 0U);  // nobody but the owner writes, others do not read
}

TEST_F(RecordWriterTest, AppendsToWhatIsThere) {
  for (const char* id : {"first", "second"}) {
    auto writer = RecordWriter::open({.path = path("a")});
    ASSERT_TRUE(writer);
    (*writer)->make_lane().append(record(id));
  }  // the destructor closes
  const auto written = lines(path("a"));
  ASSERT_EQ(written.size(), 2U);
  EXPECT_EQ(id_of(written[0]), "first");
  EXPECT_EQ(id_of(written[1]), "second");
}

// Waits for the writer's thread to have done something; the deadline only ends a test that has failed.
template <class Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST_F(RecordWriterTest, WhatIsHandedOverIsWrittenWithoutClosing) {
  auto writer = RecordWriter::open({.path = path("a"), .flush_every = std::chrono::milliseconds(1)});
  ASSERT_TRUE(writer);
  RecordLane& lane = (*writer)->make_lane();
  lane.hand_over();  // nothing: writes nothing
  lane.append(record("r1"));
  lane.hand_over();
  ASSERT_TRUE(eventually([&] { return (*writer)->written() == 1; }));
  EXPECT_EQ(lines(path("a")).size(), 1U);
}

TEST_F(RecordWriterTest, ReopensAfterRotation) {
  auto writer = RecordWriter::open({.path = path("a"), .flush_every = std::chrono::milliseconds(1)});
  ASSERT_TRUE(writer);
  RecordLane& lane = (*writer)->make_lane();
  lane.append(record("before"));
  lane.hand_over();
  ASSERT_TRUE(eventually([&] { return (*writer)->written() == 1; }));
  std::filesystem::rename(path("a"), path("a.1"));
  (*writer)->reopen();
  lane.append(record("after"));
  (*writer)->close();
  ASSERT_EQ(lines(path("a.1")).size(), 1U);
  EXPECT_EQ(id_of(lines(path("a.1"))[0]), "before");
  ASSERT_EQ(lines(path("a")).size(), 1U);
  EXPECT_EQ(id_of(lines(path("a"))[0]), "after");
}

TEST_F(RecordWriterTest, KeepsTheOldFileIfTheNewOneFails) {
  std::filesystem::create_directory(path("logs"));
  auto writer = RecordWriter::open({.path = path("logs/a")});
  ASSERT_TRUE(writer);
  RecordLane& lane = (*writer)->make_lane();
  std::filesystem::rename(path("logs"), path("gone"));
  (*writer)->reopen();
  lane.append(record("kept"));
  (*writer)->close();
  EXPECT_EQ((*writer)->write_errors(), 1U);
  EXPECT_EQ((*writer)->dropped(), 0U);
  ASSERT_EQ(lines(path("gone/a")).size(), 1U);
}

TEST_F(RecordWriterTest, RefusesAPathThatCannotBeOpened) {
  const auto writer = RecordWriter::open({.path = path("no/such/folder")});
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().code, Code::configuration);
  EXPECT_NE(writer.error().detail.find("no/such/folder"), std::string::npos);
}

// A pipe that nobody reads holds the writer up for as long as the test wants.
TEST_F(RecordWriterTest, DropsAndCountsRatherThanWait) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  const int reader = ::open(path("pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  auto writer = RecordWriter::open(
      {.path = path("pipe"), .block_bytes = 2000, .max_queued_blocks = 4, .flush_every = std::chrono::milliseconds(1)});
  ASSERT_TRUE(writer);
  RecordLane& lane = (*writer)->make_lane();
  constexpr int kRecords = 5000;  // some 900 kB; the pipe holds 64
  std::set<std::string> taken;
  for (int i = 0; i < kRecords; ++i) {
    const std::string id = "r" + std::to_string(i);
    if (lane.append(record(id))) taken.insert(id);
  }
  EXPECT_LT(taken.size(), kRecords / 2U);
  EXPECT_EQ(lane.dropped(), kRecords - taken.size());
  EXPECT_EQ((*writer)->dropped(), lane.dropped());
  // Somebody reads again: all that was taken comes, whole and in order.
  ASSERT_EQ(::fcntl(reader, F_SETFL, 0), 0);
  std::thread closing([&writer] { (*writer)->close(); });
  std::string all;
  std::array<char, 4096> piece;
  for (;;) {
    const ssize_t got = ::read(reader, piece.data(), piece.size());
    if (got <= 0) break;
    all.append(piece.data(), static_cast<std::size_t>(got));
  }
  closing.join();
  ::close(reader);
  std::set<std::string> seen;
  std::size_t at = 0;
  while (at < all.size()) {
    const std::size_t end = all.find('\n', at);
    ASSERT_NE(end, std::string::npos);
    seen.insert(id_of(all.substr(at, end - at)));
    at = end + 1;
  }
  EXPECT_EQ(seen, taken);
  EXPECT_EQ((*writer)->written(), taken.size());
}

TEST_F(RecordWriterTest, ABrokenPipeIsCountedAndNotTheEnd) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  const int reader = ::open(path("pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  auto writer = RecordWriter::open({.path = path("pipe")});
  ASSERT_TRUE(writer);
  ::close(reader);
  RecordLane& lane = (*writer)->make_lane();
  lane.append(record("lost"));
  (*writer)->close();
  EXPECT_EQ((*writer)->dropped(), 1U);
  EXPECT_EQ((*writer)->write_errors(), 1U);
}

// A disk that fills up in the middle of a line, and is cleared later.
TEST_F(RecordWriterTest, ABrokenLineDoesNotSpoilTheNext) {
  auto writer = RecordWriter::open({.path = path("a"), .flush_every = std::chrono::milliseconds(1)});
  ASSERT_TRUE(writer);
  RecordLane& lane = (*writer)->make_lane();
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit tight = before;
  tight.rlim_cur = 1000;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  for (int i = 0; i < 10; ++i) lane.append(record("r" + std::to_string(i)));
  lane.hand_over();
  const bool failed = eventually([&] { return (*writer)->write_errors() == 1; });
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_TRUE(failed);
  lane.append(record("after"));
  (*writer)->close();
  const auto written = lines(path("a"));
  ASSERT_GE(written.size(), 4U);
  const std::size_t whole = written.size() - 2;
  for (std::size_t i = 0; i < whole; ++i) EXPECT_EQ(id_of(written[i]), "r" + std::to_string(i));
  EXPECT_TRUE(id_of(written[whole]).starts_with("not a record")) << written[whole];
  EXPECT_EQ(id_of(written.back()), "after");
  EXPECT_EQ((*writer)->written(), whole + 1);
  EXPECT_EQ((*writer)->dropped(), 10 - whole);
  EXPECT_EQ((*writer)->write_errors(), 1U);
}

// For the thread sanitizer: many lanes, rotation and counting at once, and every record is written or counted.
TEST_F(RecordWriterTest, NothingIsLostUnderManyLanes) {
  constexpr int kLanes = 4;
  constexpr int kRecords = 5000;
  auto writer = RecordWriter::open(
      {.path = path("a"), .block_bytes = 3000, .max_queued_blocks = 8, .flush_every = std::chrono::milliseconds(1)});
  ASSERT_TRUE(writer);
  std::atomic<int> running{kLanes};
  std::vector<std::thread> workers;
  workers.reserve(kLanes);
  for (int w = 0; w < kLanes; ++w) {
    workers.emplace_back([&running, &lane = (*writer)->make_lane(), w] {
      for (int i = 0; i < kRecords; ++i) {
        lane.append(record("w" + std::to_string(w) + "-" + std::to_string(i)));
        if (i % 500 == 0) lane.hand_over();
      }
      lane.hand_over();
      running.fetch_sub(1);
    });
  }
  int rotations = 0;
  while (running.load() > 0) {
    if (rotations < 20) {
      std::error_code ignored;
      std::filesystem::rename(path("a"), path("a." + std::to_string(rotations)), ignored);
      if (!ignored) ++rotations;
      (*writer)->reopen();
    }
    EXPECT_LE((*writer)->dropped() + (*writer)->written(), static_cast<std::uint64_t>(kLanes) * kRecords);
  }
  for (auto& worker : workers) worker.join();
  (*writer)->close();
  std::set<std::string> seen;
  std::size_t total = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    for (const auto& line : lines(entry.path().string())) {
      seen.insert(id_of(line));
      ++total;
    }
  }
  EXPECT_EQ(seen.size(), total);  // none twice
  EXPECT_EQ(total, (*writer)->written());
  EXPECT_EQ(total + (*writer)->dropped(), static_cast<std::uint64_t>(kLanes) * kRecords);
  EXPECT_GT(total, 0U);
}

}  // namespace
}  // namespace gatehouse::observe
