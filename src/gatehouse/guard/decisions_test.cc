#include "gatehouse/guard/decisions.h"

#include <gtest/gtest.h>

namespace gatehouse::guard {
namespace {

using llm::SegmentKind;

// In some dialects arguments are JSON inside a string, in others an object whose strings are looked at one by one.
TEST(WrittenAs, ArgumentsAreJsonWhereTheyBeginLikeIt) {
  for (const auto* json : {"{\"a\":1}", " \n{", "[1", "{", "", "  "}) {
    EXPECT_EQ(written_as(SegmentKind::tool_arguments, json), SegmentKind::tool_arguments) << json;
  }
  for (const auto* text : {"4111 1111", "\"quoted\"", "print(1)", "a{"}) {
    EXPECT_EQ(written_as(SegmentKind::tool_arguments, text), SegmentKind::text) << text;
  }
  EXPECT_EQ(written_as(SegmentKind::document, "{"), SegmentKind::document);
}

}  // namespace
}  // namespace gatehouse::guard
