#include "gatehouse/dialects/anthropic/request_reader.h"

#include <utility>

#include <fmt/format.h>

#include "gatehouse/dialects/anthropic/content_reader.h"
#include "gatehouse/dialects/anthropic/fields.h"
#include "gatehouse/json/value.h"
#include "gatehouse/llm/chat/reasoning.h"

namespace gatehouse::dialects::anthropic {
namespace {

using json::Cursor;
using json::Kind;
using llm::Author;
using llm::Block;
using llm::BlockKind;
using llm::ChatRequest;
using llm::Message;

class Reader {
 public:
  explicit Reader(std::string_view body) : cursor_(body) {}

  ApiResult<ChatRequest> read() {
    request_.dialect = llm::Dialect::anthropic;
    if (cursor_.first() != '{') return refuse(Code::invalid_request, "The body has to be a JSON object.");
    const bool whole = cursor_.object([this](const Cursor::String& key) {
      std::string name;
      json::append_decoded(key, name);
      return member(name);
    });
    if (!whole) {
      if (error_.error.detail.empty()) return refuse(Code::invalid_request, "The body is no JSON that can be read.");
      return std::unexpected(std::move(error_));
    }
    return finish();
  }

 private:
  bool member(const std::string& name) {
    if (name == "messages") return messages();
    if (name == "system") return system();
    if (name == "tools") return tools();
    const std::size_t start = cursor_.offset();
    if (!cursor_.skip()) return false;
    const std::string_view raw = cursor_.since(start);
    if (raw == "null") return true;
    return setting(name, raw);
  }

  bool setting(const std::string& name, std::string_view raw) {
    if (name == "model") return string(name, raw, request_.model);
    if (name == "stream") return boolean(name, raw, request_.stream);
    if (name == "max_tokens") return count(name, raw, request_.max_tokens);
    if (name == "top_k") return count(name, raw, request_.top_k);
    if (name == "temperature") return number(name, raw, request_.temperature);
    if (name == "top_p") return number(name, raw, request_.top_p);
    if (name == "stop_sequences") return strings(name, raw, request_.stop);
    if (name == "tool_choice") return tool_choice(raw);
    if (name == "thinking") return thinking(raw);
    if (name == "output_config") return output_config(raw);
    if (name == "output_format") return format(name, raw);
    if (name == "metadata") return metadata(raw);
    if (name == "service_tier") return service_tier(raw);
    if (name == "cache_control") {
      request_.cache = read_cache_control(raw);
      return true;
    }
    if (request_.extras.size() >= Fields::kMost) return fail("", "There are too many unknown members.");
    request_.extras.push_back({.name = name, .json = std::string(raw)});
    return true;
  }

  bool system() {
    if (cursor_.first() == 'n') return cursor_.skip();
    if (!content_.read(cursor_, system_)) return content_failed("system");
    for (const Block& block : system_) {
      if (block.kind() != BlockKind::text) return fail("system", "A system prompt is text alone.");
    }
    return true;
  }

  bool messages() {
    request_.messages.clear();
    if (cursor_.first() != '[') return fail("messages", "An array of messages was expected.");
    seen_messages_ = true;
    std::size_t position = 0;
    return cursor_.array([&] {
      if (position == kMostMessages) return fail("messages", "There are too many messages.", Code::too_large);
      return message(position++);
    });
  }

  bool message(std::size_t position) {
    const auto here = [position](std::string_view member) { return fmt::format("messages.{}.{}", position, member); };
    if (cursor_.first() != '{') return fail(fmt::format("messages.{}", position), "A message has to be an object.");
    std::string role;
    std::vector<Block> blocks;
    llm::Extras extras;
    bool has_content = false;
    const bool whole = cursor_.object([&](const Cursor::String& key) {
      std::string name;
      json::append_decoded(key, name);
      if (name == "content") {
        blocks.clear();
        has_content = true;
        return content_.read(cursor_, blocks) || content_failed(here("content"));
      }
      const std::size_t start = cursor_.offset();
      if (!cursor_.skip()) return false;
      const std::string_view raw = cursor_.since(start);
      if (name == "role") return string(here("role"), raw, role);
      if (extras.size() < Fields::kMost) extras.push_back({.name = std::move(name), .json = std::string(raw)});
      return true;
    });
    if (!whole) return false;
    Author author = Author::user;
    if (role == "assistant") {
      author = Author::assistant;
    } else if (role == "system") {
      author = Author::system;
    } else if (role != "user") {
      return fail(here("role"), "A role is one of user, assistant and system.");
    }
    if (!has_content) return fail(here("content"), "A message has to have content.");
    add(author, std::move(blocks), std::move(extras));
    return true;
  }

  // Results of tools are a message of their own, as most dialects have it; the order stays.
  void add(Author author, std::vector<Block> blocks, llm::Extras extras) {
    const auto is_result = [](const Block& block) { return block.kind() == BlockKind::tool_result; };
    std::size_t begin = 0;
    do {
      std::size_t end = blocks.size();
      Author of = author;
      if (author == Author::user && !blocks.empty()) {
        const bool results = is_result(blocks[begin]);
        if (results) of = Author::tool;
        end = begin;
        while (end < blocks.size() && is_result(blocks[end]) == results) ++end;
      }
      Message message{.author = of};
      if (begin == 0 && end == blocks.size()) {
        message.blocks = std::move(blocks);
        message.extras = std::move(extras);
        request_.messages.push_back(std::move(message));
        return;
      }
      message.blocks.reserve(end - begin);
      for (; begin < end; ++begin) message.blocks.push_back(std::move(blocks[begin]));
      if (begin == blocks.size()) message.extras = std::move(extras);
      request_.messages.push_back(std::move(message));
    } while (begin < blocks.size());
  }

  bool tools() {
    if (cursor_.first() == 'n') return cursor_.skip();
    if (cursor_.first() != '[') return fail("tools", "An array of tools was expected.");
    request_.tools.clear();
    return cursor_.array([this] {
      if (request_.tools.size() == kMostTools) return fail("tools", "There are too many tools.", Code::too_large);
      return tool();
    });
  }

  bool tool() {
    const auto here = [this](std::string_view member) {
      return fmt::format("tools.{}{}{}", request_.tools.size(), member.empty() ? "" : ".", member);
    };
    Fields fields;
    const std::size_t start = cursor_.offset();
    if (!fields.read(cursor_)) return fail(here(""), "A tool has to be an object.");
    const std::string_view raw = cursor_.since(start);
    llm::Tool tool;
    std::string type;
    if (!fields.string("type", type)) return fail(here("type"), "A string was expected.");
    if (!fields.string("name", tool.name)) return fail(here("name"), "A string was expected.");
    if (const auto cache = fields.raw("cache_control"); !cache.empty()) tool.cache = read_cache_control(cache);
    if (type.empty() || type == "custom") {
      if (tool.name.empty()) return fail(here("name"), "A tool has to have a name.");
      if (!fields.string("description", tool.description)) return fail(here("description"), "A string was expected.");
      const auto schema = fields.raw("input_schema");
      if (!schema.empty() && json::kind_of(schema) != Kind::object) {
        return fail(here("input_schema"), "A JSON Schema was expected.");
      }
      tool.schema = schema;
      tool.strict = fields.boolean("strict");
      if (fields.any_left()) tool.verbatim = {.dialect = llm::Dialect::anthropic, .json = std::string(raw)};
    } else {
      tool.kind = llm::ToolKind::provider;
      if (tool.name.empty()) tool.name = type;
      tool.verbatim = {.dialect = llm::Dialect::anthropic, .json = std::string(raw)};
    }
    request_.tools.push_back(std::move(tool));
    return true;
  }

  bool tool_choice(std::string_view raw) {
    Fields fields;
    if (!fields.read(raw)) return fail("tool_choice", "An object was expected.");
    const std::string type = fields.text("type");
    using Mode = llm::ToolChoice::Mode;
    llm::ToolChoice& choice = request_.tool_choice;
    choice.given = true;
    if (type == "auto") {
      choice.mode = Mode::automatic;
    } else if (type == "any") {
      choice.mode = Mode::required;
    } else if (type == "none") {
      choice.mode = Mode::none;
    } else if (type == "tool") {
      choice.mode = Mode::named;
      choice.name = fields.text("name");
      if (choice.name.empty()) return fail("tool_choice.name", "A tool's name was expected.");
    } else {
      return fail("tool_choice.type", "It is one of auto, any, tool and none.");
    }
    if (const auto alone = fields.boolean("disable_parallel_tool_use")) request_.parallel_tool_calls = !*alone;
    return true;
  }

  bool thinking(std::string_view raw) {
    Fields fields;
    if (!fields.read(raw)) return fail("thinking", "An object was expected.");
    const std::string type = fields.text("type");
    llm::ReasoningWish& wish = request_.reasoning;
    if (type == "enabled") {
      const auto budget = json::read_count(fields.raw("budget_tokens"));
      if (!budget) return fail("thinking.budget_tokens", "A number of tokens was expected.");
      wish.budget = *budget;
    } else if (type == "adaptive") {
      wish.adaptive = true;
    } else if (type == "between_tools") {
      wish.between_tools = true;
    } else if (type == "disabled") {
      wish.budget = 0;
      return true;
    } else {
      return fail("thinking.type", "It is one of enabled, adaptive, between_tools and disabled.");
    }
    // Thoughts are part of this dialect's answers, if only as a summary.
    const std::string display = fields.text("display");
    wish.show = display != "omitted";
    if (display == "omitted") wish.summary = "omitted";
    if (display == "summarized") wish.summary = "auto";
    return true;
  }

  bool output_config(std::string_view raw) {
    Fields fields;
    if (!fields.read(raw)) return fail("output_config", "An object was expected.");
    if (const auto effort = fields.raw("effort"); !effort.empty()) {
      const auto known = llm::effort_from_name(json::read_string(effort).value_or(std::string()));
      if (!known) return fail("output_config.effort", "It is one of low, medium, high, xhigh and max.");
      effort_ = *known;
    }
    if (const auto raw_format = fields.raw("format"); !raw_format.empty()) {
      if (!format("output_config.format", raw_format)) return false;
    }
    output_config_ = raw;
    if (fields.any_left()) keep_output_config();
    return true;
  }

  bool format(std::string_view where, std::string_view raw) {
    Fields fields;
    if (!fields.read(raw)) return fail(where, "An object was expected.");
    const auto schema = fields.raw("schema");
    if (fields.text("type") != "json_schema" || json::kind_of(schema) != Kind::object) {
      return fail(where, "A format of the type json_schema, with its schema, was expected.");
    }
    request_.format.kind = llm::OutputFormat::Kind::json_schema;
    request_.format.schema = schema;
    request_.format.strict = true;
    return true;
  }

  bool metadata(std::string_view raw) {
    Fields fields;
    if (!fields.read(raw) || !fields.string("user_id", request_.user)) {
      return fail("metadata", "An object with a user_id was expected.");
    }
    if (fields.any_left()) request_.extras.push_back({.name = "metadata", .json = std::string(raw)});
    return true;
  }

  bool service_tier(std::string_view raw) {
    if (!string("service_tier", raw, request_.service_tier)) return false;
    if (request_.service_tier == "standard_only") request_.service_tier = "default";
    return true;
  }

  ApiResult<ChatRequest> finish() {
    if (!seen_messages_) return refuse(Code::invalid_request, "There are no messages.", "messages");
    if (!system_.empty()) {
      request_.messages.insert(request_.messages.begin(), Message{.author = Author::system});
      request_.messages.front().blocks = std::move(system_);
    }
    if (!request_.messages.empty() && request_.messages.back().author == Author::assistant) {
      request_.messages.back().prefill = true;
    }
    llm::ReasoningWish& wish = request_.reasoning;
    if (wish.budget == 0U) {
      wish.effort = llm::Effort::none;
      // An effort without thinking says how many words to make, and no other dialect has that.
      if (effort_ != llm::Effort::unset) keep_output_config();
    } else if (effort_ != llm::Effort::unset) {
      wish.effort = effort_;
    }
    return std::move(request_);
  }

  void keep_output_config() {
    for (const llm::Extra& extra : request_.extras) {
      if (extra.name == "output_config") return;
    }
    request_.extras.push_back({.name = "output_config", .json = std::string(output_config_)});
  }

  bool string(std::string_view where, std::string_view raw, std::string& out) {
    out.clear();
    return json::append_string(raw, out) || fail(where, "A string was expected.");
  }
  bool boolean(std::string_view where, std::string_view raw, bool& out) {
    const auto value = json::read_bool(raw);
    if (!value) return fail(where, "A boolean was expected.");
    out = *value;
    return true;
  }
  bool count(std::string_view where, std::string_view raw, std::optional<std::uint64_t>& out) {
    out = json::read_count(raw);
    return out || fail(where, "A whole number from 0 on was expected.");
  }
  bool number(std::string_view where, std::string_view raw, std::optional<double>& out) {
    out = json::read_number(raw);
    return out || fail(where, "A number was expected.");
  }
  bool strings(std::string_view where, std::string_view raw, std::vector<std::string>& out) {
    out.clear();
    bool all = json::kind_of(raw) == Kind::array;
    json::Value(raw).elements([&](json::Value value) {
      auto text = value.string();
      all = all && text && out.size() < kMostTools;
      if (all) out.push_back(std::move(*text));
    });
    return all || fail(where, "An array of strings was expected.");
  }

  bool content_failed(std::string_view where) {
    const auto& problem = content_.problem();
    if (problem.what.empty()) return fail(where, "Content that can be read was expected.");
    const bool below = !problem.where.empty();
    return fail(below ? fmt::format("{}.{}", where, problem.where) : std::string(where), problem.what,
                problem.too_large ? Code::too_large : Code::invalid_request);
  }
  bool fail(std::string_view where, std::string_view what, Code code = Code::invalid_request) {
    if (error_.error.detail.empty()) error_ = ApiError(code, std::string(what), std::string(where));
    return false;
  }

  Cursor cursor_;
  ChatRequest request_;
  ContentReader content_;
  std::vector<Block> system_;
  std::string_view output_config_;
  llm::Effort effort_ = llm::Effort::unset;
  bool seen_messages_ = false;
  ApiError error_;
};

}  // namespace

ApiResult<llm::ChatRequest> read_messages_request(std::string_view body) { return Reader(body).read(); }

}  // namespace gatehouse::dialects::anthropic
