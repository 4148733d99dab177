#include "gatehouse/dialects/bedrock/request_writer.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "gatehouse/base/strings.h"
#include "gatehouse/dialects/bedrock/content.h"
#include "gatehouse/dialects/bedrock/plan.h"
#include "gatehouse/dialects/schema/rewrite.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects::bedrock {
namespace {

using llm::Tool;

constexpr std::string_view kNoArguments = R"({"type":"object","properties":{}})";
constexpr std::string_view kTextArgument =
    R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"]})";

// The service wants a schema of arguments to say that they are an object, which others take for granted.
std::string object_schema(std::string_view schema) {
  bool typed = false;
  bool empty = true;
  const bool object = json::walk_object(schema, [&](const json::Member& member) {
    empty = false;
    if (member.key == "type" && member.value == "\"object\"") typed = true;
  });
  if (!object || empty) return std::string(kNoArguments);
  if (typed) return std::string(schema);
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("type").string("object");
  json::walk_object(schema, [&](const json::Member& member) {
    if (member.key != "type") writer.key(member.key).raw(member.value);
  });
  writer.end_object();
  return out;
}

// Members of Converse itself that a caller may give beside its own dialect's (an SDK's extra_body).
constexpr std::array<std::string_view, 5> kOwnMembers = {"guardrailConfig", "requestMetadata", "performanceConfig",
                                                         "promptVariables", "additionalModelResponseFieldPaths"};
constexpr std::string_view kServiceTier = "serviceTier";
constexpr std::string_view kAdditionalFields = "additionalModelRequestFields";

class RequestWriter {
 public:
  RequestWriter(const llm::ChatRequest& request, const Target& target, Losses& losses, Rewrites& rewrites)
      : request_(request),
        stream_(target.stream),
        losses_(losses),
        rewrites_(rewrites),
        traits_(traits_of(target.model, target.origin)),
        conversation_(arrange(request, target, losses)),
        plan_(plan_request(request, target, traits_, conversation_, losses)),
        writer_(out_),
        content_(writer_, out_, request, target, traits_, names_, points_, losses) {}

  ApiResult<std::string> write() {
    if (auto refused = inexpressible(); !refused) return std::unexpected(std::move(refused.error()));
    left_out();
    for (const Tool& tool : request_.tools) names_.reserve(tool.name);
    if (plan_.format == Plan::Format::tool) rewrites_.json_tool = names_.fresh("answer_in_json");
    out_.reserve(4096);
    writer_.begin_object();
    // In the order of the prompt, so that the first cachePoints are those that cover most.
    if (auto done = tools(); !done) return std::unexpected(std::move(done.error()));
    if (auto done = system(); !done) return std::unexpected(std::move(done.error()));
    if (auto done = messages(); !done) return std::unexpected(std::move(done.error()));
    inference();
    if (auto done = output_config(); !done) return std::unexpected(std::move(done.error()));
    additional_fields();
    extras();
    writer_.end_object();
    rewrites_.tool_names = names_.changed();
    return std::move(out_);
  }

 private:
  void drop(Setting setting) { losses_.drop(caller_name(request_.dialect, setting)); }
  std::string param(Setting setting) const { return std::string(caller_name(request_.dialect, setting)); }

  ApiResult<void> inexpressible() const {
    for (const std::string& modality : request_.modalities) {
      if (!base::equals_ignore_case(modality, "text")) {
        return refuse(Code::unsupported, "The model answers in text only.", param(Setting::modalities));
      }
    }
    if (!request_.previous_id.empty()) {
      return refuse(Code::unsupported, "The provider keeps no earlier answers.", param(Setting::previous_id));
    }
    for (const Tool* tool : plan_.tools) {
      if (tool->kind == llm::ToolKind::provider && tool->verbatim.dialect != llm::Dialect::bedrock) {
        return refuse(Code::unsupported, fmt::format("The provider does not have the tool \"{}\".", tool->name),
                      param(Setting::tools));
      }
    }
    return {};
  }

  // Settings that Converse has no word for, whatever the model.
  void left_out() {
    if (request_.n > 1) drop(Setting::n);
    if (request_.logprobs || request_.top_logprobs) drop(Setting::logprobs);
    if (request_.seed) drop(Setting::seed);
    if (request_.frequency_penalty.value_or(0) != 0) drop(Setting::frequency_penalty);
    if (request_.presence_penalty.value_or(0) != 0) drop(Setting::presence_penalty);
    if (request_.repetition_penalty.value_or(1) != 1) losses_.drop("repetition_penalty");
    if (request_.min_p.value_or(0) != 0) losses_.drop("min_p");
    if (!request_.logit_bias.empty()) losses_.drop("logit_bias");
    if (!request_.verbosity.empty() && request_.verbosity != "medium") drop(Setting::verbosity);
    if (!request_.audio.empty()) losses_.drop("audio");
    if (!request_.prediction.empty()) losses_.drop("prediction");
    if (!request_.web_search.empty()) losses_.drop("web_search_options");
    if (request_.store == true) losses_.drop("store");
  }

  ApiResult<void> tools() {
    const bool json_tool = plan_.format == Plan::Format::tool;
    if (plan_.tools.empty() && !plan_.tools_of_history && !json_tool) return {};
    writer_.key("toolConfig").begin_object().key("tools").begin_array();
    for (const Tool* each : plan_.tools) {
      if (auto done = tool(*each); !done) return done;
    }
    if (plan_.tools_of_history) tools_of_history();
    if (json_tool) {
      if (auto done = answer_tool(); !done) return done;
    }
    writer_.end_array();
    tool_choice();
    writer_.end_object();
    return {};
  }

  ApiResult<void> tool(const Tool& tool) {
    if (tool.kind == llm::ToolKind::provider ||
        (tool.verbatim.dialect == llm::Dialect::bedrock && !tool.verbatim.empty())) {
      writer_.raw(tool.verbatim.json);
    } else {
      const std::string sent = names_.tool(tool.name);
      std::string description = tool.description;
      std::string schema(kTextArgument);
      bool strict = false;
      if (tool.kind == llm::ToolKind::custom) {
        rewrites_.text_tools.push_back(sent);
        describe_grammar(tool, description);
      } else {
        schema = object_schema(tool.schema);
        strict = tool.strict == true && make_strict(schema);
      }
      spec(sent, description, schema, strict);
    }
    if (tool.cache && traits_.caches_tools && points_.take()) content_.cache_point(*tool.cache);
    return {};
  }

  bool make_strict(std::string& schema) {
    if (traits_.json_schema) {
      if (auto rewritten = rewrite_schema(schema, SchemaSubset::anthropic_output, true);
          rewritten && !rewritten->wrapped) {
        schema = std::move(rewritten->json);
        return true;
      }
    }
    drop(Setting::strict);
    return false;
  }

  void describe_grammar(const Tool& tool, std::string& description) {
    const json::Value all(tool.verbatim.json);
    json::Value format = all["format"];
    if (!format.exists()) format = all["custom"]["format"];
    if (format["grammar"].exists()) format = format["grammar"];
    const std::string definition = format["definition"].string_or("");
    if (definition.empty()) return;
    if (!description.empty()) description += "\n\n";
    description +=
        fmt::format("The input has to follow this grammar ({}):\n{}", format["syntax"].string_or("lark"), definition);
    losses_.drop("tools.format");
  }

  void spec(std::string_view name, std::string_view description, std::string_view schema, bool strict = false) {
    writer_.begin_object().key("toolSpec").begin_object().key("name").string(name);
    if (!description.empty()) writer_.key("description").string(description);
    writer_.key("inputSchema").begin_object().key("json").raw(schema).end_object();
    if (strict) writer_.key("strict").boolean(true);
    writer_.end_object().end_object();
  }

  // The service refuses calls in a conversation without toolConfig, so the tools that were called are named again.
  void tools_of_history() {
    std::vector<std::string> written;
    const auto write = [&](std::string_view name) {
      if (name.empty()) return;
      std::string sent = names_.tool(name);
      if (std::ranges::find(written, sent) != written.end() || written.size() == kMostToolsOfHistory) return;
      spec(sent, "It was used before and cannot be used any more.", R"({"type":"object"})");
      written.push_back(std::move(sent));
    };
    for (const Turn& turn : conversation_.turns) {
      for (const Item& item : turn.blocks) {
        if (const auto* call = item.block->as<llm::ToolCall>()) write(call->name);
      }
      for (const Item& item : turn.results) write(item.block->as<llm::ToolResult>()->name);
    }
    if (written.empty()) write("tool");
  }

  ApiResult<RewrittenSchema> output_schema() {
    std::string_view schema = request_.format.schema;
    if (schema.empty()) schema = R"({"type":"object"})";
    auto rewritten = rewrite_schema(
        schema, plan_.format == Plan::Format::native ? SchemaSubset::anthropic_output : SchemaSubset::full, true);
    if (!rewritten) {
      return std::unexpected(ApiError(rewritten.error().code, rewritten.error().detail, param(Setting::format)));
    }
    rewrites_.json_wrapped = rewritten->wrapped;
    return std::move(*rewritten);
  }

  ApiResult<void> answer_tool() {
    auto schema = output_schema();
    if (!schema) return std::unexpected(std::move(schema.error()));
    spec(rewrites_.json_tool,
         request_.format.description.empty() ? "Gives the final answer. Call it once, with all of the answer."
                                             : request_.format.description,
         object_schema(schema->json));
    return {};
  }

  void tool_choice() {
    if (plan_.choice == Plan::Choice::unsaid) return;
    writer_.key("toolChoice").begin_object();
    switch (plan_.choice) {
      case Plan::Choice::any:
        writer_.key("any").begin_object().end_object();
        break;
      case Plan::Choice::named:
        writer_.key("tool").begin_object().key("name");
        writer_.string(plan_.format == Plan::Format::tool ? rewrites_.json_tool
                                                          : names_.tool(request_.tool_choice.name));
        writer_.end_object();
        break;
      default:
        writer_.key("auto").begin_object().end_object();
    }
    writer_.end_object();
  }

  ApiResult<void> system() {
    const bool words = plan_.format == Plan::Format::words;
    if (conversation_.system.empty() && !words && !plan_.tools_forbidden) return {};
    writer_.key("system").begin_array();
    const auto say = [this](std::string_view text) { writer_.begin_object().key("text").string(text).end_object(); };
    for (const auto& [block, cache] : conversation_.system) {
      if (const auto* text = block->as<llm::Text>()) {
        say(text->text);
      } else if (const auto* foreign = block->as<llm::Foreign>(); foreign != nullptr && has_words(foreign->text)) {
        say(foreign->text);
      } else {
        return refuse(Code::unsupported, "The provider takes texts only as system messages.", param(Setting::messages));
      }
      if (cache && traits_.caches && points_.take()) content_.cache_point(*cache);
    }
    if (plan_.tools_forbidden) say("Answer without calling a tool.");
    if (words) {
      if (request_.format.schema.empty()) {
        say("Answer with one JSON object and nothing else.");
      } else {
        say(
            fmt::format("Answer with JSON and nothing else, without a code fence. It has to be valid by this JSON "
                        "Schema:\n{}",
                        request_.format.schema));
        drop(Setting::format);
      }
    }
    writer_.end_array();
    return {};
  }

  ApiResult<void> messages() {
    auto& turns = conversation_.turns;
    std::size_t marks = request_.cache ? 1 : 0;
    for (const Turn& turn : turns) {
      for (const Item& item : turn.results) marks += item.cache ? 1 : 0;
      for (const Item& item : turn.blocks) marks += item.cache ? 1 : 0;
    }
    points_.in_messages(marks);
    writer_.key("messages").begin_array();
    if (turns.empty() || (turns.front().assistant && !traits_.leading_assistant)) content_.filler(false);
    for (std::size_t i = 0; i < turns.size(); ++i) {
      const bool last = i + 1 == turns.size();
      if (auto done = content_.turn(turns[i], last, last && !turns[i].assistant ? request_.cache : std::nullopt);
          !done) {
        return done;
      }
    }
    writer_.end_array();
    return {};
  }

  void inference() {
    std::vector<std::string_view> stops;
    for (const std::string& stop : request_.stop) {
      // Claude refuses those without words, the service empty ones.
      if (stop.empty() || (traits_.claude && !has_words(stop))) {
        drop(Setting::stop);
      } else {
        stops.push_back(stop);
      }
    }
    stops_ = !stops.empty();
    if (!plan_.max_tokens && !plan_.temperature && !plan_.top_p && stops.empty()) return;
    writer_.key("inferenceConfig").begin_object();
    if (plan_.max_tokens) writer_.key("maxTokens").unsigned_integer(*plan_.max_tokens);
    if (plan_.temperature) writer_.key("temperature").number(*plan_.temperature);
    if (plan_.top_p) writer_.key("topP").number(*plan_.top_p);
    if (stops_) {
      writer_.key("stopSequences").begin_array();
      for (const std::string_view stop : stops) writer_.string(stop);
      writer_.end_array();
    }
    writer_.end_object();
  }

  ApiResult<void> output_config() {
    if (plan_.format != Plan::Format::native) return {};
    auto schema = output_schema();
    if (!schema) return std::unexpected(std::move(schema.error()));
    writer_.key("outputConfig").begin_object().key("textFormat").begin_object();
    writer_.key("type").string("json_schema").key("structure").begin_object().key("jsonSchema").begin_object();
    const std::string name = request_.format.name.empty() ? "answer" : Names().tool(request_.format.name);
    writer_.key("schema").string(schema->json).key("name").string(name);
    if (!request_.format.description.empty()) writer_.key("description").string(request_.format.description);
    writer_.end_object().end_object().end_object().end_object();
    return {};
  }

  std::string_view extra(std::string_view name) const {
    for (const llm::Extra& extra : request_.extras) {
      if (extra.name == name) return extra.json;
    }
    return {};
  }

  // What only the model knows. The caller's own word for a member goes before ours.
  void additional_fields() {
    const json::Value given(extra(kAdditionalFields));
    std::string ours;
    json::Writer fields(ours);
    const auto free = [&given](std::string_view name) { return !given[name].exists(); };
    fields.begin_object();
    if (given.is(json::Kind::object)) {
      given.members([&fields](std::string_view key, json::Value value) { fields.key(key).raw(value.raw()); });
    }
    thinking(fields, free);
    if (plan_.top_k && traits_.top_k == ModelTraits::TopK::flat && free("top_k")) {
      fields.key("top_k").unsigned_integer(*plan_.top_k);
    }
    if (plan_.top_k && traits_.top_k == ModelTraits::TopK::nova && free("inferenceConfig")) {
      fields.key("inferenceConfig").begin_object().key("topK").unsigned_integer(*plan_.top_k).end_object();
    }
    fields.end_object();
    if (ours != "{}") writer_.key(kAdditionalFields).raw(ours);
  }

  template <class Free>
  void thinking(json::Writer& fields, const Free& free) {
    using Thinking = Plan::Thinking;
    switch (traits_.thinking) {
      case ModelTraits::Thinking::claude:
        if (plan_.thinking != Thinking::unsaid && free("thinking")) claude_thinking(fields);
        if (!plan_.effort.empty() && free("output_config")) {
          fields.key("output_config").begin_object().key("effort").string(plan_.effort).end_object();
        }
        break;
      case ModelTraits::Thinking::reasoning_effort:
        if (!plan_.effort.empty() && free("reasoning_effort")) fields.key("reasoning_effort").string(plan_.effort);
        break;
      case ModelTraits::Thinking::reasoning_config:
        if (!plan_.effort.empty() && free("reasoning_config")) fields.key("reasoning_config").string(plan_.effort);
        break;
      case ModelTraits::Thinking::nova:
        if (plan_.thinking == Thinking::unsaid || !free("reasoningConfig")) break;
        fields.key("reasoningConfig").begin_object().key("type");
        fields.string(plan_.thinking == Thinking::disabled ? "disabled" : "enabled");
        if (!plan_.effort.empty()) fields.key("maxReasoningEffort").string(plan_.effort);
        fields.end_object();
        break;
      case ModelTraits::Thinking::unknown:
        break;
    }
  }

  void claude_thinking(json::Writer& fields) const {
    constexpr std::array<std::string_view, 5> kTypes = {"", "enabled", "adaptive", "between_tools", "disabled"};
    fields.key("thinking").begin_object();
    fields.key("type").string(kTypes[static_cast<std::size_t>(plan_.thinking)]);
    if (plan_.thinking == Plan::Thinking::enabled) fields.key("budget_tokens").unsigned_integer(plan_.budget);
    if (!plan_.display.empty() && plan_.thinking != Plan::Thinking::disabled) {
      fields.key("display").string(plan_.display);
    }
    fields.end_object();
  }

  void extras() {
    bool paths = false;
    for (const llm::Extra& extra : request_.extras) {
      if (extra.name == kAdditionalFields) continue;
      if (std::ranges::find(kOwnMembers, extra.name) != kOwnMembers.end()) {
        writer_.key(extra.name).raw(extra.json);
        paths = paths || extra.name == kOwnMembers.back();
      } else if (extra.name != kServiceTier) {
        losses_.drop(extra.name);
      }
    }
    // Which of the stop sequences it was, only Claude tells, and only if asked: by its place in Anthropic's own answer,
    // or in the event that ends one.
    if (stops_ && traits_.claude && !paths) {
      writer_.key(kOwnMembers.back()).begin_array();
      writer_.string(stream_ ? "/delta/stop_sequence" : "/stop_sequence").end_array();
    }
    if (const auto tier = extra(kServiceTier); !tier.empty()) {
      writer_.key(kServiceTier).raw(tier);
      return;
    }
    const std::string& tier = request_.service_tier;
    if (tier == "default" || tier == "flex" || tier == "priority" || tier == "reserved") {
      writer_.key(kServiceTier).begin_object().key("type").string(tier).end_object();
    } else if (!tier.empty() && tier != "auto" && tier != "standard" && tier != "standard_only") {
      drop(Setting::service_tier);
    }
  }

  static constexpr std::size_t kMostToolsOfHistory = 128;

  const llm::ChatRequest& request_;
  bool stream_;
  Losses& losses_;
  Rewrites& rewrites_;
  ModelTraits traits_;
  Conversation conversation_;
  Plan plan_;
  Names names_;
  CachePoints points_;
  std::string out_;
  json::Writer writer_;
  ContentWriter content_;
  bool stops_ = false;
};

}  // namespace

ApiResult<std::string> write_request(const llm::ChatRequest& request, const Target& target, Losses& losses,
                                     Rewrites& rewrites) {
  return RequestWriter(request, target, losses, rewrites).write();
}

}  // namespace gatehouse::dialects::bedrock
