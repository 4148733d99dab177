#include "gatehouse/dialects/anthropic/stream_decoder.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/dialects/anthropic/codec.h"
#include "gatehouse/llm/chat/assembler.h"

namespace gatehouse::dialects::anthropic {
namespace {

using llm::FinishReason;
using testing::HasSubstr;

constexpr std::string_view kStart =
    R"({"type":"message_start","message":{"id":"msg_1","model":"claude-x","content":[],"usage":{"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":1}}})";
constexpr std::string_view kStop = R"({"type":"message_stop"})";

std::string start(int index, std::string_view block) {
  return R"({"type":"content_block_start","index":)" + std::to_string(index) + R"(,"content_block":)" +
         std::string(block) + "}";
}
std::string grow(int index, std::string_view delta) {
  return R"({"type":"content_block_delta","index":)" + std::to_string(index) + R"(,"delta":)" + std::string(delta) +
         "}";
}
std::string words(int index, std::string_view text) {
  return grow(index, R"({"type":"text_delta","text":")" + std::string(text) + "\"}");
}
std::string input(int index, std::string_view json) {
  return grow(index, R"({"type":"input_json_delta","partial_json":")" + std::string(json) + "\"}");
}
std::string stop(int index) { return R"({"type":"content_block_stop","index":)" + std::to_string(index) + "}"; }
std::string end(std::string_view reason) {
  return R"({"type":"message_delta","delta":{"stop_reason":")" + std::string(reason) +
         R"(","stop_sequence":null},"usage":{"output_tokens":20}})";
}

class AnthropicStreamDecoder : public testing::Test {
 protected:
  // Every event's views are gone with the next: what is kept is what the assembler copied in time.
  llm::AnswerAssembler read(const std::vector<std::string>& events) {
    llm::AnswerAssembler assembler;
    auto decoder = back().make_decoder({.rewrites = rewrites_, .quirks = quirks_, .origin = llm::Origin::anthropic});
    std::vector<llm::ChatEvent> out;
    const auto take = [&] {
      for (const auto& event : out) {
        const auto added = assembler.add(event);
        EXPECT_TRUE(added) << added.error().to_string();
      }
      out.clear();
    };
    for (const std::string& event : events) {
      std::string data = event;
      decoder->on_event("", data, out);
      std::ranges::fill(data, '#');
      take();
    }
    decoder->on_end(out);
    take();
    return assembler;
  }
  std::vector<std::string> message(std::vector<std::string> blocks, std::string_view reason = "end_turn") {
    blocks.insert(blocks.begin(), std::string(kStart));
    blocks.push_back(end(reason));
    blocks.emplace_back(kStop);
    return blocks;
  }

  Rewrites rewrites_;
  llm::Quirks quirks_;
};

TEST_F(AnthropicStreamDecoder, EveryKindOfBlock) {
  const auto read_back = read(message(
      {start(0, R"({"type":"thinking","thinking":"","signature":""})"),
       R"({"type":"ping"})",
       grow(0, R"({"type":"thinking_delta","thinking":"Hm"})"),
       grow(0, R"({"type":"signature_delta","signature":"S="})"),
       stop(0),
       start(1, R"({"type":"redacted_thinking","data":"R="})"),
       stop(1),
       start(2, R"({"type":"text","text":""})"),
       words(2, "It \\u00e9"),
       R"({"type":"something_new","x":[1]})",
       grow(2, R"({"type":"new_delta","text":"x"})"),
       grow(
           2,
           R"({"type":"citations_delta","citation":{"type":"char_location","cited_text":"c","document_index":1,"document_title":"T","start_char_index":2,"end_char_index":3}})"),
       stop(2),
       start(3, R"({"type":"server_tool_use","id":"srv","name":"web_search","input":{}})"),
       input(3, R"({\"q\":)"),
       input(3, R"(\"x\"})"),
       stop(3),
       start(
           4,
           R"({"type":"web_search_tool_result","tool_use_id":"srv","content":[{"type":"web_search_result","url":"https://a.example","title":"A"}]})"),
       stop(4),
       start(5, R"({"type":"tool_use","id":"toolu_1","name":"f","input":{}})"),
       input(5, ""),
       input(5, R"({\"a\":)"),
       input(5, "1}"),
       stop(5)},
      "tool_use"));
  ASSERT_TRUE(read_back.ended());
  const llm::ChatAnswer& answer = read_back.answer();
  EXPECT_EQ(answer.id, "msg_1");
  EXPECT_EQ(answer.model, "claude-x");
  EXPECT_EQ(answer.usage.prompt_tokens, 15U);
  EXPECT_EQ(answer.usage.cached_tokens, 5U);
  EXPECT_EQ(answer.usage.completion_tokens, 20U);
  const auto& blocks = answer.choices[0].blocks;
  ASSERT_EQ(blocks.size(), 6U);
  EXPECT_EQ(blocks[0].as<llm::Reasoning>()->text, "Hm");
  EXPECT_EQ(blocks[0].as<llm::Reasoning>()->signature, (llm::Opaque{llm::Origin::anthropic, "S="}));
  EXPECT_EQ(blocks[1].as<llm::Reasoning>()->encrypted, (llm::Opaque{llm::Origin::anthropic, "R="}));
  EXPECT_EQ(blocks[2].as<llm::Text>()->text, "It é");
  ASSERT_EQ(blocks[2].as<llm::Text>()->citations.size(), 1U);
  EXPECT_EQ(blocks[2].as<llm::Text>()->citations[0].title, "T");
  EXPECT_EQ(blocks[3].as<llm::Foreign>()->verbatim.json,
            R"({"type":"server_tool_use","id":"srv","name":"web_search","input":{"q":"x"}})");
  EXPECT_EQ(blocks[4].as<llm::Foreign>()->text, "https://a.example\nA");
  EXPECT_EQ(blocks[5].as<llm::ToolCall>()->arguments, R"({"a":1})");
  EXPECT_EQ(answer.choices[0].finish, FinishReason::tool_calls);
  EXPECT_EQ(answer.choices[0].native_finish, "tool_use");
}

TEST_F(AnthropicStreamDecoder, ReasonsToStop) {
  using Row = std::pair<std::string_view, FinishReason>;
  for (const auto& [word, finish] :
       {Row{"end_turn", FinishReason::stop}, Row{"max_tokens", FinishReason::length},
        Row{"stop_sequence", FinishReason::stop_sequence}, Row{"pause_turn", FinishReason::pause},
        Row{"refusal", FinishReason::refusal}, Row{"model_context_window_exceeded", FinishReason::context_length},
        Row{"a_new_word", FinishReason::stop}}) {
    const auto answer = read(message({}, word));
    ASSERT_TRUE(answer.ended());
    EXPECT_EQ(answer.answer().choices[0].finish, finish) << word;
    EXPECT_EQ(answer.answer().choices[0].native_finish, word);
  }
}

TEST_F(AnthropicStreamDecoder, ARefusalTellsWhy) {
  const auto answer = read(
      {std::string(kStart),
       R"({"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":{"type":"refusal","category":"bio","explanation":"No."}},"usage":{"output_tokens":2}})",
       std::string(kStop)});
  ASSERT_TRUE(answer.ended());
  EXPECT_EQ(answer.answer().choices[0].blocks[0].as<llm::Refusal>()->text, "No.");
  ASSERT_EQ(answer.answer().extras.size(), 1U);
  EXPECT_EQ(answer.answer().extras[0].name, "stop_details");
}

TEST_F(AnthropicStreamDecoder, UsageAtTheEndIsTheTruth) {
  auto events = message({});
  events[1] =
      R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":90,"cache_creation_input_tokens":7,"output_tokens":30,"output_tokens_details":{"thinking_tokens":11},"iterations":[{"input_tokens":1}]}})";
  const auto usage = read(events).answer().usage;
  EXPECT_EQ(usage.prompt_tokens, 97U);
  EXPECT_EQ(usage.cache_write_tokens, 7U);
  EXPECT_EQ(usage.completion_tokens, 30U);
  EXPECT_EQ(usage.reasoning_tokens, 11U);
}

TEST_F(AnthropicStreamDecoder, AnErrorAfterA200IsNoEnd) {
  auto answer =
      read({std::string(kStart), start(0, R"({"type":"text","text":""})"), words(0, "a"),
            R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})", std::string(kStop)});
  EXPECT_FALSE(answer.ended());
  ASSERT_TRUE(answer.error());
  EXPECT_EQ(answer.error()->kind, llm::ErrorKind::overloaded);
  EXPECT_EQ(answer.error()->status, 529);
  EXPECT_EQ(answer.error()->message, "Overloaded");
}

TEST_F(AnthropicStreamDecoder, WhatBreaksOffIsNoEnd) {
  const auto all = message({start(0, R"({"type":"text","text":""})"), words(0, "a"), stop(0)});
  for (std::size_t kept = 0; kept < all.size(); ++kept) {
    const auto answer = read({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept)});
    EXPECT_FALSE(answer.ended()) << kept;
    EXPECT_TRUE(answer.error()) << kept;
  }
  EXPECT_TRUE(read(all).ended());
}

TEST_F(AnthropicStreamDecoder, WhatCannotBeReadFails) {
  for (const std::string& bad :
       {std::string("no json"),
        std::string(R"({"type":"content_block_delta","index":7,"delta":{"type":"text_delta","text":"x"}})"),
        std::string(R"({"type":"content_block_start","index":0,"content_block":7})"),
        std::string(R"({"type":"message_start","message":{"id":"msg_2","content":[]}})")}) {
    const auto answer = read({std::string(kStart), bad, std::string(kStop)});
    EXPECT_FALSE(answer.ended()) << bad;
    EXPECT_TRUE(answer.error()) << bad;
  }
  EXPECT_TRUE(read({words(0, "x")}).error());
}

TEST_F(AnthropicStreamDecoder, BeginningTwiceAlikeIsForgiven) {
  auto events = message({start(0, R"({"type":"text","text":""})"), words(0, "a"), stop(0)});
  events.insert(events.begin(), std::string(kStart));
  EXPECT_TRUE(read(events).ended());
}

TEST_F(AnthropicStreamDecoder, InputGivenAtOnce) {
  const auto answer =
      read(message({start(0, R"({"type":"tool_use","id":"t","name":"f","input":{"a":[1]}})"), stop(0)}));
  EXPECT_EQ(answer.answer().choices[0].blocks[0].as<llm::ToolCall>()->arguments, R"({"a":[1]})");
}

TEST_F(AnthropicStreamDecoder, CallsThatTheMessageBeginsWith) {
  auto events = message({start(1, R"({"type":"text","text":"b"})"), stop(1)});
  events[0] =
      R"({"type":"message_start","message":{"id":"msg_1","model":"m","content":[{"type":"tool_use","id":"t","name":"f","input":{"a":1}}]}})";
  const auto answer = read(events);
  const auto& blocks = answer.answer().choices[0].blocks;
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(blocks[0].as<llm::ToolCall>()->arguments, R"({"a":1})");
  EXPECT_EQ(blocks[1].as<llm::Text>()->text, "b");
}

// Case 10: the tool that stands for a JSON answer does not show.
TEST_F(AnthropicStreamDecoder, TheToolForJsonIsAText) {
  rewrites_.json_tool = "answer_in_json";
  const auto answer = read(message({start(0, R"({"type":"text","text":""})"), words(0, "Here is the answer:"), stop(0),
                                    start(1, R"({"type":"tool_use","id":"t","name":"answer_in_json","input":{}})"),
                                    input(1, R"({\"a\":)"), input(1, "1}"), stop(1)},
                                   "tool_use"));
  const auto& choice = answer.answer().choices[0];
  ASSERT_EQ(choice.blocks.size(), 1U);
  EXPECT_EQ(choice.blocks[0].as<llm::Text>()->text, R"({"a":1})");
  EXPECT_EQ(choice.finish, FinishReason::stop);
}

TEST_F(AnthropicStreamDecoder, AUsersToolInsteadOfTheJsonIsACall) {
  rewrites_.json_tool = "answer_in_json";
  rewrites_.tool_names = {{"look_up", "look.up"}};
  const auto answer = read(message({start(0, R"({"type":"text","text":""})"), words(0, "Let me see."), stop(0),
                                    start(1, R"({"type":"tool_use","id":"t","name":"look_up","input":{}})"), stop(1)},
                                   "tool_use"));
  const auto& choice = answer.answer().choices[0];
  ASSERT_EQ(choice.blocks.size(), 2U);
  EXPECT_EQ(choice.blocks[0].as<llm::Text>()->text, "Let me see.");
  EXPECT_EQ(choice.blocks[1].as<llm::ToolCall>()->name, "look.up");
  EXPECT_EQ(choice.finish, FinishReason::tool_calls);
}

TEST_F(AnthropicStreamDecoder, WordsAloneInsteadOfTheJsonAreNotLost) {
  rewrites_.json_tool = "answer_in_json";
  const auto answer = read(message({start(0, R"({"type":"text","text":""})"), words(0, "I cannot."), stop(0)}));
  EXPECT_EQ(answer.answer().choices[0].blocks[0].as<llm::Text>()->text, "I cannot.");
}

TEST_F(AnthropicStreamDecoder, AWrappedAnswerIsUnwrapped) {
  rewrites_.json_wrapped = true;
  auto answer = read(message({start(0, R"({"type":"text","text":""})"), words(0, R"({\"val)"), words(0, R"(ue\":[1,)"),
                              words(0, "2]"), words(0, "}"), stop(0)}));
  EXPECT_EQ(answer.answer().choices[0].blocks[0].as<llm::Text>()->text, "[1,2]");
  rewrites_.json_tool = "j";
  answer = read(message(
      {start(0, R"({"type":"tool_use","id":"t","name":"j","input":{}})"), input(0, R"({\"value\":\"x\"})"), stop(0)}));
  EXPECT_EQ(answer.answer().choices[0].blocks[0].as<llm::Text>()->text, "\"x\"");
}

TEST_F(AnthropicStreamDecoder, AToolThatTakesATextIsGivenIt) {
  rewrites_.text_tools = {"apply_patch"};
  const auto answer = read(message({start(0, R"({"type":"tool_use","id":"t","name":"apply_patch","input":{}})"),
                                    input(0, R"({\"input\":\"*** Be)"), input(0, R"(gin\\n\"})"), stop(0)},
                                   "tool_use"));
  const auto* call = answer.answer().choices[0].blocks[0].as<llm::ToolCall>();
  EXPECT_EQ(call->kind, llm::ToolKind::custom);
  EXPECT_EQ(call->arguments, "*** Begin\n");
}

TEST_F(AnthropicStreamDecoder, WhatIsNoTextSpoilsNothing) {
  const auto answer = read(message({start(0, "{\"type\":\"note\",\"a\":\"x\xff\",\"b\":\"\\ud800\\\"\"}"), stop(0)}));
  ASSERT_TRUE(answer.ended());
  EXPECT_EQ(answer.answer().choices[0].blocks[0].as<llm::Foreign>()->verbatim.json,
            "{\"type\":\"note\",\"a\":\"x\xef\xbf\xbd\",\"b\":\"\xef\xbf\xbd\\\"\"}");
}

TEST_F(AnthropicStreamDecoder, WhatIsDoneWithIsNotHeld) {
  const std::string megabyte(std::size_t{1} << 20, 'x');
  std::vector<std::string> events;
  for (int i = 0; i < 12; ++i) {
    events.push_back(start(i, R"({"type":"note","a":")" + megabyte + "\"}"));
    events.push_back(stop(i));
  }
  EXPECT_TRUE(read(message(events)).ended());
}

TEST_F(AnthropicStreamDecoder, WhatIsHeldIsBounded) {
  rewrites_.json_tool = "j";
  const std::string megabyte(std::size_t{1} << 20, 'x');
  std::vector<std::string> events = {start(0, R"({"type":"text","text":""})")};
  for (int i = 0; i < 9; ++i) events.push_back(words(0, megabyte));
  const auto answer = read(message(events));
  EXPECT_FALSE(answer.ended());
  ASSERT_TRUE(answer.error());
  EXPECT_THAT(answer.error()->message, HasSubstr("more than can be kept"));
}

}  // namespace
}  // namespace gatehouse::dialects::anthropic
