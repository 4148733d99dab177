#include "gatehouse/dialects/bedrock/codec.h"

#include "gatehouse/dialects/bedrock/answer_reader.h"
#include "gatehouse/dialects/bedrock/finish.h"
#include "gatehouse/dialects/bedrock/request_writer.h"
#include "gatehouse/dialects/bedrock/stream_decoder.h"

namespace gatehouse::dialects::bedrock {
namespace {

class Back final : public BackCodec {
 public:
  llm::Dialect dialect() const override { return llm::Dialect::bedrock; }
  ApiResult<std::string> write_request(const llm::ChatRequest& request, const Target& target, Losses& losses,
                                       Rewrites& rewrites) const override {
    return bedrock::write_request(request, target, losses, rewrites);
  }
  Result<llm::ChatAnswer> read_answer(std::string_view body, const Reading& reading) const override {
    return bedrock::read_answer(body, reading);
  }
  std::unique_ptr<EventDecoder> make_decoder(const Reading& reading) const override {
    return make_stream_decoder(reading);
  }
  llm::ChatError read_error(int status, std::string_view body) const override { return error_of({}, status, body); }
};

}  // namespace

const BackCodec& back() {
  static const Back kBack;
  return kBack;
}

}  // namespace gatehouse::dialects::bedrock
