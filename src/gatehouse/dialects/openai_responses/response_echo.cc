#include "gatehouse/dialects/openai_responses/response_echo.h"

#include <algorithm>

#include "gatehouse/dialects/openai_responses/request_reader.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/llm/chat/reasoning.h"

namespace gatehouse::dialects::openai_responses {
namespace {

using json::Writer;
using llm::ChatRequest;
using llm::ErrorKind;
using llm::ToolKind;

constexpr std::string_view kRedacted = "<redacted>";

class Echo {
 public:
  explicit Echo(const ChatRequest& request)
      : request_(request), own_(request.dialect == llm::Dialect::openai_responses), writer_(out_) {}

  std::string write() {
    writer_.begin_object();
    member_or("background", "false");
    writer_.key("instructions");
    const bool instructed = !request_.messages.empty() && is_instructions(request_.messages.front());
    const auto* text = instructed && !request_.messages.front().blocks.empty()
                           ? request_.messages.front().blocks.front().as<llm::Text>()
                           : nullptr;
    string_or_null(text != nullptr ? std::string_view(text->text) : std::string_view{});
    writer_.key("max_output_tokens");
    if (request_.max_tokens) {
      writer_.unsigned_integer(*request_.max_tokens);
    } else {
      writer_.null();
    }
    member_or("max_tool_calls", "null");
    writer_.key("parallel_tool_calls").boolean(request_.parallel_tool_calls.value_or(true));
    writer_.key("previous_response_id");
    string_or_null(request_.previous_id);
    writer_.key("prompt_cache_key");
    string_or_null(request_.prompt_cache_key);
    member_or("prompt_cache_retention", "null");
    reasoning();
    writer_.key("safety_identifier");
    string_or_null(request_.safety_identifier);
    writer_.key("store").boolean(request_.store.value_or(true));
    writer_.key("temperature").number(request_.temperature.value_or(1));
    format();
    tool_choice();
    tools();
    writer_.key("top_logprobs").unsigned_integer(request_.top_logprobs.value_or(0));
    writer_.key("top_p").number(request_.top_p.value_or(1));
    member_or("truncation", "\"disabled\"");
    writer_.key("user");
    string_or_null(request_.user);
    writer_.key("metadata").raw(request_.metadata.empty() ? "{}" : std::string_view(request_.metadata));
    out_.erase(0, 1);
    out_ += ',';
    return std::move(out_);
  }

 private:
  std::string_view extra(std::string_view name) const {
    if (!own_) return {};
    const auto found = std::ranges::find(request_.extras, name, &llm::Extra::name);
    return found == request_.extras.end() ? std::string_view{} : std::string_view(found->json);
  }
  void member_or(std::string_view name, std::string_view otherwise) {
    const std::string_view given = extra(name);
    writer_.key(name).raw(given.empty() ? otherwise : given);
  }
  void string_or_null(std::string_view text) {
    if (text.empty()) {
      writer_.null();
    } else {
      writer_.string(text);
    }
  }

  void reasoning() {
    const auto& wish = request_.reasoning;
    writer_.key("reasoning").begin_object().key("effort");
    string_or_null(wish.effort == llm::Effort::unset ? std::string_view{} : llm::name(wish.effort));
    writer_.key("summary");
    string_or_null(wish.summary);
    writer_.end_object();
  }

  void format() {
    using Kind = llm::OutputFormat::Kind;
    const auto& format = request_.format;
    writer_.key("text").begin_object().key("format").begin_object().key("type");
    switch (format.kind) {
      case Kind::text:
        writer_.string("text");
        break;
      case Kind::json_object:
        writer_.string("json_object");
        break;
      case Kind::json_schema:
        writer_.string("json_schema").key("description");
        string_or_null(format.description);
        writer_.key("name").string(format.name).key("schema").raw(format.schema);
        writer_.key("strict").boolean(format.strict.value_or(false));
        break;
    }
    writer_.end_object().key("verbosity");
    writer_.string(request_.verbosity.empty() ? "medium" : std::string_view(request_.verbosity)).end_object();
  }

  void named(std::string_view name) {
    const auto tool = std::ranges::find(request_.tools, name, &llm::Tool::name);
    const bool custom = tool != request_.tools.end() && tool->kind == ToolKind::custom;
    writer_.begin_object().key("type").string(custom ? "custom" : "function").key("name").string(name).end_object();
  }

  void tool_choice() {
    const auto& choice = request_.tool_choice;
    using Mode = llm::ToolChoice::Mode;
    writer_.key("tool_choice");
    if (const auto raw = extra("tool_choice"); !raw.empty()) {
      writer_.raw(raw);
    } else if (!choice.allowed.empty()) {
      writer_.begin_object().key("type").string("allowed_tools").key("mode");
      writer_.string(choice.mode == Mode::required ? "required" : "auto").key("tools").begin_array();
      for (const auto& name : choice.allowed) named(name);
      writer_.end_array().end_object();
    } else if (choice.mode == Mode::named) {
      named(choice.name);
    } else {
      writer_.string(choice.mode == Mode::none ? "none" : choice.mode == Mode::required ? "required" : "auto");
    }
  }

  // As it was written, but for what gives access to other servers: that is not repeated.
  void provider_tool(const json::Value& tool) {
    if (tool["type"].string_or("") != "mcp") {
      writer_.raw(tool.raw());
      return;
    }
    writer_.begin_object();
    tool.members([this](std::string_view name, json::Value value) {
      writer_.key(name);
      if (name == "authorization" && !value.is_null()) {
        writer_.string(kRedacted);
      } else if (name == "headers" && value.is(json::Kind::object)) {
        writer_.begin_object();
        value.members([this](std::string_view field, json::Value) { writer_.key(field).string(kRedacted); });
        writer_.end_object();
      } else {
        writer_.raw(value.raw());
      }
    });
    writer_.end_object();
  }

  void tools() {
    writer_.key("tools").begin_array();
    for (const llm::Tool& tool : request_.tools) {
      if (tool.verbatim.dialect == llm::Dialect::openai_responses && !tool.verbatim.empty()) {
        provider_tool(json::Value(tool.verbatim.json));
        continue;
      }
      writer_.begin_object().key("type").string(tool.kind == ToolKind::custom ? "custom" : "function");
      writer_.key("description");
      string_or_null(tool.description);
      writer_.key("name").string(tool.name);
      if (tool.kind == ToolKind::function) {
        writer_.key("parameters");
        if (tool.schema.empty()) {
          writer_.null();
        } else {
          writer_.raw(tool.schema);
        }
        writer_.key("strict").boolean(tool.strict.value_or(true));
      }
      writer_.end_object();
    }
    writer_.end_array();
  }

  const ChatRequest& request_;
  bool own_;
  std::string out_;
  Writer writer_;
};

}  // namespace

std::string echo_of(const ChatRequest& request) { return Echo(request).write(); }

void write_usage(std::string& out, const llm::Usage& usage) {
  if (!usage.known) {
    out += "null";
    return;
  }
  Writer writer(out);
  writer.begin_object().key("input_tokens").unsigned_integer(usage.prompt_tokens);
  writer.key("input_tokens_details").begin_object().key("cached_tokens").unsigned_integer(usage.cached_tokens);
  writer.key("cache_write_tokens").unsigned_integer(usage.cache_write_tokens).end_object();
  writer.key("output_tokens").unsigned_integer(usage.completion_tokens);
  writer.key("output_tokens_details").begin_object().key("reasoning_tokens").unsigned_integer(usage.reasoning_tokens);
  writer.end_object().key("total_tokens").unsigned_integer(usage.prompt_tokens + usage.completion_tokens).end_object();
}

std::string_view type_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::rate_limit:
      return "rate_limit_error";
    case ErrorKind::billing:
      return "insufficient_quota";
    case ErrorKind::timeout:
    case ErrorKind::overloaded:
    case ErrorKind::api:
      return "server_error";
    default:
      return "invalid_request_error";
  }
}

std::string_view code_of(const llm::ChatError& error) {
  switch (error.kind) {
    case ErrorKind::context_length:
      return "context_length_exceeded";
    case ErrorKind::content_filter:
      return "content_filter";
    case ErrorKind::authentication:
      return "invalid_api_key";
    case ErrorKind::billing:
      return "insufficient_quota";
    case ErrorKind::rate_limit:
      return "rate_limit_exceeded";
    default:
      break;
  }
  if (!error.code.empty()) return error.code;
  switch (error.kind) {
    case ErrorKind::not_found:
      return "model_not_found";
    case ErrorKind::overloaded:
      return "server_is_overloaded";
    case ErrorKind::timeout:
    case ErrorKind::api:
      return "server_error";
    default:
      return "invalid_request_error";
  }
}

std::string_view message_of(const llm::ChatError& error) {
  if (!error.message.empty()) return error.message;
  return error.status >= 500 ? "The provider had an error while processing the request."
                             : "The provider refused the request.";
}

std::string write_error(const llm::ChatError& error) {
  std::string out;
  Writer writer(out);
  writer.begin_object().key("error").begin_object().key("message").string(message_of(error));
  writer.key("type").string(type_of(error.kind)).key("param");
  if (error.param.empty()) {
    writer.null();
  } else {
    writer.string(error.param);
  }
  writer.key("code").string(code_of(error)).end_object().end_object();
  return out;
}

}  // namespace gatehouse::dialects::openai_responses
