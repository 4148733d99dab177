#include "gatehouse/dialects/realtime_query.h"

#include <gtest/gtest.h>

namespace gatehouse::dialects {
namespace {

TEST(RealtimeModel, one_and_nothing_beside_it) {
  EXPECT_EQ(realtime_model("model=gpt-realtime").value_or(""), "gpt-realtime");
  EXPECT_EQ(realtime_model("model=a%2Fb").value_or(""), "a/b");
  EXPECT_EQ(realtime_model("api-version=2025-01-01&deployment=mine").value_or(""), "mine");
  for (const auto* query :
       {"", "model=", "model", "model=a&model=a", "model=a&deployment=b", "model=%zz", "model=a&x=y", "%6dodel=a",
        "model=a&%6dodel=b", "intent=transcription", "call_id=rtc_1", "Model=a"}) {
    const auto model = realtime_model(query);
    ASSERT_FALSE(model.has_value()) << query;
    EXPECT_EQ(model.error().error.code, Code::invalid_request) << query;
  }
}

}  // namespace
}  // namespace gatehouse::dialects
