#pragma once

#include "gatehouse/config/checks.h"
#include "gatehouse/config/field_kinds.h"
#include "gatehouse/config/fields.h"
#include "gatehouse/config/tables_guards.h"

// Tables of the sections that say who may spend what: the part of tables.cc that got a file of its own. Included there
// only.
namespace gatehouse::config::tables {

using namespace std::chrono_literals;

inline constexpr std::uint64_t kMostTokens = 1'000'000'000'000'000;
inline constexpr std::uint64_t kMostUsd = 9'000'000'000;

inline constexpr Field kRatesFields[] = {
    integer<&Rates::requests_per_minute>("requests_per_minute", 0, kMostTokens, "Zero is no limit, here and below."),
    integer<&Rates::requests_per_day>("requests_per_day", 0, kMostTokens, "By the calendar, in UTC."),
    integer<&Rates::tokens_per_minute>("tokens_per_minute", 0, kMostTokens, "Prompt and completion together."),
    integer<&Rates::tokens_per_day>("tokens_per_day", 0, kMostTokens, "Prompt and completion together."),
    integer<&Rates::concurrency>("concurrency", 0, 1'000'000, "Requests in flight."),
};
inline constexpr Section kNodeLimits{
    .name = "orgs[].limits",
    .description = "Rates of everybody below this node together; the same for units, teams, projects and users.",
    .fields = kRatesFields};
inline constexpr Section kKeyLimits{
    .name = "keys[].limits", .description = "Rates of this key.", .fields = kRatesFields};
inline constexpr Section kProviderLimits{
    .name = "providers[].limits",
    .description = "What this provider can take from all callers together; beyond it requests wait in the queue.",
    .fields = kRatesFields};
inline constexpr Section kPolicyLimits{
    .name = "policies[].limits", .description = "Rates of each team it applies to.", .fields = kRatesFields};

inline constexpr Field kTreeFields[] = {
    text<&TreeNode::name>("name", Charset::label, 1, 256, "What keys, budgets and reports call it.").required(),
    scope<&TreeNode::parent>("parent",
                             "The node above: `org:acme` for a unit, `unit:emea` for a team. Default: the org "
                             "`default`."),
    boolean<&TreeNode::active>("active", "False: nobody below it may call."),
    section<&TreeNode::limits>("limits", kNodeLimits),
};
inline constexpr Section kOrgs{.name = "orgs[]",
                               .description =
                                   "The identity tree is org, unit, team, project, user, key. What keys name "
                                   "is made by itself; write it down to give it a parent or limits.",
                               .fields = kTreeFields,
                               .after = check_tree_node};
inline constexpr Section kUnits{
    .name = "units[]", .description = "Business units.", .fields = kTreeFields, .after = check_tree_node};
inline constexpr Section kTeams{
    .name = "teams[]", .description = "Teams.", .fields = kTreeFields, .after = check_tree_node};
inline constexpr Section kProjects{
    .name = "projects[]", .description = "Projects.", .fields = kTreeFields, .after = check_tree_node};
inline constexpr Section kUsers{
    .name = "users[]", .description = "People or services.", .fields = kTreeFields, .after = check_tree_node};

inline constexpr Choice kNotify[] = {choice_of("none", Notify::none), choice_of("webhook", Notify::webhook)};
inline constexpr Field kOnSoftFields[] = {
    text<&OnSoft::downgrade_to>("downgrade_to", Charset::visible, 1, 256, "A configured model to use instead."),
    choice<&OnSoft::notify, kNotify>("notify", "Whom to tell, once a window."),
};
inline constexpr Section kOnSoft{.name = "budgets[].on_soft",
                                 .description =
                                     "What happens once `soft` is reached. A warning field "
                                     "(`x-gatehouse-warning`) stands in each answer then.",
                                 .fields = kOnSoftFields};

inline constexpr Choice kBudgetWindows[] = {
    choice_of("minute", BudgetWindow::minute), choice_of("hour", BudgetWindow::hour),
    choice_of("day", BudgetWindow::day),       choice_of("week", BudgetWindow::week),
    choice_of("month", BudgetWindow::month),   choice_of("lifetime", BudgetWindow::lifetime)};
inline constexpr Field kBudgetFields[] = {
    scope<&Budget::scope>("scope",
                          "Whose spending it bounds: `team:support`, `key:ci`, `org:acme`, `end_user:*` (each end user "
                          "by itself), `tag:feature=chat`.")
        .required(),
    choice<&Budget::window, kBudgetWindows>("window", "Over which time; weeks begin on Monday."),
    boolean<&Budget::rolling>("rolling", "The last 24 hours, 7 days, 30 days ... instead of the calendar's."),
    text<&Budget::time_zone>("time_zone", Charset::visible, 1, 64,
                             "Of calendar days, weeks and months: a name such as `Europe/Berlin`. Default: UTC."),
    decimal<&Budget::usd>("usd", 0, kMostUsd, "US dollars in a window."),
    integer<&Budget::tokens>("tokens", 0, kMostTokens, "Prompt and completion tokens in a window; zero is no limit."),
    integer<&Budget::prompt_tokens>("prompt_tokens", 0, kMostTokens, "Of them the prompts'."),
    integer<&Budget::completion_tokens>("completion_tokens", 0, kMostTokens, "Of them the completions'."),
    integer<&Budget::requests>("requests", 0, kMostTokens, "Requests in a window."),
    patterns<&Budget::models>("models", "Counts and bounds only calls of these models. Default: all."),
    decimal<&Budget::soft>("soft", 0, 1, "The share of the amount from which on `on_soft` holds; 0 is never."),
    section<&Budget::on_soft>("on_soft", kOnSoft),
};
inline constexpr Section kBudgets{
    .name = "budgets[]",
    .description =
        "How much may be spent. Held before a request is forwarded, at its worst case and on every node "
        "above the caller, and settled from the provider's own count (docs/limits.md).",
    .fields = kBudgetFields,
    .after = check_budget};

inline constexpr Field kAppliesToFields[] = {
    texts<&AppliesTo::orgs>("orgs", Charset::label, "Callers of these. Default: everybody, here and below."),
    texts<&AppliesTo::units>("units", Charset::label, "Business units."),
    texts<&AppliesTo::teams>("teams", Charset::label, "Teams; each has the policy's limits to itself."),
    texts<&AppliesTo::projects>("projects", Charset::label, "Projects."),
    texts<&AppliesTo::users>("users", Charset::label, "Users."),
    texts<&AppliesTo::keys>("keys", Charset::label, "Keys, by their names."),
    patterns<&AppliesTo::models>("models", "Calls of these models only. Default: all."),
    texts<&AppliesTo::operations>("operations", Charset::name, "Such as `chat_completions`. Default: all."),
    texts<&AppliesTo::tags>("tags", Charset::label, "`feature=chat`: requests that carry one of them."),
    text<&AppliesTo::days>("days", Charset::visible, 1, 64, "`mon-fri` or `sat,sun`. Default: every day."),
    text<&AppliesTo::from>("from", Charset::visible, 4, 5, "`08:00`. Default: all day."),
    text<&AppliesTo::to>("to", Charset::visible, 4, 5, "`18:00`; may be past midnight."),
    text<&AppliesTo::time_zone>("time_zone", Charset::visible, 1, 64, "Default: UTC."),
};
inline constexpr Section kAppliesTo{
    .name = "policies[].applies_to", .description = "Whom it is for.", .fields = kAppliesToFields};
inline constexpr Field kPolicyFields[] = {
    text<&Policy::name>("name", Charset::visible, 1, 128, "What records call it.").required(),
    section<&Policy::applies_to>("applies_to", kAppliesTo),
    section<&Policy::limits>("limits", kPolicyLimits),
    section<&Policy::guards>("guards", kGuards),
};
inline constexpr Section kPolicies{.name = "policies[]",
                                   .description = "Rules for some callers and models.",
                                   .fields = kPolicyFields,
                                   .after = check_policy};

inline constexpr Field kPriceFields[] = {
    text<&Price::provider>("provider", Charset::name, 1, 64, "A configured provider. Default: any."),
    text<&Price::model>("model", Charset::pattern, 1, 256, "The model as the provider calls it; may end in `*`.")
        .required(),
    boolean<&Price::free>("free", "It costs nothing: one's own hardware."),
    decimal<&Price::input>("input", 0, 1'000'000, "US dollars per million prompt tokens."),
    decimal<&Price::output>("output", 0, 1'000'000, "Per million completion tokens."),
    decimal<&Price::cached>("cached", 0, 1'000'000, "Per million prompt tokens read from the provider's cache."),
    decimal<&Price::cache_write>("cache_write", 0, 1'000'000, "Per million prompt tokens written to it."),
    decimal<&Price::reasoning>("reasoning", 0, 1'000'000, "Per million reasoning tokens, where they cost otherwise."),
    decimal<&Price::request>("request", 0, 1'000'000, "Per thousand requests."),
    integer<&Price::context_tokens>("context_tokens", 0, 4'000'000'000, "Its context window; 0: as built in."),
    integer<&Price::max_output_tokens>("max_output_tokens", 0, 4'000'000'000,
                                       "The longest completion; 0: as built in."),
};
inline constexpr Section kPrices{.name = "prices[]",
                                 .description =
                                     "Your own prices; they go before the built-in catalogue "
                                     "(`gatehouse models`).",
                                 .fields = kPriceFields};
inline constexpr Field kUnknownPriceFields[] = {
    decimal<&UnknownPrice::input>("input", 0, 1'000'000, "US dollars per million prompt tokens."),
    decimal<&UnknownPrice::output>("output", 0, 1'000'000, "Per million completion tokens."),
    decimal<&UnknownPrice::request>("request", 0, 1'000'000,
                                    "US dollars for a call whose tokens nobody can count (files, images, audio)."),
};
inline constexpr Section kUnknownPrice{.name = "unknown_price",
                                       .description = "What a model without a known price is taken to cost.",
                                       .fields = kUnknownPriceFields};

inline constexpr Field kCompletionFields[] = {
    integer<&Completion::default_tokens>("default_tokens", 1, 10'000'000,
                                         "Held for a call that sets no limit of its own, until the model's answers "
                                         "taught better; never more than the model can give."),
    integer<&Completion::least_tokens>("least_tokens", 1, 1'000'000,
                                       "When money runs out: a call is given a smaller limit rather than refused, down "
                                       "to this."),
};
inline constexpr Section kCompletion{.name = "completion",
                                     .description =
                                         "How much of an answer is paid for beforehand, where a budget or "
                                         "token limit applies. The limit is sent to the provider.",
                                     .fields = kCompletionFields};

inline constexpr Field kQueueFields[] = {
    duration<&Queue::max_wait>("max_wait", 0ms, 1h, "The longest wait; 0 refuses at once."),
    integer<&Queue::max_waiting>("max_waiting", 0, 1'000'000, "Requests that may wait in all."),
    integer<&Queue::max_waiting_per_tenant>("max_waiting_per_tenant", 1, 1'000'000, "Of one tenant (the top team)."),
};
inline constexpr Section kQueue{.name = "queue",
                                .description =
                                    "Requests wait for a limit or a provider's capacity rather than being "
                                    "refused: by priority, then fairly among teams.",
                                .fields = kQueueFields};
inline constexpr Field kWeightFields[] = {
    scope<&WeightRule::scope>("scope", "Whose share it is.").required(),
    integer<&WeightRule::weight>("weight", 1, 1000, "Its share among those who wait.").required(),
    text<&WeightRule::days>("days", Charset::visible, 1, 64, "`mon-fri` or `sat,sun`. Default: every day."),
    text<&WeightRule::from>("from", Charset::visible, 4, 5, "`08:00`. Default: all day."),
    text<&WeightRule::to>("to", Charset::visible, 4, 5, "`18:00`; may be past midnight."),
    text<&WeightRule::time_zone>("time_zone", Charset::visible, 1, 64, "Default: UTC."),
};
inline constexpr Section kWeights{
    .name = "weights[]", .description = "Shares of waiting requests by time of day.", .fields = kWeightFields};

inline constexpr Field kLedgerFields[] = {
    integer<&Ledger::keep_days>("keep_days", 1, 36'500, "How long single requests are kept; sums stay."),
    duration<&Ledger::sync_interval>("sync_interval", 10ms, 1h,
                                     "How often it is forced to the disk. A killed process loses nothing in any case; "
                                     "a machine without power loses at most this."),
    size<&Ledger::journal_bytes>("journal_bytes", 1ULL << 20, 16ULL << 30,
                                 "Journal of each worker; when it is full, requests are refused rather than lost."),
};
inline constexpr Section kLedger{
    .name = "ledger", .description = "The usage ledger (needs `store`).", .fields = kLedgerFields};

inline constexpr Field kWebhookFields[] = {
    text<&Webhook::url>("url", Charset::visible, 8, 2048, "https, or http on loopback.").required(),
    secret<&Webhook::secret>("secret", 16, 1024, "Signs each message (`x-gatehouse-signature`).").required(),
};
inline constexpr Section kWebhook{
    .name = "webhook", .description = "Where events are sent (soft limits, anomalies).", .fields = kWebhookFields};

inline constexpr Field kAnomaliesFields[] = {
    boolean<&Anomalies::enabled>("enabled", "Watches each principal's own pattern."),
    decimal<&Anomalies::threshold>("threshold", 1, 100, "How many deviations from what is usual raise an alert."),
    boolean<&Anomalies::throttle>("throttle", "Whether a principal is slowed down while it lasts."),
    choice<&Anomalies::notify, kNotify>("notify", "Whom to tell."),
};
inline constexpr Section kAnomalies{.name = "anomalies",
                                    .description =
                                        "Token rate, spending, refusals and failed sign-ins that leave a "
                                        "principal's own pattern.",
                                    .fields = kAnomaliesFields};

inline constexpr Field kJwtFields[] = {
    text<&JwtIssuer::issuer>("issuer", Charset::visible, 1, 2048, "As `iss` has it.").required(),
    text<&JwtIssuer::jwks_url>("jwks_url", Charset::visible, 8, 2048, "Its keys: https, or http on loopback.")
        .required(),
    texts<&JwtIssuer::audiences>("audiences", Charset::visible, "One of them must be in `aud`.").required(),
    texts<&JwtIssuer::algorithms>("algorithms", Charset::visible,
                                  "Default: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA."),
    duration<&JwtIssuer::leeway>("leeway", 0ms, 10min, "For clocks that differ."),
    {.name = "claims",
     .kind = Kind::map,
     .description = "Which claim gives which place: `team: groups.0`. Ours: org, unit, team, project, user, priority.",
     .min = 1,
     .max = 256,
     .read = read_claims},
    patterns<&JwtIssuer::models>("models", "Models its callers may use. Default: all."),
};
inline constexpr Section kJwt{
    .name = "auth.jwt[]", .description = "Issuers whose tokens are taken as keys.", .fields = kJwtFields};

inline constexpr Field kRoleFields[] = {
    text<&RoleBinding::user>("user", Charset::label, 1, 256, "A user of the tree, or a sign-on's subject.").required(),
    text<&RoleBinding::role>("role", Charset::name, 1, 64, "owner, security-admin, operator, developer or auditor.")
        .required(),
    scope<&RoleBinding::scope>("scope", "The node it holds for, with all below. Default: everything."),
};
inline constexpr Section kRoles{
    .name = "roles[]", .description = "Who may do what on the admin API.", .fields = kRoleFields, .after = check_role};

}  // namespace gatehouse::config::tables
