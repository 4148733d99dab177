// Any body to any operation: an answer that is JSON or whole events of JSON, the same twice, within bounds.
#include <cstdlib>
#include <string>
#include <string_view>

#include "gatehouse/json/scan.h"
#include "gatehouse/providers/sandbox/script.h"

namespace {

using gatehouse::providers::sandbox::End;
using gatehouse::providers::sandbox::Script;

void require(bool condition) {
  if (!condition) std::abort();
}

std::string played(Script& script) {
  std::string all;
  while (auto piece = script.next()) {
    require(piece->delay.count() >= 0);
    all += piece->bytes;
    require(all.size() < (std::size_t{64} << 20));
  }
  return all;
}

}  // namespace

// The first byte picks the operation.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::string_view kPaths[] = {"/v1/chat/completions", "/v1/completions", "/v1/embeddings",
                                         "/v1/moderations"};
  const std::string_view path = kPaths[data[0] % std::size(kPaths)];
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  Script script("POST", path, body, {.tokens_per_second = 100});
  const bool answers = script.head_delay().has_value();
  std::string all = played(script);
  Script again("POST", path, body, {.tokens_per_second = 100});
  require(played(again) == all);
  if (!answers) {
    require(all.empty());
  } else if (script.end() == End::complete && script.body_size()) {
    require(all.size() == *script.body_size());
    require(gatehouse::json::validate(all).has_value());
  } else if (script.end() == End::complete) {
    for (std::string_view rest = all; !rest.empty();) {
      const auto end = rest.find("\n\n");
      require(rest.starts_with("data: ") && end != std::string_view::npos);
      const std::string_view event = rest.substr(6, end - 6);
      require(event == "[DONE]" || gatehouse::json::validate(event).has_value());
      rest.remove_prefix(end + 2);
    }
  }
  return 0;
}
