#pragma once

#include <span>
#include <string_view>

#include "gatehouse/llm/quirks.h"

namespace gatehouse::providers {

// How kinds of providers differ from the owners of the dialects that they speak: kinds.cc names one of these for each.
namespace quirks {
extern const llm::Quirks kPlain;
extern const llm::Quirks kOpenAi;
extern const llm::Quirks kMistral;
extern const llm::Quirks kGroq;
extern const llm::Quirks kXai;
extern const llm::Quirks kDeepSeek;
extern const llm::Quirks kPerplexity;
extern const llm::Quirks kOpenRouter;
extern const llm::Quirks kTogether;
extern const llm::Quirks kFireworks;
extern const llm::Quirks kCerebras;
extern const llm::Quirks kSambaNova;
extern const llm::Quirks kNvidia;
extern const llm::Quirks kDatabricks;
extern const llm::Quirks kWatsonx;
extern const llm::Quirks kMoonshot;
extern const llm::Quirks kZai;
extern const llm::Quirks kDashScope;
extern const llm::Quirks kOllama;
extern const llm::Quirks kOwnServer;  // vLLM, SGLang
extern const llm::Quirks kVertex;
extern const llm::Quirks kMantle;
}  // namespace quirks

// What the configuration calls them.
struct NamedMember {
  std::string_view name;
  llm::Quirks::Member member;
};
std::span<const NamedMember> quirk_members();
struct NamedQuirk {
  std::string_view name;
  std::string_view meaning;  // for the documentation
  void (*set)(llm::Quirks& quirks);
};
std::span<const NamedQuirk> named_quirks();

}  // namespace gatehouse::providers
