#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/base/error.h"
#include "gatehouse/govern/usage_row.h"

// How raw rows lie in ledger_batches: those of one commit that began in the same minute, one after the other in one
// blob. Each says only what differs from the row before it, so that a row of a busy gateway takes some 30 bytes, and
// the store has one row to insert where it had thousands.
//
// One byte of version; then for each row: a mask of what differs (varint), the time's difference (zigzag varint,
// microseconds), how many bytes of the request's id are the same as before (varint) and the rest of it, the numbers and
// texts of the mask in its order.
namespace gatehouse::govern {

inline constexpr std::size_t kPackedNumbers = 22;
inline constexpr std::size_t kPackedTexts = 4;
inline constexpr std::size_t kMaxRequestId = 64;

// What the next row is compared with: the numbers and texts of the mask.
struct PackedState {
  std::array<std::int64_t, kPackedNumbers> numbers{};
  std::int64_t time_us = 0;
};

// Gathers the rows of one minute. One thread's; kept for its memory.
class RowPacker {
 public:
  // `row` as decode() of row_codec.h gives it, so in range; of its texts only those are kept that are not part of the
  // combination of dimensions, which `dimensions` names.
  void add(std::int64_t dimensions, const UsageRow& row);
  void clear();

  std::size_t rows() const { return rows_; }
  std::int64_t first_us() const { return first_us_; }  // of the times in it
  std::int64_t last_us() const { return last_us_; }
  std::string_view bytes() const { return bytes_; }

 private:
  std::string bytes_;
  PackedState before_;
  std::string id_;
  std::array<std::string, kPackedTexts> texts_;
  std::size_t rows_ = 0;
  std::int64_t first_us_ = 0;
  std::int64_t last_us_ = 0;
};

// Reads them again, in their order. The bytes are borrowed.
class RowUnpacker {
 public:
  explicit RowUnpacker(std::string_view bytes) : left_(bytes) {}
  // False: that was all. Fills `row` but for the texts of its dimensions. The request's id holds until the next call,
  // the other texts as long as the bytes. Errors: internal, for what RowPacker cannot have written; no further call
  // then.
  Result<bool> next(std::int64_t& dimensions, UsageRow& row);

 private:
  bool read(std::uint64_t& value);
  bool read_signed(std::int64_t& value);

  std::string_view left_;
  PackedState before_;
  std::array<char, kMaxRequestId> id_{};
  std::size_t id_size_ = 0;
  std::array<std::string_view, kPackedTexts> texts_;
  bool began_ = false;
};

}  // namespace gatehouse::govern
