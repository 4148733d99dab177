// A server's bytes read as responses, to GET and to HEAD: any way of cutting them gives the same.
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
  for (const Method method : {Method::get, Method::head}) {
    const auto whole = testing::response_transcript(bytes, method, [size] { return size; }, limits);
    const auto dripping = testing::response_transcript(bytes, method, [] { return std::size_t{1}; }, limits);
    const auto cut = testing::response_transcript(bytes, method, [&random] { return random.below(24) + 1; }, limits);
    testing::check(whole == dripping && whole == cut, "cutting changes nothing");
  }
  return 0;
}
