#include "gatehouse/dialects/anthropic/json_unwrap.h"

#include <string>

#include <gtest/gtest.h>

namespace gatehouse::dialects::anthropic {
namespace {

// In one piece, and cut in two at every byte.
void expect(std::string_view in, std::string_view value) {
  for (std::size_t cut = 0; cut <= in.size(); ++cut) {
    std::string out;
    JsonUnwrap unwrap;
    unwrap.feed(in.substr(0, cut), out);
    unwrap.feed(in.substr(cut), out);
    EXPECT_EQ(out, value) << in << " cut at " << cut;
  }
}

TEST(AnthropicJsonUnwrap, TakesTheValueOut) {
  expect(R"({"value":[1,{"a":"]}\"{"},[]]})", R"([1,{"a":"]}\"{"},[]])");
  expect(R"( { "value" : "a\"}b" } )", R"("a\"}b")");
  expect(R"({"value": -1.5e3 })", "-1.5e3");
  expect(R"({"value":true})", "true");
  expect(R"({"value":{"value":{}}})", R"({"value":{}})");
}

TEST(AnthropicJsonUnwrap, WhatIsNoSuchObjectPassesOrIsEmpty) {
  expect("I cannot do that.", "I cannot do that.");
  expect("[1]", "[1]");
  expect("{}", "");
  expect(R"({"value":})", "");
}

}  // namespace
}  // namespace gatehouse::dialects::anthropic
