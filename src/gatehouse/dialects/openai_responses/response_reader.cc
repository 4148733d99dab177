#include "gatehouse/dialects/openai_responses/response_reader.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "gatehouse/base/error.h"
#include "gatehouse/dialects/openai_chat/codec_request.h"
#include "gatehouse/dialects/openai_responses/codec.h"
#include "gatehouse/dialects/openai_responses/item_reader.h"
#include "gatehouse/dialects/schema/unwrap.h"
#include "gatehouse/json/cursor.h"
#include "gatehouse/json/value.h"
#include "gatehouse/llm/usage_reader.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::dialects::openai_responses {
namespace {

using json::Cursor;
using json::Value;
using llm::ErrorKind;
using llm::FinishReason;

// What a response repeats of its request, and what says nothing that is not said elsewhere.
constexpr std::array<std::string_view, 33> kEchoed = {"object",
                                                      "background",
                                                      "billing",
                                                      "completed_at",
                                                      "conversation",
                                                      "frequency_penalty",
                                                      "include",
                                                      "instructions",
                                                      "max_output_tokens",
                                                      "max_tool_calls",
                                                      "metadata",
                                                      "output_text",
                                                      "parallel_tool_calls",
                                                      "presence_penalty",
                                                      "previous_response_id",
                                                      "prompt",
                                                      "prompt_cache_key",
                                                      "prompt_cache_options",
                                                      "prompt_cache_retention",
                                                      "reasoning",
                                                      "safety_identifier",
                                                      "store",
                                                      "stream",
                                                      "stream_options",
                                                      "temperature",
                                                      "text",
                                                      "tool_choice",
                                                      "tool_usage",
                                                      "tools",
                                                      "top_logprobs",
                                                      "top_p",
                                                      "truncation",
                                                      "user"};
static_assert(std::ranges::is_sorted(kEchoed.begin() + 1, kEchoed.end()));

bool is_echo(std::string_view name) {
  return name == kEchoed.front() || std::binary_search(kEchoed.begin() + 1, kEchoed.end(), name);
}

}  // namespace

bool is_readable(std::string_view json) {
  Cursor cursor(json);
  return cursor.skip() && cursor.at_end() && text::valid_utf8(json);
}

ResponseHead read_response(std::string_view raw) {
  ResponseHead head;
  head.read = raw.starts_with('{') && json::walk_object(raw, [&head](const json::Member& member) {
                if (member.kind == json::Kind::null) return;
                const std::string_view name = member.key;
                const auto words = [&member](std::string& out) {
                  out.clear();
                  json::append_string(member.value, out);
                };
                if (name == "id") {
                  words(head.id);
                } else if (name == "model") {
                  words(head.model);
                } else if (name == "status") {
                  words(head.status);
                } else if (name == "service_tier") {
                  words(head.service_tier);
                } else if (name == "created_at") {
                  const double at = json::read_number(member.value).value_or(0);
                  head.created = at > 0 && at < 1e15 ? static_cast<std::int64_t>(at) : 0;
                } else if (name == "incomplete_details") {
                  head.incomplete_reason = Value(member.value)["reason"].string_or("");
                } else if (name == "error") {
                  head.error = member.value;
                } else if (name == "usage") {
                  head.usage = member.value;
                } else if (name == "output") {
                  if (member.kind == json::Kind::array) head.output = member.value;
                } else if (!is_echo(name)) {
                  head.extras.push_back({.name = std::string(name), .json = std::string(member.value)});
                }
              });
  return head;
}

FinishReason finish_of(const ResponseHead& head, bool calls) {
  if (head.incomplete_reason == "max_output_tokens" || head.incomplete_reason == "max_tokens") {
    return FinishReason::length;
  }
  if (head.incomplete_reason == "content_filter") return FinishReason::content_filter;
  if (head.status == "failed" || head.status == "cancelled") return FinishReason::error;
  if (head.status == "incomplete") return FinishReason::length;
  // A background response that is still being made.
  if (head.status == "queued" || head.status == "in_progress") return FinishReason::pause;
  return calls ? FinishReason::tool_calls : FinishReason::stop;
}

std::string_view native_finish_of(const ResponseHead& head) {
  return head.incomplete_reason.empty() ? std::string_view(head.status) : std::string_view(head.incomplete_reason);
}

llm::ChatError read_error_object(int status, std::string_view raw) {
  // {"error": "words"} of xAI.
  if (Value(raw).is(json::Kind::string))
    return openai_chat::read_chat_error(status, R"({"error":)" + std::string(raw) + "}");
  return openai_chat::read_chat_error(status, raw);
}

std::string_view callers_name(const Rewrites& rewrites, std::string_view sent) {
  for (const auto& [as_sent, callers] : rewrites.tool_names) {
    if (as_sent == sent) return callers;
  }
  return sent;
}

Result<llm::ChatAnswer> read_answer(std::string_view body, const Reading& reading) {
  if (!is_readable(body)) {
    return fail(Code::upstream_protocol, "The provider's answer is no valid JSON.");
  }
  const auto start = body.find_first_not_of(" \t\r\n");
  ResponseHead head = read_response(body.substr(start));
  if (!head.read) return fail(Code::upstream_protocol, "The provider's answer is no JSON object.");
  if (!head.error.empty() || head.status == "failed") {
    // A 200 that is none: the words are in `read_error` of the same body.
    const llm::ChatError error = read_error_object(200, head.error);
    return fail(error.kind == ErrorKind::overloaded ? Code::overloaded : Code::upstream_broken,
                error.message.empty() ? "The provider could not finish its answer." : error.message);
  }
  if (head.output.empty()) return fail(Code::upstream_protocol, "The provider's answer has no output.");
  llm::ChatAnswer answer;
  llm::Choice choice;
  ItemReader reader(ItemReader::Side::answer, reading.origin);
  Cursor cursor(head.output);
  bool calls = false;
  std::size_t count = 0;
  Item item;
  const bool walked = cursor.array([&] {
    if (++count > kMostItems || !reader.item(cursor, item)) return false;
    for (llm::Block& block : item.blocks) {
      if (auto* call = block.as<llm::ToolCall>()) {
        calls = true;
        call->name = callers_name(reading.rewrites, call->name);
        call->item_id = item.id;
      } else if (auto* text = block.as<llm::Text>()) {
        text->item_id = item.id;
        if (reading.rewrites.json_wrapped) text->text = unwrap_value(text->text);
      }
      if (item.kind == Item::Kind::message) {
        block.extras.insert(block.extras.end(), item.extras.begin(), item.extras.end());
      }
      choice.blocks.push_back(std::move(block));
    }
    return true;
  });
  if (!walked) {
    return fail(Code::upstream_protocol, reader.fault()
                                             ? "The provider's answer cannot be read: " + reader.fault()->error.detail
                                             : "The provider's answer holds what is no output.");
  }
  choice.finish = finish_of(head, calls);
  choice.native_finish = native_finish_of(head);
  answer.id = std::move(head.id);
  answer.model = std::move(head.model);
  answer.created = head.created;
  answer.service_tier = std::move(head.service_tier);
  answer.extras = std::move(head.extras);
  if (!head.usage.empty()) answer.usage = llm::read_usage(llm::UsageApi::openai, head.usage);
  answer.choices.push_back(std::move(choice));
  return answer;
}

llm::ChatError read_error(int status, std::string_view body) {
  // A response that failed has it one level down.
  if (is_readable(body)) {
    const Value error = Value(body)["response"]["error"];
    if (error.is(json::Kind::object)) return read_error_object(status, error.raw());
  }
  return openai_chat::read_chat_error(status, body);
}

}  // namespace gatehouse::dialects::openai_responses
