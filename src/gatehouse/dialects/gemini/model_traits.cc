#include "gatehouse/dialects/gemini/model_traits.h"

#include <algorithm>

namespace gatehouse::dialects::gemini {
namespace {

using llm::Effort;

constexpr std::string_view kPrefix = "gemini-";

std::uint32_t number(std::string_view& text) {
  std::uint32_t value = 0;
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    // Longer ones are dates or serial numbers.
    if (digits == 2) return 0;
    value = value * 10 + static_cast<std::uint32_t>(text[digits++] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

}  // namespace

ModelTraits traits_of(std::string_view model) {
  if (const auto slash = model.rfind('/'); slash != std::string_view::npos) model.remove_prefix(slash + 1);
  ModelTraits traits;
  traits.pro = model.find("-pro") != std::string_view::npos;
  traits.lite = model.find("-lite") != std::string_view::npos;
  if (!model.starts_with(kPrefix)) return traits;
  traits.gemini = true;
  model.remove_prefix(kPrefix.size());
  const std::uint32_t major = number(model);
  if (major == 0) {
    // The names of before there were versions: gemini-pro, gemini-pro-vision.
    if (model == "pro" || model.starts_with("pro-vision")) traits.version = 100;
    return traits;
  }
  traits.version = major * 100;
  if (model.starts_with('.')) {
    model.remove_prefix(1);
    traits.version += number(model);
  }
  return traits;
}

ModelTraits::Thinking ModelTraits::thinking() const {
  if (!gemini) return Thinking::none;
  // The third generation still takes budgets, the second no levels: where the version is not told, a budget.
  if (version == 0) return Thinking::budget;
  if (version >= 300) return Thinking::level;
  return version >= 205 ? Thinking::budget : Thinking::none;
}

std::string_view ModelTraits::level(Effort effort, bool& exact) const {
  exact = true;
  // Pro has no MINIMAL, and since 3.7 neither has Flash; 3.0 Pro has no MEDIUM either.
  const bool minimal = !pro && version < 307;
  switch (effort) {
    case Effort::none:
      exact = false;  // none of them can be off
      return minimal ? "MINIMAL" : "LOW";
    case Effort::minimal:
      exact = minimal;
      return minimal ? "MINIMAL" : "LOW";
    case Effort::low:
      return "LOW";
    case Effort::unset:
    case Effort::medium:
      exact = !(pro && version == 300);
      return exact ? "MEDIUM" : "HIGH";
    case Effort::high:
    case Effort::xhigh:
    case Effort::max:
      return "HIGH";
  }
  return "HIGH";
}

std::uint64_t ModelTraits::budget(std::uint64_t wished, bool& exact) const {
  exact = true;
  std::uint64_t least = 0;
  if (pro) {
    least = 128;  // it cannot be off
    exact = wished > 0;
  } else if (lite && wished > 0) {
    least = 512;
  }
  return std::clamp<std::uint64_t>(wished, least, pro ? 32'768 : 24'576);
}

}  // namespace gatehouse::dialects::gemini
