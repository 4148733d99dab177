// A connection's bytes read as requests: any way of cutting them gives the same requests, bodies and refusal.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gatehouse/base/ids.h"
#include "gatehouse/http/testing/transcript.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse::http;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  gatehouse::base::Random random(size);
  const HeadLimits limits{.bytes = 2048, .fields = 40, .target = 512};
  const auto whole = testing::request_transcript(bytes, [size] { return size; }, limits);
  const auto dripping = testing::request_transcript(bytes, [] { return std::size_t{1}; }, limits);
  const auto cut = testing::request_transcript(bytes, [&random] { return random.below(24) + 1; }, limits);
  testing::check(whole == dripping && whole == cut, "cutting changes nothing");
  return 0;
}
