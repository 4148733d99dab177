#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "gatehouse/llm/tokens/encoding.h"

// The tokens of an encoding as make_vocabulary.py lays them out, little-endian, embedded in the binary:
//   8 x u32   magic, tokens, slots, buckets, bytes of long tokens, longest token, 0, 0; then zeros up to byte 64
//   slots     16 bytes each: u64 the first 8 bytes, u32 the next 4 (zeros behind the end), u32 id | size << 18; of a
//   token
//             of more than 12 bytes: u64 its hash, u32 where it stands among the long tokens, u32 the same.
//             A free slot is all zeros.
//   pilots    u16 a bucket
//   slot of   u32 an id
//   long tokens
// each part padded to 64 bytes. A lookup reads one pilot and one slot, found or not. For this folder only.
namespace gatehouse::llm::detail {

static_assert(std::endian::native == std::endian::little, "the vocabularies are laid out for little-endian machines");

inline constexpr std::uint32_t kNoToken = 0xffffffff;

inline std::uint64_t mum(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

// The first `size` (0 to 8) of the bytes at `at` as a number, zeros behind. Reads nothing outside [at, limit).
inline std::uint64_t load_up_to_8(const char* at, std::size_t size, const char* limit) {
  std::uint64_t word = 0;
  if (limit - at >= 8) {
    if (size == 0) return 0;
    std::memcpy(&word, at, 8);
    return word & (~std::uint64_t{0} >> (64 - 8 * size));
  }
  std::memcpy(&word, at, size);
  return word;
}

// A view of one vocabulary: a few pointers into read-only data, made where it is used.
class Vocabulary {
 public:
  static Vocabulary of(Encoding encoding);

  std::uint32_t size() const { return tokens_; }
  std::uint32_t longest() const { return longest_; }

  // The id of the token that is just these bytes, or kNoToken. `limit`: up to there memory may be read.
  std::uint32_t find(const char* at, std::size_t size, const char* limit) const {
    if (size > kInline) return find_long(at, size, limit);
    const std::uint64_t first = load_up_to_8(at, size < 8 ? size : 8, limit);
    const auto last = size <= 8 ? 0U : static_cast<std::uint32_t>(load_up_to_8(at + 8, size - 8, limit));
    const Slot& slot = slots_[place(mum(first ^ kK0, last ^ kK1 ^ (size * kK2)))];
    const bool same = slot.first == first && slot.last == last && slot.meta >> kIdBits == size;
    return same ? slot.meta & kIdMask : kNoToken;
  }
  // The bytes of an id below size().
  std::string_view bytes(std::uint32_t id) const;

 private:
  static constexpr std::size_t kInline = 12;
  static constexpr std::uint32_t kIdBits = 18;
  static constexpr std::uint32_t kIdMask = (1U << kIdBits) - 1;
  // As in make_vocabulary.py.
  static constexpr std::uint64_t kK0 = 0x9E3779B97F4A7C15;
  static constexpr std::uint64_t kK1 = 0xBF58476D1CE4E5B9;
  static constexpr std::uint64_t kK2 = 0x94D049BB133111EB;
  static constexpr std::uint64_t kK3 = 0xD6E8FEB86659FD93;
  static constexpr std::uint64_t kK4 = 0xA0761D6478BD642F;

  struct Slot {
    std::uint64_t first;
    std::uint32_t last;
    std::uint32_t meta;
  };
  static_assert(sizeof(Slot) == 16);

  std::size_t place(std::uint64_t hash) const {
    const std::uint64_t pilot = pilots_[((hash >> 32U) * bucket_count_) >> 32U];
    return static_cast<std::size_t>(((((hash ^ (pilot * kK3)) * kK4) >> 32U) * slot_count_) >> 32U);
  }
  std::uint32_t find_long(const char* at, std::size_t size, const char* limit) const;

  const Slot* slots_;
  const std::uint16_t* pilots_;
  const std::uint32_t* slot_of_;
  const char* long_;
  std::uint64_t slot_count_;
  std::uint64_t bucket_count_;
  std::uint32_t tokens_;
  std::uint32_t longest_;
};

}  // namespace gatehouse::llm::detail
