#include "gatehouse/dialects/schema/unwrap.h"

#include <utility>

#include <gtest/gtest.h>

namespace gatehouse::dialects {
namespace {

TEST(Unwrap, WhatWasWrappedWhereverItIsCut) {
  for (const auto& [text, want] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {R"({"value":[1,{"a":"}"}]})", R"([1,{"a":"}"}])"},
           {R"({ "value" : "a\"} b" } )", R"("a\"} b")"},
           {"\n{\n \"value\":\n 12 \n}\n", "12"},
           {R"({"value":null,"x":1})", "null"},
           {R"({"value":{ "value": 1 , "b" : [ ] }})", R"({ "value": 1 , "b" : [ ] })"},
           // Not wrapped: as it is.
           {R"({"other":1})", R"({"other":1})"},
           {R"([1,2])", "[1,2]"},
           {"It is so.", "It is so."},
           {R"({"val)", R"({"val)"},
           {"", ""},
           {" ", " "}}) {
    EXPECT_EQ(unwrap_value(text), want);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      for (std::size_t second = cut; second <= text.size(); second += 3) {
        Unwrapper unwrapper;
        std::string out;
        unwrapper.feed(text.substr(0, cut), out);
        unwrapper.feed(text.substr(cut, second - cut), out);
        unwrapper.feed(text.substr(second), out);
        unwrapper.end(out);
        EXPECT_EQ(out, want) << text << " cut at " << cut << " and " << second;
      }
    }
  }
}

}  // namespace
}  // namespace gatehouse::dialects
