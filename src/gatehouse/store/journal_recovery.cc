#include "gatehouse/store/journal_recovery.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>

#include "gatehouse/store/journal_format.h"
#include "gatehouse/store/mapped_file.h"

namespace gatehouse::store {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxLanes = 65536;
constexpr std::size_t kMaxSegments = 1024;
constexpr std::size_t kMaxSegmentBytes = std::size_t{256} << 20;
constexpr std::size_t kMaxSlotsBytes = std::size_t{1} << 40;  // 1048576 slots of the largest size, and more

struct Lane {
  std::uint64_t id = 0;
  fs::path folder;
};

Result<std::vector<Lane>> lanes_of(const std::string& folder) {
  std::vector<Lane> lanes;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    Lane lane{.folder = it->path()};
    if (name.size() != 21 || !name.starts_with("lane-")) continue;
    const auto [last, bad] = std::from_chars(name.data() + 5, name.data() + name.size(), lane.id, 16);
    if (bad != std::errc() || last != name.data() + name.size()) continue;
    if (lanes.size() == kMaxLanes) return fail(Code::io, fmt::format("journal: {}: too many lanes", folder));
    lanes.push_back(std::move(lane));
  }
  if (error) return fail(Code::io, fmt::format("journal: {}: {}", folder, error.message()));
  std::ranges::sort(lanes, {}, &Lane::id);
  return lanes;
}

class LaneRecovery {
 public:
  LaneRecovery(const Lane& lane, std::uint64_t applied, std::size_t batch, JournalSink& sink, JournalRecovery& report)
      : lane_(lane), applied_(applied), batch_(batch), sink_(sink), report_(report) {}

  Result<> run() {
    if (auto mapped = map(); !mapped) return mapped;
    for (const Segment& segment : segments_) {
      // The views stay good: the files are mapped until the end.
      const auto seen = journal::read_segment(segment.file.bytes(), [&](const journal::Record& record) {
        if (record.ticket != 0) settled_.insert(record.ticket);
        if (record.number <= applied_) return;
        applied_ = record.number;
        entries_.push_back({.payload = record.payload});
        numbers_.push_back(record.number);
      });
      report_.damaged += seen.damaged;
    }
    report_.records += entries_.size();
    const auto slots = journal::read_slots(slots_.bytes(), [&](const journal::Intent& intent) {
      if (settled_.contains(intent.ticket)) return;
      entries_.push_back({.payload = intent.payload, .interrupted = true});
      ++report_.interrupted;
    });
    if (slots) report_.damaged += slots->damaged;
    return apply();
  }

 private:
  struct Segment {
    MappedFile file;
    std::uint64_t sequence;
  };

  Result<> map() {
    std::error_code error;
    for (fs::directory_iterator it(lane_.folder, error), end; !error && it != end; it.increment(error)) {
      const std::string name = it->path().filename().string();
      if (!name.starts_with("segment-") || segments_.size() == kMaxSegments) continue;
      auto file = MappedFile::read(it->path().string(), kMaxSegmentBytes);
      if (!file) return std::unexpected(file.error());
      // Without visiting: only who it is.
      if (file->size() < sizeof(journal::SegmentHeader)) continue;
      journal::SegmentHeader header;
      std::copy_n(file->data(), sizeof(header), reinterpret_cast<char*>(&header));
      if (header.magic != journal::kSegmentMagic || header.lane != lane_.id || header.sequence == 0) continue;
      segments_.push_back({.file = std::move(*file), .sequence = header.sequence});
    }
    if (error) return fail(Code::io, fmt::format("journal: {}: {}", lane_.folder.string(), error.message()));
    std::ranges::sort(segments_, {}, &Segment::sequence);
    const fs::path slots = lane_.folder / "slots";
    if (!fs::exists(slots, error)) return {};
    auto file = MappedFile::read(slots.string(), kMaxSlotsBytes);
    if (!file) return std::unexpected(file.error());
    slots_ = std::move(*file);
    return {};
  }

  // Settlements in steps; the last step takes the open intents with it and closes the lane.
  Result<> apply() {
    std::size_t from = 0;
    while (numbers_.size() - from > batch_) {
      const JournalPosition position{.lane = lane_.id, .applied = numbers_[from + batch_ - 1]};
      if (auto done = sink_.commit({.entries = std::span(entries_).subspan(from, batch_),
                                    .positions = {&position, 1},
                                    .forget = {},
                                    .recovered = true});
          !done) {
        return done;
      }
      from += batch_;
    }
    const JournalPosition position{.lane = lane_.id, .applied = applied_, .closed = true};
    return sink_.commit(
        {.entries = std::span(entries_).subspan(from), .positions = {&position, 1}, .forget = {}, .recovered = true});
  }

  const Lane& lane_;
  std::uint64_t applied_;
  std::size_t batch_;
  JournalSink& sink_;
  JournalRecovery& report_;
  std::vector<Segment> segments_;
  MappedFile slots_;
  std::unordered_set<std::uint64_t> settled_;
  std::vector<JournalBatch::Entry> entries_;
  std::vector<std::uint64_t> numbers_;  // of the settlements in entries_
};

}  // namespace

Result<JournalRecovery> recover_lanes(const std::string& folder, std::size_t batch, JournalSink& sink) {
  JournalRecovery report;
  auto lanes = lanes_of(folder);
  if (!lanes) return std::unexpected(lanes.error());
  auto positions = sink.positions();
  if (!positions) return std::unexpected(positions.error());
  std::unordered_map<std::uint64_t, JournalPosition> known;
  for (const JournalPosition& position : *positions) known[position.lane] = position;

  for (const Lane& lane : *lanes) {
    const auto found = known.find(lane.id);
    if (found == known.end() || !found->second.closed) {
      const std::uint64_t applied = found == known.end() ? 0 : found->second.applied;
      if (auto done = LaneRecovery(lane, applied, batch, sink, report).run(); !done) {
        return std::unexpected(done.error());
      }
    }
    ++report.lanes;
    std::error_code error;
    fs::remove_all(lane.folder, error);
    if (error) return fail(Code::io, fmt::format("journal: {}: {}", lane.folder.string(), error.message()));
    known[lane.id] = {};
  }
  // Also of lanes whose folder is gone: removed by an earlier start that ended before this.
  std::vector<std::uint64_t> forget;
  for (const auto& [lane, position] : known) forget.push_back(lane);
  if (!forget.empty()) {
    if (auto done = sink.commit({.entries = {}, .positions = {}, .forget = forget}); !done) {
      return std::unexpected(done.error());
    }
  }
  return report;
}

}  // namespace gatehouse::store
