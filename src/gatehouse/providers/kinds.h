#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "gatehouse/config/provider_kinds.h"
#include "gatehouse/llm/chat/block.h"
#include "gatehouse/llm/dialect.h"
#include "gatehouse/llm/operation.h"
#include "gatehouse/llm/quirks.h"

namespace gatehouse::providers {

// How a provider wants its credential.
enum class Auth : std::uint8_t {
  none,
  bearer,          // Authorization: Bearer KEY
  api_key_header,  // api-key: KEY
  x_api_key,       // x-api-key: KEY
  x_goog_api_key,  // x-goog-api-key: KEY
  aws_v4,          // signed with AWS Signature Version 4
};

// A dialect that a kind of provider speaks, and where.
struct Surface {
  llm::Dialect dialect{};
  std::string_view path;  // behind the base URL's own
  // The path stands behind the base URL without its version: beside the others, not below them.
  bool beside = false;
  Auth auth = Auth::none;  // of `api_key`
};

// Which of its dialects a provider is spoken to in.
enum class Choice : std::uint8_t {
  by_caller,  // the caller's own where it is spoken, else the first
  vertex,     // by the model: Claude in Anthropic's, PUBLISHER/MODEL in OpenAI's, all others in Gemini's
  mantle,     // by the model: Claude in Anthropic's and only there
};

// What is spoken to a kind of provider. Where it is, and what it has to be told, are in config/provider_kinds.h.
struct Kind {
  config::ProviderKind kind;
  std::array<Surface, 4> surfaces{};  // the main dialect first
  std::uint8_t surface_count = 0;
  // What base URLs of the kind may end with, the longer first: taken off before `beside` paths are put on.
  std::array<std::string_view, 2> versions{};
  std::uint32_t operations = 0;  // bits of llm::Operation besides conversations
  const llm::Quirks* quirks = nullptr;
  llm::Origin origin = llm::Origin::none;  // of the opaque state that it writes
  Choice choice = Choice::by_caller;
  std::string_view aws_service = {};  // in signatures
  bool in_process = false;            // answered by providers/sandbox, no network

  std::string_view name() const { return config::to_string(kind); }
  std::span<const Surface> speaks() const { return std::span(surfaces).first(surface_count); }
  llm::Dialect dialect() const { return surfaces[0].dialect; }
};

constexpr std::uint32_t bit(llm::Operation operation) { return 1U << static_cast<std::uint32_t>(operation); }

// The one table, in the order of config::ProviderKind.
std::span<const Kind> kinds();
const Kind& kind_of(config::ProviderKind kind);
// nullptr if there is none of that name.
const Kind* find_kind(std::string_view name);

}  // namespace gatehouse::providers
