#include "gatehouse/app/selftest/shape.h"

#include <array>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/http/sse.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace gatehouse::app::selftest {
namespace {

using json::Kind;
using json::Value;
using llm::Dialect;

template <class... T>
std::unexpected<Error> wrong(fmt::format_string<T...> format, T&&... values) {
  return fail(Code::upstream_protocol, fmt::format(format, std::forward<T>(values)...));
}

bool is_object(std::string_view document) {
  const auto kind = json::validate(document);
  return kind && *kind == Kind::object;
}

struct Member {
  std::string_view path;  // of keys, divided by dots
  Kind kind;
};

Result<> has(std::string_view document, std::span<const Member> members) {
  for (const Member& member : members) {
    const Value value(json::find(document, member.path));
    if (!value.is(member.kind)) return wrong("`{}` is not there, or not of its kind", member.path);
  }
  return {};
}

Result<> is(Value object, std::string_view key, std::string_view text) {
  if (object[key].string_or("") == text) return {};
  return wrong("`{}` is not \"{}\"", key, text);
}

Result<> each_is_object(Value list, std::string_view what) {
  bool good = true;
  list.elements([&](Value element) { good = good && element.is(Kind::object); });
  if (good) return {};
  return wrong("`{}` holds what is no object", what);
}

constexpr std::array kChat{Member{"id", Kind::string}, Member{"model", Kind::string}, Member{"created", Kind::number},
                           Member{"choices", Kind::array}};
constexpr std::array kResponse{Member{"id", Kind::string}, Member{"model", Kind::string},
                               Member{"status", Kind::string}, Member{"output", Kind::array},
                               Member{"usage.input_tokens", Kind::number}};
constexpr std::array kMessage{Member{"id", Kind::string},
                              Member{"model", Kind::string},
                              Member{"content", Kind::array},
                              Member{"stop_reason", Kind::string},
                              Member{"usage.input_tokens", Kind::number},
                              Member{"usage.output_tokens", Kind::number}};

Result<> check_chat(Value answer) {
  if (auto found = has(answer.raw(), kChat); !found) return found;
  if (auto object = is(answer, "object", "chat.completion"); !object) return object;
  if (answer["choices"].size() == 0) return wrong("`choices` is empty");
  Result<> good;
  answer["choices"].elements([&](Value choice) {
    if (!good) return;
    const Value message = choice["message"];
    if (message["role"].string_or("") != "assistant") good = wrong("`message.role` is not \"assistant\"");
    if (!choice["finish_reason"].is(Kind::string)) good = wrong("a choice has no `finish_reason`");
    message["tool_calls"].elements([&](Value call) {
      if (call["id"].string_or("").empty() || call["type"].string_or("").empty()) {
        good = wrong("a tool call has no `id` or no `type`");
      }
    });
  });
  return good;
}

Result<> check_response(Value answer) {
  if (auto found = has(answer.raw(), kResponse); !found) return found;
  if (auto object = is(answer, "object", "response"); !object) return object;
  const std::string status = answer["status"].string_or("");
  if (status != "completed" && status != "incomplete") return wrong("`status` is \"{}\"", status);
  if (status == "incomplete" && !answer["incomplete_details"].is(Kind::object)) {
    return wrong("it is incomplete, and `incomplete_details` does not say why");
  }
  Result<> good;
  answer["output"].elements([&](Value item) {
    if (!item["type"].is(Kind::string)) good = wrong("an item has no `type`");
  });
  return good;
}

Result<> check_message(Value answer) {
  if (auto found = has(answer.raw(), kMessage); !found) return found;
  if (auto type = is(answer, "type", "message"); !type) return type;
  if (auto role = is(answer, "role", "assistant"); !role) return role;
  Result<> good;
  answer["content"].elements([&](Value block) {
    if (!block["type"].is(Kind::string)) good = wrong("a block has no `type`");
    if (block["type"].string_or("") == "tool_use" && !block["input"].is(Kind::object)) {
      good = wrong("the `input` of a tool_use is no object");
    }
  });
  return good;
}

// Also a chunk of a stream, of which only the last has a reason to end.
Result<> check_candidates(Value answer, bool whole) {
  const Value candidates = answer["candidates"];
  if (!candidates.exists() && (answer["promptFeedback"].exists() || !whole)) return {};
  if (!candidates.is(Kind::array)) return wrong("there are no `candidates`");
  if (auto objects = each_is_object(candidates, "candidates"); !objects) return objects;
  Result<> good;
  candidates.elements([&](Value candidate) {
    const Value content = candidate["content"];
    if (content.exists() && content["parts"].exists() && !content["parts"].is(Kind::array)) {
      good = wrong("`content.parts` is no list");
    }
    if (whole && !candidate["finishReason"].is(Kind::string)) good = wrong("a candidate has no `finishReason`");
  });
  if (good && whole && !answer["usageMetadata"].is(Kind::object)) return wrong("there is no `usageMetadata`");
  return good;
}

std::unexpected<Error> broke_off(Value error) {
  return wrong("the stream broke off with an error: {}", error["message"].string_or("(it says nothing)"));
}

using Events = std::span<const StreamEvent>;

Result<> check_chat_stream(Events events) {
  if (events.back().data != "[DONE]") return wrong("the stream does not end with [DONE]");
  std::string id;
  bool finished = false;
  bool usage = false;
  for (const StreamEvent& event : events.first(events.size() - 1)) {
    const Value chunk(event.data);
    if (chunk["error"].is(Kind::object)) return broke_off(chunk["error"]);
    if (auto object = is(chunk, "object", "chat.completion.chunk"); !object) return object;
    if (!chunk["choices"].is(Kind::array)) return wrong("a chunk has no `choices`");
    const std::string its = chunk["id"].string_or("");
    if (its.empty() || (!id.empty() && its != id)) return wrong("chunks have no `id`, or not all the same");
    id = its;
    usage = usage || chunk["usage"].is(Kind::object);
    Result<> good;
    chunk["choices"].elements([&](Value choice) {
      const Value delta = choice["delta"];
      const bool says = !delta["content"].string_or("").empty() || delta["tool_calls"].size() > 0;
      if (finished && says) good = wrong("something is said behind the `finish_reason`");
      finished = finished || choice["finish_reason"].is(Kind::string);
    });
    if (!good) return good;
  }
  if (!finished) return wrong("no chunk has a `finish_reason`");
  if (!usage) return wrong("no chunk tells the `usage`, which was asked for");
  return {};
}

// Events of responses and messages are named twice.
Result<> named_alike(const StreamEvent& event) {
  const std::string type = Value(event.data)["type"].string_or("");
  if (!type.empty() && type == event.name) return {};
  return wrong("an event is named \"{}\", and its `type` is \"{}\"", event.name, type);
}

Result<> check_response_stream(Events events) {
  std::optional<std::int64_t> last;
  for (const StreamEvent& event : events) {
    const Value value(event.data);
    if (event.name == "error") return broke_off(value["error"].exists() ? value["error"] : value);
    if (event.name == "response.failed") return broke_off(value["response"]["error"]);
    if (auto alike = named_alike(event); !alike) return alike;
    const auto number = value["sequence_number"].integer();
    if (!number || (last && *number <= *last)) return wrong("`sequence_number` is missing, or does not ascend");
    last = number;
  }
  if (events.front().name != "response.created") return wrong("the first event is no response.created");
  if (events.back().name != "response.completed" && events.back().name != "response.incomplete") {
    return wrong("the last event is neither response.completed nor response.incomplete");
  }
  return check_answer(Dialect::openai_responses, Value(events.back().data)["response"].raw());
}

Result<> check_message_stream(Events events) {
  std::set<std::int64_t> open;
  std::int64_t begun = 0;
  bool delta = false;
  bool usage = false;
  for (const StreamEvent& event : events) {
    const Value value(event.data);
    if (event.name == "error") return broke_off(value["error"]);
    if (auto alike = named_alike(event); !alike) return alike;
    const std::int64_t index = value["index"].integer().value_or(-1);
    if (event.name == "content_block_start") {
      if (index != begun++) return wrong("blocks are not numbered in their order");
      open.insert(index);
    } else if (event.name == "content_block_delta") {
      if (!open.contains(index)) return wrong("a block grows that is not open");
    } else if (event.name == "content_block_stop") {
      if (open.erase(index) == 0) return wrong("a block ends that is not open");
    } else if (event.name == "message_delta") {
      if (!open.empty()) return wrong("the message ends while a block is open");
      delta = delta || value["delta"]["stop_reason"].is(Kind::string);
      usage = usage || value["usage"]["output_tokens"].is(Kind::number);
    }
  }
  if (events.front().name != "message_start") return wrong("the first event is no message_start");
  if (events.back().name != "message_stop") return wrong("the last event is no message_stop");
  if (!delta) return wrong("no message_delta has a `stop_reason`");
  if (!usage) return wrong("no message_delta tells the `usage`");
  return {};
}

Result<> check_gemini_stream(Events events) {
  bool finished = false;
  bool usage = false;
  for (const StreamEvent& event : events) {
    const Value value(event.data);
    if (value["error"].is(Kind::object)) return broke_off(value["error"]);
    if (auto good = check_candidates(value, false); !good) return good;
    value["candidates"].elements(
        [&](Value candidate) { finished = finished || candidate["finishReason"].is(Kind::string); });
    usage = usage || value["usageMetadata"].is(Kind::object);
  }
  if (!finished) return wrong("no chunk has a `finishReason`");
  if (!usage) return wrong("no chunk has a `usageMetadata`");
  return {};
}

}  // namespace

Result<> check_answer(Dialect dialect, std::string_view body) {
  if (!is_object(body)) return wrong("the answer is no JSON object");
  const Value answer(body);
  switch (dialect) {
    case Dialect::openai_chat:
      return check_chat(answer);
    case Dialect::openai_responses:
      return check_response(answer);
    case Dialect::anthropic:
      return check_message(answer);
    case Dialect::gemini:
      return check_candidates(answer, true);
    default:
      return fail(Code::internal, "nobody calls in this dialect");
  }
}

Result<> check_error(Dialect dialect, int status, std::string_view body) {
  if (!is_object(body)) return wrong("the error ({}) is no JSON object", status);
  const Value answer(body);
  const Value error = answer["error"];
  if (error["message"].string_or("").empty()) return wrong("the error ({}) has no `error.message`", status);
  if (dialect == Dialect::gemini) {
    if (error["code"].integer() != status) return wrong("`error.code` is not the status {}", status);
    if (!error["status"].is(Kind::string)) return wrong("the error has no `error.status`");
    return {};
  }
  if (!error["type"].is(Kind::string)) return wrong("the error ({}) has no `error.type`", status);
  if (dialect == Dialect::anthropic) return is(answer, "type", "error");
  return {};
}

Result<std::vector<StreamEvent>> check_stream(Dialect dialect, std::string_view bytes) {
  std::vector<StreamEvent> events;
  std::string scratch;
  http::SseReader reader(bytes, scratch);
  http::SseEvent event;
  std::size_t read = 0;
  while (reader.next(event)) {
    read += event.raw.size();
    if (event.only_comment || !event.has_data) continue;
    if (event.data != "[DONE]" && !is_object(event.data)) return wrong("the data of an event is no JSON object");
    events.push_back({.name = std::string(event.event), .data = std::string(event.data)});
  }
  if (events.empty()) return wrong("the stream has no event");
  if (read != bytes.size()) return wrong("the stream ends in the middle of an event");
  const auto judge = [&]() -> Result<> {
    switch (dialect) {
      case Dialect::openai_chat:
        return check_chat_stream(events);
      case Dialect::openai_responses:
        return check_response_stream(events);
      case Dialect::anthropic:
        return check_message_stream(events);
      case Dialect::gemini:
        return check_gemini_stream(events);
      default:
        return fail(Code::internal, "nobody calls in this dialect");
    }
  };
  if (auto good = judge(); !good) return std::unexpected(std::move(good.error()));
  return events;
}

}  // namespace gatehouse::app::selftest
