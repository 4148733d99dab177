// The deltas of a chunk: what a choice's message grows by.
#include <algorithm>
#include <utility>

#include "gatehouse/dialects/openai_chat/chat_decoder.h"
#include "gatehouse/dialects/openai_chat/chat_decoder_parts.h"
#include "gatehouse/dialects/openai_chat/codec.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects::openai_chat {

using Kind = llm::ChatEvent::Kind;
using llm::BlockKind;
using llm::Media;
using llm::Origin;

namespace {

std::string_view find(std::string_view object, std::string_view key) {
  std::string_view found;
  wire::members(object, [&](std::string_view name, std::string_view value) {
    if (name == key) found = value;
  });
  return found;
}

}  // namespace

void ChatDecoder::delta(Choice& to, std::string_view raw, Events& out) {
  RawDelta parts;
  wire::members(raw, [&](std::string_view key, std::string_view value) {
    if (!wire::filled(value)) return;
    if (key == "content") {
      parts.content = value;
    } else if (key == "role" || key == "name") {
      return;
    } else if (key == "tool_calls") {
      parts.tool_calls = value;
    } else if (key == "reasoning_content") {
      parts.reasoning_content = value;
    } else if (key == "reasoning") {
      parts.reasoning = value;
    } else if (key == "reasoning_details") {
      parts.reasoning_details = value;
    } else if (key == "refusal") {
      parts.refusal = value;
    } else if (key == "function_call") {
      parts.function_call = value;
    } else if (key == "audio") {
      parts.audio = value;
    } else if (key == "images") {
      parts.images = value;
    } else if (key == "annotations") {
      parts.annotations = value;
    } else if (key == "extra_content") {
      parts.extra_content = value;
    } else if (wire::is_array(value) || wire::is_object(value)) {
      foreign(to, "message." + std::string(key), value, out);
    }
    // What is left are marks of single tokens (channel, token_id).
  });
  reasoning(to, parts, out);
  if (!parts.content.empty()) content(to, parts.content, out);
  if (!parts.refusal.empty()) text_or_refusal(to, BlockKind::refusal, parts.refusal, out);
  if (!parts.audio.empty()) audio(to, parts.audio, out);
  if (!parts.images.empty()) images(to, parts.images, out);
  if (!parts.annotations.empty()) annotations(to, parts.annotations, out);
  if (!parts.extra_content.empty()) {
    // Google's front signs a text beside it.
    const std::string_view signature = text(wire::find_thought_signature(parts.extra_content));
    if (!signature.empty()) {
      if (!to.open || to.open_kind != BlockKind::text) open(to, BlockKind::text, out);
      push(out, Kind::signature, to, to.open_block, BlockKind::text).opaque = {
          .origin = reading_.origin == Origin::none ? Origin::gemini : reading_.origin,
          .value = std::string(signature)};
    }
  }
  if (!parts.tool_calls.empty()) tool_calls(to, parts.tool_calls, out);
  if (wire::is_object(parts.function_call) && (!to.calls.empty() || wire::filled(find(parts.function_call, "name")))) {
    Call& call = to.calls.empty() ? to.calls.emplace_back() : to.calls.front();
    if (!call.begun) {
      call.name = wire::text(find(parts.function_call, "name"));
      begin_call(to, call, out);
    }
    arguments(to, call, find(parts.function_call, "arguments"), out);
  }
}

// A string, or a list of chunks (Mistral, Databricks).
void ChatDecoder::content(Choice& to, std::string_view raw, Events& out) {
  if (wire::is_string(raw)) {
    text_or_refusal(to, BlockKind::text, raw, out);
    return;
  }
  if (!wire::is_array(raw)) return;
  wire::elements(raw, [&](std::string_view one) {
    if (trouble_) return;
    if (wire::is_string(one)) {
      text_or_refusal(to, BlockKind::text, one, out);
      return;
    }
    std::string_view type, words, pieces, signature, image;
    wire::members(one, [&](std::string_view key, std::string_view value) {
      if (key == "type") type = value;
      if (key == "text") words = value;
      if (key == "thinking" || key == "summary") pieces = value;
      if (key == "signature") signature = value;
      if (key == "image_url") image = value;
    });
    if (type == R"("text")" || (type.empty() && !words.empty())) {
      text_or_refusal(to, BlockKind::text, words, out);
    } else if (type == R"("thinking")" || type == R"("reasoning")") {
      thinking(to, pieces, signature, out);
    } else if (type == R"("refusal")") {
      text_or_refusal(to, BlockKind::refusal, find(one, "refusal"), out);
    } else if (type == R"("image_url")" && wire::given(image)) {
      std::string& list = buffer();
      list.append("[").append(one).append("]");
      images(to, list, out);
    } else {
      foreign(to, wire::text(type), one, out);
    }
  });
}

// Mistral's [{type: text, text}], Databricks' [{type: summary_text, text, signature}], or a text.
void ChatDecoder::thinking(Choice& to, std::string_view pieces, std::string_view signature, Events& out) {
  const auto grow_thought = [&](std::string_view raw) {
    const std::string_view more = text(raw);
    if (more.empty()) return;
    if (!to.open || to.open_kind != BlockKind::reasoning || to.signed_or_encrypted) {
      open(to, BlockKind::reasoning, out);
    }
    grow(to, to.open_block, BlockKind::reasoning, more, out);
  };
  if (wire::is_string(pieces)) grow_thought(pieces);
  if (wire::is_array(pieces)) {
    wire::elements(pieces, [&](std::string_view piece) {
      wire::members(piece, [&](std::string_view key, std::string_view value) {
        if (key == "text") grow_thought(value);
        if (key == "signature" && wire::is_string(value)) signature = value;
      });
    });
  }
  const std::string_view proof = text(signature);
  if (proof.empty()) return;
  if (!to.open || to.open_kind != BlockKind::reasoning) open(to, BlockKind::reasoning, out);
  push(out, Kind::signature, to, to.open_block, BlockKind::reasoning).opaque = {
      .origin = reading_.origin == Origin::none ? Origin::mistral : reading_.origin, .value = std::string(proof)};
  to.signed_or_encrypted = true;
}

void ChatDecoder::reasoning(Choice& to, const RawDelta& raw, Events& out) {
  bool said = false;
  if (wire::is_array(raw.reasoning_details)) {
    wire::elements(raw.reasoning_details, [&](std::string_view one) {
      if (!trouble_) said = detail(to, one, out) || said;
    });
  }
  if (said) return;  // the others say the same once more
  const std::string_view plain = wire::is_string(raw.reasoning_content) ? raw.reasoning_content : raw.reasoning;
  const std::string_view more = text(plain);
  if (more.empty()) return;
  if (!to.open || to.open_kind != BlockKind::reasoning || to.signed_or_encrypted) open(to, BlockKind::reasoning, out);
  grow(to, to.open_block, BlockKind::reasoning, more, out);
}

// One entry of reasoning_details; entries of one index are one block as long as nothing else came between them. True:
// it had a text.
bool ChatDecoder::detail(Choice& to, std::string_view raw, Events& out) {
  const wire::Detail one = wire::read_detail(raw);
  if (one.kind == wire::Detail::Kind::none) return false;
  const std::string_view words = text(one.text);
  const std::string_view proof = text(one.signature);
  const std::string_view data = text(one.data);
  if (words.empty() && proof.empty() && data.empty()) return false;
  const bool encrypted = one.kind == wire::Detail::Kind::encrypted;
  const bool summary = one.kind == wire::Detail::Kind::summary;
  // Behind a signature nothing grows; the encrypted text belongs to a summary of the same index.
  const bool same = to.open && to.open_kind == BlockKind::reasoning && to.detail == one.index &&
                    (!to.signed_or_encrypted) && (encrypted ? one.index.has_value() : to.summary == summary);
  if (!same) {
    open(to, BlockKind::reasoning, out, text(one.id), summary);
    to.detail = one.index;
  }
  grow(to, to.open_block, BlockKind::reasoning, words, out);
  const auto opaque = [&](Kind kind, std::string_view value) {
    if (value.empty()) return;
    push(out, kind, to, to.open_block, BlockKind::reasoning).opaque =
        wire::read_state(value, one.format, reading_.origin);
    to.signed_or_encrypted = true;
  };
  opaque(Kind::signature, proof);
  opaque(Kind::encrypted, data);
  return !words.empty();
}

// --- tool calls

void ChatDecoder::tool_calls(Choice& to, std::string_view raw, Events& out) {
  if (!wire::is_array(raw)) return;
  wire::elements(raw, [&](std::string_view one) {
    if (!trouble_ && wire::is_object(one)) tool_call(to, one, out);
  });
}

ChatDecoder::Call& ChatDecoder::find_call(Choice& to, const std::optional<std::uint64_t>& index, std::string_view id,
                                          bool named) {
  Call* found = nullptr;
  for (Call& call : to.calls) {  // the last one counts
    if (index ? call.index == index : (!id.empty() && call.id == id)) found = &call;
  }
  // Without an index, what has neither an id nor a name goes on with the last call.
  if (!index && id.empty() && !named && !to.calls.empty()) found = &to.calls.back();
  // Some servers number all calls 0, or give a call a new id in every chunk. Another call has both another id and a
  // name.
  const bool other = found != nullptr && named && !id.empty() && !found->id.empty() && found->id != id;
  if (found == nullptr || other) {
    found = &to.calls.emplace_back();
    found->index = index;
  }
  return *found;
}

void ChatDecoder::tool_call(Choice& to, std::string_view raw, Events& out) {
  std::string_view index, id, type, function, custom, extra_content;
  wire::members(raw, [&](std::string_view key, std::string_view value) {
    if (!wire::filled(value)) return;
    if (key == "index") index = value;
    if (key == "id") id = value;
    if (key == "type") type = value;
    if (key == "function") function = value;
    if (key == "custom") custom = value;
    if (key == "extra_content") extra_content = value;
  });
  const bool is_custom = type == R"("custom")" || function.empty();
  std::string_view name, written;
  wire::members(is_custom ? custom : function, [&](std::string_view key, std::string_view value) {
    if (key == "name") name = value;
    if (key == "arguments" || key == "input") written = value;
  });
  std::string_view called = text(id);
  if (called == "null") called = {};  // Mistral's word for none
  const std::string_view tool = text(name);
  Call& call = find_call(to, wire::count(index), called, !tool.empty());
  if (to.calls.size() > kMostBlocks) {
    next_block(to);
    return;
  }
  if (!call.begun) {
    if (call.id.empty()) call.id = called;
    if (is_custom && !custom.empty()) call.kind = llm::ToolKind::custom;
    if (!tool.empty()) {
      call.name = tool;
      begin_call(to, call, out);
    }
  }
  const std::string_view signature = text(wire::find_thought_signature(extra_content));
  if (!signature.empty()) {
    if (!call.begun) begin_call(to, call, out);
    push(out, Kind::signature, to, call.block, BlockKind::tool_call).opaque = {
        .origin = reading_.origin == Origin::none ? Origin::gemini : reading_.origin, .value = std::string(signature)};
  }
  arguments(to, call, written, out);
}

void ChatDecoder::begin_call(Choice& to, Call& call, Events& out) {
  close(to, out);
  const auto& wrapped = reading_.rewrites.text_tools;
  if (std::ranges::find(wrapped, call.name) != wrapped.end()) {
    call.kind = llm::ToolKind::custom;
    call.whole = true;
  }
  for (const auto& [sent, own] : reading_.rewrites.tool_names) {
    if (sent == call.name) {
      call.name = own;
      break;
    }
  }
  call.begun = true;
  call.block = next_block(to);
  llm::ChatEvent& event = push(out, Kind::block_started, to, call.block, BlockKind::tool_call);
  event.id = call.id;
  event.name = call.name;
  event.tool_kind = call.kind;
  if (call.whole || call.held.empty()) return;
  // What came before the name.
  std::string& earlier = buffer();
  earlier.swap(call.held);
  held_ -= earlier.size();
  grow(to, call.block, BlockKind::tool_call, earlier, out);
}

void ChatDecoder::arguments(Choice& to, Call& call, std::string_view raw, Events& out) {
  if (!wire::given(raw)) return;
  const std::string_view more = wire::is_string(raw) ? text(raw) : raw;  // an object with Mistral and Ollama
  if (!call.begun || call.whole) {
    hold(call.held, more);
  } else {
    grow(to, call.block, BlockKind::tool_call, more, out);
  }
}

// --- what else a message holds

void ChatDecoder::audio(Choice& to, std::string_view raw, Events& out) {
  std::string_view id, data, transcript;
  wire::members(raw, [&](std::string_view key, std::string_view value) {
    if (!wire::filled(value)) return;
    if (key == "id") id = value;
    if (key == "data") data = value;
    if (key == "transcript") transcript = value;
  });
  if (id.empty() && data.empty() && transcript.empty()) return;
  if (!to.audio) {
    close(to, out);
    to.audio = next_block(to);
    to.sound.kind = Media::Kind::audio;
    push(out, Kind::block_started, to, *to.audio, BlockKind::media).media = &to.sound;
  }
  if (!id.empty()) to.sound.id = wire::text(id);
  if (!transcript.empty()) hold(to.sound.transcript, text(transcript));
  grow(to, *to.audio, BlockKind::media, text(data), out);
}

// OpenRouter's: [{type: image_url, image_url: {url}}].
void ChatDecoder::images(Choice& to, std::string_view raw, Events& out) {
  wire::elements(raw, [&](std::string_view one) {
    if (trouble_) return;
    std::string_view address = find(one, "image_url");
    if (wire::is_object(address)) address = find(address, "url");
    const std::string_view url = text(address);
    if (url.empty()) return;
    close(to, out);
    Media& image = media_.emplace_back();
    const std::uint32_t block = next_block(to);
    const auto data = wire::split_data_url(url);
    if (data) {
      image.media_type = data->media_type;
    } else {
      image.url = url;
    }
    push(out, Kind::block_started, to, block, BlockKind::media).media = &image;
    if (data) grow(to, block, BlockKind::media, data->data, out);
    push(out, Kind::block_ended, to, block, BlockKind::media).media = &image;
  });
}

void ChatDecoder::annotations(Choice& to, std::string_view raw, Events& out) {
  if (!wire::is_array(raw)) return;
  wire::elements(raw, [&](std::string_view one) {
    if (!wire::is_object(one)) return;
    if (!to.open || to.open_kind != BlockKind::text) open(to, BlockKind::text, out);
    to.cited = true;
    push(out, Kind::citation, to, to.open_block, BlockKind::text).citation =
        &citations_told_.emplace_back(wire::read_annotation(one));
  });
}

// What only this dialect's servers know (Groq's executed_tools, Mistral's references).
void ChatDecoder::foreign(Choice& to, std::string type, std::string_view json, Events& out) {
  if (!wire::keepable(json)) return;
  llm::Foreign& block = foreign_.emplace_back();
  block.type = std::move(type);
  block.verbatim = {.dialect = llm::Dialect::openai_chat, .json = std::string(json)};
  const std::uint32_t number = next_block(to);
  push(out, Kind::block_started, to, number, BlockKind::foreign);
  push(out, Kind::block_ended, to, number, BlockKind::foreign).foreign = &block;
}

}  // namespace gatehouse::dialects::openai_chat
