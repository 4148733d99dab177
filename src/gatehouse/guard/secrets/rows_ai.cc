#include "gatehouse/guard/secrets/secret_rows.h"

namespace gatehouse::guard {
namespace {

constexpr SecretRow kRows[] = {
    // Ours.
    {"GATEHOUSE_VIRTUAL_KEY", "gatehouse", "ai", "Gatehouse virtual key", "gh-{w36}", 3, SecretCheck::virtual_key, 1},
    {"GATEHOUSE_ADMIN_KEY", "gatehouse", "ai", "Gatehouse admin key", "gha-{w36}", 3, SecretCheck::admin_key, 1},

    // RFC 7519, RFC 7516.
    {"JWE", "jwt", "identity", "encrypted JSON web token", "eyJ{b14,4000}.{b0,2000}.{b8,200}.{b8,8000}.{b16,100}", 3,
     SecretCheck::jwt},
    {"JWT", "jwt", "identity", "JSON web token", "eyJ{b14,4000}.{b4,8000}.{b0,2000}", 3, SecretCheck::jwt},

    // Anthropic: kinds of keys in the console and the OAuth tokens of its command line.
    {"ANTHROPIC_API_KEY", "anthropic", "ai", "Anthropic API key", "sk-ant-api{d2}-{b80,120}"},
    {"ANTHROPIC_ADMIN_KEY", "anthropic", "ai", "Anthropic admin API key", "sk-ant-admin{d2}-{b80,120}"},
    {"ANTHROPIC_OAUTH_TOKEN", "anthropic", "ai", "Anthropic OAuth access token", "sk-ant-oat{d2}-{b60,160}"},
    {"ANTHROPIC_OAUTH_TOKEN", "anthropic", "ai", "Anthropic OAuth refresh token", "sk-ant-ort{d2}-{b60,160}"},
    {"ANTHROPIC_SESSION_KEY", "anthropic", "ai", "Anthropic session key", "sk-ant-sid{d2}-{b60,160}"},
    {"ANTHROPIC_API_KEY", "anthropic", "ai", "Anthropic API key", "sk-ant-{b20,200}"},

    // OpenAI: project, service account and admin keys; user keys of the older kind.
    {"OPENAI_PROJECT_KEY", "openai", "ai", "OpenAI project key", "sk-proj-{b20,250}"},
    {"OPENAI_SERVICE_ACCOUNT_KEY", "openai", "ai", "OpenAI service account key", "sk-svcacct-{b20,250}"},
    {"OPENAI_ADMIN_KEY", "openai", "ai", "OpenAI admin key", "sk-admin-{b20,250}"},
    {"OPENAI_API_KEY", "openai", "ai", "OpenAI user key", "sk-None-{b20,250}"},
    {"OPENAI_API_KEY", "openai", "ai", "OpenAI user key", "sk-{w20}T3BlbkFJ{w20}"},
    {"OPENAI_SESSION_KEY", "openai", "ai", "OpenAI session key", "sess-{w40}"},
    {"OPENROUTER_API_KEY", "openrouter", "ai", "OpenRouter API key", "sk-or-v1-{h64}"},
    {"OPENROUTER_API_KEY", "openrouter", "ai", "OpenRouter API key", "sk-or-{b40,100}"},
    {"LANGFUSE_SECRET_KEY", "langfuse", "ai", "Langfuse secret key", "sk-lf-{uuid}"},
    {"HELICONE_API_KEY", "helicone", "ai", "Helicone API key", "sk-helicone-{k20,60}"},
    {"DEEPSEEK_API_KEY", "deepseek", "ai", "DeepSeek API key", "sk-{h32}"},
    {"OPENAI_API_KEY", "openai", "ai", "OpenAI or compatible API key (48 characters)", "sk-{w48}"},
    {"SK_API_KEY", "openai", "ai", "API key in the style of OpenAI's, of a proxy or a compatible provider",
     "sk-{b20,200}", 3.2F, SecretCheck::none, 0.8F},

    {"GROQ_API_KEY", "groq", "ai", "Groq API key", "gsk_{w48,56}"},
    {"XAI_API_KEY", "xai", "ai", "xAI API key", "xai-{w70,90}"},
    {"PERPLEXITY_API_KEY", "perplexity", "ai", "Perplexity API key", "pplx-{w40,56}"},
    {"HUGGINGFACE_TOKEN", "huggingface", "ai", "Hugging Face user token", "hf_{w34,40}"},
    {"HUGGINGFACE_ORGANIZATION_TOKEN", "huggingface", "ai", "Hugging Face organisation token", "api_org_{w34}"},
    {"REPLICATE_API_TOKEN", "replicate", "ai", "Replicate API token", "r8_{w37,40}"},
    {"NVIDIA_API_KEY", "nvidia", "ai", "NVIDIA API key", "nvapi-{b60,70}"},
    {"CEREBRAS_API_KEY", "cerebras", "ai", "Cerebras API key", "csk-{l48}"},
    {"FIREWORKS_API_KEY", "fireworks", "ai", "Fireworks API key", "fw_{w22,24}"},
    {"TOGETHER_API_KEY", "together", "ai", "Together API key", "tgp_v1_{b43}"},
    {"VOYAGE_API_KEY", "voyage", "ai", "Voyage AI API key", "pa-{b43}"},
    {"JINA_API_KEY", "jina", "ai", "Jina AI API key", "jina_{b40,70}"},
    {"ELEVENLABS_API_KEY", "elevenlabs", "ai", "ElevenLabs API key", "sk_{h48}"},
    {"LANGSMITH_API_KEY", "langsmith", "ai", "LangSmith personal token", "lsv2_pt_{h32}_{h10}"},
    {"LANGSMITH_SERVICE_KEY", "langsmith", "ai", "LangSmith service key", "lsv2_sk_{h32}_{h10}"},
    {"LANGSMITH_API_KEY", "langsmith", "ai", "LangSmith API key (older)", "ls__{h32}"},
    {"PINECONE_API_KEY", "pinecone", "ai", "Pinecone API key", "pcsk_{w5,8}_{w50,72}"},
    {"WANDB_API_KEY", "wandb", "ai", "Weights & Biases API key", "wandb_v1_{b40,100}"},
    {"ANYSCALE_API_KEY", "anyscale", "ai", "Anyscale endpoint secret", "esecret_{w20,40}"},
    {"RUNPOD_API_KEY", "runpod", "ai", "RunPod API key", "rpa_{w38,50}"},
    {"TAVILY_API_KEY", "tavily", "ai", "Tavily API key", "tvly-{b28,60}"},
    {"FIRECRAWL_API_KEY", "firecrawl", "ai", "Firecrawl API key", "fc-{h32}"},
    {"LLAMA_CLOUD_API_KEY", "llamaindex", "ai", "LlamaCloud API key", "llx-{w48}"},
    {"NOMIC_API_KEY", "nomic", "ai", "Nomic API key", "nk-{b43}"},
    {"MODAL_TOKEN_ID", "modal", "ai", "Modal token id", "ak-{w22}"},
    {"MODAL_TOKEN_SECRET", "modal", "ai", "Modal token secret", "as-{w22}"},
    {"CURSOR_API_KEY", "cursor", "ai", "Cursor API key", "key_{h64}"},
    {"V0_API_KEY", "vercel", "ai", "v0 API key", "v1:{w24}:{w24}"},
    {"VERCEL_AI_GATEWAY_KEY", "vercel", "ai", "Vercel AI gateway key", "vck_{w40,64}"},
};

}  // namespace

std::span<const SecretRow> ai_secret_rows() { return kRows; }

}  // namespace gatehouse::guard
