#include "gatehouse/dialects/gemini/request_writer.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/gemini/contents_writer.h"
#include "gatehouse/dialects/gemini/json_schema.h"
#include "gatehouse/dialects/gemini/lost_names.h"
#include "gatehouse/dialects/gemini/model_traits.h"
#include "gatehouse/dialects/gemini/tool_names.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/llm/chat/reasoning.h"

namespace gatehouse::dialects::gemini {
namespace {

using llm::OutputFormat;
using llm::Tool;
using llm::ToolChoice;
using llm::ToolKind;

constexpr std::size_t kMostStops = 5;
constexpr std::string_view kJsonTool = "final_answer";
constexpr std::string_view kJsonToolDescription =
    "Gives the final answer. Call it once, when no other function is needed.";
constexpr std::string_view kAnyObject = R"({"type":"object"})";
constexpr std::string_view kTextInput =
    R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"]})";

bool is_object_schema(std::string_view schema) {
  const json::Value type = json::Value(schema)["type"];
  return type.string_or("") == "object" || (!type.exists() && json::Value(schema)["properties"].exists());
}

class RequestWriter {
 public:
  RequestWriter(const llm::ChatRequest& request, const Target& target, Losses& losses, Rewrites& rewrites)
      : request_(request),
        target_(target),
        losses_(losses),
        rewrites_(rewrites),
        traits_(traits_of(target.model)),
        names_(rewrites),
        writer_(out_) {}

  ApiResult<std::string> write() {
    if (!request_.previous_id.empty()) {
      return refuse(Code::unsupported, "An answer that another provider has stored cannot be continued here",
                    "previous_response_id");
    }
    if (auto chosen = choose_tools(); !chosen) return std::unexpected(std::move(chosen.error()));
    writer_.begin_object();
    ContentsWriter contents(request_, target_, traits_, losses_, names_, writer_);
    if (auto written = contents.write(); !written) return std::unexpected(std::move(written.error()));
    tools();
    tool_config();
    generation();
    rest();
    writer_.end_object();
    return std::move(out_);
  }

 private:
  std::string_view lost(Lost member) const { return lost_name(request_.dialect, member); }
  void drop(Lost member) { losses_.drop(lost(member)); }

  // Which functions are declared, and whether the answer's format has to be one of them.
  ApiResult<> choose_tools() {
    for (const Tool& tool : request_.tools) names_.reserve(tool.name);
    const ToolChoice& choice = request_.tool_choice;
    const bool limited = choice.mode == ToolChoice::Mode::automatic && !choice.allowed.empty();
    for (const Tool& tool : request_.tools) {
      if (tool.cache) drop(Lost::cache);
      if (tool.kind != ToolKind::provider) {
        // Only in the modes ANY and VALIDATED can functions be declared that are not allowed.
        const bool allowed = !limited || traits_.validates_calls() || std::ranges::count(choice.allowed, tool.name) > 0;
        if (allowed) functions_.push_back(&tool);
      } else if (tool.verbatim.dialect == llm::Dialect::gemini) {
        provided_.push_back(tool.verbatim.json);
      } else if (tool.name.starts_with("web_search")) {
        search_ = true;
      } else {
        return refuse(Code::unsupported, "The provider has no such tool as " + tool.name, "tools");
      }
    }
    if (!request_.web_search.empty()) search_ = true;
    const bool formatted = request_.format.kind != OutputFormat::Kind::text;
    if (functions_.empty() || !formatted || traits_.format_beside_tools()) return {};
    if (choice.mode == ToolChoice::Mode::none) {
      functions_.clear();
    } else if (choice.mode == ToolChoice::Mode::named) {
      format_dropped_ = true;  // the answer is that call
    } else {
      rewrites_.json_tool = names_.unused(kJsonTool);
      const std::string& schema = request_.format.schema;
      rewrites_.json_wrapped = request_.format.kind == OutputFormat::Kind::json_schema && !is_object_schema(schema);
    }
    return {};
  }

  void declare(std::string_view name, std::string_view description, std::string_view schema) {
    writer_.begin_object().key("name").string(name);
    if (!description.empty()) writer_.key("description").string(description);
    if (!schema.empty() && schema != "{}") writer_.key("parametersJsonSchema").raw(gemini_schema_of(schema));
    writer_.end_object();
  }

  void declare_json_tool() {
    const OutputFormat& format = request_.format;
    std::string description(kJsonToolDescription);
    if (!format.description.empty()) description.append(" ").append(format.description);
    std::string schema = format.schema.empty() ? std::string(kAnyObject) : format.schema;
    if (rewrites_.json_wrapped) {
      schema = R"({"type":"object","properties":{"value":)" + schema + R"(},"required":["value"]})";
    }
    declare(rewrites_.json_tool, description, schema);
  }

  void tools() {
    if (functions_.empty() && provided_.empty() && !search_) return;
    writer_.key("tools").begin_array();
    if (!functions_.empty()) {
      writer_.begin_object().key("functionDeclarations").begin_array();
      for (const Tool* tool : functions_) {
        const std::string& name = names_.sent(tool->name);
        const bool text = tool->kind == ToolKind::custom;
        declare(name, tool->description, text ? kTextInput : std::string_view(tool->schema));
        if (!text) continue;
        rewrites_.text_tools.push_back(name);
        // The words that it takes may be bound by a grammar, which functions have no place for.
        if (tool->verbatim.json.contains("\"grammar\"")) losses_.drop("tools.format");
      }
      if (!rewrites_.json_tool.empty()) declare_json_tool();
      writer_.end_array().end_object();
    }
    if (search_) writer_.begin_object().key("googleSearch").begin_object().end_object().end_object();
    for (const std::string& tool : provided_) writer_.raw(tool);
    writer_.end_array();
  }

  void calling(std::string_view mode, const std::vector<std::string>& allowed, std::string_view besides) {
    writer_.key("functionCallingConfig").begin_object().key("mode").string(mode);
    if (!allowed.empty()) {
      writer_.key("allowedFunctionNames").begin_array();
      for (const std::string& name : allowed) writer_.string(names_.sent(name));
      if (!besides.empty()) writer_.string(besides);
      writer_.end_array();
    }
    writer_.end_object();
  }

  // The API refuses a choice where nothing is declared to choose from.
  void tool_config() {
    const bool extras = has_extras("toolConfig.");
    if (functions_.empty() && !extras) return;
    const ToolChoice& choice = request_.tool_choice;
    const bool strict = std::ranges::any_of(functions_, [](const Tool* tool) { return tool->strict.value_or(false); });
    const std::string_view any = "ANY";
    const auto begin = [&] { writer_.key("toolConfig").begin_object(); };
    bool begun = true;
    if (functions_.empty()) {
      begin();
    } else if (!rewrites_.json_tool.empty()) {
      begin();
      calling(any, choice.allowed, rewrites_.json_tool);
    } else if (choice.mode == ToolChoice::Mode::none) {
      begin();
      calling("NONE", {}, {});
    } else if (choice.mode == ToolChoice::Mode::required) {
      begin();
      calling(any, choice.allowed, {});
    } else if (choice.mode == ToolChoice::Mode::named) {
      begin();
      calling(any, {choice.name}, {});
    } else if (traits_.validates_calls() && (strict || !choice.allowed.empty() || validated())) {
      begin();
      calling("VALIDATED", choice.allowed, {});
    } else if (choice.given) {
      begin();
      calling("AUTO", {}, {});
    } else if (extras) {
      begin();
    } else {
      begun = false;
    }
    if (!begun) return;
    write_extras("toolConfig.");
    writer_.end_object();
  }

  bool validated() const {
    return std::ranges::any_of(request_.extras,
                               [](const auto& extra) { return extra.name == "toolConfig.functionCallingConfig.mode"; });
  }

  void generation() {
    const std::size_t at = out_.size();
    writer_.key("generationConfig").begin_object();
    const std::size_t empty = out_.size();
    sampling();
    format();
    thinking();
    if (request_.dialect == llm::Dialect::gemini) write_extras("generationConfig.");
    if (out_.size() == empty) {
      // Nothing was asked for: the member is taken back.
      writer_.end_object();
      out_.resize(at);
    } else {
      writer_.end_object();
    }
  }

  void sampling() {
    if (request_.max_tokens) writer_.key("maxOutputTokens").unsigned_integer(*request_.max_tokens);
    if (request_.temperature) writer_.key("temperature").number(*request_.temperature);
    if (request_.top_p) writer_.key("topP").number(*request_.top_p);
    if (request_.top_k) writer_.key("topK").unsigned_integer(*request_.top_k);
    if (request_.frequency_penalty) writer_.key("frequencyPenalty").number(*request_.frequency_penalty);
    if (request_.presence_penalty) writer_.key("presencePenalty").number(*request_.presence_penalty);
    // 32 bits with a sign: the same seed becomes the same again.
    if (request_.seed) writer_.key("seed").integer(*request_.seed & 0x7fffffff);
    if (!request_.stop.empty()) {
      writer_.key("stopSequences").begin_array();
      for (std::size_t i = 0; i < std::min(kMostStops, request_.stop.size()); ++i) writer_.string(request_.stop[i]);
      writer_.end_array();
      if (request_.stop.size() > kMostStops) drop(Lost::stop);
    }
    if (request_.n > 1) writer_.key("candidateCount").unsigned_integer(request_.n);
    if (request_.logprobs) {
      writer_.key("responseLogprobs").boolean(true);
      if (request_.top_logprobs) writer_.key("logprobs").unsigned_integer(*request_.top_logprobs);
    }
    const bool more = std::ranges::any_of(request_.modalities, [](const auto& m) { return m != "text"; });
    if (more) {
      writer_.key("responseModalities").begin_array();
      for (std::string modality : request_.modalities) {
        for (char& c : modality) {
          if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        }
        writer_.string(modality);
      }
      writer_.end_array();
    }
  }

  void format() {
    const OutputFormat& format = request_.format;
    if (format.kind == OutputFormat::Kind::text || !rewrites_.json_tool.empty() || format_dropped_) return;
    writer_.key("responseMimeType").string("application/json");
    if (format.kind == OutputFormat::Kind::json_schema && !format.schema.empty()) {
      writer_.key("responseJsonSchema").raw(gemini_schema_of(format.schema));
    }
  }

  void thinking() {
    const llm::ReasoningWish& wish = request_.reasoning;
    const auto effort = llm::wished_effort(wish);
    const bool off = effort == llm::Effort::none;
    const auto kind = traits_.thinking();
    if (!wish.asked() && !wish.show.value_or(false)) return;
    if (kind == ModelTraits::Thinking::none) {
      if (!off) drop(Lost::reasoning);
      return;
    }
    // Thoughts are for those who asked for thinking, unless they said otherwise.
    const bool show = wish.show.value_or(!off && wish.summary != "omitted");
    const auto budget = llm::wished_budget(wish);
    const bool level = kind == ModelTraits::Thinking::level;
    if (!show && !(level ? effort.has_value() : budget || wish.adaptive)) return;
    bool exact = true;
    writer_.key("thinkingConfig").begin_object();
    if (level) {
      if (effort) writer_.key("thinkingLevel").string(traits_.level(*effort, exact));
    } else if (budget) {
      writer_.key("thinkingBudget").unsigned_integer(traits_.budget(*budget, exact));
    } else if (wish.adaptive) {
      writer_.key("thinkingBudget").integer(-1);
    }
    if (show) writer_.key("includeThoughts").boolean(true);
    writer_.end_object();
    if (!exact && off) drop(Lost::reasoning);
  }

  bool has_extras(std::string_view where) const {
    return request_.dialect == llm::Dialect::gemini && std::ranges::any_of(request_.extras, [&](const auto& extra) {
             return extra.name.starts_with(where) && extra.name.find('.', where.size()) == std::string::npos;
           });
  }

  // Members right under that place, where the request came from this dialect. Deeper ones are told instead.
  void write_extras(std::string_view where) {
    if (request_.dialect != llm::Dialect::gemini) return;
    for (const llm::Extra& extra : request_.extras) {
      const std::string_view name = extra.name;
      if (!name.starts_with(where)) continue;
      const std::string_view member = name.substr(where.size());
      if (member.find_first_of(".[") == std::string_view::npos) writer_.key(member).raw(extra.json);
    }
  }

  // Of the body itself, and what is lost.
  void rest() {
    if (request_.dialect == llm::Dialect::gemini) {
      write_extras("");
      if (request_.store) writer_.key("store").boolean(*request_.store);
    } else {
      for (const llm::Extra& extra : request_.extras) losses_.drop(extra.name);
      if (request_.store.value_or(false)) drop(Lost::store);
    }
    const std::string& tier = request_.service_tier;
    if (tier == "default") {
      writer_.key("serviceTier").string("standard");
    } else if (tier == "flex" || tier == "priority") {
      writer_.key("serviceTier").string(tier);
    } else if (!tier.empty() && tier != "auto" && tier != "standard_only") {
      drop(Lost::service_tier);
    }
    if (request_.cache) drop(Lost::cache);
    if (request_.parallel_tool_calls == false) drop(Lost::parallel_calls);
    if (request_.min_p) drop(Lost::min_p);
    if (request_.repetition_penalty) drop(Lost::repetition_penalty);
    if (!request_.logit_bias.empty()) drop(Lost::logit_bias);
    if (!request_.user.empty()) drop(Lost::user);
    if (!request_.metadata.empty()) drop(Lost::metadata);
    if (!request_.verbosity.empty()) drop(Lost::verbosity);
    if (!request_.safety_identifier.empty()) losses_.drop("safety_identifier");
    if (!request_.prompt_cache_key.empty()) losses_.drop("prompt_cache_key");
    if (!request_.audio.empty()) losses_.drop("audio");
    if (!request_.prediction.empty()) losses_.drop("prediction");
    if (format_dropped_) losses_.drop("response_format");
  }

  const llm::ChatRequest& request_;
  const Target& target_;
  Losses& losses_;
  Rewrites& rewrites_;
  const ModelTraits traits_;
  ToolNames names_;
  std::string out_;
  json::Writer writer_;
  std::vector<const Tool*> functions_;
  std::vector<std::string> provided_;
  bool search_ = false;
  bool format_dropped_ = false;
};

}  // namespace

ApiResult<std::string> write_request(const llm::ChatRequest& request, const Target& target, Losses& losses,
                                     Rewrites& rewrites) {
  return RequestWriter(request, target, losses, rewrites).write();
}

}  // namespace gatehouse::dialects::gemini
