#include "gatehouse/providers/sandbox/completion.h"

#include <algorithm>

#include "gatehouse/json/writer.h"
#include "gatehouse/providers/sandbox/tokens.h"

namespace gatehouse::providers::sandbox {
namespace {

constexpr std::size_t kLongTokens = 1000;  // of sandbox-long where nobody asks
constexpr std::string_view kFingerprint = "fp_sandbox";

std::size_t stop_at(std::string_view text, const std::vector<std::string>& stops) {
  std::size_t at = text.size();
  for (const std::string& stop : stops) at = std::min(at, text.find(stop));
  return at;
}

void write_usage(json::Writer& writer, const Completion& completion) {
  const std::size_t out = completion.completion_tokens();
  writer.begin_object();
  writer.key("prompt_tokens").unsigned_integer(completion.prompt_tokens);
  writer.key("completion_tokens").unsigned_integer(out);
  writer.key("total_tokens").unsigned_integer(completion.prompt_tokens + out);
  writer.key("prompt_tokens_details").raw(R"({"cached_tokens":0,"audio_tokens":0})");
  writer.key("completion_tokens_details")
      .raw(R"({"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0})");
  writer.end_object();
}

void write_head(json::Writer& writer, const Completion& completion, std::string_view object) {
  writer.key("id").string(completion.id).key("object").string(object);
  writer.key("created").integer(completion.created).key("model").string(completion.model);
}

void write_call(json::Writer& writer, const ToolCall& call, std::string_view arguments) {
  writer.key("id").string(call.id).key("type").string("function").key("function").begin_object();
  writer.key("name").string(call.name).key("arguments").string(arguments).end_object();
}

}  // namespace

ChoiceText::ChoiceText(std::string text, const Sampling& sampling) : text_(std::move(text)) {
  text_.resize(stop_at(text_, sampling.stop));
  if (sampling.max_tokens) {
    const std::size_t size = tokens_size(text_, *sampling.max_tokens);
    cut_ = size < text_.size();
    text_.resize(size);
  }
  tokens_ = count_tokens(text_);
}

ChoiceText ChoiceText::endless(const Sampling& sampling, std::size_t choices) {
  // The text repeats, so a stop word that is not in the first two rounds never comes.
  std::string round;
  std::size_t sentences = 1;
  while (long_sentence(sentences) != long_sentence(0)) ++sentences;
  for (std::size_t i = 0; i < 2 * sentences; ++i) round += long_sentence(i);
  if (stop_at(round, sampling.stop) < round.size()) return ChoiceText(std::move(round), sampling);
  ChoiceText text;
  text.endless_ = true;
  text.cut_ = true;
  text.tokens_ = std::min(sampling.max_tokens.value_or(kLongTokens), kMostTokens / std::max<std::size_t>(choices, 1));
  return text;
}

std::string_view ChoiceText::next() {
  if (given_ == tokens_) return {};
  ++given_;
  std::string_view source = text_;
  if (endless_) {
    // A sentence ends with a space, which begins the first token of the next one: tokens stay whole words.
    if (at_ + 1 >= long_sentence(sentence_).size()) {
      ++sentence_;
      at_ = 0;
    }
    source = long_sentence(sentence_);
    if (at_ == 0 && sentence_ > 0) {
      at_ = token_size(source);
      text_ = " " + std::string(source.substr(0, at_));
      return text_;
    }
  }
  const std::string_view token = source.substr(at_, token_size(source.substr(at_)));
  at_ += token.size();
  return token;
}

std::string ChoiceText::rest() {
  std::string all;
  for (std::string_view token = next(); !token.empty(); token = next()) all += token;
  return all;
}

std::string_view Choice::finish() const {
  if (calls.empty()) return text.finish();
  return forced_call ? "stop" : "tool_calls";
}

std::size_t Choice::tokens() const {
  std::size_t count = text.tokens();
  for (const ToolCall& call : calls) count += count_tokens(call.name) + count_tokens(call.arguments);
  return count;
}

std::size_t Completion::completion_tokens() const {
  std::size_t count = 0;
  for (const Choice& choice : choices) count += choice.tokens();
  return count;
}

std::string whole_body(Completion completion) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  write_head(writer, completion, completion.chat ? "chat.completion" : "text_completion");
  writer.key("system_fingerprint").string(kFingerprint).key("choices").begin_array();
  for (std::size_t i = 0; i < completion.choices.size(); ++i) {
    Choice& choice = completion.choices[i];
    writer.begin_object().key("index").unsigned_integer(i);
    if (!completion.chat) {
      writer.key("text").string(choice.text.rest());
    } else {
      writer.key("message").begin_object().key("role").string("assistant").key("content");
      if (choice.calls.empty()) {
        writer.string(choice.text.rest()).key("refusal").null();
      } else {
        writer.null().key("refusal").null().key("tool_calls").begin_array();
        for (const ToolCall& call : choice.calls) {
          writer.begin_object();
          write_call(writer, call, call.arguments);
          writer.end_object();
        }
        writer.end_array();
      }
      writer.end_object();
    }
    writer.key("logprobs").null().key("finish_reason").string(choice.finish()).end_object();
  }
  writer.end_array().key("usage");
  write_usage(writer, completion);
  writer.end_object();
  return out;
}

EventWriter::EventWriter(Completion completion)
    : completion_(std::move(completion)), positions_(completion_.choices.size()) {
  head_ = "data: ";
  json::Writer writer(head_);
  writer.begin_object();
  write_head(writer, completion_, completion_.chat ? "chat.completion.chunk" : "text_completion");
  writer.key("system_fingerprint").string(kFingerprint).key("choices");
  // A legacy stream has no chunk for the role.
  if (!completion_.chat) {
    for (Position& position : positions_) position.part = Position::Part::text;
  }
}

std::string EventWriter::chunk(std::string_view choices) const {
  std::string out = head_;
  out += '[';
  out += choices;
  out += ']';
  if (completion_.include_usage) out += R"(,"usage":null)";
  out += "}\n\n";
  return out;
}

std::string EventWriter::choice_chunk(std::size_t index, std::string_view delta, std::string_view finish) const {
  std::string choice;
  json::Writer writer(choice);
  writer.begin_object().key("index").unsigned_integer(index).key(completion_.chat ? "delta" : "text").raw(delta);
  writer.key("logprobs").null().key("finish_reason");
  if (finish.empty()) {
    writer.null();
  } else {
    writer.string(finish);
  }
  writer.end_object();
  return chunk(choice);
}

std::string EventWriter::usage_chunk() const {
  std::string out = head_ + R"([],"usage":)";
  json::Writer writer(out);
  write_usage(writer, completion_);
  out += "}\n\n";
  return out;
}

EventWriter::Event EventWriter::choice_event(std::size_t index) {
  using Part = Position::Part;
  Choice& choice = completion_.choices[index];
  Position& at = positions_[index];
  std::string delta;
  json::Writer writer(delta);
  if (at.part == Part::role) {
    at.part = choice.calls.empty() ? Part::text : Part::call_head;
    writer.begin_object().key("role").string("assistant").key("content");
    if (choice.calls.empty()) {
      writer.string("");
    } else {
      writer.null();
    }
    writer.key("refusal").null().end_object();
    return {choice_chunk(index, delta, {}), false};
  }
  if (at.part == Part::text) {
    if (const std::string_view token = choice.text.next(); !token.empty()) {
      if (completion_.chat) {
        writer.begin_object().key("content").string(token).end_object();
      } else {
        writer.string(token);
      }
      return {choice_chunk(index, delta, {}), true};
    }
    at.part = Part::finish;
  }
  if (at.part == Part::call_head || at.part == Part::call_arguments) {
    const ToolCall& call = choice.calls[at.call];
    writer.begin_object().key("tool_calls").begin_array().begin_object().key("index").unsigned_integer(at.call);
    if (at.part == Part::call_head) {
      write_call(writer, call, "");
      at.part = Part::call_arguments;
      at.argument = 0;
    } else {
      const std::string_view rest = std::string_view(call.arguments).substr(at.argument);
      const std::size_t size = token_size(rest);
      writer.key("function").begin_object().key("arguments").string(rest.substr(0, size)).end_object();
      at.argument += size;
      if (at.argument == call.arguments.size()) {
        ++at.call;
        at.part = at.call == choice.calls.size() ? Part::finish : Part::call_head;
      }
    }
    writer.end_object().end_array().end_object();
    return {choice_chunk(index, delta, {}), true};
  }
  at.part = Part::over;
  return {choice_chunk(index, completion_.chat ? "{}" : "\"\"", choice.finish()), false};
}

std::optional<EventWriter::Event> EventWriter::next() {
  for (std::size_t tried = 0; tried < positions_.size(); ++tried) {
    const std::size_t index = turn_;
    turn_ = (turn_ + 1) % positions_.size();
    if (positions_[index].part != Position::Part::over) return choice_event(index);
  }
  if (completion_.include_usage && !usage_told_) {
    usage_told_ = true;
    return Event{usage_chunk(), false};
  }
  if (!done_told_) {
    done_told_ = true;
    return Event{"data: [DONE]\n\n", false};
  }
  return std::nullopt;
}

}  // namespace gatehouse::providers::sandbox
