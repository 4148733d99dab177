#include "gatehouse/dialects/ollama/codec.h"

#include "gatehouse/dialects/ollama/answer.h"
#include "gatehouse/dialects/ollama/request.h"

namespace gatehouse::dialects::ollama {
namespace {

class Back final : public BackCodec {
 public:
  llm::Dialect dialect() const override { return llm::Dialect::ollama; }
  ApiResult<std::string> write_request(const llm::ChatRequest& request, const Target& target, Losses& losses,
                                       Rewrites& /*rewrites*/) const override {
    return ollama::write_request(request, target, losses);
  }
  Result<llm::ChatAnswer> read_answer(std::string_view body, const Reading& reading) const override {
    return ollama::read_answer(body, reading);
  }
  std::unique_ptr<EventDecoder> make_decoder(const Reading& reading) const override {
    return ollama::make_decoder(reading);
  }
  llm::ChatError read_error(int status, std::string_view body) const override {
    return ollama::read_error(status, body);
  }
};

}  // namespace

const BackCodec& back() {
  static const Back codec;
  return codec;
}

}  // namespace gatehouse::dialects::ollama
