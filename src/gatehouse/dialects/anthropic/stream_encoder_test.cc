#include "gatehouse/dialects/anthropic/stream_encoder.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/dialects/anthropic/codec.h"
#include "gatehouse/json/value.h"
#include "gatehouse/llm/chat/assembler.h"

namespace gatehouse::dialects::anthropic {
namespace {

using llm::BlockKind;
using llm::ChatEvent;
using llm::FinishReason;
using Step = ChatEvent::Kind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class AnthropicStreamEncoder : public testing::Test {
 protected:
  AnthropicStreamEncoder() : encoder_(front().make_encoder({.request = request_, .model = "gpt-x", .seed = "seed1"})) {}

  void say(const ChatEvent& event) { encoder_->write(event, out_); }
  void begin(std::uint32_t block, BlockKind kind, std::string_view id = {}, std::string_view name = {}) {
    say({.kind = Step::block_started, .block = block, .block_kind = kind, .id = id, .name = name});
  }
  void text(std::uint32_t block, std::string_view words) { say({.kind = Step::text, .block = block, .text = words}); }
  void end(std::uint32_t block) { say({.kind = Step::block_ended, .block = block}); }
  void finish(FinishReason reason) {
    say({.kind = Step::finished, .finish = reason});
    say({.kind = Step::ended});
  }
  // What the stream holds: "message_start", "content_block_start 0 text", "content_block_delta 0 text_delta abc" ...
  // In the order that the official client insists on, or the test fails.
  std::vector<std::string> events() {
    std::vector<std::string> found;
    std::string_view rest = out_;
    int open = -1;
    int next = 0;
    bool started = false;
    bool over = false;
    while (!rest.empty()) {
      const auto size = rest.find("\n\n");
      EXPECT_NE(size, std::string_view::npos);
      const std::string_view event = rest.substr(0, size);
      rest.remove_prefix(size + 2);
      const auto line = event.find('\n');
      EXPECT_TRUE(event.starts_with("event: ") && event.substr(line + 1).starts_with("data: ")) << event;
      const std::string name(event.substr(7, line - 7));
      const json::Value data(event.substr(line + 7));
      EXPECT_TRUE(json::validate(data.raw())) << data.raw();
      EXPECT_EQ(data["type"].string_or(""), name);
      EXPECT_FALSE(over) << "something follows the end";
      EXPECT_TRUE(started || name == "message_start" || name == "error") << name;
      const int index = static_cast<int>(data["index"].integer().value_or(-1));
      std::string line_out = name;
      if (name == "message_start") {
        EXPECT_FALSE(started);
        started = true;
      } else if (name == "content_block_start") {
        EXPECT_EQ(open, -1);
        EXPECT_EQ(index, next++);
        open = index;
        line_out += " " + data["content_block"]["type"].string_or("");
      } else if (name == "content_block_delta") {
        EXPECT_EQ(index, open);
        const json::Value delta = data["delta"];
        line_out += " " + delta["type"].string_or("");
        for (const char* key : {"text", "partial_json", "thinking", "signature"}) {
          if (delta[key].exists()) line_out += " " + delta[key].string_or("");
        }
      } else if (name == "content_block_stop") {
        EXPECT_EQ(index, open);
        open = -1;
      } else if (name == "message_delta") {
        EXPECT_EQ(open, -1);
        line_out += " " + data["delta"]["stop_reason"].string_or("null");
      } else {
        over = true;
      }
      found.push_back(line_out);
    }
    return found;
  }
  json::Value last(std::string_view name) const {
    const auto at = out_.rfind("event: " + std::string(name) + "\ndata: ");
    if (at == std::string::npos) return {};
    const auto begin = at + 14 + name.size();
    return json::Value(std::string_view(out_).substr(begin, out_.find('\n', begin) - begin));
  }

  llm::ChatRequest request_;
  std::unique_ptr<EventEncoder> encoder_;
  std::string out_;
};

TEST_F(AnthropicStreamEncoder, ATextWithUsageAtTheEnd) {
  say({.kind = Step::started, .id = "chatcmpl-1", .name = "gpt-x-2026"});
  EXPECT_EQ(last("message_start")["message"]["id"].raw(), "\"msg_seed1\"");
  EXPECT_EQ(last("message_start")["message"]["model"].raw(), "\"gpt-x\"");
  EXPECT_EQ(last("message_start")["message"]["usage"]["input_tokens"].raw(), "0");
  begin(0, BlockKind::text);
  text(0, "Hel");
  text(0, "lo \"you\"");
  end(0);
  llm::Usage usage{.prompt_tokens = 100,
                   .completion_tokens = 9,
                   .total_tokens = 109,
                   .cached_tokens = 60,
                   .cache_write_tokens = 10,
                   .reasoning_tokens = 4,
                   .known = true};
  say({.kind = Step::finished, .finish = FinishReason::stop});
  say({.kind = Step::usage, .usage = &usage});
  say({.kind = Step::ended});
  EXPECT_THAT(events(), ElementsAre("message_start", "content_block_start text", "content_block_delta text_delta Hel",
                                    "content_block_delta text_delta lo \"you\"", "content_block_stop",
                                    "message_delta end_turn", "message_stop"));
  EXPECT_EQ(last("message_delta")["usage"].raw(),
            R"({"input_tokens":30,"cache_creation_input_tokens":10,"cache_read_input_tokens":60,"output_tokens":9,)"
            R"("output_tokens_details":{"thinking_tokens":4}})");
}

// Case 3: calls that grow side by side come out one behind the other, each whole.
TEST_F(AnthropicStreamEncoder, InterleavedCallsAreSerialised) {
  say({.kind = Step::started});
  begin(0, BlockKind::text);
  begin(1, BlockKind::tool_call, "a", "f");
  begin(2, BlockKind::tool_call, "", "g");
  text(1, "{\"x\":");
  text(0, "Two calls.");
  text(2, "{\"y\"");
  text(1, "1}");
  text(2, ":2}");
  end(2);
  end(0);
  EXPECT_EQ(last("content_block_start")["content_block"]["id"].raw(), "\"a\"") << "the first call is let go at once";
  end(1);
  finish(FinishReason::tool_calls);
  EXPECT_THAT(events(),
              ElementsAre("message_start", "content_block_start text", "content_block_delta text_delta Two calls.",
                          "content_block_stop", "content_block_start tool_use",
                          "content_block_delta input_json_delta {\"x\":1}", "content_block_stop",
                          "content_block_start tool_use", "content_block_delta input_json_delta {\"y\":2}",
                          "content_block_stop", "message_delta tool_use", "message_stop"));
  EXPECT_THAT(out_, HasSubstr(R"({"type":"tool_use","id":"toolu_seed1_2","name":"g","input":{}})"));
}

TEST_F(AnthropicStreamEncoder, WhatWaitsIsBounded) {
  say({.kind = Step::started});
  begin(0, BlockKind::text);
  begin(1, BlockKind::tool_call, "a", "f");
  const std::string half(StreamEncoder::kMostHeld / 2, 'x');
  text(1, half);
  text(1, half);
  EXPECT_FALSE(last("error").exists());
  text(1, "x");
  EXPECT_EQ(last("error")["error"]["type"].raw(), "\"api_error\"");
  end(1);
  finish(FinishReason::stop);
  EXPECT_THAT(events(), ElementsAre("message_start", "error"));
}

TEST_F(AnthropicStreamEncoder, Thinking) {
  say({.kind = Step::started});
  begin(0, BlockKind::reasoning);
  text(0, "Hm");
  say({.kind = Step::signature, .block = 0, .opaque = {llm::Origin::anthropic, "S1"}});
  end(0);
  begin(1, BlockKind::reasoning);
  say({.kind = Step::encrypted, .block = 1, .opaque = {llm::Origin::anthropic, "D"}});
  end(1);
  begin(2, BlockKind::reasoning);
  say({.kind = Step::signature, .block = 2, .opaque = {llm::Origin::anthropic, "S2"}});
  end(2);
  begin(3, BlockKind::reasoning);
  end(3);
  begin(4, BlockKind::reasoning);
  text(4, "unsigned");
  end(4);
  finish(FinishReason::stop);
  EXPECT_THAT(events(),
              ElementsAre("message_start", "content_block_start thinking", "content_block_delta thinking_delta Hm",
                          "content_block_delta signature_delta S1", "content_block_stop",
                          "content_block_start redacted_thinking", "content_block_stop", "content_block_start thinking",
                          "content_block_delta signature_delta S2", "content_block_stop",
                          "content_block_start thinking", "content_block_delta thinking_delta unsigned",
                          "content_block_stop", "message_delta end_turn", "message_stop"));
  EXPECT_THAT(out_, HasSubstr(R"({"type":"redacted_thinking","data":"D"})"));
}

TEST_F(AnthropicStreamEncoder, StateOfOthersTravelsAlong) {
  say({.kind = Step::started});
  begin(0, BlockKind::tool_call, "t1", "f");
  say({.kind = Step::signature, .block = 0, .opaque = {llm::Origin::gemini, "SIG"}});
  text(0, "{}");
  end(0);
  finish(FinishReason::stop);
  EXPECT_THAT(events(),
              ElementsAre("message_start", "content_block_start tool_use", "content_block_delta input_json_delta {}",
                          "content_block_stop", "content_block_start thinking",
                          "content_block_delta signature_delta gh1.gemini.t2.t1SIG", "content_block_stop",
                          "message_delta tool_use", "message_stop"));
}

TEST_F(AnthropicStreamEncoder, Citations) {
  say({.kind = Step::started});
  begin(0, BlockKind::text);
  text(0, "So.");
  llm::Citation citation;
  citation.url = "https://a.example";
  citation.cited_text = "It is so.";
  say({.kind = Step::citation, .block = 0, .citation = &citation});
  end(0);
  finish(FinishReason::stop);
  EXPECT_EQ(last("content_block_delta")["delta"].raw(),
            R"({"type":"citations_delta","citation":{"type":"web_search_result_location","url":"https://a.example",)"
            R"("title":null,"encrypted_index":"","cited_text":"It is so."}})");
}

TEST_F(AnthropicStreamEncoder, WhatIsOfOneDialectOnly) {
  say({.kind = Step::started});
  const llm::Foreign ours{
      .verbatim = {.dialect = llm::Dialect::anthropic, .json = "{\n  \"type\": \"server_tool_use\"\n}"},
      .type = "server_tool_use",
      .text = ""};
  const llm::Foreign theirs{.verbatim = {.dialect = llm::Dialect::gemini, .json = "{}"}, .type = "code", .text = "1+1"};
  const llm::Foreign silent{.verbatim = {.dialect = llm::Dialect::gemini, .json = "{}"}, .type = "x", .text = ""};
  std::uint32_t number = 0;
  for (const auto* foreign : {&ours, &theirs, &silent}) {
    begin(number, BlockKind::foreign);
    say({.kind = Step::block_ended, .block = number++, .foreign = foreign});
  }
  finish(FinishReason::stop);
  EXPECT_THAT(events(), ElementsAre("message_start", "content_block_start server_tool_use", "content_block_stop",
                                    "message_delta end_turn", "message_stop"));
}

TEST_F(AnthropicStreamEncoder, Pictures) {
  say({.kind = Step::started});
  llm::Media image;
  image.media_type = "image/png";
  say({.kind = Step::block_started, .block = 0, .block_kind = BlockKind::media, .media = &image});
  text(0, "iVBO");
  text(0, "Rw==");
  end(0);
  finish(FinishReason::stop);
  EXPECT_THAT(events(), ElementsAre("message_start", "content_block_start text",
                                    "content_block_delta text_delta ![](data:image/png;base64,",
                                    "content_block_delta text_delta iVBO",
                                    "content_block_delta text_delta Rw==", "content_block_delta text_delta )",
                                    "content_block_stop", "message_delta end_turn", "message_stop"));
}

TEST_F(AnthropicStreamEncoder, AnErrorEndsIt) {
  say({.kind = Step::started});
  begin(0, BlockKind::text);
  text(0, "a");
  const llm::ChatError error{.kind = llm::ErrorKind::overloaded, .status = 529, .message = "Busy"};
  say({.kind = Step::failed, .error = &error});
  say({.kind = Step::ended});
  text(0, "b");
  EXPECT_THAT(events(),
              ElementsAre("message_start", "content_block_start text", "content_block_delta text_delta a", "error"));
  EXPECT_EQ(last("error").raw(), R"({"type":"error","error":{"type":"overloaded_error","message":"Busy"}})");
}

TEST_F(AnthropicStreamEncoder, AnErrorBeforeTheFirstWord) {
  const llm::ChatError error{.kind = llm::ErrorKind::api, .status = 502, .message = "Broken"};
  say({.kind = Step::failed, .error = &error});
  EXPECT_THAT(events(), ElementsAre("error"));
}

TEST_F(AnthropicStreamEncoder, AnAnswerThatFailedIsNoCleanEnd) {
  say({.kind = Step::started});
  finish(FinishReason::malformed);
  EXPECT_THAT(events(), ElementsAre("message_start", "error"));
}

TEST_F(AnthropicStreamEncoder, ReasonsToStop) {
  using Row = std::pair<FinishReason, std::string_view>;
  for (const auto& [finish, word] :
       {Row{FinishReason::length, "max_tokens"}, Row{FinishReason::context_length, "model_context_window_exceeded"},
        Row{FinishReason::content_filter, "refusal"}, Row{FinishReason::refusal, "refusal"},
        Row{FinishReason::pause, "pause_turn"}, Row{FinishReason::stop_sequence, "stop_sequence"}}) {
    std::string out;
    auto encoder = front().make_encoder({.request = request_, .seed = "s"});
    encoder->write({.kind = Step::started}, out);
    encoder->write({.kind = Step::finished, .finish = finish, .stop_sequence = "END"}, out);
    encoder->write({.kind = Step::ended}, out);
    EXPECT_THAT(out, HasSubstr(R"("delta":{"stop_reason":")" + std::string(word) + R"(","stop_sequence":"END")"));
    EXPECT_EQ(out.find(R"("stop_details":{"type":"refusal")") != std::string::npos, word == "refusal");
  }
}

// A stream says what the whole answer says.
TEST_F(AnthropicStreamEncoder, WholeAndStreamedAreEqual) {
  llm::ChatAnswer answer;
  answer.id = "msg_7";
  answer.usage = {.prompt_tokens = 5, .completion_tokens = 6, .total_tokens = 11, .known = true};
  llm::Choice& choice = answer.choices.emplace_back();
  llm::Reasoning thought;
  thought.text = "Hm.";
  thought.signature = {llm::Origin::anthropic, "S"};
  llm::ToolCall call;
  call.id = "t";
  call.name = "f";
  call.arguments = R"({"a":1})";
  call.signature = {llm::Origin::gemini, "G"};
  choice.blocks = {
      {.value = thought}, {.value = llm::Text{.text = "So:"}}, {.value = llm::Refusal{"No."}}, {.value = call}};
  choice.finish = FinishReason::stop;
  for (const ChatEvent& event : llm::run_of(answer)) say(event);
  const Rewrites rewrites;
  const llm::Quirks quirks;
  auto decoder = back().make_decoder({.rewrites = rewrites, .quirks = quirks, .origin = llm::Origin::anthropic});
  llm::AnswerAssembler assembler;
  std::vector<ChatEvent> read;
  for (std::string_view rest = out_; !rest.empty();) {
    const auto begin = rest.find("data: ") + 6;
    const auto size = rest.find("\n\n");
    decoder->on_event("", rest.substr(begin, size - begin), read);
    for (const auto& event : read) ASSERT_TRUE(assembler.add(event));
    read.clear();
    rest.remove_prefix(size + 2);
  }
  ASSERT_TRUE(assembler.ended());
  const Writing writing{.request = request_, .model = "gpt-x", .seed = "seed1"};
  llm::ChatAnswer told = answer;
  EXPECT_EQ(front().write_answer(assembler.answer(), writing), front().write_answer(told, writing));
}

}  // namespace
}  // namespace gatehouse::dialects::anthropic
