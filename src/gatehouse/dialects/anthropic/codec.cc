#include "gatehouse/dialects/anthropic/codec.h"

#include "gatehouse/dialects/anthropic/chat_errors.h"
#include "gatehouse/dialects/anthropic/message_reader.h"
#include "gatehouse/dialects/anthropic/message_writer.h"
#include "gatehouse/dialects/anthropic/request_reader.h"
#include "gatehouse/dialects/anthropic/request_writer.h"
#include "gatehouse/dialects/anthropic/stream_decoder.h"
#include "gatehouse/dialects/anthropic/stream_encoder.h"

namespace gatehouse::dialects::anthropic {
namespace {

class Front final : public FrontCodec {
 public:
  llm::Dialect dialect() const override { return llm::Dialect::anthropic; }
  ApiResult<llm::ChatRequest> read_request(std::string_view body, std::string_view model, bool stream) const override {
    auto request = read_messages_request(body);
    if (request && request->model.empty()) request->model = model;
    if (request) request->stream = request->stream || stream;
    return request;
  }
  std::string write_answer(const llm::ChatAnswer& answer, const Writing& writing) const override {
    return write_message(answer, writing);
  }
  std::unique_ptr<EventEncoder> make_encoder(const Writing& writing) const override {
    return std::make_unique<StreamEncoder>(writing);
  }
  std::string write_error(const llm::ChatError& error) const override { return write_chat_error(error); }
};

class Back final : public BackCodec {
 public:
  llm::Dialect dialect() const override { return llm::Dialect::anthropic; }
  ApiResult<std::string> write_request(const llm::ChatRequest& request, const Target& target, Losses& losses,
                                       Rewrites& rewrites) const override {
    return write_messages_request(request, target, losses, rewrites);
  }
  Result<llm::ChatAnswer> read_answer(std::string_view body, const Reading& reading) const override {
    return read_message(body, reading);
  }
  std::unique_ptr<EventDecoder> make_decoder(const Reading& reading) const override {
    return std::make_unique<StreamDecoder>(reading);
  }
  llm::ChatError read_error(int status, std::string_view body) const override {
    return read_error_body(body, status < 400 ? 0 : status);
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

}  // namespace gatehouse::dialects::anthropic
