#include "gatehouse/dialects/anthropic/codec.h"
#include "gatehouse/dialects/bedrock/codec.h"
#include "gatehouse/dialects/codec.h"
#include "gatehouse/dialects/cohere/codec.h"
#include "gatehouse/dialects/gemini/codec.h"
#include "gatehouse/dialects/ollama/codec.h"
#include "gatehouse/dialects/openai_chat/codec.h"
#include "gatehouse/dialects/openai_responses/codec.h"

namespace gatehouse::dialects {

using llm::Dialect;

const BackCodec* back_codec(Dialect dialect) {
  switch (dialect) {
    case Dialect::openai_chat:
      return &openai_chat::back();
    case Dialect::openai_responses:
      return &openai_responses::back();
    case Dialect::anthropic:
      return &anthropic::back();
    case Dialect::gemini:
      return &gemini::back();
    case Dialect::bedrock:
      return &bedrock::back();
    case Dialect::cohere:
      return &cohere::back();
    case Dialect::ollama:
      return &ollama::back();
  }
  return nullptr;
}

const FrontCodec* front_codec(Dialect dialect) {
  switch (dialect) {
    case Dialect::openai_chat:
      return &openai_chat::front();
    case Dialect::openai_responses:
      return &openai_responses::front();
    case Dialect::anthropic:
      return &anthropic::front();
    case Dialect::gemini:
      return &gemini::front();
    default:
      return nullptr;  // nobody calls in these
  }
}

}  // namespace gatehouse::dialects
