// The input is a caller's request: no crash; what is read can be written for a model of each generation, or is refused
// with a reason; what is written is JSON, and a request that can be read again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gatehouse/dialects/gemini/codec.h"
#include "gatehouse/json/scan.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  if (!json::validate(body)) return 0;
  const auto request = dialects::gemini::front().read_request(body, "m", false);
  if (!request) return 0;
  require(!request->messages.empty());
  static const llm::Quirks plain;
  for (const std::string_view model : {"gemini-3-pro-preview", "gemini-2.5-flash", "gemini-1.5-pro", "other"}) {
    dialects::Losses losses;
    dialects::Rewrites rewrites;
    const dialects::Target target{.model = model, .quirks = plain, .origin = llm::Origin::gemini};
    const auto written = dialects::gemini::back().write_request(*request, target, losses, rewrites);
    if (!written) {
      require(!written.error().error.detail.empty());
      continue;
    }
    // What was taken over keeps its depth and gets a few levels more: only that may be too much.
    if (const auto kind = json::validate(*written); !kind) {
      require(kind.error().detail.find("nested too deep") != std::string::npos);
      continue;
    }
    const auto again = dialects::gemini::front().read_request(*written, model, false);
    require(again.has_value() || again.error().param == "contents");
  }
  return 0;
}
