#include "gatehouse/dialects/gemini/answer_writer.h"

#include <fmt/format.h>

#include "gatehouse/dialects/gemini/answer_parts.h"
#include "gatehouse/dialects/gemini/finish.h"
#include "gatehouse/dialects/gemini/state.h"
#include "gatehouse/dialects/gemini/text_places.h"

namespace gatehouse::dialects::gemini {
namespace {

using llm::Block;
using llm::Choice;

class AnswerWriter {
 public:
  AnswerWriter(const llm::ChatAnswer& answer, const Writing& writing)
      : answer_(answer), writing_(writing), writer_(out_) {}

  std::string write() {
    writer_.begin_object().key("candidates").begin_array();
    for (const Choice& choice : answer_.choices) candidate(choice);
    writer_.end_array();
    if (answer_.usage.known) {
      writer_.key("usageMetadata");
      write_usage(answer_.usage, writer_);
    }
    writer_.key("modelVersion").string(writing_.model.empty() ? std::string_view(answer_.model) : writing_.model);
    writer_.key("responseId").string(answer_.id.empty() ? made_response_id(writing_) : answer_.id);
    writer_.end_object();
    return std::move(out_);
  }

 private:
  void candidate(const Choice& choice) {
    Grounding grounding;
    std::vector<llm::TokenLogprob> logprobs;
    std::string malformed;
    part_ = 0;
    writer_.begin_object().key("content").begin_object().key("parts").begin_array();
    for (const Block& block : choice.blocks) part(block, grounding, logprobs, malformed);
    // A content without parts is not taken up into a chat by the API's clients.
    if (part_ == 0) writer_.begin_object().key("text").string("").end_object();
    writer_.end_array().key("role").string("model").end_object();
    const llm::FinishReason finish = malformed.empty() ? choice.finish : finish_with_malformed(choice.finish);
    writer_.key("finishReason").string(finish_word(finish));
    if (!malformed.empty()) writer_.key("finishMessage").string(malformed);
    writer_.key("index").unsigned_integer(choice.index);
    if (!grounding.empty()) {
      writer_.key("groundingMetadata");
      grounding.write(writer_);
    }
    if (!logprobs.empty()) {
      writer_.key("logprobsResult");
      write_logprobs(logprobs, writer_);
    }
    writer_.end_object();
  }

  void text(std::string_view text, bool thought, const std::string& signature) {
    writer_.begin_object().key("text").string(text);
    if (thought) writer_.key("thought").boolean(true);
    if (!signature.empty()) writer_.key("thoughtSignature").string(signature);
    writer_.end_object();
    ++part_;
  }

  void part(const Block& block, Grounding& grounding, std::vector<llm::TokenLogprob>& logprobs,
            std::string& malformed) {
    if (const auto* words = block.as<llm::Text>()) {
      if (!words->citations.empty()) {
        TextPlaces places;
        places.grow(words->text);
        for (const llm::Citation& citation : words->citations) {
          grounding.add(citation, part_, citation.begin ? places.byte_of(*citation.begin) : std::nullopt,
                        citation.end ? places.byte_of(*citation.end) : std::nullopt);
        }
      }
      logprobs.insert(logprobs.end(), words->logprobs.begin(), words->logprobs.end());
      if (words->text.empty() && words->signature.empty()) return;
      State state;
      state.signature = words->signature;
      text(words->text, false, write_state(state));
    } else if (const auto* refusal = block.as<llm::Refusal>()) {
      text(refusal->text, false, {});
    } else if (const auto* reasoning = block.as<llm::Reasoning>()) {
      thought(*reasoning);
    } else if (const auto* call = block.as<llm::ToolCall>()) {
      if (call->kind == llm::ToolKind::provider) return;
      State state;
      state.signature = call->signature;
      state.id = call->item_id;
      const std::string id = call->id.empty() ? made_call_id(writing_, calls_) : call->id;
      ++calls_;
      if (write_call(id, call->name, call->kind, call->arguments, write_state(state), writer_)) {
        ++part_;
      } else if (malformed.empty()) {
        malformed = malformed_message(call->name, call->arguments);
      }
    } else if (const auto* media = block.as<llm::Media>()) {
      if (write_media(*media, media->data, writer_)) ++part_;
      if (!media->transcript.empty()) text(media->transcript, false, {});
    } else if (const auto* foreign = block.as<llm::Foreign>()) {
      if (foreign->verbatim.dialect == llm::Dialect::gemini && !foreign->verbatim.empty()) {
        writer_.raw(foreign->verbatim.json);
        ++part_;
      }
    }
  }

  void thought(const llm::Reasoning& reasoning) {
    State state;
    state.signature = reasoning.signature;
    state.encrypted = reasoning.encrypted;
    state.id = reasoning.id;
    const bool shown = shows_thoughts(writing_);
    if (state.signature.empty() && state.encrypted.empty()) {
      if (shown && !reasoning.text.empty()) text(reasoning.text, true, {});
      return;
    }
    state.apart = reasoning.text.empty() || !shown;
    if (!shown) state.text = reasoning.text;
    text(shown ? std::string_view(reasoning.text) : std::string_view{}, true, write_state(state));
  }

  const llm::ChatAnswer& answer_;
  const Writing& writing_;
  std::string out_;
  json::Writer writer_;
  std::uint32_t part_ = 0;
  std::size_t calls_ = 0;
};

}  // namespace

std::string write_answer(const llm::ChatAnswer& answer, const Writing& writing) {
  return AnswerWriter(answer, writing).write();
}

std::string made_response_id(const Writing& writing) { return fmt::format("gh-{}", writing.seed); }

std::string made_call_id(const Writing& writing, std::size_t position) {
  return fmt::format("call_{}_{}", writing.seed, position);
}

llm::FinishReason finish_with_malformed(llm::FinishReason finish) {
  const bool fine = finish == llm::FinishReason::stop || finish == llm::FinishReason::tool_calls ||
                    finish == llm::FinishReason::unknown;
  return fine ? llm::FinishReason::malformed : finish;
}

bool shows_thoughts(const Writing& writing) { return writing.request.reasoning.show.value_or(true); }

}  // namespace gatehouse::dialects::gemini
