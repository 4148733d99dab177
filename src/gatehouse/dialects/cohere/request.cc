#include "gatehouse/dialects/cohere/request.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "gatehouse/dialects/base64.h"
#include "gatehouse/dialects/schema/rewrite.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/llm/chat/reasoning.h"

namespace gatehouse::dialects::cohere {
namespace {

using llm::Author;
using llm::Block;
using llm::ChatRequest;

// As the reference has them.
constexpr double kLeastP = 0.01;
constexpr double kMostP = 0.99;
constexpr std::uint64_t kMostK = 500;
constexpr std::size_t kMostStops = 5;

// Members of Cohere's own that a caller may give in any dialect.
constexpr std::array<std::string_view, 4> kPassed = {"safety_mode", "documents", "citation_options", "priority"};

class RequestWriter {
 public:
  RequestWriter(const ChatRequest& request, const Target& target, Losses& losses, Rewrites& rewrites)
      : request_(request), target_(target), losses_(losses), rewrites_(rewrites), json_(out_) {}

  ApiResult<std::string> write() {
    if (!request_.previous_id.empty()) {
      return refuse(Code::unsupported, "this provider keeps no earlier answers", "previous_response_id");
    }
    json_.begin_object();
    json_.key("model").string(target_.model);
    json_.key("stream").boolean(target_.stream);
    json_.key("messages").begin_array();
    for (const auto& message : request_.messages) {
      if (auto done = this->message(message); !done) return std::unexpected(std::move(done.error()));
    }
    json_.end_array();
    if (auto done = tools(); !done) return std::unexpected(std::move(done.error()));
    if (auto done = format(); !done) return std::unexpected(std::move(done.error()));
    documents();
    settings();
    reasoning();
    rest();
    json_.end_object();
    return std::move(out_);
  }

 private:
  using Done = ApiResult<void>;

  static Done refused(std::string_view what) {
    return refuse(Code::unsupported, fmt::format("this provider takes no {}", what), "messages");
  }

  Done message(const llm::Message& message) {
    if (!message.name.empty()) losses_.drop("messages[].name");
    // Results come alone, in messages of their own, whoever's they stand in.
    bool others = false;
    for (const auto& block : message.blocks) {
      if (const auto* result = block.as<llm::ToolResult>()) {
        if (auto done = tool_result(*result); !done) return done;
      } else {
        others = true;
      }
    }
    if (!others && !message.blocks.empty()) return {};
    switch (message.author) {
      case Author::system:
      case Author::developer:
        return content("system", message);
      case Author::assistant:
        return assistant(message);
      case Author::user:
      case Author::tool:
        break;
    }
    return content("user", message);
  }

  Done tool_result(const llm::ToolResult& result) {
    if (result.is_error) losses_.drop("messages[].is_error");
    std::vector<std::string> texts;
    for (const auto& block : result.content) {
      auto text = text_of(block);
      if (!text) return refused("images or files in a tool's result");
      texts.push_back(std::move(*text));
    }
    json_.begin_object().key("role").string("tool").key("tool_call_id").string(result.call_id).key("content");
    if (texts.size() == 1) {
      json_.string(texts.front());
    } else {
      json_.begin_array();
      for (const auto& text : texts)
        json_.begin_object().key("type").string("text").key("text").string(text).end_object();
      json_.end_array();
    }
    json_.end_object();
    return {};
  }

  // What of a block is text; nothing: it is more than that.
  static std::optional<std::string> text_of(const Block& block) {
    if (const auto* text = block.as<llm::Text>()) return text->text;
    if (const auto* refusal = block.as<llm::Refusal>()) return refusal->text;
    if (const auto* foreign = block.as<llm::Foreign>(); foreign != nullptr && !foreign->text.empty()) {
      return foreign->text;
    }
    if (const auto* media = block.as<llm::Media>()) return document_text(*media);
    return std::nullopt;
  }

  static std::optional<std::string> document_text(const llm::Media& media) {
    if (media.kind != llm::Media::Kind::document) return std::nullopt;
    if (!media.text.empty()) return media.text;
    if (!media.parts.empty()) {
      std::string all;
      for (const auto& part : media.parts) {
        auto text = text_of(part);
        if (!text) return std::nullopt;
        if (!all.empty()) all += '\n';
        all += *text;
      }
      return all;
    }
    if (!media.data.empty() && (media.media_type.starts_with("text/") || media.media_type == "application/json")) {
      return read_base64(media.data);
    }
    return std::nullopt;
  }

  Done content(std::string_view role, const llm::Message& message) {
    struct Part {
      std::string text;
      const llm::Media* image = nullptr;
    };
    std::vector<Part> parts;
    for (const auto& block : message.blocks) {
      if (block.kind() == llm::BlockKind::tool_result) continue;
      if (const auto* media = block.as<llm::Media>()) {
        if (media->kind == llm::Media::Kind::image && role == "user") {
          if (media->data.empty() && media->url.empty()) return refused("images that it has not stored itself");
          parts.push_back({.text = {}, .image = media});
          continue;
        }
        auto text = document_text(*media);
        if (!text) return refused("sound, film or documents other than text");
        documents_.emplace_back(media->title.empty() ? media->name : media->title, std::move(*text));
        continue;
      }
      if (auto text = text_of(block)) {
        parts.push_back({.text = std::move(*text), .image = nullptr});
      } else if (block.kind() != llm::BlockKind::reasoning) {
        return refused("blocks of another provider");
      }
    }
    json_.begin_object().key("role").string(role).key("content");
    if (parts.size() == 1 && parts.front().image == nullptr) {
      json_.string(parts.front().text);
    } else if (parts.empty()) {
      json_.string("");
    } else {
      json_.begin_array();
      for (const auto& part : parts) {
        json_.begin_object();
        if (part.image == nullptr) {
          json_.key("type").string("text").key("text").string(part.text);
        } else {
          image(*part.image);
        }
        json_.end_object();
      }
      json_.end_array();
    }
    json_.end_object();
    return {};
  }

  void image(const llm::Media& media) {
    json_.key("type").string("image_url").key("image_url").begin_object().key("url");
    if (media.data.empty()) {
      json_.string(media.url);
    } else {
      const std::string_view type = media.media_type.empty() ? "image/png" : std::string_view(media.media_type);
      json_.string(fmt::format("data:{};base64,{}", type, media.data));
    }
    if (!media.detail.empty()) json_.key("detail").string(media.detail);
    json_.end_object();
  }

  Done assistant(const llm::Message& message) {
    struct Part {
      bool thinking;
      std::string text;
    };
    std::vector<Part> parts;
    std::vector<const llm::ToolCall*> calls;
    std::string plan;
    for (const auto& block : message.blocks) {
      if (const auto* call = block.as<llm::ToolCall>()) {
        if (call->kind != llm::ToolKind::function) return refused("calls of tools other than functions");
        calls.push_back(call);
      } else if (const auto* thought = block.as<llm::Reasoning>()) {
        // What is encrypted, or only signed, nobody here can read.
        if (thought->text.empty()) continue;
        if (thought->id == "tool_plan") {
          plan += thought->text;
        } else {
          parts.push_back({.thinking = true, .text = thought->text});
        }
      } else if (auto text = text_of(block)) {
        if (!text->empty()) parts.push_back({.thinking = false, .text = std::move(*text)});
      } else if (block.kind() == llm::BlockKind::foreign) {
        losses_.drop("messages[].content");
      } else {
        return refused("images, sound or files in an assistant's message");
      }
    }
    json_.begin_object().key("role").string("assistant");
    if (parts.size() == 1 && !parts.front().thinking) {
      json_.key("content").string(parts.front().text);
    } else if (!parts.empty()) {
      json_.key("content").begin_array();
      for (const auto& part : parts) {
        const std::string_view type = part.thinking ? "thinking" : "text";
        json_.begin_object().key("type").string(type).key(type).string(part.text).end_object();
      }
      json_.end_array();
    } else if (calls.empty()) {
      json_.key("content").string("");
    }
    if (!calls.empty()) {
      if (!plan.empty()) json_.key("tool_plan").string(plan);
      json_.key("tool_calls").begin_array();
      for (const auto* call : calls) {
        json_.begin_object().key("id").string(call->id).key("type").string("function").key("function").begin_object();
        json_.key("name").string(call->name);
        json_.key("arguments").string(call->arguments.empty() ? "{}" : std::string_view(call->arguments));
        json_.end_object().end_object();
      }
      json_.end_array();
    }
    json_.end_object();
    return {};
  }

  // Those that may be called: with a named tool, or an allowed list, no others.
  bool offered(const llm::Tool& tool) const {
    const auto& choice = request_.tool_choice;
    if (choice.mode == llm::ToolChoice::Mode::named) return tool.name == choice.name;
    return choice.allowed.empty() || std::ranges::find(choice.allowed, tool.name) != choice.allowed.end();
  }

  Done tools() {
    using Mode = llm::ToolChoice::Mode;
    const auto mode = request_.tool_choice.mode;
    const bool by_schema = request_.format.kind != llm::OutputFormat::Kind::text;
    bool strict = false;
    std::vector<const llm::Tool*> offered;
    for (const auto& tool : request_.tools) {
      if (tool.kind != llm::ToolKind::function) {
        return refuse(Code::unsupported, "this provider takes no tools other than functions", "tools");
      }
      if (!this->offered(tool)) continue;
      strict = strict || tool.strict.value_or(false);
      offered.push_back(&tool);
    }
    // Nothing can be called: then an answer by a schema is one.
    if (mode == Mode::none && by_schema) offered.clear();
    if (offered.empty()) return {};
    if (request_.format.kind == llm::OutputFormat::Kind::json_object) losses_.drop("response_format");
    const bool json_tool = request_.format.kind == llm::OutputFormat::Kind::json_schema;
    json_.key("tools").begin_array();
    for (const auto* tool : offered) {
      const std::string_view schema = tool->schema.empty() ? std::string_view("{}") : std::string_view(tool->schema);
      auto parameters = rewrite_schema(schema, strict ? SchemaSubset::cohere : SchemaSubset::full, true);
      if (!parameters) return std::unexpected(ApiError(parameters.error().code, parameters.error().detail, "tools"));
      function(tool->name, tool->description, parameters->json);
    }
    if (json_tool) {
      auto schema = answer_schema(strict ? SchemaSubset::cohere : SchemaSubset::full);
      if (!schema) return std::unexpected(std::move(schema.error()));
      std::string name = "json_answer";
      while (std::ranges::any_of(request_.tools, [&](const auto& tool) { return tool.name == name; })) name += '_';
      const std::string_view told = request_.format.description;
      function(name, told.empty() ? "Call this to give the final answer." : told, *schema);
      rewrites_.json_tool = std::move(name);
    }
    json_.end_array();
    if (strict) json_.key("strict_tools").boolean(true);
    if (mode == Mode::none) {
      json_.key("tool_choice").string("NONE");
    } else if (json_tool || mode == Mode::required || mode == Mode::named) {
      json_.key("tool_choice").string("REQUIRED");
    }
    if (!request_.parallel_tool_calls.value_or(true)) losses_.drop("parallel_tool_calls");
    return {};
  }

  void function(std::string_view name, std::string_view description, std::string_view parameters) {
    json_.begin_object().key("type").string("function").key("function").begin_object();
    json_.key("name").string(name);
    if (!description.empty()) json_.key("description").string(description);
    json_.key("parameters").raw(parameters).end_object().end_object();
  }

  ApiResult<std::string> answer_schema(SchemaSubset subset) {
    const std::string_view schema =
        request_.format.schema.empty() ? std::string_view("{}") : std::string_view(request_.format.schema);
    auto rewritten = rewrite_schema(schema, subset, true);
    if (!rewritten) {
      return std::unexpected(ApiError(rewritten.error().code, rewritten.error().detail, "response_format"));
    }
    rewrites_.json_wrapped = rewritten->wrapped;
    return std::move(rewritten->json);
  }

  Done format() {
    if (request_.format.kind == llm::OutputFormat::Kind::text || !rewrites_.json_tool.empty()) return {};
    const bool tools = std::ranges::any_of(request_.tools, [this](const auto& tool) { return offered(tool); });
    if (tools && request_.tool_choice.mode != llm::ToolChoice::Mode::none) return {};
    json_.key("response_format").begin_object().key("type").string("json_object");
    if (request_.format.kind == llm::OutputFormat::Kind::json_schema) {
      auto schema = answer_schema(SchemaSubset::cohere);
      if (!schema) return std::unexpected(std::move(schema.error()));
      json_.key("json_schema").raw(*schema);
    }
    json_.end_object();
    return {};
  }

  void documents() {
    if (documents_.empty()) return;
    json_.key("documents").begin_array();
    for (const auto& [title, text] : documents_) {
      json_.begin_object().key("data").begin_object().key("text").string(text);
      if (!title.empty()) json_.key("title").string(title);
      json_.end_object().end_object();
    }
    json_.end_array();
  }

  void settings() {
    if (request_.max_tokens) json_.key("max_tokens").unsigned_integer(*request_.max_tokens);
    if (request_.temperature) json_.key("temperature").number(*request_.temperature);
    if (request_.top_p) json_.key("p").number(std::clamp(*request_.top_p, kLeastP, kMostP));
    if (request_.top_k) json_.key("k").unsigned_integer(std::min(*request_.top_k, kMostK));
    penalty("frequency_penalty", request_.frequency_penalty);
    penalty("presence_penalty", request_.presence_penalty);
    if (request_.seed) {
      if (*request_.seed >= 0) {
        json_.key("seed").integer(*request_.seed);
      } else {
        losses_.drop("seed");
      }
    }
    if (!request_.stop.empty()) {
      if (request_.stop.size() > kMostStops) losses_.drop("stop");
      json_.key("stop_sequences").begin_array();
      for (std::size_t i = 0; i < std::min(request_.stop.size(), kMostStops); ++i) json_.string(request_.stop[i]);
      json_.end_array();
    }
    if (request_.logprobs) json_.key("logprobs").boolean(true);
  }

  // From 0 to 1 there, from -2 to 2 with OpenAI.
  void penalty(std::string_view name, std::optional<double> value) {
    if (!value) return;
    if (*value < 0 || *value > 1) losses_.drop(name);
    json_.key(name).number(std::clamp(*value, 0.0, 1.0));
  }

  void reasoning() {
    const auto& wish = request_.reasoning;
    if (!wish.asked()) return;
    const auto budget = llm::wished_budget(wish);
    json_.key("thinking").begin_object().key("type");
    if (budget && *budget == 0) {
      json_.string("disabled");
    } else {
      json_.string("enabled");
      if (budget) json_.key("token_budget").unsigned_integer(*budget);
    }
    json_.end_object();
  }

  void rest() {
    for (const auto& extra : request_.extras) {
      if (std::ranges::find(kPassed, extra.name) == kPassed.end() ||
          (extra.name == "documents" && !documents_.empty())) {
        losses_.drop(extra.name);
      } else {
        json_.key(extra.name).raw(extra.json);
      }
    }
    const auto lost = [this](bool given, std::string_view name) {
      if (given) losses_.drop(name);
    };
    lost(request_.n != 1, "n");
    lost(!request_.logit_bias.empty(), "logit_bias");
    lost(request_.min_p.has_value(), "min_p");
    lost(request_.repetition_penalty.has_value(), "repetition_penalty");
    lost(request_.top_logprobs.value_or(0) > 0, "top_logprobs");
    lost(!request_.verbosity.empty(), "verbosity");
    lost(!request_.audio.empty(), "audio");
    lost(!request_.web_search.empty(), "web_search_options");
    lost(std::ranges::any_of(request_.modalities, [](const auto& one) { return one != "text"; }), "modalities");
  }

  const ChatRequest& request_;
  const Target& target_;
  Losses& losses_;
  Rewrites& rewrites_;
  std::string out_;
  json::Writer json_;
  std::vector<std::pair<std::string, std::string>> documents_;  // title, text
};

}  // namespace

ApiResult<std::string> write_request(const ChatRequest& request, const Target& target, Losses& losses,
                                     Rewrites& rewrites) {
  return RequestWriter(request, target, losses, rewrites).write();
}

}  // namespace gatehouse::dialects::cohere
