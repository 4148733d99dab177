#include "gatehouse/dialects/openai_chat/chat_encoder.h"

#include <algorithm>
#include <utility>

#include "gatehouse/dialects/openai_chat/answer_words.h"
#include "gatehouse/dialects/openai_chat/codec_request.h"
#include "gatehouse/dialects/openai_chat/wire.h"

namespace gatehouse::dialects::openai_chat {

namespace {

// JSON as a provider wrote it may have line breaks, which would end the event's line; they are white space only.
std::string one_line(std::string json) {
  for (char& c : json) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return json;
}

// Onto a list that is told later; left out where there would be too much of it.
void append_entry(std::string& list, std::string_view entry, std::size_t most) {
  if (entry.empty() || list.size() + entry.size() > most) return;
  if (!list.empty()) list += ',';
  list += entry;
}

}  // namespace

using Kind = llm::ChatEvent::Kind;
using llm::BlockKind;

// --- chunks

void ChatEncoder::head(std::string& out) {
  out += head_;
  if (!extra_.empty()) {
    out += extra_;
    extra_.clear();
  }
}

void ChatEncoder::tail(std::string& out) const {
  // As OpenAI does: asked for, it is null until the last.
  out += writing_.request.include_usage ? R"(}],"usage":null})" : "}]}";
  out += "\n\n";
}

template <class Fill>
void ChatEncoder::chunk(std::uint32_t index, std::string& out, Fill&& fill) {
  Choice& of = choice(index);
  head(out);
  out += R"(,"choices":[{"index":)";
  out += std::to_string(index);
  out += R"(,"delta":)";
  json::Writer delta(out);
  delta.begin_object();
  if (!std::exchange(of.role, true)) delta.key("role").string("assistant");
  fill(delta);
  delta.end_object();
  out += R"(,"finish_reason":null)";
  tail(out);
}

void ChatEncoder::error(const llm::ChatError& error, std::string& out) {
  out += "data: ";
  out += write_chat_error(error);
  out += "\n\n";
}

ChatEncoder::Choice& ChatEncoder::choice(std::uint32_t index) {
  for (Choice& one : choices_) {
    if (one.index == index) return one;
  }
  Choice& made = choices_.emplace_back();
  made.index = index;
  return made;
}

ChatEncoder::Block* ChatEncoder::block(const llm::ChatEvent& event) {
  auto& open = choice(event.choice).open;
  const auto found = std::ranges::find(open, event.block, &Block::number);
  return found == open.end() ? nullptr : &*found;
}

// --- events

void ChatEncoder::write(const llm::ChatEvent& event, std::string& out) {
  if (over_) return;
  switch (event.kind) {
    case Kind::started: {
      head_ = R"(data: {"id":)";
      json::append_quoted(head_, answer_id(event.id, writing_.seed));
      head_ += R"(,"object":"chat.completion.chunk","created":)";
      head_ += std::to_string(event.created != 0 ? event.created : writing_.now);
      head_ += R"(,"model":)";
      json::append_quoted(head_, writing_.model.empty() ? event.name : writing_.model);
      chunk(0, out, [](json::Writer& delta) { delta.key("content").string("").key("refusal").null(); });
      return;
    }
    case Kind::block_started:
      begin(event, out);
      return;
    case Kind::text:
      grow(event, out);
      return;
    case Kind::signature:
    case Kind::encrypted:
      state(event, out);
      return;
    case Kind::citation:
      if (const Block* const of = block(event); of != nullptr && event.citation != nullptr) {
        std::string annotation;
        json::Writer writer(annotation);
        wire::write_annotation(writer, *event.citation, of->points);
        append_entry(choice(event.choice).annotations, annotation, kMostAnnotations);
      }
      return;
    case Kind::logprobs: {
      if (event.logprobs == nullptr || event.logprobs->empty()) return;
      Choice& of = choice(event.choice);
      head(out);
      out += R"(,"choices":[)";
      json::Writer writer(out);
      writer.begin_object().key("index").unsigned_integer(event.choice).key("delta").begin_object();
      if (!std::exchange(of.role, true)) writer.key("role").string("assistant");
      writer.key("content").string("").end_object();
      writer.key("logprobs").begin_object().key("content").begin_array();
      for (const llm::TokenLogprob& token : *event.logprobs) wire::write_logprob(writer, token);
      writer.end_array().key("refusal").null().end_object().key("finish_reason").null();
      tail(out);
      return;
    }
    case Kind::block_ended:
      end(event, out);
      return;
    case Kind::finished:
      finish(event, out);
      return;
    case Kind::usage:
      if (event.usage != nullptr) usage_ = *event.usage;
      return;
    case Kind::told:
      if (event.extras != nullptr) {
        std::string members;
        json::Writer writer(members);
        writer.begin_object();
        write_extras(writer, *event.extras);
        writer.end_object();
        members = one_line(std::move(members));
        if (members.size() > 2) extra_.append(",").append(members, 1, members.size() - 2);
      }
      return;
    case Kind::failed:
      error(event.error != nullptr ? *event.error : llm::ChatError{}, out);
      over_ = true;
      return;
    case Kind::ended:
      last(out);
      over_ = true;
      return;
  }
}

void ChatEncoder::begin(const llm::ChatEvent& event, std::string& out) {
  Choice& of = choice(event.choice);
  Block made;
  made.number = event.block;
  made.kind = event.block_kind;
  made.points = of.points;
  made.summary = event.summary;
  made.id = event.id;
  if (event.block_kind == BlockKind::reasoning) made.place = of.thoughts++;
  if (event.block_kind == BlockKind::media)
    made.sound = event.media != nullptr && event.media->kind == llm::Media::Kind::audio;
  if (event.block_kind == BlockKind::tool_call) {
    made.place = of.calls++;
    made.custom = event.tool_kind == llm::ToolKind::custom;
    if (made.id.empty()) made.id = call_id(writing_.seed, event.choice, made.place);
    const bool legacy = writing_.request.legacy_functions;
    if (!legacy || made.place == 0) {
      chunk(event.choice, out, [&](json::Writer& delta) {
        const std::string_view kind = made.custom ? "custom" : "function";
        if (legacy) {
          delta.key("function_call").begin_object();
        } else {
          delta.key("tool_calls").begin_array().begin_object().key("index").unsigned_integer(made.place);
          delta.key("id").string(made.id).key("type").string(kind).key(kind).begin_object();
        }
        delta.key("name").string(event.name);
        delta.key(made.custom && !legacy ? "input" : "arguments").string("").end_object();
        if (!legacy) delta.end_object().end_array();
      });
    }
  }
  if (made.sound) {
    if (made.id.empty() && event.media != nullptr) made.id = event.media->id;
    if (made.id.empty()) made.id = "audio_" + std::string(writing_.seed);
    chunk(event.choice, out,
          [&](json::Writer& delta) { delta.key("audio").begin_object().key("id").string(made.id).end_object(); });
  }
  of.open.push_back(std::move(made));
}

void ChatEncoder::write_call(Block& block, json::Writer& delta, std::string_view arguments) {
  if (writing_.request.legacy_functions) {
    delta.key("function_call").begin_object().key("arguments").string(arguments).end_object();
    return;
  }
  delta.key("tool_calls").begin_array().begin_object().key("index").unsigned_integer(block.place);
  delta.key(block.custom ? "custom" : "function").begin_object();
  delta.key(block.custom ? "input" : "arguments").string(arguments).end_object();
  delta.end_object().end_array();
}

void ChatEncoder::grow(const llm::ChatEvent& event, std::string& out) {
  Block* const of = block(event);
  if (of == nullptr || event.text.empty()) return;
  const bool grown = std::exchange(of->grown, true);
  switch (of->kind) {
    case BlockKind::text:
      choice(event.choice).points += wire::code_points(event.text);
      chunk(event.choice, out, [&](json::Writer& delta) { delta.key("content").string(event.text); });
      return;
    case BlockKind::refusal:
      chunk(event.choice, out, [&](json::Writer& delta) { delta.key("refusal").string(event.text); });
      return;
    case BlockKind::reasoning:
      of->lost = of->lost || event.text.size() > kMostThoughts - held_;
      if (!of->lost) {
        of->data += event.text;
        held_ += event.text.size();
      }
      if (!grown && std::exchange(choice(event.choice).thought, true)) {
        // Several thoughts are one member.
        chunk(event.choice, out, [](json::Writer& delta) { delta.key("reasoning_content").string("\n\n"); });
      }
      chunk(event.choice, out, [&](json::Writer& delta) { delta.key("reasoning_content").string(event.text); });
      return;
    case BlockKind::tool_call:
      if (writing_.request.legacy_functions && of->place != 0) return;
      chunk(event.choice, out, [&](json::Writer& delta) { write_call(*of, delta, event.text); });
      return;
    case BlockKind::media:
      if (of->sound) {
        chunk(event.choice, out, [&](json::Writer& delta) {
          delta.key("audio").begin_object().key("data").string(event.text).end_object();
        });
      } else {
        of->lost = of->lost || of->data.size() + event.text.size() > kMostImages;
        if (!of->lost) of->data += event.text;
      }
      return;
    default:
      return;
  }
}

void ChatEncoder::state(const llm::ChatEvent& event, std::string& out) {
  Block* const of = block(event);
  if (of == nullptr || event.opaque.empty()) return;
  if (of->kind == BlockKind::reasoning) {
    llm::Opaque& state = event.kind == Kind::encrypted ? of->encrypted : of->signature;
    of->lost = of->lost || event.opaque.value.size() > kMostThoughts - held_;
    if (of->lost) return;
    held_ += event.opaque.value.size();
    state.origin = event.opaque.origin;
    state.value += event.opaque.value;
    return;
  }
  if (writing_.request.legacy_functions && of->kind == BlockKind::tool_call) return;
  const std::string signature = llm::wrap_opaque(event.opaque, llm::Origin::gemini);
  chunk(event.choice, out, [&](json::Writer& delta) {
    if (of->kind == BlockKind::tool_call) {
      delta.key("tool_calls").begin_array().begin_object().key("index").unsigned_integer(of->place);
      wire::write_thought_signature(delta, signature);
      delta.end_object().end_array();
    } else {
      wire::write_thought_signature(delta, signature);
    }
  });
}

void ChatEncoder::image(Choice& of, const llm::Media& media, std::string_view data) {
  std::string url = media.url;
  if (url.empty() && !data.empty()) wire::append_data_url(url, media.media_type, data);
  if (url.empty()) return;
  std::string entry;
  json::Writer writer(entry);
  writer.begin_object().key("type").string("image_url").key("image_url").begin_object();
  writer.key("url").string(url).end_object().end_object();
  append_entry(of.images, entry, kMostImages);
}

void ChatEncoder::thought(Choice& of, const Block& block) {
  if (block.lost) return;
  const llm::Reasoning whole{.text = block.data,
                             .summary = block.summary,
                             .id = block.id,
                             .signature = block.signature,
                             .encrypted = block.encrypted};
  std::string entries;
  json::Writer writer(entries);
  writer.begin_array();
  wire::write_details(writer, whole, block.place, llm::Origin::none);
  writer.end_array();
  append_entry(of.details, std::string_view(entries).substr(1, entries.size() - 2), 2 * kMostThoughts);
  of.state = of.state || wire::has_state(whole);
}

void ChatEncoder::lists(Choice& of, std::string& out) {
  if (!of.state) of.details.clear();  // nothing but what was streamed
  if (of.details.empty() && of.annotations.empty() && of.images.empty()) return;
  chunk(of.index, out, [&](json::Writer& delta) {
    const auto list = [&](std::string_view name, std::string& entries) {
      if (!entries.empty()) delta.key(name).raw("[" + one_line(std::exchange(entries, {})) + "]");
    };
    list("reasoning_details", of.details);
    list("annotations", of.annotations);
    list("images", of.images);
  });
}

void ChatEncoder::end(const llm::ChatEvent& event, std::string& out) {
  Block* const of = block(event);
  if (of == nullptr) return;
  if (of->kind == BlockKind::reasoning) {
    thought(choice(event.choice), *of);
  } else if (of->kind == BlockKind::foreign && event.foreign != nullptr) {
    const std::string_view member = member_of(*event.foreign);
    if (!member.empty()) {
      chunk(event.choice, out,
            [&](json::Writer& delta) { delta.key(member).raw(one_line(event.foreign->verbatim.json)); });
    }
  } else if (of->kind == BlockKind::tool_call && !of->grown && !of->custom &&
             !(writing_.request.legacy_functions && of->place != 0)) {
    // No arguments are an empty object: clients parse what was streamed.
    chunk(event.choice, out, [&](json::Writer& delta) { write_call(*of, delta, "{}"); });
  } else if (of->kind == BlockKind::media && event.media != nullptr) {
    if (!of->sound && event.media->kind == llm::Media::Kind::image) {
      if (!of->lost) image(choice(event.choice), *event.media, of->data);
    } else if (of->sound && !event.media->transcript.empty()) {
      chunk(event.choice, out, [&](json::Writer& delta) {
        delta.key("audio").begin_object().key("transcript").string(event.media->transcript);
        delta.key("expires_at").integer(writing_.now).end_object();
      });
    }
  }
  std::erase_if(choice(event.choice).open, [&](const Block& one) { return one.number == event.block; });
}

void ChatEncoder::finish(const llm::ChatEvent& event, std::string& out) {
  failed_ = failed_ || event.finish == llm::FinishReason::error;
  Choice& of = choice(event.choice);
  lists(of, out);
  head(out);
  out += R"(,"choices":[)";
  json::Writer writer(out);
  writer.begin_object().key("index").unsigned_integer(event.choice).key("delta").begin_object();
  if (!std::exchange(of.role, true)) writer.key("role").string("assistant");
  writer.end_object();
  write_finish(writer, event.finish, event.native_finish, event.stop_sequence, writing_.request.legacy_functions);
  tail(out);
}

void ChatEncoder::last(std::string& out) {
  if (failed_) {
    llm::ChatError failure;
    failure.status = 502;
    failure.message = "The model's provider stopped with an error.";
    error(failure, out);
    return;
  }
  if (writing_.request.include_usage && usage_.known) {
    head(out);
    out += R"(,"choices":[],"usage":)";
    json::Writer writer(out);
    wire::write_usage(writer, usage_);
    out += "}\n\n";
  }
  out += "data: [DONE]\n\n";
}

}  // namespace gatehouse::dialects::openai_chat
