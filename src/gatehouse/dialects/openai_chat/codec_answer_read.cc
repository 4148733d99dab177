#include <algorithm>
#include <vector>

#include "gatehouse/dialects/openai_chat/chat_decoder.h"
#include "gatehouse/dialects/openai_chat/codec_request.h"
#include "gatehouse/dialects/openai_chat/wire.h"
#include "gatehouse/llm/chat/assembler.h"

namespace gatehouse::dialects::openai_chat {

// A whole answer is read as the one chunk that it would be, so that it cannot come out otherwise than a stream.
Result<llm::ChatAnswer> read_chat_answer(std::string_view body, const Reading& reading) {
  ChatDecoder decoder(reading, true);
  llm::AnswerAssembler assembler(body.size() + 4096);
  std::vector<llm::ChatEvent> events;
  // Twice at most: the body, and its end.
  for (const std::string_view data : {body, std::string_view("[DONE]")}) {
    events.clear();
    decoder.on_event({}, data, events);
    for (const llm::ChatEvent& event : events) {
      if (auto added = assembler.add(event); !added) {
        return fail(Code::upstream_protocol, "The provider's answer cannot be read.");
      }
    }
  }
  if (assembler.error()) return fail(Code::upstream_broken, "The provider told an error in place of an answer.");
  if (!assembler.ended() || assembler.lost()) {
    return fail(Code::upstream_protocol, "The provider's answer cannot be read.");
  }
  llm::ChatAnswer answer = assembler.take();
  for (llm::Choice& choice : answer.choices) {
    if (const auto* extras = decoder.extras_of(choice.index)) choice.extras = *extras;
  }
  std::ranges::sort(answer.choices, {}, &llm::Choice::index);
  std::erase_if(answer.extras, [&](const llm::Extra& extra) {
    if (extra.name == "service_tier") {
      answer.service_tier = wire::text(extra.json);
    } else if (extra.name == "system_fingerprint") {
      answer.fingerprint = wire::text(extra.json);
    } else {
      return false;
    }
    return true;
  });
  return answer;
}

}  // namespace gatehouse::dialects::openai_chat
