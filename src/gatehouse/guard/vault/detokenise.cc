#include "gatehouse/guard/vault/detokenise.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/base/strings.h"

namespace gatehouse::guard {
namespace {

constexpr std::size_t kLeastReason = 3;

bool is_reason(std::string_view reason) {
  return base::trim(reason).size() >= kLeastReason && reason.size() <= DetokeniseCall::kMostReason &&
         std::ranges::none_of(reason, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

Result<std::vector<Detokenised>> Detokeniser::reveal(const DetokeniseCall& call, base::WallTime now) {
  if (call.actor.empty()) return fail(Code::invalid_request, "it must be known who asks");
  if (!is_reason(call.reason)) {
    return fail(Code::invalid_request,
                fmt::format("reason: {} to {} characters of one line", kLeastReason, DetokeniseCall::kMostReason));
  }
  if (call.tokens.empty() || call.tokens.size() > DetokeniseCall::kMostTokens) {
    return fail(Code::invalid_request, fmt::format("tokens: 1 to {}", DetokeniseCall::kMostTokens));
  }
  std::vector<TokenId> ids(call.tokens.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    // The text itself is not repeated: it may be a value that was pasted by mistake.
    if (!read_token_id(call.tokens[i], ids[i])) {
      return fail(Code::invalid_request, fmt::format("tokens[{}] is no token", i));
    }
  }
  DetokeniseEvent event{.time = now,
                        .actor = call.actor,
                        .address = call.address,
                        .tenant = call.tenant,
                        .reason = call.reason,
                        .shown = {}};
  std::vector<Detokenised> answer;
  for (const TokenId& id : ids) {
    auto found = vault_.find(call.tenant, id, now);
    if (!found) return std::unexpected(std::move(found.error()));
    Detokenised& one = answer.emplace_back();
    DetokeniseEvent::Shown& shown = event.shown.emplace_back();
    one.token = shown.token = fmt::format("tok_{}", view(id));
    if (!*found) continue;
    one.found = true;
    one.entity = shown.entity = (*found)->entity;
    shown.scope = (*found)->scope;
    one.value = std::move((*found)->value);
    one.expires = (*found)->expires;
  }
  if (auto kept = audit_.record(event); !kept) {
    return fail(Code::internal, "this could not be written to the audit log, so nothing is shown");
  }
  return answer;
}

}  // namespace gatehouse::guard
