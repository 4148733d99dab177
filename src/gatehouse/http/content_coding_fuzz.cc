// Bytes taken for a coded body: any way of cutting them gives the same, and the limit holds.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/http/content_coding.h"
#include "gatehouse/http/testing/transcript.h"

namespace {

constexpr std::size_t kLimit = 1 << 16;

std::string decoded(std::string_view coding, std::string_view bytes, std::size_t piece) {
  using gatehouse::http::testing::check;
  auto made = gatehouse::http::make_content_decoder(coding);
  check(made.has_value() && *made != nullptr, "the coding is known");
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const auto done = (*made)->decode(bytes.substr(at, piece), out, kLimit);
    check(out.size() <= kLimit, "the limit holds");
    if (!done) return "bad";
  }
  return (*made)->finish() ? out + "whole" : "bad";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr std::string_view kCodings[] = {"gzip", "deflate", "br", "zstd", "gzip, br"};
  if (size == 0) return 0;
  const std::string_view coding = kCodings[data[0] % std::size(kCodings)];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = decoded(coding, bytes, size);
  const std::string cut = decoded(coding, bytes, 3);
  gatehouse::http::testing::check(whole == cut, "cutting changes nothing");
  return 0;
}
