#include "gatehouse/dialects/openai_responses/request_writer.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/base/strings.h"
#include "gatehouse/dialects/openai_responses/item_writer.h"
#include "gatehouse/dialects/openai_responses/opaque_words.h"
#include "gatehouse/dialects/openai_responses/request_reader.h"
#include "gatehouse/dialects/schema/rewrite.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/llm/chat/reasoning.h"

namespace gatehouse::dialects::openai_responses {
namespace {

using json::Value;
using json::Writer;
using llm::ChatRequest;
using llm::Quirks;
using llm::Tool;
using llm::ToolChoice;
using llm::ToolKind;

// OpenAI refuses less (the API reference of max_output_tokens).
constexpr std::uint64_t kLeastTokens = 16;
constexpr std::string_view kNoArguments = R"({"type":"object","properties":{}})";

// Models of OpenAI that think: only of these may encrypted reasoning be asked for, others answer the wish with an
// error. By the names of platform.openai.com/docs/models: the o series, gpt-5 and later but for the chat variants,
// codex.
bool thinks(std::string_view model) {
  const auto slash = model.rfind('/');
  if (slash != std::string_view::npos) model.remove_prefix(slash + 1);
  if (model.find("chat") != std::string_view::npos) return false;
  if (model.starts_with("codex") || model.starts_with("computer-use")) return true;
  if (model.size() > 1 && model.front() == 'o' && base::is_digit(model[1])) return true;
  if (!model.starts_with("gpt-")) return false;
  std::string_view version = model.substr(4);
  const auto digits = std::ranges::find_if_not(version, base::is_digit) - version.begin();
  const auto number = base::parse_u64(version.substr(0, static_cast<std::size_t>(digits)));
  return number && *number >= 5;
}

class RequestWriter {
 public:
  RequestWriter(const ChatRequest& request, const Target& target, Losses& losses, Rewrites& rewrites)
      : request_(request),
        target_(target),
        losses_(losses),
        rewrites_(rewrites),
        items_(request, target, losses, rewrites),
        own_(request.dialect == llm::Dialect::openai_responses) {}

  ApiResult<std::string> write() {
    std::string out;
    Writer writer(out);
    writer.begin_object().key("model").string(target_.model);
    if (own_ && !request_.messages.empty() && is_instructions(request_.messages.front())) {
      const auto& blocks = request_.messages.front().blocks;
      const auto* text = blocks.empty() ? nullptr : blocks.front().as<llm::Text>();
      if (text != nullptr) writer.key("instructions").string(text->text);
    }
    writer.key("input");
    if (auto items = items_.write(writer); !items) return std::unexpected(std::move(items.error()));
    if (target_.stream) writer.key("stream").boolean(true);
    if (auto tools = write_tools(writer); !tools) return std::unexpected(std::move(tools.error()));
    if (auto text = write_text(writer); !text) return std::unexpected(std::move(text.error()));
    write_reasoning(writer);
    write_sampling(writer);
    write_identity(writer);
    write_include(writer);
    drop_others();
    if (own_) {
      for (const auto& extra : request_.extras) {
        const bool placed = extra.name == "include" || extra.name == "tool_choice" || extra.name.starts_with("text.") ||
                            extra.name.starts_with("reasoning.");
        if (!placed) writer.key(extra.name).raw(extra.json);
      }
    } else {
      for (const auto& extra : request_.extras) losses_.drop(extra.name);
    }
    writer.end_object();
    return out;
  }

 private:
  // Whether a member goes out; what the server refuses is told.
  bool takes(bool given, std::uint32_t member, std::string_view name) {
    if (!given) return false;
    if (!target_.quirks.refuses_any(member)) return true;
    losses_.drop(name);
    return false;
  }

  const llm::Extra* extra(std::string_view name) const {
    if (!own_) return nullptr;
    const auto found = std::ranges::find(request_.extras, name, &llm::Extra::name);
    return found == request_.extras.end() ? nullptr : &*found;
  }

  void write_dotted(Writer& writer, std::string_view prefix) {
    if (!own_) return;
    for (const auto& one : request_.extras) {
      if (one.name.starts_with(prefix)) writer.key(std::string_view(one.name).substr(prefix.size())).raw(one.json);
    }
  }
  bool has_dotted(std::string_view prefix) const {
    return own_ && std::ranges::any_of(request_.extras, [&](const auto& one) { return one.name.starts_with(prefix); });
  }

  ApiResult<void> write_tools(Writer& writer) {
    if (request_.tools.empty() && request_.web_search.empty()) return {};
    if (target_.quirks.refuses_any(Quirks::tools)) {
      return refuse(Code::unsupported, "The provider of this model takes no tools.", "tools");
    }
    writer.key("tools").begin_array();
    for (std::size_t i = 0; i < request_.tools.size(); ++i) {
      if (auto tool = write_tool(writer, request_.tools[i], "tools[" + std::to_string(i) + "]"); !tool) return tool;
    }
    if (!request_.web_search.empty()) write_web_search(writer, Value(request_.web_search));
    writer.end_array();
    write_choice(writer);
    if (takes(request_.parallel_tool_calls.has_value(), Quirks::parallel_tool_calls, "parallel_tool_calls")) {
      writer.key("parallel_tool_calls").boolean(*request_.parallel_tool_calls);
    }
    return {};
  }

  ApiResult<void> write_tool(Writer& writer, const Tool& tool, const std::string& place) {
    if (tool.verbatim.dialect == llm::Dialect::openai_responses && !tool.verbatim.empty()) {
      writer.raw(tool.verbatim.json);
      return {};
    }
    switch (tool.kind) {
      case ToolKind::function:
        return write_function(writer, tool, place);
      case ToolKind::custom:
        write_custom(writer, tool);
        return {};
      case ToolKind::provider:
        break;
    }
    if (write_search(writer, tool)) return {};
    return refuse(Code::unsupported,
                  "The tool '" + tool.name + "' is run by another provider; this one does not have it.", place);
  }

  ApiResult<void> write_function(Writer& writer, const Tool& tool, const std::string& place) {
    // Functions are strict here unless the caller says otherwise; in the other dialects it is the other way round.
    bool strict = tool.strict.value_or(false);
    if (strict && target_.quirks.refuses_any(Quirks::strict_tools)) strict = false;
    std::string rewritten;
    std::string_view schema = tool.schema.empty() ? kNoArguments : std::string_view(tool.schema);
    if (strict && !speaks_openai()) {
      auto done = rewrite_schema(schema, SchemaSubset::openai_strict, true);
      // Arguments cannot be taken out of a wrapping: such a tool goes as it is, unchecked.
      if (!done) return std::unexpected(ApiError(done.error().code, std::move(done.error().detail), place));
      if (done->wrapped) {
        strict = false;
      } else {
        rewritten = std::move(done->json);
        schema = rewritten;
      }
    }
    writer.begin_object().key("type").string("function").key("name").string(items_.name_of(tool.name));
    if (!tool.description.empty()) writer.key("description").string(tool.description);
    writer.key("parameters").raw(schema).key("strict");
    if (own_ && !tool.strict) {
      writer.null();
    } else {
      writer.boolean(strict);
    }
    writer.end_object();
    return {};
  }

  // {"type":"custom","custom":{"name","description","format":{"type":"grammar","grammar":{"syntax","definition"}}}} of
  // Chat Completions, flat.
  void write_custom(Writer& writer, const Tool& tool) {
    writer.begin_object().key("type").string("custom").key("name").string(items_.name_of(tool.name));
    if (!tool.description.empty()) writer.key("description").string(tool.description);
    const Value format = Value(tool.verbatim.json)["custom"]["format"];
    if (format.is(json::Kind::object)) {
      const Value grammar = format["grammar"];
      writer.key("format");
      if (grammar.is(json::Kind::object)) {
        writer.begin_object().key("type").string("grammar");
        grammar.members([&](std::string_view key, Value value) { writer.key(key).raw(value.raw()); });
        writer.end_object();
      } else {
        writer.raw(format.raw());
      }
    }
    writer.end_object();
  }

  // web_search_options of Chat Completions.
  static void write_web_search(Writer& writer, const Value& options) {
    writer.begin_object().key("type").string("web_search");
    const std::string size = options["search_context_size"].string_or("");
    if (!size.empty()) writer.key("search_context_size").string(size);
    const Value place = options["user_location"]["approximate"];
    if (place.is(json::Kind::object)) {
      writer.key("user_location").begin_object().key("type").string("approximate");
      place.members([&](std::string_view key, Value value) {
        if (key != "type") writer.key(key).raw(value.raw());
      });
      writer.end_object();
    }
    writer.end_object();
  }

  // The search of the web that others have too: Anthropic's web_search_*, Gemini's googleSearch.
  bool write_search(Writer& writer, const Tool& tool) {
    const Value there(tool.verbatim.json);
    if (tool.verbatim.dialect == llm::Dialect::anthropic) {
      if (!there["type"].string_or("").starts_with("web_search")) return false;
      if (there["blocked_domains"].size() > 0) losses_.drop("tools.blocked_domains");
      if (there["max_uses"].exists()) losses_.drop("tools.max_uses");
      writer.begin_object().key("type").string("web_search");
      if (there["allowed_domains"].size() > 0) {
        writer.key("filters").begin_object().key("allowed_domains").raw(there["allowed_domains"].raw()).end_object();
      }
      if (there["user_location"].is(json::Kind::object)) writer.key("user_location").raw(there["user_location"].raw());
      writer.end_object();
      return true;
    }
    if (tool.verbatim.dialect == llm::Dialect::gemini &&
        (there["googleSearch"].exists() || there["google_search"].exists())) {
      writer.begin_object().key("type").string("web_search").end_object();
      return true;
    }
    return false;
  }

  std::string_view type_of(std::string_view name) const {
    const auto tool = std::ranges::find(request_.tools, name, &Tool::name);
    if (tool == request_.tools.end()) return "function";
    return tool->kind == ToolKind::custom ? "custom" : tool->kind == ToolKind::function ? "function" : "";
  }

  void write_named(Writer& writer, std::string_view name) {
    const std::string_view type = type_of(name);
    writer.begin_object().key("type");
    if (type.empty()) {
      writer.string(name);
    } else {
      writer.string(type).key("name").string(items_.name_of(name));
    }
    writer.end_object();
  }

  void write_choice(Writer& writer) {
    const ToolChoice& choice = request_.tool_choice;
    if (!choice.given) return;
    const bool forced = choice.mode == ToolChoice::Mode::required || choice.mode == ToolChoice::Mode::named;
    if (forced && target_.quirks.refuses_any(Quirks::required_tool)) {
      losses_.drop("tool_choice");
      return;
    }
    writer.key("tool_choice");
    if (const auto* raw = extra("tool_choice")) {
      writer.raw(raw->json);
    } else if (!choice.allowed.empty()) {
      writer.begin_object().key("type").string("allowed_tools").key("mode");
      writer.string(choice.mode == ToolChoice::Mode::required ? "required" : "auto").key("tools").begin_array();
      for (const auto& name : choice.allowed) write_named(writer, name);
      writer.end_array().end_object();
    } else if (choice.mode == ToolChoice::Mode::named) {
      write_named(writer, choice.name);
    } else {
      writer.string(choice.mode == ToolChoice::Mode::none       ? "none"
                    : choice.mode == ToolChoice::Mode::required ? "required"
                                                                : "auto");
    }
  }

  ApiResult<void> write_text(Writer& writer) {
    using Kind = llm::OutputFormat::Kind;
    const auto& format = request_.format;
    const bool verbose = takes(!request_.verbosity.empty(), Quirks::verbosity, "verbosity");
    if (format.kind == Kind::text && !verbose && !has_dotted("text.")) return {};
    writer.key("text").begin_object();
    if (format.kind == Kind::json_object) {
      writer.key("format").begin_object().key("type").string("json_object").end_object();
    } else if (format.kind == Kind::json_schema) {
      std::string rewritten;
      std::string_view schema = format.schema;
      if (!speaks_openai()) {
        const auto subset = format.strict.value_or(false) ? SchemaSubset::openai_strict : SchemaSubset::full;
        auto done = rewrite_schema(schema, subset, true);
        if (!done) return std::unexpected(ApiError(done.error().code, std::move(done.error().detail), "format"));
        rewrites_.json_wrapped = done->wrapped;
        rewritten = std::move(done->json);
        schema = rewritten;
      }
      writer.key("format").begin_object().key("type").string("json_schema");
      writer.key("name").string(format.name.empty() ? std::string("answer") : fitting(format.name));
      if (!format.description.empty()) writer.key("description").string(format.description);
      writer.key("schema").raw(schema);
      if (format.strict) {
        writer.key("strict").boolean(*format.strict);
      } else if (!own_) {
        writer.key("strict").boolean(false);
      }
      writer.end_object();
    }
    if (verbose) writer.key("verbosity").string(request_.verbosity);
    write_dotted(writer, "text.");
    writer.end_object();
    return {};
  }

  void write_reasoning(Writer& writer) {
    const auto& wish = request_.reasoning;
    const auto effort = llm::wished_effort(wish);
    const bool summary = wish.show.value_or(false) && wish.summary != "omitted" && effort != llm::Effort::none;
    if (!effort && !summary && !has_dotted("reasoning.")) return;
    if (target_.quirks.ask_reasoning == Quirks::AskReasoning::none) {
      losses_.drop("reasoning");
      return;
    }
    writer.key("reasoning").begin_object();
    if (effort) writer.key("effort").string(llm::name(*effort));
    if (summary) writer.key("summary").string(wish.summary.empty() ? "auto" : std::string_view(wish.summary));
    write_dotted(writer, "reasoning.");
    writer.end_object();
  }

  void write_sampling(Writer& writer) {
    if (request_.max_tokens) {
      std::uint64_t most = *request_.max_tokens;
      if (most < kLeastTokens && is_openai(target_.origin) && !own_) {
        most = kLeastTokens;
        losses_.drop("max_tokens");
      }
      writer.key("max_output_tokens").unsigned_integer(most);
    }
    if (takes(request_.temperature.has_value(), Quirks::temperature, "temperature")) {
      writer.key("temperature").number(*request_.temperature);
    }
    if (takes(request_.top_p.has_value(), Quirks::temperature, "top_p")) writer.key("top_p").number(*request_.top_p);
    if (takes(request_.top_logprobs.has_value(), Quirks::logprobs, "top_logprobs")) {
      writer.key("top_logprobs").unsigned_integer(*request_.top_logprobs);
    }
  }

  void write_identity(Writer& writer) {
    const auto words = [&](std::string_view member, const std::string& value, std::uint32_t quirk) {
      if (takes(!value.empty(), quirk, member)) writer.key(member).string(value);
    };
    words("user", request_.user, Quirks::user);
    words("safety_identifier", request_.safety_identifier, Quirks::user);
    words("prompt_cache_key", request_.prompt_cache_key, Quirks::cache_key);
    words("service_tier", request_.service_tier, Quirks::service_tier);
    words("previous_response_id", request_.previous_id, 0);
    if (takes(!request_.metadata.empty(), Quirks::metadata, "metadata")) writer.key("metadata").raw(request_.metadata);
    // In every other dialect nothing is stored unless the caller says so.
    const bool store_told = request_.store.has_value() || !own_;
    if (store_told && !target_.quirks.refuses_any(Quirks::store)) {
      writer.key("store").boolean(request_.store.value_or(false));
    }
  }

  void write_include(Writer& writer) {
    std::vector<std::string> wanted;
    const auto want = [&wanted](std::string name) {
      if (!name.empty() && std::ranges::find(wanted, name) == wanted.end()) wanted.push_back(std::move(name));
    };
    if (const auto* given = extra("include")) {
      Value(given->json).elements([&](Value one) { want(one.string_or("")); });
    }
    const bool logprobs = request_.logprobs || request_.top_logprobs.value_or(0) > 0;
    if (takes(logprobs, Quirks::logprobs, "logprobs")) want("message.output_text.logprobs");
    // Callers of another dialect have no other way to bring the model's thoughts back.
    const bool seals = target_.origin == llm::Origin::xai || (is_openai(target_.origin) && thinks(target_.model));
    if (!own_ && seals && llm::wished_effort(request_.reasoning) != llm::Effort::none) {
      want("reasoning.encrypted_content");
    }
    if (wanted.empty()) return;
    writer.key("include").begin_array();
    for (const auto& name : wanted) writer.string(name);
    writer.end_array();
  }

  // What this API has no member for.
  void drop_others() {
    const auto drop = [this](bool given, std::string_view name) {
      if (given) losses_.drop(name);
    };
    drop(!request_.stop.empty(), "stop");
    drop(request_.n > 1, "n");
    drop(request_.seed.has_value(), "seed");
    drop(request_.top_k.has_value(), "top_k");
    drop(request_.min_p.has_value(), "min_p");
    drop(request_.frequency_penalty.value_or(0) != 0, "frequency_penalty");
    drop(request_.presence_penalty.value_or(0) != 0, "presence_penalty");
    drop(request_.repetition_penalty.has_value(), "repetition_penalty");
    drop(!request_.logit_bias.empty(), "logit_bias");
    drop(!request_.prediction.empty(), "prediction");
    drop(!request_.audio.empty(), "audio");
    drop(std::ranges::any_of(request_.modalities, [](const auto& one) { return one != "text"; }), "modalities");
  }

  bool speaks_openai() const { return own_ || request_.dialect == llm::Dialect::openai_chat; }

  const ChatRequest& request_;
  const Target& target_;
  Losses& losses_;
  Rewrites& rewrites_;
  ItemWriter items_;
  bool own_;
};

}  // namespace

ApiResult<std::string> write_request(const ChatRequest& request, const Target& target, Losses& losses,
                                     Rewrites& rewrites) {
  return RequestWriter(request, target, losses, rewrites).write();
}

}  // namespace gatehouse::dialects::openai_responses
