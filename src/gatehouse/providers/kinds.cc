#include "gatehouse/providers/kinds.h"

#include <array>

namespace gatehouse::providers {
namespace {

using llm::Dialect;

constexpr std::array kKinds = {
    Kind{.name = "openai",
         .dialect = Dialect::openai_chat,
         .base_url = "https://api.openai.com/v1",
         .auth = Auth::bearer,
         .key_required = true,
         .in_process = false},
    // vLLM, SGLang, Ollama, LM Studio, Groq, DeepSeek ...: whoever speaks OpenAI's dialect at an address of its own.
    Kind{.name = "openai_compatible",
         .dialect = Dialect::openai_chat,
         .base_url = "",
         .auth = Auth::bearer,
         .key_required = false,
         .in_process = false},
    Kind{.name = "sandbox",
         .dialect = Dialect::openai_chat,
         .base_url = "",
         .auth = Auth::none,
         .key_required = false,
         .in_process = true},
};

}  // namespace

std::span<const Kind> kinds() { return kKinds; }

const Kind* find_kind(std::string_view name) {
  for (const Kind& kind : kKinds) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

}  // namespace gatehouse::providers
