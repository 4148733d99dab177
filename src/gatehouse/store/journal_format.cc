#include "gatehouse/store/journal_format.h"

#include <cstring>

namespace gatehouse::store::journal {
namespace {

// Odd constants with about as many ones as zeros.
constexpr std::uint64_t kMix1 = 0x9e3779b97f4a7c15;
constexpr std::uint64_t kMix2 = 0xd6e8feb86659fd93;

__extension__ using Wide = unsigned __int128;

// Both halves of the product: every bit of the input reaches all of the output.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t word_at(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

template <class T>
T header_of(std::span<const char> file) {
  T header;
  std::memcpy(&header, file.data(), sizeof(header));
  return header;
}

}  // namespace

std::uint32_t checksum(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::string_view payload) {
  std::uint64_t h = fold(a ^ kMix1, b ^ kMix2);
  h = fold(h ^ c, kMix1 ^ payload.size());
  const char* at = payload.data();
  std::size_t left = payload.size();
  // Two chains, so that one multiplication need not wait for the other.
  std::uint64_t g = h ^ kMix2;
  for (; left >= 32; left -= 32, at += 32) {
    h = fold(word_at(at) ^ kMix1, word_at(at + 8) ^ h);
    g = fold(word_at(at + 16) ^ kMix2, word_at(at + 24) ^ g);
  }
  for (; left >= 8; left -= 8, at += 8) h = fold(word_at(at) ^ kMix2, h ^ kMix1);
  std::uint64_t tail = 0;
  if (left != 0) std::memcpy(&tail, at, left);
  h = fold(h ^ tail, g ^ kMix2);
  return static_cast<std::uint32_t>(h ^ h >> 32);
}

SegmentReport read_segment(std::span<const char> file, base::FunctionRef<void(const Record&)> visit) {
  SegmentReport report;
  if (file.size() < sizeof(SegmentHeader)) return report;
  const auto header = header_of<SegmentHeader>(file);
  if (header.magic != kSegmentMagic || header.size != file.size() || header.sequence == 0) return report;
  report.lane = header.lane;
  report.sequence = header.sequence;
  std::uint64_t last = 0;
  bool in_gap = false;
  bool is_counted = false;
  std::size_t at = sizeof(SegmentHeader);
  while (file.size() - at >= sizeof(std::uint64_t)) {
    const std::uint64_t word = load_word(file.data() + at);
    const Commit commit = unpack(word);
    if (commit.kind == Kind::end && commit.length == 0 &&
        commit.check == record_checksum(header.lane, header.sequence, 0, 0, {})) {
      break;
    }
    if (commit.kind == Kind::settlement && commit.length <= kMaxPayload &&
        file.size() - at >= record_size(commit.length)) {
      const Record record{.number = word_at(file.data() + at + 8),
                          .ticket = word_at(file.data() + at + 16),
                          .payload = {file.data() + at + kRecordHeader, commit.length}};
      if (record.number > last &&
          commit.check == record_checksum(header.lane, header.sequence, record.number, record.ticket, record.payload)) {
        visit(record);
        last = record.number;
        if (in_gap && !is_counted) ++report.damaged;
        in_gap = false;
        at += record_size(commit.length);
        continue;
      }
    }
    // The end of what was written (a record that was being written is without its word, and nothing follows it); or a
    // page never reached the disk, and later ones may have.
    if (!in_gap) {
      in_gap = true;
      is_counted = word != 0;
      if (is_counted) ++report.damaged;
    }
    at += kAlign;
  }
  return report;
}

std::optional<SlotsReport> read_slots(std::span<const char> file, base::FunctionRef<void(const Intent&)> visit) {
  if (file.size() < sizeof(SlotsHeader)) return std::nullopt;
  const auto header = header_of<SlotsHeader>(file);
  if (header.magic != kSlotsMagic || header.payload == 0 || header.payload > kMaxPayload ||
      header.payload % kAlign != 0) {
    return std::nullopt;
  }
  const std::size_t size = slot_size(header.payload);
  if (header.count > (file.size() - sizeof(SlotsHeader)) / size) return std::nullopt;
  SlotsReport report{.lane = header.lane};
  for (std::size_t i = 0; i < header.count; ++i) {
    const char* slot = file.data() + sizeof(SlotsHeader) + i * size;
    const std::uint64_t word = load_word(slot);
    if (word == 0) continue;
    const Commit commit = unpack(word);
    const std::uint64_t ticket = word_at(slot + 8);
    const bool known = commit.kind == Kind::first || commit.kind == Kind::second;
    if (!known || commit.length > header.payload) {
      ++report.damaged;
      continue;
    }
    const std::size_t offset = kSlotHeader + (commit.kind == Kind::second ? header.payload : 0);
    const std::string_view payload(slot + offset, commit.length);
    if (commit.check != slot_checksum(header.lane, commit.kind, ticket, payload)) {
      ++report.damaged;
      continue;
    }
    visit({.ticket = ticket, .payload = payload});
  }
  return report;
}

}  // namespace gatehouse::store::journal
