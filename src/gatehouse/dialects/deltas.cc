#include "gatehouse/dialects/deltas.h"

#include <string_view>

#include "gatehouse/dialects/answer_walk.h"
#include "gatehouse/dialects/anthropic/event_texts.h"
#include "gatehouse/dialects/gemini/event_texts.h"
#include "gatehouse/dialects/openai_chat/chunk_texts.h"
#include "gatehouse/dialects/openai_responses/event_texts.h"
#include "gatehouse/dialects/wire.h"

namespace gatehouse::dialects {
namespace {

using json::Cursor;
using llm::SegmentKind;
using Context = AnswerWalk::Context;

// Whole bodies of the other operations: what the model wrote or found for the caller.
bool read_other(AnswerWalk& walk, llm::Operation operation) {
  Cursor& cursor = walk.cursor();
  if (cursor.first() != '{') return walk.visit(Place::other, {});
  return cursor.object([&](const Cursor::String& key) {
    const std::string_view name = walk.name_of(key);
    const Context context{.part = unknown_part(hash_name(name))};
    using llm::Operation;
    if (operation == Operation::embeddings && name == "data") return cursor.skip();  // vectors
    if (operation == Operation::images && name == "data") return walk.visit(Place::content, context);
    if (operation == Operation::audio && name == "text") return walk.text(SegmentKind::text, {});
    if (operation == Operation::rerank && name == "results") return walk.visit(Place::documents, context);
    if (name == "model") return walk.visit(Place::nothing, context);
    if (name == "usage") return walk.visit(Place::word, context);
    bool known = false;
    return walk.visit(walk.member(Place::other, name, known), context);
  });
}

// Of Gemini's embeddings: {"embedding":{"values"}}, {"embeddings":[{"values"}]}.
bool read_vectors(AnswerWalk& walk) {
  Cursor& cursor = walk.cursor();
  if (cursor.first() != '{') return walk.visit(Place::other, {});
  return cursor.object([&](const Cursor::String& key) {
    const std::string_view name = walk.name_of(key);
    return walk.visit(name == "usageMetadata" ? Place::word : Place::other, {.part = unknown_part(hash_name(name))});
  });
}

bool speaks_choices(llm::Operation operation) {
  return operation == llm::Operation::chat_completions || operation == llm::Operation::completions;
}

bool read_event_texts(AnswerWalk& walk, llm::Operation operation, std::string_view data) {
  if (speaks_choices(operation)) return openai_chat::read_chunk_texts(walk, false);
  switch (dialect_of(operation)) {
    case llm::Dialect::anthropic:
      return anthropic::read_event_texts(data, walk);
    case llm::Dialect::gemini:
      return gemini::read_answer_texts(walk, false);
    default:
      return openai_responses::read_event_texts(data, walk);
  }
}

bool read_body_texts(AnswerWalk& walk, llm::Operation operation) {
  switch (operation) {
    case llm::Operation::chat_completions:
    case llm::Operation::completions:
      return openai_chat::read_chunk_texts(walk, true);
    case llm::Operation::responses:
      return openai_responses::read_response_texts(walk, false);
    case llm::Operation::messages:
      return anthropic::read_message_texts(walk, true);
    case llm::Operation::generate_content:
    case llm::Operation::stream_content:
      return gemini::read_answer_texts(walk, true);
    case llm::Operation::embed_content:
      return read_vectors(walk);
    default:
      return read_other(walk, operation);
  }
}

}  // namespace

bool DeltaReader::read_event(std::string_view data, std::vector<llm::Delta>& out) {
  logprobs_.clear();
  decoded_.clear();
  if (data == "[DONE]") return true;
  const std::size_t first = out.size();
  AnswerWalk walk(place_table(dialect_of(operation_)), data, out, logprobs_, decoded_);
  const bool read = read_event_texts(walk, operation_, data);
  for (std::size_t i = first; i < out.size(); ++i) {
    if (!out[i].whole && (out[i].part & kUnknownPart) != 0) look_for_constant(out[i]);
  }
  return read && walk.finished();
}

void DeltaReader::look_for_constant(llm::Delta& delta) {
  if (!is_word(delta.text)) return;
  for (Word& word : words_) {
    if (word.part != delta.part || word.choice != delta.choice) continue;
    delta.whole = word.text == delta.text;
    word.text = delta.text;
    return;
  }
  if (words_.size() < kMostWords) words_.push_back({delta.choice, delta.part, std::string(delta.text)});
}

bool DeltaReader::read_body(std::string_view json, std::vector<llm::Delta>& out) {
  logprobs_.clear();
  decoded_.clear();
  AnswerWalk walk(place_table(dialect_of(operation_)), json, out, logprobs_, decoded_);
  return read_body_texts(walk, operation_) && walk.finished();
}

}  // namespace gatehouse::dialects
