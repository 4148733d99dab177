#include <set>
#include <string>

#include <gtest/gtest.h>

#include "gatehouse/llm/dialect.h"
#include "gatehouse/llm/operation.h"

namespace gatehouse::llm {
namespace {

TEST(Operation, names_are_distinct_and_read_back) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kOperationCount; ++i) {
    const auto operation = static_cast<Operation>(i);
    EXPECT_FALSE(name(operation).empty());
    EXPECT_TRUE(names.insert(name(operation)).second) << name(operation);
    EXPECT_EQ(operation_from_name(name(operation)), operation);
  }
  EXPECT_EQ(operation_from_name("chat"), std::nullopt);
  // Metrics and configurations of others hang on these.
  EXPECT_EQ(name(Operation::chat_completions), "chat_completions");
  EXPECT_EQ(name(Operation::passthrough), "passthrough");
}

TEST(Dialect, names_read_back) {
  EXPECT_EQ(dialect_from_name("openai_chat"), Dialect::openai_chat);
  EXPECT_EQ(name(Dialect::openai_chat), "openai_chat");
  EXPECT_EQ(dialect_from_name("none"), std::nullopt);
}

}  // namespace
}  // namespace gatehouse::llm
