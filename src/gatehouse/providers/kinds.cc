#include "gatehouse/providers/kinds.h"

#include <initializer_list>

#include "gatehouse/providers/quirks.h"

namespace gatehouse::providers {
namespace {

using config::ProviderKind;
using llm::Dialect;
using llm::Origin;
using enum llm::Operation;

constexpr std::uint32_t operator|(llm::Operation a, llm::Operation b) { return bit(a) | bit(b); }
constexpr std::uint32_t operator|(std::uint32_t a, llm::Operation b) { return a | bit(b); }

// Most have these: a list of models, and whatever else their own clients ask for.
constexpr std::uint32_t kLists = models_list | model_get | passthrough;
constexpr std::uint32_t kEverything = (1U << llm::kOperationCount) - 1;

constexpr Surface chat(std::string_view path = {}, Auth auth = Auth::bearer) {
  return {.dialect = Dialect::openai_chat, .path = path, .auth = auth};
}
constexpr Surface responses_api(std::string_view path = {}, Auth auth = Auth::bearer) {
  return {.dialect = Dialect::openai_responses, .path = path, .auth = auth};
}
constexpr Surface messages_api(std::string_view path, Auth auth) {
  return {.dialect = Dialect::anthropic, .path = path, .auth = auth};
}
constexpr Surface beside(Surface surface) {
  surface.beside = true;
  return surface;
}

struct Row {
  ProviderKind kind;
  std::initializer_list<Surface> surfaces;
  std::array<std::string_view, 2> versions{};
  std::uint32_t operations = 0;
  const llm::Quirks* quirks = &quirks::kPlain;
  Origin origin = Origin::none;
  Choice choice = Choice::by_caller;
  std::string_view aws_service = {};
  bool in_process = false;
};

constexpr Kind make(const Row& row) {
  Kind made{.kind = row.kind,
            .versions = row.versions,
            .operations = row.operations,
            .quirks = row.quirks,
            .origin = row.origin,
            .choice = row.choice,
            .aws_service = row.aws_service,
            .in_process = row.in_process};
  for (const Surface& surface : row.surfaces) made.surfaces[made.surface_count++] = surface;
  return made;
}

// Paths as the providers' API references have them. Where a provider has an operation but in words of its own that
// nobody translates, it is left out: the caller is told so instead of being sent somebody's "not found".
constexpr std::array kKinds = {
    make({.kind = ProviderKind::openai,
          .surfaces = {chat(), responses_api()},
          .operations = kLists | completions | embeddings | moderations | images | audio | files | batches | realtime,
          .quirks = &quirks::kOpenAi,
          .origin = Origin::openai}),
    make({.kind = ProviderKind::azure,
          .surfaces = {beside(chat("/openai/v1", Auth::api_key_header)),
                       beside(responses_api("/openai/v1", Auth::api_key_header))},
          .versions = {"/openai/v1", "/openai"},
          .operations = kLists | completions | embeddings | images | audio | files | batches | realtime,
          .quirks = &quirks::kOpenAi,
          .origin = Origin::azure}),
    make({.kind = ProviderKind::anthropic,
          .surfaces = {beside(messages_api("/v1", Auth::x_api_key))},
          .versions = {"/v1"},
          .operations = kLists | count_tokens | files | batches,
          .origin = Origin::anthropic}),
    make({.kind = ProviderKind::gemini,
          .surfaces = {{.dialect = Dialect::gemini, .path = "/v1beta", .beside = true, .auth = Auth::x_goog_api_key}},
          .versions = {"/v1beta", "/v1"},
          .operations = kLists | embeddings | embed_content | count_tokens | files | batches,
          .origin = Origin::gemini}),
    // The paths go on with project and location; profile.cc.
    make({.kind = ProviderKind::vertex,
          .surfaces = {{.dialect = Dialect::gemini, .path = "/v1", .beside = true, .auth = Auth::x_goog_api_key},
                       beside(messages_api("/v1", Auth::x_goog_api_key)),
                       beside(chat("/v1", Auth::x_goog_api_key))},
          .versions = {"/v1beta1", "/v1"},
          .operations = bit(count_tokens),
          .quirks = &quirks::kVertex,
          .origin = Origin::gemini,
          .choice = Choice::vertex}),
    make({.kind = ProviderKind::bedrock,
          .surfaces = {{.dialect = Dialect::bedrock, .path = {}, .auth = Auth::bearer}},
          .operations = embeddings | rerank,
          .origin = Origin::bedrock,
          .aws_service = "bedrock"}),
    make({.kind = ProviderKind::bedrock_mantle,
          .surfaces = {chat(), responses_api(), beside(messages_api("/anthropic/v1", Auth::x_api_key))},
          .versions = {"/openai/v1", "/v1"},
          .operations = kLists | count_tokens,
          .quirks = &quirks::kMantle,
          .origin = Origin::bedrock,
          .choice = Choice::mantle,
          .aws_service = "bedrock-mantle"}),
    make({.kind = ProviderKind::mistral,
          .surfaces = {chat()},
          .operations = kLists | embeddings | moderations | audio | files,
          .quirks = &quirks::kMistral,
          .origin = Origin::mistral}),
    make({.kind = ProviderKind::cohere,
          .surfaces = {{.dialect = Dialect::cohere, .path = "/v2", .beside = true, .auth = Auth::bearer}},
          .versions = {"/v2", "/v1"},
          .operations = embeddings | rerank}),
    make({.kind = ProviderKind::groq,
          .surfaces = {chat(), responses_api()},
          .operations = kLists | audio | files | batches,
          .quirks = &quirks::kGroq}),
    make({.kind = ProviderKind::xai,
          .surfaces = {chat(), responses_api()},
          .operations = kLists | images | files | realtime,
          .quirks = &quirks::kXai,
          .origin = Origin::xai}),
    make({.kind = ProviderKind::deepseek,
          .surfaces = {chat(), responses_api(), beside(messages_api("/anthropic/v1", Auth::x_api_key))},
          .versions = {"/v1", "/beta"},
          .operations = kLists,
          .quirks = &quirks::kDeepSeek}),
    make({.kind = ProviderKind::perplexity,
          .surfaces = {chat(), beside(responses_api("/v1"))},
          .versions = {"/v1"},
          .operations = bit(passthrough),
          .quirks = &quirks::kPerplexity}),
    make({.kind = ProviderKind::openrouter,
          .surfaces = {chat(), responses_api(), messages_api({}, Auth::bearer)},
          .operations = kLists | completions | embeddings,
          .quirks = &quirks::kOpenRouter,
          .origin = Origin::openrouter}),
    make({.kind = ProviderKind::together,
          .surfaces = {chat()},
          .operations = kLists | completions | embeddings | images | audio | rerank | files,
          .quirks = &quirks::kTogether}),
    make({.kind = ProviderKind::fireworks,
          .surfaces = {chat()},
          .operations = kLists | completions | embeddings,
          .quirks = &quirks::kFireworks}),
    make({.kind = ProviderKind::cerebras,
          .surfaces = {chat()},
          .operations = kLists | completions,
          .quirks = &quirks::kCerebras}),
    make({.kind = ProviderKind::sambanova,
          .surfaces = {chat()},
          .operations = kLists | embeddings,
          .quirks = &quirks::kSambaNova}),
    make({.kind = ProviderKind::nvidia,
          .surfaces = {chat()},
          .operations = kLists | completions | embeddings,
          .quirks = &quirks::kNvidia}),
    make({.kind = ProviderKind::databricks,
          .surfaces = {chat()},
          .operations = completions | embeddings,
          .quirks = &quirks::kDatabricks}),
    make({.kind = ProviderKind::watsonx,
          .surfaces = {beside(chat("/ml/v1/text"))},
          .versions = {"/ml/v1"},
          .quirks = &quirks::kWatsonx}),
    make({.kind = ProviderKind::huggingface, .surfaces = {chat()}, .operations = kLists}),
    make({.kind = ProviderKind::moonshot,
          .surfaces = {chat(), beside(messages_api("/anthropic/v1", Auth::bearer))},
          .versions = {"/v1"},
          .operations = kLists | files,
          .quirks = &quirks::kMoonshot}),
    make({.kind = ProviderKind::zai,
          .surfaces = {chat(), beside(messages_api("/anthropic/v1", Auth::bearer))},
          .versions = {"/paas/v4", "/coding/paas/v4"},
          .operations = kLists | images,
          .quirks = &quirks::kZai}),
    make({.kind = ProviderKind::dashscope,
          .surfaces = {chat(), beside(messages_api("/apps/anthropic/v1", Auth::bearer))},
          .versions = {"/compatible-mode/v1"},
          .operations = kLists | embeddings | files | batches,
          .quirks = &quirks::kDashScope}),
    make({.kind = ProviderKind::ollama,
          .surfaces = {{.dialect = Dialect::ollama, .path = "/api", .beside = true, .auth = Auth::bearer},
                       beside(chat("/v1")),
                       beside(messages_api("/v1", Auth::bearer))},
          .versions = {"/v1", "/api"},
          .operations = kLists | completions | embeddings,
          .quirks = &quirks::kOllama}),
    make({.kind = ProviderKind::vllm,
          .surfaces = {chat()},
          .versions = {"/v1"},
          .operations = kLists | completions | embeddings | rerank | audio,
          .quirks = &quirks::kOwnServer}),
    make({.kind = ProviderKind::sglang,
          .surfaces = {chat()},
          .versions = {"/v1"},
          .operations = kLists | completions | embeddings | rerank,
          .quirks = &quirks::kOwnServer}),
    make({.kind = ProviderKind::lmstudio,
          .surfaces = {chat(), responses_api(), messages_api({}, Auth::x_api_key)},
          .versions = {"/v1"},
          .operations = kLists | completions | embeddings}),
    // Whoever speaks OpenAI's dialect at an address of its own; nobody knows what else it has.
    make({.kind = ProviderKind::openai_compatible,
          .surfaces = {chat()},
          .versions = {"/v1"},
          .operations = kEverything}),
    make({.kind = ProviderKind::sandbox,
          .surfaces = {chat({}, Auth::none)},
          .operations = kEverything,
          .in_process = true}),
};

static_assert(kKinds.size() == config::kProviderKindCount);
static_assert([] {
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (static_cast<std::size_t>(kKinds[i].kind) != i || kKinds[i].surface_count == 0) return false;
  }
  return true;
}());

}  // namespace

std::span<const Kind> kinds() { return kKinds; }

const Kind& kind_of(config::ProviderKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

const Kind* find_kind(std::string_view name) {
  for (const Kind& kind : kKinds) {
    if (kind.name() == name) return &kind;
  }
  return nullptr;
}

}  // namespace gatehouse::providers
