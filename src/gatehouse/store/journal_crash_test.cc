#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/base/ids.h"
#include "gatehouse/store/database.h"
#include "gatehouse/store/journal.h"
#include "gatehouse/store/testing/temp_folder.h"

// A process that appends at full speed is killed with SIGKILL at a random moment; then every request that it had told
// to be settled is in the store exactly once, and every one that it had opened and not settled is an interrupted one.
namespace gatehouse::store {
namespace {

constexpr int kThreads = 3;
constexpr std::size_t kRequests = 3000;  // a thread and round at most

// What the child tells, in memory that outlives it. For each request, in the order in which they are reached:
enum Stage : std::uint8_t { kNothing, kOpening, kOpened, kSettling, kSettled, kDropping, kDropped };
struct Told {
  std::atomic<std::uint64_t> done{0};
  std::atomic<bool> failed{false};
  std::array<std::array<std::atomic<std::uint8_t>, kRequests>, kThreads> stages{};
};

// No unique key: what is applied twice is seen twice.
constexpr std::string_view kSchema =
    "CREATE TABLE IF NOT EXISTS rows(payload TEXT NOT NULL, interrupted BIGINT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS positions(lane BIGINT PRIMARY KEY, applied BIGINT, closed BIGINT)";

class TableSink final : public JournalSink {
 public:
  explicit TableSink(const std::string& path) : database_(*open("sqlite:" + path)) {
    if (!database_->execute(kSchema)) std::abort();
    insert_ = *database_->prepare("INSERT INTO rows VALUES($1, $2)");
    upsert_ = *database_->prepare(
        "INSERT INTO positions VALUES($1, $2, $3) ON CONFLICT(lane) DO UPDATE SET applied = $2, closed = $3");
    forget_ = *database_->prepare("DELETE FROM positions WHERE lane = $1");
  }

  Result<std::vector<JournalPosition>> positions() override {
    std::vector<JournalPosition> all;
    auto select = *database_->prepare("SELECT lane, applied, closed FROM positions");
    while (select->step().value()) {
      all.push_back({.lane = static_cast<std::uint64_t>(select->integer(0)),
                     .applied = static_cast<std::uint64_t>(select->integer(1)),
                     .closed = select->integer(2) != 0});
    }
    return all;
  }

  Result<> commit(const JournalBatch& batch) override {
    auto transaction = Transaction::begin(*database_);
    if (!transaction) return std::unexpected(transaction.error());
    for (const auto& entry : batch.entries) {
      insert_->bind_text(1, entry.payload).bind_integer(2, entry.interrupted ? 1 : 0);
      if (auto done = insert_->run(); !done) return std::unexpected(done.error());
    }
    for (const auto& position : batch.positions) {
      upsert_->bind_integer(1, static_cast<std::int64_t>(position.lane));
      upsert_->bind_integer(2, static_cast<std::int64_t>(position.applied)).bind_integer(3, position.closed ? 1 : 0);
      if (auto done = upsert_->run(); !done) return std::unexpected(done.error());
    }
    for (const std::uint64_t lane : batch.forget) {
      if (auto done = forget_->bind_integer(1, static_cast<std::int64_t>(lane)).run(); !done) {
        return std::unexpected(done.error());
      }
    }
    return transaction->commit();
  }

  // (payload, interrupted) -> how often
  std::map<std::pair<std::string, bool>, int> rows() {
    std::map<std::pair<std::string, bool>, int> all;
    auto select = *database_->prepare("SELECT payload, interrupted FROM rows");
    while (select->step().value()) ++all[{std::string(select->text(0)), select->integer(1) != 0}];
    return all;
  }

 private:
  std::unique_ptr<Database> database_;
  std::unique_ptr<Statement> insert_;
  std::unique_ptr<Statement> upsert_;
  std::unique_ptr<Statement> forget_;
};

JournalOptions options_in(const std::string& folder) {
  return {.folder = folder + "/journal",
          .segment_bytes = 65536,
          .segments = 4,
          .slots = 32,
          .max_payload = 256,
          .every = std::chrono::milliseconds(1),
          .batch = 200,
          .sync_every = {}};
}

std::string id_of(int thread, std::size_t request) { return std::to_string(thread) + "." + std::to_string(request); }

void append_forever(JournalLane& lane, int thread, Told& told) {
  auto& stages = told.stages[static_cast<std::size_t>(thread)];
  struct Open {
    JournalLane::Ticket ticket;
    std::size_t request;
  };
  std::vector<Open> open;  // some stay open for a while, as streams do
  const std::string padding(150, 'p');
  for (std::size_t i = 0; i < kRequests;) {
    stages[i] = kOpening;
    const auto ticket = lane.open(id_of(thread, i) + " intent " + padding);
    if (!ticket) {
      std::this_thread::yield();
      continue;
    }
    stages[i] = kOpened;
    if (i % 3 == 0) lane.update(ticket, id_of(thread, i) + " intent extended");
    open.push_back({ticket, i});
    if (open.size() > 10 || i % 2 == 0) {
      const std::size_t which = i % open.size();
      const Open closing = open[which];
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(which));
      if (closing.request % 17 == 0) {
        stages[closing.request] = kDropping;
        lane.drop(closing.ticket);
        stages[closing.request] = kDropped;
      } else {
        stages[closing.request] = kSettling;
        if (!lane.settle(closing.ticket, id_of(thread, closing.request) + " settled " + padding)) told.failed = true;
        stages[closing.request] = kSettled;
      }
    }
    ++i;
    told.done.fetch_add(1);
  }
}

[[noreturn]] void child(const std::string& folder, Told& told) {
  TableSink sink(folder + "/store.db");
  auto journal = *Journal::open(options_in(folder), sink);
  std::vector<JournalLane*> lanes;
  for (int i = 0; i < kThreads; ++i) lanes.push_back(*journal->make_lane());
  journal->start();
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] { append_forever(*lanes[static_cast<std::size_t>(i)], i, told); });
  }
  for (auto& thread : threads) thread.join();
  while (true) ::pause();  // all appended: it waits for its end
}

void check_round(const std::map<std::pair<std::string, bool>, int>& rows, const Told& told) {
  // Brought together by request first: what was settled, what was interrupted.
  std::map<std::string, std::pair<int, int>> by_id;
  for (const auto& [row, count] : rows) {
    const std::string id = row.first.substr(0, row.first.find(' '));
    (row.second ? by_id[id].second : by_id[id].first) += count;
  }
  for (int t = 0; t < kThreads; ++t) {
    for (std::size_t i = 0; i < kRequests; ++i) {
      const auto stage = told.stages[static_cast<std::size_t>(t)][i].load();
      const auto found = by_id.find(id_of(t, i));
      const int settled = found == by_id.end() ? 0 : found->second.first;
      const int interrupted = found == by_id.end() ? 0 : found->second.second;
      const std::string what = id_of(t, i) + " at stage " + std::to_string(stage) + ": settled " +
                               std::to_string(settled) + ", interrupted " + std::to_string(interrupted);
      switch (stage) {
        case kNothing:
        case kDropped:
          ASSERT_EQ(settled + interrupted, 0) << what;
          break;
        case kOpening:
        case kDropping:
          ASSERT_TRUE(settled == 0 && interrupted <= 1) << what;
          break;
        case kOpened:
          ASSERT_TRUE(settled == 0 && interrupted == 1) << what;
          break;
        case kSettling:
          ASSERT_EQ(settled + interrupted, 1) << what;
          break;
        case kSettled:
          ASSERT_TRUE(settled == 1 && interrupted == 0) << what;
          break;
      }
    }
  }
}

TEST(JournalCrash, KilledAtAnyMomentEachRecordIsThereExactlyOnce) {
  base::Random random(20261121);
  void* memory = ::mmap(nullptr, sizeof(Told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  std::uint64_t requests = 0;
  std::uint64_t interrupted = 0;
  for (int round = 0; round < 100; ++round) {
    const testing::TempFolder folder;
    auto* told = new (memory) Told;
    const std::uint64_t kill_at = random.below(round % 4 == 0 ? 50 : 6000);
    const pid_t pid = ::fork();
    ASSERT_GE(pid, 0);
    if (pid == 0) child(folder.root(), *told);
    int status = 0;
    while (told->done.load() < kill_at && ::waitpid(pid, &status, WNOHANG) == 0) std::this_thread::yield();
    ASSERT_EQ(::kill(pid, SIGKILL), 0);
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    ASSERT_FALSE(told->failed.load()) << "an open intent found no room";

    TableSink sink(folder.root() + "/store.db");
    auto journal = Journal::open(options_in(folder.root()), sink);
    ASSERT_TRUE(journal.has_value()) << journal.error().detail;
    EXPECT_EQ((*journal)->recovered().damaged, 0u);
    requests += told->done.load();
    interrupted += (*journal)->recovered().interrupted;
    check_round(sink.rows(), *told);
    if (HasFatalFailure()) {
      FAIL() << "in round " << round;
    }
  }
  EXPECT_GT(requests, 10000u);
  EXPECT_GT(interrupted, 100u);
  RecordProperty("requests", std::to_string(requests));
  RecordProperty("interrupted", std::to_string(interrupted));
  ::munmap(memory, sizeof(Told));
}

}  // namespace
}  // namespace gatehouse::store
