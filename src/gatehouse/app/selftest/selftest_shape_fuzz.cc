// What a gateway, or whatever listens there, may send: any bytes get a verdict in every dialect, and a stream that is
// right consists of events.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gatehouse/app/selftest/shape.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const auto dialect :
       {llm::Dialect::openai_chat, llm::Dialect::openai_responses, llm::Dialect::anthropic, llm::Dialect::gemini}) {
    (void)app::selftest::check_answer(dialect, bytes);
    (void)app::selftest::check_error(dialect, 400, bytes);
    const auto events = app::selftest::check_stream(dialect, bytes);
    if (events && events->empty()) std::abort();
  }
  return 0;
}
