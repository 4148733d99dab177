#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gatehouse/dialects/openai_responses/codec.h"
#include "gatehouse/json/scan.h"

// A request, whatever it holds, is refused or read; what is written of it is JSON, for callers of either kind.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  using namespace gatehouse::dialects;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  if (!json::validate(body)) return 0;  // as the decode stage sees to
  auto request = openai_responses::front().read_request(body, {}, false);
  if (!request) return 0;
  const llm::Quirks quirks;
  for (const auto dialect : {llm::Dialect::openai_responses, llm::Dialect::anthropic, llm::Dialect::openai_chat}) {
    request->dialect = dialect;
    for (const auto origin : {llm::Origin::openai, llm::Origin::none}) {
      Losses losses;
      Rewrites rewrites;
      const Target target{.model = "m", .stream = true, .quirks = quirks, .origin = origin};
      const auto written = openai_responses::back().write_request(*request, target, losses, rewrites);
      if (written && !json::validate(*written)) std::abort();
    }
  }
  const Writing writing{.request = *request, .model = "m", .seed = "s"};
  if (!json::validate(openai_responses::front().write_answer({}, writing))) std::abort();
  return 0;
}
