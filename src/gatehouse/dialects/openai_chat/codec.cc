#include "gatehouse/dialects/openai_chat/codec.h"

#include "gatehouse/dialects/openai_chat/chat_decoder.h"
#include "gatehouse/dialects/openai_chat/chat_encoder.h"
#include "gatehouse/dialects/openai_chat/codec_request.h"

namespace gatehouse::dialects::openai_chat {
namespace {

class Back final : public BackCodec {
 public:
  llm::Dialect dialect() const override { return llm::Dialect::openai_chat; }
  ApiResult<std::string> write_request(const llm::ChatRequest& request, const Target& target, Losses& losses,
                                       Rewrites& rewrites) const override {
    return write_chat_request(request, target, losses, rewrites);
  }
  Result<llm::ChatAnswer> read_answer(std::string_view body, const Reading& reading) const override {
    return read_chat_answer(body, reading);
  }
  std::unique_ptr<EventDecoder> make_decoder(const Reading& reading) const override {
    return std::make_unique<ChatDecoder>(reading);
  }
  llm::ChatError read_error(int status, std::string_view body) const override { return read_chat_error(status, body); }
};

class Front final : public FrontCodec {
 public:
  llm::Dialect dialect() const override { return llm::Dialect::openai_chat; }
  ApiResult<llm::ChatRequest> read_request(std::string_view body, std::string_view model, bool stream) const override {
    return read_chat_request(body, model, stream);
  }
  std::string write_answer(const llm::ChatAnswer& answer, const Writing& writing) const override {
    return write_chat_answer(answer, writing);
  }
  std::unique_ptr<EventEncoder> make_encoder(const Writing& writing) const override {
    return std::make_unique<ChatEncoder>(writing);
  }
  std::string write_error(const llm::ChatError& error) const override { return write_chat_error(error); }
};

}  // namespace

const BackCodec& back() {
  static const Back codec;
  return codec;
}

const FrontCodec& front() {
  static const Front codec;
  return codec;
}

}  // namespace gatehouse::dialects::openai_chat
