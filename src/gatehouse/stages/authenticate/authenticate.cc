#include "gatehouse/stages/authenticate/authenticate.h"

#include "gatehouse/base/strings.h"
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
  auto& runtime = *exchange.runtime;
  auto found = runtime.keys->find(presented.key, runtime.key_hash, exchange.wall);
  if (found) {
    exchange.principal = *found;
  } else if (required) {
    return Verdict(pipeline::Refuse{.error = {std::move(found.error())}, .fields = {}});
  }
  return Verdict(Continue{});
}

}  // namespace gatehouse::stages
