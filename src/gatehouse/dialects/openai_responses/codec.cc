#include "gatehouse/dialects/openai_responses/codec.h"

#include <memory>
#include <string>

#include "gatehouse/dialects/openai_responses/event_decoder.h"
#include "gatehouse/dialects/openai_responses/event_encoder.h"
#include "gatehouse/dialects/openai_responses/request_reader.h"
#include "gatehouse/dialects/openai_responses/request_writer.h"
#include "gatehouse/dialects/openai_responses/response_echo.h"
#include "gatehouse/dialects/openai_responses/response_reader.h"
#include "gatehouse/llm/chat/assembler.h"

namespace gatehouse::dialects::openai_responses {
namespace {

class Front final : public FrontCodec {
 public:
  llm::Dialect dialect() const override { return llm::Dialect::openai_responses; }
  // The body says model and stream.
  ApiResult<llm::ChatRequest> read_request(std::string_view body, std::string_view /*model*/,
                                           bool /*stream*/) const override {
    return openai_responses::read_request(body);
  }
  std::string write_answer(const llm::ChatAnswer& answer, const Writing& writing) const override {
    ResponseEncoder encoder(writing, true);
    encoder.tier(answer.service_tier);
    std::string unused;
    for (const llm::ChatEvent& event : llm::run_of(answer)) encoder.write(event, unused);
    return encoder.response();
  }
  std::unique_ptr<EventEncoder> make_encoder(const Writing& writing) const override {
    return std::make_unique<ResponseEncoder>(writing);
  }
  std::string write_error(const llm::ChatError& error) const override { return openai_responses::write_error(error); }
};

class Back final : public BackCodec {
 public:
  llm::Dialect dialect() const override { return llm::Dialect::openai_responses; }
  ApiResult<std::string> write_request(const llm::ChatRequest& request, const Target& target, Losses& losses,
                                       Rewrites& rewrites) const override {
    return openai_responses::write_request(request, target, losses, rewrites);
  }
  Result<llm::ChatAnswer> read_answer(std::string_view body, const Reading& reading) const override {
    auto answer = openai_responses::read_answer(body, reading);
    // Work in the background that has only begun is no answer.
    if (answer && answer->choices.front().finish == llm::FinishReason::pause &&
        answer->choices.front().blocks.empty()) {
      return fail(Code::upstream_protocol, "The provider's answer has not begun: it works in the background");
    }
    return answer;
  }
  std::unique_ptr<EventDecoder> make_decoder(const Reading& reading) const override {
    return std::make_unique<ResponseDecoder>(reading);
  }
  llm::ChatError read_error(int status, std::string_view body) const override {
    return openai_responses::read_error(status, body);
  }
};

}  // namespace

const FrontCodec& front() {
  static const Front codec;
  return codec;
}

const BackCodec& back() {
  static const Back codec;
  return codec;
}

}  // namespace gatehouse::dialects::openai_responses
