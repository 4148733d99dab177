#include "gatehouse/stages/authenticate/authenticate.h"

#include "gatehouse/base/strings.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/http/name_set.h"

namespace gatehouse::stages {
namespace {

using pipeline::Continue;
using pipeline::Verdict;

struct Presented {
  std::string_view key;
  bool ambiguous = false;
};

Presented presented_key(const http::Fields& fields) {
  static constexpr auto kNames = http::name_set("authorization", "x-api-key", "api-key", "x-goog-api-key");
  static constexpr std::string_view kBearer = "bearer ";
  Presented presented;
  for (const auto& field : fields) {
    if (!kNames.contains(field.name)) continue;
    std::string_view key;
    if (base::equals_ignore_case(field.name, "authorization")) {
      if (field.value.size() <= kBearer.size() ||
          !base::equals_ignore_case(field.value.substr(0, kBearer.size()), kBearer)) {
        continue;
      }
      key = base::trim(field.value.substr(kBearer.size()));
    } else {
      key = field.value;
    }
    if (key.empty()) continue;
    if (!presented.key.empty() && presented.key != key) presented.ambiguous = true;
    presented.key = key;
  }
  return presented;
}

// A signed token of an issuer, by its form: three parts, the first an object in base64url. Keys of ours begin
// otherwise, and an operator's own key that looks like one was found before.
bool looks_like_token(std::string_view presented) {
  return presented.starts_with("eyJ") && std::ranges::count(presented, '.') == 2;
}

const govern::Node* place_of(const pipeline::NodeIndex& nodes, const govern::CallerNames& names) {
  using govern::NodeKind;
  // The narrowest that was named; where that is nowhere, nothing else will do.
  for (const auto& [kind, id] : {std::pair{NodeKind::user, names.user},
                                 {NodeKind::project, names.project},
                                 {NodeKind::team, names.team},
                                 {NodeKind::unit, names.unit},
                                 {NodeKind::org, names.org}}) {
    if (!id.empty()) return nodes.find(kind, id);
  }
  return nullptr;
}

Result<void> take_token(pipeline::Exchange& exchange, std::string_view token) {
  const auto& identities = *exchange.identities;
  auto& worker = exchange.worker;
  const crypto::Digest digest = (*worker.key_hash)(token);
  auto caller = worker.token_cache->find(digest, identities.generation, exchange.wall);
  if (!caller) {
    const auto look_up = [&](const govern::CallerNames& names) { return place_of(*identities.nodes, names); };
    auto verified = identities.tokens->verify(token, *identities.issuer_keys, look_up, exchange.wall);
    if (!verified) {
      if (verified.error().fault == govern::JwtFault::unknown_key && worker.unknown_kids != nullptr) {
        worker.unknown_kids->note(verified.error().issuer, verified.error().kid);
      }
      return std::unexpected(std::move(verified.error().error));
    }
    // Tokens come and go: usage is told apart by who shows them.
    verified->principal.key_id = "jwt:" + verified->subject;
    caller = std::make_shared<const govern::JwtCaller>(std::move(*verified));
    worker.token_cache->put(digest, identities.generation, caller);
  }
  const auto& principal = caller->principal;
  if (principal.node != nullptr && !principal.node->is_active()) {
    return fail(Code::unauthenticated, "Whom the token belongs to is switched off");
  }
  exchange.token_caller = std::move(caller);
  exchange.principal = &exchange.token_caller->principal;
  return {};
}

Result<void> identify(pipeline::Exchange& exchange, std::string_view presented) {
  const auto& identities = *exchange.identities;
  auto& worker = exchange.worker;
  const auto from = base::Address::parse(exchange.client_ip).value_or(base::Address());
  auto found = identities.keys->authenticate(presented, *worker.key_hash, exchange.wall, from);
  if (found) {
    exchange.principal = *found;
    return {};
  }
  const bool takes_tokens = identities.tokens != nullptr && worker.token_cache != nullptr;
  if (takes_tokens && looks_like_token(presented)) return take_token(exchange, presented);
  return std::unexpected(std::move(found.error()));
}

}  // namespace

Eventually<Verdict> Authenticate::on_request(pipeline::Exchange& exchange) const {
  const Presented presented = presented_key(exchange.head().fields);
  const bool required = exchange.config().auth.required;
  if (presented.ambiguous) {
    return Verdict(pipeline::refuse(Code::unauthenticated, "The request carries two different API keys"));
  }
  if (presented.key.empty()) {
    if (!required) return Verdict(Continue{});
    return Verdict(pipeline::refuse(Code::unauthenticated,
                                    "You didn't provide an API key. Send it as Authorization: Bearer YOUR_KEY"));
  }
  auto identified = identify(exchange, presented.key);
  if (identified || !required) return Verdict(Continue{});
  pipeline::Refuse refuse{.error = {std::move(identified.error())}, .fields = {}};
  if (refuse.error.error.code == Code::unauthenticated && exchange.worker.auth_backoff != nullptr) {
    const auto from = base::Address::parse(exchange.client_ip).value_or(base::Address());
    const auto now = async::Loop::now();
    if (const auto until = exchange.worker.auth_backoff->failed(from, now)) {
      const auto seconds = std::chrono::ceil<std::chrono::seconds>(*until - now).count();
      refuse = pipeline::refuse(Code::rate_limited, "Too many requests with a wrong API key came from this address");
      http::append_field(refuse.fields, "retry-after", static_cast<std::uint64_t>(std::max<std::int64_t>(seconds, 1)));
    }
  }
  return Verdict(std::move(refuse));
}

}  // namespace gatehouse::stages
