#include "gatehouse/dialects/ollama/request.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "gatehouse/dialects/base64.h"
#include "gatehouse/dialects/schema/rewrite.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/llm/chat/reasoning.h"

namespace gatehouse::dialects::ollama {
namespace {

using llm::Author;
using llm::Block;
using llm::ChatRequest;

class RequestWriter {
 public:
  RequestWriter(const ChatRequest& request, const Target& target, Losses& losses)
      : request_(request), target_(target), losses_(losses), json_(out_) {}

  ApiResult<std::string> write() {
    if (!request_.previous_id.empty()) {
      return refuse(Code::unsupported, "this provider keeps no earlier answers", "previous_response_id");
    }
    json_.begin_object();
    json_.key("model").string(target_.model);
    json_.key("stream").boolean(target_.stream);
    if (auto done = tools(); !done) return std::unexpected(std::move(done.error()));
    json_.key("messages").begin_array();
    for (const auto& message : request_.messages) {
      if (auto done = this->message(message); !done) return std::unexpected(std::move(done.error()));
    }
    if (has_tools_ && request_.format.kind == llm::OutputFormat::Kind::json_schema) {
      // A grammar for the answer would let no tool be called.
      losses_.drop("response_format");
      json_.begin_object().key("role").string("system").key("content");
      json_.string("Give the final answer as JSON that is valid by this schema: " + request_.format.schema);
      json_.end_object();
    }
    json_.end_array();
    if (auto done = format(); !done) return std::unexpected(std::move(done.error()));
    thinking();
    options();
    rest();
    json_.end_object();
    return std::move(out_);
  }

 private:
  using Done = ApiResult<void>;

  struct Words {
    std::string text;
    std::string thinking;
    std::vector<std::string_view> images;
    std::vector<const llm::ToolCall*> calls;
  };

  static Done refused(std::string_view what) {
    return refuse(Code::unsupported, fmt::format("this provider takes no {}", what), "messages");
  }

  static void append(std::string& to, std::string_view text) {
    if (text.empty()) return;
    if (!to.empty()) to += '\n';
    to += text;
  }

  Done read(const Block& block, Words& words) {
    if (const auto* text = block.as<llm::Text>()) {
      append(words.text, text->text);
    } else if (const auto* refusal = block.as<llm::Refusal>()) {
      append(words.text, refusal->text);
    } else if (const auto* thought = block.as<llm::Reasoning>()) {
      append(words.thinking, thought->text);
    } else if (const auto* call = block.as<llm::ToolCall>()) {
      if (call->kind != llm::ToolKind::function) return refused("calls of tools other than functions");
      words.calls.push_back(call);
    } else if (const auto* media = block.as<llm::Media>()) {
      return read_media(*media, words);
    } else if (const auto* foreign = block.as<llm::Foreign>()) {
      if (foreign->text.empty()) losses_.drop("messages[].content");
      append(words.text, foreign->text);
    }
    return {};
  }

  Done read_media(const llm::Media& media, Words& words) {
    if (media.kind == llm::Media::Kind::image) {
      if (media.data.empty()) return refused("images other than in the request itself");
      words.images.push_back(media.data);
      return {};
    }
    if (media.kind != llm::Media::Kind::document) return refused("sound or film");
    append(words.text, media.title.empty() ? media.name : media.title);
    if (!media.text.empty()) {
      append(words.text, media.text);
    } else if (!media.parts.empty()) {
      for (const auto& part : media.parts) {
        if (auto done = read(part, words); !done) return done;
      }
    } else if (!media.data.empty() && media.media_type.starts_with("text/")) {
      const auto text = read_base64(media.data);
      if (!text) return refused("documents that are no base64");
      append(words.text, *text);
    } else {
      return refused("documents other than text");
    }
    return {};
  }

  Done message(const llm::Message& message) {
    if (!message.name.empty()) losses_.drop("messages[].name");
    Words words;
    bool others = message.blocks.empty();
    for (const auto& block : message.blocks) {
      if (const auto* result = block.as<llm::ToolResult>()) {
        if (auto done = tool_result(*result); !done) return done;
        continue;
      }
      others = true;
      if (auto done = read(block, words); !done) return done;
    }
    if (!others) return {};
    const bool assistant = message.author == Author::assistant;
    const bool system = message.author == Author::system || message.author == Author::developer;
    json_.begin_object().key("role").string(assistant ? "assistant" : system ? "system" : "user");
    json_.key("content").string(words.text);
    if (!words.thinking.empty()) json_.key("thinking").string(words.thinking);
    images(words);
    if (!words.calls.empty()) {
      json_.key("tool_calls").begin_array();
      for (const auto* call : words.calls) tool_call(*call);
      json_.end_array();
    }
    json_.end_object();
    return {};
  }

  void images(const Words& words) {
    if (words.images.empty()) return;
    json_.key("images").begin_array();
    for (const auto image : words.images) json_.string(image);
    json_.end_array();
  }

  void tool_call(const llm::ToolCall& call) {
    names_[call.id] = call.name;
    json_.begin_object();
    if (!call.id.empty()) json_.key("id").string(call.id);
    json_.key("function").begin_object().key("name").string(call.name).key("arguments");
    const auto kind = json::validate(call.arguments);
    if (call.arguments.empty()) {
      json_.raw("{}");
    } else if (kind && *kind == json::Kind::object) {
      json_.raw(call.arguments);
    } else {
      json_.begin_object().key("input").string(call.arguments).end_object();
    }
    json_.end_object().end_object();
  }

  Done tool_result(const llm::ToolResult& result) {
    if (result.is_error) losses_.drop("messages[].is_error");
    Words words;
    for (const auto& block : result.content) {
      if (auto done = read(block, words); !done) return done;
    }
    std::string_view name = result.name;
    if (const auto known = names_.find(result.call_id); name.empty() && known != names_.end()) name = known->second;
    json_.begin_object().key("role").string("tool").key("content").string(words.text);
    if (!name.empty()) json_.key("tool_name").string(name);
    if (!result.call_id.empty()) json_.key("tool_call_id").string(result.call_id);
    images(words);
    json_.end_object();
    return {};
  }

  bool offered(const llm::Tool& tool) const {
    using Mode = llm::ToolChoice::Mode;
    const auto& choice = request_.tool_choice;
    if (choice.mode == Mode::none) return false;
    if (choice.mode == Mode::named) return tool.name == choice.name;
    return choice.allowed.empty() || std::ranges::find(choice.allowed, tool.name) != choice.allowed.end();
  }

  Done tools() {
    using Mode = llm::ToolChoice::Mode;
    for (const auto& tool : request_.tools) {
      if (tool.kind != llm::ToolKind::function) {
        return refuse(Code::unsupported, "this provider takes no tools other than functions", "tools");
      }
      has_tools_ = has_tools_ || offered(tool);
    }
    if (!has_tools_) return {};
    const auto mode = request_.tool_choice.mode;
    if (mode == Mode::required || mode == Mode::named) losses_.drop("tool_choice");
    if (!request_.parallel_tool_calls.value_or(true)) losses_.drop("parallel_tool_calls");
    json_.key("tools").begin_array();
    for (const auto& tool : request_.tools) {
      if (!offered(tool)) continue;
      const std::string_view schema = tool.schema.empty() ? std::string_view("{}") : std::string_view(tool.schema);
      // It knows definitions, but looks none up where a property is described.
      const bool references = schema.find("\"$ref\"") != std::string_view::npos;
      auto parameters = rewrite_schema(schema, references ? SchemaSubset::cohere : SchemaSubset::full, true);
      if (!parameters) return std::unexpected(ApiError(parameters.error().code, parameters.error().detail, "tools"));
      json_.begin_object().key("type").string("function").key("function").begin_object();
      json_.key("name").string(tool.name);
      json_.key("description").string(tool.description);
      json_.key("parameters").raw(parameters->json).end_object().end_object();
    }
    json_.end_array();
    return {};
  }

  Done format() {
    if (request_.format.kind == llm::OutputFormat::Kind::text || has_tools_) {
      if (has_tools_ && request_.format.kind == llm::OutputFormat::Kind::json_object) losses_.drop("response_format");
      return {};
    }
    json_.key("format");
    if (request_.format.kind == llm::OutputFormat::Kind::json_object || request_.format.schema.empty()) {
      json_.string("json");
      return {};
    }
    auto schema = rewrite_schema(request_.format.schema, SchemaSubset::full, false);
    if (!schema) return std::unexpected(ApiError(schema.error().code, schema.error().detail, "response_format"));
    json_.raw(schema->json);
    return {};
  }

  void thinking() {
    const auto& wish = request_.reasoning;
    if (!wish.asked()) return;
    const auto effort = llm::wished_effort(wish);
    json_.key("think");
    // gpt-oss thinks always and takes a level; all others are switched on or off.
    if (target_.model.find("gpt-oss") != std::string_view::npos && effort) {
      using enum llm::Effort;
      json_.string(*effort <= low ? "low" : *effort == medium ? "medium" : "high");
    } else {
      json_.boolean(!effort || *effort != llm::Effort::none);
    }
  }

  void options() {
    std::string_view own;
    for (const auto& extra : request_.extras) {
      if (extra.name == "options" && json::kind_of(extra.json) == json::Kind::object) own = extra.json;
    }
    std::string text;
    json::Writer options(text);
    options.begin_object();
    // What the caller says in Ollama's own words counts.
    std::vector<std::string> named;
    json::Value(own).members([&](std::string_view key, json::Value value) {
      options.key(key).raw(value.raw());
      named.emplace_back(key);
    });
    const auto free = [&](std::string_view name, bool given) {
      return given && std::ranges::find(named, name) == named.end();
    };
    const auto number = [&](std::string_view name, const std::optional<double>& value) {
      if (free(name, value.has_value())) options.key(name).number(*value);
    };
    if (free("num_predict", request_.max_tokens.has_value())) {
      options.key("num_predict").unsigned_integer(*request_.max_tokens);
    }
    number("temperature", request_.temperature);
    number("top_p", request_.top_p);
    if (free("top_k", request_.top_k.has_value())) options.key("top_k").unsigned_integer(*request_.top_k);
    number("min_p", request_.min_p);
    number("repeat_penalty", request_.repetition_penalty);
    number("frequency_penalty", request_.frequency_penalty);
    number("presence_penalty", request_.presence_penalty);
    if (free("seed", request_.seed.has_value())) options.key("seed").integer(*request_.seed);
    if (free("stop", !request_.stop.empty())) {
      options.key("stop").begin_array();
      for (const auto& stop : request_.stop) options.string(stop);
      options.end_array();
    }
    options.end_object();
    if (text != "{}") json_.key("options").raw(text);
  }

  void rest() {
    if (request_.logprobs) json_.key("logprobs").boolean(true);
    if (request_.logprobs && request_.top_logprobs) json_.key("top_logprobs").unsigned_integer(*request_.top_logprobs);
    for (const auto& extra : request_.extras) {
      if (extra.name == "keep_alive" || extra.name == "truncate") {
        json_.key(extra.name).raw(extra.json);
      } else if (extra.name != "options" || json::kind_of(extra.json) != json::Kind::object) {
        losses_.drop(extra.name);
      }
    }
    const auto lost = [this](bool given, std::string_view name) {
      if (given) losses_.drop(name);
    };
    lost(request_.n != 1, "n");
    lost(!request_.logit_bias.empty(), "logit_bias");
    lost(!request_.verbosity.empty(), "verbosity");
    lost(!request_.audio.empty(), "audio");
    lost(!request_.web_search.empty(), "web_search_options");
    lost(std::ranges::any_of(request_.modalities, [](const auto& one) { return one != "text"; }), "modalities");
  }

  const ChatRequest& request_;
  const Target& target_;
  Losses& losses_;
  std::string out_;
  json::Writer json_;
  std::unordered_map<std::string_view, std::string_view> names_;  // of tools, by the id of the call
  bool has_tools_ = false;
};

}  // namespace

ApiResult<std::string> write_request(const ChatRequest& request, const Target& target, Losses& losses) {
  return RequestWriter(request, target, losses).write();
}

}  // namespace gatehouse::dialects::ollama
