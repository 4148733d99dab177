#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/admin/api/api.h"

// What LiteLLM's routes share: its field names onto ours. Names and meanings after its documentation
// (docs.litellm.ai/docs/proxy/virtual_keys and /users). What cannot be carried is refused where leaving it out would
// let somebody do more than was asked for, and named in `warnings` where it would not.
namespace gatehouse::admin::litellm {

// "30s", "15m", "24h", "7d", "1mo" (30 days).
std::optional<std::chrono::seconds> duration(std::string_view text);

// What a body asks for beside the object itself.
struct Asked {
  std::vector<govern::LimitSpec> limits;  // without their scope
  std::vector<std::string> warnings;
};
// max_budget, budget_duration, soft_budget, tpm_limit, rpm_limit, max_parallel_requests and the model_... maps.
void read_limits(Body& body, Asked& asked);
// Fields that would narrow: refused unless they are null, empty, false or 0.
void refuse(Body& body, std::span<const std::string_view> names);
// Fields that narrow nothing: named.
void leave_out(Body& body, std::span<const std::string_view> names, Asked& asked);
// `models`: none named is all, as there.
void read_models(Body& body, govern::Access& access);

// Whether the actor may set limits at all there, when any are asked for.
std::optional<ApiResponse> may_limit(const Call& call, const Asked& asked, const govern::Node* at);
// Limits of the API at this scope that are of the same resource and models change, others are made.
Result<> set_limits(Call& call, const govern::NodeRef& scope, const Asked& asked);

// The members that LiteLLM shows of an object's limits: max_budget, budget_duration, tpm_limit and so on.
void write_limits(json::Writer& writer, Call& call, const govern::NodeRef& scope);
void write_spend(json::Writer& writer, Call& call, std::string_view filter);
void write_warnings(json::Writer& writer, const Asked& asked);
void write_key(json::Writer& writer, Call& call, const govern::KeyInfo& info);
void write_names(json::Writer& writer, const govern::Access::List& list);

// The key that is meant by the key itself or its id, where the actor may see it.
std::optional<govern::KeyInfo> find_key(Call& call, std::string_view key_or_id);

}  // namespace gatehouse::admin::litellm
