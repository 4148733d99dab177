// The input is a provider's whole answer and the body of an error: no crash; what is read is written as JSON.
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
  static const llm::Quirks plain;
  static const dialects::Rewrites rewrites = [] {
    dialects::Rewrites made;
    made.json_tool = "final_answer";
    made.json_wrapped = true;
    made.text_tools = {"free"};
    return made;
  }();
  const llm::ChatRequest request;
  const auto answer = dialects::gemini::back().read_answer(body, {rewrites, plain, llm::Origin::gemini});
  if (answer) {
    const std::string written = dialects::gemini::front().write_answer(*answer, {.request = request, .seed = "s"});
    const auto kind = json::validate(written);
    require(kind.has_value() || kind.error().detail.find("nested too deep") != std::string::npos);
    require(answer->usage.reasoning_tokens <= answer->usage.completion_tokens);
  }
  const auto error = dialects::gemini::back().read_error(400 + static_cast<int>(size % 130), body);
  require(!error.message.empty() && error.status >= 400);
  require(json::validate(dialects::gemini::front().write_error(error)).has_value());
  return 0;
}
