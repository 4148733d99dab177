#include "gatehouse/dialects/anthropic/message_reader.h"

#include <algorithm>
#include <utility>

#include "gatehouse/dialects/anthropic/answer_words.h"
#include "gatehouse/dialects/anthropic/content_reader.h"
#include "gatehouse/dialects/anthropic/fields.h"
#include "gatehouse/dialects/schema/unwrap.h"
#include "gatehouse/json/value.h"
#include "gatehouse/llm/usage_reader.h"

namespace gatehouse::dialects::anthropic {
namespace {

using llm::Block;

std::string unwrapped(std::string_view text, const Rewrites& rewrites) {
  return rewrites.json_wrapped ? unwrap_value(text) : std::string(text);
}

// Undoes what was rewritten in the request.
void restore(llm::Choice& choice, const Reading& reading) {
  const Rewrites& rewrites = reading.rewrites;
  const auto is_answer = [&rewrites](const Block& block) {
    const auto* call = block.as<llm::ToolCall>();
    return !rewrites.json_tool.empty() && call != nullptr && call->name == rewrites.json_tool;
  };
  const bool answered = std::ranges::any_of(choice.blocks, is_answer);
  // Where the answer came as the arguments of a tool, what was said besides is no part of it.
  if (answered) std::erase_if(choice.blocks, [](const Block& block) { return block.kind() == llm::BlockKind::text; });
  bool user_call = false;
  for (Block& block : choice.blocks) {
    if (is_answer(block)) {
      const std::string& json = block.as<llm::ToolCall>()->arguments;
      std::string text = unwrapped(json.empty() ? "{}" : json, rewrites);
      block = {.value = llm::Text{.text = std::move(text)}};
    } else if (auto* const call = block.as<llm::ToolCall>()) {
      user_call = true;
      if (is_text_tool(rewrites, call->name)) {
        call->kind = llm::ToolKind::custom;
        call->arguments = text_tool_input(call->arguments);
      }
      call->name = caller_tool_name(rewrites, call->name);
    } else if (auto* const text = block.as<llm::Text>(); text != nullptr && rewrites.json_tool.empty()) {
      if (rewrites.json_wrapped) text->text = unwrapped(text->text, rewrites);
    } else if (auto* const reasoning = block.as<llm::Reasoning>()) {
      if (!reasoning->signature.empty()) reasoning->signature.origin = reading.origin;
      if (!reasoning->encrypted.empty()) reasoning->encrypted.origin = reading.origin;
    }
  }
  if (answered && !user_call && choice.finish == llm::FinishReason::tool_calls) choice.finish = llm::FinishReason::stop;
}

}  // namespace

std::string_view caller_tool_name(const Rewrites& rewrites, std::string_view sent) {
  for (const auto& [as_sent, as_told] : rewrites.tool_names) {
    if (as_sent == sent) return as_told;
  }
  return sent;
}

bool is_text_tool(const Rewrites& rewrites, std::string_view sent) {
  return std::ranges::find(rewrites.text_tools, sent) != rewrites.text_tools.end();
}

std::string text_tool_input(std::string_view arguments) {
  if (json::validate(arguments)) {
    if (auto text = json::read_string(json::find(arguments, "input"))) return std::move(*text);
  }
  return std::string(arguments);
}

Result<llm::ChatAnswer> read_message(std::string_view body, const Reading& reading) {
  const auto broken = [] { return fail(Code::upstream_protocol, "The provider's answer is no message."); };
  Fields fields;
  json::Cursor whole(body);
  if (!fields.read(whole) || !whole.at_end()) return broken();
  const auto content = fields.raw("content");
  if (fields.text("type") == "error" || json::kind_of(content) != json::Kind::array) return broken();
  llm::ChatAnswer answer;
  answer.id = fields.text("id");
  answer.model = fields.text("model");
  llm::Choice& choice = answer.choices.emplace_back();
  ContentReader reader;
  json::Cursor cursor(content);
  if (!reader.read(cursor, choice.blocks)) return broken();
  choice.native_finish = fields.text("stop_reason");
  choice.finish = finish_from(choice.native_finish);
  choice.stop_sequence = fields.text("stop_sequence");
  restore(choice, reading);
  if (const auto details = fields.raw("stop_details"); !details.empty()) {
    if (std::string why = json::Value(details)["explanation"].string_or(""); !why.empty()) {
      choice.blocks.push_back({.value = llm::Refusal{.text = std::move(why)}});
    }
    answer.extras.push_back({.name = "stop_details", .json = kept_json(details)});
  }
  if (const auto usage = fields.raw("usage"); !usage.empty()) {
    answer.usage = llm::read_usage(llm::UsageApi::anthropic, usage);
    answer.service_tier = json::Value(usage)["service_tier"].string_or("");
  }
  for (const std::string_view name : {"container", "context_management", "diagnostics"}) {
    if (const auto raw = fields.raw(name); !raw.empty()) {
      answer.extras.push_back({.name = std::string(name), .json = kept_json(raw)});
    }
  }
  return answer;
}

}  // namespace gatehouse::dialects::anthropic
