#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/store/mapped_file.h"

namespace gatehouse::store {

class Journal;

// One worker's end of a journal. No system call, no lock and no allocation in any of its functions: they copy into
// memory that the kernel keeps when the process dies. Made and owned by Journal; used by one thread; the journal
// outlives it.
//
//   const auto ticket = lane.open(what_to_charge_if_we_die);
//   if (!ticket) refuse the request;            // nothing may be done that could not be recorded
//   ... forward it; lane.update(ticket, more) when it may cost more than was said ...
//   lane.settle(ticket, what_it_was);           // or lane.drop(ticket): it never happened
//
// Payloads are opaque and at most `max_payload` bytes. Room in the log for the settlement is kept from `open` on, so a
// settlement of an open ticket always finds it.
class JournalLane {
 public:
  struct Ticket {
    std::uint64_t number = 0;  // 0: none
    std::uint32_t slot = 0;
    explicit operator bool() const { return number != 0; }
  };

  // No ticket: no free slot, no room in the log (the store does not keep up), or a payload that is too large.
  Ticket open(std::string_view intent);
  // Replaces the intent; a crash at any moment finds the old one or the new one. False: no such open ticket, too large.
  bool update(Ticket ticket, std::string_view intent);
  // Closes the intent with what is recorded. False: no such open ticket, too large (the intent stays open then).
  bool settle(Ticket ticket, std::string_view payload);
  // Closes it with nothing.
  bool drop(Ticket ticket);
  // A record without an intent, for what could not have cost anything before it is known. False: no room, too large.
  bool record(std::string_view payload);

  std::size_t open_intents() const { return open_; }
  std::size_t max_payload() const { return max_payload_; }
  // Any thread.
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }
  std::uint64_t appended() const { return appended_.load(std::memory_order_relaxed); }

  JournalLane(const JournalLane&) = delete;
  JournalLane& operator=(const JournalLane&) = delete;

 private:
  friend class Journal;
  static constexpr std::uint32_t kNone = 0xffffffff;

  // Where the writer stands.
  struct Cursor {
    std::uint32_t segment = kNone;
    std::size_t offset = 0;
    std::uint64_t applied = 0;  // number of the last record read
    std::uint64_t started = 0;  // how many of `started_` it has entered
  };
  struct Finished {
    std::uint32_t segment;
    std::size_t used;
  };

  JournalLane() = default;
  struct Shape {
    std::uint64_t id;
    std::size_t segment_bytes, segments, slots, max_payload;
  };
  static Result<std::unique_ptr<JournalLane>> create(const std::string& folder, const Shape& shape);

  char* slot_at(std::uint32_t slot) const { return slots_.data() + slots_begin_ + slot * slot_size_; }
  bool holds(Ticket ticket) const;
  bool has_room_for_one_more() const;
  bool append(std::uint64_t ticket, std::string_view payload);
  void free_slot(Ticket ticket);
  bool next_segment();
  void start_segment(std::uint32_t segment);
  // The worker takes, the writer puts: with one taker a stack has no ABA. The last one put is the warmest.
  std::uint32_t take_free();
  void put_free(std::uint32_t segment);

  // The writer's side. Appends what there is from `cursor` on.
  template <class Visit>
  void read(Cursor& cursor, std::vector<Finished>& finished, std::size_t limit, Visit visit) const;
  void recycle(const Finished& finished);
  Result<> sync() const;

  // Never changed once the lane is made.
  std::uint64_t id_ = 0;
  std::string folder_;
  std::size_t segment_bytes_ = 0;
  std::size_t max_payload_ = 0;
  std::size_t per_segment_ = 0;  // records of the largest size that surely fit
  std::size_t slots_begin_ = 0;
  std::size_t slot_size_ = 0;
  std::size_t copy_size_ = 0;
  MappedFile slots_;
  std::vector<MappedFile> segments_;

  // The worker's.
  std::vector<std::uint32_t> free_slots_;  // a stack: the warmest first
  std::size_t open_ = 0;
  std::uint64_t next_ticket_ = 1;
  std::uint64_t next_number_ = 1;
  std::uint64_t sequence_ = 0;
  char* base_ = nullptr;  // of the segment in use
  std::size_t offset_ = 0;
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> appended_{0};

  // Between the two.
  alignas(64) std::atomic<std::uint32_t> free_head_{kNone};
  std::atomic<std::uint32_t> free_count_{0};
  std::unique_ptr<std::atomic<std::uint32_t>[]> free_next_;
  std::unique_ptr<std::atomic<std::uint32_t>[]> started_;  // a ring: segments in the order of their use
  std::atomic<std::uint64_t> started_count_{0};

  // The writer's.
  alignas(64) Cursor committed_;
};

}  // namespace gatehouse::store
