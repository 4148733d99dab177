#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/store/journal_format.h"

namespace journal = gatehouse::store::journal;

namespace {

constexpr std::uint64_t kLane = 7;
constexpr std::uint64_t kSequence = 3;

// Aligned as a mapping is.
struct Aligned {
  std::vector<std::uint64_t> words;
  explicit Aligned(std::size_t size) : words((size + 7) / 8) {}
  char* data() { return reinterpret_cast<char*>(words.data()); }
};

void read_all(std::span<const char> bytes) {
  std::uint64_t last = 0;
  journal::read_segment(bytes, [&](const journal::Record& record) {
    if (record.number <= last) std::abort();  // never one twice, never back
    last = record.number;
    if (record.payload.data() < bytes.data() || record.payload.end() > bytes.data() + bytes.size()) std::abort();
  });
  journal::read_slots(bytes, [&](const journal::Intent& intent) {
    if (intent.payload.data() < bytes.data() || intent.payload.end() > bytes.data() + bytes.size()) std::abort();
  });
}

}  // namespace

// First the bytes as they are; then a sound segment that is made of them, with some of its bytes changed: what is read
// from it is what was written, in order, or less.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 65536) return 0;
  Aligned raw(size);
  if (size != 0) std::memcpy(raw.data(), data, size);
  read_all({raw.data(), size});
  if (size < 4) return 0;

  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t damage_at = (std::size_t{data[0]} << 8 | data[1]) * 8 % 8192;
  const auto damage = static_cast<char>(data[2]);
  Aligned file(8192);
  const journal::SegmentHeader header{
      .magic = journal::kSegmentMagic, .lane = kLane, .size = 8192, .sequence = kSequence, .reserved = {}};
  std::memcpy(file.data(), &header, sizeof(header));
  std::vector<std::string> written;
  std::size_t at = sizeof(header);
  std::size_t from = 3;
  while (from < size) {
    const std::size_t length = std::min<std::size_t>(data[from], size - from - 1);
    const std::string_view payload = input.substr(from + 1, length);
    if (at + journal::record_size(length) + 8 > 8192) break;
    const std::uint64_t number = written.size() + 1;
    const std::uint64_t ticket = number * 3;
    std::memcpy(file.data() + at + 8, &number, 8);
    std::memcpy(file.data() + at + 16, &ticket, 8);
    std::memcpy(file.data() + at + journal::kRecordHeader, payload.data(), length);
    journal::store_word(file.data() + at,
                        journal::pack({.kind = journal::Kind::settlement,
                                       .length = static_cast<std::uint32_t>(length),
                                       .check = journal::record_checksum(kLane, kSequence, number, ticket, payload)}));
    at += journal::record_size(length);
    written.emplace_back(payload);
    from += length + 1;
  }
  const auto check = [&](std::size_t at_least) {
    std::size_t seen = 0;
    const auto report = journal::read_segment({file.data(), 8192}, [&](const journal::Record& record) {
      if (record.number > written.size() || record.ticket != record.number * 3) std::abort();
      if (record.payload != written[record.number - 1]) std::abort();
      ++seen;
    });
    if (report.sequence != 0 && seen < at_least) std::abort();
  };
  check(written.size());
  file.data()[damage_at] ^= damage;
  check(0);
  // One changed byte of the records hides at most one of them.
  if (damage_at >= sizeof(header) && !written.empty()) check(written.size() - 1);
  return 0;
}
