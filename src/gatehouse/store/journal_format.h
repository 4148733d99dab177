#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "gatehouse/base/function_ref.h"

// How a lane of the journal lies in its files. Everything is in the machine's own byte order: a journal is read by the
// machine that wrote it, after a crash, and never moved.
//
// segment file:  SegmentHeader, then records one after the other, each on a multiple of 8:
//                commit word (8) | number (8) | ticket (8) | payload | zeros up to a multiple of 8
// slots file:    SlotsHeader, then slots of one size:
//                commit word (8) | ticket (8) | payload, one copy | payload, the other copy
//
// A commit word is kind, length and checksum in one: written last, with one release store, it makes what stands behind
// it true. Zero means that nothing is there (yet).
namespace gatehouse::store::journal {

inline constexpr std::uint64_t kSegmentMagic = 0x3130474553534847;  // "GHSSEG01"
inline constexpr std::uint64_t kSlotsMagic = 0x3130544f4c534847;    // "GHSLOT01"
inline constexpr std::size_t kAlign = 8;
inline constexpr std::size_t kMaxPayload = 65536;

struct SegmentHeader {
  std::uint64_t magic;
  std::uint64_t lane;
  std::uint64_t size;      // of the file
  std::uint64_t sequence;  // 1, 2, 3 ... in the order of use; 0: free. Written last.
  std::uint64_t reserved[4];
};
static_assert(sizeof(SegmentHeader) == 64);

struct SlotsHeader {
  std::uint64_t magic;
  std::uint64_t lane;
  std::uint64_t count;    // of slots
  std::uint64_t payload;  // bytes of one copy, a multiple of 8
  std::uint64_t reserved[4];
};
static_assert(sizeof(SlotsHeader) == 64);

enum class Kind : std::uint8_t {
  none = 0,
  settlement = 1,
  end = 2,     // of this segment: what follows stands in the next
  first = 3,   // a slot: its intent is in the first copy
  second = 4,  // ... in the second
};

inline constexpr std::size_t round_up(std::size_t size) { return (size + kAlign - 1) & ~(kAlign - 1); }

inline constexpr std::size_t kRecordHeader = 24;
inline constexpr std::size_t record_size(std::size_t payload) { return kRecordHeader + round_up(payload); }
inline constexpr std::size_t kSlotHeader = 16;
inline constexpr std::size_t slot_size(std::size_t payload) { return kSlotHeader + 2 * round_up(payload); }

struct Commit {
  Kind kind = Kind::none;
  std::uint32_t length = 0;
  std::uint32_t check = 0;
};
inline constexpr std::uint64_t pack(const Commit& commit) {
  return std::uint64_t{commit.check} << 32 | std::uint64_t{static_cast<std::uint8_t>(commit.kind)} << 24 |
         (commit.length & 0xffffffU);
}
inline constexpr Commit unpack(std::uint64_t word) {
  return {.kind = static_cast<Kind>(word >> 24 & 0xff),
          .length = static_cast<std::uint32_t>(word & 0xffffff),
          .check = static_cast<std::uint32_t>(word >> 32)};
}

// Guards against pages that did not reach the disk, not against anybody's intent. Some 10 ns for 300 bytes.
std::uint32_t checksum(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::string_view payload);
inline std::uint32_t record_checksum(std::uint64_t lane, std::uint64_t sequence, std::uint64_t number,
                                     std::uint64_t ticket, std::string_view payload) {
  return checksum(lane ^ sequence << 1, number, ticket, payload);
}
inline std::uint32_t slot_checksum(std::uint64_t lane, Kind kind, std::uint64_t ticket, std::string_view payload) {
  return checksum(lane, static_cast<std::uint64_t>(kind), ticket, payload);
}

inline std::uint64_t load_word(const char* at) {
  // The word belongs to a mapping of our own; atomic_ref wants it not const.
  return std::atomic_ref<std::uint64_t>(*const_cast<std::uint64_t*>(reinterpret_cast<const std::uint64_t*>(at)))
      .load(std::memory_order_acquire);
}
inline void store_word(char* at, std::uint64_t word) {
  std::atomic_ref<std::uint64_t>(*reinterpret_cast<std::uint64_t*>(at)).store(word, std::memory_order_release);
}

struct Record {
  std::uint64_t number = 0;  // 1, 2, 3 ... over the lane's life
  std::uint64_t ticket = 0;  // of the intent that it settles; 0: of none
  std::string_view payload;
};

struct Intent {
  std::uint64_t ticket = 0;
  std::string_view payload;
};

// What a file holds after a crash. The bytes must be aligned to 8 and may be anything: nothing outside them is read. A
// record that does not fit its checksum is passed over, to the next place where one does (`damaged` counts such holes).
struct SegmentReport {
  std::uint64_t lane = 0;
  std::uint64_t sequence = 0;  // 0: free or not a segment; nothing was visited
  std::size_t damaged = 0;
};
SegmentReport read_segment(std::span<const char> file, base::FunctionRef<void(const Record&)> visit);

struct SlotsReport {
  std::uint64_t lane = 0;
  std::size_t damaged = 0;  // open slots whose payload does not fit their checksum
};
// Nothing: no slots file of ours. Visits the open intents.
std::optional<SlotsReport> read_slots(std::span<const char> file, base::FunctionRef<void(const Intent&)> visit);

}  // namespace gatehouse::store::journal
