#include "gatehouse/dialects/bedrock/traits.h"

#include <algorithm>
#include <array>

#include "gatehouse/dialects/bedrock/codec.h"

namespace gatehouse::dialects::bedrock {
namespace {

bool begins_with_any(std::string_view name, std::initializer_list<std::string_view> begins) {
  return std::ranges::any_of(begins, [name](std::string_view begin) { return name.starts_with(begin); });
}

struct Id {
  std::string_view maker;  // "anthropic"
  std::string_view name;   // "claude-sonnet-4-5-20250929-v1:0"
};

// "[arn:...:foundation-model/|...:inference-profile/][us.|eu.|global. ...]MAKER.NAME"
Id parse(std::string_view model) {
  if (model.starts_with("arn:")) {
    const auto slash = model.rfind('/');
    if (slash == std::string_view::npos) return {};
    model.remove_prefix(slash + 1);
  }
  constexpr std::array<std::string_view, 17> kMakers = {
      "anthropic", "amazon",  "meta",   "mistral", "cohere", "ai21",     "deepseek",   "openai",    "qwen",
      "google",    "minimax", "nvidia", "writer",  "zai",    "moonshot", "moonshotai", "twelvelabs"};
  // The maker is the first or, behind a region's prefix, the second part.
  for (int part = 0; part < 2; ++part) {
    const auto dot = model.find('.');
    if (dot == std::string_view::npos) return {};
    const std::string_view first = model.substr(0, dot);
    model.remove_prefix(dot + 1);
    if (std::ranges::find(kMakers, first) != kMakers.end()) return {first, model};
  }
  return {};
}

void claude(ModelTraits& traits, std::string_view model, std::string_view name) {
  traits.claude = true;
  traits.rules = anthropic::rules_of(model);
  traits.leading_assistant = true;
  traits.any_tool = traits.named_tool = traits.rules.forced_tool;
  // Those that have it at Anthropic's own, less those that the page on structured output leaves out.
  traits.json_schema = traits.rules.json_schema && !begins_with_any(name, {"claude-opus-4-1", "claude-opus-4-7",
                                                                           "claude-opus-4-8", "claude-opus-5"});
  traits.beside = ModelTraits::Beside::text_and_images;
  traits.result_documents = true;
  traits.thinking = ModelTraits::Thinking::claude;
  traits.top_k = ModelTraits::TopK::flat;
}

void amazon(ModelTraits& traits, std::string_view name) {
  traits.caches_tools = false;
  traits.cache_ttl = false;
  traits.result_videos = false;
  if (!name.starts_with("nova")) {
    traits.tool_choice = traits.any_tool = traits.named_tool = traits.caches = false;
    return;
  }
  traits.top_k = ModelTraits::TopK::nova;
  if (name.starts_with("nova-2")) traits.thinking = ModelTraits::Thinking::nova;
}

}  // namespace

ModelTraits traits_of(std::string_view model, llm::Origin origin) {
  ModelTraits traits;
  const Id id = parse(model);
  const std::string_view maker = id.maker;
  if (maker == "anthropic" || (maker.empty() && origin == llm::Origin::anthropic)) {
    claude(traits, model, id.name);
    return traits;
  }
  if (maker.empty()) return traits;
  if (maker == "amazon") {
    amazon(traits, id.name);
    return traits;
  }
  // The rest keep no prompts, and take a choice of tools only where it is said below.
  const auto takes_choice = [&traits](bool any, bool named) {
    traits.tool_choice = any || named;
    traits.any_tool = any;
    traits.named_tool = named;
  };
  traits.caches = traits.caches_tools = traits.cache_ttl = false;
  takes_choice(false, false);
  if (maker == "meta") {
    traits.beside = ModelTraits::Beside::nothing;
    traits.result_documents = true;
  } else if (maker == "mistral") {
    takes_choice(id.name.starts_with("mistral-large"), false);
    traits.beside = ModelTraits::Beside::nothing;
    traits.result_images = false;
    traits.result_documents = true;
    traits.json_schema = begins_with_any(id.name, {"magistral-small", "ministral-3", "mistral-large-3", "voxtral"});
  } else if (maker == "qwen") {
    traits.leading_assistant = true;
    traits.result_images = false;
    traits.json_schema = id.name.starts_with("qwen3");
    traits.thinking = ModelTraits::Thinking::reasoning_config;
  } else if (maker == "openai") {
    traits.thinking = ModelTraits::Thinking::reasoning_effort;
  } else if (maker == "writer") {
    traits.beside = ModelTraits::Beside::nothing;
    traits.result_status = false;
  } else if (maker == "zai" || maker == "moonshot" || maker == "moonshotai") {
    takes_choice(true, true);
    traits.leading_assistant = true;
    traits.result_images = maker == "zai";
    traits.json_schema = true;
  } else if (maker == "google") {
    traits.json_schema = begins_with_any(id.name, {"gemma-3-12b-it", "gemma-3-27b-it"});
  } else if (maker == "minimax") {
    traits.json_schema = id.name.starts_with("minimax-m2");
  } else if (maker == "nvidia") {
    traits.json_schema = id.name.starts_with("nemotron-nano");
  }
  return traits;
}

llm::Origin origin_of(std::string_view model) {
  return parse(model).maker == "anthropic" ? llm::Origin::anthropic : llm::Origin::bedrock;
}

}  // namespace gatehouse::dialects::bedrock
