#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/config/load.h"

// Whatever the text: either a snapshot or problems, never both, and what the environment holds is in no message.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view kSecret = "sk-Zq7-never-to-be-seen";
  const auto env = [&](std::string_view name) -> std::optional<std::string> {
    if (name == "SECRET") return std::string(kSecret);
    if (name == "EMPTY") return std::string();
    return std::nullopt;
  };
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.find("Zq7") != text.npos) return 0;
  const auto loaded = gatehouse::config::load_text(text, "fuzz.yaml", env);
  if ((loaded.snapshot == nullptr) == loaded.problems.empty()) std::abort();
  for (const auto* list : {&loaded.problems, &loaded.warnings}) {
    for (const auto& finding : *list) {
      if (finding.message.empty() || finding.to_string().find("Zq7") != std::string::npos) std::abort();
    }
  }
  if (loaded.snapshot != nullptr) {
    for (const auto& model : loaded.snapshot->models) {
      const auto match = loaded.snapshot->find_model(model.name);
      if (match.model != &model) std::abort();
      for (const auto& target : model.targets) {
        if (target.provider >= loaded.snapshot->providers.size()) std::abort();
      }
    }
  }
  return 0;
}
