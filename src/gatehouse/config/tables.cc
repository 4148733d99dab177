#include <array>
#include <iterator>

#include <fmt/format.h>

#include "gatehouse/config/checks.h"
#include "gatehouse/config/field_kinds.h"
#include "gatehouse/config/fields.h"
#include "gatehouse/config/tables_govern.h"
#include "gatehouse/config/tables_providers.h"
#include "gatehouse/config/tables_semantic.h"

namespace gatehouse::config {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kKiB = 1ULL << 10;
constexpr std::uint64_t kMiB = 1ULL << 20;
constexpr std::uint64_t kGiB = 1ULL << 30;

template <class E>
constexpr Choice pick(std::string_view name, E value) {
  return {.name = name, .value = static_cast<int>(value)};
}

// --- listen

constexpr Choice kClientAuth[] = {pick("none", ClientAuth::none), pick("optional", ClientAuth::optional),
                                  pick("required", ClientAuth::required)};
constexpr Choice kTlsVersions[] = {pick("1.2", TlsVersion::tls1_2), pick("1.3", TlsVersion::tls1_3)};
constexpr Choice kProxyProtocol[] = {pick("off", ProxyProtocol::off), pick("required", ProxyProtocol::required)};

constexpr Field kTlsFields[] = {
    input<&ListenTls::cert>("cert", "Certificate chain, PEM, leaf first.").required(),
    input<&ListenTls::key>("key", "Its private key, PEM.").required(),
    input<&ListenTls::client_ca>("client_ca", "Authorities that client certificates must come from, PEM."),
    choice<&ListenTls::client_auth, kClientAuth>("client_auth", "Whether clients show a certificate (mutual TLS)."),
    choice<&ListenTls::min_version, kTlsVersions>("min_version", "Oldest TLS version that is spoken."),
};
constexpr Section kTls{.name = "listen.tls",
                       .description = "TLS on the data plane. The files are read again when they change.",
                       .fields = kTlsFields,
                       .after = check_listen_tls};
constexpr Section kAdminTls{.name = "listen.admin_tls",
                            .description = "TLS on the admin port; the same fields.",
                            .fields = kTlsFields,
                            .after = check_listen_tls};

constexpr Field kListenFields[] = {
    listen<&Listen::api>("api",
                         "Where the LLM APIs are served: an IP address (or `localhost`) and a port, or a list of "
                         "them. Port 0 lets the system choose."),
    listen<&Listen::admin>("admin", "Where console, admin API, metrics and health are served."),
    section<&Listen::tls>("tls", kTls),
    section<&Listen::admin_tls>("admin_tls", kAdminTls),
    choice<&Listen::proxy_protocol, kProxyProtocol>(
        "proxy_protocol", "`required`: every connection to `api` begins with a PROXY protocol version 2 header."),
    blocks<&Listen::trusted_proxies>("trusted_proxies",
                                     "Peers whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed."),
    integer<&Listen::backlog>("backlog", 1, 65535, "Connections that may wait to be accepted."),
};
constexpr Section kListen{
    .name = "listen", .description = "Addresses and ports.", .fields = kListenFields, .after = check_listen};

// --- workers, limits, timeouts

constexpr Field kWorkersFields[] = {
    integer<&Workers::threads>("threads", 0, 256, "Threads that serve connections; 0 is one a core."),
};
constexpr Section kWorkers{.name = "workers", .description = "Threads.", .fields = kWorkersFields};

constexpr Field kLimitsFields[] = {
    size<&Limits::head_bytes>("head_bytes", kKiB, kMiB, "Request line and header fields together."),
    integer<&Limits::head_fields>("head_fields", 8, 1000, "Header fields of a request."),
    size<&Limits::body_bytes>("body_bytes", kKiB, kGiB, "A request body."),
    size<&Limits::upload_bytes>("upload_bytes", kKiB, 64 * kGiB,
                                "A multipart request body of an operation that is passed through."),
    size<&Limits::answer_bytes>("answer_bytes", kKiB, kGiB, "An upstream's answer that is not streamed."),
    size<&Limits::event_bytes>("event_bytes", kKiB, 256 * kMiB, "One server-sent event of an upstream."),
    integer<&Limits::connections>("connections", 1, 1'000'000, "Open client connections a worker."),
    integer<&Limits::requests_per_connection>("requests_per_connection", 0, 1'000'000'000,
                                              "Requests of a connection before it is closed; 0 is no limit."),
};
constexpr Section kLimits{
    .name = "limits", .description = "What a request may cost before it is refused.", .fields = kLimitsFields};

constexpr Field kTimeoutsFields[] = {
    duration<&Timeouts::head>("head", 100ms, 10min, "From a request's first byte to the end of its head."),
    duration<&Timeouts::body>("body", 100ms, 24h, "A whole request body."),
    integer<&Timeouts::body_min_rate>("body_min_rate", 0, kGiB,
                                      "Bytes a second that a request body must keep up; 0 is any."),
    duration<&Timeouts::idle>("idle", 100ms, 24h, "Between two requests of a connection."),
    duration<&Timeouts::write>("write", 100ms, 24h, "Without progress when writing to a client."),
    duration<&Timeouts::request>("request", 100ms, 24h, "A whole request with its answer."),
    duration<&Timeouts::connect>("connect", 10ms, 10min, "Name look-up and TCP connection to a provider."),
    duration<&Timeouts::tls_handshake>("tls_handshake", 10ms, 10min, "A TLS handshake on either side."),
    duration<&Timeouts::first_byte>("first_byte", 10ms, 24h,
                                    "From a request sent to the first byte of the provider's answer."),
    duration<&Timeouts::between_bytes>("between_bytes", 10ms, 24h, "Silence within a provider's answer."),
    duration<&Timeouts::drain>("drain", 0ms, 24h, "For requests in flight when the gateway stops."),
};
constexpr Section kTimeouts{.name = "timeouts", .description = "How long things may take.", .fields = kTimeoutsFields};

// --- sandbox

constexpr Field kSandboxFields[] = {
    boolean<&Sandbox::enabled>("enabled", "Adds the provider `sandbox` and its models."),
    integer<&Sandbox::pace_tokens_per_second>("pace_tokens_per_second", 0, 100'000,
                                              "Pace of its streams; 0 is as fast as it goes."),
    integer<&Sandbox::first_token_ms>("first_token_ms", 0, 600'000,
                                      "Milliseconds before the first token of its answers."),
};
constexpr Section kSandbox{.name = "sandbox",
                           .description = "The provider inside the gateway, for trying things out without a key.",
                           .fields = kSandboxFields,
                           .after = add_sandbox};

// --- passthrough

constexpr Field kPassthroughFields[] = {
    provider<&Passthrough::provider>("provider",
                                     "The name of a provider. Without it they go to the only provider there is, and "
                                     "are refused where there are several.")
        .required(),
};
constexpr Section kPassthrough{.name = "passthrough",
                               .description = "Where requests go that name no model (files, batches, uploads).",
                               .fields = kPassthroughFields};

// --- models

constexpr Choice kStrategies[] = {pick("weighted", Strategy::weighted)};
constexpr std::string_view kStrategiesToCome[] = {"lowest_latency", "lowest_cost", "least_busy", "headroom", "by_task"};
constexpr std::string_view kModelFieldsToCome[] = {"fallbacks"};

constexpr Choice kTranslations[] = {pick("lenient", Translation::lenient), pick("strict", Translation::strict)};

constexpr Field kTargetFields[] = {
    provider<&Target::provider>("provider", "The name of a provider.").required(),
    text<&Target::model>("model", Charset::target_model, 1, 256,
                         "The model as the provider calls it. `*` stands for what the wildcard of `name` matched.")
        .required(),
    integer<&Target::weight>("weight", 1, 1'000'000, "Its share of the requests among the targets."),
};
constexpr Section kTargets{
    .name = "models[].targets[]", .description = "Where its requests may go, one or more.", .fields = kTargetFields};

constexpr Field kModelFields[] = {
    text<&Model::name>("name", Charset::pattern, 1, 256,
                       "What callers ask for. `*` at its end matches any rest; an exact name goes before a wildcard, "
                       "a longer wildcard before a shorter one.")
        .required(),
    choice<&Model::strategy, kStrategies>("strategy", "How a target is chosen.", kStrategiesToCome),
    choice<&Model::translation, kTranslations>(
        "translation",
        "Where a target speaks another dialect than the caller and has no word for a member that only shapes the "
        "answer: "
        "`lenient` leaves it out and says so, `strict` refuses the request. A request may say otherwise."),
    sections<&Model::targets>("targets", kTargets).required(),
};
constexpr Section kModels{.name = "models[]",
                          .description = "What may be asked for.",
                          .fields = kModelFields,
                          .not_available = kModelFieldsToCome,
                          .after = check_model};

// --- keys

// The names of llm::Operation, a higher room's; app/names_test.cc holds them against each other.
constexpr std::string_view kOperationNames[] = {
    "chat_completions", "completions",    "embeddings",    "models_list", "model_get",  "responses", "moderations",
    "images",           "audio",          "rerank",        "files",       "batches",    "messages",  "count_tokens",
    "generate_content", "stream_content", "embed_content", "realtime",    "passthrough"};
constexpr auto kOperations = [] {
  std::array<Choice, std::size(kOperationNames)> result{};
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = {.name = kOperationNames[i], .value = static_cast<int>(i)};
  return result;
}();

constexpr Field kKeyFields[] = {
    text<&Key::name>("name", Charset::visible, 1, 128, "What records call it.").required(),
    secret<&Key::key>("key", 12, 512, "What callers send.").required(),
    text<&Key::org>("org", Charset::label, 1, 256, "Its organisation. Default: `default`."),
    text<&Key::unit>("unit", Charset::label, 1, 256, "Its business unit."),
    text<&Key::team>("team", Charset::label, 1, 256, "Its team."),
    text<&Key::project>("project", Charset::label, 1, 256, "Its project."),
    text<&Key::user>("user", Charset::label, 1, 256, "Its user."),
    patterns<&Key::models>("models", "Models it may use; `*` at the end of a name matches any rest. Default: all."),
    choices<&Key::operations>("operations", kOperations, "Operations it may use. Default: all."),
    time<&Key::expires>("expires",
                        "From when on it is refused: a date (its first instant in UTC) or a date-time of RFC 3339."),
    {.name = "metadata",
     .kind = Kind::map,
     .description = "Labels of your own, 2 KiB at the most; they go into records.",
     .min = 0,
     .max = 1024,
     .read = read_metadata},
    patterns<&Key::providers>("providers", "Providers it may be sent to. Default: all."),
    patterns<&Key::regions>("regions", "Regions of providers it may be sent to. Default: all."),
    blocks<&Key::addresses>("addresses", "Where it may call from. Default: anywhere."),
    text<&Key::priority>("priority", Charset::name, 1, 16,
                         "While it waits, and the best that `x-gatehouse-priority` may ask for: critical, high, "
                         "normal, low or batch. Default: normal."),
    integer<&Key::weight>("weight", 1, 1000, "Its team's share among those who wait."),
    section<&Key::limits>("limits", tables::kKeyLimits),
};
constexpr Section kKeys{.name = "keys[]",
                        .description = "Virtual keys that callers of the data plane use.",
                        .fields = kKeyFields,
                        .after = check_key};

constexpr Field kAuthFields[] = {
    boolean<&Auth::required>("required",
                             "Whether callers must show a key. Without, anyone who reaches the port may call."),
    secret<&Auth::key_hash_secret>(
        "key_hash_secret", 16, 1024,
        "Keys are kept as hashes keyed with this. Default: made once and kept beside the store, "
        "or at each start where there is none."),
    sections<&Auth::jwt>("jwt", tables::kJwt),
};
constexpr Section kAuth{.name = "auth", .description = "Who may call.", .fields = kAuthFields, .after = check_auth};

// --- logs

constexpr Choice kAccessLogFormats[] = {pick("json", AccessLogFormat::json)};
constexpr Field kAccessLogFields[] = {
    output<&AccessLog::path>("path", "A file, or `-` for standard output. Default: none is written."),
    choice<&AccessLog::format, kAccessLogFormats>("format", "One JSON object a line."),
};
constexpr Section kAccessLog{.name = "access_log", .description = "One record a request.", .fields = kAccessLogFields};

constexpr Choice kLogLevels[] = {pick("debug", LogLevel::debug), pick("info", LogLevel::info),
                                 pick("warn", LogLevel::warn), pick("error", LogLevel::error)};
constexpr Field kLogFields[] = {
    choice<&Log::level, kLogLevels>("level", "What the gateway says about itself on standard error."),
};
constexpr Section kLog{.name = "log", .description = "The gateway's own log.", .fields = kLogFields};

// --- the file

// The order in which they are read: `timeouts` before `providers` (they inherit), `sandbox` and `providers` before
// `passthrough` and `models` (which refer to them).
constexpr Field kRootFields[] = {
    section<&Snapshot::listen>("listen", kListen),
    section<&Snapshot::workers>("workers", kWorkers),
    section<&Snapshot::limits>("limits", kLimits),
    section<&Snapshot::timeouts>("timeouts", kTimeouts),
    section<&Snapshot::sandbox>("sandbox", kSandbox),
    sections<&Snapshot::providers>("providers", tables::kProviders),
    section<&Snapshot::passthrough>("passthrough", kPassthrough),
    sections<&Snapshot::models>("models", kModels),
    sections<&Snapshot::keys>("keys", kKeys),
    section<&Snapshot::auth>("auth", kAuth),
    {.name = "store",
     .kind = Kind::text,
     .description =
         "Where keys made at run time, usage and the journal are kept: `sqlite:FILE`. Default: nowhere, they "
         "end with the process.",
     .min = 1,
     .max = 4096,
     .charset = Charset::label,
     .read = read_store},
    sections<&Snapshot::orgs>("orgs", tables::kOrgs),
    sections<&Snapshot::units>("units", tables::kUnits),
    sections<&Snapshot::teams>("teams", tables::kTeams),
    sections<&Snapshot::projects>("projects", tables::kProjects),
    sections<&Snapshot::users>("users", tables::kUsers),
    sections<&Snapshot::budgets>("budgets", tables::kBudgets),
    sections<&Snapshot::policies>("policies", tables::kPolicies),
    sections<&Snapshot::entities>("entities", tables::kEntities),
    sections<&Snapshot::callouts>("callouts", tables::kCallouts),
    section<&Snapshot::guard>("guard", tables::kGuard),
    section<&Snapshot::semantic>("semantic", tables::kSemantic),
    sections<&Snapshot::prices>("prices", tables::kPrices),
    section<&Snapshot::unknown_price>("unknown_price", tables::kUnknownPrice),
    section<&Snapshot::completion>("completion", tables::kCompletion),
    section<&Snapshot::queue>("queue", tables::kQueue),
    sections<&Snapshot::weights>("weights", tables::kWeights),
    section<&Snapshot::ledger>("ledger", tables::kLedger),
    section<&Snapshot::webhook>("webhook", tables::kWebhook),
    section<&Snapshot::anomalies>("anomalies", tables::kAnomalies),
    sections<&Snapshot::roles>("roles", tables::kRoles),
    section<&Snapshot::access_log>("access_log", kAccessLog),
    section<&Snapshot::log>("log", kLog),
};
constexpr std::string_view kSectionsToCome[] = {"mcp", "cache", "audit", "traces"};
constexpr Section kRoot{.name = "",
                        .description = "Gatehouse's configuration file.",
                        .fields = kRootFields,
                        .not_available = kSectionsToCome,
                        .after = check_all};

}  // namespace

const Section& root_section() { return kRoot; }

}  // namespace gatehouse::config
