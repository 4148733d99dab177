#include "gatehouse/store/journal_lane.h"

#include <cstring>

#include <fmt/format.h>

#include "gatehouse/store/journal_format.h"

namespace gatehouse::store {

using journal::Kind;

Result<std::unique_ptr<JournalLane>> JournalLane::create(const std::string& folder, const Shape& shape) {
  std::unique_ptr<JournalLane> lane(new JournalLane);
  lane->id_ = shape.id;
  lane->folder_ = folder;
  lane->segment_bytes_ = shape.segment_bytes;
  lane->max_payload_ = shape.max_payload;
  lane->per_segment_ = (shape.segment_bytes - sizeof(journal::SegmentHeader) - sizeof(std::uint64_t)) /
                       journal::record_size(shape.max_payload);
  lane->slots_begin_ = sizeof(journal::SlotsHeader);
  lane->copy_size_ = journal::round_up(shape.max_payload);
  lane->slot_size_ = journal::slot_size(shape.max_payload);
  auto slots = MappedFile::create(folder + "/slots", lane->slots_begin_ + shape.slots * lane->slot_size_);
  if (!slots) return std::unexpected(slots.error());
  lane->slots_ = std::move(*slots);
  const journal::SlotsHeader slots_header{.magic = journal::kSlotsMagic,
                                          .lane = shape.id,
                                          .count = shape.slots,
                                          .payload = lane->copy_size_,
                                          .reserved = {}};
  std::memcpy(lane->slots_.data(), &slots_header, sizeof(slots_header));
  lane->free_slots_.reserve(shape.slots);
  for (std::size_t i = shape.slots; i > 0; --i) lane->free_slots_.push_back(static_cast<std::uint32_t>(i - 1));

  lane->free_next_ = std::make_unique<std::atomic<std::uint32_t>[]>(shape.segments);
  lane->started_ = std::make_unique<std::atomic<std::uint32_t>[]>(shape.segments);
  for (std::size_t i = 0; i < shape.segments; ++i) {
    auto segment = MappedFile::create(fmt::format("{}/segment-{:04}", folder, i), shape.segment_bytes);
    if (!segment) return std::unexpected(segment.error());
    const journal::SegmentHeader header{
        .magic = journal::kSegmentMagic, .lane = shape.id, .size = shape.segment_bytes, .sequence = 0, .reserved = {}};
    std::memcpy(segment->data(), &header, sizeof(header));
    lane->segments_.push_back(std::move(*segment));
  }
  for (std::size_t i = shape.segments; i > 1; --i) lane->put_free(static_cast<std::uint32_t>(i - 1));
  lane->start_segment(0);
  return lane;
}

JournalLane::Ticket JournalLane::open(std::string_view intent) {
  if (intent.size() > max_payload_ || free_slots_.empty() || !has_room_for_one_more()) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return {};
  }
  const Ticket ticket{.number = next_ticket_++, .slot = free_slots_.back()};
  free_slots_.pop_back();
  ++open_;
  char* slot = slot_at(ticket.slot);
  std::memcpy(slot + 8, &ticket.number, sizeof(ticket.number));
  std::memcpy(slot + journal::kSlotHeader, intent.data(), intent.size());
  journal::store_word(slot, journal::pack({.kind = Kind::first,
                                           .length = static_cast<std::uint32_t>(intent.size()),
                                           .check = journal::slot_checksum(id_, Kind::first, ticket.number, intent)}));
  return ticket;
}

bool JournalLane::holds(Ticket ticket) const {
  if (ticket.number == 0 || slots_begin_ + (std::size_t{ticket.slot} + 1) * slot_size_ > slots_.size()) return false;
  const char* slot = slot_at(ticket.slot);
  std::uint64_t number = 0;
  std::memcpy(&number, slot + 8, sizeof(number));
  return number == ticket.number && journal::load_word(slot) != 0;
}

bool JournalLane::update(Ticket ticket, std::string_view intent) {
  if (intent.size() > max_payload_ || !holds(ticket)) return false;
  char* slot = slot_at(ticket.slot);
  // Into the copy that is not the intent now; the one store of the word makes it so.
  const Kind other = journal::unpack(journal::load_word(slot)).kind == Kind::first ? Kind::second : Kind::first;
  std::memcpy(slot + journal::kSlotHeader + (other == Kind::second ? copy_size_ : 0), intent.data(), intent.size());
  journal::store_word(slot, journal::pack({.kind = other,
                                           .length = static_cast<std::uint32_t>(intent.size()),
                                           .check = journal::slot_checksum(id_, other, ticket.number, intent)}));
  return true;
}

bool JournalLane::settle(Ticket ticket, std::string_view payload) {
  if (payload.size() > max_payload_ || !holds(ticket)) return false;
  if (!append(ticket.number, payload)) return false;
  // Dying here is harmless: the record, the lane's last, names the ticket.
  free_slot(ticket);
  return true;
}

bool JournalLane::drop(Ticket ticket) {
  if (!holds(ticket)) return false;
  free_slot(ticket);
  return true;
}

bool JournalLane::record(std::string_view payload) {
  if (payload.size() <= max_payload_ && has_room_for_one_more() && append(0, payload)) return true;
  refused_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

void JournalLane::free_slot(Ticket ticket) {
  journal::store_word(slot_at(ticket.slot), 0);
  free_slots_.push_back(ticket.slot);  // reserved: does not allocate
  --open_;
}

// Whether every open intent, and one more, finds a place for a settlement of the largest size.
bool JournalLane::has_room_for_one_more() const {
  const std::size_t in_free = free_count_.load(std::memory_order_relaxed) * per_segment_;
  if (open_ + 1 <= in_free) return true;
  const std::size_t left = segment_bytes_ - offset_ - sizeof(std::uint64_t);
  return open_ + 1 <= in_free + left / journal::record_size(max_payload_);
}

bool JournalLane::append(std::uint64_t ticket, std::string_view payload) {
  const std::size_t size = journal::record_size(payload.size());
  if (offset_ + size + sizeof(std::uint64_t) > segment_bytes_ && !next_segment()) return false;
  char* at = base_ + offset_;
  const std::uint64_t number = next_number_++;
  std::memcpy(at + 8, &number, sizeof(number));
  std::memcpy(at + 16, &ticket, sizeof(ticket));
  std::memcpy(at + journal::kRecordHeader, payload.data(), payload.size());
  offset_ += size;
  journal::store_word(at, journal::pack({.kind = Kind::settlement,
                                         .length = static_cast<std::uint32_t>(payload.size()),
                                         .check = journal::record_checksum(id_, sequence_, number, ticket, payload)}));
  appended_.store(number, std::memory_order_relaxed);
  return true;
}

bool JournalLane::next_segment() {
  const std::uint32_t segment = take_free();
  if (segment == kNone) return false;
  char* end = base_ + offset_;
  const std::uint64_t mark =
      journal::pack({.kind = Kind::end, .length = 0, .check = journal::record_checksum(id_, sequence_, 0, 0, {})});
  start_segment(segment);
  // Only now, so that whoever reads the mark finds the next segment in the ring.
  journal::store_word(end, mark);
  return true;
}

void JournalLane::start_segment(std::uint32_t segment) {
  base_ = segments_[segment].data();
  offset_ = sizeof(journal::SegmentHeader);
  journal::store_word(base_ + offsetof(journal::SegmentHeader, sequence), ++sequence_);
  const std::uint64_t count = started_count_.load(std::memory_order_relaxed);
  started_[count % segments_.size()].store(segment, std::memory_order_relaxed);
  started_count_.store(count + 1, std::memory_order_release);
}

std::uint32_t JournalLane::take_free() {
  std::uint32_t head = free_head_.load(std::memory_order_acquire);
  while (head != kNone && !free_head_.compare_exchange_weak(head, free_next_[head].load(std::memory_order_relaxed),
                                                            std::memory_order_acquire)) {
  }
  if (head != kNone) free_count_.fetch_sub(1, std::memory_order_relaxed);
  return head;
}

void JournalLane::put_free(std::uint32_t segment) {
  std::uint32_t head = free_head_.load(std::memory_order_relaxed);
  do {
    free_next_[segment].store(head, std::memory_order_relaxed);
  } while (!free_head_.compare_exchange_weak(head, segment, std::memory_order_release, std::memory_order_relaxed));
  free_count_.fetch_add(1, std::memory_order_relaxed);
}

void JournalLane::recycle(const Finished& finished) {
  char* base = segments_[finished.segment].data();
  // Free before it is cleared: a crash in between leaves no half of it to be read.
  journal::store_word(base + offsetof(journal::SegmentHeader, sequence), 0);
  std::memset(base + sizeof(journal::SegmentHeader), 0, finished.used - sizeof(journal::SegmentHeader));
  put_free(finished.segment);
}

Result<> JournalLane::sync() const {
  if (auto done = slots_.sync(); !done) return done;
  for (const MappedFile& segment : segments_) {
    if (auto done = segment.sync(); !done) return done;
  }
  return {};
}

}  // namespace gatehouse::store
