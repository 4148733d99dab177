#include "gatehouse/dialects/bedrock/names.h"

#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace gatehouse::dialects::bedrock {
namespace {

bool is_sendable(const std::string& text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

TEST(BedrockNames, ToolsThatAreFineStay) {
  Names names;
  EXPECT_EQ(names.tool("get_weather-2"), "get_weather-2");
  EXPECT_EQ(names.tool(std::string(64, 'a')), std::string(64, 'a'));
  EXPECT_TRUE(names.changed().empty());
}

TEST(BedrockNames, OthersAreHashedAndFoundAgain) {
  Names names;
  std::set<std::string> sent;
  for (const std::string& name : {std::string("a.b"), std::string("a b"), std::string("a_b."), std::string("größe"),
                                  std::string(65, 'a'), std::string(65, 'a') + "b", std::string()}) {
    const std::string one = names.tool(name);
    EXPECT_TRUE(is_sendable(one)) << one;
    EXPECT_TRUE(sent.insert(one).second) << "two that begin alike stay two: " << one;
    EXPECT_EQ(names.tool(name), one);
    EXPECT_EQ(Names().tool(name), one) << "the same in the next request";
  }
  EXPECT_EQ(names.changed().size(), 7U);
  for (const auto& [there, here] : names.changed()) EXPECT_EQ(names.tool(here), there);
}

TEST(BedrockNames, ACallersToolNeverBecomesAnothers) {
  Names before;
  const std::string taken = before.tool("a b");
  Names names;
  names.reserve(taken);
  EXPECT_NE(names.tool("a b"), taken);
  EXPECT_NE(names.fresh(taken), taken);
  EXPECT_EQ(names.fresh("free"), "free");
  EXPECT_NE(names.fresh("free"), "free");
}

// Case 12: ids of other providers' formats, and those that are used again.
TEST(BedrockNames, Ids) {
  Names names;
  const std::string odd = names.call("call|1/ü", "f");
  EXPECT_TRUE(is_sendable(odd));
  EXPECT_EQ(names.result("call|1/ü", ""), odd);
  EXPECT_EQ(names.call("c", "f"), "c");
  EXPECT_EQ(names.result("c", ""), "c");
  const std::string again = names.call("c", "f");
  EXPECT_NE(again, "c") << "an id may stand but once";
  EXPECT_EQ(names.result("c", ""), again);
  EXPECT_EQ(names.result("c", ""), again) << "one result too many";
  EXPECT_NE(names.call(std::string(65, 'x'), "f"), names.call(std::string(65, 'x') + "y", "f"));
  EXPECT_TRUE(is_sendable(names.result("nobody's.id", "")));
  const std::string first = names.call("", "f");
  const std::string second = names.call("", "g");
  EXPECT_EQ(names.result("", "g"), second);
  EXPECT_EQ(names.result("", ""), first);
}

TEST(BedrockNames, Documents) {
  Names names;
  EXPECT_EQ(names.document("my_report.v2.pdf"), "my report v2");
  EXPECT_EQ(names.document("a  (b) [c]-d!.docx"), "a (b) [c]-d");
  EXPECT_EQ(names.document(""), "Document 3");
  EXPECT_EQ(names.document("日本.pdf"), "Document 4");
  EXPECT_EQ(names.document("my report v2"), "my report v2 (5)");
  EXPECT_EQ(names.document("/etc/a b"), "etc a b");
  EXPECT_LE(names.document(std::string(500, 'x')).size(), 200U);
  EXPECT_LE(names.document(std::string(500, 'x')).size(), 200U);
}

}  // namespace
}  // namespace gatehouse::dialects::bedrock
