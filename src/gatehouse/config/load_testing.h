#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/config/load.h"

// For the tests of this room.
namespace gatehouse::config {

inline Environment environment(std::map<std::string, std::string, std::less<>> variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

inline std::vector<std::string> lines(const std::vector<Problem>& problems) {
  std::vector<std::string> result;
  for (const Problem& problem : problems) result.push_back(problem.to_string());
  return result;
}

inline Loaded load_one(std::string_view yaml, const Environment& env = environment({})) {
  return load_text(yaml, "a.yaml", env);
}

inline std::vector<std::string> problems_of(std::string_view yaml, const Environment& env = environment({})) {
  const auto loaded = load_one(yaml, env);
  EXPECT_EQ(loaded.snapshot == nullptr, !loaded.problems.empty());
  return lines(loaded.problems);
}

}  // namespace gatehouse::config
