// The admin API, one line a route. Order matters only where a pattern and a literal could both match: the first wins.
#include <array>

#include "gatehouse/admin/api/handlers.h"

namespace gatehouse::admin {
namespace {

using govern::Action;
using http::Method;
using Names = std::string_view;

// Members of bodies.
constexpr auto kNodeMembers = std::to_array<Names>(
    {"id", "parent", "name", "metadata", "models", "operations", "providers", "regions", "addresses"});
constexpr auto kNodePatch =
    std::to_array<Names>({"name", "metadata", "active", "models", "operations", "providers", "regions", "addresses"});
constexpr auto kKeyMembers =
    std::to_array<Names>({"name", "parent", "user", "metadata", "models", "operations", "providers", "regions",
                          "addresses", "expires_at", "priority", "weight"});
constexpr auto kKeyPatch = std::to_array<Names>({"name", "user", "metadata", "models", "operations", "providers",
                                                 "regions", "addresses", "expires_at", "priority", "weight"});
constexpr auto kRotate = std::to_array<Names>({"overlap_seconds"});
constexpr auto kGrant = std::to_array<Names>({"subject", "role", "scope"});
constexpr auto kAdminKey = std::to_array<Names>({"name", "user", "expires_at"});
constexpr auto kLimitMembers = std::to_array<Names>(
    {"scope", "resource", "amount", "window", "rolling", "time_zone", "models", "soft", "downgrade_to", "notify"});
constexpr auto kBudgetMembers = std::to_array<Names>(
    {"scope", "amount", "window", "rolling", "time_zone", "models", "soft", "downgrade_to", "notify"});
constexpr auto kDetokenise = std::to_array<Names>({"tenant", "tokens", "reason"});
constexpr std::span<const Names> kNothing;
// LiteLLM's: the members are judged one by one in the handler, which says what becomes of each.
constexpr auto kKeyGenerate = std::to_array<Names>({"key",
                                                    "key_alias",
                                                    "duration",
                                                    "team_id",
                                                    "user_id",
                                                    "models",
                                                    "max_budget",
                                                    "budget_duration",
                                                    "soft_budget",
                                                    "tpm_limit",
                                                    "rpm_limit",
                                                    "max_parallel_requests",
                                                    "metadata",
                                                    "blocked",
                                                    "model_max_budget",
                                                    "model_rpm_limit",
                                                    "model_tpm_limit",
                                                    "organization_id",
                                                    "project_id",
                                                    "allowed_ips",
                                                    "tags",
                                                    "aliases",
                                                    "config",
                                                    "send_invite_email",
                                                    "spend",
                                                    "permissions",
                                                    "guardrails",
                                                    "enforced_params",
                                                    "allowed_cache_controls",
                                                    "allowed_routes",
                                                    "budget_id",
                                                    "key_type",
                                                    "temp_budget_increase",
                                                    "temp_budget_expiry",
                                                    "new_key",
                                                    "grace_period"});
constexpr auto kKeyName = std::to_array<Names>({"key"});
constexpr auto kKeyNames = std::to_array<Names>({"keys", "key_aliases"});
constexpr auto kTeam = std::to_array<Names>({"team_id",
                                             "team_alias",
                                             "organization_id",
                                             "models",
                                             "max_budget",
                                             "budget_duration",
                                             "soft_budget",
                                             "tpm_limit",
                                             "rpm_limit",
                                             "max_parallel_requests",
                                             "metadata",
                                             "blocked",
                                             "members_with_roles",
                                             "members",
                                             "admins",
                                             "model_aliases",
                                             "tags",
                                             "guardrails",
                                             "model_rpm_limit",
                                             "model_tpm_limit",
                                             "model_max_budget",
                                             "team_member_budget"});
constexpr auto kTeamIds = std::to_array<Names>({"team_ids"});
constexpr auto kUser = std::to_array<Names>({"user_id",
                                             "user_alias",
                                             "user_email",
                                             "user_role",
                                             "teams",
                                             "team_id",
                                             "organization_id",
                                             "models",
                                             "max_budget",
                                             "budget_duration",
                                             "soft_budget",
                                             "tpm_limit",
                                             "rpm_limit",
                                             "max_parallel_requests",
                                             "metadata",
                                             "auto_create_key",
                                             "send_invite_email",
                                             "duration",
                                             "key_alias",
                                             "aliases",
                                             "config",
                                             "spend",
                                             "guardrails",
                                             "permissions"});

// Parameters of queries.
constexpr Parameter kLimit{"limit", "how many at most, 1 to 1000; 100 without it"};
constexpr Parameter kCursor{"cursor", "the `next_cursor` of the page before"};
constexpr auto kPage = std::to_array<Parameter>({kLimit, kCursor});
constexpr auto kNodeList = std::to_array<Parameter>(
    {kLimit, kCursor, {"parent", "KIND:ID: those right below"}, {"deleted", "true: those that were deleted, too"}});
constexpr auto kKeyList = std::to_array<Parameter>({kLimit,
                                                    kCursor,
                                                    {"parent", "KIND:ID: those right below"},
                                                    {"below", "KIND:ID: those anywhere below"},
                                                    {"state", "active, blocked, expired or revoked"},
                                                    {"user", "whose"},
                                                    {"name", "of this name"}});
constexpr auto kRoleList = std::to_array<Parameter>({kLimit, kCursor, {"subject", "admin_key:ID or user:ID"}});
constexpr auto kLimitList = std::to_array<Parameter>({kLimit, kCursor, {"scope", "KIND:ID"}});
constexpr auto kChangeList = std::to_array<Parameter>({kLimit,
                                                       kCursor,
                                                       {"actor", "who"},
                                                       {"object", "KIND:ID"},
                                                       {"action", "for instance key.revoke"},
                                                       {"from", "date or RFC 3339"},
                                                       {"until", "date or RFC 3339; before then"}});
constexpr auto kUsage = std::to_array<Parameter>({kLimit,
                                                  kCursor,
                                                  {"by", "dimensions with commas between: team,model,day"},
                                                  {"filter", "DIMENSION=VALUE; may stand several times"},
                                                  {"scope", "KIND:ID: usage of this part of the tree"},
                                                  {"from", "date or RFC 3339"},
                                                  {"to", "date or RFC 3339; before then"}});
constexpr auto kErase = std::to_array<Parameter>({{"tenant", "KIND:ID: whose values"},
                                                  {"token", "this one"},
                                                  {"scope", "those of one conversation"},
                                                  {"owner", "those that were put for one end user"},
                                                  {"all", "true: all of the tenant"}});
constexpr auto kKeyInfo = std::to_array<Parameter>({{"key", "the key, or its id"}});
constexpr auto kLiteKeys = std::to_array<Parameter>({{"page", "from 1"},
                                                     {"size", "1 to 100"},
                                                     {"user_id", "whose"},
                                                     {"team_id", "of which team"},
                                                     {"key_alias", "of this alias"},
                                                     {"return_full_object", "true: objects, not ids"}});
constexpr auto kTeamInfo = std::to_array<Parameter>({{"team_id", "which"}});
constexpr auto kUserInfo = std::to_array<Parameter>({{"user_id", "which"}});
constexpr auto kSpendLogs = std::to_array<Parameter>({{"api_key", "the key, or its id"},
                                                      {"user_id", "whose"},
                                                      {"start_date", "YYYY-MM-DD"},
                                                      {"end_date", "YYYY-MM-DD, with that day"}});
constexpr auto kModelInfo = std::to_array<Parameter>({{"litellm_model_id", "of this name"}});

// Of every level of the tree.
#define GATEHOUSE_NODE_ROUTES(PLURAL, One)                                               \
  {Method::get,      "/admin/v1/" PLURAL, "list" One "s", "List",    Action::read_tree,  \
   Reach::somewhere, list_nodes,          kNothing,       kNodeList, "[Node]"},          \
      {Method::post,  "/admin/v1/" PLURAL, "create" One, "Make one", Action::write_tree, \
       Reach::object, create_node,         kNodeMembers, {},         "Node",             \
       true},                                                                            \
      {Method::get,                                                                      \
       "/admin/v1/" PLURAL "/{id}",                                                      \
       "get" One,                                                                        \
       "Read one",                                                                       \
       Action::read_tree,                                                                \
       Reach::object,                                                                    \
       get_node,                                                                         \
       kNothing,                                                                         \
       {},                                                                               \
       "Node"},                                                                          \
      {Method::patch,                                                                    \
       "/admin/v1/" PLURAL "/{id}",                                                      \
       "update" One,                                                                     \
       "Change it, or switch it off and on",                                             \
       Action::switch_tree,                                                              \
       Reach::object,                                                                    \
       update_node,                                                                      \
       kNodePatch,                                                                       \
       {},                                                                               \
       "Node",                                                                           \
       true},                                                                            \
      {Method::del,                                                                      \
       "/admin/v1/" PLURAL "/{id}",                                                      \
       "delete" One,                                                                     \
       "Offboard it: switched off for good, keys revoked",                               \
       Action::switch_tree,                                                              \
       Reach::object,                                                                    \
       delete_node,                                                                      \
       kNothing,                                                                         \
       {},                                                                               \
       ""}

constexpr auto kRoutes = std::to_array<Route>({
    // clang-format off
    GATEHOUSE_NODE_ROUTES("orgs", "Org"),
    GATEHOUSE_NODE_ROUTES("units", "Unit"),
    GATEHOUSE_NODE_ROUTES("teams", "Team"),
    GATEHOUSE_NODE_ROUTES("projects", "Project"),
    GATEHOUSE_NODE_ROUTES("users", "User"),

    {Method::get, "/admin/v1/keys", "listKeys", "List virtual keys", Action::read_keys, Reach::somewhere, list_keys, kNothing, kKeyList, "[Key]"},
    {Method::post, "/admin/v1/keys", "createKey", "Make a virtual key; shown once", Action::write_keys, Reach::object, create_key, kKeyMembers, {}, "MadeKey", true},
    {Method::get, "/admin/v1/keys/{id}", "getKey", "Read one", Action::read_keys, Reach::object, get_key, kNothing, {}, "Key"},
    {Method::patch, "/admin/v1/keys/{id}", "updateKey", "Change it", Action::write_keys, Reach::object, update_key, kKeyPatch, {}, "Key", true},
    {Method::del, "/admin/v1/keys/{id}", "revokeKey", "Revoke it, for good", Action::stop_keys, Reach::object, delete_key, kNothing, {}, ""},
    {Method::post, "/admin/v1/keys/{id}/rotate", "rotateKey", "A new key in its place; the old one is valid a while longer", Action::write_keys, Reach::object, rotate_key, kRotate, {}, "MadeKey", true},
    {Method::post, "/admin/v1/keys/{id}/block", "blockKey", "Refuse it until it is unblocked", Action::stop_keys, Reach::object, block_key, kNothing, {}, "Key"},
    {Method::post, "/admin/v1/keys/{id}/unblock", "unblockKey", "Let it in again", Action::stop_keys, Reach::object, unblock_key, kNothing, {}, "Key"},

    {Method::get, "/admin/v1/roles", "listRoles", "List role bindings", Action::read_roles, Reach::somewhere, list_roles, kNothing, kRoleList, "[Role]"},
    {Method::post, "/admin/v1/roles", "grantRole", "Give a role on a part of the tree", Action::write_roles, Reach::object, grant_role, kGrant, {}, "Role", true},
    {Method::del, "/admin/v1/roles/{id}", "revokeRole", "Take a role away", Action::write_roles, Reach::object, revoke_role, kNothing, {}, ""},
    {Method::get, "/admin/v1/admin_keys", "listAdminKeys", "List admin keys", Action::read_roles, Reach::somewhere, list_admin_keys, kNothing, kPage, "[AdminKey]"},
    {Method::post, "/admin/v1/admin_keys", "createAdminKey", "Make an admin key; shown once, without a role", Action::write_roles, Reach::object, create_admin_key, kAdminKey, {}, "MadeAdminKey", true},
    {Method::get, "/admin/v1/admin_keys/{id}", "getAdminKey", "Read one", Action::read_roles, Reach::object, get_admin_key, kNothing, {}, "AdminKey"},
    {Method::del, "/admin/v1/admin_keys/{id}", "deleteAdminKey", "Delete it and its roles", Action::write_roles, Reach::object, delete_admin_key, kNothing, {}, ""},
    {Method::post, "/admin/v1/admin_keys/{id}/block", "blockAdminKey", "Refuse it until it is unblocked", Action::write_roles, Reach::object, block_admin_key, kNothing, {}, "AdminKey"},
    {Method::post, "/admin/v1/admin_keys/{id}/unblock", "unblockAdminKey", "Let it in again", Action::write_roles, Reach::object, unblock_admin_key, kNothing, {}, "AdminKey"},
    {Method::get, "/admin/v1/whoami", "whoami", "Whose credential this is, and its roles", Action::read_tree, Reach::somewhere, whoami, kNothing, {}, "Whoami"},
    {Method::get, "/admin/v1/audit", "listChanges", "The change log, newest first", Action::read_audit, Reach::everything, list_changes, kNothing, kChangeList, "[Change]"},

    {Method::get, "/admin/v1/vault", "getVault", "Counts of the vault of values behind tokens, and what its keys are used for", Action::read_config, Reach::everything, get_vault, kNothing, {}, "Vault"},
    {Method::del, "/admin/v1/vault", "eraseValues", "Erase values behind tokens; logged", Action::erase_values, Reach::object, erase_values, kNothing, kErase, "Erased"},
    {Method::post, "/admin/v1/vault/detokenise", "detokenise", "Show what tokens stand for; logged with the reason", Action::reveal_values, Reach::object, detokenise, kDetokenise, {}, "Detokenised", true},

    {Method::get, "/admin/v1/budgets", "listBudgets", "List budgets", Action::read_limits, Reach::somewhere, list_limits, kNothing, kLimitList, "[Limit]"},
    {Method::post, "/admin/v1/budgets", "createBudget", "So many US dollars in a window", Action::write_limits, Reach::object, create_limit, kBudgetMembers, {}, "Limit", true},
    {Method::get, "/admin/v1/budgets/{id}", "getBudget", "Read one, with what is used", Action::read_limits, Reach::object, get_limit, kNothing, {}, "Limit"},
    {Method::patch, "/admin/v1/budgets/{id}", "updateBudget", "Change it", Action::write_limits, Reach::object, update_limit, kBudgetMembers, {}, "Limit", true},
    {Method::del, "/admin/v1/budgets/{id}", "deleteBudget", "Delete it", Action::write_limits, Reach::object, delete_limit, kNothing, {}, ""},
    {Method::get, "/admin/v1/limits", "listLimits", "List limits", Action::read_limits, Reach::somewhere, list_limits, kNothing, kLimitList, "[Limit]"},
    {Method::post, "/admin/v1/limits", "createLimit", "So many requests or tokens in a window, or at once", Action::write_limits, Reach::object, create_limit, kLimitMembers, {}, "Limit", true},
    {Method::get, "/admin/v1/limits/{id}", "getLimit", "Read one, with what is used", Action::read_limits, Reach::object, get_limit, kNothing, {}, "Limit"},
    {Method::patch, "/admin/v1/limits/{id}", "updateLimit", "Change it", Action::write_limits, Reach::object, update_limit, kLimitMembers, {}, "Limit", true},
    {Method::del, "/admin/v1/limits/{id}", "deleteLimit", "Delete it", Action::write_limits, Reach::object, delete_limit, kNothing, {}, ""},

    {Method::get, "/admin/v1/models", "listModels", "The models of the configuration", Action::read_config, Reach::somewhere, list_models, kNothing, {}, "[Model]"},
    {Method::get, "/admin/v1/providers", "listProviders", "The providers of the configuration, without secrets", Action::read_config, Reach::everything, list_providers, kNothing, {}, "[Provider]"},
    {Method::get, "/admin/v1/config", "getConfig", "The configuration in force, without secrets", Action::read_config, Reach::everything, get_config, kNothing, {}, "Config"},
    {Method::get, "/admin/v1/usage", "getUsage", "Usage and cost by any dimension", Action::read_usage, Reach::somewhere, get_usage, kNothing, kUsage, "Usage", false, "filter"},
    {Method::get, "/admin/v1/openapi.json", "getOpenapi", "This document", Action::read_tree, Reach::somewhere, get_openapi, kNothing, {}, ""},

    // LiteLLM's routes, by its names: docs/admin-api.md says what of them is carried.
    {Method::post, "/key/generate", "litellmKeyGenerate", "LiteLLM: make a key", Action::write_keys, Reach::object, litellm_key_generate, kKeyGenerate, {}, "LiteLlm", true},
    {Method::post, "/key/update", "litellmKeyUpdate", "LiteLLM: change a key", Action::write_keys, Reach::object, litellm_key_update, kKeyGenerate, {}, "LiteLlm", true},
    {Method::get, "/key/info", "litellmKeyInfo", "LiteLLM: read a key", Action::read_keys, Reach::object, litellm_key_info, kNothing, kKeyInfo, "LiteLlm"},
    {Method::get, "/key/list", "litellmKeyList", "LiteLLM: list keys", Action::read_keys, Reach::somewhere, litellm_key_list, kNothing, kLiteKeys, "LiteLlm"},
    {Method::post, "/key/delete", "litellmKeyDelete", "LiteLLM: revoke keys", Action::stop_keys, Reach::object, litellm_key_delete, kKeyNames, {}, "LiteLlm", true},
    {Method::post, "/key/block", "litellmKeyBlock", "LiteLLM: block a key", Action::stop_keys, Reach::object, litellm_key_block, kKeyName, {}, "LiteLlm", true},
    {Method::post, "/key/unblock", "litellmKeyUnblock", "LiteLLM: unblock a key", Action::stop_keys, Reach::object, litellm_key_unblock, kKeyName, {}, "LiteLlm", true},
    {Method::post, "/key/regenerate", "litellmKeyRegenerate", "LiteLLM: rotate a key", Action::write_keys, Reach::object, litellm_key_regenerate, kKeyGenerate, {}, "LiteLlm", true},
    {Method::post, "/key/{id}/regenerate", "litellmKeyRegenerateByPath", "LiteLLM: rotate a key", Action::write_keys, Reach::object, litellm_key_regenerate, kKeyGenerate, {}, "LiteLlm", true},
    {Method::post, "/team/new", "litellmTeamNew", "LiteLLM: make a team", Action::write_tree, Reach::object, litellm_team_new, kTeam, {}, "LiteLlm", true},
    {Method::post, "/team/update", "litellmTeamUpdate", "LiteLLM: change a team", Action::write_tree, Reach::object, litellm_team_update, kTeam, {}, "LiteLlm", true},
    {Method::get, "/team/info", "litellmTeamInfo", "LiteLLM: read a team", Action::read_tree, Reach::object, litellm_team_info, kNothing, kTeamInfo, "LiteLlm"},
    {Method::get, "/team/list", "litellmTeamList", "LiteLLM: list teams", Action::read_tree, Reach::somewhere, litellm_team_list, kNothing, {}, "LiteLlm"},
    {Method::post, "/team/delete", "litellmTeamDelete", "LiteLLM: offboard teams", Action::switch_tree, Reach::object, litellm_team_delete, kTeamIds, {}, "LiteLlm", true},
    {Method::post, "/user/new", "litellmUserNew", "LiteLLM: make a user, and a key for him", Action::write_tree, Reach::object, litellm_user_new, kUser, {}, "LiteLlm", true},
    {Method::get, "/user/info", "litellmUserInfo", "LiteLLM: read a user", Action::read_tree, Reach::object, litellm_user_info, kNothing, kUserInfo, "LiteLlm"},
    {Method::get, "/spend/logs", "litellmSpendLogs", "LiteLLM: requests with their cost", Action::read_usage, Reach::everything, litellm_spend_logs, kNothing, kSpendLogs, "LiteLlm"},
    {Method::get, "/global/spend", "litellmGlobalSpend", "LiteLLM: what was spent in all", Action::read_usage, Reach::everything, litellm_global_spend, kNothing, {}, "LiteLlm"},
    {Method::get, "/model/info", "litellmModelInfo", "LiteLLM: the models", Action::read_config, Reach::somewhere, litellm_model_info, kNothing, kModelInfo, "LiteLlm"},
    // clang-format on
});
#undef GATEHOUSE_NODE_ROUTES

}  // namespace

std::span<const Route> Api::routes() { return kRoutes; }

}  // namespace gatehouse::admin
