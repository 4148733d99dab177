#pragma once

#include <array>
#include <chrono>

#include "gatehouse/config/checks.h"
#include "gatehouse/config/field_kinds.h"
#include "gatehouse/config/fields.h"
#include "gatehouse/config/provider_kinds.h"
#include "gatehouse/config/tables_govern.h"

// Tables of who answers: the part of tables.cc that got a file of its own. Included by tables.cc only.
namespace gatehouse::config::tables {

inline constexpr auto kProviderKinds = [] {
  std::array<Choice, kProviderKindCount> result{};
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = {.name = to_string(static_cast<ProviderKind>(i)), .value = static_cast<int>(i)};
  }
  return result;
}();

// Names of higher rooms; app/names_test.cc holds them against each other.
template <std::size_t N>
constexpr std::array<Choice, N> numbered(const std::string_view (&names)[N]) {
  std::array<Choice, N> result{};
  for (std::size_t i = 0; i < N; ++i) result[i] = {.name = names[i], .value = static_cast<int>(i)};
  return result;
}
inline constexpr auto kDialects =
    numbered({"openai_chat", "openai_responses", "anthropic", "gemini", "bedrock", "cohere", "ollama"});
inline constexpr auto kQuirkMembers = numbered({"logprobs",       "logit_bias",   "name",        "n",
                                                "stop",           "penalties",    "seed",        "parallel_tool_calls",
                                                "service_tier",   "user",         "tools",       "required_tool",
                                                "json_schema",    "strict_tools", "developer",   "late_system",
                                                "stream_options", "top_k",        "metadata",    "store",
                                                "temperature",    "images",       "json_object", "prediction",
                                                "verbosity",      "cache_key",    "video",       "audio",
                                                "documents",      "custom_tools", "web_search",  "format_with_tools"});
inline constexpr auto kQuirks = numbered({"max_completion_tokens",
                                          "max_tokens",
                                          "random_seed",
                                          "reasoning_in_reasoning",
                                          "reasoning_in_reasoning_content",
                                          "send_no_reasoning",
                                          "send_reasoning_details",
                                          "ask_reasoning_object",
                                          "ask_thinking",
                                          "ask_no_reasoning",
                                          "no_zero_temperature",
                                          "required_is_any",
                                          "alternates",
                                          "no_content_parts",
                                          "tool_ids_of_nine",
                                          "reasoning_beside_total",
                                          "audio_as_data_url",
                                          "send_reasoning_in_loop",
                                          "effort_beside_thinking",
                                          "allowed_tools",
                                          "cache_control",
                                          "caches_by_itself",
                                          "document_url",
                                          "file_urls",
                                          "prefix",
                                          "usage_always"});

// A list of names of choices; an empty one is as good as none.
template <auto M>
constexpr Field names(std::string_view name, std::span<const Choice> known, std::string_view description) {
  Field field = choices<M>(name, known, description);
  field.read = [](Reader& reader, const Field& self, const Node& node, void* into) {
    reader.each(node, [&](const Node& item) {
      if (const auto value = reader.choice(self, item)) {
        Member<M>::in(into).emplace_back(self.choices[static_cast<std::size_t>(*value)].name);
      }
    });
  };
  return field;
}

inline constexpr Field kProviderTimeoutsFields[] = {
    duration<&ProviderTimeouts::connect>("connect", std::chrono::milliseconds(10), std::chrono::minutes(10),
                                         "See `timeouts`.")
        .inherits_from("timeouts.connect"),
    duration<&ProviderTimeouts::first_byte>("first_byte", std::chrono::milliseconds(10), std::chrono::hours(24),
                                            "See `timeouts`.")
        .inherits_from("timeouts.first_byte"),
    duration<&ProviderTimeouts::between_bytes>("between_bytes", std::chrono::milliseconds(10), std::chrono::hours(24),
                                               "See `timeouts`.")
        .inherits_from("timeouts.between_bytes"),
};
inline constexpr Section kProviderTimeouts{.name = "providers[].timeouts",
                                           .description = "Instead of those of `timeouts`, for this provider.",
                                           .fields = kProviderTimeoutsFields};

inline constexpr Field kAwsFields[] = {
    text<&AwsCredentials::region>("region", Charset::name, 1, 32, "Of the endpoint and of signatures (`eu-west-1`)."),
    text<&AwsCredentials::access_key_id>("access_key_id", Charset::visible, 16, 128, "With `secret_access_key`."),
    secret<&AwsCredentials::secret_access_key>("secret_access_key", 16, 256, "Of `access_key_id`."),
    secret<&AwsCredentials::session_token>("session_token", 1, 8192, "Of keys that are temporary."),
    input<&AwsCredentials::credentials_file>("credentials_file",
                                             "A shared credentials file as AWS's clients have it; read again every "
                                             "five minutes."),
    text<&AwsCredentials::profile>("profile", Charset::label, 1, 128, "Of `credentials_file`. Default: `default`."),
    input<&AwsCredentials::web_identity_token_file>(
        "web_identity_token_file", "A token that STS takes for `role_arn` (Kubernetes); read for each request to it."),
    url<&AwsCredentials::container_endpoint>("container_endpoint",
                                             "Where a container asks for its role's credentials (ECS, EKS)."),
    secret<&AwsCredentials::container_token>("container_token", 1, 8192, "Sent there as `Authorization`."),
    input<&AwsCredentials::container_token_file>("container_token_file", "The same from a file, read each time."),
    url<&AwsCredentials::imds_endpoint>("imds_endpoint",
                                        "The instance's metadata service (`http://169.254.169.254`), version 2. Asked "
                                        "only when it is given."),
    text<&AwsCredentials::role_arn>("role_arn", Charset::visible, 20, 2048, "A role to assume with the above."),
    text<&AwsCredentials::role_session_name>("role_session_name", Charset::name, 2, 64,
                                             "What the session is called. Default: `gatehouse`."),
    text<&AwsCredentials::external_id>("external_id", Charset::visible, 2, 1224, "That the role asks for."),
    url<&AwsCredentials::sts_endpoint>("sts_endpoint", "Default: `https://sts.REGION.amazonaws.com`."),
};
inline constexpr Section kAws{.name = "providers[].aws",
                              .description =
                                  "AWS's region and where credentials come from. Nothing is looked for that "
                                  "is not named here: neither the environment nor the machine's metadata.",
                              .fields = kAwsFields,
                              .after = check_aws};

inline constexpr Field kOAuthFields[] = {
    url<&OAuth::token_url>("token_url",
                           "The token endpoint. Kinds `azure`, `databricks` and `watsonx` have their own."),
    text<&OAuth::tenant_id>("tenant_id", Charset::name, 1, 64, "Of Entra ID, for kind `azure`."),
    text<&OAuth::client_id>("client_id", Charset::visible, 1, 512, "Who asks."),
    secret<&OAuth::client_secret>("client_secret", 1, 4096, "Its secret."),
    text<&OAuth::scope>("scope", Charset::label, 1, 1024, "What is asked for. The kinds above have their own."),
};
inline constexpr Section kOAuth{
    .name = "providers[].oauth",
    .description =
        "Tokens by the client credentials grant (RFC 6749 section 4.4) instead of a key. They are renewed "
        "ahead of their end.",
    .fields = kOAuthFields};

inline constexpr Field kProviderFields[] = {
    text<&Provider::name>("name", Charset::name, 1, 64, "What `targets` call it.").required(),
    choice<&Provider::kind, kProviderKinds>("kind", "Which API it speaks, and how; see [providers](providers.md).")
        .required(),
    url<&Provider::base_url>("base_url",
                             "http or https, up to and with the version, as OpenAI clients have it "
                             "(`https://host/v1`). Kinds of other dialects may leave the version out. Every kind but "
                             "`openai_compatible` has its own."),
    secret<&Provider::api_key>("api_key", 1, 4096, "Sent as the provider's kind wants it."),
    {.name = "headers",
     .kind = Kind::map,
     .description = "Further header fields for each request; the values are kept as secrets.",
     .min = 0,
     .max = 8192,
     .read = read_headers},
    text<&Provider::organization>("organization", Charset::visible, 1, 256, "Sent as `OpenAI-Organization`."),
    text<&Provider::project>("project", Charset::visible, 1, 256,
                             "Sent as `OpenAI-Project`. Of `vertex` the cloud project, of `watsonx` the project's id."),
    text<&Provider::resource>("resource", Charset::name, 1, 64, "Of `azure`: the resource, in its address."),
    text<&Provider::location>("location", Charset::name, 1, 64,
                              "Of `vertex` (`europe-west4`, `global`, `eu`, `us`) and `watsonx` (`us-south`)."),
    text<&Provider::host>("host", Charset::name, 1, 253, "Of `databricks`: the workspace's host name."),
    text<&Provider::space_id>("space_id", Charset::name, 1, 64, "Of `watsonx`, instead of `project`."),
    text<&Provider::api_version>("api_version", Charset::name, 1, 64,
                                 "Of `azure`: a date (`2024-10-21`) asks at the older addresses by deployment; "
                                 "`preview` is sent along. Of `watsonx`: the API's date. Of `anthropic`: the default "
                                 "of `anthropic-version`, `2023-06-01`."),
    {.name = "credentials",
     .kind = Kind::secret,
     .description = "Of `vertex`: a service account's JSON, best as `file:PATH`.",
     .min = 2,
     .max = 32768,
     .charset = Charset::document,
     .read =
         [](Reader& reader, const Field& field, const Node& node, void* into) {
           if (auto value = reader.secret(field, node)) static_cast<Provider*>(into)->credentials = std::move(*value);
         }},
    url<&Provider::metadata_endpoint>("metadata_endpoint",
                                      "Of `vertex`: the machine's metadata server "
                                      "(`http://metadata.google.internal`), asked for tokens when it is given."),
    section<&Provider::aws>("aws", kAws),
    section<&Provider::oauth>("oauth", kOAuth),
    names<&Provider::speaks>("speaks", kDialects,
                             "The dialects it is spoken to in, the main one first. Default: as its kind. Callers of "
                             "one of them have their bytes passed on; all others are translated into the first."),
    names<&Provider::refuses>("refuses", kQuirkMembers,
                              "What it does not take, besides what its kind does not. A translated request leaves "
                              "it out."),
    names<&Provider::takes>("takes", kQuirkMembers, "What it takes though its kind does not."),
    names<&Provider::quirks>("quirks", kQuirks, "How it differs otherwise; see [providers](providers.md)."),
    input<&Provider::ca_file>("ca_file", "Authorities to trust instead of the system's, PEM."),
    boolean<&Provider::insecure_skip_verify>("insecure_skip_verify",
                                             "Accepts any certificate. Anyone on the way can then read the key."),
    integer<&Provider::max_connections>("max_connections", 1, 100'000, "Connections to it a worker."),
    duration<&Provider::pool_idle>("pool_idle", std::chrono::milliseconds(0), std::chrono::hours(24),
                                   "How long an unused connection to it is kept."),
    section<&Provider::timeouts>("timeouts", kProviderTimeouts),
    text<&Provider::region>("region", Charset::name, 1, 64, "A label that keys may be limited to (`eu`)."),
    boolean<&Provider::stream_usage>("stream_usage",
                                     "Whether it is asked for the usage of a stream whose caller did not ask "
                                     "(`stream_options.include_usage`); the extra event is kept from the caller."),
    section<&Provider::limits>("limits", kProviderLimits),
};
inline constexpr Section kProviders{.name = "providers[]",
                                    .description = "Who answers.",
                                    .fields = kProviderFields,
                                    .before = prepare_provider,
                                    .after = check_provider};

}  // namespace gatehouse::config::tables
