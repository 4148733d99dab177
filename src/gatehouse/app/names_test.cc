#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/config/fields.h"
#include "gatehouse/config/load.h"
#include "gatehouse/llm/operation.h"
#include "gatehouse/providers/kinds.h"
#include "gatehouse/providers/profile.h"
#include "gatehouse/providers/quirks.h"

// The configuration names things of higher rooms, which it may not include: here the two are held against each other.
namespace gatehouse::app {
namespace {

// The choices of `field` in the list of maps `section` of the file.
std::vector<std::string> choices_of(std::string_view section, std::string_view field) {
  std::vector<std::string> names;
  const auto& fields = config::root_section().fields;
  const auto list = std::ranges::find(fields, section, &config::Field::name);
  if (list == fields.end()) return names;
  const auto found = std::ranges::find(list->section->fields, field, &config::Field::name);
  if (found == list->section->fields.end()) return names;
  for (const auto& choice : found->choices) names.emplace_back(choice.name);
  return names;
}

TEST(Names, OperationsOfKeysAreTheOperations) {
  std::vector<std::string> operations;
  for (std::size_t i = 0; i < llm::kOperationCount; ++i)
    operations.emplace_back(llm::name(static_cast<llm::Operation>(i)));
  EXPECT_THAT(choices_of("keys", "operations"), testing::UnorderedElementsAreArray(operations));
}

TEST(Names, KindsOfProvidersAreTheKinds) {
  std::vector<std::string> kinds;
  for (const auto& kind : providers::kinds()) kinds.emplace_back(kind.name());
  EXPECT_THAT(choices_of("providers", "kind"), testing::UnorderedElementsAreArray(kinds));
}

TEST(Names, DialectsAndQuirksOfProviders) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < llm::kDialectCount; ++i) names.emplace_back(llm::name(static_cast<llm::Dialect>(i)));
  EXPECT_THAT(choices_of("providers", "speaks"), testing::ElementsAreArray(names));
  names.clear();
  for (const auto& member : providers::quirk_members()) names.emplace_back(member.name);
  EXPECT_THAT(choices_of("providers", "refuses"), testing::UnorderedElementsAreArray(names));
  EXPECT_THAT(choices_of("providers", "takes"), testing::UnorderedElementsAreArray(names));
  names.clear();
  for (const auto& quirk : providers::named_quirks()) names.emplace_back(quirk.name);
  EXPECT_THAT(choices_of("providers", "quirks"), testing::UnorderedElementsAreArray(names));
}

// With a key and nothing else a provider loads, and can be made a profile of; what its address is made of is said.
TEST(Names, AKindNeedsWhatItsAddressIsMadeOf) {
  for (const auto& kind : providers::kinds()) {
    const auto& row = config::row_of(kind.kind);
    const std::string key = kind.in_process ? "" : ", api_key: k";
    const auto loaded =
        config::load_text("providers: [ { name: p, kind: " + std::string(kind.name()) + key + " } ]", "a.yaml", {});
    const bool needs = (row.base_url.empty() && !kind.in_process) || row.base_url.find('{') != std::string_view::npos;
    ASSERT_EQ(loaded.snapshot == nullptr, needs) << kind.name();
    if (needs) continue;
    EXPECT_EQ(loaded.snapshot->providers[0].base_url.to_string(), row.base_url) << kind.name();
    EXPECT_FALSE(providers::Profile::make(loaded.snapshot->providers[0])->spoken().empty());
  }
}

}  // namespace
}  // namespace gatehouse::app
