#include "gatehouse/stages/forward/upload.h"

#include <algorithm>
#include <utility>

#include "gatehouse/dialects/gemini/upload.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/providers/upload_address.h"
#include "gatehouse/stages/forward/own_address.h"

namespace gatehouse::stages {
namespace {

constexpr std::string_view kAddress = "x-goog-upload-url";

}  // namespace

Result<std::uint64_t> room_for_upload(const pipeline::Exchange& exchange) {
  const std::uint64_t limit = exchange.config().limits.upload_bytes;
  std::uint64_t room = limit;
  std::uint64_t told = 0;
  if (exchange.head().framing == http::Framing::length && !exchange.call_read) told = exchange.head().content_length;
  if (const auto& upload = exchange.upload) {
    if (upload->start) {
      if (auto origin = own_origin(exchange); !origin) return std::unexpected(std::move(origin.error()));
      told = upload->size;
    } else {
      // The provider takes a part only behind those that it has.
      room -= std::min(room, upload->offset);
    }
  }
  if (told > room) {
    return fail(Code::too_large, "The upload is larger than the " + std::to_string(limit) + " bytes allowed");
  }
  return room;
}

Result<> append_upload_address(const pipeline::Exchange& exchange, const http::ResponseHead& head,
                               std::string& fields) {
  if (!exchange.upload || !exchange.upload->start || head.status >= 400) return {};
  const std::size_t told = head.fields.count(kAddress);
  if (told == 0) return {};
  const config::Provider& provider = *exchange.provider;
  const auto at = static_cast<std::size_t>(exchange.provider - exchange.config().providers.data());
  const providers::Profile& profile = *exchange.runtime->profiles[at];
  const auto* spoken = profile.find(exchange.dialect);
  if (told > 1 || spoken == nullptr || exchange.worker.uploads == nullptr) {
    return fail(Code::upstream_protocol, "The provider answered an upload with more than one address");
  }
  auto target = providers::upload_target(provider.base_url, profile.root(), providers::upload_path(spoken->prefix),
                                         head.fields.value(kAddress));
  if (!target) return std::unexpected(std::move(target.error()));
  const auto ticket = exchange.worker.uploads->write(
      govern::tenant_of(exchange.principal),
      {.provider = provider.name, .origin = providers::origin_of(provider.base_url), .target = std::move(*target)},
      exchange.wall);
  if (!ticket) return std::unexpected(ticket.error());
  const auto origin = own_origin(exchange);
  if (!origin) return std::unexpected(origin.error());
  http::append_field(fields, kAddress, dialects::gemini::upload_address(*origin, *ticket));
  return {};
}

}  // namespace gatehouse::stages
