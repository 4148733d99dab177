// The input is the address that a provider answers: what is accepted begins at the provider's own path, and has nothing
// in it that could end a request line.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gatehouse/providers/upload_address.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  const std::string_view address(reinterpret_cast<const char*>(data), size);
  const auto base = *config::parse_base_url("https://far.example/proxy/v1beta");
  const std::string path = providers::upload_path("/v1beta");
  for (const std::string_view root : {"", "/proxy"}) {
    const auto target = providers::upload_target(base, root, path, address);
    if (!target) continue;
    require(target->starts_with(path + "?") && target->size() > path.size() + 1);
    for (const char c : *target) require(c > ' ' && c < 0x7f && c != '#');
    require(address.size() >= target->size());
  }
  return 0;
}
