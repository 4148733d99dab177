// Both manifests over any bytes: no crash, and what is taken is within its bounds. The labels go through the tables
// too.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gatehouse/ml/encoder/labels.h"
#include "gatehouse/ml/encoder/manifest.h"

namespace {
void require(bool holds) {
  if (!holds) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse::ml;
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  if (const auto manifest = read_manifest(json)) {
    require(!manifest->model.empty() && !manifest->model.starts_with('/') && !manifest->tokenizer.empty());
    require(manifest->injection || manifest->harmful || manifest->entities || manifest->embedding);
    for (const auto& [file, hash] : manifest->hashes) require(hash.size() == 64);
    if (manifest->entities) {
      require(!manifest->entities->labels.empty() && manifest->entities->labels.size() <= kMostLabels);
      for (const auto& label : manifest->entities->labels) entity_of(label, {});
    }
  }
  if (const auto manifest = read_export_config(json)) {
    require(manifest->labels.size() <= kMostLabels);
    for (const auto& label : manifest->labels) {
      require(!label.empty());
      entity_of(label, {});
      require(verdict_of(label, {}).has_value());
    }
  }
  return 0;
}
