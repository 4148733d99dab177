#include "gatehouse/llm/chat/reasoning.h"

#include <array>
#include <cstddef>

namespace gatehouse::llm {
namespace {

struct Step {
  std::string_view name;
  std::uint64_t budget;
};
// By Effort.
constexpr std::array<Step, 8> kSteps = {{{"", 0},
                                         {"none", 0},
                                         {"minimal", 1024},
                                         {"low", 2048},
                                         {"medium", 8192},
                                         {"high", 16384},
                                         {"xhigh", 24576},
                                         {"max", 32768}}};

}  // namespace

std::string_view name(Effort effort) { return kSteps[static_cast<std::size_t>(effort)].name; }

std::optional<Effort> effort_from_name(std::string_view name) {
  for (std::size_t i = 1; i < kSteps.size(); ++i) {
    if (kSteps[i].name == name) return static_cast<Effort>(i);
  }
  return std::nullopt;
}

std::uint64_t budget_of(Effort effort) { return kSteps[static_cast<std::size_t>(effort)].budget; }

Effort effort_of(std::uint64_t budget) {
  if (budget == 0) return Effort::none;
  Effort best = Effort::minimal;
  for (std::size_t i = static_cast<std::size_t>(Effort::minimal); i < kSteps.size(); ++i) {
    if (kSteps[i].budget <= budget) best = static_cast<Effort>(i);
  }
  return best;
}

std::optional<Effort> wished_effort(const ReasoningWish& wish) {
  if (wish.effort != Effort::unset) return wish.effort;
  if (wish.budget) return effort_of(*wish.budget);
  return std::nullopt;
}

std::optional<std::uint64_t> wished_budget(const ReasoningWish& wish) {
  if (wish.budget) return wish.budget;
  if (wish.effort != Effort::unset) return budget_of(wish.effort);
  return std::nullopt;
}

}  // namespace gatehouse::llm
