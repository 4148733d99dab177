#include "gatehouse/store/journal.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/store/journal_format.h"
#include "gatehouse/store/testing/temp_folder.h"

namespace gatehouse::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Keeps all that it is given; refuses when told to.
class MemorySink final : public JournalSink {
 public:
  Result<std::vector<JournalPosition>> positions() override {
    std::vector<JournalPosition> all;
    for (const auto& [lane, position] : positions_) all.push_back(position);
    return all;
  }
  Result<> commit(const JournalBatch& batch) override {
    if (refuse_next > 0) {
      --refuse_next;
      return fail(Code::io, "no");
    }
    for (const auto& entry : batch.entries) {
      (entry.interrupted ? interrupted : settled).emplace_back(entry.payload);
    }
    for (const auto& position : batch.positions) positions_[position.lane] = position;
    for (const std::uint64_t lane : batch.forget) positions_.erase(lane);
    largest = std::max(largest, batch.entries.size());
    ++commits;
    return {};
  }

  std::vector<std::string> settled;
  std::vector<std::string> interrupted;
  std::map<std::uint64_t, JournalPosition> positions_;
  std::size_t largest = 0;
  int commits = 0;
  int refuse_next = 0;
};

class JournalTest : public ::testing::Test {
 protected:
  JournalOptions options() const {
    return {.folder = folder_.path("journal"),
            .segment_bytes = 65536,
            .segments = 4,
            .slots = 8,
            .max_payload = 1024,
            .batch = 64,
            .sync_every = {}};
  }
  std::unique_ptr<Journal> must_open(const JournalOptions& chosen) {
    auto opened = Journal::open(chosen, sink_);
    EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().detail);
    return opened ? std::move(*opened) : nullptr;
  }
  // As after a kill: nothing is drained, the files are as they are.
  void reopen() {
    journal_.reset();
    journal_ = must_open(options());
  }

  testing::TempFolder folder_;
  MemorySink sink_;
  std::unique_ptr<Journal> journal_ = must_open(options());
};

TEST_F(JournalTest, WhatIsSettledReachesTheSinkOnce) {
  JournalLane& lane = **journal_->make_lane();
  const auto first = lane.open("intent 1");
  const auto second = lane.open("intent 2");
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(lane.settle(second, "two"));
  EXPECT_TRUE(lane.settle(first, "one"));
  EXPECT_FALSE(lane.settle(first, "one again"));
  EXPECT_FALSE(lane.update(first, "one again"));
  EXPECT_EQ(journal_->drain().value(), 2u);
  EXPECT_EQ(journal_->drain().value(), 0u);
  EXPECT_THAT(sink_.settled, ElementsAre("two", "one"));
  reopen();
  EXPECT_THAT(sink_.settled, ElementsAre("two", "one"));
  EXPECT_THAT(sink_.interrupted, IsEmpty());
  EXPECT_EQ(journal_->recovered().lanes, 1u);
  EXPECT_THAT(sink_.positions_, IsEmpty()) << "nothing is kept of lanes that are gone";
}

TEST_F(JournalTest, WhatWasNotAppliedIsAppliedAtTheNextStart) {
  JournalLane& lane = **journal_->make_lane();
  EXPECT_TRUE(lane.settle(lane.open("i"), "before"));
  ASSERT_TRUE(journal_->drain());
  const auto open = lane.open("still running");
  const auto extended = lane.open("small");
  EXPECT_TRUE(lane.update(extended, "larger"));
  EXPECT_TRUE(lane.update(extended, "largest"));
  EXPECT_TRUE(lane.settle(lane.open("i"), "after"));
  EXPECT_TRUE(lane.drop(lane.open("never sent")));
  EXPECT_TRUE(lane.record("by itself"));
  ASSERT_TRUE(open);
  reopen();
  EXPECT_THAT(sink_.settled, ElementsAre("before", "after", "by itself"));
  EXPECT_THAT(sink_.interrupted, ElementsAre("still running", "largest"));
  EXPECT_EQ(journal_->recovered().records, 2u);
  EXPECT_EQ(journal_->recovered().interrupted, 2u);
  EXPECT_EQ(journal_->recovered().damaged, 0u);
  reopen();
  EXPECT_EQ(sink_.interrupted.size(), 2u);
}

TEST_F(JournalTest, ARecoveryThatBreaksOffIsDoneAgainAndCountsOnce) {
  JournalLane& lane = **journal_->make_lane();
  std::vector<std::string> expected;
  for (int i = 0; i < 200; ++i) {
    expected.push_back("record " + std::to_string(i));
    ASSERT_TRUE(lane.record(expected.back()));
  }
  ASSERT_TRUE(lane.open("running"));
  journal_.reset();
  // 200 records in steps of 64: each of the commits fails once.
  for (int fails_at = 0; fails_at < 6; ++fails_at) {
    sink_.refuse_next = 0;
    class Failing final : public JournalSink {
     public:
      explicit Failing(MemorySink& to) : to_(to) {}
      Result<std::vector<JournalPosition>> positions() override { return to_.positions(); }
      Result<> commit(const JournalBatch& batch) override {
        if (++calls_ == 2) return fail(Code::io, "no");
        return to_.commit(batch);
      }

     private:
      MemorySink& to_;
      int calls_ = 0;
    } failing(sink_);
    (void)Journal::open(options(), failing);
  }
  EXPECT_EQ(sink_.settled, expected);
  EXPECT_THAT(sink_.interrupted, ElementsAre("running"));
}

TEST_F(JournalTest, SegmentsAreUsedAgainAndNothingIsLostOrDoubled) {
  JournalLane& lane = **journal_->make_lane();
  std::vector<std::string> expected;
  for (int i = 0; i < 5000; ++i) {  // some 3 MB through 256 KiB
    expected.push_back(std::to_string(i) + std::string(static_cast<std::size_t>(i * 7 % 1000), 'x'));
    while (!lane.record(expected.back())) ASSERT_GT(journal_->drain().value(), 0u);
  }
  while (journal_->drain().value() > 0) {
  }
  EXPECT_EQ(sink_.settled, expected);
  EXPECT_EQ(sink_.largest, 64u);
  EXPECT_GT(lane.refused(), 0u);
  reopen();
  EXPECT_EQ(sink_.settled.size(), expected.size());
}

TEST_F(JournalTest, AnOpenIntentAlwaysFindsRoomForItsSettlement) {
  JournalLane& lane = **journal_->make_lane();
  const std::string large(1024, 's');
  std::vector<JournalLane::Ticket> tickets;
  for (int i = 0; i < 8; ++i) tickets.push_back(lane.open("intent"));
  EXPECT_FALSE(lane.open("a ninth")) << "there are eight slots";
  EXPECT_TRUE(lane.drop(tickets.back()));
  tickets.pop_back();
  while (lane.record(large)) {
  }
  EXPECT_FALSE(lane.open("no room in the log"));
  for (const auto& ticket : tickets) EXPECT_TRUE(lane.settle(ticket, large));
  EXPECT_EQ(lane.open_intents(), 0u);
  const std::size_t refused = lane.refused();
  EXPECT_FALSE(lane.record(large));
  EXPECT_EQ(lane.refused(), refused + 1);
  while (journal_->drain().value() > 0) {
  }
  EXPECT_TRUE(lane.open("again"));
}

TEST_F(JournalTest, WhatIsTooLargeIsRefused) {
  JournalLane& lane = **journal_->make_lane();
  const std::string large(1025, 'x');
  EXPECT_FALSE(lane.open(large));
  EXPECT_FALSE(lane.record(large));
  const auto ticket = lane.open("fits");
  EXPECT_FALSE(lane.update(ticket, large));
  EXPECT_FALSE(lane.settle(ticket, large));
  EXPECT_FALSE(lane.settle({.number = ticket.number, .slot = 4000000000}, "x"));
  EXPECT_TRUE(lane.settle(ticket, large.substr(1)));
}

TEST_F(JournalTest, WhatTheSinkRefusesIsOfferedAgain) {
  JournalLane& lane = **journal_->make_lane();
  ASSERT_TRUE(lane.record("one"));
  sink_.refuse_next = 2;
  EXPECT_FALSE(journal_->drain());
  ASSERT_TRUE(lane.record("two"));
  EXPECT_FALSE(journal_->drain());
  EXPECT_EQ(journal_->drain().value(), 2u);
  EXPECT_THAT(sink_.settled, ElementsAre("one", "two"));
  EXPECT_EQ(journal_->stats().failures, 2u);
  EXPECT_EQ(journal_->stats().applied, 2u);
}

TEST_F(JournalTest, OneProcessAtATime) {
  EXPECT_THAT(Journal::open(options(), sink_).error().detail, HasSubstr("another process"));
}

TEST_F(JournalTest, OptionsHaveRanges) {
  auto wrong = options();
  wrong.folder = folder_.path("other");
  wrong.segments = 1;
  EXPECT_EQ(Journal::open(wrong, sink_).error().code, Code::configuration);
  wrong = options();
  wrong.folder = folder_.path("none/below");
  EXPECT_EQ(Journal::open(wrong, sink_).error().code, Code::configuration);
}

TEST_F(JournalTest, ATornPageLosesWhatStoodOnItAndNoMore) {
  JournalLane& lane = **journal_->make_lane();
  std::vector<std::string> expected;
  for (int i = 0; i < 20; ++i) {
    expected.push_back("record " + std::to_string(i) + std::string(900, 'x'));
    ASSERT_TRUE(lane.record(expected.back()));
  }
  ASSERT_TRUE(lane.open("kept"));
  ASSERT_TRUE(lane.open("torn"));
  journal_.reset();
  // A page in the middle never reached the disk; nor did a part of the second slot.
  for (const auto& entry : std::filesystem::recursive_directory_iterator(options().folder)) {
    if (entry.path().filename() == "segment-0000") {
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(4096);
      file << std::string(4096, '\0');
    } else if (entry.path().filename() == "slots") {
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(
          static_cast<std::streamoff>(sizeof(journal::SlotsHeader) + journal::slot_size(1024) + journal::kSlotHeader));
      file << 'T';
    }
  }
  journal_ = must_open(options());
  ASSERT_LT(sink_.settled.size(), expected.size());
  ASSERT_GE(sink_.settled.size(), expected.size() - 6);
  for (const std::string& record : sink_.settled) EXPECT_THAT(expected, ::testing::Contains(record));
  EXPECT_EQ(sink_.settled.back(), expected.back()) << "what stands behind the hole is found";
  EXPECT_THAT(sink_.interrupted, ElementsAre("kept"));
  EXPECT_GE(journal_->recovered().damaged, 2u);
}

TEST_F(JournalTest, AFolderOfUnfinishedFilesIsNoObstacle) {
  const std::string lane = options().folder + "/lane-00000000000000aa";
  std::filesystem::create_directory(lane);
  std::ofstream(lane + "/slots") << "x";
  std::ofstream(lane + "/segment-0000");
  std::ofstream(lane + "/segment-0001") << std::string(65536, '\0');
  reopen();
  EXPECT_EQ(journal_->recovered().lanes, 1u);
  EXPECT_FALSE(std::filesystem::exists(lane));
}

TEST_F(JournalTest, TheWritersThreadCarriesWhatManyLanesAppend) {
  constexpr int kLanes = 4;
  constexpr int kEach = 3000;
  std::vector<JournalLane*> lanes;
  for (int i = 0; i < kLanes; ++i) lanes.push_back(*journal_->make_lane());
  journal_->start();
  std::vector<std::thread> threads;
  for (int i = 0; i < kLanes; ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < kEach;) {
        const auto ticket = lanes[static_cast<std::size_t>(i)]->open("intent");
        if (!ticket) {
          std::this_thread::yield();
          continue;
        }
        lanes[static_cast<std::size_t>(i)]->update(ticket, "larger intent");
        lanes[static_cast<std::size_t>(i)]->settle(ticket, std::to_string(i) + ":" + std::to_string(k++));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  ASSERT_TRUE(journal_->flush());
  EXPECT_EQ(sink_.settled.size(), static_cast<std::size_t>(kLanes * kEach));
  std::vector<int> next(kLanes, 0);
  for (const std::string& record : sink_.settled) {
    const std::size_t colon = record.find(':');
    EXPECT_EQ(std::stoi(record.substr(colon + 1)), next[std::stoul(record.substr(0, colon))]++);
  }
  journal_->close();
  EXPECT_THAT(sink_.interrupted, IsEmpty());
}

}  // namespace
}  // namespace gatehouse::store
