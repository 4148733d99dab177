#include "gatehouse/dialects/openai_responses/foreign_state.h"

#include <gtest/gtest.h>

#include "gatehouse/dialects/openai_responses/opaque_words.h"

namespace gatehouse::dialects::openai_responses {
namespace {

std::string edited(std::string body, llm::Origin origin) {
  const auto edit = without_foreign_state(body, origin);
  if (!edit) return "as it was";
  body.replace(edit->offset, edit->length, edit->replacement);
  return body;
}

std::string reasoning(const ItemState& state) {
  return R"({"type":"reasoning","id":"rs_g","summary":[{"type":"summary_text","text":"t"}],"encrypted_content":")" +
         write_item_state(state) + "\"}";
}

TEST(ForeignState, goes_only_to_its_origin) {
  const std::string user = R"({"role":"user","content":"gh1."})";
  const std::string claude =
      reasoning({.kind = ItemState::Kind::signature, .state = {llm::Origin::anthropic, "SIG"}, .call_id = {}});
  const std::string azure =
      reasoning({.kind = ItemState::Kind::encrypted, .state = {llm::Origin::azure, "rs_1:SEALED"}, .call_id = {}});
  const std::string body = R"({"model":"m", "input": [)" + claude + ", " + user + "," + azure + R"( ],"x":1})";
  EXPECT_EQ(edited(body, llm::Origin::openai), R"({"model":"m", "input": [)" + user + R"(],"x":1})");
  EXPECT_EQ(edited(body, llm::Origin::azure), R"({"model":"m", "input": [)" + user +
                                                  R"(,{"type":"reasoning","id":"rs_1","encrypted_content":"SEALED",)"
                                                  R"("summary":[{"type":"summary_text","text":"t"}]}],"x":1})");
}

TEST(ForeignState, other_requests_are_left_alone) {
  EXPECT_EQ(edited(R"({"input":"gh1."})", llm::Origin::openai), "as it was");
  EXPECT_EQ(edited(R"({"input":[{"type":"reasoning","encrypted_content":"gAAA"}]})", llm::Origin::openai), "as it was");
  EXPECT_EQ(edited(R"({"input":[{"role":"user","content":"gh1.anthropic.s:x"}]})", llm::Origin::openai), "as it was");
  EXPECT_EQ(edited(R"({"input":[{"type":"reasoning","encrypted_content":"gh1.somebody.x"}]})", llm::Origin::openai),
            "as it was");
}

}  // namespace
}  // namespace gatehouse::dialects::openai_responses
