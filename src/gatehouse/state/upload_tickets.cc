#include "gatehouse/state/upload_tickets.h"

#include <algorithm>
#include <utility>

#include "gatehouse/crypto/encoding.h"
#include "gatehouse/state/packing.h"

namespace gatehouse::state {
namespace {

constexpr std::string_view kPurpose = "upload ticket";
constexpr std::uint8_t kVersion = 1;
// It is one of many alike: nothing but its tenant and purpose names it.
constexpr EntryName kNoName{};

std::uint64_t seconds_of(base::WallTime time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(seconds, 0));
}

}  // namespace

Result<std::string> UploadTickets::write(std::string_view tenant, const UploadTicket& ticket,
                                         base::WallTime now) const {
  if (ticket.target.size() > kMostTarget) {
    return fail(Code::upstream_protocol, "The provider answered an upload with an address that is too long");
  }
  Packer packer;
  packer.byte(kVersion);
  packer.number(seconds_of(now + lasts_));
  packer.text(ticket.provider);
  packer.text(ticket.origin);
  packer.text(ticket.target);
  return crypto::to_base64url(keys_->tenant(tenant)->seal(kPurpose, kNoName, packer.take()));
}

std::optional<UploadTicket> UploadTickets::read(std::string_view tenant, std::string_view text,
                                                base::WallTime now) const {
  if (text.size() > kMostText) return std::nullopt;
  const auto sealed = crypto::from_base64url(text);
  if (!sealed) return std::nullopt;
  const auto plain = keys_->tenant(tenant)->open(kPurpose, kNoName, *sealed);
  if (!plain) return std::nullopt;
  Unpacker unpacker(*plain);
  if (unpacker.byte() != kVersion) return std::nullopt;
  const std::uint64_t ends = unpacker.number();
  UploadTicket ticket;
  ticket.provider = unpacker.text();
  ticket.origin = unpacker.text();
  ticket.target = unpacker.text();
  if (!unpacker.good() || !unpacker.at_end() || seconds_of(now) >= ends) return std::nullopt;
  return ticket;
}

}  // namespace gatehouse::state
