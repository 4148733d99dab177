#include "gatehouse/app/migrate/litellm_tables.h"

#include <algorithm>
#include <span>

namespace gatehouse::app::migrate {
namespace {

using enum Fate;

constexpr CompatibleProvider kCompatible[] = {
    {"cerebras", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY"},
    {"codestral", "https://codestral.mistral.ai/v1", "CODESTRAL_API_KEY"},
    {"custom_openai", "", ""},
    {"dashscope", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "DASHSCOPE_API_KEY"},
    {"deepinfra", "https://api.deepinfra.com/v1/openai", "DEEPINFRA_API_KEY"},
    {"deepseek", "https://api.deepseek.com", "DEEPSEEK_API_KEY"},
    {"fireworks_ai", "https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY"},
    {"friendliai", "https://api.friendli.ai/serverless/v1", "FRIENDLI_TOKEN"},
    {"github", "https://models.inference.ai.azure.com", "GITHUB_API_KEY"},
    {"groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY"},
    {"hosted_vllm", "", ""},
    {"litellm_proxy", "", "LITELLM_PROXY_API_KEY"},
    {"llamafile", "http://127.0.0.1:8080/v1", ""},
    {"lm_studio", "", ""},
    {"meta_llama", "https://api.llama.com/compat/v1", "LLAMA_API_KEY"},
    {"mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY"},
    {"moonshot", "https://api.moonshot.ai/v1", "MOONSHOT_API_KEY"},
    {"nvidia_nim", "https://integrate.api.nvidia.com/v1", "NVIDIA_NIM_API_KEY"},
    {"ollama", "http://localhost:11434/v1", "", true},
    {"ollama_chat", "http://localhost:11434/v1", "", true},
    {"openai_like", "", ""},
    {"openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"},
    {"perplexity", "https://api.perplexity.ai", "PERPLEXITYAI_API_KEY"},
    {"sambanova", "https://api.sambanova.ai/v1", "SAMBANOVA_API_KEY"},
    {"together_ai", "https://api.together.xyz/v1", "TOGETHERAI_API_KEY"},
    {"volcengine", "https://ark.cn-beijing.volces.com/api/v3", "VOLCENGINE_API_KEY"},
    {"xai", "https://api.x.ai/v1", "XAI_API_KEY"},
};

constexpr std::string_view kForeign[] = {"ai21",
                                         "anthropic",
                                         "aws_polly",
                                         "azure",
                                         "azure_ai",
                                         "azure_text",
                                         "bedrock",
                                         "bedrock_converse",
                                         "bytez",
                                         "cloudflare",
                                         "cohere",
                                         "cohere_chat",
                                         "databricks",
                                         "deepgram",
                                         "elevenlabs",
                                         "gemini",
                                         "gradient_ai",
                                         "huggingface",
                                         "infinity",
                                         "jina_ai",
                                         "nlp_cloud",
                                         "oci",
                                         "palm",
                                         "petals",
                                         "predibase",
                                         "recraft",
                                         "replicate",
                                         "sagemaker",
                                         "sagemaker_chat",
                                         "snowflake",
                                         "text-completion-codestral",
                                         "topaz",
                                         "triton",
                                         "vertex_ai",
                                         "vertex_ai_beta",
                                         "vllm",
                                         "voyage",
                                         "watsonx",
                                         "watsonx_text"};

constexpr KnownSetting kSections[] = {
    {"callback_settings", important, "callbacks are not supported; metrics and access records are the gateway's own"},
    {"environment_variables", important, "set these variables in the gateway's environment"},
    {"files_settings", important, "not supported; files go to `passthrough.provider`"},
    {"finetune_settings", important, "not supported"},
    {"guardrails", important, "guards are not carried over; write them as policies"},
    {"include", important, "other files are not read; import them one by one"},
    {"mcp_servers", important, "servers of tools are not carried over"},
    {"mcp_tools", important, "tools are not carried over"},
    {"prompts", important, "prompt management is not supported"},
    {"search_tools", important, "search tools are not supported"},
    {"vector_store_registry", important, "vector stores are not supported"},
};

constexpr std::string_view kEachRequest = "is sent with each request there; here the caller's request goes as it is";
constexpr std::string_view kPrice = "prices of your own are not carried over; set them in the gateway's price table";
constexpr std::string_view kRetries = "the next target is tried when one cannot be reached; there is no number to set";
constexpr KnownSetting kModelParameters[] = {
    {"allowed_openai_params", dropped, "fields of a request pass as they are"},
    {"budget_duration", important, "a budget of a deployment is not carried over"},
    {"configurable_clientside_auth_params", important, "callers cannot choose keys or addresses of providers"},
    {"cooldown_time", dropped, kRetries},
    {"drop_params", dropped, "fields of a request pass as they are"},
    {"extra_body", important, kEachRequest},
    {"input_cost_per_second", important, kPrice},
    {"input_cost_per_token", important, kPrice},
    {"max_budget", important, "a budget of a deployment is not carried over"},
    {"max_parallel_requests", important, "a limit of a deployment's requests at once is not carried over"},
    {"max_retries", dropped, kRetries},
    {"max_tokens", important, kEachRequest},
    {"merge_reasoning_content_in_choices", important, "answers pass as they are"},
    {"mock_response", important, "answers that are made up: see the `sandbox` provider"},
    {"num_retries", dropped, kRetries},
    {"order", important, "targets are chosen by weight alone"},
    {"output_cost_per_second", important, kPrice},
    {"output_cost_per_token", important, kPrice},
    {"tags", important, "choosing a target by tags is not supported"},
    {"temperature", important, kEachRequest},
    {"top_p", important, kEachRequest},
    {"use_in_pass_through", dropped, "see `passthrough.provider`"},
};

constexpr std::string_view kFallbacks = "fallbacks to other models are not available yet";
constexpr std::string_view kRedis = "the gateway needs no Redis";
constexpr KnownSetting kRouterSettings[] = {
    {"allowed_fails", dropped, kRetries},
    {"allowed_fails_policy", dropped, kRetries},
    {"cache_responses", important, "answers are not cached"},
    {"content_policy_fallbacks", important, kFallbacks},
    {"context_window_fallbacks", important, kFallbacks},
    {"cooldown_time", dropped, kRetries},
    {"debug_level", dropped, "see `log.level`"},
    {"default_fallbacks", important, kFallbacks},
    {"disable_cooldowns", dropped, kRetries},
    {"enable_pre_call_checks", important, "a request's size is not compared with the model's before it is sent"},
    {"enable_tag_filtering", important, "choosing a target by tags is not supported"},
    {"fallbacks", important, kFallbacks},
    {"max_fallbacks", dropped, kFallbacks},
    {"num_retries", dropped, kRetries},
    {"optional_pre_call_checks", important, "checks before a call are not carried over"},
    {"provider_budget_config", important, "budgets of providers are not carried over"},
    {"redis_host", dropped, kRedis},
    {"redis_password", dropped, kRedis},
    {"redis_port", dropped, kRedis},
    {"redis_url", dropped, kRedis},
    {"retry_after", dropped, kRetries},
    {"retry_policy", dropped, kRetries},
    {"routing_strategy_args", dropped, "targets are chosen by weight"},
    {"set_verbose", dropped, "see `log.level`"},
    {"tag_filtering_match_any", important, "choosing a target by tags is not supported"},
};

constexpr std::string_view kCallbacks = "callbacks are not supported; there are metrics, access records and a ledger";
constexpr KnownSetting kLitellmSettings[] = {
    {"cache", important, "answers are not cached"},
    {"cache_params", important, "answers are not cached"},
    {"callbacks", important, kCallbacks},
    {"content_policy_fallbacks", important, kFallbacks},
    {"context_window_fallbacks", important, kFallbacks},
    {"default_fallbacks", important, kFallbacks},
    {"default_internal_user_params", important, "defaults of users are not carried over"},
    {"default_team_settings", important, "settings of teams are not carried over"},
    {"drop_params", dropped, "fields of a request pass as they are"},
    {"failure_callback", important, kCallbacks},
    {"fallbacks", important, kFallbacks},
    {"force_ipv4", dropped, "addresses are tried one after the other"},
    {"json_logs", replaced, "the log is always JSON"},
    {"langfuse_default_tags", dropped, kCallbacks},
    {"max_budget", important, "the budget of the whole gateway is not carried over; set one at the top of the tree"},
    {"max_end_user_budget", important, "budgets of end users are not carried over"},
    {"modify_params", dropped, "fields of a request pass as they are"},
    {"num_retries", dropped, kRetries},
    {"num_retries_per_request", dropped, kRetries},
    {"redact_user_api_key_info", replaced, "keys are never in a record"},
    {"service_callbacks", important, kCallbacks},
    {"set_verbose", dropped, "see `log.level`"},
    {"ssl_verify", important, "certificates are checked; see `ca_file` and `insecure_skip_verify` of a provider"},
    {"success_callback", important, kCallbacks},
    {"turn_off_message_logging", replaced, "messages are never in a record"},
    {"upperbound_key_generate_params", important, "bounds for keys are not carried over"},
};

constexpr std::string_view kDatabase =
    "keys, teams, users and spend in LiteLLM's database are not read; make keys anew (its keys are stored as hashes)";
constexpr KnownSetting kGeneralSettings[] = {
    {"alerting", important, "alerts to chat or mail are not supported; see the webhook"},
    {"alerting_args", important, "alerts to chat or mail are not supported; see the webhook"},
    {"alerting_threshold", important, "alerts to chat or mail are not supported; see the webhook"},
    {"allow_requests_on_db_unavailable", replaced, "keys are looked up in memory"},
    {"allowed_ips", important, "addresses that may call are set on each key"},
    {"allowed_routes", important, "operations that may be called are set on each key"},
    {"background_health_checks", dropped, "providers are not asked without a request"},
    {"custom_auth", important, "code of your own is not run; see tokens of an issuer (JWT)"},
    {"database_connection_pool_limit", dropped, kDatabase},
    {"database_connection_timeout", dropped, kDatabase},
    {"database_url", important, kDatabase},
    {"disable_spend_logs", dropped, "the ledger is the gateway's own"},
    {"enable_jwt_auth", important, "tokens of an issuer are set up anew: issuer, audience, algorithms, claims"},
    {"enforce_user_param", important, "requests without `user` are not refused"},
    {"forward_client_headers_to_llm_api", important, "which headers of callers are forwarded is fixed"},
    {"global_max_parallel_requests", important, "a limit of requests at once is not carried over"},
    {"health_check_interval", dropped, "providers are not asked without a request"},
    {"infer_model_from_keys", important, "models are only those of the file"},
    {"key_management_settings", important, "secrets come from variables and files"},
    {"key_management_system", important, "secrets come from variables and files"},
    {"litellm_jwtauth", important, "tokens of an issuer are set up anew: issuer, audience, algorithms, claims"},
    {"max_parallel_requests", important, "a limit of requests at once is not carried over"},
    {"max_request_size_mb", important, "see `limits.body_bytes`"},
    {"max_response_size_mb", important, "see `limits.answer_bytes`"},
    {"pass_through_endpoints", important, "routes of your own to other services are not supported"},
    {"proxy_batch_write_at", dropped, "the ledger is the gateway's own"},
    {"store_model_in_db", important, "models that were added at run time are in LiteLLM's database and are not read"},
    {"store_prompts_in_spend_logs", important, "messages are never in a record"},
    {"ui_access_mode", dropped, "the console is the gateway's own"},
};

const KnownSetting* find(std::span<const KnownSetting> settings, std::string_view name) {
  const auto found = std::ranges::find(settings, name, &KnownSetting::name);
  return found == settings.end() ? nullptr : &*found;
}

}  // namespace

const CompatibleProvider* compatible_provider(std::string_view prefix) {
  const auto* const found = std::ranges::find(kCompatible, prefix, &CompatibleProvider::prefix);
  return found == std::end(kCompatible) ? nullptr : found;
}

bool foreign_provider(std::string_view prefix) { return std::ranges::find(kForeign, prefix) != std::end(kForeign); }

std::string_view inferred_provider(std::string_view model) {
  for (const std::string_view prefix :
       {"gpt-", "o1", "o3", "o4", "chatgpt-", "codex-", "text-embedding-", "dall-e-", "whisper-", "tts-", "sora-",
        "omni-moderation", "text-moderation", "davinci-", "babbage-", "ft:gpt-"}) {
    if (model.starts_with(prefix)) return "openai";
  }
  if (model.starts_with("claude")) return "anthropic";
  if (model.starts_with("gemini")) return "vertex_ai";
  if (model.starts_with("command") || model.starts_with("embed-") || model.starts_with("rerank-")) return "cohere";
  return {};
}

const KnownSetting* known_section(std::string_view name) { return find(kSections, name); }
const KnownSetting* known_model_parameter(std::string_view name) { return find(kModelParameters, name); }
const KnownSetting* known_router_setting(std::string_view name) { return find(kRouterSettings, name); }
const KnownSetting* known_litellm_setting(std::string_view name) { return find(kLitellmSettings, name); }
const KnownSetting* known_general_setting(std::string_view name) { return find(kGeneralSettings, name); }

}  // namespace gatehouse::app::migrate
