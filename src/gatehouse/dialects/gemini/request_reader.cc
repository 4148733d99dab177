#include "gatehouse/dialects/gemini/request_reader.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/dialects/gemini/codec.h"
#include "gatehouse/dialects/gemini/openapi_schema.h"
#include "gatehouse/dialects/gemini/state.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::gemini {
namespace {

using llm::Author;
using llm::Block;
using llm::Message;
using llm::Reasoning;
using llm::Text;
using llm::ToolCall;
using llm::ToolChoice;
using llm::ToolKind;
using llm::ToolResult;

bool has_state(const Reasoning& reasoning) { return !reasoning.signature.empty() || !reasoning.encrypted.empty(); }

}  // namespace

RequestReader::RequestReader(std::string_view body, std::string_view model, bool stream) : cursor_(body) {
  request_.dialect = llm::Dialect::gemini;
  request_.model = model;
  request_.stream = stream;
  request_.include_usage = true;
}

ApiResult<llm::ChatRequest> RequestReader::read() {
  if (cursor_.first() != '{') return refuse(Code::invalid_request, "The body must be a JSON object");
  if (!body()) {
    if (error_) return std::unexpected(std::move(*error_));
    return refuse(Code::invalid_request, "The body is not valid JSON");
  }
  if (!system_.empty()) {
    request_.messages.insert(request_.messages.begin(),
                             Message{.author = Author::system, .blocks = std::move(system_)});
  }
  if (request_.messages.empty()) return refuse(Code::invalid_request, "contents is missing or empty", "contents");
  Message& last = request_.messages.back();
  last.prefill = last.author == Author::assistant;
  return std::move(request_);
}

bool RequestReader::wrong(std::string detail, std::string param) {
  if (!error_) error_ = ApiError(Code::invalid_request, std::move(detail), std::move(param));
  return false;
}

std::string RequestReader::here() const { return fmt::format("contents[{}]", content_); }

bool RequestReader::extra(std::string_view where, const Name& name) {
  const std::string_view value = take(cursor_);
  if (value.empty()) return false;
  if (value == "null") return true;
  if (request_.extras.size() >= kMostBlocks) return wrong("More members than can be read", "");
  std::string path(where);
  if (!path.empty()) path.push_back('.');
  request_.extras.push_back({path.append(name.view()), std::string(value)});
  return true;
}

bool RequestReader::body() {
  return members(cursor_, [&](const Name& name) {
    const char first = cursor_.first();
    if (first == 'n') return cursor_.skip();
    if (name == "contents") return contents();
    if (name == "systemInstruction") return system();
    if (name == "tools") return tools();
    if (name == "toolConfig") return first == '{' ? tool_config() : wrong("toolConfig must be an object", "toolConfig");
    if (name == "generationConfig") {
      return first == '{' ? generation() : wrong("generationConfig must be an object", "generationConfig");
    }
    if (name == "store") {
      request_.store = first == 't';
      return cursor_.skip();
    }
    if (name == "serviceTier") {
      std::string tier;
      if (!take_text(cursor_, tier)) return false;
      for (char& c : tier) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      }
      if (tier.starts_with("service_tier_")) tier.erase(0, 13);
      if (tier == "standard") tier = "default";
      if (tier == "unspecified") tier = "auto";
      request_.service_tier = std::move(tier);
      return true;
    }
    // The path says it.
    if (name == "model") return cursor_.skip();
    return extra("", name);
  });
}

bool RequestReader::system() {
  system_.clear();
  if (cursor_.first() == '"') {
    Text text;
    if (!take_text(cursor_, text.text)) return false;
    system_.push_back({.value = std::move(text)});
    return true;
  }
  if (cursor_.first() != '{') return wrong("systemInstruction must be a content", "systemInstruction");
  return members(cursor_, [&](const Name& name) { return name == "parts" ? parts(system_) : cursor_.skip(); });
}

bool RequestReader::contents() {
  request_.messages.clear();
  content_ = 0;
  return each(cursor_, [&] {
    if (!content()) return false;
    ++content_;
    return true;
  });
}

bool RequestReader::content() {
  std::vector<Block> blocks;
  std::string role;
  apart_.clear();
  if (cursor_.first() == '"') {
    Text text;
    if (!take_text(cursor_, text.text)) return false;
    blocks.push_back({.value = std::move(text)});
    return place(role, std::move(blocks));
  }
  if (cursor_.first() != '{') return wrong("A content must be an object", here());
  const bool read = members(cursor_, [&](const Name& name) {
    if (name == "role") return take_text(cursor_, role);
    if (name == "parts") return parts(blocks);
    return cursor_.skip();
  });
  return read && place(role, std::move(blocks));
}

bool RequestReader::parts(std::vector<Block>& to) {
  return each(cursor_, [&] { return part(to); });
}

bool RequestReader::part(std::vector<Block>& to) {
  Part part;
  if (cursor_.first() == '"') {
    part.kind = Part::Kind::text;
    if (!cursor_.string(part.text)) return false;
  } else if (cursor_.first() != '{') {
    return wrong("A part must be an object", here() + ".parts");
  } else if (!read_part(cursor_, part)) {
    return false;
  }
  if (++blocks_ > kMostBlocks) {
    if (!error_) error_ = ApiError(Code::too_large, fmt::format("More than {} parts", kMostBlocks), "contents");
    return false;
  }
  Block block{.value = Text{}};
  switch (part.kind) {
    case Part::Kind::none:
      return true;
    case Part::Kind::text: {
      State state = read_state(decoded(part.signature));
      std::string text = decoded(part.text);
      if (part.thought) {
        Reasoning reasoning;
        reasoning.text = text.empty() ? std::move(state.text) : std::move(text);
        reasoning.summary = true;
        reasoning.id = std::move(state.id);
        reasoning.signature = std::move(state.signature);
        reasoning.encrypted = std::move(state.encrypted);
        block.value = std::move(reasoning);
        if (state.apart) apart_.push_back(to.size());
      } else {
        block.value = Text{.text = std::move(text), .signature = std::move(state.signature)};
      }
      break;
    }
    case Part::Kind::inline_data: {
      InlineData inside;
      if (!read_inline_data(part.data, inside)) return wrong("inlineData must be an object", here() + ".parts");
      inside.media.data = standard_base64(decoded(inside.data));
      block.value = std::move(inside.media);
      break;
    }
    case Part::Kind::file_data: {
      llm::Media media;
      if (!read_file_data(part.data, media)) return wrong("fileData must be an object", here() + ".parts");
      block.value = std::move(media);
      break;
    }
    case Part::Kind::call:
      return call(part, to);
    case Part::Kind::response:
      return result(part, to);
    case Part::Kind::other:
      block.value = foreign_of(part);
      to.push_back(std::move(block));
      return true;
  }
  block.extras = extras_of(part);
  to.push_back(std::move(block));
  return true;
}

bool RequestReader::call(const Part& part, std::vector<Block>& to) {
  Call read;
  if (!read_call(part.data, read)) return wrong("functionCall must be an object", here() + ".parts");
  State state = read_state(decoded(part.signature));
  ToolCall call;
  call.name = decoded(read.name);
  call.id = ledger_.called(decoded(read.id), call.name);
  call.arguments = read.args.empty() ? std::string_view("{}") : read.args;
  call.signature = std::move(state.signature);
  call.item_id = std::move(state.id);
  to.push_back({.value = std::move(call), .extras = extras_of(part)});
  return true;
}

bool RequestReader::result(const Part& part, std::vector<Block>& to) {
  Cursor inside(part.data);
  if (inside.first() != '{') return wrong("functionResponse must be an object", here() + ".parts");
  ToolResult result;
  std::string id;
  std::string_view object;
  llm::Extras extras;
  const bool read = members(inside, [&](const Name& name) {
    if (name == "id") return take_text(inside, id);
    if (name == "name") return take_text(inside, result.name);
    if (name == "response") return !(object = take(inside)).empty();
    if (name == "parts") return each(inside, [&] { return result_part(inside, result); });
    const std::string_view value = take(inside);
    if (!value.empty()) extras.push_back({std::string(name.view()), std::string(value)});
    return !value.empty();
  });
  if (!read) return wrong("functionResponse cannot be read", here() + ".parts");
  response(object, result);
  result.call_id = ledger_.answered(std::move(id), result.name);
  to.push_back({.value = std::move(result), .extras = std::move(extras)});
  return true;
}

bool RequestReader::result_part(Cursor& cursor, ToolResult& result) {
  Part part;
  if (!read_part(cursor, part)) return false;
  if (++blocks_ > kMostBlocks) return false;
  if (part.kind == Part::Kind::inline_data) {
    InlineData inside;
    if (!read_inline_data(part.data, inside)) return false;
    inside.media.data = standard_base64(decoded(inside.data));
    result.content.push_back({.value = std::move(inside.media)});
  } else if (part.kind == Part::Kind::file_data) {
    llm::Media media;
    if (!read_file_data(part.data, media)) return false;
    result.content.push_back({.value = std::move(media)});
  } else if (part.kind == Part::Kind::text) {
    result.content.push_back({.value = Text{.text = decoded(part.text)}});
  }
  return true;
}

// The convention of the API's own clients: {"output": ...} is what came out, {"error": ...} what went wrong; any other
// object is what came out as it is.
void RequestReader::response(std::string_view object, ToolResult& result) {
  if (object.empty() || object == "null") return;
  std::string_view value;
  std::size_t count = 0;
  bool known = false;
  Cursor cursor(object);
  if (cursor.first() == '{') {
    members(cursor, [&](const Name& name) {
      ++count;
      known = name == "result" || name == "output" || name == "error";
      result.is_error = name == "error";
      return !(value = take(cursor)).empty();
    });
  }
  if (count != 1) result.is_error = false;
  Text text;
  if (count == 1 && known && json::append_string(value, text.text)) {
    result.content.insert(result.content.begin(), {.value = std::move(text)});
    return;
  }
  text.text = object;
  result.structured = result.content.empty() && object.starts_with('{');
  result.content.insert(result.content.begin(), {.value = std::move(text)});
}

// Neighbouring texts of the model are one, and so are neighbouring thoughts: a client that keeps a streamed answer has
// it in as many pieces as it came in. What carries a signature of its own stays apart from what has one already.
void RequestReader::join(std::vector<Block>& to, Block&& block, bool apart) {
  Block* const last = to.empty() ? nullptr : &to.back();
  if (auto* text = block.as<Text>()) {
    auto* const before = last != nullptr ? last->as<Text>() : nullptr;
    if (before != nullptr && (before->signature.empty() || text->signature.empty()) && block.extras.empty()) {
      before->text += text->text;
      if (!text->signature.empty()) before->signature = std::move(text->signature);
      return;
    }
    if (text->text.empty() && text->signature.empty()) return;
  } else if (auto* thought = block.as<Reasoning>()) {
    auto* const before = last != nullptr ? last->as<Reasoning>() : nullptr;
    if (before != nullptr && !has_state(*before) && !apart) {
      before->text += thought->text;
      before->signature = std::move(thought->signature);
      before->encrypted = std::move(thought->encrypted);
      if (!thought->id.empty()) before->id = std::move(thought->id);
      return;
    }
    if (thought->text.empty() && !has_state(*thought) && thought->id.empty()) return;
  }
  to.push_back(std::move(block));
}

bool RequestReader::place(std::string_view role, std::vector<Block>&& blocks) {
  const bool model = role == "model" || role == "assistant";
  if (!model && !role.empty() && role != "user" && role != "function" && role != "tool") {
    return wrong("role must be user, model or function", here() + ".role");
  }
  auto& messages = request_.messages;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    Block& block = blocks[i];
    const bool result = block.kind() == llm::BlockKind::tool_result;
    if (!model && block.kind() == llm::BlockKind::tool_call) {
      return wrong("Only the model calls functions", here() + ".parts");
    }
    const Author author = result ? Author::tool : model ? Author::assistant : Author::user;
    // A user's contents stay apart, the model's and the results are one message as far as nobody else speaks.
    if (messages.empty() || messages.back().author != author || (i == 0 && author == Author::user)) {
      messages.push_back({.author = author});
    }
    if (author == Author::assistant) {
      join(messages.back().blocks, std::move(block), std::ranges::binary_search(apart_, i));
    } else {
      messages.back().blocks.push_back(std::move(block));
    }
  }
  if (!messages.empty() && messages.back().blocks.empty()) messages.pop_back();
  return true;
}

bool RequestReader::tools() {
  return each(cursor_, [&] {
    if (cursor_.first() != '{') return wrong("A tool must be an object", "tools");
    return members(cursor_, [&](const Name& name) {
      if (cursor_.first() == 'n') return cursor_.skip();
      if (request_.tools.size() >= kMostBlocks) return wrong("More tools than can be read", "tools");
      if (name == "functionDeclarations") return each(cursor_, [&] { return declaration(); });
      const std::string_view value = take(cursor_);
      if (value.empty()) return false;
      llm::Tool tool{.kind = ToolKind::provider, .name = std::string(name.view())};
      tool.verbatim.dialect = llm::Dialect::gemini;
      json::Writer(tool.verbatim.json).begin_object().key(name.view()).raw(value).end_object();
      request_.tools.push_back(std::move(tool));
      return true;
    });
  });
}

bool RequestReader::declaration() {
  if (cursor_.first() != '{') return wrong("A function declaration must be an object", "tools");
  if (request_.tools.size() >= kMostBlocks) return wrong("More tools than can be read", "tools");
  llm::Tool tool;
  const std::string where = fmt::format("tools.functionDeclarations[{}]", request_.tools.size());
  const bool read = members(cursor_, [&](const Name& name) {
    if (name == "name") return take_text(cursor_, tool.name);
    if (name == "description") return take_text(cursor_, tool.description);
    if (name == "parameters" || name == "parametersJsonSchema") {
      const std::string_view value = take(cursor_);
      if (value.empty() || value == "null") return !value.empty();
      if (value.front() != '{') return wrong("The parameters of a function must be a schema", where);
      tool.schema = name == "parameters" ? json_schema_of(value) : std::string(value);
      return true;
    }
    return extra(where, name);
  });
  if (!read) return false;
  if (tool.name.empty()) return wrong("A function declaration has no name", where + ".name");
  request_.tools.push_back(std::move(tool));
  return true;
}

bool RequestReader::tool_config() {
  return members(cursor_, [&](const Name& name) {
    if (name == "functionCallingConfig" && cursor_.first() == '{') return calling();
    return extra("toolConfig", name);
  });
}

bool RequestReader::calling() {
  ToolChoice& choice = request_.tool_choice;
  choice = {};
  std::string mode;
  const bool read = members(cursor_, [&](const Name& name) {
    if (name == "mode") return take_text(cursor_, mode);
    if (name == "allowedFunctionNames") {
      return each(cursor_, [&] {
        std::string allowed;
        if (!take_text(cursor_, allowed)) return false;
        if (choice.allowed.size() >= kMostBlocks) return wrong("More names than can be read", "toolConfig");
        choice.allowed.push_back(std::move(allowed));
        return true;
      });
    }
    return extra("toolConfig.functionCallingConfig", name);
  });
  if (!read) return false;
  for (char& c : mode) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  choice.given = !mode.empty() && mode != "MODE_UNSPECIFIED";
  if (mode == "ANY") {
    choice.mode = ToolChoice::Mode::required;
    if (choice.allowed.size() == 1) {
      choice.mode = ToolChoice::Mode::named;
      choice.name = std::move(choice.allowed.front());
      choice.allowed.clear();
    }
  } else if (mode == "NONE") {
    choice.mode = ToolChoice::Mode::none;
  } else if (mode == "VALIDATED") {
    // The model may call or not, and calls hold to their schemas.
    request_.extras.push_back({"toolConfig.functionCallingConfig.mode", "\"VALIDATED\""});
  } else if (choice.given && mode != "AUTO") {
    return wrong("mode must be AUTO, ANY, NONE or VALIDATED", "toolConfig.functionCallingConfig.mode");
  }
  return true;
}

bool RequestReader::number(const Name& name, std::optional<double>& to) {
  const std::string_view raw = take(cursor_);
  if (raw.empty() || raw == "null") return !raw.empty();
  to = number_of(raw);
  return to ? true
            : wrong(fmt::format("{} must be a number", name.view()), fmt::format("generationConfig.{}", name.view()));
}

bool RequestReader::count(const Name& name, std::optional<std::uint64_t>& to) {
  const std::string_view raw = take(cursor_);
  if (raw.empty() || raw == "null") return !raw.empty();
  to = count_of(raw);
  if (!to) {
    // 40.0, and 4e1: a proto's number is one however it is written.
    if (const auto integer = integer_of(raw); integer && *integer >= 0) to = static_cast<std::uint64_t>(*integer);
  }
  return to ? true
            : wrong(fmt::format("{} must be a count", name.view()), fmt::format("generationConfig.{}", name.view()));
}

bool RequestReader::generation() {
  llm::OutputFormat& format = request_.format;
  bool json = false;
  bool other = false;  // text/x.enum: one word of the schema's, not in JSON
  const bool read = members(cursor_, [&](const Name& name) {
    const char first = cursor_.first();
    if (first == 'n') return cursor_.skip();
    if (name == "temperature") return number(name, request_.temperature);
    if (name == "topP") return number(name, request_.top_p);
    if (name == "topK") return count(name, request_.top_k);
    if (name == "frequencyPenalty") return number(name, request_.frequency_penalty);
    if (name == "presencePenalty") return number(name, request_.presence_penalty);
    if (name == "maxOutputTokens") return count(name, request_.max_tokens);
    if (name == "candidateCount" || name == "logprobs") {
      std::optional<std::uint64_t> value;
      if (!count(name, value)) return false;
      const auto bounded = static_cast<std::uint32_t>(
          std::min<std::uint64_t>(value.value_or(0), std::numeric_limits<std::uint32_t>::max()));
      if (name == "logprobs") {
        request_.top_logprobs = bounded;
      } else {
        request_.n = std::max<std::uint32_t>(bounded, 1);
      }
      return true;
    }
    if (name == "seed") {
      const std::string_view raw = take(cursor_);
      request_.seed = integer_of(raw);
      return request_.seed || raw.empty() ? !raw.empty() : wrong("seed must be an integer", "generationConfig.seed");
    }
    if (name == "stopSequences") return stop();
    if (name == "responseLogprobs") {
      request_.logprobs = first == 't';
      return cursor_.skip();
    }
    if (name == "responseMimeType") {
      const std::string_view raw = take(cursor_);
      const std::string type = json::read_string(raw).value_or("");
      json = type == "application/json";
      other = !json && !type.empty() && type != "text/plain";
      if (other) {
        request_.extras.push_back({"generationConfig.responseMimeType", std::string(raw)});
      }
      return !raw.empty();
    }
    if (name == "responseSchema" || name == "responseJsonSchema") {
      const std::string_view raw = take(cursor_);
      if (raw.empty()) return false;
      format.schema = name == "responseSchema" ? json_schema_of(raw) : std::string(raw);
      return true;
    }
    if (name == "responseModalities") return modalities();
    if (name == "thinkingConfig" && first == '{') return thinking();
    return extra("generationConfig", name);
  });
  if (!read) return false;
  if (other && !format.schema.empty()) {
    request_.extras.push_back({"generationConfig.responseJsonSchema", std::exchange(format.schema, {})});
  } else if (!format.schema.empty()) {
    format.kind = llm::OutputFormat::Kind::json_schema;
  } else if (json) {
    format.kind = llm::OutputFormat::Kind::json_object;
  }
  return true;
}

bool RequestReader::stop() {
  request_.stop.clear();
  return each(cursor_, [&] {
    std::string sequence;
    if (!take_text(cursor_, sequence)) return false;
    if (request_.stop.size() >= kMostBlocks) return wrong("More stop sequences than can be read", "generationConfig");
    if (!sequence.empty()) request_.stop.push_back(std::move(sequence));
    return true;
  });
}

bool RequestReader::modalities() {
  request_.modalities.clear();
  return each(cursor_, [&] {
    std::string modality;
    if (!take_text(cursor_, modality)) return false;
    for (char& c : modality) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (modality.empty() || modality == "modality_unspecified") return true;
    if (request_.modalities.size() >= 16) return wrong("More modalities than there are", "generationConfig");
    request_.modalities.push_back(std::move(modality));
    return true;
  });
}

bool RequestReader::thinking() {
  llm::ReasoningWish& wish = request_.reasoning;
  return members(cursor_, [&](const Name& name) {
    if (name == "includeThoughts") {
      if (cursor_.first() == 't' || cursor_.first() == 'f') wish.show = cursor_.first() == 't';
      return cursor_.skip();
    }
    if (name == "thinkingBudget") {
      const std::string_view raw = take(cursor_);
      const auto budget = integer_of(raw);
      if (budget && *budget < 0) {
        wish.adaptive = true;
      } else if (budget) {
        wish.budget = static_cast<std::uint64_t>(*budget);
      }
      return !raw.empty();
    }
    if (name == "thinkingLevel") {
      std::string level;
      if (!take_text(cursor_, level)) return false;
      for (char& c : level) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      }
      if (level == "minimal") wish.effort = llm::Effort::minimal;
      if (level == "low") wish.effort = llm::Effort::low;
      if (level == "medium") wish.effort = llm::Effort::medium;
      if (level == "high") wish.effort = llm::Effort::high;
      return true;
    }
    return extra("generationConfig.thinkingConfig", name);
  });
}

}  // namespace gatehouse::dialects::gemini
