// Whatever is accepted as a token can stand in a field and ends within a day; whatever is accepted as a service account
// can sign, and is asked at an address of its own.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gatehouse/providers/token_source.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const base::WallTime now{std::chrono::seconds(1'800'000'000)};
  if (const auto credential = providers::read_token(200, text, now)) {
    const auto token = credential->token.reveal();
    require(!token.empty() && token.size() <= providers::kMostToken);
    for (const char c : token) require(c > 0x20 && c < 0x7f);
    require(credential->expires && *credential->expires > now && *credential->expires <= now + std::chrono::hours(24));
  }
  require(!providers::read_token(400, text, now));
  config::Provider vertex;
  vertex.kind = config::ProviderKind::vertex;
  vertex.credentials = base::Secret(std::string(text));
  if (vertex.credentials.empty()) return 0;
  const auto source = providers::token_source_of(vertex);
  if (!source) return 0;
  require(source->has_value());
  const auto request = providers::token_request(**source, now);
  require(request && !request->url.host.empty() && request->url.target.starts_with('/'));
  return 0;
}
