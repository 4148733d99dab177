#pragma once

#include "gatehouse/config/checks.h"
#include "gatehouse/config/field_kinds.h"
#include "gatehouse/config/fields.h"

// Tables of what is looked for in texts: the part of tables.cc that got a file of its own. Included by
// tables_govern.h only.
namespace gatehouse::config::tables {

template <class E>
constexpr Choice choice_of(std::string_view name, E value) {
  return {.name = name, .value = static_cast<int>(value)};
}

inline constexpr Choice kGuardActions[] = {
    choice_of("allow", GuardAction::allow), choice_of("log", GuardAction::log), choice_of("flag", GuardAction::flag),
    choice_of("redact", GuardAction::redact), choice_of("block", GuardAction::block)};
inline constexpr Choice kGuardModes[] = {choice_of("enforce", GuardMode::enforce),
                                         choice_of("monitor", GuardMode::monitor),
                                         choice_of("shadow", GuardMode::shadow)};
inline constexpr Choice kGuardFailures[] = {choice_of("closed", GuardFailure::closed),
                                            choice_of("open", GuardFailure::open)};
inline constexpr Choice kRedactStyles[] = {
    choice_of("token", RedactStyle::token),         choice_of("format_preserving", RedactStyle::format_preserving),
    choice_of("surrogate", RedactStyle::surrogate), choice_of("mask", RedactStyle::mask),
    choice_of("hash", RedactStyle::hash),           choice_of("placeholder", RedactStyle::placeholder)};
inline constexpr Choice kModelUses[] = {choice_of("automatic", ModelUse::automatic),
                                        choice_of("required", ModelUse::required), choice_of("off", ModelUse::off)};
inline constexpr Choice kSpotlights[] = {choice_of("none", Spotlight::none), choice_of("mark", Spotlight::mark),
                                         choice_of("delimit", Spotlight::delimit)};

// What all families share.
inline constexpr Field kGuardRequest = choice<&GuardRule::request, kGuardActions>(
    "request", "What is done about a finding in a request: allow, log, flag, redact, block.");
inline constexpr Field kGuardResponse =
    choice<&GuardRule::response, kGuardActions>("response", "What is done about one in an answer.");
inline constexpr Field kGuardAction =
    choice<&GuardRule::action, kGuardActions>("action", "Both at once, where `request` or `response` is not given.");
inline constexpr Field kGuardEntities = {
    .name = "entities",
    .kind = Kind::map,
    .description = "Other actions for some entities: `CREDIT_CARD: block` (`gatehouse guard entities` lists them).",
    .min = 1,
    .max = 64,
    .choices = kGuardActions,
    .read = read_entity_actions};
inline constexpr Field kGuardThreshold = decimal<&GuardRule::threshold>(
    "threshold", 0, 1,
    "Findings with a smaller score are none. Default: 0.5, which `gatehouse guard eval` measures at.");
inline constexpr Field kGuardMode =
    choice<&GuardRule::mode, kGuardModes>("mode",
                                          "`monitor` records what would be done; `shadow` compares a candidate with "
                                          "what is enforced, and counts the differences.");
inline constexpr Field kGuardOnFailure = choice<&GuardRule::on_failure, kGuardFailures>(
    "on_failure", "When a text cannot be judged: `closed` refuses, `open` lets it pass and says so.");
inline constexpr Field kGuardStyle = choice<&GuardRule::style, kRedactStyles>(
    "style", "What stands in place of what is redacted; `token` can be restored (docs/redaction.md).");
inline constexpr Field kGuardRestore =
    boolean<&GuardRule::restore>("restore", "With `token`: whether callers get the values back in the answer.");
inline constexpr Field kGuardPerTenant = boolean<&GuardRule::per_tenant>(
    "per_tenant", "With `token`: the same token for a value in all conversations of a tenant, not in one only.");

inline constexpr Field kGuardModel = choice<&GuardRule::model, kModelUses>(
    "model",
    "Whether the learned models of `semantic` are asked too: `automatic` where they are there and answer in time, "
    "`required` treats a text that they did not read as one that cannot be judged, `off` goes by patterns alone.");

inline constexpr Field kPiiFields[] = {kGuardAction,    kGuardRequest, kGuardResponse, kGuardEntities,
                                       kGuardThreshold, kGuardStyle,   kGuardRestore,  kGuardPerTenant,
                                       kGuardModel,     kGuardMode,    kGuardOnFailure};
inline constexpr Field kPatternFields[] = {kGuardAction,    kGuardRequest,  kGuardResponse, kGuardEntities,
                                           kGuardThreshold, kGuardStyle,    kGuardRestore,  kGuardPerTenant,
                                           kGuardMode,      kGuardOnFailure};
inline constexpr Section kPiiGuard{
    .name = "policies[].guards.pii", .description = "Personal data. Default: redact.", .fields = kPiiFields};
inline constexpr Section kSecretsGuard{.name = "policies[].guards.secrets",
                                       .description =
                                           "Keys, passwords and other credentials. Default: block requests, redact "
                                           "answers.",
                                       .fields = kPatternFields};
inline constexpr Section kTermsGuard{.name = "policies[].guards.terms",
                                     .description = "The entities of the section `entities`. Default: block.",
                                     .fields = kPatternFields};
inline constexpr Field kInjectionFields[] = {
    kGuardAction,
    kGuardEntities,
    kGuardThreshold,
    choice<&GuardRule::spotlight, kSpotlights>(
        "spotlight", "Marks text that comes from tools and documents, and tells the model not to obey it."),
    kGuardModel,
    kGuardMode,
    kGuardOnFailure};
inline constexpr Section kInjectionGuard{
    .name = "policies[].guards.injection",
    .description =
        "Attempts to turn the model against its instructions, in what callers and tools say. Default: block.",
    .fields = kInjectionFields};
inline constexpr Field kLeakageFields[] = {
    kGuardAction,
    integer<&GuardRule::words>("words", 4, 200, "That many words of the system prompt in a row are a leak."),
    boolean<&GuardRule::canary>("canary", "A marker is put into the system prompt; where it comes out, it leaked."),
    kGuardMode, kGuardOnFailure};
inline constexpr Section kLeakageGuard{.name = "policies[].guards.leakage",
                                       .description = "The system prompt in an answer. Default: block.",
                                       .fields = kLeakageFields};
inline constexpr Field kUnsafeFields[] = {kGuardAction,    kGuardRequest, kGuardResponse, kGuardEntities,
                                          kGuardThreshold, kGuardMode,    kGuardOnFailure};
inline constexpr Section kUnsafeGuard{
    .name = "policies[].guards.unsafe_output",
    .description = "Code, links and control sequences in an answer that harm whoever runs or shows it. Default: flag.",
    .fields = kUnsafeFields};

inline constexpr Field kAnswerFields[] = {
    texts<&AnswerGuard::languages>("languages", Charset::name, "In which an answer may be (`en`, `de`). Default: any."),
    integer<&AnswerGuard::max_characters>("max_characters", 0, 1'000'000'000, "Zero is no limit."),
    choice<&AnswerGuard::action, kGuardActions>("action", "For another language or a longer answer."),
    choice<&AnswerGuard::refusal, kGuardActions>("refusal", "For an answer that declines: `log` or `flag`."),
    choice<&AnswerGuard::mode, kGuardModes>("mode", "As above."),
};
inline constexpr Section kAnswerGuard{
    .name = "policies[].guards.answer", .description = "What an answer must be like.", .fields = kAnswerFields};
inline constexpr Field kSchemaRepairFields[] = {
    integer<&SchemaRepair::attempts>("attempts", 0, 3,
                                     "How often, at most, the model is asked again for an answer that does not satisfy "
                                     "its schema; each time is charged."),
    duration<&SchemaRepair::within>("within", milliseconds(1'000), milliseconds(600'000),
                                    "All of it takes no longer than this."),
};
inline constexpr Section kSchemaRepair{
    .name = "policies[].guards.schema.repair",
    .description = "Before `action` the model is told what is wrong with its answer and asked again.",
    .fields = kSchemaRepairFields};
inline constexpr Field kSchemaFields[] = {
    input<&SchemaGuard::file>("file", "A JSON Schema that every answer's text must satisfy."),
    boolean<&SchemaGuard::requested>("requested", "Answers are held to the request's own `response_format`."),
    section<&SchemaGuard::repair>("repair", kSchemaRepair),
    choice<&SchemaGuard::action, kGuardActions>("action", "For an answer that does not satisfy it."),
    choice<&SchemaGuard::mode, kGuardModes>("mode", "As above."),
};
inline constexpr Section kSchemaGuard{
    .name = "policies[].guards.schema", .description = "Structured answers.", .fields = kSchemaFields};
inline constexpr Field kInputLimitFields[] = {
    integer<&InputLimits::messages>("messages", 0, 1'000'000, "Zero is no limit, here and below."),
    integer<&InputLimits::message_characters>("message_characters", 0, 1'000'000'000, "Of one message."),
    integer<&InputLimits::total_tokens>("total_tokens", 0, 1'000'000'000, "Of all texts."),
    integer<&InputLimits::system_tokens>("system_tokens", 0, 1'000'000'000, "Of the system's and developer's."),
    integer<&InputLimits::user_tokens>("user_tokens", 0, 1'000'000'000, "Of the user's."),
    integer<&InputLimits::tool_tokens>("tool_tokens", 0, 1'000'000'000, "Of tools' results."),
    integer<&InputLimits::depth>("depth", 0, 128, "Of the body: arrays and objects inside each other."),
    integer<&InputLimits::tools>("tools", 0, 100'000, "Tools that are offered."),
    integer<&InputLimits::media>("media", 0, 100'000, "Images, audio and files."),
};
inline constexpr Section kInputLimits{.name = "policies[].guards.limits",
                                      .description = "How much a request may hold; beyond it, it is refused.",
                                      .fields = kInputLimitFields};
inline constexpr Field kConversationFields[] = {
    decimal<&ConversationGuard::warn>("warn", 0, 100, "From this risk on a warning stands in the answer; 0 is never."),
    decimal<&ConversationGuard::tighten>("tighten", 0, 100, "From here on flagged is redacted or blocked."),
    decimal<&ConversationGuard::reroute>("reroute", 0, 100, "From here on `model` answers."),
    decimal<&ConversationGuard::end>("end", 0, 100, "From here on every further request of it is refused."),
    text<&ConversationGuard::model>("model", Charset::visible, 1, 256, "A configured model for `reroute`."),
    duration<&ConversationGuard::half_life>("half_life", milliseconds(1'000), milliseconds(30LL * 24 * 3600 * 1000),
                                            "After which a risk counts half."),
    boolean<&ConversationGuard::assemble>("assemble",
                                          "Looks for values and attacks that are put together over several turns."),
    choice<&ConversationGuard::mode, kGuardModes>("mode", "As above."),
};
inline constexpr Section kConversationGuard{
    .name = "policies[].guards.conversation",
    .description = "Risk that gathers over the turns of a conversation (docs/conversations.md).",
    .fields = kConversationFields};
inline constexpr Choice kBlockEndings[] = {choice_of("content_filter", BlockEnding::content_filter),
                                           choice_of("error", BlockEnding::error)};
inline constexpr Field kGuardsFields[] = {
    section<&Guards::pii>("pii", kPiiGuard),
    section<&Guards::secrets>("secrets", kSecretsGuard),
    section<&Guards::injection>("injection", kInjectionGuard),
    section<&Guards::leakage>("leakage", kLeakageGuard),
    section<&Guards::unsafe_output>("unsafe_output", kUnsafeGuard),
    section<&Guards::terms>("terms", kTermsGuard),
    section<&Guards::answer>("answer", kAnswerGuard),
    section<&Guards::schema>("schema", kSchemaGuard),
    section<&Guards::limits>("limits", kInputLimits),
    section<&Guards::conversation>("conversation", kConversationGuard),
    texts<&Guards::callouts>("callouts", Charset::name, "Guards of the section `callouts` that are asked."),
    choice<&Guards::ending, kBlockEndings>("ending",
                                           "How a stream ends that is blocked in the middle: with the dialect's "
                                           "finish reason, or with an error."),
};
inline constexpr Section kGuards{.name = "policies[].guards",
                                 .description =
                                     "What is looked for in texts, and what is done about it. Of several policies "
                                     "that apply, the strictest holds (docs/guards.md).",
                                 .fields = kGuardsFields};

inline constexpr Choice kChecksums[] = {
    choice_of("none", EntityChecksum::none), choice_of("luhn", EntityChecksum::luhn),
    choice_of("mod97", EntityChecksum::mod97), choice_of("mod11", EntityChecksum::mod11),
    choice_of("verhoeff", EntityChecksum::verhoeff)};
inline constexpr Field kEntityFields[] = {
    text<&CustomEntity::name>("name", Charset::name, 1, 64, "What policies and findings call it.").required(),
    text<&CustomEntity::pattern>("pattern", Charset::label, 1, 4096, "A regular expression (RE2)."),
    texts<&CustomEntity::words>("words", Charset::label, "Terms."),
    input<&CustomEntity::file>("file", "Terms, one a line; up to a million."),
    {.name = "topic",
     .kind = Kind::map,
     .description = "Words and their weights: found where those of different words near each other reach `threshold`.",
     .min = 1,
     .max = 128,
     .read = read_topic},
    decimal<&CustomEntity::threshold>("threshold", 0, 1000, "Of a topic."),
    boolean<&CustomEntity::caseless>("caseless", "Upper and lower case are the same."),
    boolean<&CustomEntity::whole_words>("whole_words", "Only where it does not go on as a word."),
    choice<&CustomEntity::checksum, kChecksums>("checksum", "Which the digits of a match of `pattern` must satisfy."),
    decimal<&CustomEntity::score>("score", 0, 1, "How sure a match is."),
};
inline constexpr Section kEntities{.name = "entities[]",
                                   .description = "What else to look for: your own identifiers, names and terms.",
                                   .fields = kEntityFields,
                                   .after = check_entity};

inline constexpr Choice kCalloutShapes[] = {choice_of("openai_moderation", CalloutShape::openai_moderation),
                                            choice_of("webhook", CalloutShape::webhook)};
inline constexpr Field kCalloutFields[] = {
    text<&Callout::name>("name", Charset::name, 1, 64, "What policies call it.").required(),
    choice<&Callout::shape, kCalloutShapes>("shape", "What it speaks (docs/guards.md)."),
    text<&Callout::url>("url", Charset::visible, 8, 2048, "https, or http on loopback.").required(),
    secret<&Callout::key>("key", 1, 4096, "Sent as a bearer token."),
    text<&Callout::model>("model", Charset::visible, 1, 256, "For `openai_moderation`."),
    boolean<&Callout::request>("request", "It is shown requests."),
    boolean<&Callout::response>("response", "It is shown answers; a stream is held until it has judged."),
    duration<&Callout::timeout>("timeout", milliseconds(10), milliseconds(60'000), "Of one call."),
    choice<&Callout::on_failure, kGuardFailures>("on_failure", "When it cannot be asked."),
    choice<&Callout::action, kGuardActions>("action",
                                            "The most that is done when it objects: allow, log, flag, block."),
    decimal<&Callout::threshold>("threshold", 0, 1, "Of a category's score; 0 goes by its own verdict."),
    integer<&Callout::breaker_failures>("breaker_failures", 1, 1000, "Failures in a row after which it is not asked."),
    duration<&Callout::breaker_pause>("breaker_pause", milliseconds(100), milliseconds(3'600'000), "For so long."),
};
inline constexpr Section kCallouts{.name = "callouts[]",
                                   .description = "External guards, asked over HTTP.",
                                   .fields = kCalloutFields,
                                   .after = check_callout};
inline constexpr Field kGuardSettingsFields[] = {
    duration<&GuardSettings::budget>("budget", milliseconds(1), milliseconds(10'000),
                                     "Time for the texts of one request; beyond it `on_failure` decides."),
    size<&GuardSettings::window_bytes>("window", 4096, 4ULL << 20, "Of a stream, held back at most."),
    duration<&GuardSettings::retention>("retention", milliseconds(60'000), milliseconds(3650LL * 24 * 3600 * 1000),
                                        "How long the values behind tokens are kept."),
    secret<&GuardSettings::vault_secret>("vault_secret", 32, 1024,
                                         "Seals those values. Default: one that is made and kept beside the store."),
    boolean<&GuardSettings::capture>("capture", "Findings are recorded with the text that was found."),
};
inline constexpr Section kGuard{.name = "guard", .description = "Of all guards.", .fields = kGuardSettingsFields};

}  // namespace gatehouse::config::tables
