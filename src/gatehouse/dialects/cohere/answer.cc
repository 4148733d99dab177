#include "gatehouse/dialects/cohere/answer.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/dialects/schema/unwrap.h"
#include "gatehouse/llm/chat/error_kind.h"
#include "gatehouse/llm/usage_reader.h"

namespace gatehouse::dialects::cohere {
namespace {

using json::Value;
using llm::Block;
using llm::FinishReason;

constexpr std::size_t kMostBlocks = 4096;

Block text_block(std::string text) {
  Block block{.value = llm::Text{}};
  block.as<llm::Text>()->text = std::move(text);
  return block;
}

Block plan_block(std::string text) {
  Block block{.value = llm::Reasoning{}};
  block.as<llm::Reasoning>()->text = std::move(text);
  block.as<llm::Reasoning>()->id = "tool_plan";
  return block;
}

void read_content(Value content, std::vector<Block>& blocks) {
  if (auto text = content.string()) {
    if (!text->empty()) blocks.push_back(text_block(std::move(*text)));
    return;
  }
  content.elements([&](Value part) {
    if (blocks.size() >= kMostBlocks) return;
    const std::string type = part["type"].string_or("text");
    if (type == "text") {
      blocks.push_back(text_block(part["text"].string_or("")));
    } else if (type == "thinking") {
      Block& block = blocks.emplace_back(Block{.value = llm::Reasoning{}});
      block.as<llm::Reasoning>()->text = part["thinking"].string_or("");
    } else {
      llm::Foreign foreign;
      foreign.verbatim = {.dialect = llm::Dialect::cohere, .json = std::string(part.raw())};
      foreign.type = type;
      blocks.push_back(Block{.value = std::move(foreign)});
    }
  });
}

void read_citations(Value citations, std::vector<Block>& blocks, std::size_t first) {
  citations.elements([&](Value citation) {
    const std::string type = citation["type"].string_or("TEXT_CONTENT");
    if (type != "TEXT_CONTENT") return;
    const auto index = json::read_count(citation["content_index"].raw());
    llm::Text* text = nullptr;
    for (std::size_t i = first; i < blocks.size(); ++i) {
      auto* const candidate = blocks[i].as<llm::Text>();
      if (candidate == nullptr) continue;
      if (text == nullptr || (index && i - first == *index)) text = candidate;
    }
    if (text != nullptr && text->citations.size() < kMostBlocks) text->citations.push_back(read_citation(citation));
  });
}

// Returns whether a call is left that is one of the caller's tools.
bool read_calls(Value calls, const Rewrites& rewrites, std::vector<Block>& blocks) {
  bool called = false;
  calls.elements([&](Value raw) {
    if (blocks.size() >= kMostBlocks) return;
    const Value function = raw["function"];
    std::string name = function["name"].string_or("");
    std::string arguments = function["arguments"].string_or("");
    if (function["arguments"].is(json::Kind::object)) arguments = function["arguments"].raw();
    if (arguments == "null") arguments.clear();
    if (!rewrites.json_tool.empty() && name == rewrites.json_tool) {
      if (arguments.empty()) arguments = "{}";
      blocks.push_back(text_block(rewrites.json_wrapped ? unwrap_value(arguments) : std::move(arguments)));
      return;
    }
    called = true;
    llm::ToolCall call;
    call.id = raw["id"].string_or("");
    for (const auto& [sent, own] : rewrites.tool_names) {
      if (sent == name) name = own;
    }
    call.name = std::move(name);
    call.arguments = std::move(arguments);
    blocks.push_back(Block{.value = std::move(call)});
  });
  return called;
}

bool is_known(std::string_view key) {
  return key == "id" || key == "finish_reason" || key == "message" || key == "usage" || key == "logprobs";
}

}  // namespace

FinishReason finish_of(std::string_view native) {
  if (native == "COMPLETE") return FinishReason::stop;
  if (native == "STOP_SEQUENCE") return FinishReason::stop_sequence;
  if (native == "MAX_TOKENS") return FinishReason::length;
  if (native == "TOOL_CALL") return FinishReason::tool_calls;
  if (native == "ERROR_TOXIC") return FinishReason::content_filter;
  if (is_failure(native)) return FinishReason::error;
  return FinishReason::stop;  // one that we do not know: it came to an end of its own
}

bool is_failure(std::string_view native) { return native == "ERROR" || native == "TIMEOUT"; }

llm::Citation read_citation(Value citation) {
  llm::Citation out;
  out.begin = json::read_count(citation["start"].raw());
  out.end = json::read_count(citation["end"].raw());
  if (out.begin && out.end && *out.end < *out.begin) out.begin = out.end = std::nullopt;
  out.cited_text = citation["text"].string_or("");
  bool first = true;
  citation["sources"].elements([&](Value source) {
    if (!std::exchange(first, false)) return;
    const Value document = source["document"];
    out.title = document["title"].string_or("");
    out.url = document["url"].string_or("");
    const std::string id = source["id"].string_or("");
    constexpr std::string_view kPlace = "doc:";  // the name of documents that were given none
    if (id.starts_with(kPlace)) {
      const auto place = json::read_count(std::string_view(id).substr(kPlace.size()));
      if (place && *place <= 0xFFFFFFFF) out.document = static_cast<std::uint32_t>(*place);
    }
  });
  out.verbatim = {.dialect = llm::Dialect::cohere, .json = std::string(citation.raw())};
  return out;
}

std::vector<llm::TokenLogprob> read_logprobs(Value logprobs) {
  std::vector<llm::TokenLogprob> out;
  const auto one = [&](Value entry) {
    if (!entry.is(json::Kind::object)) return;
    llm::TokenLogprob& token = out.emplace_back();
    token.token = entry["text"].string_or("");
    entry["logprobs"].elements([&](Value value) { token.logprob += value.number().value_or(0); });
  };
  one(logprobs);
  logprobs.elements(one);
  return out;
}

Result<llm::ChatAnswer> read_answer(std::string_view body, const Reading& reading) {
  if (!json::validate(body)) return fail(Code::upstream_protocol, "the provider's answer is no JSON");
  const Value root(body);
  const Value message = root["message"];
  if (!message.is(json::Kind::object)) return fail(Code::upstream_protocol, "the provider's answer has no message");
  llm::ChatAnswer answer;
  answer.id = root["id"].string_or("");
  llm::Choice& choice = answer.choices.emplace_back();
  choice.native_finish = root["finish_reason"].string_or("");
  if (is_failure(choice.native_finish)) return fail(Code::upstream_protocol, "the provider gave up on its answer");
  choice.finish = finish_of(choice.native_finish);
  if (std::string plan = message["tool_plan"].string_or(""); !plan.empty()) {
    choice.blocks.push_back(plan_block(std::move(plan)));
  }
  const std::size_t first = choice.blocks.size();
  read_content(message["content"], choice.blocks);
  read_citations(message["citations"], choice.blocks, first);
  if (auto logprobs = read_logprobs(root["logprobs"]); !logprobs.empty()) {
    for (auto& block : choice.blocks) {
      if (auto* text = block.as<llm::Text>()) {
        text->logprobs = std::move(logprobs);
        break;
      }
    }
  }
  if (reading.rewrites.json_wrapped && reading.rewrites.json_tool.empty()) {
    for (auto& block : choice.blocks) {
      if (auto* text = block.as<llm::Text>()) text->text = unwrap_value(text->text);
    }
  }
  const bool called = read_calls(message["tool_calls"], reading.rewrites, choice.blocks);
  if (!called && choice.finish == FinishReason::tool_calls) choice.finish = FinishReason::stop;
  answer.usage = llm::read_usage(llm::UsageApi::cohere, root["usage"].raw());
  root.members([&](std::string_view key, Value value) {
    if (!is_known(key)) answer.extras.push_back({.name = std::string(key), .json = std::string(value.raw())});
  });
  return answer;
}

llm::ChatError read_error(int status, std::string_view body) {
  llm::ChatError error;
  error.status = status;
  if (json::validate(body)) {
    const Value value(body);
    // What stands between often has OpenAI's shape.
    error.message = value["message"].string_or(value["error"]["message"].string_or(""));
  }
  if (error.message.empty()) error.message = fmt::format("the provider answered with status {}", status);
  error.kind = llm::kind_of_status(status);
  // A token that is not valid.
  if (status == 498) error.kind = llm::ErrorKind::authentication;
  // What it says of a prompt that does not fit: "too many tokens: size limit exceeded by ...".
  if ((status == 400 || status == 422) && error.message.starts_with("too many tokens")) {
    error.kind = llm::ErrorKind::context_length;
  }
  return error;
}

}  // namespace gatehouse::dialects::cohere
