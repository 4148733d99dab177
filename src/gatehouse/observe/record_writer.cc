#include "gatehouse/observe/record_writer.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace gatehouse::observe {
namespace {

constexpr std::string_view kStandardOutput = "-";

// The writer is woken for so many blocks: often enough that their memory is used again while it is warm (fresh memory
// costs more than the writing, in page faults), seldom enough that the waking is not seen.
constexpr std::size_t kWakeAt = 8;

// A descriptor, or -1 and errno.
int open_path(const std::string& path) {
  return ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
}

}  // namespace

struct RecordLane::Block {
  // All of its memory at once: growing it would copy, and move it to pages that are not there yet.
  explicit Block(std::size_t bytes) { text.reserve(bytes + kLineRoom); }
  static constexpr std::size_t kLineRoom = 4096;  // the line that fills it; longer ones make it grow

  std::string text;
  std::uint64_t records = 0;
};

struct RecordWriter::State {
  using Block = RecordLane::Block;

  explicit State(Options o) : options(std::move(o)) {}

  const Options options;
  const std::size_t wake_at = std::min((options.max_queued_blocks + 1) / 2, kWakeAt);

  std::mutex mutex;
  std::condition_variable wake;
  std::vector<std::unique_ptr<Block>> queue;  // in order
  std::vector<std::unique_ptr<Block>> spare;  // empty, their memory kept
  std::vector<std::unique_ptr<RecordLane>> lanes;
  bool reopen = false;
  bool closing = false;
  std::size_t writing = 0;  // blocks that the thread has taken and not written; they count as queued

  // Read by lanes before they lock: a lane that meets a full queue must not take the lock for every record.
  std::atomic<std::size_t> queued{0};
  std::atomic<std::uint64_t> written{0};
  std::atomic<std::uint64_t> lost{0};
  std::atomic<std::uint64_t> errors{0};

  // The writer's own.
  int descriptor = -1;
  bool mid_line = false;
  std::thread thread;

  std::unique_ptr<Block> fresh() {
    if (!spare.empty()) {
      auto block = std::move(spare.back());
      spare.pop_back();
      return block;
    }
    return std::make_unique<Block>(options.block_bytes);
  }

  // Swaps a filled block for an empty one; false and no change if the queue is full.
  bool exchange(std::unique_ptr<Block>& block) {
    if (queued.load(std::memory_order_relaxed) >= options.max_queued_blocks) return false;
    bool enough = false;
    {
      const std::lock_guard lock(mutex);
      if (queue.size() + writing >= options.max_queued_blocks) return false;
      queue.push_back(std::move(block));
      queued.store(queue.size() + writing, std::memory_order_relaxed);
      enough = queue.size() + writing == wake_at;
      block = fresh();
    }
    if (enough) wake.notify_one();
    return true;
  }

  void run() {
    std::vector<std::unique_ptr<Block>> blocks;
    for (;;) {
      bool reopen_now = false;
      bool last = false;
      {
        std::unique_lock lock(mutex);
        for (auto& block : blocks) {
          block->text.clear();
          block->records = 0;
          if (spare.size() < lanes.size() + 2 * kWakeAt) spare.push_back(std::move(block));
        }
        blocks.clear();
        writing = 0;
        queued.store(queue.size(), std::memory_order_relaxed);
        wake.wait_for(lock, options.flush_every, [this] { return closing || reopen || queue.size() >= wake_at; });
        blocks.swap(queue);
        writing = blocks.size();
        reopen_now = std::exchange(reopen, false);
        last = closing;
      }
      if (reopen_now) open_anew();
      for (const auto& block : blocks) write(*block);
      if (last) return;
    }
  }

  void open_anew() {
    if (options.path == kStandardOutput) return;
    const int fresh_one = open_path(options.path);
    if (fresh_one < 0) {
      errors.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    ::close(descriptor);
    descriptor = fresh_one;
    mid_line = false;
  }

  void write(const Block& block) {
    // After a line that broke off, so that the next one stands alone.
    if (mid_line && write_some("\n") == 1) mid_line = false;
    const std::string_view text = block.text;
    const std::size_t done = mid_line ? 0 : write_some(text);
    if (done == text.size()) {
      written.fetch_add(block.records, std::memory_order_relaxed);
      return;
    }
    const std::string_view kept = text.substr(0, done);
    const auto lines = static_cast<std::uint64_t>(std::ranges::count(kept, '\n'));
    if (!kept.empty()) mid_line = kept.back() != '\n';
    written.fetch_add(lines, std::memory_order_relaxed);
    lost.fetch_add(block.records - lines, std::memory_order_relaxed);
    errors.fetch_add(1, std::memory_order_relaxed);
  }

  // How many bytes went out before an error, if there was one.
  std::size_t write_some(std::string_view text) const {
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t got = ::write(descriptor, text.data() + done, text.size() - done);
      if (got >= 0) {
        done += static_cast<std::size_t>(got);
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        // A standard output that somebody else made non-blocking.
        pollfd wait{descriptor, POLLOUT, 0};
        ::poll(&wait, 1, -1);
      } else if (errno != EINTR) {
        break;
      }
    }
    return done;
  }
};

RecordLane::RecordLane(RecordWriter& writer)
    : writer_(writer), block_(std::make_unique<Block>(writer.state_->options.block_bytes)) {}
RecordLane::~RecordLane() = default;

bool RecordLane::append(const AccessRecord& record) {
  const std::size_t full = writer_.state_->options.block_bytes;
  if (block_->text.size() >= full && !writer_.state_->exchange(block_)) {
    dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return false;
  }
  append_json_line(block_->text, record);
  ++block_->records;
  if (block_->text.size() >= full) writer_.state_->exchange(block_);
  return true;
}

void RecordLane::hand_over() {
  if (block_->records > 0) writer_.state_->exchange(block_);
}

Result<std::unique_ptr<RecordWriter>> RecordWriter::open(Options options) {
  options.block_bytes = std::max<std::size_t>(options.block_bytes, 1);
  options.max_queued_blocks = std::max<std::size_t>(options.max_queued_blocks, 1);
  int descriptor = STDOUT_FILENO;
  if (options.path != kStandardOutput) {
    descriptor = open_path(options.path);
    if (descriptor < 0) {
      return fail(Code::configuration,
                  "access records: " + options.path + ": " + std::generic_category().message(errno));
    }
  }
  std::unique_ptr<RecordWriter> writer(new RecordWriter(std::move(options)));
  writer->state_->descriptor = descriptor;
  // The thread inherits a mask without signals: they are for the threads that wait for them, and a pipe that broke is
  // an error of a write and not the end of the process.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  writer->state_->thread = std::thread(&State::run, writer->state_.get());
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return writer;
}

RecordWriter::RecordWriter(Options options) : state_(std::make_unique<State>(std::move(options))) {}

RecordWriter::~RecordWriter() { close(); }

RecordLane& RecordWriter::make_lane() {
  const std::lock_guard lock(state_->mutex);
  state_->lanes.push_back(std::unique_ptr<RecordLane>(new RecordLane(*this)));
  return *state_->lanes.back();
}

void RecordWriter::reopen() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->reopen = true;
  }
  state_->wake.notify_one();
}

void RecordWriter::close() {
  if (!state_->thread.joinable()) return;
  {
    const std::lock_guard lock(state_->mutex);
    for (const auto& lane : state_->lanes) {
      if (lane->block_->records == 0) continue;
      // Past the bound, if need be: it is one block a lane.
      state_->queue.push_back(std::move(lane->block_));
      lane->block_ = state_->fresh();
    }
    state_->closing = true;
  }
  state_->wake.notify_one();
  state_->thread.join();
  if (state_->options.path != kStandardOutput) ::close(state_->descriptor);
}

std::uint64_t RecordWriter::dropped() const {
  std::uint64_t sum = state_->lost.load(std::memory_order_relaxed);
  const std::lock_guard lock(state_->mutex);
  for (const auto& lane : state_->lanes) sum += lane->dropped();
  return sum;
}

std::uint64_t RecordWriter::written() const { return state_->written.load(std::memory_order_relaxed); }
std::uint64_t RecordWriter::write_errors() const { return state_->errors.load(std::memory_order_relaxed); }

}  // namespace gatehouse::observe
