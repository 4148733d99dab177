#include "gatehouse/dialects/openai_responses/request_reader.h"

#include <optional>
#include <string>
#include <utility>

#include "gatehouse/dialects/openai_responses/codec.h"
#include "gatehouse/dialects/openai_responses/item_reader.h"
#include "gatehouse/json/cursor.h"
#include "gatehouse/json/value.h"
#include "gatehouse/llm/chat/reasoning.h"

namespace gatehouse::dialects::openai_responses {
namespace {

using json::Cursor;
using json::Value;
using llm::ChatRequest;
using llm::Tool;
using llm::ToolChoice;
using llm::ToolKind;

constexpr std::size_t kMostTools = 4096;
constexpr std::size_t kMostIncluded = 64;

std::unexpected<ApiError> not_json() { return refuse(Code::invalid_request, "The body is no valid JSON object."); }

class RequestReader {
 public:
  ApiResult<ChatRequest> read(std::string_view body) {
    request_.dialect = llm::Dialect::openai_responses;
    request_.include_usage = true;
    Cursor cursor(body);
    if (cursor.first() != '{') return not_json();
    const bool walked = cursor.object([&](const Cursor::String& key) { return member(cursor, key); });
    if (fault_) return std::unexpected(std::move(*fault_));
    if (!walked) return not_json();
    if (request_.model.empty()) return refuse(Code::invalid_request, "You must provide a model parameter.", "model");
    if (!has_input_ && request_.previous_id.empty()) {
      return refuse(Code::invalid_request,
                    "One of 'input', 'previous_response_id', 'prompt' or 'conversation' must be provided.", "input");
    }
    if (!instructions_.empty()) {
      llm::Message message;
      message.author = llm::Author::system;
      llm::Text text;
      text.text = std::move(instructions_);
      message.blocks.push_back({.value = std::move(text)});
      message.extras.push_back({.name = std::string(kInstructions), .json = "true"});
      request_.messages.insert(request_.messages.begin(), std::move(message));
    }
    return std::move(request_);
  }

 private:
  bool fail(Code code, std::string message, std::string param) {
    if (!fault_) fault_ = ApiError(code, std::move(message), std::move(param));
    return false;
  }
  bool wrong_type(std::string_view name, std::string_view expected, std::string_view raw) {
    const auto kind = json::kind_of(raw);
    return fail(Code::invalid_request,
                "Invalid type for '" + std::string(name) + "': expected " + std::string(expected) + ", but got " +
                    std::string(kind ? json::describe(*kind) : "something else") + " instead.",
                std::string(name));
  }

  bool member(Cursor& cursor, const Cursor::String& key) {
    const std::string_view name = key.inside;
    if (name == "input") {
      has_input_ = true;
      ItemReader items(ItemReader::Side::request);
      request_.messages.clear();
      if (cursor.first() == 'n') {
        has_input_ = false;
        return cursor.skip();
      }
      if (items.input(cursor, request_.messages)) return true;
      if (items.fault() && !fault_) fault_ = items.fault();
      return false;
    }
    if (name == "tools") return tools(cursor);
    const std::size_t at = cursor.offset();
    if (!cursor.skip()) return false;
    const std::string_view raw = cursor.since(at);
    // OpenAI takes null for "not given" wherever the parameter is optional.
    return raw == "null" || value(name, key, raw);
  }

  bool words(std::string_view name, std::string_view raw, std::string& out) {
    out.clear();
    return json::append_string(raw, out) || wrong_type(name, "a string", raw);
  }
  template <class Number>
  bool number(std::string_view name, std::string_view raw, std::optional<Number> read, std::optional<Number>& out,
              std::string_view expected) {
    if (!read) return wrong_type(name, expected, raw);
    out = read;
    return true;
  }
  bool flag(std::string_view name, std::string_view raw, std::optional<bool>& out) {
    return number(name, raw, json::read_bool(raw), out, "a boolean");
  }

  bool value(std::string_view name, const Cursor::String& key, std::string_view raw) {
    if (name == "model") return words(name, raw, request_.model);
    if (name == "instructions") return words(name, raw, instructions_);
    if (name == "stream") {
      std::optional<bool> stream;
      if (!flag(name, raw, stream)) return false;
      request_.stream = *stream;
      return true;
    }
    if (name == "temperature") return number(name, raw, json::read_number(raw), request_.temperature, "a number");
    if (name == "top_p") return number(name, raw, json::read_number(raw), request_.top_p, "a number");
    if (name == "max_output_tokens") {
      return number(name, raw, json::read_count(raw), request_.max_tokens, "an integer");
    }
    if (name == "parallel_tool_calls") return flag(name, raw, request_.parallel_tool_calls);
    if (name == "store") return flag(name, raw, request_.store);
    if (name == "previous_response_id") return words(name, raw, request_.previous_id);
    if (name == "user") return words(name, raw, request_.user);
    if (name == "safety_identifier") return words(name, raw, request_.safety_identifier);
    if (name == "prompt_cache_key") return words(name, raw, request_.prompt_cache_key);
    if (name == "service_tier") return words(name, raw, request_.service_tier);
    if (name == "metadata") {
      if (json::kind_of(raw) != json::Kind::object) return wrong_type(name, "an object", raw);
      request_.metadata = raw;
      return true;
    }
    if (name == "top_logprobs") {
      const auto count = json::read_count(raw);
      if (!count || *count > 1000) return wrong_type(name, "an integer", raw);
      request_.top_logprobs = static_cast<std::uint32_t>(*count);
      return true;
    }
    if (name == "text") return text(raw);
    if (name == "reasoning") return reasoning(raw);
    if (name == "tool_choice") return tool_choice(raw);
    if (name == "include") return include(raw);
    // What only OpenAI has stored cannot be said to anybody else.
    if (name == "prompt" || name == "conversation") {
      return fail(
          Code::unsupported,
          "'" + std::string(name) + "' refers to what OpenAI has stored; the provider of this model cannot read it.",
          std::string(name));
    }
    if (name == "background") {
      if (raw == "false") return true;
      return fail(Code::unsupported, "Background responses are not supported for this model.", "background");
    }
    std::string known;
    json::append_decoded(key, known);
    request_.extras.push_back({.name = std::move(known), .json = std::string(raw)});
    return true;
  }

  void keep(std::string_view of, std::string_view name, std::string_view raw) {
    request_.extras.push_back({.name = std::string(of).append(".").append(name), .json = std::string(raw)});
  }

  bool text(std::string_view raw) {
    if (json::kind_of(raw) != json::Kind::object) return wrong_type("text", "an object", raw);
    bool good = true;
    json::walk_object(raw, [&](const json::Member& member) {
      if (!good || member.kind == json::Kind::null) return;
      if (member.key == "verbosity") {
        good = words("text.verbosity", member.value, request_.verbosity);
      } else if (member.key == "format") {
        good = format(member.value);
      } else {
        keep("text", member.key, member.value);
      }
    });
    return good;
  }

  bool format(std::string_view raw) {
    if (json::kind_of(raw) != json::Kind::object) return wrong_type("text.format", "an object", raw);
    const Value format(raw);
    const std::string type = format["type"].string_or("");
    auto& out = request_.format;
    if (type == "text") return true;
    if (type == "json_object") {
      out.kind = llm::OutputFormat::Kind::json_object;
      return true;
    }
    if (type != "json_schema") {
      return fail(Code::invalid_request,
                  "Invalid value: '" + type + "'. Supported values are: 'text', 'json_object', and 'json_schema'.",
                  "text.format.type");
    }
    out.kind = llm::OutputFormat::Kind::json_schema;
    out.name = format["name"].string_or("");
    out.description = format["description"].string_or("");
    out.schema = format["schema"].raw();
    out.strict = format["strict"].boolean();
    if (!format["schema"].is(json::Kind::object)) {
      return fail(Code::invalid_request, "Missing required parameter: 'text.format.schema'.", "text.format.schema");
    }
    return true;
  }

  bool reasoning(std::string_view raw) {
    if (json::kind_of(raw) != json::Kind::object) return wrong_type("reasoning", "an object", raw);
    bool good = true;
    auto& wish = request_.reasoning;
    json::walk_object(raw, [&](const json::Member& member) {
      if (!good || member.kind == json::Kind::null) return;
      if (member.key == "effort") {
        std::string effort;
        good = words("reasoning.effort", member.value, effort);
        if (!good) return;
        const auto known = llm::effort_from_name(effort);
        if (!known) {
          good = fail(Code::invalid_request,
                      "Invalid value: '" + effort +
                          "'. Supported values are: 'none', 'minimal', 'low', 'medium', 'high', 'xhigh', and 'max'.",
                      "reasoning.effort");
          return;
        }
        wish.effort = *known;
      } else if (member.key == "summary" || (member.key == "generate_summary" && wish.summary.empty())) {
        good = words("reasoning.summary", member.value, wish.summary);
        wish.show = true;
      } else if (member.key != "generate_summary") {
        keep("reasoning", member.key, member.value);
      }
    });
    return good;
  }

  // "auto", {"type":"function","name"}, {"type":"allowed_tools","mode","tools"}, {"type": a tool of the provider}.
  bool tool_choice(std::string_view raw) {
    const Value choice(raw);
    auto& out = request_.tool_choice;
    out = {};
    out.given = true;
    std::string word = choice.string_or("");
    if (word == "auto") return true;
    if (word == "none" || word == "required") {
      out.mode = word == "none" ? ToolChoice::Mode::none : ToolChoice::Mode::required;
      return true;
    }
    if (!choice.is(json::Kind::object)) {
      return word.empty() ? wrong_type("tool_choice", "a string or an object", raw)
                          : fail(Code::invalid_request,
                                 "Invalid value: '" + word + "'. Supported values are: 'none', 'auto', and 'required'.",
                                 "tool_choice");
    }
    const std::string type = choice["type"].string_or("");
    if (type == "allowed_tools") {
      if (choice["mode"].string_or("auto") == "required") out.mode = ToolChoice::Mode::required;
      choice["tools"].elements([&](Value tool) {
        if (out.allowed.size() == kMostTools) return;
        out.allowed.push_back(tool_name(tool));
      });
      keep_choice(choice["tools"], raw);
      return true;
    }
    out.mode = ToolChoice::Mode::named;
    out.name = tool_name(choice);
    if (out.name.empty()) {
      return fail(Code::invalid_request, "Missing required parameter: 'tool_choice.name'.", "tool_choice.name");
    }
    // The way back for a choice that says more than a name.
    if (type != "function" && type != "custom") {
      request_.extras.push_back({.name = "tool_choice", .json = std::string(raw)});
    }
    return true;
  }

  void keep_choice(const Value& tools, std::string_view raw) {
    bool plain = true;
    tools.elements([&plain](Value tool) { plain = plain && tool["type"].string_or("") == "function"; });
    if (!plain) request_.extras.push_back({.name = "tool_choice", .json = std::string(raw)});
  }

  // A tool's name as `Tool::name` has it: a tool of the provider goes by its type.
  static std::string tool_name(const Value& tool) {
    const std::string type = tool["type"].string_or("");
    if (type == "function" || type == "custom" || type == "namespace") return tool["name"].string_or("");
    return type;
  }

  bool include(std::string_view raw) {
    if (json::kind_of(raw) != json::Kind::array) return wrong_type("include", "an array", raw);
    std::size_t count = 0;
    Value(raw).elements([&](Value wanted) {
      if (++count <= kMostIncluded && wanted.string_or("") == "message.output_text.logprobs") request_.logprobs = true;
    });
    request_.extras.push_back({.name = "include", .json = std::string(raw)});
    return true;
  }

  bool tools(Cursor& cursor) {
    request_.tools.clear();
    if (cursor.first() != '[') {
      const std::size_t at = cursor.offset();
      if (!cursor.skip()) return false;
      return cursor.since(at) == "null" || wrong_type("tools", "an array", cursor.since(at));
    }
    return cursor.array([&] { return tool(cursor); });
  }

  bool tool(Cursor& cursor) {
    const std::string at = "tools[" + std::to_string(request_.tools.size()) + "]";
    if (request_.tools.size() == kMostTools) return fail(Code::invalid_request, "There are too many tools.", "tools");
    if (cursor.first() != '{')
      return fail(Code::invalid_request, "Invalid type for '" + at + "': expected an object.", at);
    const std::size_t start = cursor.offset();
    std::string_view type, name, description, schema, strict;
    bool more = false;
    const bool walked = cursor.object([&](const Cursor::String& key) {
      const std::size_t begin = cursor.offset();
      if (!cursor.skip()) return false;
      const std::string_view raw = cursor.since(begin);
      if (key.inside == "type") {
        type = raw;
      } else if (key.inside == "name") {
        name = raw;
      } else if (key.inside == "description") {
        description = raw;
      } else if (key.inside == "parameters") {
        schema = raw;
      } else if (key.inside == "strict") {
        strict = raw;
      } else {
        more = more || raw != "null";
      }
      return true;
    });
    if (!walked) return false;
    Tool& out = request_.tools.emplace_back();
    const std::string kind = json::read_string(type).value_or("");
    out.name = json::read_string(name).value_or("");
    out.description = json::read_string(description).value_or("");
    if (kind.empty())
      return fail(Code::invalid_request, "Missing required parameter: '" + at + ".type'.", at + ".type");
    if (kind == "function") {
      if (schema.starts_with('{')) out.schema = schema;
      out.strict = json::read_bool(strict);
    } else {
      out.kind = kind == "custom" ? ToolKind::custom : ToolKind::provider;
      if (out.kind == ToolKind::provider && kind != "namespace") out.name = kind;
    }
    if (out.name.empty())
      return fail(Code::invalid_request, "Missing required parameter: '" + at + ".name'.", at + ".name");
    if (out.kind != ToolKind::function || more) {
      out.verbatim = {.dialect = llm::Dialect::openai_responses, .json = std::string(cursor.since(start))};
    }
    return true;
  }

  ChatRequest request_;
  std::string instructions_;
  std::optional<ApiError> fault_;
  bool has_input_ = false;
};

}  // namespace

ApiResult<ChatRequest> read_request(std::string_view body) { return RequestReader().read(body); }

bool is_instructions(const llm::Message& message) {
  return message.author == llm::Author::system && message.extras.size() == 1 &&
         message.extras.front().name == kInstructions;
}

ApiResult<void> read_items(std::string_view json, std::vector<llm::Message>& messages) {
  Cursor cursor(json);
  ItemReader items(ItemReader::Side::request);
  if (items.input(cursor, messages)) return {};
  if (items.fault()) return std::unexpected(*items.fault());
  return refuse(Code::invalid_request, "The items are no valid JSON.", "input");
}

}  // namespace gatehouse::dialects::openai_responses
