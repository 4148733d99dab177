// Whatever the schema: no crash; what comes out is JSON, an object at its root where that was asked for, and fits
// already; a wrapped answer comes out of its wrapping wherever it is cut.
#include <cstdlib>
#include <string>

#include "gatehouse/dialects/schema/rewrite.h"
#include "gatehouse/dialects/schema/unwrap.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  using namespace gatehouse::dialects;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (json::validate(text)) {
    for (const auto subset : {SchemaSubset::full, SchemaSubset::anthropic_output, SchemaSubset::openai_strict,
                              SchemaSubset::gemini_openapi, SchemaSubset::cohere}) {
      const auto once = rewrite_schema(text, subset, true);
      if (!once) continue;
      require(json::validate(once->json).has_value());
      require(json::Value(once->json)["type"].string() == "object");
      // What was deep, and is wrapped, may be too deep.
      const auto twice = rewrite_schema(once->json, subset, true);
      require(twice ? twice->json == once->json && !twice->wrapped : twice.error().code == Code::too_large);
    }
  }
  const std::string whole = unwrap_value(text);
  Unwrapper unwrapper;
  std::string out;
  unwrapper.feed(text.substr(0, size / 2), out);
  unwrapper.feed(text.substr(size / 2), out);
  unwrapper.end(out);
  require(out == whole && whole.size() <= size);
  return 0;
}
