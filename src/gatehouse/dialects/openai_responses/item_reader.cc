#include "gatehouse/dialects/openai_responses/item_reader.h"

#include <algorithm>
#include <utility>

#include "gatehouse/dialects/openai_responses/codec.h"
#include "gatehouse/dialects/openai_responses/item_fields.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects::openai_responses {
namespace {

using llm::Author;
using llm::Block;
using llm::Message;

llm::Foreign foreign(std::string_view raw, std::string_view type) {
  return {.verbatim = {.dialect = llm::Dialect::openai_responses, .json = std::string(raw)},
          .type = std::string(type),
          .text = {}};
}

// Who put such an item into a conversation. What the caller's own tools did is named so.
Author author_of(std::string_view type) {
  if (type.ends_with("_output") || type == "mcp_approval_response") return Author::tool;
  if (type == "additional_tools") return Author::developer;
  if (type == "compaction_trigger") return Author::user;
  return Author::assistant;
}

// What somebody who does not know such an item can read of it: what a tool of the provider brought.
std::string text_of(std::string_view raw, std::string_view type) {
  const json::Value item(raw);
  const auto said = [](json::Value value) {
    if (value.is(json::Kind::string)) return value.string_or("");
    std::string out;
    value.elements([&out](json::Value part) {
      for (const std::string_view member : {"text", "stdout", "stderr", "logs"}) {
        const std::string text = part[member].string_or("");
        if (text.empty()) continue;
        if (!out.empty()) out += "\n";
        out += text;
      }
    });
    return out;
  };
  if (type == "mcp_call" || type.ends_with("_output")) {
    std::string out = said(item["output"]);
    return out.empty() ? item["result"].string_or("") : out;
  }
  if (type == "code_interpreter_call") return said(item["outputs"]);
  if (type == "file_search_call") return said(item["results"]);
  return {};
}

bool is_text(const Block& block) {
  return block.kind() == llm::BlockKind::text || block.kind() == llm::BlockKind::refusal;
}

}  // namespace

std::string ItemReader::place(std::string_view member) const {
  std::string out = "input[" + std::to_string(position_) + "]";
  if (part_) out += ".content[" + std::to_string(*part_) + "]";
  if (!member.empty()) out.append(".").append(member);
  return out;
}

bool ItemReader::fail(std::string message, std::string member) {
  if (!fault_) {
    std::string about = place(member);
    if (message.starts_with("expected")) message = "Invalid type for '" + about + "': " + message;
    fault_ = ApiError(Code::invalid_request, std::move(message), std::move(about));
  }
  return false;
}

bool ItemReader::text(json::Cursor& cursor, std::string_view member, Words& out) {
  if (cursor.first() == '"') return cursor.string(out.emplace());
  const bool null = cursor.first() == 'n';
  if (!cursor.skip()) return false;
  // Members of other items may well be something else: an answer is not refused for what nobody asked.
  return null || side_ == Side::answer || fail("expected a string.", std::string(member));
}

bool ItemReader::item(json::Cursor& cursor, Item& out) {
  part_.reset();
  const std::size_t start = cursor.offset();
  if (cursor.first() != '{') return fail("expected an object.");
  Fields fields;
  const bool read = cursor.object([&](const json::Cursor::String& key) {
    const std::string_view name = key.inside;
    const auto words = [&](Words& to) {
      if (cursor.first() == '"') return cursor.string(to.emplace());
      return cursor.skip();
    };
    if (name == "type") return words(fields.type);
    if (name == "role") return words(fields.role);
    if (name == "id") return words(fields.id);
    if (name == "call_id") return words(fields.call_id);
    if (name == "name") return words(fields.name);
    if (name == "input") return words(fields.input);
    if (name == "encrypted_content") return words(fields.encrypted);
    if (name == "result") return words(fields.result);
    if (name == "status" || name == "object") return cursor.skip();
    if (name == "arguments") {
      if (cursor.first() == '"') return cursor.string(fields.arguments.emplace());
      const std::size_t at = cursor.offset();
      if (!cursor.skip()) return false;
      fields.arguments_json = cursor.since(at);
      return true;
    }
    if (name == "summary") return texts_of(cursor, fields.summary);
    if (name == "content" || name == "output") {
      // Read where it stands if it is known by now what it is, as it mostly is.
      if (knows_content(fields, name)) return read_content(fields, name, cursor);
      const std::size_t at = cursor.offset();
      if (!cursor.skip()) return false;
      (name == "content" ? fields.content_json : fields.output_json) = cursor.since(at);
      return true;
    }
    const std::size_t at = cursor.offset();
    if (!cursor.skip()) return false;
    fields.extras.push_back({.name = key_of(key), .json = std::string(cursor.since(at))});
    return true;
  });
  return read && finish_item(fields, cursor.since(start), out);
}

bool ItemReader::knows_content(const Fields& fields, std::string_view member) {
  const std::string_view type = plain(fields.type);
  if (member == "output") return type == "function_call_output" || type == "custom_tool_call_output";
  return type == "message" || type == "reasoning" || (type.empty() && fields.role);
}

bool ItemReader::read_content(Fields& fields, std::string_view member, json::Cursor& cursor) {
  if (plain(fields.type) == "reasoning") {
    fields.reasoning.clear();
    return texts_of(cursor, fields.reasoning);
  }
  const bool readable = cursor.first() == '"' || cursor.first() == '[';
  if (!readable) {
    const std::size_t at = cursor.offset();
    if (!cursor.skip()) return false;
    (member == "content" ? fields.content_json : fields.output_json) = cursor.since(at);
    return true;
  }
  auto& to = member == "content" ? fields.content : fields.output;
  (member == "content" ? fields.has_content : fields.has_output) = true;
  to.clear();
  return content(cursor, member, to);
}

bool ItemReader::finish_item(Fields& fields, std::string_view raw, Item& out) {
  out = {};
  out.id = decoded(fields.id);
  const std::string_view type = plain(fields.type);
  for (const std::string_view member : {"content", "output"}) {
    const std::string_view json = member == "content" ? fields.content_json : fields.output_json;
    if (json.empty() || !knows_content(fields, member)) continue;
    json::Cursor again(json);
    if (!read_content(fields, member, again)) return false;
  }
  if (type == "message" || (type.empty() && fields.role)) return finish_message(fields, out);
  if (type == "reasoning") {
    finish_reasoning(fields, out);
    return true;
  }
  if (type == "function_call") return finish_call(fields, out, llm::ToolKind::function);
  if (type == "custom_tool_call") return finish_call(fields, out, llm::ToolKind::custom);
  if (type == "function_call_output") return finish_result(fields, out, llm::ToolKind::function);
  if (type == "custom_tool_call_output") return finish_result(fields, out, llm::ToolKind::custom);
  if (type.empty() && out.id.empty()) {
    return fail("Missing required parameter: '" + place("type") + "'.", "type");
  }
  if (type == "image_generation_call" && fields.result && fields.result->length > 2) {
    llm::Media image;
    image.id = out.id;
    image.data = decoded(fields.result);
    image.media_type = "image/png";
    for (const auto& extra : fields.extras) {
      if (extra.name != "output_format") continue;
      image.media_type = "image/" + json::read_string(extra.json).value_or("png");
    }
    out.blocks.push_back({.value = std::move(image), .extras = std::move(fields.extras)});
    return true;
  }
  // A bare id is a reference to what the provider has stored.
  const std::string_view name = type.empty() ? "item_reference" : type;
  out.author = author_of(name);
  llm::Foreign block = foreign(raw, name);
  if (side_ == Side::request) block.text = text_of(raw, name);
  out.blocks.push_back({.value = std::move(block)});
  return true;
}

bool ItemReader::finish_message(Fields& fields, Item& out) {
  out.kind = Item::Kind::message;
  const std::string_view role = plain(fields.role);
  if (role == "user") {
    out.author = Author::user;
  } else if (role == "assistant" || (side_ == Side::answer && role.empty())) {
    out.author = Author::assistant;
  } else if (role == "system") {
    out.author = Author::system;
  } else if (role == "developer") {
    out.author = Author::developer;
  } else if (side_ == Side::request) {
    return fail(role.empty() ? "Missing required parameter: '" + place("role") + "'."
                             : "Invalid value: '" + std::string(role) +
                                   "'. Supported values are: 'assistant', 'system', 'developer', and 'user'.",
                "role");
  }
  if (!fields.has_content && side_ == Side::request) {
    if (!fields.content_json.empty()) return fail("expected an array or a string.", "content");
    return fail("Missing required parameter: '" + place("content") + "'.", "content");
  }
  out.blocks = std::move(fields.content);
  out.extras = std::move(fields.extras);
  out.name = decoded(fields.name);
  return true;
}

void ItemReader::finish_reasoning(Fields& fields, Item& out) {
  out.kind = Item::Kind::reasoning;
  ItemState state;
  if (fields.encrypted && side_ == Side::request) {
    state = read_item_state(out.id, decoded(fields.encrypted));
  } else if (fields.encrypted && fields.encrypted->length > 2) {
    state.kind = ItemState::Kind::encrypted;
    state.summary = true;
    state.state = {.origin = origin_, .value = with_item_id(out.id, decoded(fields.encrypted))};
  }
  if (state.kind == ItemState::Kind::of_text || state.kind == ItemState::Kind::of_call) {
    out.kind = Item::Kind::state;
    out.state = std::move(state);
    return;
  }
  const auto add = [&](std::string text, bool summary) {
    llm::Reasoning block{.text = std::move(text), .summary = summary, .id = out.id, .signature = {}, .encrypted = {}};
    out.blocks.push_back({.value = std::move(block)});
  };
  if (!fields.summary.empty()) {
    add(std::move(fields.summary), state.kind == ItemState::Kind::none || state.summary);
  }
  if (!fields.reasoning.empty()) add(std::move(fields.reasoning), false);
  if (out.blocks.empty()) {
    if (state.kind == ItemState::Kind::none && side_ == Side::answer) return;
    add({}, state.kind == ItemState::Kind::none || state.summary);
  }
  auto& last = *out.blocks.back().as<llm::Reasoning>();
  if (state.kind == ItemState::Kind::encrypted) last.encrypted = std::move(state.state);
  if (state.kind == ItemState::Kind::signature) last.signature = std::move(state.state);
  out.blocks.back().extras = std::move(fields.extras);
}

bool ItemReader::finish_call(Fields& fields, Item& out, llm::ToolKind kind) {
  out.kind = Item::Kind::call;
  llm::ToolCall call;
  call.kind = kind;
  call.id = decoded(fields.call_id);
  if (call.id.empty()) call.id = out.id;
  call.name = decoded(fields.name);
  if (side_ == Side::request) {
    if (call.id.empty()) return fail("Missing required parameter: '" + place("call_id") + "'.", "call_id");
    if (call.name.empty()) return fail("Missing required parameter: '" + place("name") + "'.", "name");
    call.item_id = out.id;
  }
  if (kind == llm::ToolKind::custom) {
    call.arguments = decoded(fields.input);
  } else if (fields.arguments) {
    call.arguments = decoded(fields.arguments);
  } else if (fields.arguments_json.starts_with('{')) {
    call.arguments = fields.arguments_json;
  }
  out.blocks.push_back({.value = std::move(call), .extras = std::move(fields.extras)});
  return true;
}

bool ItemReader::finish_result(Fields& fields, Item& out, llm::ToolKind kind) {
  out.kind = Item::Kind::result;
  out.author = Author::tool;
  llm::ToolResult result;
  result.kind = kind;
  result.call_id = decoded(fields.call_id);
  result.name = decoded(fields.name);
  if (side_ == Side::request && result.call_id.empty()) {
    return fail("Missing required parameter: '" + place("call_id") + "'.", "call_id");
  }
  result.content = std::move(fields.output);
  if (!fields.has_output && fields.output_json.size() > 0 && fields.output_json != "null") {
    llm::Text text;
    text.text = fields.output_json;
    result.structured = fields.output_json.starts_with('{');
    result.content.push_back({.value = std::move(text)});
  }
  Block block{.value = std::move(result), .extras = std::move(fields.extras)};
  out.blocks.push_back(std::move(block));
  return true;
}

void ItemReader::put(Item&& item, std::vector<Message>& messages) const {
  Message* last = messages.empty() ? nullptr : &messages.back();
  if (item.kind == Item::Kind::state) {
    // The signature finds its call by id, or the text it stands behind; a client that left that out has no use for it.
    for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
      if (message->author != Author::assistant) {
        if (item.state.kind == ItemState::Kind::of_text) return;
        continue;
      }
      for (auto block = message->blocks.rbegin(); block != message->blocks.rend(); ++block) {
        if (item.state.kind == ItemState::Kind::of_text) {
          if (auto* text = block->as<llm::Text>()) {
            text->signature = std::move(item.state.state);
            return;
          }
        } else if (auto* call = block->as<llm::ToolCall>(); call != nullptr && call->id == item.state.call_id) {
          call->signature = std::move(item.state.state);
          return;
        }
      }
    }
    return;
  }
  const bool joins = item.author == Author::assistant && last != nullptr && last->author == Author::assistant &&
                     (item.kind != Item::Kind::message || std::ranges::none_of(last->blocks, is_text));
  if (!joins) {
    last = &messages.emplace_back();
    last->author = item.author;
  }
  if (item.kind == Item::Kind::message) {
    last->id = std::move(item.id);
    last->extras = std::move(item.extras);
    last->name = std::move(item.name);
  }
  std::ranges::move(item.blocks, std::back_inserter(last->blocks));
}

bool ItemReader::input(json::Cursor& cursor, std::vector<Message>& out) {
  if (cursor.first() == '"') {
    Message& message = out.emplace_back();
    return content(cursor, {}, message.blocks);
  }
  if (cursor.first() != '[') {
    fault_ = ApiError(Code::invalid_request, "Invalid type for 'input': expected a string or an array.", "input");
    return false;
  }
  position_ = 0;
  Item one;
  return cursor.array([&] {
    if (position_ == kMostItems) return fail("The input has too many items.");
    if (!item(cursor, one)) return false;
    put(std::move(one), out);
    ++position_;
    return true;
  });
}

}  // namespace gatehouse::dialects::openai_responses
