#include "gatehouse/store/journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "gatehouse/base/ids.h"
#include "gatehouse/store/journal_format.h"
#include "gatehouse/store/journal_recovery.h"

namespace gatehouse::store {

using journal::Kind;

template <class Visit>
void JournalLane::read(Cursor& cursor, std::vector<Finished>& finished, std::size_t limit, Visit visit) const {
  if (cursor.segment == kNone) {
    cursor.segment = started_[0].load(std::memory_order_relaxed);
    cursor.offset = sizeof(journal::SegmentHeader);
    cursor.started = 1;
  }
  while (limit > 0) {
    const char* at = segments_[cursor.segment].data() + cursor.offset;
    const journal::Commit commit = journal::unpack(journal::load_word(at));
    if (commit.kind == Kind::settlement) {
      visit(std::string_view(at + journal::kRecordHeader, commit.length));
      ++cursor.applied;
      cursor.offset += journal::record_size(commit.length);
      --limit;
    } else if (commit.kind == Kind::end) {
      finished.push_back({.segment = cursor.segment, .used = cursor.offset + sizeof(std::uint64_t)});
      // The mark was written after the next one had been put into the ring.
      cursor.segment = started_[cursor.started % segments_.size()].load(std::memory_order_relaxed);
      cursor.offset = sizeof(journal::SegmentHeader);
      ++cursor.started;
    } else {
      return;
    }
  }
}

struct Journal::State {
  explicit State(JournalOptions chosen, JournalSink& to) : options(std::move(chosen)), sink(to) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (lock >= 0) ::close(lock);
  }

  struct Round {
    JournalLane* lane;
    JournalLane::Cursor cursor;
    std::vector<JournalLane::Finished> finished;
  };

  Result<std::size_t> drain();
  Result<> drain_all();
  Result<> sync_if_due();
  void run();

  JournalOptions options;
  JournalSink& sink;
  int lock = -1;
  JournalRecovery recovery;
  std::vector<std::unique_ptr<JournalLane>> lanes;  // not changed after start()

  // The writer's, kept for their memory.
  std::vector<JournalBatch::Entry> entries;
  std::vector<JournalPosition> positions;
  std::vector<Round> rounds;
  std::size_t first_lane = 0;  // of the next round, so that a busy one does not starve the others
  std::chrono::steady_clock::time_point last_sync{};

  std::atomic<std::uint64_t> applied{0};
  std::atomic<std::uint64_t> commits{0};
  std::atomic<std::uint64_t> failures{0};

  std::thread thread;
  std::mutex mutex;
  std::condition_variable wake;       // the writer
  std::condition_variable completed;  // those who flush
  bool stopping = false;
  std::uint64_t flushes_asked = 0;
  std::uint64_t flushes_done = 0;
  Result<> flush_result;
};

Result<> Journal::State::sync_if_due() {
  if (!options.sync_every) return {};
  const auto now = std::chrono::steady_clock::now();
  if (now - last_sync < *options.sync_every) return {};
  for (const auto& lane : lanes) {
    if (auto done = lane->sync(); !done) return done;
  }
  last_sync = now;
  return {};
}

Result<std::size_t> Journal::State::drain() {
  entries.clear();
  positions.clear();
  rounds.resize(lanes.size());
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    JournalLane& lane = *lanes[(first_lane + i) % lanes.size()];
    Round& round = rounds[i];
    round.lane = &lane;
    round.cursor = lane.committed_;
    round.finished.clear();
    const std::size_t before = entries.size();
    lane.read(round.cursor, round.finished, options.batch - entries.size(),
              [&](std::string_view payload) { entries.push_back({.payload = payload}); });
    if (entries.size() != before) positions.push_back({.lane = lane.id_, .applied = round.cursor.applied});
  }
  if (!lanes.empty()) first_lane = (first_lane + 1) % lanes.size();
  if (auto done = sync_if_due(); !done) {
    failures.fetch_add(1, std::memory_order_relaxed);
    return std::unexpected(done.error());
  }
  if (!entries.empty()) {
    if (auto done = sink.commit({.entries = entries, .positions = positions, .forget = {}}); !done) {
      failures.fetch_add(1, std::memory_order_relaxed);
      return std::unexpected(done.error());
    }
    applied.fetch_add(entries.size(), std::memory_order_relaxed);
    commits.fetch_add(1, std::memory_order_relaxed);
  }
  for (const Round& round : rounds) {
    for (const auto& finished : round.finished) round.lane->recycle(finished);
    round.lane->committed_ = round.cursor;
  }
  return entries.size();
}

Result<> Journal::State::drain_all() {
  while (true) {
    auto done = drain();
    if (!done) return std::unexpected(done.error());
    if (*done < options.batch) return {};
  }
}

void Journal::State::run() {
  std::unique_lock hold(mutex);
  while (true) {
    wake.wait_for(hold, options.every, [&] { return stopping || flushes_asked != flushes_done; });
    const std::uint64_t asked = flushes_asked;
    const bool last = stopping;
    hold.unlock();
    auto result = drain_all();
    hold.lock();
    flushes_done = asked;
    flush_result = std::move(result);
    completed.notify_all();
    if (last) return;
  }
}

Result<std::unique_ptr<Journal>> Journal::open(JournalOptions options, JournalSink& sink) {
  const bool in_range = options.segment_bytes >= 65536 && options.segment_bytes <= (std::size_t{256} << 20) &&
                        options.segment_bytes % 4096 == 0 && options.segments >= 2 && options.segments <= 1024 &&
                        options.slots >= 1 && options.slots <= (std::size_t{1} << 20) && options.max_payload >= 64 &&
                        options.max_payload <= journal::kMaxPayload && options.batch >= 1 &&
                        journal::record_size(options.max_payload) * 2 <= options.segment_bytes &&
                        options.every.count() > 0;
  if (!in_range) return fail(Code::configuration, "journal: an option is out of its range");
  std::error_code error;
  if (std::filesystem::create_directory(options.folder, error)) {
    std::filesystem::permissions(options.folder, std::filesystem::perms::owner_all, error);
  }
  if (error) return fail(Code::configuration, fmt::format("journal: {}: {}", options.folder, error.message()));

  auto state = std::make_unique<State>(std::move(options), sink);
  const std::string lock = state->options.folder + "/lock";
  state->lock = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (state->lock < 0) {
    return fail(Code::configuration,
                fmt::format("journal: {}: {}", lock, std::error_code(errno, std::generic_category()).message()));
  }
  if (::flock(state->lock, LOCK_EX | LOCK_NB) != 0) {
    return fail(Code::configuration, fmt::format("journal: {}: another process uses it", state->options.folder));
  }
  auto recovery = recover_lanes(state->options.folder, state->options.batch, sink);
  if (!recovery) return std::unexpected(recovery.error());
  state->recovery = *recovery;
  return std::unique_ptr<Journal>(new Journal(std::move(state)));
}

Journal::Journal(std::unique_ptr<State> state) : state_(std::move(state)) {}
Journal::~Journal() { close(); }

const JournalRecovery& Journal::recovered() const { return state_->recovery; }

Result<JournalLane*> Journal::make_lane() {
  std::uint64_t id = 0;
  base::random_bytes(&id, sizeof(id));
  const std::string folder = fmt::format("{}/lane-{:016x}", state_->options.folder, id);
  std::error_code error;
  if (!std::filesystem::create_directory(folder, error)) {
    return fail(Code::io, fmt::format("journal: {}: {}", folder, error.message()));
  }
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  auto lane = JournalLane::create(folder, {.id = id,
                                           .segment_bytes = state_->options.segment_bytes,
                                           .segments = state_->options.segments,
                                           .slots = state_->options.slots,
                                           .max_payload = state_->options.max_payload});
  if (!lane) {
    std::filesystem::remove_all(folder, error);
    return std::unexpected(lane.error());
  }
  state_->lanes.push_back(std::move(*lane));
  return state_->lanes.back().get();
}

void Journal::start() {
  if (!state_->thread.joinable()) {
    state_->thread = std::thread([state = state_.get()] { state->run(); });
  }
}

Result<std::size_t> Journal::drain() { return state_->drain(); }

Result<> Journal::flush() {
  std::unique_lock hold(state_->mutex);
  const std::uint64_t mine = ++state_->flushes_asked;
  state_->wake.notify_one();
  state_->completed.wait(hold, [&] { return state_->flushes_done >= mine; });
  return state_->flush_result;
}

void Journal::close() {
  if (!state_->thread.joinable()) return;
  {
    const std::lock_guard hold(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_one();
  state_->thread.join();
}

JournalStats Journal::stats() const {
  JournalStats stats{.applied = state_->applied.load(std::memory_order_relaxed),
                     .commits = state_->commits.load(std::memory_order_relaxed),
                     .failures = state_->failures.load(std::memory_order_relaxed)};
  for (const auto& lane : state_->lanes) {
    stats.appended += lane->appended();
    stats.refused += lane->refused();
  }
  return stats;
}

}  // namespace gatehouse::store
