#include "gatehouse/stages/inspect/shape.h"

#include <array>
#include <cstdint>
#include <string_view>

#include <fmt/format.h>

#include "gatehouse/llm/tokens/model_tokens.h"
#include "gatehouse/llm/tokens/tokenizer.h"

namespace gatehouse::stages {
namespace {

Result<> at_most(std::string_view what, std::uint64_t there, std::uint64_t limit) {
  if (limit == 0 || there <= limit) return {};
  return fail(Code::too_large, fmt::format("The request has {} {}; policy allows {}", there, what, limit));
}

}  // namespace

Result<> check_shape(const pipeline::Exchange& exchange, const pipeline::Inspection& inspection) {
  const config::InputLimits& limits = inspection.rules->limits();
  const llm::SegmentList& list = inspection.segments;
  if (auto fits = at_most("messages", list.messages, limits.messages); !fits) return fits;
  if (auto fits = at_most("tools", list.tools, limits.tools); !fits) return fits;
  if (auto fits = at_most("images, audio clips and files", list.media, limits.media); !fits) return fits;
  if (auto fits = at_most("levels of nesting", list.depth, limits.depth); !fits) return fits;
  if (limits.message_characters != 0) {
    std::uint64_t characters = 0;
    std::uint32_t message = 0;
    for (const llm::Segment& segment : list.segments) {
      if (segment.message != message) characters = 0;
      message = segment.message;
      for (const char c : segment.text) characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
      if (auto fits = at_most("characters in a message", characters, limits.message_characters); !fits) return fits;
    }
  }
  if ((limits.total_tokens | limits.system_tokens | limits.user_tokens | limits.tool_tokens) == 0) return {};
  const llm::ModelTokens tokens = llm::tokens_of_model(exchange.call.model);
  std::array<std::uint64_t, llm::kRoleCount> by_role{};
  std::uint64_t total = 0;
  for (const llm::Segment& segment : list.segments) {
    if (segment.kind == llm::SegmentKind::media) continue;
    const std::uint64_t count = llm::count_tokens(tokens.encoding, segment.text);
    by_role[static_cast<std::size_t>(segment.role)] += count;
    total += count;
  }
  if (auto fits = at_most("tokens", total, limits.total_tokens); !fits) return fits;
  const auto of = [&](llm::Role role) { return by_role[static_cast<std::size_t>(role)]; };
  if (auto fits = at_most("tokens of the system's", of(llm::Role::system), limits.system_tokens); !fits) return fits;
  if (auto fits = at_most("tokens of the user's", of(llm::Role::user), limits.user_tokens); !fits) return fits;
  return at_most("tokens of tools", of(llm::Role::tool), limits.tool_tokens);
}

std::string scope_of(const pipeline::Exchange& exchange) {
  std::string scope;
  if (exchange.principal != nullptr) {
    scope = exchange.principal->user.empty() ? exchange.principal->key_name : exchange.principal->user;
  }
  scope += '/';
  scope += exchange.call.user.substr(0, 64);
  const auto conversation = exchange.head().fields.value("x-gatehouse-conversation");
  scope += '/';
  scope += conversation.substr(0, 128);
  return scope;
}

}  // namespace gatehouse::stages
