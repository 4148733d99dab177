#include "gatehouse/dialects/openai_responses/response_reader.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "gatehouse/base/error.h"
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

struct Named {
  std::string_view code;
  ErrorKind kind;
};
// Codes and types of errors that say more than the status (platform.openai.com/docs/guides/error-codes, and the codes
// of response.error), and what others who speak the dialect call the same.
constexpr std::array<Named, 24> kCodes = {{
    {"context_length_exceeded", ErrorKind::context_length},
    {"string_above_max_length", ErrorKind::context_length},
    {"content_filter", ErrorKind::content_filter},
    {"content_policy_violation", ErrorKind::content_filter},
    {"image_content_policy_violation", ErrorKind::content_filter},
    {"bio_policy", ErrorKind::content_filter},
    {"insufficient_quota", ErrorKind::billing},
    {"billing_hard_limit_reached", ErrorKind::billing},
    {"billing_not_active", ErrorKind::billing},
    {"rate_limit_exceeded", ErrorKind::rate_limit},
    {"rate_limit_error", ErrorKind::rate_limit},
    {"requests", ErrorKind::rate_limit},
    {"tokens", ErrorKind::rate_limit},
    {"invalid_api_key", ErrorKind::authentication},
    {"authentication_error", ErrorKind::authentication},
    {"permission_error", ErrorKind::permission},
    {"model_not_found", ErrorKind::not_found},
    {"previous_response_not_found", ErrorKind::not_found},
    {"invalid_prompt", ErrorKind::invalid_request},
    {"invalid_request_error", ErrorKind::invalid_request},
    {"server_is_overloaded", ErrorKind::overloaded},
    {"overloaded_error", ErrorKind::overloaded},
    {"vector_store_timeout", ErrorKind::timeout},
    {"server_error", ErrorKind::api},
}};

std::optional<ErrorKind> kind_by_code(std::string_view code) {
  if (code.empty()) return std::nullopt;
  const auto found = std::ranges::find(kCodes, code, &Named::code);
  if (found != kCodes.end()) return found->kind;
  // invalid_image, image_too_large, failed_to_download_image ...
  if (code.find("image") != std::string_view::npos) return ErrorKind::invalid_request;
  return std::nullopt;
}

ErrorKind kind_by_status(int status) {
  switch (status) {
    case 401:
      return ErrorKind::authentication;
    case 402:
      return ErrorKind::billing;
    case 403:
      return ErrorKind::permission;
    case 404:
      return ErrorKind::not_found;
    case 408:
    case 504:
      return ErrorKind::timeout;
    case 409:
      return ErrorKind::conflict;
    case 413:
      return ErrorKind::too_large;
    case 429:
      return ErrorKind::rate_limit;
    case 503:
    case 529:
      return ErrorKind::overloaded;
    default:
      return status >= 400 && status < 500 ? ErrorKind::invalid_request : ErrorKind::api;
  }
}

int status_by_kind(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_request:
    case ErrorKind::context_length:
    case ErrorKind::content_filter:
      return 400;
    case ErrorKind::authentication:
      return 401;
    case ErrorKind::billing:
    case ErrorKind::rate_limit:
      return 429;
    case ErrorKind::permission:
      return 403;
    case ErrorKind::not_found:
      return 404;
    case ErrorKind::conflict:
      return 409;
    case ErrorKind::too_large:
      return 413;
    case ErrorKind::timeout:
      return 504;
    case ErrorKind::overloaded:
      return 503;
    case ErrorKind::api:
      return 500;
  }
  return 500;
}

bool speaks_of_context(std::string_view message) {
  return message.find("context length") != std::string_view::npos ||
         message.find("context window") != std::string_view::npos;
}

std::string code_of(const Value& value) {
  if (value.is(json::Kind::number)) return std::string(value.raw());
  return value.string_or("");
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
  llm::ChatError out;
  const Value error(raw);
  if (error.is(json::Kind::string)) {
    out.message = error.string_or("");
  } else {
    out.message = error["message"].string_or("");
    out.type = error["type"].string_or("");
    out.code = code_of(error["code"]);
    out.param = error["param"].string_or("");
  }
  auto kind = kind_by_code(out.code);
  if (!kind) kind = kind_by_code(out.type);
  const bool told = status >= 400;
  if (kind && told && (*kind == ErrorKind::api || *kind == ErrorKind::invalid_request)) kind.reset();
  out.kind = kind ? *kind : told ? kind_by_status(status) : ErrorKind::api;
  if (out.kind == ErrorKind::invalid_request && speaks_of_context(out.message)) out.kind = ErrorKind::context_length;
  out.status = told ? status : status_by_kind(out.kind);
  return out;
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
  llm::ChatError out;
  const auto start = body.find_first_not_of(" \t\r\n");
  if (start != std::string_view::npos && is_readable(body)) {
    Value document(body.substr(start));
    // A list with one error in it, as a server behind Google's front gives it.
    if (document.is(json::Kind::array)) {
      Value first;
      document.elements([&first](Value element) {
        if (!first.exists()) first = element;
      });
      document = first;
    }
    Value error = document["error"];
    if (!error.exists() || error.is_null()) error = document["response"]["error"];
    if (!error.exists() || error.is_null()) error = document;
    out = read_error_object(status, error.raw());
    // {"detail": ...} of servers in Python; {"error": "words", "code": ...} of xAI.
    if (out.message.empty()) out.message = document["detail"].string_or("");
    if (out.code.empty()) out.code = code_of(document["code"]);
    return out;
  }
  out.status = status >= 400 ? status : 500;
  out.kind = kind_by_status(out.status);
  return out;
}

}  // namespace gatehouse::dialects::openai_responses
