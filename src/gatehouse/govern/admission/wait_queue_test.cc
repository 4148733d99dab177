#include "gatehouse/govern/admission/wait_queue.h"

#include <deque>
#include <map>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/govern/admission/testing.h"

namespace gatehouse::govern {
namespace {

class WaitQueueTest : public ::testing::Test {
 protected:
  WaitEntry& wait(const Node* tenant, Priority priority = Priority::normal, std::uint32_t weight = 1) {
    WaitEntry& entry = entries_.emplace_back();
    entry.patience.tenant = tenant;
    entry.patience.priority = priority;
    entry.weight = weight;
    entry.arrival = entries_.size();
    queue_.push(entry);
    return entry;
  }
  // Grants the next one.
  const WaitEntry* grant(std::int64_t cost = 1) {
    WaitEntry* entry = queue_.next(++scan_);
    if (entry == nullptr) return nullptr;
    queue_.charge(*entry, cost);
    queue_.remove(*entry);
    return entry;
  }
  Counter counter_{std::make_shared<const ZonedLimit>(testing::limit("a", Resource::requests, 1), Zone()),
                   NodeKind::org, nullptr, 0};
  WaitQueue queue_{counter_};
  std::deque<WaitEntry> entries_;
  std::uint64_t scan_ = 0;
  const Node a_{NodeKind::team, "a", nullptr};
  const Node b_{NodeKind::team, "b", nullptr};
  const Node c_{NodeKind::team, "c", nullptr};
};

TEST_F(WaitQueueTest, ArrivalWithinATenant) {
  for (int i = 0; i < 5; ++i) wait(&a_);
  for (const WaitEntry& entry : entries_) EXPECT_EQ(grant(), &entry);
  EXPECT_EQ(grant(), nullptr);
  EXPECT_TRUE(queue_.empty());
}

TEST_F(WaitQueueTest, WhoComesOverFromAnotherQueueKeepsHisPlace) {
  WaitEntry& first = wait(&a_);
  WaitEntry& second = wait(&a_);
  wait(&a_);
  queue_.remove(first);
  queue_.push(first);
  queue_.remove(second);
  queue_.push(second);
  for (const WaitEntry& entry : entries_) EXPECT_EQ(grant(), &entry);
}

TEST_F(WaitQueueTest, AFloodDoesNotDelayOthers) {
  for (int i = 0; i < 1000; ++i) wait(&a_);
  const WaitEntry& other = wait(&b_);
  grant();
  EXPECT_EQ(grant(), &other);
}

TEST_F(WaitQueueTest, SharesByWeight) {
  for (int i = 0; i < 600; ++i) {
    wait(&a_, Priority::normal, 1);
    wait(&b_, Priority::normal, 2);
    wait(&c_, Priority::normal, 3);
  }
  std::map<const Node*, int> granted;
  for (int i = 0; i < 600; ++i) ++granted[grant()->patience.tenant];
  EXPECT_NEAR(granted[&a_], 100, 2);
  EXPECT_NEAR(granted[&b_], 200, 2);
  EXPECT_NEAR(granted[&c_], 300, 2);
}

TEST_F(WaitQueueTest, SharesWhatIsTakenNotHowOften) {
  for (int i = 0; i < 1000; ++i) {
    wait(&a_);
    wait(&b_);
  }
  std::map<const Node*, int> granted;
  for (int i = 0; i < 550; ++i) {
    WaitEntry* entry = queue_.next(++scan_);
    ++granted[entry->patience.tenant];
    queue_.charge(*entry, entry->patience.tenant == &a_ ? 1000 : 100);
    queue_.remove(*entry);
  }
  EXPECT_NEAR(granted[&a_], 50, 2);
  EXPECT_NEAR(granted[&b_], 500, 2);
}

TEST_F(WaitQueueTest, NobodySavesUpTurns) {
  for (int i = 0; i < 100; ++i) wait(&a_);
  for (int i = 0; i < 50; ++i) grant();
  for (int i = 0; i < 100; ++i) wait(&b_);
  int of_a = 0;
  for (int i = 0; i < 40; ++i) of_a += grant()->patience.tenant == &a_ ? 1 : 0;
  EXPECT_NEAR(of_a, 20, 1);
}

TEST_F(WaitQueueTest, WhoComesBackAtOnceHasNotBeenForgotten) {
  for (int i = 0; i < 100; ++i) wait(&b_);
  int of_a = 0;
  wait(&a_);
  for (int i = 0; i < 60; ++i) {
    // `a` has one at a time, and each takes ten times as much.
    WaitEntry* entry = queue_.next(++scan_);
    const bool a = entry->patience.tenant == &a_;
    queue_.charge(*entry, a ? 10 : 1);
    queue_.remove(*entry);
    if (a) {
      ++of_a;
      wait(&a_);
    }
  }
  EXPECT_NEAR(of_a, 6, 1);
}

TEST_F(WaitQueueTest, BetterClassesFirstButEachHasItsShare) {
  for (int i = 0; i < 2000; ++i) wait(&a_, Priority::critical);
  for (int i = 0; i < 100; ++i) {
    wait(&a_, Priority::normal);
    wait(&a_, Priority::batch);
  }
  std::map<Priority, int> granted;
  for (int i = 0; i < 16; ++i) EXPECT_EQ(grant()->patience.priority, Priority::critical);
  for (int i = 16; i < 1000; ++i) ++granted[grant()->patience.priority];
  EXPECT_GE(granted[Priority::normal], 1000 / 20);
  EXPECT_GE(granted[Priority::batch], 1000 / 20);
  EXPECT_GE(granted[Priority::critical], 850);
}

TEST_F(WaitQueueTest, TriesAFewOfEachTenant) {
  for (int i = 0; i < 10; ++i) wait(&a_);
  const WaitEntry& other = wait(&b_);
  ++scan_;
  std::vector<const WaitEntry*> tried;
  while (WaitEntry* entry = queue_.next(scan_)) {
    entry->scan = scan_;
    tried.push_back(entry);
  }
  ASSERT_EQ(tried.size(), WaitQueue::kTriesPerFlow + 1);
  EXPECT_EQ(tried[0], &entries_[0]);
  EXPECT_EQ(tried[3], &entries_[3]);
  EXPECT_EQ(tried[4], &other);
}

TEST_F(WaitQueueTest, ParkedAreNotLookedAt) {
  WaitEntry& first = wait(&a_);
  WaitEntry& second = wait(&a_);
  queue_.park(first);
  EXPECT_EQ(queue_.next(++scan_), &second);
  queue_.remove(second);
  EXPECT_EQ(queue_.next(++scan_), nullptr);
  EXPECT_FALSE(queue_.empty());
  queue_.push(second);
  queue_.unpark_all();
  EXPECT_EQ(grant(), &first);
  EXPECT_EQ(grant(), &second);
  EXPECT_TRUE(queue_.empty());
}

}  // namespace
}  // namespace gatehouse::govern
