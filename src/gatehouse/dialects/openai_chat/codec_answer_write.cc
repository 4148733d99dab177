#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "gatehouse/dialects/openai_chat/answer_words.h"
#include "gatehouse/dialects/openai_chat/codec_request.h"
#include "gatehouse/dialects/openai_chat/wire.h"

namespace gatehouse::dialects::openai_chat {

using llm::FinishReason;

std::string call_id(std::string_view seed, std::uint32_t choice, std::size_t n) {
  std::string out = "call_";
  out.append(seed);
  if (choice != 0) out.append("c").append(std::to_string(choice));
  return out.append("n").append(std::to_string(n));
}

std::string answer_id(std::string_view told, std::string_view seed) {
  return told.empty() ? "chatcmpl-" + std::string(seed) : std::string(told);
}

void write_extras(json::Writer& writer, const llm::Extras& extras) {
  static constexpr auto kOwn = std::to_array<std::string_view>({"id", "object", "created", "model", "choices", "usage",
                                                                "error", "index", "message", "delta", "finish_reason",
                                                                "native_finish_reason", "stop_reason", "logprobs"});
  for (auto extra = extras.begin(); extra != extras.end(); ++extra) {
    if (std::ranges::find(kOwn, extra->name) != kOwn.end()) continue;
    // Of what a stream told more than once the last counts.
    const bool again = std::find_if(extra + 1, extras.end(),
                                    [&](const llm::Extra& later) { return later.name == extra->name; }) != extras.end();
    if (!again) writer.key(extra->name).raw(extra->json);
  }
}

void write_finish(json::Writer& writer, FinishReason finish, std::string_view native, std::string_view sequence,
                  bool legacy) {
  const bool call = finish == FinishReason::tool_calls && legacy;
  writer.key("finish_reason").string(call ? "function_call" : wire::finish_word(finish));
  if (wire::finish_says_less(finish) && !native.empty()) writer.key("native_finish_reason").string(native);
  if (!sequence.empty()) writer.key("stop_reason").string(sequence);  // as vLLM tells it
}

std::string_view member_of(const llm::Foreign& foreign) {
  constexpr std::string_view kMember = "message.";
  if (foreign.verbatim.dialect != llm::Dialect::openai_chat || foreign.verbatim.empty()) return {};
  const std::string_view type = foreign.type;
  return type.starts_with(kMember) ? type.substr(kMember.size()) : std::string_view();
}

namespace {

class AnswerWriter {
 public:
  AnswerWriter(const llm::ChatAnswer& answer, const Writing& writing)
      : answer_(answer), writing_(writing), writer_(out_) {}

  std::string write() {
    writer_.begin_object().key("id").string(answer_id(answer_.id, writing_.seed));
    writer_.key("object").string("chat.completion");
    writer_.key("created").integer(answer_.created != 0 ? answer_.created : writing_.now);
    writer_.key("model").string(writing_.model.empty() ? std::string_view(answer_.model) : writing_.model);
    writer_.key("choices").begin_array();
    for (const llm::Choice& one : answer_.choices) choice(one);
    writer_.end_array();
    if (answer_.usage.known) {
      writer_.key("usage");
      wire::write_usage(writer_, answer_.usage);
    }
    if (!answer_.service_tier.empty()) writer_.key("service_tier").string(answer_.service_tier);
    if (!answer_.fingerprint.empty()) writer_.key("system_fingerprint").string(answer_.fingerprint);
    write_extras(writer_, answer_.extras);
    writer_.end_object();
    return std::move(out_);
  }

 private:
  template <class T, class Visit>
  static std::size_t each(const llm::Choice& choice, Visit&& visit) {
    std::size_t n = 0;
    for (const llm::Block& block : choice.blocks) {
      if (const auto* const one = block.as<T>()) {
        visit(*one, n);
        ++n;
      }
    }
    return n;
  }

  void choice(const llm::Choice& choice) {
    const bool legacy = writing_.request.legacy_functions;
    writer_.begin_object().key("index").unsigned_integer(choice.index);
    writer_.key("message").begin_object().key("role").string("assistant");
    content(choice);
    thoughts(choice);
    const bool calls = tool_calls(choice, legacy);
    media(choice);
    others(choice);
    writer_.end_object();
    logprobs(choice);
    FinishReason finish = choice.finish;
    if (finish == FinishReason::unknown && calls) finish = FinishReason::tool_calls;
    write_finish(writer_, finish, choice.native_finish, choice.stop_sequence, legacy);
    write_extras(writer_, choice.extras);
    writer_.end_object();
  }

  // Members of the message that only this dialect's servers know. A list that was streamed comes in pieces.
  void others(const llm::Choice& choice) {
    std::vector<std::pair<std::string_view, std::string>> members;
    each<llm::Foreign>(choice, [&](const llm::Foreign& foreign, std::size_t) {
      const std::string_view name = member_of(foreign);
      if (name.empty()) return;
      const std::string& written = foreign.verbatim.json;
      const auto known = std::ranges::find(members, name, [](const auto& one) { return one.first; });
      if (known == members.end()) {
        members.emplace_back(name, written);
      } else if (wire::is_array(known->second) && wire::is_array(written)) {
        std::string both;
        json::Writer list(both);
        list.begin_array();
        for (const std::string_view part : {std::string_view(known->second), std::string_view(written)}) {
          wire::elements(part, [&](std::string_view one) { list.raw(one); });
        }
        list.end_array();
        known->second = std::move(both);
      } else {
        known->second = written;
      }
    });
    for (const auto& [name, json] : members) writer_.key(name).raw(json);
  }

  void content(const llm::Choice& choice) {
    std::string content;
    std::string refusal;
    std::string signature;
    const std::size_t texts = each<llm::Text>(choice, [&](const llm::Text& text, std::size_t) {
      content += text.text;
      if (signature.empty()) signature = llm::wrap_opaque(text.signature, llm::Origin::gemini);
    });
    each<llm::Refusal>(choice, [&](const llm::Refusal& one, std::size_t) { refusal += one.text; });
    writer_.key("content");
    if (texts == 0) {
      writer_.null();
    } else {
      writer_.string(content);
    }
    writer_.key("refusal");
    if (refusal.empty()) {
      writer_.null();
    } else {
      writer_.string(refusal);
    }
    bool open = false;
    std::size_t shift = 0;
    each<llm::Text>(choice, [&](const llm::Text& text, std::size_t) {
      for (const llm::Citation& citation : text.citations) {
        if (!open) writer_.key("annotations").begin_array();
        open = true;
        wire::write_annotation(writer_, citation, shift);
      }
      if (texts > 1) shift += wire::code_points(text.text);
    });
    if (open) writer_.end_array();
    if (!signature.empty()) wire::write_thought_signature(writer_, signature);
  }

  void thoughts(const llm::Choice& choice) {
    std::string text;
    bool state = false;
    each<llm::Reasoning>(choice, [&](const llm::Reasoning& one, std::size_t) {
      state = state || wire::has_state(one);
      if (!text.empty() && !one.text.empty()) text += "\n\n";
      text += one.text;
    });
    if (!text.empty()) writer_.key("reasoning_content").string(text);
    if (!state) return;
    writer_.key("reasoning_details").begin_array();
    each<llm::Reasoning>(choice, [&](const llm::Reasoning& one, std::size_t n) {
      wire::write_details(writer_, one, n, llm::Origin::none);
    });
    writer_.end_array();
  }

  bool tool_calls(const llm::Choice& choice, bool legacy) {
    bool open = false;
    const std::size_t many = each<llm::ToolCall>(choice, [&](const llm::ToolCall& call, std::size_t n) {
      const std::string_view arguments = call.arguments.empty() ? "{}" : std::string_view(call.arguments);
      if (legacy) {
        if (n != 0) return;  // the deprecated form has room for one; more were not allowed
        writer_.key("function_call").begin_object().key("name").string(call.name);
        writer_.key("arguments").string(arguments).end_object();
        return;
      }
      if (!open) writer_.key("tool_calls").begin_array();
      open = true;
      const bool custom = call.kind == llm::ToolKind::custom;
      const std::string_view kind = custom ? "custom" : "function";
      writer_.begin_object().key("id");
      writer_.string(call.id.empty() ? call_id(writing_.seed, choice.index, n) : call.id);
      writer_.key("type").string(kind).key(kind).begin_object().key("name").string(call.name);
      writer_.key(custom ? "input" : "arguments").string(custom ? std::string_view(call.arguments) : arguments);
      writer_.end_object();
      if (!call.signature.empty()) {
        wire::write_thought_signature(writer_, llm::wrap_opaque(call.signature, llm::Origin::gemini));
      }
      writer_.end_object();
    });
    if (open) writer_.end_array();
    return many > 0;
  }

  void media(const llm::Choice& choice) {
    const llm::Media* sound = nullptr;
    bool open = false;
    each<llm::Media>(choice, [&](const llm::Media& one, std::size_t) {
      if (one.kind == llm::Media::Kind::audio) sound = &one;
      if (one.kind != llm::Media::Kind::image) return;
      if (!open) writer_.key("images").begin_array();
      open = true;
      std::string url = one.url;
      if (url.empty()) wire::append_data_url(url, one.media_type, one.data);
      writer_.begin_object().key("type").string("image_url").key("image_url").begin_object();
      writer_.key("url").string(url).end_object().end_object();
    });
    if (open) writer_.end_array();
    if (sound == nullptr) return;
    writer_.key("audio").begin_object().key("id");
    writer_.string(sound->id.empty() ? "audio_" + std::string(writing_.seed) : sound->id);
    writer_.key("data").string(sound->data).key("transcript").string(sound->transcript);
    writer_.key("expires_at").integer(writing_.now).end_object();
  }

  void logprobs(const llm::Choice& choice) {
    bool open = false;
    writer_.key("logprobs");
    each<llm::Text>(choice, [&](const llm::Text& text, std::size_t) {
      for (const llm::TokenLogprob& token : text.logprobs) {
        if (!open) writer_.begin_object().key("content").begin_array();
        open = true;
        wire::write_logprob(writer_, token);
      }
    });
    if (open) {
      writer_.end_array().key("refusal").null().end_object();
    } else {
      writer_.null();
    }
  }

  const llm::ChatAnswer& answer_;
  const Writing& writing_;
  std::string out_;
  json::Writer writer_;
};

}  // namespace

std::string write_chat_answer(const llm::ChatAnswer& answer, const Writing& writing) {
  return AnswerWriter(answer, writing).write();
}

}  // namespace gatehouse::dialects::openai_chat
