#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::config {

struct Provider;

// What a provider is called in the configuration. What is spoken there is providers/kinds.h, a higher room's.
enum class ProviderKind : std::uint8_t {
  openai,
  azure,
  anthropic,
  gemini,
  vertex,
  bedrock,
  bedrock_mantle,
  mistral,
  cohere,
  groq,
  xai,
  deepseek,
  perplexity,
  openrouter,
  together,
  fireworks,
  cerebras,
  sambanova,
  nvidia,
  databricks,
  watsonx,
  huggingface,
  moonshot,
  zai,
  dashscope,
  ollama,
  vllm,
  sglang,
  lmstudio,
  openai_compatible,
  sandbox,
};
inline constexpr std::size_t kProviderKindCount = static_cast<std::size_t>(ProviderKind::sandbox) + 1;

// Fields that only some kinds have.
enum ProviderField : std::uint32_t {
  kOrganization = 1U << 0,
  kProject = 1U << 1,
  kResource = 1U << 2,
  kLocation = 1U << 3,
  kHost = 1U << 4,
  kSpace = 1U << 5,
  kApiVersion = 1U << 6,
  kCredentials = 1U << 7,
  kMetadata = 1U << 8,
  kAws = 1U << 9,
};

// What the configuration has to know of a kind: where it is, and what has to be given to reach it.
struct ProviderKindRow {
  ProviderKind kind;
  std::string_view name;
  // With {resource}, {location}, {region} (of `aws`) and {host} for the fields. Empty: there is none of its own.
  std::string_view base_url;
  std::uint32_t takes = 0;     // ProviderField
  std::uint32_t needs = 0;     // of these, whatever the base URL; what only that needs is named in it
  bool is_hosted = true;       // by its owner: calls without a credential are refused there
  bool has_token_url = false;  // of its own, for `oauth`
};

// In the order of the enum. Addresses as the providers document them for their own clients, without the version where
// those leave it out.
inline constexpr std::array kProviderKindRows = {
    ProviderKindRow{.kind = ProviderKind::openai,
                    .name = "openai",
                    .base_url = "https://api.openai.com/v1",
                    .takes = kOrganization | kProject},
    ProviderKindRow{.kind = ProviderKind::azure,
                    .name = "azure",
                    .base_url = "https://{resource}.openai.azure.com",
                    .takes = kResource | kApiVersion,
                    .has_token_url = true},
    ProviderKindRow{.kind = ProviderKind::anthropic,
                    .name = "anthropic",
                    .base_url = "https://api.anthropic.com",
                    .takes = kApiVersion},
    ProviderKindRow{
        .kind = ProviderKind::gemini, .name = "gemini", .base_url = "https://generativelanguage.googleapis.com"},
    // https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations
    ProviderKindRow{.kind = ProviderKind::vertex,
                    .name = "vertex",
                    .base_url = "https://{location}-aiplatform.googleapis.com",
                    .takes = kProject | kLocation | kCredentials | kMetadata,
                    .needs = kProject | kLocation},
    ProviderKindRow{.kind = ProviderKind::bedrock,
                    .name = "bedrock",
                    .base_url = "https://bedrock-runtime.{region}.amazonaws.com",
                    .takes = kAws},
    ProviderKindRow{.kind = ProviderKind::bedrock_mantle,
                    .name = "bedrock_mantle",
                    .base_url = "https://bedrock-mantle.{region}.api.aws/v1",
                    .takes = kAws},
    ProviderKindRow{.kind = ProviderKind::mistral, .name = "mistral", .base_url = "https://api.mistral.ai/v1"},
    ProviderKindRow{.kind = ProviderKind::cohere, .name = "cohere", .base_url = "https://api.cohere.com"},
    ProviderKindRow{.kind = ProviderKind::groq, .name = "groq", .base_url = "https://api.groq.com/openai/v1"},
    ProviderKindRow{.kind = ProviderKind::xai, .name = "xai", .base_url = "https://api.x.ai/v1"},
    ProviderKindRow{.kind = ProviderKind::deepseek, .name = "deepseek", .base_url = "https://api.deepseek.com"},
    ProviderKindRow{.kind = ProviderKind::perplexity, .name = "perplexity", .base_url = "https://api.perplexity.ai"},
    ProviderKindRow{.kind = ProviderKind::openrouter, .name = "openrouter", .base_url = "https://openrouter.ai/api/v1"},
    ProviderKindRow{.kind = ProviderKind::together, .name = "together", .base_url = "https://api.together.xyz/v1"},
    ProviderKindRow{
        .kind = ProviderKind::fireworks, .name = "fireworks", .base_url = "https://api.fireworks.ai/inference/v1"},
    ProviderKindRow{.kind = ProviderKind::cerebras, .name = "cerebras", .base_url = "https://api.cerebras.ai/v1"},
    ProviderKindRow{.kind = ProviderKind::sambanova, .name = "sambanova", .base_url = "https://api.sambanova.ai/v1"},
    ProviderKindRow{.kind = ProviderKind::nvidia, .name = "nvidia", .base_url = "https://integrate.api.nvidia.com/v1"},
    ProviderKindRow{.kind = ProviderKind::databricks,
                    .name = "databricks",
                    .base_url = "https://{host}/ai-gateway/mlflow/v1",
                    .takes = kHost,
                    .has_token_url = true},
    ProviderKindRow{.kind = ProviderKind::watsonx,
                    .name = "watsonx",
                    .base_url = "https://{location}.ml.cloud.ibm.com",
                    .takes = kProject | kSpace | kLocation | kApiVersion,
                    .has_token_url = true},
    ProviderKindRow{
        .kind = ProviderKind::huggingface, .name = "huggingface", .base_url = "https://router.huggingface.co/v1"},
    ProviderKindRow{.kind = ProviderKind::moonshot, .name = "moonshot", .base_url = "https://api.moonshot.ai/v1"},
    ProviderKindRow{.kind = ProviderKind::zai, .name = "zai", .base_url = "https://api.z.ai/api/paas/v4"},
    ProviderKindRow{.kind = ProviderKind::dashscope,
                    .name = "dashscope",
                    .base_url = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"},
    // Servers of one's own, where they listen by themselves.
    ProviderKindRow{
        .kind = ProviderKind::ollama, .name = "ollama", .base_url = "http://127.0.0.1:11434", .is_hosted = false},
    ProviderKindRow{
        .kind = ProviderKind::vllm, .name = "vllm", .base_url = "http://127.0.0.1:8000/v1", .is_hosted = false},
    ProviderKindRow{
        .kind = ProviderKind::sglang, .name = "sglang", .base_url = "http://127.0.0.1:30000/v1", .is_hosted = false},
    ProviderKindRow{
        .kind = ProviderKind::lmstudio, .name = "lmstudio", .base_url = "http://127.0.0.1:1234/v1", .is_hosted = false},
    ProviderKindRow{.kind = ProviderKind::openai_compatible,
                    .name = "openai_compatible",
                    .base_url = "",
                    .takes = kOrganization | kProject,
                    .is_hosted = false},
    ProviderKindRow{.kind = ProviderKind::sandbox, .name = "sandbox", .base_url = "", .is_hosted = false},
};
static_assert(kProviderKindRows.size() == kProviderKindCount);
static_assert([] {
  for (std::size_t i = 0; i < kProviderKindRows.size(); ++i) {
    if (static_cast<std::size_t>(kProviderKindRows[i].kind) != i) return false;
  }
  return true;
}());

constexpr const ProviderKindRow& row_of(ProviderKind kind) { return kProviderKindRows[static_cast<std::size_t>(kind)]; }
constexpr std::string_view to_string(ProviderKind kind) { return row_of(kind).name; }

// The kind's own base URL for a provider; empty where it has none, or a field of it is not given (`missing` names it).
std::string base_url_of(const Provider& provider, std::string_view& missing);

}  // namespace gatehouse::config
