// The input is a catalogue: no crash; what is read can be listed, priced and asked for, also with names out of the
// input.
#include <cstdlib>
#include <string>
#include <string_view>

#include "gatehouse/llm/catalogue/catalogue.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse::llm;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto catalogue = Catalogue::parse(std::string(text));
  if (!catalogue) return 0;
  const Usage usage{.prompt_tokens = 1'000'000, .completion_tokens = 1'000'000};
  for (const ModelInfo& model : (*catalogue)->models()) {
    if (price_of(model.prices, usage, {}).total().nanos() < 0) std::abort();
    if (worst_case(model.prices, usage.prompt_tokens, usage.completion_tokens, {}).total.nanos() < 0) std::abort();
    // Its own name finds a model; of two providers or models of one name the first.
    if ((*catalogue)->find({}, {}, model.id) == nullptr) continue;
  }
  const auto half = text.substr(0, size / 2);
  (void)(*catalogue)->find(half, text.substr(size / 2), half);
  (void)(*catalogue)->find({}, half, text.substr(size / 2));
  return 0;
}
