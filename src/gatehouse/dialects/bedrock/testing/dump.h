#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/codec.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/llm/chat/assembler.h"

// A canonical answer as text, for golden files and comparisons. Tests only.
namespace gatehouse::dialects::bedrock::testing {

inline std::string_view name_of(llm::FinishReason reason) {
  constexpr std::string_view kNames[] = {"unknown",        "stop",       "stop_sequence",  "length",
                                         "context_length", "tool_calls", "content_filter", "refusal",
                                         "pause",          "malformed",  "error"};
  return kNames[static_cast<std::size_t>(reason)];
}

inline std::string_view name_of(llm::ErrorKind kind) {
  constexpr std::string_view kNames[] = {
      "invalid_request", "context_length", "content_filter", "authentication", "permission", "billing", "not_found",
      "conflict",        "too_large",      "rate_limit",     "timeout",        "overloaded", "api"};
  return kNames[static_cast<std::size_t>(kind)];
}

inline void dump(json::Writer& out, std::string_view key, const llm::Opaque& state) {
  if (state.empty()) return;
  out.key(key).begin_object().key(llm::name(state.origin)).string(state.value).end_object();
}

inline void dump(json::Writer& out, const llm::Block& block) {
  out.begin_object();
  if (const auto* text = block.as<llm::Text>()) {
    out.key("text").string(text->text);
    for (const auto& citation : text->citations) {
      out.key("citation").begin_object();
      out.key("url").string(citation.url).key("title").string(citation.title).key("cited").string(citation.cited_text);
      if (citation.document) out.key("document").unsigned_integer(*citation.document);
      out.key("unit").integer(static_cast<int>(citation.unit));
      out.key("begin").unsigned_integer(citation.source_begin).key("end").unsigned_integer(citation.source_end);
      out.end_object();
    }
  } else if (const auto* thought = block.as<llm::Reasoning>()) {
    out.key("reasoning").string(thought->text);
    dump(out, "signature", thought->signature);
    dump(out, "encrypted", thought->encrypted);
  } else if (const auto* call = block.as<llm::ToolCall>()) {
    out.key(call->kind == llm::ToolKind::custom ? "custom_call" : "call").string(call->name).key("id").string(call->id);
    out.key("arguments").string(call->arguments);
  } else if (const auto* media = block.as<llm::Media>()) {
    out.key("media").string(media->media_type).key("data").string(media->data).key("url").string(media->url);
  } else if (const auto* foreign = block.as<llm::Foreign>()) {
    out.key("foreign").string(foreign->type).key("json").string(foreign->verbatim.json);
  } else {
    out.key("other").integer(static_cast<int>(block.kind()));
  }
  out.end_object();
}

// One block a line.
inline std::string dump(const llm::ChatAnswer& answer) {
  std::string text;
  for (const auto& choice : answer.choices) {
    for (const auto& block : choice.blocks) {
      json::Writer out(text);
      dump(out, block);
      text += "\n";
    }
    json::Writer out(text);
    out.begin_object().key("finish").string(name_of(choice.finish)).key("native").string(choice.native_finish);
    out.key("stop_sequence").string(choice.stop_sequence).end_object();
    text += "\n";
  }
  json::Writer out(text);
  const llm::Usage& usage = answer.usage;
  out.begin_object().key("prompt").unsigned_integer(usage.prompt_tokens);
  out.key("completion").unsigned_integer(usage.completion_tokens).key("total").unsigned_integer(usage.total_tokens);
  out.key("cached").unsigned_integer(usage.cached_tokens).key("written").unsigned_integer(usage.cache_write_tokens);
  out.key("written_1h").unsigned_integer(usage.cache_write_1h_tokens).end_object();
  text += "\n";
  if (!answer.service_tier.empty()) text += "tier " + answer.service_tier + "\n";
  for (const auto& extra : answer.extras) text += extra.name + " " + extra.json + "\n";
  return text;
}

inline std::string dump(const llm::ChatError& error) {
  std::string text;
  json::Writer out(text);
  out.begin_object().key("error").string(name_of(error.kind)).key("status").integer(error.status);
  out.key("type").string(error.type).key("message").string(error.message).end_object();
  return text + "\n";
}

struct Event {
  std::string name;
  std::string data;
};

// What a stream of these comes to, held to the rules of a run; how it ended stands in the last line.
inline std::string dump(const std::vector<Event>& events, const Reading& reading, const BackCodec& codec) {
  llm::AnswerAssembler assembler;
  const auto decoder = codec.make_decoder(reading);
  std::vector<llm::ChatEvent> out;
  const auto take = [&]() -> std::string {
    for (const auto& event : out) {
      if (const auto added = assembler.add(event); !added) return "broken run: " + added.error().detail + "\n";
    }
    out.clear();
    return {};
  };
  for (const auto& event : events) {
    // Of memory of its own, gone before the next: views may not outlive it.
    const std::string name = event.name;
    const std::string data = event.data;
    decoder->on_event(name, data, out);
    if (auto problem = take(); !problem.empty()) return problem;
  }
  decoder->on_end(out);
  if (auto problem = take(); !problem.empty()) return problem;
  std::string text = dump(assembler.answer());
  if (assembler.error()) return text + dump(*assembler.error());
  return text + (assembler.ended() ? "ended\n" : "not ended\n");
}

}  // namespace gatehouse::dialects::bedrock::testing
