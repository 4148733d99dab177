#include "gatehouse/dialects/cohere/codec.h"

#include "gatehouse/dialects/cohere/answer.h"
#include "gatehouse/dialects/cohere/request.h"

namespace gatehouse::dialects::cohere {
namespace {

class Back final : public BackCodec {
 public:
  llm::Dialect dialect() const override { return llm::Dialect::cohere; }
  ApiResult<std::string> write_request(const llm::ChatRequest& request, const Target& target, Losses& losses,
                                       Rewrites& rewrites) const override {
    return cohere::write_request(request, target, losses, rewrites);
  }
  Result<llm::ChatAnswer> read_answer(std::string_view body, const Reading& reading) const override {
    return cohere::read_answer(body, reading);
  }
  std::unique_ptr<EventDecoder> make_decoder(const Reading& reading) const override {
    return cohere::make_decoder(reading);
  }
  llm::ChatError read_error(int status, std::string_view body) const override {
    return cohere::read_error(status, body);
  }
};

}  // namespace

const BackCodec& back() {
  static const Back codec;
  return codec;
}

}  // namespace gatehouse::dialects::cohere
