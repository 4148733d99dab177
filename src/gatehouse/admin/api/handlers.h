#pragma once

#include "gatehouse/admin/api/api.h"

// The handlers of the routes in routes.cc, by the file that has them.
namespace gatehouse::admin {

// tree_handlers.cc; for every level, by the route's path.
ApiResponse list_nodes(Call& call);
ApiResponse create_node(Call& call);
ApiResponse get_node(Call& call);
ApiResponse update_node(Call& call);
ApiResponse delete_node(Call& call);

// key_handlers.cc
ApiResponse list_keys(Call& call);
ApiResponse create_key(Call& call);
ApiResponse get_key(Call& call);
ApiResponse update_key(Call& call);
ApiResponse delete_key(Call& call);
ApiResponse rotate_key(Call& call);
ApiResponse block_key(Call& call);
ApiResponse unblock_key(Call& call);

// access_handlers.cc
ApiResponse list_roles(Call& call);
ApiResponse grant_role(Call& call);
ApiResponse revoke_role(Call& call);
ApiResponse list_admin_keys(Call& call);
ApiResponse create_admin_key(Call& call);
ApiResponse get_admin_key(Call& call);
ApiResponse delete_admin_key(Call& call);
ApiResponse block_admin_key(Call& call);
ApiResponse unblock_admin_key(Call& call);
ApiResponse whoami(Call& call);
ApiResponse list_changes(Call& call);

// limit_handlers.cc; budgets are the limits of US dollars.
ApiResponse list_limits(Call& call);
ApiResponse create_limit(Call& call);
ApiResponse get_limit(Call& call);
ApiResponse update_limit(Call& call);
ApiResponse delete_limit(Call& call);

// vault_handlers.cc
ApiResponse detokenise(Call& call);
ApiResponse erase_values(Call& call);
ApiResponse get_vault(Call& call);

// view_handlers.cc
ApiResponse list_models(Call& call);
ApiResponse list_providers(Call& call);
ApiResponse get_config(Call& call);
ApiResponse get_usage(Call& call);
ApiResponse get_openapi(Call& call);

// litellm_keys.cc and litellm_teams.cc
ApiResponse litellm_key_generate(Call& call);
ApiResponse litellm_key_update(Call& call);
ApiResponse litellm_key_info(Call& call);
ApiResponse litellm_key_delete(Call& call);
ApiResponse litellm_key_block(Call& call);
ApiResponse litellm_key_unblock(Call& call);
ApiResponse litellm_key_list(Call& call);
ApiResponse litellm_key_regenerate(Call& call);
ApiResponse litellm_team_new(Call& call);
ApiResponse litellm_team_update(Call& call);
ApiResponse litellm_team_info(Call& call);
ApiResponse litellm_team_list(Call& call);
ApiResponse litellm_team_delete(Call& call);
ApiResponse litellm_user_new(Call& call);
ApiResponse litellm_user_info(Call& call);
ApiResponse litellm_spend_logs(Call& call);
ApiResponse litellm_global_spend(Call& call);
ApiResponse litellm_model_info(Call& call);

// Access lists of a body onto those of `access`: absent keeps, null takes away.
void read_access(Body& body, govern::Access& access);
// What of `spec` is more than who may not raise_priority can give, compared with what was there.
bool raises_priority(const govern::KeySpec& before, const govern::KeySpec& after);
// Whether the actor may make a key this user's own; the refusal, or nothing.
std::optional<ApiResponse> may_own(const Call& call, const std::string& user);

}  // namespace gatehouse::admin
