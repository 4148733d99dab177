#include "gatehouse/dialects/gemini/codec.h"

#include "gatehouse/dialects/gemini/answer_writer.h"
#include "gatehouse/dialects/gemini/decoder.h"
#include "gatehouse/dialects/gemini/encoder.h"
#include "gatehouse/dialects/gemini/error_body.h"
#include "gatehouse/dialects/gemini/request_reader.h"
#include "gatehouse/dialects/gemini/request_writer.h"

namespace gatehouse::dialects::gemini {
namespace {

class Front final : public FrontCodec {
 public:
  llm::Dialect dialect() const override { return llm::Dialect::gemini; }
  ApiResult<llm::ChatRequest> read_request(std::string_view body, std::string_view model, bool stream) const override {
    return RequestReader(body, model, stream).read();
  }
  std::string write_answer(const llm::ChatAnswer& answer, const Writing& writing) const override {
    return gemini::write_answer(answer, writing);
  }
  std::unique_ptr<EventEncoder> make_encoder(const Writing& writing) const override {
    return std::make_unique<Encoder>(writing);
  }
  std::string write_error(const llm::ChatError& error) const override { return gemini::write_error(error); }
};

class Back final : public BackCodec {
 public:
  llm::Dialect dialect() const override { return llm::Dialect::gemini; }
  ApiResult<std::string> write_request(const llm::ChatRequest& request, const Target& target, Losses& losses,
                                       Rewrites& rewrites) const override {
    return gemini::write_request(request, target, losses, rewrites);
  }
  Result<llm::ChatAnswer> read_answer(std::string_view body, const Reading& reading) const override {
    return gemini::read_answer(body, reading);
  }
  std::unique_ptr<EventDecoder> make_decoder(const Reading& reading) const override {
    return std::make_unique<Decoder>(reading, false);
  }
  llm::ChatError read_error(int status, std::string_view body) const override {
    return gemini::read_error(status < 400 ? 0 : status, body);
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

}  // namespace gatehouse::dialects::gemini
