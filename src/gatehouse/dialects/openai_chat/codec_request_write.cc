#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "gatehouse/dialects/openai_chat/codec_messages_write.h"
#include "gatehouse/dialects/openai_chat/codec_request.h"
#include "gatehouse/dialects/openai_chat/wire.h"
#include "gatehouse/dialects/schema/rewrite.h"
#include "gatehouse/json/value.h"
#include "gatehouse/llm/chat/reasoning.h"

namespace gatehouse::dialects::openai_chat {
namespace {

using llm::ChatRequest;
using llm::Effort;
using llm::OutputFormat;
using llm::Quirks;
using llm::Tool;
using llm::ToolChoice;
using llm::ToolKind;

constexpr std::string_view kNoArguments = R"({"type":"object","properties":{}})";

// One that need not be strict goes as it is, and nearly all are that.
bool is_object_schema(std::string_view schema) { return json::find(schema, "type") == R"("object")"; }

class RequestWriter {
 public:
  RequestWriter(const ChatRequest& request, const Target& target, Losses& losses, Rewrites& rewrites)
      : request_(request),
        target_(target),
        quirks_(target.quirks),
        losses_(losses),
        rewrites_(rewrites),
        names_(rewrites.tool_names),
        writer_(out_),
        same_(request.dialect == llm::Dialect::openai_chat) {}

  ApiResult<std::string> write() {
    if (!request_.previous_id.empty()) {
      return refuse(Code::unsupported, "The model's provider keeps no earlier answers to follow.",
                    "previous_response_id");
    }
    for (const Tool& tool : request_.tools) {
      if (offered(tool)) offered_ = true;
    }
    if (offered_ && quirks_.refuses_any(Quirks::tools)) {
      return refuse(Code::unsupported, "The model's provider takes no tools.", "tools");
    }
    writer_.begin_object().key(quirks_.model_member).string(target_.model);
    if (!quirks_.body_members.empty()) out_.append(",").append(quirks_.body_members);
    format();
    MessageWriter messages(request_, target_, losses_, names_);
    writer_.key("messages");
    if (!messages.write(writer_, instruction_)) return std::unexpected(*messages.error());
    if (!format_.empty()) writer_.key("response_format").raw(format_);
    if (!tools()) return std::unexpected(std::move(*error_));
    tool_choice();
    sampling();
    reasoning();
    identity();
    if (target_.stream) stream();
    extras();
    writer_.end_object();
    if (error_) return std::unexpected(std::move(*error_));
    return std::move(out_);
  }

 private:
  bool refuses(std::uint32_t member) const { return quirks_.refuses_any(member); }

  // --- the form of the answer
  void format() {
    const OutputFormat& wish = request_.format;
    if (wish.kind == OutputFormat::Kind::text) return;
    const bool beside_tools = offered_ && refuses(Quirks::format_with_tools);
    const bool schema = wish.kind == OutputFormat::Kind::json_schema;
    json::Writer inner(format_);
    if (schema && !beside_tools && !refuses(Quirks::json_schema)) {
      inner.begin_object().key("type").string("json_schema").key("json_schema").begin_object();
      inner.key("name").string(wish.name.empty() ? std::string_view("answer") : std::string_view(wish.name));
      if (!wish.description.empty()) inner.key("description").string(wish.description);
      if (wish.strict) inner.key("strict").boolean(*wish.strict);
      inner.key("schema").raw(answer_schema(wish)).end_object().end_object();
      return;
    }
    if (!beside_tools && !refuses(Quirks::json_object)) {
      inner.begin_object().key("type").string("json_object").end_object();
    }
    if (schema) {
      instruction_ =
          "Answer with JSON alone, without any text or fence around it. It must be valid by this JSON Schema: ";
      instruction_ += wish.schema;
      losses_.drop("response_format");
    } else if (format_.empty()) {
      instruction_ = "Answer with one JSON object alone, without any text or fence around it.";
      losses_.drop("response_format");
    }
  }

  // Another dialect's schema may say what this one has no word for; the caller's own passes.
  std::string answer_schema(const OutputFormat& wish) {
    const auto subset = wish.strict.value_or(false) ? SchemaSubset::openai_strict : SchemaSubset::full;
    if (same_ || (subset == SchemaSubset::full && is_object_schema(wish.schema))) return wish.schema;
    auto rewritten = rewrite_schema(wish.schema, subset, true);
    if (!rewritten) {
      if (!error_) error_ = ApiError(rewritten.error());
      return wish.schema;
    }
    rewrites_.json_wrapped = rewritten->wrapped;
    return std::move(rewritten->json);
  }

  // --- tools
  bool offered(const Tool& tool) const {
    const auto& allowed = request_.tool_choice.allowed;
    if (allowed.empty() || quirks_.allowed_tools) return true;
    return std::ranges::find(allowed, tool.name) != allowed.end();
  }

  bool tools() {
    if (!offered_) return true;
    writer_.key("tools").begin_array();
    for (std::size_t i = 0; i < request_.tools.size(); ++i) {
      if (offered(request_.tools[i]) && !tool(request_.tools[i], i)) return false;
    }
    writer_.end_array();
    return true;
  }

  bool tool(const Tool& tool, std::size_t position) {
    if (tool.cache && quirks_.cache_hints == Quirks::CacheHints::none) losses_.drop("cache_control");
    const bool custom = tool.kind == ToolKind::custom;
    const bool verbatim = !tool.verbatim.empty() && tool.verbatim.dialect == llm::Dialect::openai_chat && same_;
    if (tool.kind == ToolKind::provider && !verbatim) {
      error_ = ApiError(Code::unsupported, "The model's provider does not have this tool.",
                        "tools[" + std::to_string(position) + "]");
      return false;
    }
    if (verbatim && !(custom && refuses(Quirks::custom_tools))) {
      writer_.raw(tool.verbatim.json);
      return true;
    }
    if (custom) return custom_tool(tool);
    writer_.begin_object().key("type").string("function").key("function").begin_object();
    writer_.key("name").string(same_ ? std::string_view(tool.name) : names_.of(tool.name));
    if (!tool.description.empty()) writer_.key("description").string(tool.description);
    const bool strict = tool.strict.value_or(false);
    std::string rewritten;
    std::string_view schema = tool.schema.empty() ? kNoArguments : std::string_view(tool.schema);
    const auto subset = strict && !refuses(Quirks::strict_tools) ? SchemaSubset::openai_strict : SchemaSubset::full;
    const bool fits = subset == SchemaSubset::full && is_object_schema(schema);
    if (!same_ && !fits) {
      auto made = rewrite_schema(tool.schema, subset, true);
      if (!made) {
        error_ = ApiError(std::move(made).error());
        error_->param = "tools[" + std::to_string(position) + "]";
        return false;
      }
      rewritten = std::move(made->json);
      schema = rewritten;
    }
    writer_.key("parameters").raw(schema);
    if (tool.strict) {
      if (!refuses(Quirks::strict_tools)) {
        writer_.key("strict").boolean(strict);
      } else if (strict) {
        losses_.drop("tools.strict");
      }
    }
    writer_.end_object();
    cache(tool.cache);
    writer_.end_object();
    return true;
  }

  // Where there are none, a function with one text takes its place; what form the text has is said in words.
  bool custom_tool(const Tool& tool) {
    const std::string_view definition = json::find(tool.verbatim.json, "custom");
    const std::string_view own = definition.empty() ? std::string_view(tool.verbatim.json) : definition;
    const std::string_view format = json::find(own, "format");
    if (!refuses(Quirks::custom_tools)) {
      writer_.begin_object().key("type").string("custom").key("custom").begin_object();
      writer_.key("name").string(names_.of(tool.name));
      if (!tool.description.empty()) writer_.key("description").string(tool.description);
      custom_format(format);
      writer_.end_object();
      cache(tool.cache);
      writer_.end_object();
      return true;
    }
    std::string description = tool.description;
    std::string_view grammar = json::find(format, "grammar");
    if (grammar.empty()) grammar = format;
    if (const std::string rules = wire::text(json::find(grammar, "definition")); !rules.empty()) {
      description += "\n\nThe input must follow this grammar (" + wire::text(json::find(grammar, "syntax")) + "):\n";
      description += rules;
      losses_.drop("tools.custom.format");
    }
    rewrites_.text_tools.emplace_back(names_.of(tool.name));
    writer_.begin_object().key("type").string("function").key("function").begin_object();
    writer_.key("name").string(names_.of(tool.name));
    if (!description.empty()) writer_.key("description").string(description);
    writer_.key("parameters").begin_object().key("type").string("object").key("properties").begin_object();
    writer_.key("input").begin_object().key("type").string("string").end_object().end_object();
    writer_.key("required").begin_array().string("input").end_array().end_object();
    writer_.end_object();
    cache(tool.cache);
    writer_.end_object();
    return true;
  }

  // The Responses API has {type: grammar, syntax, definition}, this one {type: grammar, grammar: {syntax, definition}}.
  void custom_format(std::string_view format) {
    if (!wire::is_object(format)) return;
    const std::string_view definition = json::find(format, "definition");
    writer_.key("format");
    if (definition.empty()) {
      writer_.raw(format);
      return;
    }
    const std::string_view syntax = json::find(format, "syntax");
    writer_.begin_object().key("type").string("grammar").key("grammar").begin_object();
    if (!syntax.empty()) writer_.key("syntax").raw(syntax);
    writer_.key("definition").raw(definition).end_object().end_object();
  }

  void cache(const std::optional<llm::CacheHint>& hint) {
    if (!hint || quirks_.cache_hints != Quirks::CacheHints::cache_control) return;
    writer_.key("cache_control").begin_object().key("type").string("ephemeral");
    if (hint->one_hour) writer_.key("ttl").string("1h");
    writer_.end_object();
  }

  ToolKind kind_of(std::string_view name) const {
    const auto found = std::ranges::find(request_.tools, name, &Tool::name);
    const bool custom = found != request_.tools.end() && found->kind == ToolKind::custom;
    return custom && !refuses(Quirks::custom_tools) ? ToolKind::custom : ToolKind::function;
  }

  void named_tool(std::string_view name) {
    const std::string_view kind = kind_of(name) == ToolKind::custom ? "custom" : "function";
    writer_.begin_object().key("type").string(kind).key(kind).begin_object();
    writer_.key("name").string(same_ ? name : names_.of(name)).end_object().end_object();
  }

  void tool_choice() {
    if (!offered_) return;  // refused without tools
    const ToolChoice& choice = request_.tool_choice;
    const bool must = choice.mode == ToolChoice::Mode::required || choice.mode == ToolChoice::Mode::named;
    if (must && refuses(Quirks::required_tool)) {
      losses_.drop("tool_choice");
      writer_.key(choice_word_member()).string("auto");
    } else if (choice.given || choice.mode != ToolChoice::Mode::automatic) {
      const std::string_view word = choice.mode == ToolChoice::Mode::none       ? "none"
                                    : choice.mode == ToolChoice::Mode::required ? required()
                                                                                : "auto";
      if (choice.mode == ToolChoice::Mode::named) {
        writer_.key("tool_choice");
        named_tool(choice.name);
      } else if (!choice.allowed.empty() && quirks_.allowed_tools) {
        writer_.key("tool_choice")
            .begin_object()
            .key("type")
            .string("allowed_tools")
            .key("allowed_tools")
            .begin_object();
        writer_.key("mode").string(word).key("tools").begin_array();
        for (const std::string& name : choice.allowed) named_tool(name);
        writer_.end_array().end_object().end_object();
      } else {
        writer_.key(choice_word_member()).string(word);
      }
    }
    if (!request_.parallel_tool_calls) return;
    if (!refuses(Quirks::parallel_tool_calls)) {
      writer_.key("parallel_tool_calls").boolean(*request_.parallel_tool_calls);
    } else if (!*request_.parallel_tool_calls) {
      losses_.drop("parallel_tool_calls");
    }
  }
  // watsonx has one for words and one for a tool.
  std::string_view choice_word_member() const {
    return quirks_.tool_choice_option ? "tool_choice_option" : "tool_choice";
  }
  std::string_view required() const { return quirks_.required_is_any ? "any" : "required"; }

  // --- how it is generated
  // True: write it. Refused ones are told.
  bool take(bool is_given, std::uint32_t member, std::string_view name) {
    if (!is_given) return false;
    if (!refuses(member)) return true;
    losses_.drop(name);
    return false;
  }
  void number(std::string_view name, const std::optional<double>& value, std::uint32_t member) {
    if (take(value.has_value(), member, name)) writer_.key(name).number(*value);
  }
  void text(std::string_view name, const std::string& value, std::uint32_t member) {
    if (take(!value.empty(), member, name)) writer_.key(name).string(value);
  }
  void raw(std::string_view name, const std::string& value, std::uint32_t member) {
    if (take(!value.empty(), member, name)) writer_.key(name).raw(value);
  }

  void sampling() {
    if (request_.max_tokens) writer_.key(quirks_.max_tokens).unsigned_integer(*request_.max_tokens);
    auto temperature = request_.temperature;
    if (temperature == 0.0 && !quirks_.zero_temperature) temperature = 1e-8;
    number("temperature", temperature, Quirks::temperature);
    number("top_p", request_.top_p, Quirks::temperature);
    if (take(request_.top_k.has_value(), Quirks::top_k, "top_k")) {
      writer_.key("top_k").unsigned_integer(*request_.top_k);
    }
    number("min_p", request_.min_p, Quirks::top_k);
    number("repetition_penalty", request_.repetition_penalty, Quirks::top_k);
    number("frequency_penalty", request_.frequency_penalty, Quirks::penalties);
    number("presence_penalty", request_.presence_penalty, Quirks::penalties);
    if (request_.seed && (quirks_.seed.empty() || refuses(Quirks::seeds))) {
      losses_.drop("seed");
    } else if (request_.seed) {
      writer_.key(quirks_.seed).integer(*request_.seed);
    }
    if (take(!request_.stop.empty(), Quirks::stop, "stop")) {
      std::size_t many = request_.stop.size();
      if (quirks_.most_stops != 0 && many > quirks_.most_stops) {
        many = quirks_.most_stops;
        losses_.drop("stop");
      }
      writer_.key("stop").begin_array();
      for (std::size_t i = 0; i < many; ++i) writer_.string(request_.stop[i]);
      writer_.end_array();
    }
    if (take(request_.n != 1, Quirks::n, "n")) writer_.key("n").unsigned_integer(request_.n);
    if (take(request_.logprobs, Quirks::logprobs, "logprobs")) {
      writer_.key("logprobs").boolean(true);
      if (request_.top_logprobs) writer_.key("top_logprobs").unsigned_integer(*request_.top_logprobs);
    }
    raw("logit_bias", request_.logit_bias, Quirks::logit_bias);
    raw("prediction", request_.prediction, Quirks::prediction);
    raw("web_search_options", request_.web_search, Quirks::web_search);
    raw("audio", request_.audio, Quirks::audio);
    const bool beside_text = std::ranges::any_of(request_.modalities, [](const auto& one) { return one != "text"; });
    if (beside_text && take(true, Quirks::audio, "modalities")) {
      writer_.key("modalities").begin_array();
      for (const std::string& one : request_.modalities) writer_.string(one);
      writer_.end_array();
    }
    text("verbosity", request_.verbosity, Quirks::verbosity);
  }

  // The nearest of the efforts that the server knows; of two the lesser. Never from some to none.
  Effort known(Effort wish) const {
    if (quirks_.efforts == 0 || (quirks_.efforts & (1U << static_cast<unsigned>(wish))) != 0) return wish;
    Effort best = Effort::unset;
    int distance = 100;
    for (unsigned i = static_cast<unsigned>(Effort::none); i <= static_cast<unsigned>(Effort::max); ++i) {
      if ((quirks_.efforts & (1U << i)) == 0) continue;
      if (wish != Effort::none && i == static_cast<unsigned>(Effort::none)) continue;
      const int away = std::abs(static_cast<int>(i) - static_cast<int>(wish));
      if (away < distance) {
        distance = away;
        best = static_cast<Effort>(i);
      }
    }
    return best;
  }

  void effort() {
    const auto wish = llm::wished_effort(request_.reasoning);
    if (!wish) return;  // the model decides, as it does unasked
    const Effort sent = known(*wish);
    if (sent == Effort::unset) {
      losses_.drop("reasoning_effort");
    } else {
      writer_.key("reasoning_effort").string(llm::name(sent));
    }
  }

  // As the caller wrote it, where the same server's own words hold more than the model of the conversation.
  bool own_words(std::string_view name) const {
    return same_ && std::ranges::any_of(request_.extras, [&](const auto& extra) { return extra.name == name; });
  }

  void reasoning() {
    const llm::ReasoningWish& wish = request_.reasoning;
    const auto level = llm::wished_effort(wish);
    switch (quirks_.ask_reasoning) {
      case Quirks::AskReasoning::effort:
        effort();
        return;
      case Quirks::AskReasoning::object: {
        if (own_words("reasoning") || (!wish.asked() && !wish.show)) return;
        writer_.key("reasoning").begin_object();
        if (wish.effort != Effort::unset) {
          writer_.key("effort").string(llm::name(known(wish.effort)));
        } else if (wish.budget) {
          if (*wish.budget == 0) {
            writer_.key("enabled").boolean(false);
          } else {
            writer_.key("max_tokens").unsigned_integer(*wish.budget);
          }
        } else if (wish.adaptive) {
          writer_.key("enabled").boolean(true);
        }
        if (wish.show && !*wish.show) writer_.key("exclude").boolean(true);
        writer_.end_object();
        return;
      }
      case Quirks::AskReasoning::thinking:
        if (!own_words("thinking") && (level || wish.adaptive)) {
          writer_.key("thinking").begin_object();
          writer_.key("type").string(level == Effort::none ? "disabled" : "enabled").end_object();
        }
        if (quirks_.effort_too && level != Effort::none) effort();
        return;
      case Quirks::AskReasoning::none:
        if (level && *level != Effort::none) losses_.drop("reasoning_effort");
        return;
    }
  }

  void identity() {
    text("user", request_.user, Quirks::user);
    text("safety_identifier", request_.safety_identifier, Quirks::user);
    text("prompt_cache_key", request_.prompt_cache_key, Quirks::cache_key);
    raw("metadata", request_.metadata, Quirks::metadata);
    text("service_tier", request_.service_tier, Quirks::service_tier);
    if (take(request_.store.value_or(false), Quirks::store, "store")) {
      writer_.key("store").boolean(true);
    } else if (request_.store && !*request_.store && !refuses(Quirks::store)) {
      writer_.key("store").boolean(false);
    }
    if (!request_.cache) return;
    if (quirks_.cache_hints == Quirks::CacheHints::cache_control) cache(request_.cache);
    if (quirks_.cache_hints == Quirks::CacheHints::none) losses_.drop("cache_control");
  }

  // The usage is always asked for: what is not told cannot be metered.
  void stream() {
    if (quirks_.stream_in_path) return;
    writer_.key("stream").boolean(true);
    if (refuses(Quirks::stream_options)) return;
    writer_.key("stream_options").begin_object().key("include_usage").boolean(true);
    for (const llm::Extra& extra : request_.extras) {
      if (!same_ || extra.name != "stream_options") continue;
      wire::members(extra.json, [&](std::string_view key, std::string_view value) {
        if (key != "include_usage") writer_.key(key).raw(value);
      });
    }
    writer_.end_object();
  }

  void extras() {
    using Ask = Quirks::AskReasoning;
    for (const llm::Extra& extra : request_.extras) {
      const bool other_way = (extra.name == "reasoning" && quirks_.ask_reasoning != Ask::object) ||
                             (extra.name == "thinking" && quirks_.ask_reasoning != Ask::thinking);
      if (extra.name == "stream_options" && same_) continue;
      if (same_ && !other_way) {
        writer_.key(extra.name).raw(extra.json);
      } else {
        losses_.drop(extra.name);
      }
    }
  }

  const ChatRequest& request_;
  const Target& target_;
  const Quirks& quirks_;
  Losses& losses_;
  Rewrites& rewrites_;
  ToolNames names_;
  std::string out_;
  json::Writer writer_;
  bool same_;
  bool offered_ = false;  // there are tools to offer
  std::string format_;
  std::string instruction_;
  std::optional<ApiError> error_;
};

}  // namespace

ApiResult<std::string> write_chat_request(const ChatRequest& request, const Target& target, Losses& losses,
                                          Rewrites& rewrites) {
  return RequestWriter(request, target, losses, rewrites).write();
}

}  // namespace gatehouse::dialects::openai_chat
