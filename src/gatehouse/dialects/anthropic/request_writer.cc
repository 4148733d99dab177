#include "gatehouse/dialects/anthropic/request_writer.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/dialects/anthropic/block_writer.h"
#include "gatehouse/dialects/anthropic/model_rules.h"
#include "gatehouse/dialects/anthropic/request_plan.h"
#include "gatehouse/dialects/anthropic/tool_names.h"
#include "gatehouse/dialects/anthropic/turns.h"
#include "gatehouse/dialects/caller_words.h"
#include "gatehouse/dialects/schema/rewrite.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::anthropic {
namespace {

using llm::Block;
using llm::Tool;

constexpr std::string_view kEmptySchema = R"({"type":"object","properties":{}})";
constexpr std::string_view kTextSchema =
    R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"]})";
constexpr std::string_view kAnyObject = R"({"type":"object"})";

// A schema of arguments has to say that they are an object, which others take for granted.
std::string object_schema(std::string_view schema) {
  if (schema.empty()) return std::string(kEmptySchema);
  bool typed = false;
  bool empty = true;
  const bool object = json::walk_object(schema, [&](const json::Member& member) {
    empty = false;
    if (member.key == "type" && member.value == "\"object\"") typed = true;
  });
  if (!object || empty) return std::string(kEmptySchema);
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

class RequestWriter {
 public:
  RequestWriter(const llm::ChatRequest& request, const Target& target, Losses& losses, Rewrites& rewrites)
      : request_(request),
        target_(target),
        losses_(losses),
        rewrites_(rewrites),
        rules_(rules_of(target.model)),
        conversation_(arrange(request, target, rules_, losses)),
        plan_(plan_request(request, target, rules_, conversation_, losses)),
        marks_(count_marks()),
        writer_(out_),
        blocks_(writer_, request, target, names_, marks_, losses) {}

  ApiResult<std::string> write() {
    if (auto refused = inexpressible(); !refused) return std::unexpected(std::move(refused.error()));
    for (const Tool* tool : plan_.tools) names_.reserve(tool->name);
    if (plan_.format == RequestPlan::Format::tool) rewrites_.json_tool = names_.fresh("answer_in_json");
    out_.reserve(4096);
    writer_.begin_object();
    if (target_.quirks.version_in_body.empty()) {
      writer_.key("model").string(target_.model);
    } else {
      writer_.key("anthropic_version").string(target_.quirks.version_in_body);
    }
    writer_.key("max_tokens").unsigned_integer(plan_.max_tokens);
    // Tools first: they come first in the prompt, and so do their marks for the cache.
    if (auto done = tools(); !done) return std::unexpected(std::move(done.error()));
    if (!system() || !messages()) return std::unexpected(blocks_.error());
    thinking();
    if (auto done = output_config(); !done) return std::unexpected(std::move(done.error()));
    settings();
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
      if (modality != "text") {
        return refuse(Code::unsupported, "The model answers in text only.", param(Setting::modalities));
      }
    }
    if (!request_.previous_id.empty()) {
      return refuse(Code::unsupported, "The provider keeps no earlier answers.", param(Setting::previous_id));
    }
    for (const Tool* tool : plan_.tools) {
      if (tool->kind == llm::ToolKind::provider && tool->verbatim.dialect != llm::Dialect::anthropic) {
        return refuse(Code::unsupported, fmt::format("The provider does not have the tool \"{}\".", tool->name),
                      param(Setting::tools));
      }
    }
    return {};
  }

  std::size_t count_marks() const {
    std::size_t marks = request_.cache ? 1 : 0;
    const auto add = [&marks](const std::vector<const Block*>& blocks) {
      for (const Block* block : blocks) {
        if (block->cache && block->kind() != llm::BlockKind::reasoning) ++marks;
        const auto* result = block->as<llm::ToolResult>();
        if (result == nullptr) continue;
        for (const Block& part : result->content) marks += part.cache ? 1 : 0;
      }
    };
    for (const Tool* tool : plan_.tools) marks += tool->cache ? 1 : 0;
    add(conversation_.system);
    for (const Turn& turn : conversation_.turns) {
      add(turn.results);
      add(turn.blocks);
    }
    return marks;
  }

  ApiResult<void> tools() {
    const bool used = plan_.tools.empty() && conversation_.tools_used;
    if (plan_.tools.empty() && !used && plan_.format != RequestPlan::Format::tool) return {};
    writer_.key("tools").begin_array();
    for (const Tool* each : plan_.tools) tool(*each);
    if (used) tools_of_history();
    if (plan_.format == RequestPlan::Format::tool) {
      if (auto done = json_tool(); !done) return done;
    }
    writer_.end_array();
    tool_choice();
    return {};
  }

  void tool(const Tool& tool) {
    if (tool.kind == llm::ToolKind::provider ||
        (tool.verbatim.dialect == llm::Dialect::anthropic && !tool.verbatim.empty())) {
      if (tool.cache && !marks_.next()) drop(Setting::cache);
      writer_.raw(tool.verbatim.json);
      return;
    }
    const std::string_view sent = names_.sent(tool.name);
    writer_.begin_object().key("name").string(sent);
    if (tool.kind == llm::ToolKind::custom) {
      rewrites_.text_tools.emplace_back(sent);
      text_tool(tool);
    } else {
      if (!tool.description.empty()) writer_.key("description").string(tool.description);
      schema_of(tool);
    }
    blocks_.cache(tool.cache);
    writer_.end_object();
  }

  void schema_of(const Tool& tool) {
    std::string schema = object_schema(tool.schema);
    if (tool.strict == true) {
      const bool taken = rules_.json_schema && !target_.quirks.refuses_any(llm::Quirks::strict_tools) &&
                         strict_tools_ < kMostStrictTools;
      if (auto rewritten =
              taken ? rewrite_schema(schema, SchemaSubset::anthropic_output, true) : fail(Code::unsupported);
          rewritten && !rewritten->wrapped) {
        ++strict_tools_;
        writer_.key("input_schema").raw(rewritten->json).key("strict").boolean(true);
        return;
      }
      drop(Setting::strict);
    }
    writer_.key("input_schema").raw(schema);
  }

  void text_tool(const Tool& tool) {
    const json::Value all(tool.verbatim.json);
    json::Value format = all["format"];
    if (!format.exists()) format = all["custom"]["format"];
    if (format["grammar"].exists()) format = format["grammar"];
    std::string description = tool.description;
    if (const std::string definition = format["definition"].string_or(""); !definition.empty()) {
      if (!description.empty()) description += "\n\n";
      description +=
          fmt::format("The input has to follow this grammar ({}):\n{}", format["syntax"].string_or("lark"), definition);
      drop(Setting::grammar);
    }
    if (!description.empty()) writer_.key("description").string(description);
    writer_.key("input_schema").raw(kTextSchema);
  }

  // The API refuses calls of tools that are not defined, so those of the history are, and none may be used.
  void tools_of_history() {
    std::vector<std::string_view> written;
    const auto write = [&](std::string_view name) {
      if (name.empty() || std::ranges::find(written, name) != written.end()) return;
      written.push_back(name);
      writer_.begin_object().key("name").string(names_.sent(name)).key("input_schema").raw(kEmptySchema).end_object();
    };
    for (const Turn& turn : conversation_.turns) {
      for (const Block* block : turn.blocks) {
        if (const auto* call = block->as<llm::ToolCall>()) write(call->name);
      }
    }
    if (written.empty()) write("unknown_tool");
  }

  ApiResult<void> json_tool() {
    const llm::OutputFormat& format = request_.format;
    std::string schema(kAnyObject);
    if (format.kind == llm::OutputFormat::Kind::json_schema) {
      auto rewritten = rewrite_schema(format.schema, SchemaSubset::full, true);
      if (!rewritten) return refuse(rewritten.error().code, rewritten.error().detail, param(Setting::format));
      rewrites_.json_wrapped = rewritten->wrapped;
      schema = object_schema(rewritten->json);
    }
    writer_.begin_object().key("name").string(rewrites_.json_tool).key("description");
    std::string description = "Gives the final answer. It has to be given by a call of this tool, never as text.";
    if (!format.description.empty()) description += " " + format.description;
    writer_.string(description).key("input_schema").raw(schema).end_object();
    return {};
  }

  void tool_choice() {
    using Choice = RequestPlan::Choice;
    if (plan_.choice == Choice::unsaid) return;
    writer_.key("tool_choice").begin_object().key("type");
    switch (plan_.choice) {
      case Choice::any:
        writer_.string("any");
        break;
      case Choice::named:
        writer_.string("tool").key("name");
        writer_.string(plan_.json_tool_only && plan_.format == RequestPlan::Format::tool
                           ? std::string_view(rewrites_.json_tool)
                           : names_.sent(request_.tool_choice.name));
        break;
      case Choice::none:
        writer_.string("none");
        break;
      default:
        writer_.string("auto");
    }
    if (plan_.one_call) writer_.key("disable_parallel_tool_use").boolean(true);
    writer_.end_object();
  }

  bool system() {
    if (conversation_.system.empty()) return true;
    writer_.key("system");
    return text_or_blocks(conversation_.system);
  }

  bool text_or_blocks(const std::vector<const Block*>& blocks) {
    const llm::Text* only = blocks.size() == 1 ? blocks.front()->as<llm::Text>() : nullptr;
    if (only != nullptr && !blocks.front()->cache && blocks.front()->extras.empty() && only->citations.empty()) {
      writer_.string(only->text);
      return true;
    }
    writer_.begin_array();
    for (const Block* block : blocks) {
      if (!blocks_.write(*block, false)) return false;
    }
    writer_.end_array();
    return true;
  }

  bool messages() {
    writer_.key("messages").begin_array();
    for (const Turn& turn : conversation_.turns) {
      const bool assistant = turn.role == Turn::Role::assistant;
      const bool last = &turn == &conversation_.turns.back();
      writer_.begin_object().key("role");
      writer_.string(assistant ? "assistant" : turn.role == Turn::Role::system ? "system" : "user").key("content");
      if (turn.role == Turn::Role::system) {
        if (!text_or_blocks(turn.blocks)) return false;
      } else {
        writer_.begin_array();
        for (const Block* block : turn.results) {
          if (!blocks_.write(*block, assistant)) return false;
        }
        for (const Block* block : turn.blocks) {
          if (!blocks_.write(*block, assistant, assistant && last && block == turn.blocks.back())) return false;
        }
        writer_.end_array();
      }
      if (turn.message != nullptr && request_.dialect == llm::Dialect::anthropic) {
        for (const llm::Extra& extra : turn.message->extras) writer_.key(extra.name).raw(extra.json);
      }
      writer_.end_object();
    }
    writer_.end_array();
    return true;
  }

  void thinking() {
    using Thinking = RequestPlan::Thinking;
    if (plan_.thinking == Thinking::unsaid) return;
    writer_.key("thinking").begin_object().key("type");
    switch (plan_.thinking) {
      case Thinking::enabled:
        writer_.string("enabled").key("budget_tokens").unsigned_integer(plan_.budget);
        break;
      case Thinking::between_tools:
        writer_.string("between_tools");
        break;
      case Thinking::disabled:
        writer_.string("disabled");
        break;
      default:
        writer_.string("adaptive");
    }
    if (!plan_.display.empty()) writer_.key("display").string(plan_.display);
    writer_.end_object();
  }

  ApiResult<void> output_config() {
    const bool native = plan_.format == RequestPlan::Format::native;
    if (kept("output_config") || (!native && plan_.effort.empty())) return {};
    writer_.key("output_config").begin_object();
    if (!plan_.effort.empty()) writer_.key("effort").string(plan_.effort);
    if (native) {
      const auto rewritten = rewrite_schema(request_.format.schema, SchemaSubset::anthropic_output, true);
      if (!rewritten) return refuse(rewritten.error().code, rewritten.error().detail, param(Setting::format));
      rewrites_.json_wrapped = rewritten->wrapped;
      writer_.key("format").begin_object().key("type").string("json_schema");
      writer_.key("schema").raw(rewritten->json).end_object();
    }
    writer_.end_object();
    return {};
  }

  void settings() {
    if (plan_.temperature) writer_.key("temperature").number(*plan_.temperature);
    if (plan_.top_p) writer_.key("top_p").number(*plan_.top_p);
    if (plan_.top_k) writer_.key("top_k").unsigned_integer(*plan_.top_k);
    stop_sequences();
    const std::string& user = request_.safety_identifier.empty() ? request_.user : request_.safety_identifier;
    if (!user.empty() && !kept("metadata")) {
      writer_.key("metadata").begin_object().key("user_id").string(user).end_object();
    }
    service_tier();
    if (request_.cache) {
      if (marks_.next()) {
        writer_.key("cache_control");
        write_cache_control(writer_, *request_.cache);
      } else {
        drop(Setting::cache);
      }
    }
    if (target_.stream && target_.quirks.version_in_body.empty()) writer_.key("stream").boolean(true);
  }

  // The API refuses those without a visible character.
  void stop_sequences() {
    bool open = false;
    for (const std::string& stop : request_.stop) {
      if (!has_words(stop)) {
        drop(Setting::stop);
        continue;
      }
      if (!open) writer_.key("stop_sequences").begin_array();
      open = true;
      writer_.string(stop);
    }
    if (open) writer_.end_array();
  }

  void service_tier() {
    const std::string& tier = request_.service_tier;
    if (tier.empty()) return;
    if (tier == "auto" || tier == "priority") {
      writer_.key("service_tier").string("auto");
    } else if (tier == "default") {
      writer_.key("service_tier").string("standard_only");
    } else {
      drop(Setting::service_tier);
    }
  }

  bool kept(std::string_view name) const {
    return request_.dialect == llm::Dialect::anthropic &&
           std::ranges::find(request_.extras, name, &llm::Extra::name) != request_.extras.end();
  }

  void extras() {
    for (const llm::Extra& extra : request_.extras) {
      if (request_.dialect == llm::Dialect::anthropic) {
        writer_.key(extra.name).raw(extra.json);
      } else {
        losses_.drop(extra.name);
      }
    }
  }

  const llm::ChatRequest& request_;
  const Target& target_;
  Losses& losses_;
  Rewrites& rewrites_;
  ModelRules rules_;
  Conversation conversation_;
  RequestPlan plan_;
  ToolNames names_;
  CacheMarks marks_;
  std::size_t strict_tools_ = 0;
  std::string out_;
  json::Writer writer_;
  BlockWriter blocks_;
};

}  // namespace

ApiResult<std::string> write_messages_request(const llm::ChatRequest& request, const Target& target, Losses& losses,
                                              Rewrites& rewrites) {
  return RequestWriter(request, target, losses, rewrites).write();
}

}  // namespace gatehouse::dialects::anthropic
