#include "gatehouse/dialects/gemini/encoder.h"

#include <gmock/gmock.h>

#include "gatehouse/dialects/gemini/testing.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects::gemini {
namespace {

using llm::Block;
using llm::ChatAnswer;
using llm::ChatEvent;
using llm::ChatRequest;
using llm::FinishReason;
using llm::Reasoning;
using llm::Text;
using llm::ToolCall;
using testing::encode;
using ::testing::HasSubstr;
using ::testing::Not;
using Kind = ChatEvent::Kind;

ChatAnswer said(std::vector<Block> blocks, FinishReason finish = FinishReason::stop) {
  ChatAnswer answer;
  answer.id = "id1";
  answer.model = "theirs";
  llm::Choice& choice = answer.choices.emplace_back();
  choice.blocks = std::move(blocks);
  choice.finish = finish;
  answer.usage = {.prompt_tokens = 10, .completion_tokens = 7, .total_tokens = 17, .cached_tokens = 4, .known = true};
  answer.usage.reasoning_tokens = 5;
  return answer;
}

Block call(std::string id, std::string arguments) {
  ToolCall made;
  made.id = std::move(id);
  made.name = "f";
  made.arguments = std::move(arguments);
  return {.value = std::move(made)};
}

Block thought(std::string text, llm::Opaque signature, llm::Opaque encrypted = {}, std::string id = {}) {
  Reasoning reasoning;
  reasoning.text = std::move(text);
  reasoning.signature = std::move(signature);
  reasoning.encrypted = std::move(encrypted);
  reasoning.id = std::move(id);
  return {.value = std::move(reasoning)};
}

std::string whole(const ChatAnswer& answer, const ChatRequest& request = {}) {
  return front().write_answer(answer, {.request = request, .model = "mine", .seed = "s1"});
}

std::vector<std::string> events_of(std::string_view stream) {
  std::vector<std::string> events;
  while (!stream.empty()) {
    EXPECT_TRUE(stream.starts_with("data: "));
    const auto end = stream.find("\n\n");
    events.emplace_back(stream.substr(6, end - 6));
    EXPECT_TRUE(json::validate(events.back()).has_value()) << events.back();
    stream.remove_prefix(end + 2);
  }
  return events;
}

TEST(GeminiAnswer, whole) {
  EXPECT_EQ(
      whole(said({{.value = Text{.text = "hi"}}, call("c1", R"({"x":1})")}, FinishReason::tool_calls)),
      R"({"candidates":[{"content":{"parts":[{"text":"hi"},{"functionCall":{"id":"c1","name":"f","args":{"x":1}}}],)"
      R"("role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":10,)"
      R"("candidatesTokenCount":2,"totalTokenCount":17,"cachedContentTokenCount":4,"thoughtsTokenCount":5},)"
      R"("modelVersion":"mine","responseId":"id1"})");
  EXPECT_THAT(whole(said({}, FinishReason::content_filter)),
              HasSubstr(R"({"parts":[{"text":""}],"role":"model"},"finishReason":"SAFETY")"));
  EXPECT_THAT(whole(said({call("", "")}, FinishReason::tool_calls)),
              HasSubstr(R"("functionCall":{"id":"call_s1_0","name":"f","args":{}})"));
}

TEST(GeminiAnswer, arguments_that_are_no_object_are_no_call) {
  for (const std::string_view arguments : {R"({"x":)", "[1]", "words"}) {
    const auto answer = said({call("c", std::string(arguments))}, FinishReason::tool_calls);
    for (const std::string& written : {whole(answer), encode(run_of(answer), {})}) {
      EXPECT_THAT(written, Not(HasSubstr("functionCall")));
      EXPECT_THAT(
          written,
          HasSubstr(R"("finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"Malformed function call: f()"));
    }
  }
  EXPECT_THAT(whole(said({call("c", R"({"x":)")}, FinishReason::length)), HasSubstr(R"("finishReason":"MAX_TOKENS")"));
}

TEST(GeminiAnswer, citations_and_logprobs) {
  Text text{.text = "Ärger über"};
  text.citations.push_back({.url = "https://a", .title = "A", .cited_text = "x"});
  text.citations[0].begin = 6;
  text.citations[0].end = 10;
  text.citations.push_back({.url = "https://a", .title = "A", .cited_text = "y"});
  text.logprobs.push_back(
      {.token = "t", .logprob = -1, .bytes = {}, .top = {{.token = "u", .logprob = -2, .bytes = {}}}});
  const auto answer = said({{.value = text}});
  for (const std::string& written : {whole(answer), encode(run_of(answer), {})}) {
    EXPECT_THAT(
        written,
        HasSubstr(R"("groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a","title":"A"}}],)"
                  R"("groundingSupports":[{"segment":{"startIndex":7,"endIndex":12},"groundingChunkIndices":[0]}]})"));
    EXPECT_THAT(written, HasSubstr(R"("logprobsResult":{"chosenCandidates":[{"token":"t","logProbability":-1}],)"
                                   R"("topCandidates":[{"candidates":[{"token":"u","logProbability":-2}]}]})"));
  }
}

TEST(GeminiStream, chunks) {
  const auto answer = said({{.value = Text{.text = "hi\n"}}, call("c1", R"({"x":1})")}, FinishReason::tool_calls);
  const auto events = events_of(encode(run_of(answer), {}));
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0], R"({"candidates":[{"content":{"parts":[{"text":"hi\n"}],"role":"model"},"index":0}],)"
                       R"("modelVersion":"theirs","responseId":"id1"})");
  EXPECT_EQ(
      events[1],
      R"({"candidates":[{"content":{"parts":[{"functionCall":{"id":"c1","name":"f","args":{"x":1}}}],"role":"model"},)"
      R"("index":0}],"modelVersion":"theirs","responseId":"id1"})");
  EXPECT_EQ(events[2],
            R"({"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"STOP","index":0}],)"
            R"("usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":2,"totalTokenCount":17,)"
            R"("cachedContentTokenCount":4,"thoughtsTokenCount":5},"modelVersion":"theirs","responseId":"id1"})");
}

// Case 7, for the caller: what broke has an error and no end.
TEST(GeminiStream, that_breaks) {
  llm::ChatError error{.kind = llm::ErrorKind::rate_limit,
                       .status = 429,
                       .message = "slow",
                       .type = {},
                       .code = {},
                       .param = {},
                       .retry_after = {}};
  error.retry_after = std::chrono::milliseconds(1500);
  const auto answer = said({{.value = Text{.text = "a"}}});
  auto run = run_of(answer);
  run.pop_back();
  ChatEvent failed{.kind = Kind::failed};
  failed.error = &error;
  run.push_back(failed);
  const auto events = events_of(encode(run, {}));
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[1], R"({"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED","details":[)"
                       R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1.500s"}]}})");
}

TEST(GeminiStream, usage_once_at_the_end) {
  llm::Usage first{.prompt_tokens = 3, .known = true};
  llm::Usage last{.prompt_tokens = 3, .completion_tokens = 2, .total_tokens = 5, .known = true};
  std::vector<ChatEvent> run;
  run.push_back({.kind = Kind::started, .id = "i", .name = "n"});
  ChatEvent usage{.kind = Kind::usage};
  usage.usage = &first;
  run.push_back(usage);
  run.push_back({.kind = Kind::block_started});
  run.push_back({.kind = Kind::text, .text = "a"});
  run.push_back({.kind = Kind::text, .text = "b"});
  run.push_back({.kind = Kind::block_ended});
  run.push_back({.kind = Kind::finished, .finish = FinishReason::length});
  usage.usage = &last;
  run.push_back(usage);
  run.push_back({.kind = Kind::ended});
  const auto events = events_of(encode(run, {}));
  ASSERT_EQ(events.size(), 3U);
  // Clients add up what several chunks tell.
  EXPECT_THAT(events[0], Not(HasSubstr("usageMetadata")));
  EXPECT_THAT(events[1], Not(HasSubstr("usageMetadata")));
  EXPECT_THAT(events[2], HasSubstr(R"("finishReason":"MAX_TOKENS")"));
  EXPECT_THAT(events[2], HasSubstr(R"("totalTokenCount":5)"));
}

TEST(GeminiStream, interleaved_calls_and_pictures_go_out_whole) {
  std::vector<ChatEvent> run;
  run.push_back({.kind = Kind::started});
  llm::Media picture;
  picture.media_type = "image/png";
  run.push_back(
      {.kind = Kind::block_started, .block = 0, .block_kind = llm::BlockKind::tool_call, .id = "a", .name = "f"});
  run.push_back(
      {.kind = Kind::block_started, .block = 1, .block_kind = llm::BlockKind::tool_call, .id = "b", .name = "g"});
  ChatEvent media{.kind = Kind::block_started, .block = 2, .block_kind = llm::BlockKind::media};
  media.media = &picture;
  run.push_back(media);
  run.push_back({.kind = Kind::text, .block = 0, .text = "{\"x\":"});
  run.push_back({.kind = Kind::text, .block = 1, .text = "{}"});
  run.push_back({.kind = Kind::text, .block = 2, .text = "AA"});
  run.push_back({.kind = Kind::text, .block = 0, .text = "1}"});
  run.push_back({.kind = Kind::text, .block = 2, .text = "AA"});
  for (std::uint32_t i : {1U, 0U, 2U}) run.push_back({.kind = Kind::block_ended, .block = i});
  const std::string stream = encode(run, {});
  const auto events = events_of(stream);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_THAT(events[0], HasSubstr(R"({"id":"b","name":"g","args":{}})"));
  EXPECT_THAT(events[1], HasSubstr(R"({"id":"a","name":"f","args":{"x":1}})"));
  EXPECT_THAT(events[2], HasSubstr(R"({"inlineData":{"mimeType":"image/png","data":"AAAA"}})"));
}

TEST(GeminiStream, what_waits_is_bounded) {
  const std::string piece(std::size_t{1} << 20, 'x');
  std::vector<ChatEvent> run;
  run.push_back({.kind = Kind::started});
  run.push_back({.kind = Kind::block_started, .block_kind = llm::BlockKind::tool_call, .id = "a", .name = "f"});
  for (std::size_t i = 0; i <= kMostPending / piece.size(); ++i) run.push_back({.kind = Kind::text, .text = piece});
  run.push_back({.kind = Kind::block_ended});
  const auto events = events_of(encode(run, {}));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_THAT(events[0], HasSubstr(R"({"error":{"code":502)"));
}

// Cases 1 and 12: state of others goes through a caller of this dialect and comes back, whole or streamed, also where
// it is decoded and encoded anew on the way.
TEST(GeminiStream, state_of_others_comes_back) {
  const std::vector<Block> blocks = {thought("one", {llm::Origin::anthropic, "sig/1=="}),
                                     thought("", {llm::Origin::anthropic, "omitted"}),
                                     thought("", {}, {llm::Origin::anthropic, "redacted"}),
                                     thought("two", {}, {llm::Origin::openai, "enc"}, "rs_1"),
                                     {.value = Text{.text = "said"}},
                                     call("c1", "{}")};
  const auto answer = said(blocks, FinishReason::tool_calls);
  for (const bool shown : {true, false}) {
    ChatRequest request;
    if (!shown) request.reasoning.show = false;
    const auto content_of = [](std::string_view event) {
      std::string content;
      json::Value(json::find(event, "candidates")).elements([&](json::Value candidate) {
        content = candidate["content"].raw();
      });
      return content;
    };
    const std::string contents = content_of(whole(answer, request));
    std::string pieces;
    for (const std::string& event : events_of(encode(run_of(answer), request))) {
      if (!pieces.empty()) pieces += ",";
      pieces += content_of(event);
    }
    if (!shown) EXPECT_THAT(contents, Not(HasSubstr("one")));
    for (std::string history : {contents, pieces}) {
      // Python's client writes the other alphabet.
      const auto at = history.find("eyJnaDEi");
      ASSERT_NE(at, std::string::npos);
      for (char& c : history) {
        if (c == '/') c = '_';
      }
      const auto back = testing::read(R"({"contents":[{"parts":[{"text":"q"}]},)" + history + "]}");
      ASSERT_EQ(back.messages.size(), 2U);
      const auto& got = back.messages[1].blocks;
      ASSERT_EQ(got.size(), blocks.size()) << history;
      for (std::size_t i = 0; i < 4; ++i) {
        const auto* was = blocks[i].as<Reasoning>();
        const auto* is = got[i].as<Reasoning>();
        ASSERT_NE(is, nullptr);
        EXPECT_EQ(is->text, was->text);
        EXPECT_EQ(is->signature, was->signature);
        EXPECT_EQ(is->encrypted, was->encrypted);
        EXPECT_EQ(is->id, was->id);
      }
      EXPECT_EQ(got[4].as<Text>()->text, "said");
      EXPECT_EQ(got[5].as<ToolCall>()->id, "c1");
    }
  }
}

TEST(GeminiStream, its_own_signatures_are_as_they_were) {
  ToolCall signed_call{
      .id = "c", .name = "f", .arguments = "{}", .signature = {llm::Origin::gemini, "sig"}, .item_id = {}};
  const auto answer =
      said({thought("t", {llm::Origin::gemini, "a"}), {.value = signed_call}}, FinishReason::tool_calls);
  EXPECT_THAT(whole(answer), HasSubstr(R"({"text":"t","thought":true,"thoughtSignature":"a"})"));
  EXPECT_THAT(whole(answer), HasSubstr(R"("args":{}},"thoughtSignature":"sig"})"));
  EXPECT_THAT(encode(run_of(answer), {}), HasSubstr(R"({"text":"","thought":true,"thoughtSignature":"a"})"));
}

TEST(GeminiStream, thoughts_are_shown_unless_the_caller_wants_none) {
  const auto answer = said({thought("hm", {}), {.value = Text{.text = "hi"}}});
  EXPECT_THAT(encode(run_of(answer), {}), HasSubstr(R"({"text":"hm","thought":true})"));
  ChatRequest request;
  request.reasoning.show = false;
  EXPECT_THAT(encode(run_of(answer), request), Not(HasSubstr("thought\":")));
  EXPECT_THAT(whole(answer, request), Not(HasSubstr("thought\":")));
}

}  // namespace
}  // namespace gatehouse::dialects::gemini
