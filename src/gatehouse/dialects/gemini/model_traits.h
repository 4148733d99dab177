#pragma once

#include <cstdint>
#include <string_view>

#include "gatehouse/llm/chat/request.h"

namespace gatehouse::dialects::gemini {

// What a model takes, by its name. Sources: ai.google.dev/gemini-api/docs/{thinking,thought-signatures,
// structured-output} as of November 2026.
struct ModelTraits {
  bool gemini = false;  // else a name that tells nothing (an endpoint's, Gemma)
  // 305 is 3.5; 0: not told ("gemini-flash-latest"), which is the newest.
  std::uint32_t version = 0;
  bool pro = false;
  bool lite = false;

  bool since(std::uint32_t from) const { return gemini && (version == 0 || version >= from); }
  // Calls in the current turn without a thought signature are refused.
  bool needs_signatures() const { return since(300); }
  // Functions can be declared beside a format of the answer.
  bool format_beside_tools() const { return since(300); }
  bool validates_calls() const { return since(205); }

  enum class Thinking : std::uint8_t { none, budget, level };
  Thinking thinking() const;
  // The words of thinkingLevel. `exact` is false where the model has no such level and the next one is named.
  std::string_view level(llm::Effort effort, bool& exact) const;
  // The budget brought into the model's range; 0 where it can be off.
  std::uint64_t budget(std::uint64_t wished, bool& exact) const;
};

// The name as the provider calls it, with or without "models/" and other folders in front.
ModelTraits traits_of(std::string_view model);

}  // namespace gatehouse::dialects::gemini
