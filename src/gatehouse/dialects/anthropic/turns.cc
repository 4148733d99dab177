#include "gatehouse/dialects/anthropic/turns.h"

#include <algorithm>
#include <cstddef>

#include "gatehouse/dialects/caller_words.h"

namespace gatehouse::dialects::anthropic {
namespace {

using llm::Author;
using llm::Block;
using llm::Message;

bool is_system(const Message& message) {
  return message.author == Author::system || message.author == Author::developer;
}

class Arranger {
 public:
  Arranger(const llm::ChatRequest& request, const Target& target, const ModelRules& rules, Losses& losses)
      : request_(request), target_(target), rules_(rules), losses_(losses) {}

  Conversation arrange() {
    const auto& messages = request_.messages;
    std::size_t at = 0;
    for (; at < messages.size() && is_system(messages[at]); ++at) {
      note_name(messages[at]);
      for (const Block& block : messages[at].blocks) {
        if (sendable(block)) out_.system.push_back(&block);
      }
    }
    for (; at < messages.size(); ++at) add(at);
    if (out_.turns.empty() && !out_.system.empty()) {
      // There has to be a turn.
      losses_.drop(caller_name(request_.dialect, Setting::role));
      out_.turns.push_back({.role = Turn::Role::user, .blocks = std::move(out_.system)});
      out_.system.clear();
    }
    look_at_loop();
    return std::move(out_);
  }

 private:
  void add(std::size_t at) {
    const Message& message = request_.messages[at];
    note_name(message);
    Turn::Role role = message.author == Author::assistant ? Turn::Role::assistant : Turn::Role::user;
    if (is_system(message)) {
      const bool sent = std::ranges::any_of(message.blocks, [this](const Block& block) { return sendable(block); });
      if (!sent) return;
      if (late_system_fits(at)) {
        role = Turn::Role::system;
      } else {
        losses_.drop(caller_name(request_.dialect, Setting::role));
      }
    }
    for (const Block& block : message.blocks) {
      if (!sendable(block)) continue;
      Turn& turn = turn_of(role, message);
      const bool result = block.kind() == llm::BlockKind::tool_result;
      if (result || block.kind() == llm::BlockKind::tool_call) out_.tools_used = true;
      (result && role == Turn::Role::user ? turn.results : turn.blocks).push_back(&block);
    }
  }

  Turn& turn_of(Turn::Role role, const Message& message) {
    if (!out_.turns.empty() && out_.turns.back().role == role) {
      Turn& turn = out_.turns.back();
      if (turn.message != &message) turn.message = nullptr;
      return turn;
    }
    return out_.turns.emplace_back(Turn{.role = role, .message = &message});
  }

  // Behind a user's turn and with nothing of a user behind it: elsewhere the API refuses it.
  bool late_system_fits(std::size_t at) const {
    if (!rules_.late_system || out_.turns.empty() || out_.turns.back().role == Turn::Role::assistant) return false;
    for (std::size_t next = at + 1; next < request_.messages.size(); ++next) {
      const Message& message = request_.messages[next];
      if (is_system(message)) continue;
      return message.author == Author::assistant;
    }
    return true;
  }

  bool sendable(const Block& block) {
    if (const auto* text = block.as<llm::Text>()) return has_words(text->text);
    if (const auto* refusal = block.as<llm::Refusal>()) return has_words(refusal->text);
    if (const auto* reasoning = block.as<llm::Reasoning>()) return can_replay(*reasoning, target_);
    if (const auto* foreign = block.as<llm::Foreign>()) {
      if (foreign->verbatim.dialect == llm::Dialect::anthropic || has_words(foreign->text)) return true;
      losses_.drop(foreign->type.empty() ? caller_name(request_.dialect, Setting::messages)
                                         : std::string_view(foreign->type));
      return false;
    }
    return true;
  }

  void note_name(const Message& message) {
    if (!message.name.empty()) losses_.drop(caller_name(request_.dialect, Setting::name));
  }

  void look_at_loop() {
    if (out_.turns.size() < 2) return;
    const Turn& last = out_.turns.back();
    const Turn& calls = out_.turns[out_.turns.size() - 2];
    if (last.role != Turn::Role::user || last.results.empty() || calls.role != Turn::Role::assistant) return;
    out_.loop_without_thinking = calls.blocks.front()->kind() != llm::BlockKind::reasoning;
  }

  const llm::ChatRequest& request_;
  const Target& target_;
  const ModelRules& rules_;
  Losses& losses_;
  Conversation out_;
};

}  // namespace

bool has_words(std::string_view text) {
  // As the API sees it, so do the line separators of Unicode count as white space; a text of these alone is rare enough
  // to let the provider say so.
  return text.find_first_not_of(" \t\n\r\v\f") != std::string_view::npos;
}

bool can_replay(const llm::Reasoning& reasoning, const Target& target) {
  const auto readable = [&target](const llm::Opaque& state) {
    return !state.empty() && target.origin != llm::Origin::none && state.origin == target.origin;
  };
  return readable(reasoning.signature) || readable(reasoning.encrypted);
}

Conversation arrange(const llm::ChatRequest& request, const Target& target, const ModelRules& rules, Losses& losses) {
  return Arranger(request, target, rules, losses).arrange();
}

}  // namespace gatehouse::dialects::anthropic
