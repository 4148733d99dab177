#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "gatehouse/dialects/codec.h"
#include "gatehouse/llm/chat/assembler.h"

// For tests of codecs: canonical answers as text, to be compared and kept as golden files.
namespace gatehouse::dialects::testing {

inline std::string to_text(const llm::Block& block) {
  std::string out;
  if (const auto* text = block.as<llm::Text>()) {
    out = fmt::format("  text {:?}\n", text->text);
    for (const auto& one : text->citations) {
      out += fmt::format("    cites {}-{} {:?} from {:?} {:?}", one.begin.value_or(0), one.end.value_or(0),
                         one.cited_text, one.title, one.url);
      if (one.document) out += fmt::format(" document {}", *one.document);
      out += '\n';
    }
    for (const auto& one : text->logprobs) {
      out += fmt::format("    logprob {:?} {}\n", one.token, one.logprob);
      for (const auto& top : one.top) out += fmt::format("      or {:?} {}\n", top.token, top.logprob);
    }
  } else if (const auto* thought = block.as<llm::Reasoning>()) {
    out = fmt::format("  thinks {:?}{}{}\n", thought->text, thought->id.empty() ? "" : " id ", thought->id);
  } else if (const auto* call = block.as<llm::ToolCall>()) {
    out = fmt::format("  calls {} {} {}\n", call->name, call->id, call->arguments.empty() ? "-" : call->arguments);
  } else if (const auto* foreign = block.as<llm::Foreign>()) {
    out = fmt::format("  foreign {} {}\n", foreign->type, foreign->verbatim.json);
  } else {
    out = "  other\n";
  }
  return out;
}

inline std::string to_text(const llm::ChatAnswer& answer) {
  std::string out = fmt::format("answer {:?} model {:?} created {}\n", answer.id, answer.model, answer.created);
  for (const auto& choice : answer.choices) {
    out += fmt::format("choice {} finish {} native {:?}\n", choice.index, static_cast<int>(choice.finish),
                       choice.native_finish);
    for (const auto& block : choice.blocks) out += to_text(block);
  }
  const auto& usage = answer.usage;
  if (usage.known) {
    out += fmt::format("usage {}+{}={} cached {}\n", usage.prompt_tokens, usage.completion_tokens, usage.total_tokens,
                       usage.cached_tokens);
  }
  for (const auto& extra : answer.extras) out += fmt::format("extra {} {}\n", extra.name, extra.json);
  return out;
}

// What a stream of events' data comes to; a failure ends as "failed MESSAGE".
inline std::string decode(const BackCodec& codec, const std::vector<std::string>& stream, const Reading& reading) {
  auto decoder = codec.make_decoder(reading);
  llm::AnswerAssembler assembler;
  std::vector<llm::ChatEvent> events;
  const auto take = [&] {
    for (const auto& event : events) {
      const auto added = assembler.add(event);
      EXPECT_TRUE(added.has_value()) << (added ? "" : added.error().detail);
    }
    events.clear();
  };
  for (const auto& data : stream) {
    decoder->on_event({}, data, events);
    take();
  }
  decoder->on_end(events);
  take();
  if (assembler.error()) return "failed " + assembler.error()->message;
  EXPECT_TRUE(assembler.ended());
  return to_text(assembler.answer());
}

inline std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end != 0) lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

// The parts that codecs are given, with nothing particular in them.
struct Plain {
  llm::Quirks quirks;
  Rewrites rewrites;
  Losses losses;
  Target target(std::string_view model, bool stream = false) const {
    return {.model = model, .stream = stream, .quirks = quirks};
  }
  Reading reading() const { return {.rewrites = rewrites, .quirks = quirks}; }
};

inline llm::Block text_block(std::string text) {
  llm::Block block{.value = llm::Text{}};
  block.as<llm::Text>()->text = std::move(text);
  return block;
}

inline llm::Message says(llm::Author author, std::string text) {
  llm::Message message;
  message.author = author;
  message.blocks.push_back(text_block(std::move(text)));
  return message;
}

}  // namespace gatehouse::dialects::testing
