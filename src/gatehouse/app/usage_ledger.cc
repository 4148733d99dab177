#include "gatehouse/app/usage_ledger.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "gatehouse/govern/ledger/row_codec.h"

namespace gatehouse::app {
namespace {

constexpr std::size_t kSegmentBytes = std::size_t{1} << 20;

}  // namespace

class UsageLedger::Lane final : public pipeline::UsageLane {
 public:
  explicit Lane(store::JournalLane& lane) : lane_(lane) {}

  Result<Ticket> open(const govern::UsageRow& row) override {
    const auto ticket = lane_.open(govern::encode(row, buffer_));
    if (!ticket) return fail(Code::overloaded, "The usage ledger cannot take more requests at the moment");
    return Ticket{.number = ticket.number, .slot = ticket.slot};
  }
  void settle(Ticket ticket, const govern::UsageRow& row) override {
    (void)lane_.settle(of(ticket), govern::encode(row, buffer_));
  }
  void drop(Ticket ticket) override { (void)lane_.drop(of(ticket)); }

 private:
  static store::JournalLane::Ticket of(Ticket ticket) { return {.number = ticket.number, .slot = ticket.slot}; }

  store::JournalLane& lane_;
  std::array<char, govern::kMaxEncodedRow> buffer_{};
};

UsageLedger::~UsageLedger() = default;

Result<std::unique_ptr<UsageLedger>> UsageLedger::open(const std::string& url, const std::string& journal_folder,
                                                       const config::Ledger& options) {
  auto database = store::open(url);
  if (!database) return std::unexpected(std::move(database.error()));
  std::unique_ptr<UsageLedger> ledger(new UsageLedger);
  auto writer = govern::LedgerWriter::make(std::move(*database));
  if (!writer) return std::unexpected(std::move(writer.error()));
  ledger->writer_ = std::move(*writer);
  ledger->writer_->keep_rows_for(std::chrono::days(options.keep_days));
  store::JournalOptions journal;
  journal.folder = journal_folder;
  journal.segment_bytes = kSegmentBytes;
  journal.segments = std::clamp<std::size_t>(options.journal_bytes / kSegmentBytes, 2, 1024);
  journal.slots = 8192;
  journal.max_payload = govern::kMaxEncodedRow;
  journal.sync_every = options.sync_interval;
  auto opened = store::Journal::open(std::move(journal), *ledger->writer_);
  if (!opened) return std::unexpected(std::move(opened.error()));
  ledger->journal_ = std::move(*opened);
  return ledger;
}

Result<pipeline::UsageLane*> UsageLedger::make_lane() {
  auto lane = journal_->make_lane();
  if (!lane) return std::unexpected(std::move(lane.error()));
  lanes_.push_back(std::make_unique<Lane>(**lane));
  return lanes_.back().get();
}

}  // namespace gatehouse::app
