// The input is a body of a request. What is read of it can be written for every kind of model, as JSON that reads
// again.
#include <cstdlib>
#include <string_view>

#include "gatehouse/dialects/anthropic/codec.h"
#include "gatehouse/json/scan.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  using namespace gatehouse::dialects;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (!json::validate(input)) return 0;  // the front checks that before
  const auto request = anthropic::front().read_request(input, "", false);
  if (!request) {
    require(!request.error().error.detail.empty());
    return 0;
  }
  for (const std::string_view model : {"claude-3-haiku-20240307", "claude-sonnet-4-20250514", "claude-sonnet-4-5",
                                       "claude-opus-4-6", "claude-opus-4-8", "claude-sonnet-5-5", "other"}) {
    for (const auto origin : {llm::Origin::anthropic, llm::Origin::other}) {
      Losses losses;
      Rewrites rewrites;
      const llm::Quirks quirks;
      const auto body = anthropic::back().write_request(
          *request, {.model = model, .stream = true, .quirks = quirks, .origin = origin}, losses, rewrites);
      if (!body) continue;
      require(json::validate(*body).has_value());
      require(anthropic::front().read_request(*body, "", false).has_value());
    }
  }
  return 0;
}
