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
  for (const auto& kind : providers::kinds()) kinds.emplace_back(kind.name);
  EXPECT_THAT(choices_of("providers", "kind"), testing::UnorderedElementsAreArray(kinds));
}

TEST(Names, AKindHasOneBaseUrl) {
  for (const auto& kind : providers::kinds()) {
    const auto loaded =
        config::load_text("providers: [ { name: p, kind: " + std::string(kind.name) + " } ]", "a.yaml", {});
    const bool needs_url = kind.base_url.empty() && !kind.in_process;
    ASSERT_EQ(loaded.snapshot == nullptr, needs_url) << kind.name;
    if (!needs_url) EXPECT_EQ(loaded.snapshot->providers[0].base_url.to_string(), kind.base_url) << kind.name;
  }
}

}  // namespace
}  // namespace gatehouse::app
