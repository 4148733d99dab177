#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "gatehouse/base/error.h"
#include "gatehouse/observe/access_record.h"

namespace gatehouse::observe {

class RecordWriter;

// One worker's end of the record writer: lines gather in a block of its own, without a lock. Made by
// RecordWriter::make_lane, which owns it. Only the worker's thread uses it.
class RecordLane {
 public:
  RecordLane(const RecordLane&) = delete;
  RecordLane& operator=(const RecordLane&) = delete;
  ~RecordLane();

  // Writes the record's line into the block; a full block goes to the writer. False if the record was dropped because
  // the writer is behind and the block is full. Never blocks.
  bool append(const AccessRecord& record);
  // Gives what there is to the writer, for the worker's coarse tick (e.g. every 100 ms) and its end.
  void hand_over();
  // Records this lane dropped. Readable from any thread.
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  friend class RecordWriter;
  struct Block;
  explicit RecordLane(RecordWriter& writer);

  RecordWriter& writer_;
  std::unique_ptr<Block> block_;
  std::atomic<std::uint64_t> dropped_{0};
};

// Writes access records to a file or to standard output on a thread of its own. Workers never wait for the disk: what
// a slow disk cannot take is dropped and counted. Owned by the application; outlives its workers.
class RecordWriter {
 public:
  struct Options {
    std::string path = "-";               // "-" is standard output
    std::size_t block_bytes = 65536;      // handed over when it is this full
    std::size_t max_queued_blocks = 256;  // over all lanes; bounds the memory to about block_bytes times this
    std::chrono::milliseconds flush_every{
        250};  // the writer looks this often; sooner for eight blocks, or half a queue
  };

  // Code::configuration if the file cannot be opened for appending (made with mode 0640).
  static Result<std::unique_ptr<RecordWriter>> open(Options options);
  // Closes, if that was not done.
  ~RecordWriter();

  // For start-up: one a worker. Any thread.
  RecordLane& make_lane();

  // Opens the path anew before the next write, after the file was renamed by a log rotation. If that fails the old file
  // is kept and `write_errors` counts. Any thread; does not wait.
  void reopen();

  // Writes all that the lanes hold and ends the thread. No lane may be in use, and none may be used afterwards. A
  // standard output that nobody reads delays this without bound, as it does for any program.
  void close();

  // Any thread. Dropped counts records that a lane had no room for and those that could not be written.
  std::uint64_t dropped() const;
  std::uint64_t written() const;
  std::uint64_t write_errors() const;

 private:
  friend class RecordLane;
  struct State;
  explicit RecordWriter(Options options);

  std::unique_ptr<State> state_;
};

}  // namespace gatehouse::observe
