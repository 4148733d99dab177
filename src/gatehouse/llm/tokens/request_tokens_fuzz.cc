// Any body: no crash, an error or a count; a count is the same when asked for by its operation, and no more than the
// body can pay for but for images.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gatehouse/json/scan.h"
#include "gatehouse/llm/tokens/request_tokens.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const bool is_object = json::scan_object(body, [](const json::Member&) {}).has_value();
  for (const auto operation :
       {llm::Operation::chat_completions, llm::Operation::completions, llm::Operation::embeddings}) {
    for (const auto encoding : {llm::Encoding::cl100k_base, llm::Encoding::o200k_base}) {
      const auto counted = llm::count_request(operation, llm::ModelTokens{.encoding = encoding}, "gpt-4o", body);
      require(counted.has_value() == is_object);
      if (!counted) continue;
      require(counted->text <= 4 * size);
      require(counted->overhead < 4 * size + 16);
      require(counted->tools <= 8 * size + 64);
    }
  }
  return 0;
}
