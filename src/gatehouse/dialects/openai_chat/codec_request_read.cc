#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "gatehouse/dialects/openai_chat/codec.h"
#include "gatehouse/dialects/openai_chat/codec_messages_read.h"
#include "gatehouse/dialects/openai_chat/codec_request.h"
#include "gatehouse/dialects/openai_chat/wire.h"
#include "gatehouse/json/value.h"
#include "gatehouse/llm/chat/reasoning.h"

namespace gatehouse::dialects::openai_chat {
namespace {

using llm::ChatRequest;
using llm::Effort;
using llm::ToolChoice;
using llm::ToolKind;
using wire::is_array;
using wire::is_object;
using wire::is_string;

class RequestReader {
 public:
  RequestReader(std::string_view model, bool stream) {
    request_.dialect = llm::Dialect::openai_chat;
    request_.model = model;
    request_.stream = stream;
  }

  ApiResult<ChatRequest> read(std::string_view body) {
    json::Cursor cursor(body);
    if (cursor.first() != '{') return refuse(Code::invalid_request, "The body must be a JSON object.");
    bool messages = false;
    std::string decoded;
    const bool whole = cursor.object([&](const json::Cursor::String& written) {
      std::string_view key = written.inside;
      if (written.escaped) {
        decoded.clear();
        json::append_decoded(written, decoded);
        key = decoded;
      }
      if (key == "messages" && cursor.first() == '[') {
        if (messages) return fail("messages", "must not stand twice");
        messages = true;
        if (messages_.read(cursor, request_.messages)) return true;
        error_ = messages_.error();
        return false;
      }
      const std::size_t begin = cursor.offset();
      if (!cursor.skip()) return false;
      const std::string_view value = cursor.since(begin);
      return !wire::given(value) || member(key, value);
    });
    if (error_) return std::unexpected(std::move(*error_));
    if (!whole || !cursor.at_end()) return refuse(Code::invalid_request, "The body is not valid JSON.");
    if (request_.model.empty()) return refuse(Code::invalid_request, "A model is needed.", "model");
    if (request_.messages.empty()) return refuse(Code::invalid_request, "At least one message is needed.", "messages");
    return std::move(request_);
  }

 private:
  using Read = bool (RequestReader::*)(std::string_view key, std::string_view raw);
  struct Row {
    std::string_view name;
    Read read;
  };

  bool fail(std::string_view member, std::string_view why) {
    error_ =
        ApiError(Code::invalid_request, std::string(member).append(" ").append(why).append("."), std::string(member));
    return false;
  }
  bool keep(std::string_view key, std::string_view raw) {
    request_.extras.push_back({std::string(key), std::string(raw)});
    return true;
  }

  // --- values
  template <std::string ChatRequest::* field>
  bool string(std::string_view key, std::string_view raw) {
    if (!is_string(raw)) return fail(key, "must be a string");
    request_.*field = wire::text(raw);
    return true;
  }
  template <std::string ChatRequest::* field>
  bool object(std::string_view key, std::string_view raw) {
    if (!is_object(raw)) return fail(key, "must be an object");
    request_.*field = raw;
    return true;
  }
  template <std::optional<double> ChatRequest::* field>
  bool number(std::string_view key, std::string_view raw) {
    const auto value = json::read_number(raw);
    if (!value || !std::isfinite(*value)) return fail(key, "must be a number");
    request_.*field = *value;
    return true;
  }
  template <std::optional<bool> ChatRequest::* field>
  bool flag(std::string_view key, std::string_view raw) {
    const auto value = json::read_bool(raw);
    if (!value) return fail(key, "must be true or false");
    request_.*field = *value;
    return true;
  }
  bool stream(std::string_view key, std::string_view raw) {
    const auto value = json::read_bool(raw);
    if (!value) return fail(key, "must be true or false");
    request_.stream = *value;
    return true;
  }
  bool logprobs(std::string_view key, std::string_view raw) {
    const auto value = json::read_bool(raw);
    if (!value) return fail(key, "must be true or false");
    request_.logprobs = *value;
    return true;
  }
  bool top_logprobs(std::string_view key, std::string_view raw) {
    const auto value = json::read_count(raw);
    if (!value || *value > 1000) return fail(key, "must be a count");
    request_.top_logprobs = static_cast<std::uint32_t>(*value);
    return true;
  }
  bool top_k(std::string_view key, std::string_view raw) {
    if (!wire::is_number(raw)) return fail(key, "must be a count");
    request_.top_k = json::read_count(raw);  // -1 is "all" with vLLM
    return true;
  }
  // A negative bound is none, as in call.h. The newer member counts.
  bool max_tokens(std::string_view key, std::string_view raw) {
    if (!wire::is_number(raw)) return fail(key, "must be an integer");
    const auto value = json::read_count(raw);
    if (!value && raw.front() != '-') return fail(key, "must be an integer");
    if (key == "max_completion_tokens") {
      newer_bound_ = true;
    } else if (newer_bound_) {
      return true;
    }
    request_.max_tokens = value;
    return true;
  }
  bool seed(std::string_view key, std::string_view raw) {
    request_.seed = json::read_integer(raw);
    return request_.seed ? true : fail(key, "must be an integer");
  }
  bool n(std::string_view key, std::string_view raw) {
    const auto value = json::read_count(raw);
    if (!value || *value < 1 || *value > kMostChoices) return fail(key, "must be an integer from 1 to 128");
    request_.n = static_cast<std::uint32_t>(*value);
    return true;
  }
  bool stop(std::string_view key, std::string_view raw) {
    request_.stop.clear();
    if (is_string(raw)) {
      request_.stop.push_back(wire::text(raw));
      return true;
    }
    if (!is_array(raw)) return fail(key, "must be a string or a list of strings");
    bool good = true;
    wire::elements(raw, [&](std::string_view one) {
      good = good && is_string(one) && request_.stop.size() < kMostStops;
      if (good) request_.stop.push_back(wire::text(one));
    });
    return good || fail(key, "must be a string or a list of a few strings");
  }
  bool modalities(std::string_view key, std::string_view raw) {
    if (!is_array(raw)) return fail(key, "must be a list");
    wire::elements(raw, [&](std::string_view one) {
      if (request_.modalities.size() < kMostModalities) request_.modalities.push_back(wire::text(one));
    });
    return true;
  }
  bool stream_options(std::string_view key, std::string_view raw) {
    if (!is_object(raw)) return fail(key, "must be an object");
    bool others = false;
    wire::members(raw, [&](std::string_view name, std::string_view value) {
      if (name == "include_usage") {
        request_.include_usage = value == "true";
      } else {
        others = true;
      }
    });
    return !others || keep(key, raw);
  }
  bool cache(std::string_view key, std::string_view raw) {
    if (!is_object(raw)) return fail(key, "must be an object");
    request_.cache = llm::CacheHint{.one_hour = wire::text(json::find(raw, "ttl")) == "1h"};
    return true;
  }

  // --- thinking, in the words of several servers
  bool effort(std::string_view key, std::string_view raw) {
    const auto known = llm::effort_from_name(wire::text(raw));
    if (!known) return keep(key, raw);  // "default" (Groq)
    request_.reasoning.effort = *known;
    return true;
  }
  // OpenRouter's {effort, max_tokens, enabled, exclude}; `summary` as in the Responses API.
  bool reasoning(std::string_view key, std::string_view raw) {
    if (!is_object(raw)) return keep(key, raw);
    auto& wish = request_.reasoning;
    bool all = true;
    wire::members(raw, [&](std::string_view name, std::string_view value) {
      if (!wire::given(value)) return;
      if (name == "effort") {
        const auto known = llm::effort_from_name(wire::text(value));
        if (known) wish.effort = *known;
        all = all && known.has_value();
      } else if (name == "max_tokens") {
        wish.budget = json::read_count(value);
      } else if (name == "enabled") {
        if (value == "false") {
          wish.effort = Effort::none;
        } else {
          wish.adaptive = true;
        }
      } else if (name == "exclude") {
        wish.show = value != "true";
      } else if (name == "summary") {
        wish.summary = wire::text(value);
      } else {
        all = false;
      }
    });
    return all || keep(key, raw);
  }
  // {type: enabled | disabled | adaptive, budget_tokens} of DeepSeek, Z.ai and those who take Anthropic's.
  bool thinking(std::string_view key, std::string_view raw) {
    if (!is_object(raw)) return keep(key, raw);
    auto& wish = request_.reasoning;
    bool all = true;
    wire::members(raw, [&](std::string_view name, std::string_view value) {
      if (name == "type") {
        const std::string type = wire::text(value);
        if (type == "disabled") {
          wish.effort = Effort::none;
        } else {
          wish.adaptive = true;
          all = all && (type == "enabled" || type == "adaptive" || type == "auto");
        }
      } else if (name == "budget_tokens") {
        wish.budget = json::read_count(value);
      } else {
        all = false;
      }
    });
    return all || keep(key, raw);
  }
  bool enable_thinking(std::string_view key, std::string_view raw) {
    if (raw == "false") request_.reasoning.effort = Effort::none;
    if (raw == "true") request_.reasoning.adaptive = true;
    return keep(key, raw);
  }
  bool thinking_budget(std::string_view key, std::string_view raw) {
    request_.reasoning.budget = json::read_count(raw);
    return keep(key, raw);
  }
  bool include_reasoning(std::string_view key, std::string_view raw) {
    request_.reasoning.show = json::read_bool(raw);
    return keep(key, raw);
  }
  bool reasoning_format(std::string_view key, std::string_view raw) {
    request_.reasoning.show = wire::text(raw) != "hidden";
    return keep(key, raw);
  }
  // What Google's OpenAI front reads from extra_body.google.
  bool extra_body(std::string_view key, std::string_view raw) {
    const std::string_view config = json::find(raw, "google.thinking_config");
    if (is_object(config)) {
      wire::members(config, [&](std::string_view name, std::string_view value) {
        if (name == "thinking_budget") request_.reasoning.budget = json::read_count(value);
        if (name == "include_thoughts") request_.reasoning.show = json::read_bool(value);
        if (name == "thinking_level") {
          if (const auto level = llm::effort_from_name(wire::text(value))) request_.reasoning.effort = *level;
        }
      });
    }
    return keep(key, raw);
  }

  // --- tools
  // {name, description, parameters, strict}; true in `all` if there is nothing else.
  static llm::Tool function(std::string_view raw, bool& all) {
    llm::Tool tool;
    wire::members(raw, [&](std::string_view key, std::string_view value) {
      if (!wire::given(value)) return;
      if (key == "name") {
        tool.name = wire::text(value);
      } else if (key == "description") {
        tool.description = wire::text(value);
      } else if (key == "parameters") {
        tool.schema = value;
      } else if (key == "strict") {
        tool.strict = json::read_bool(value);
      } else if (key != "type") {
        all = false;
      }
    });
    return tool;
  }
  bool tools(std::string_view key, std::string_view raw) {
    if (!is_array(raw)) return fail(key, "must be a list");
    bool good = true;
    wire::elements(raw, [&](std::string_view one) { good = good && tool(one); });
    return good;
  }
  bool tool(std::string_view raw) {
    if (request_.tools.size() >= kMostTools) {
      error_ = ApiError(Code::too_large, "There are too many tools.", "tools");
      return false;
    }
    std::string type;
    std::string_view inner;
    std::optional<llm::CacheHint> cache;
    bool all = true;
    wire::members(raw, [&](std::string_view key, std::string_view value) {
      if (!wire::given(value)) return;
      if (key == "type") {
        type = wire::text(value);
      } else if (key == "function" || key == "custom") {
        inner = value;
      } else if (key == "cache_control") {
        cache = llm::CacheHint{.one_hour = wire::text(json::find(value, "ttl")) == "1h"};
      } else {
        all = false;
      }
    });
    llm::Tool made;
    if (type == "function" || (type.empty() && is_object(inner))) {
      bool known = true;
      made = function(inner.empty() ? raw : inner, known);  // flat, as in the Responses API, is taken too
      all = inner.empty() ? true : all && known;
    } else if (type == "custom") {
      made = function(inner, all);
      made.kind = ToolKind::custom;
      made.schema.clear();
      all = false;
    } else if (!type.empty()) {
      made.kind = ToolKind::provider;
      made.name = type;
      all = false;
    }
    if (made.name.empty()) {
      const std::string param = "tools[" + std::to_string(request_.tools.size()) + "]";
      error_ = ApiError(Code::invalid_request, "A tool needs a type and a name.", param);
      return false;
    }
    made.cache = cache;
    if (!all) made.verbatim = {.dialect = llm::Dialect::openai_chat, .json = std::string(raw)};
    request_.tools.push_back(std::move(made));
    return true;
  }
  bool functions(std::string_view key, std::string_view raw) {
    if (!is_array(raw)) return fail(key, "must be a list");
    request_.legacy_functions = true;
    request_.parallel_tool_calls = false;  // the answer has room for one
    bool good = true;
    wire::elements(raw, [&](std::string_view one) {
      bool all = true;
      llm::Tool made = function(one, all);
      good = good && !made.name.empty() && request_.tools.size() < kMostTools;
      if (good) request_.tools.push_back(std::move(made));
    });
    return good || fail(key, "must be a list of functions with names");
  }
  bool choice_word(std::string_view word) {
    auto& choice = request_.tool_choice;
    choice.given = true;
    if (word == "auto") {
      choice.mode = ToolChoice::Mode::automatic;
    } else if (word == "none") {
      choice.mode = ToolChoice::Mode::none;
    } else if (word == "required" || word == "any") {
      choice.mode = ToolChoice::Mode::required;
    } else {
      choice.given = false;
    }
    return choice.given;
  }
  bool choose(std::string name) {
    if (name.empty()) return false;
    request_.tool_choice = {.mode = ToolChoice::Mode::named, .given = true, .name = std::move(name), .allowed = {}};
    return true;
  }
  // {type: function | custom, function | custom: {name}}, flat or nested.
  static std::string named(std::string_view raw) {
    for (const std::string_view path : {"function.name", "custom.name", "name", "type"}) {
      if (path == "type" && !json::find(raw, "function").empty()) break;
      std::string name = wire::text(json::find(raw, path));
      if (!name.empty()) return name;
    }
    return {};
  }
  bool tool_choice(std::string_view key, std::string_view raw) {
    if (is_string(raw)) return choice_word(wire::text(raw)) || fail(key, "must be none, auto, required or a tool");
    if (!is_object(raw)) return fail(key, "must be a string or an object");
    const std::string type = wire::text(json::find(raw, "type"));
    if (type == "allowed_tools") {
      std::string_view inner = json::find(raw, "allowed_tools");
      if (inner.empty()) inner = raw;
      if (!choice_word(wire::text(json::find(inner, "mode")))) return fail(key, "must have a mode auto or required");
      wire::elements(json::find(inner, "tools"), [&](std::string_view one) {
        if (request_.tool_choice.allowed.size() < kMostTools) request_.tool_choice.allowed.push_back(named(one));
      });
      return true;
    }
    if (choice_word(type)) return true;
    return choose(named(raw)) || fail(key, "must name a tool");
  }
  bool function_call(std::string_view key, std::string_view raw) {
    if (is_string(raw)) return choice_word(wire::text(raw)) || fail(key, "must be none, auto or a function");
    return choose(wire::text(json::find(raw, "name"))) || fail(key, "must name a function");
  }

  bool response_format(std::string_view key, std::string_view raw) {
    if (!is_object(raw)) return fail(key, "must be an object");
    const std::string type = wire::text(json::find(raw, "type"));
    auto& format = request_.format;
    if (type == "text") return true;
    if (type == "json_object") {
      format.kind = llm::OutputFormat::Kind::json_object;
      return true;
    }
    if (type != "json_schema") return keep(key, raw);  // grammar, regex ... of other servers
    format.kind = llm::OutputFormat::Kind::json_schema;
    wire::members(json::find(raw, "json_schema"), [&](std::string_view name, std::string_view value) {
      if (!wire::given(value)) return;
      if (name == "name") format.name = wire::text(value);
      if (name == "description") format.description = wire::text(value);
      if (name == "schema") format.schema = value;
      if (name == "strict") format.strict = json::read_bool(value);
    });
    return is_object(format.schema) || fail("response_format.json_schema.schema", "must be an object");
  }

  bool member(std::string_view key, std::string_view raw) {
    using R = RequestReader;
    using C = ChatRequest;
    static constexpr auto kRows = std::to_array<Row>({
        {"model", &R::string<&C::model>},
        {"stream", &R::stream},
        {"temperature", &R::number<&C::temperature>},
        {"max_tokens", &R::max_tokens},
        {"max_completion_tokens", &R::max_tokens},
        {"top_p", &R::number<&C::top_p>},
        {"tools", &R::tools},
        {"tool_choice", &R::tool_choice},
        {"stream_options", &R::stream_options},
        {"response_format", &R::response_format},
        {"parallel_tool_calls", &R::flag<&C::parallel_tool_calls>},
        {"reasoning_effort", &R::effort},
        {"n", &R::n},
        {"stop", &R::stop},
        {"seed", &R::seed},
        {"user", &R::string<&C::user>},
        {"metadata", &R::object<&C::metadata>},
        {"frequency_penalty", &R::number<&C::frequency_penalty>},
        {"presence_penalty", &R::number<&C::presence_penalty>},
        {"logprobs", &R::logprobs},
        {"top_logprobs", &R::top_logprobs},
        {"logit_bias", &R::object<&C::logit_bias>},
        {"service_tier", &R::string<&C::service_tier>},
        {"store", &R::flag<&C::store>},
        {"verbosity", &R::string<&C::verbosity>},
        {"safety_identifier", &R::string<&C::safety_identifier>},
        {"prompt_cache_key", &R::string<&C::prompt_cache_key>},
        {"modalities", &R::modalities},
        {"audio", &R::object<&C::audio>},
        {"prediction", &R::object<&C::prediction>},
        {"web_search_options", &R::object<&C::web_search>},
        {"functions", &R::functions},
        {"function_call", &R::function_call},
        // Of other servers.
        {"top_k", &R::top_k},
        {"min_p", &R::number<&C::min_p>},
        {"repetition_penalty", &R::number<&C::repetition_penalty>},
        {"random_seed", &R::seed},
        {"reasoning", &R::reasoning},
        {"thinking", &R::thinking},
        {"enable_thinking", &R::enable_thinking},
        {"thinking_budget", &R::thinking_budget},
        {"include_reasoning", &R::include_reasoning},
        {"reasoning_format", &R::reasoning_format},
        {"extra_body", &R::extra_body},
        {"cache_control", &R::cache},
    });
    for (const Row& row : kRows) {
      if (row.name == key) return (this->*row.read)(key, raw);
    }
    if (key == "messages") return fail(key, "must be a list");
    return keep(key, raw);
  }

  static constexpr std::size_t kMostStops = 256;
  static constexpr std::size_t kMostModalities = 16;

  ChatRequest request_;
  MessageReader messages_;
  std::optional<ApiError> error_;
  bool newer_bound_ = false;
};

}  // namespace

ApiResult<ChatRequest> read_chat_request(std::string_view body, std::string_view model, bool stream) {
  return RequestReader(model, stream).read(body);
}

}  // namespace gatehouse::dialects::openai_chat
