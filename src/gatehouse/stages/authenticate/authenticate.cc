#include "gatehouse/stages/authenticate/authenticate.h"

#include <string>

#include "gatehouse/base/strings.h"
#include "gatehouse/dialects/gemini/routes.h"
#include "gatehouse/govern/jws.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/http/name_set.h"
#include "gatehouse/http/websocket.h"

namespace gatehouse::stages {
namespace {

using pipeline::Continue;
using pipeline::Verdict;

struct Presented {
  std::string_view key;
  std::string owned;  // of a query, decoded
  bool ambiguous = false;
};

void present(Presented& presented, std::string_view key) {
  if (key.empty()) return;
  if (!presented.key.empty() && presented.key != key) presented.ambiguous = true;
  presented.key = key;
}

void find_key(const http::RequestHead& head, llm::Dialect dialect, Presented& presented) {
  static constexpr auto kNames = http::name_set("authorization", "x-api-key", "api-key", "x-goog-api-key");
  static constexpr std::string_view kBearer = "bearer ";
  for (const auto& field : head.fields) {
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
    present(presented, key);
  }
  // As Google's clients may send it. It goes no further: the provider's target is made without it, and no record or log
  // holds a query.
  if (dialect == llm::Dialect::gemini && !head.query.empty()) {
    bool twice = false;
    presented.owned = dialects::gemini::query_key(head.query, twice);
    presented.ambiguous = presented.ambiguous || twice;
    present(presented, presented.owned);
  }
}

// A browser can give a WebSocket no fields: OpenAI's client names the key as a subprotocol.
void find_protocol_key(const http::RequestHead& head, Presented& presented) {
  static constexpr std::string_view kPrefix = "openai-insecure-api-key.";
  if (!head.upgrade || head.path != "/v1/realtime") return;
  for (const auto protocol : http::websocket_protocols(head.fields)) {
    if (protocol.starts_with(kPrefix)) present(presented, protocol.substr(kPrefix.size()));
  }
}

// How a key is sent in the caller's dialect.
std::string_view advice(llm::Dialect dialect) {
  switch (dialect) {
    case llm::Dialect::anthropic:
      return "You didn't provide an API key. Send it as x-api-key: YOUR_KEY";
    case llm::Dialect::gemini:
      return "You didn't provide an API key. Send it as x-goog-api-key: YOUR_KEY";
    default:
      return "You didn't provide an API key. Send it as Authorization: Bearer YOUR_KEY";
  }
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

Result<void> take_token(pipeline::Exchange& exchange, std::string_view token, const base::Address& from) {
  auto& worker = exchange.worker;
  auto& door = *worker.token_door;
  // To check a signature is dear: an address that fails again and again waits, unless its token is known to be good.
  if (worker.auth_backoff != nullptr && !door.known(token, *worker.key_hash, exchange.wall) &&
      worker.auth_backoff->refused_until(from, async::Loop::now())) {
    return fail(Code::unauthenticated, "The token was not looked at: too many from this address were not good");
  }
  const auto& nodes = *exchange.identities->nodes;
  const auto look_up = [&nodes](const govern::CallerNames& names) { return place_of(nodes, names); };
  auto caller = door.find(token, *worker.key_hash, look_up, exchange.wall);
  if (!caller) return std::unexpected(std::move(caller.error().error));
  const auto* node = (*caller)->principal.node;
  if (node != nullptr && !node->is_active()) {
    return fail(Code::unauthenticated, "Whom the token belongs to is switched off");
  }
  exchange.token_caller = std::move(*caller);
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
  // An operator's own key that looks like a token was found before.
  if (worker.token_door && govern::looks_like_jws(presented)) return take_token(exchange, presented, from);
  return std::unexpected(std::move(found.error()));
}

}  // namespace

Eventually<Verdict> Authenticate::on_request(pipeline::Exchange& exchange) const {
  Presented presented;
  find_key(exchange.head(), exchange.dialect, presented);
  find_protocol_key(exchange.head(), presented);
  const bool required = exchange.config().auth.required;
  if (presented.ambiguous) {
    return Verdict(pipeline::refuse(Code::unauthenticated, "The request carries two different API keys"));
  }
  if (presented.key.empty()) {
    if (!required) return Verdict(Continue{});
    return Verdict(pipeline::refuse(Code::unauthenticated, std::string(advice(exchange.dialect))));
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
