#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "gatehouse/llm/chat/request.h"

namespace gatehouse::llm {

// "none", "minimal", "low" ... as OpenAI writes them.
std::string_view name(Effort effort);
std::optional<Effort> effort_from_name(std::string_view name);

// Between efforts in words and budgets in tokens. The steps are ours (a provider publishes no such table): 1,024 /
// 2,048 / 8,192 / 16,384 / 24,576 / 32,768 for minimal to max; `none` is 0. A budget reads as the greatest effort whose
// budget it reaches, at least minimal.
std::uint64_t budget_of(Effort effort);
Effort effort_of(std::uint64_t budget);

// The wish as an effort, or as a budget, whichever way it was given; nothing where none was asked for, or the model is
// to decide.
std::optional<Effort> wished_effort(const ReasoningWish& wish);
std::optional<std::uint64_t> wished_budget(const ReasoningWish& wish);

}  // namespace gatehouse::llm
