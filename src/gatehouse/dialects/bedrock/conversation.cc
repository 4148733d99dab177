#include "gatehouse/dialects/bedrock/conversation.h"

#include <algorithm>
#include <array>

namespace gatehouse::dialects::bedrock {
namespace {

using llm::Author;
using llm::Block;
using llm::Message;

bool is_system(const Message& message) {
  return message.author == Author::system || message.author == Author::developer;
}

class Arranger {
 public:
  Arranger(const llm::ChatRequest& request, const Target& target, Losses& losses)
      : request_(request), target_(target), losses_(losses) {}

  Conversation arrange() {
    const auto& messages = request_.messages;
    std::size_t at = 0;
    for (; at < messages.size() && is_system(messages[at]); ++at) {
      for (const Block& block : messages[at].blocks) {
        if (sendable(block)) {
          out_.system.push_back({&block, block.cache});
        } else if (block.cache && !out_.system.empty()) {
          out_.system.back().cache = block.cache;
        }
      }
    }
    for (; at < messages.size(); ++at) add(messages[at]);
    look_at_loop();
    return std::move(out_);
  }

 private:
  void add(const Message& message) {
    if (!message.name.empty()) drop(Setting::name);
    const bool assistant = message.author == Author::assistant;
    for (const Block& block : message.blocks) {
      if (!sendable(block)) {
        hand_on(block.cache, assistant);
        continue;
      }
      // There is no place for it in the middle: it is said in the user's turn, where it stands.
      if (is_system(message)) drop(Setting::role);
      const bool result = block.kind() == llm::BlockKind::tool_result;
      if (result || block.kind() == llm::BlockKind::tool_call) out_.tools_used = true;
      Turn& turn = turn_of(assistant && !result);
      (result ? turn.results : turn.blocks).push_back({&block, result ? mark_of(block) : block.cache});
    }
  }

  void hand_on(const std::optional<llm::CacheHint>& cache, bool assistant) {
    if (!cache || out_.turns.empty() || out_.turns.back().assistant != assistant) return;
    Turn& turn = out_.turns.back();
    (turn.blocks.empty() ? turn.results : turn.blocks).back().cache = cache;
  }

  // A result is marked as a whole, or by what stands in it.
  static std::optional<llm::CacheHint> mark_of(const Block& result) {
    if (result.cache) return result.cache;
    for (const Block& part : result.as<llm::ToolResult>()->content) {
      if (part.cache) return part.cache;
    }
    return std::nullopt;
  }

  Turn& turn_of(bool assistant) {
    if (out_.turns.empty() || out_.turns.back().assistant != assistant) {
      out_.turns.push_back({.assistant = assistant, .results = {}, .blocks = {}});
    }
    return out_.turns.back();
  }

  bool sendable(const Block& block) {
    if (const auto* text = block.as<llm::Text>()) return has_words(text->text);
    if (const auto* refusal = block.as<llm::Refusal>()) return has_words(refusal->text);
    if (const auto* reasoning = block.as<llm::Reasoning>()) {
      return can_read(reasoning->signature, target_) || can_read(reasoning->encrypted, target_);
    }
    if (const auto* foreign = block.as<llm::Foreign>()) {
      const bool native = foreign->verbatim.dialect == llm::Dialect::bedrock && !foreign->verbatim.empty();
      if (native || has_words(foreign->text)) return true;
      losses_.drop(foreign->type);
      return false;
    }
    return true;
  }

  void look_at_loop() {
    if (out_.turns.size() < 2) return;
    const Turn& last = out_.turns.back();
    const Turn& calls = out_.turns[out_.turns.size() - 2];
    if (last.assistant || last.results.empty() || !calls.assistant || calls.blocks.empty()) return;
    out_.loop_without_thinking = calls.blocks.front().block->kind() != llm::BlockKind::reasoning;
  }

  void drop(Setting setting) { losses_.drop(caller_name(request_.dialect, setting)); }

  const llm::ChatRequest& request_;
  const Target& target_;
  Losses& losses_;
  Conversation out_;
};

}  // namespace

bool has_words(std::string_view text) {
  return text.find_first_not_of(" \t\n\r\v\f\x1c\x1d\x1e\x1f") != std::string_view::npos;
}

bool can_read(const llm::Opaque& state, const Target& target) {
  return !state.empty() && target.origin != llm::Origin::none && state.origin == target.origin;
}

Conversation arrange(const llm::ChatRequest& request, const Target& target, Losses& losses) {
  return Arranger(request, target, losses).arrange();
}

}  // namespace gatehouse::dialects::bedrock
