#pragma once

#include <string_view>

#include "gatehouse/app/migrate/litellm.h"

// What is known of LiteLLM's names; data for litellm.cc.
namespace gatehouse::app::migrate {

// A provider of LiteLLM that speaks the OpenAI dialect.
struct CompatibleProvider {
  std::string_view prefix;        // of `model`
  std::string_view base_url;      // its own; empty: api_base must say
  std::string_view key_variable;  // where LiteLLM looks for a key that is not given; empty: it needs none
  bool add_v1 = false;            // LiteLLM uses its native API, and api_base is without /v1
};
// Null: not one of them.
const CompatibleProvider* compatible_provider(std::string_view prefix);
// Whether it is a provider that LiteLLM knows at all, of those that do not speak the OpenAI dialect.
bool foreign_provider(std::string_view prefix);
// The provider that LiteLLM infers for a model without a prefix; empty: it would refuse it.
std::string_view inferred_provider(std::string_view model);

// What becomes of a setting that is not looked at further. Null: not known.
struct KnownSetting {
  std::string_view name;
  Fate fate;
  std::string_view text;
};
const KnownSetting* known_section(std::string_view name);
const KnownSetting* known_model_parameter(std::string_view name);
const KnownSetting* known_router_setting(std::string_view name);
const KnownSetting* known_litellm_setting(std::string_view name);
const KnownSetting* known_general_setting(std::string_view name);

}  // namespace gatehouse::app::migrate
