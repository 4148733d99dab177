// Any bytes as a model's file, and any bytes as a text of a model that is known: finite scores, the same twice.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "gatehouse/ml/linear/linear_model.h"

namespace {
using gatehouse::ml::LinearModel;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::abort();
}

std::shared_ptr<const LinearModel> known() {
  const std::string header =
      R"({"features":1,"bits":12,"outputs":{"injection":{"bias":-1,"scale":0.5},"entities":{"bias":0,"scale":0.25},)"
      R"("harmful":{"bias":0,"scale":1}}})";
  std::string file = "GHTL";
  for (const std::uint32_t number : {1U, static_cast<std::uint32_t>(header.size())}) {
    for (unsigned shift = 0; shift < 32; shift += 8) file += static_cast<char>(number >> shift & 255U);
  }
  file += header;
  for (std::uint32_t i = 0; i < 3U << 12U; ++i) file += static_cast<char>(i * 2654435761U >> 24U);
  return LinearModel::parse(file).value();
}

void check(const LinearModel& model, std::string_view text) {
  const auto scores = model.score(text);
  require(std::isfinite(scores.injection) && std::isfinite(scores.entities) && std::isfinite(scores.harmful), "finite");
  require(model.score(text).injection == scores.injection, "the same twice");
  const float probability = model.injection_probability(scores.injection);
  require(probability >= 0 && probability <= 1, "a probability");
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::shared_ptr<const LinearModel> model = known();
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  check(*model, input);
  if (const auto parsed = LinearModel::parse(input)) check(**parsed, input);
  return 0;
}
