#include "gatehouse/dialects/gemini/encoder.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/dialects/gemini/answer_writer.h"
#include "gatehouse/dialects/gemini/codec.h"
#include "gatehouse/dialects/gemini/error_body.h"
#include "gatehouse/dialects/gemini/finish.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::gemini {
namespace {

using llm::BlockKind;
using llm::ChatEvent;
using Kind = llm::ChatEvent::Kind;

constexpr std::size_t kMostLogprobs = 65'536;
// Of thoughts that are not shown, which go back to who had them: without the rest where they are longer.
constexpr std::size_t kMostHidden = std::size_t{1} << 20;

}  // namespace

Encoder::Encoder(const Writing& writing) : writing_(writing), shows_thoughts_(gemini::shows_thoughts(writing)) {}

Encoder::Block* Encoder::find(const ChatEvent& event) {
  for (Block& block : blocks_) {
    if (block.block == event.block && block.choice == event.choice) return &block;
  }
  return nullptr;
}

void Encoder::erase(const ChatEvent& event) {
  std::erase_if(blocks_,
                [&](const Block& block) { return block.block == event.block && block.choice == event.choice; });
}

Encoder::Choice& Encoder::choice(std::uint32_t index) {
  for (Choice& known : choices_) {
    if (known.index == index) return known;
  }
  Choice& made = choices_.emplace_back();
  made.index = index;
  return made;
}

void Encoder::write(const ChatEvent& event, std::string& out) {
  if (done_) return;
  switch (event.kind) {
    case Kind::started:
      start(event);
      return;
    case Kind::block_started:
      begin(event);
      return;
    case Kind::text:
      grow(event, out);
      return;
    case Kind::signature:
      if (Block* block = find(event)) {
        block->state.signature.origin = event.opaque.origin;
        block->state.signature.value += event.opaque.value;
      }
      return;
    case Kind::encrypted:
      if (Block* block = find(event)) {
        block->state.encrypted.origin = event.opaque.origin;
        block->state.encrypted.value += event.opaque.value;
      }
      return;
    case Kind::citation:
      if (Block* block = find(event); block != nullptr && event.citation != nullptr) {
        const auto byte = [&](const auto& place) { return place ? block->places.byte_of(*place) : std::nullopt; };
        choice(event.choice).grounding.add(*event.citation, 0, byte(event.citation->begin), byte(event.citation->end));
      }
      return;
    case Kind::logprobs:
      if (event.logprobs != nullptr) {
        auto& waiting = choice(event.choice).logprobs;
        if (waiting.size() + event.logprobs->size() <= kMostLogprobs) {
          waiting.insert(waiting.end(), event.logprobs->begin(), event.logprobs->end());
        }
      }
      return;
    case Kind::block_ended:
      end(event, out);
      return;
    case Kind::finished:
      choice(event.choice).finish = event.finish;
      return;
    case Kind::usage:
      if (event.usage != nullptr && event.usage->known && !(usage_ == *event.usage)) {
        usage_ = *event.usage;
        usage_waits_ = true;
      }
      return;
    case Kind::told:
      return;
    case Kind::failed:
      fail(event.error != nullptr ? *event.error : llm::ChatError{}, out);
      return;
    case Kind::ended:
      finish(out);
      return;
  }
}

void Encoder::start(const ChatEvent& event) {
  tail_ = R"("modelVersion":)";
  json::append_quoted(tail_, writing_.model.empty() ? event.name : writing_.model);
  tail_ += R"(,"responseId":)";
  json::append_quoted(tail_, event.id.empty() ? made_response_id(writing_) : std::string(event.id));
  tail_ += '}';
}

void Encoder::begin(const ChatEvent& event) {
  Block& block = blocks_.emplace_back();
  block.choice = event.choice;
  block.block = event.block;
  block.kind = event.block_kind;
  block.tool_kind = event.tool_kind;
  block.id = event.id;
  block.name = event.name;
  if (event.block_kind == BlockKind::reasoning) block.state.id = event.id;
  if (event.media != nullptr) {
    block.media = *event.media;
    block.media.data.clear();
  }
}

// False: more than is kept; the stream has failed.
bool Encoder::wait(Block& block, std::string_view text, std::string& out) {
  pending_ += text.size();
  if (pending_ > kMostPending) {
    llm::ChatError error;
    error.status = 502;
    error.message = "The provider's answer has a part that is too large to be passed on whole";
    fail(error, out);
    return false;
  }
  block.pending += text;
  return true;
}

void Encoder::grow(const ChatEvent& event, std::string& out) {
  Block* const block = find(event);
  if (block == nullptr || event.text.empty()) return;
  switch (block->kind) {
    case BlockKind::text:
      block->places.grow(event.text);
      [[fallthrough]];
    case BlockKind::refusal:
      text_chunk(event.choice, event.text, false, {}, out);
      block->said = true;
      return;
    case BlockKind::reasoning:
      if (shows_thoughts_) {
        text_chunk(event.choice, event.text, true, {}, out);
        block->said = true;
      } else if (block->pending.size() + event.text.size() <= kMostHidden) {
        wait(*block, event.text, out);
      }
      return;
    case BlockKind::tool_call:
    case BlockKind::media:
      wait(*block, event.text, out);
      return;
    case BlockKind::tool_result:
    case BlockKind::foreign:
      return;
  }
}

void Encoder::end(const ChatEvent& event, std::string& out) {
  Block* const block = find(event);
  if (block == nullptr) return;
  pending_ -= std::min(pending_, block->pending.size());
  const std::uint32_t at = event.choice;
  switch (block->kind) {
    case BlockKind::text:
    case BlockKind::refusal:
      if (!block->state.signature.empty()) text_chunk(at, {}, false, write_state(block->state), out);
      break;
    case BlockKind::reasoning:
      if (block->state.signature.empty() && block->state.encrypted.empty()) break;
      block->state.apart = !block->said;
      if (!shows_thoughts_) block->state.text = std::move(block->pending);
      text_chunk(at, {}, true, write_state(block->state), out);
      break;
    case BlockKind::tool_call: {
      if (block->tool_kind == llm::ToolKind::provider) break;
      const std::string id = block->id.empty() ? made_call_id(writing_, calls_) : block->id;
      ++calls_;
      std::string part;
      json::Writer writer(part);
      if (write_call(id, block->name, block->tool_kind, block->pending, write_state(block->state), writer)) {
        open_chunk(out);
        out += part;
        close_chunk(at, out);
      } else if (choice(at).malformed.empty()) {
        choice(at).malformed = malformed_message(block->name, block->pending);
      }
      break;
    }
    case BlockKind::media: {
      if (event.media != nullptr) block->media = *event.media;
      std::string part;
      json::Writer writer(part);
      if (write_media(block->media, block->pending, writer)) {
        open_chunk(out);
        out += part;
        close_chunk(at, out);
      }
      if (!block->media.transcript.empty()) text_chunk(at, block->media.transcript, false, {}, out);
      break;
    }
    case BlockKind::foreign:
      if (event.foreign == nullptr) break;
      if (event.foreign->verbatim.dialect == llm::Dialect::gemini && !event.foreign->verbatim.empty()) {
        open_chunk(out);
        out += event.foreign->verbatim.json;
        close_chunk(at, out);
      }
      break;
    case BlockKind::tool_result:
      break;
  }
  erase(event);
}

void Encoder::open_chunk(std::string& out) {
  if (tail_.empty()) start({});
  out += "data: ";
  out += R"({"candidates":[{"content":{"parts":[)";
}

void Encoder::close_chunk(std::uint32_t index, std::string& out) {
  fmt::format_to(std::back_inserter(out), R"(],"role":"model"}},"index":{})", index);
  for (Choice& choice : choices_) {
    if (choice.index != index || choice.logprobs.empty()) continue;
    out += R"(,"logprobsResult":)";
    json::Writer writer(out);
    write_logprobs(choice.logprobs, writer);
    choice.logprobs.clear();
  }
  out += "}],";
  out += tail_;
  out += "\n\n";
}

void Encoder::text_chunk(std::uint32_t index, std::string_view text, bool thought, std::string_view signature,
                         std::string& out) {
  open_chunk(out);
  out += R"({"text":)";
  json::append_quoted(out, text);
  if (thought) out += R"(,"thought":true)";
  if (!signature.empty()) {
    out += R"(,"thoughtSignature":)";
    json::append_quoted(out, signature);
  }
  out += '}';
  close_chunk(index, out);
}

void Encoder::finish(std::string& out) {
  done_ = true;
  if (!choices_.empty() || usage_waits_) {
    if (tail_.empty()) start({});
    std::ranges::sort(choices_, {}, &Choice::index);
    out += "data: ";
    std::string chunk;
    json::Writer writer(chunk);
    writer.begin_object().key("candidates").begin_array();
    for (const Choice& choice : choices_) {
      const llm::FinishReason finish = choice.malformed.empty() ? choice.finish : finish_with_malformed(choice.finish);
      // Clients take up a content into a chat only with a part in it.
      writer.begin_object().key("content").raw(R"({"parts":[{"text":""}],"role":"model"})");
      writer.key("finishReason").string(finish_word(finish));
      if (!choice.malformed.empty()) writer.key("finishMessage").string(choice.malformed);
      writer.key("index").unsigned_integer(choice.index);
      if (!choice.grounding.empty()) {
        writer.key("groundingMetadata");
        choice.grounding.write(writer);
      }
      if (!choice.logprobs.empty()) {
        writer.key("logprobsResult");
        write_logprobs(choice.logprobs, writer);
      }
      writer.end_object();
    }
    writer.end_array();
    if (usage_.known) {
      writer.key("usageMetadata");
      write_usage(usage_, writer);
    }
    chunk += ',';
    out += chunk;
    out += tail_;
    out += "\n\n";
  }
}

void Encoder::fail(const llm::ChatError& error, std::string& out) {
  done_ = true;
  out += "data: ";
  out += write_error(error);
  out += "\n\n";
}

}  // namespace gatehouse::dialects::gemini
