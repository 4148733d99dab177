#include "gatehouse/dialects/gemini/decoder.h"

#include <gmock/gmock.h>

#include "gatehouse/dialects/gemini/finish.h"
#include "gatehouse/dialects/gemini/testing.h"

namespace gatehouse::dialects::gemini {
namespace {

using llm::FinishReason;
using llm::Reasoning;
using llm::Text;
using llm::ToolCall;
using testing::answer;
using testing::calls_of;
using testing::chunk;
using testing::decode;
using ::testing::ElementsAre;
using testing::text_of;

const std::string kStop =
    R"({"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"STOP","index":0}],)"
    R"("usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":2,"thoughtsTokenCount":5,"totalTokenCount":11}})";

TEST(GeminiDecoder, texts_and_thoughts_grow) {
  const auto decoded = decode({chunk(R"({"text":"I ","thought":true})"), chunk(R"({"text":"think","thought":true})"),
                               chunk(R"({"text":"\u00fcber "})"), chunk(R"({"text":"alles"})"),
                               chunk(R"({"text":"","thoughtSignature":"sig"})"), kStop});
  ASSERT_TRUE(decoded.ended);
  EXPECT_EQ(decoded.answer.id, "r1");
  EXPECT_EQ(decoded.answer.model, "gemini-x");
  const auto& choice = decoded.answer.choices.at(0);
  ASSERT_EQ(choice.blocks.size(), 2U);
  EXPECT_EQ(choice.blocks[0].as<Reasoning>()->text, "I think");
  EXPECT_TRUE(choice.blocks[0].as<Reasoning>()->summary);
  EXPECT_EQ(choice.blocks[1].as<Text>()->text, "über alles");
  EXPECT_EQ(choice.blocks[1].as<Text>()->signature, (llm::Opaque{llm::Origin::gemini, "sig"}));
  EXPECT_EQ(choice.finish, FinishReason::stop);
  EXPECT_EQ(choice.native_finish, "STOP");
  // Case 6: thoughts are in the completion once.
  EXPECT_EQ(decoded.answer.usage.prompt_tokens, 4U);
  EXPECT_EQ(decoded.answer.usage.completion_tokens, 7U);
  EXPECT_EQ(decoded.answer.usage.reasoning_tokens, 5U);
}

TEST(GeminiDecoder, signed_parts_stay_apart) {
  const auto decoded = decode({chunk(R"({"text":"a","thoughtSignature":"1"})"), chunk(R"({"text":"b"})"),
                               chunk(R"({"text":"c","thoughtSignature":"2"})"), kStop});
  const auto& blocks = decoded.answer.choices.at(0).blocks;
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(blocks[0].as<Text>()->text, "ab");
  EXPECT_EQ(blocks[1].as<Text>()->signature.value, "2");
}

// Case 3: parallel calls are blocks of their own, with ids of their own.
TEST(GeminiDecoder, parallel_calls) {
  const auto decoded = decode({chunk(R"({"functionCall":{"name":"f","args":{"x":1}},"thoughtSignature":"s"},)"
                                     R"({"functionCall":{"id":"given","name":"f","args":{"x":2}}})"),
                               chunk(R"({"functionCall":{"name":"g"}})"), kStop});
  const auto calls = calls_of(decoded.answer);
  ASSERT_EQ(calls.size(), 3U);
  EXPECT_EQ(calls[0]->id, "call_r1_1");
  EXPECT_EQ(calls[1]->id, "given");
  EXPECT_EQ(calls[2]->id, "call_r1_3");
  EXPECT_EQ(calls[0]->arguments, R"({"x":1})");
  EXPECT_EQ(calls[2]->arguments, "{}");
  EXPECT_EQ(calls[0]->signature, (llm::Opaque{llm::Origin::gemini, "s"}));
  EXPECT_TRUE(calls[1]->signature.empty());
  EXPECT_EQ(decoded.answer.choices[0].finish, FinishReason::tool_calls);
}

TEST(GeminiDecoder, ids_are_the_same_each_time_and_differ_between_answers) {
  const auto id = [](std::string_view response) {
    return calls_of(
               answer(R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}}]},"finishReason":"STOP"}])" +
                      std::string(response) + "}"))
        .at(0)
        ->id;
  };
  EXPECT_EQ(id(R"(,"responseId":"a")"), id(R"(,"responseId":"a")"));
  EXPECT_NE(id(R"(,"responseId":"a")"), id(R"(,"responseId":"b")"));
  EXPECT_NE(id(R"(,"createTime":"1")"), id(R"(,"createTime":"2")"));
  EXPECT_LE(id(R"(,"responseId":")" + std::string(500, 'x') + "\"").size(), 40U);
}

// Case 4: only STOP becomes a call's reason, wherever it comes.
TEST(GeminiDecoder, stop_behind_a_call) {
  const std::string call = R"({"functionCall":{"name":"f","args":{}}})";
  const auto finish = [&](const std::vector<std::string>& chunks) {
    const auto decoded = decode(chunks);
    EXPECT_TRUE(decoded.ended);
    return decoded.answer.choices.at(0).finish;
  };
  const auto ends = [](std::string_view reason) {
    return chunk(R"({"text":""})", R"(,"finishReason":")" + std::string(reason) + "\"");
  };
  EXPECT_EQ(finish({chunk(call), ends("STOP")}), FinishReason::tool_calls);
  EXPECT_EQ(finish({chunk(call, R"(,"finishReason":"STOP")")}), FinishReason::tool_calls);
  EXPECT_EQ(finish({ends("STOP"), chunk(call, R"(,"finishReason":"STOP")")}), FinishReason::tool_calls);
  EXPECT_EQ(finish({chunk(call), ends("MAX_TOKENS")}), FinishReason::length);
  EXPECT_EQ(finish({chunk(call), ends("SAFETY")}), FinishReason::content_filter);
  EXPECT_EQ(finish({chunk(call, R"(,"finishReason":"MAX_TOKENS")"), ends("STOP")}), FinishReason::length);
  EXPECT_EQ(finish({chunk(R"({"text":"a"})", R"(,"finishReason":"SAFETY")"), ends("STOP")}),
            FinishReason::content_filter);
  EXPECT_EQ(finish({ends("MALFORMED_FUNCTION_CALL")}), FinishReason::malformed);
}

TEST(GeminiDecoder, every_reason_has_a_meaning) {
  for (const std::string_view word : {"FINISH_REASON_UNSPECIFIED",
                                      "STOP",
                                      "MAX_TOKENS",
                                      "SAFETY",
                                      "RECITATION",
                                      "LANGUAGE",
                                      "OTHER",
                                      "BLOCKLIST",
                                      "PROHIBITED_CONTENT",
                                      "SPII",
                                      "MALFORMED_FUNCTION_CALL",
                                      "IMAGE_SAFETY",
                                      "UNEXPECTED_TOOL_CALL",
                                      "TOO_MANY_TOOL_CALLS",
                                      "IMAGE_PROHIBITED_CONTENT",
                                      "NO_IMAGE",
                                      "IMAGE_RECITATION",
                                      "IMAGE_OTHER",
                                      "CONTINUATION",
                                      "MALFORMED_RESPONSE",
                                      "SOMETHING_NEW"}) {
    EXPECT_NE(finish_of(word), FinishReason::unknown) << word;
  }
  EXPECT_EQ(finish_of("MALFORMED_RESPONSE"), FinishReason::malformed);
  EXPECT_EQ(finish_of("CONTINUATION"), FinishReason::pause);
  EXPECT_EQ(finish_of("SPII"), FinishReason::content_filter);
  EXPECT_EQ(finish_of("SOMETHING_NEW"), FinishReason::error);
}

TEST(GeminiDecoder, a_refused_prompt) {
  const auto decoded =
      decode({R"({"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":7}})"});
  ASSERT_TRUE(decoded.ended);
  ASSERT_EQ(decoded.answer.choices.size(), 1U);
  EXPECT_EQ(decoded.answer.choices[0].finish, FinishReason::content_filter);
  EXPECT_EQ(decoded.answer.choices[0].native_finish, "PROHIBITED_CONTENT");
  EXPECT_EQ(decoded.answer.usage.prompt_tokens, 7U);
}

// Case 7: an error after a 200 stays one, and a stream that breaks off is none that ended.
TEST(GeminiDecoder, errors_inside_a_stream) {
  const auto failed = decode(
      {chunk(R"({"text":"a"})"), R"({"error":{"code":503,"message":"try later","status":"UNAVAILABLE"}})", kStop});
  ASSERT_TRUE(failed.error.has_value());
  EXPECT_FALSE(failed.ended);
  EXPECT_EQ(failed.error->kind, llm::ErrorKind::overloaded);
  EXPECT_EQ(failed.error->status, 503);
  EXPECT_EQ(failed.error->message, "try later");
  // Also where it is all that comes, or comes with something.
  const auto alone = decode({R"({"candidates":[{"x":1}],"error":{"code":429,"message":"m"}})", kStop});
  ASSERT_TRUE(alone.error.has_value());
  EXPECT_EQ(alone.error->kind, llm::ErrorKind::rate_limit);
  for (const auto& chunks : std::vector<std::vector<std::string>>{
           {chunk(R"({"text":"a"})")}, {}, {R"({"candidates":[]})"}, {"{\"candidates\":[{", kStop}, {"[]"}, {"7"}}) {
    const auto broken = decode(chunks);
    EXPECT_FALSE(broken.ended);
    ASSERT_TRUE(broken.error.has_value());
    EXPECT_EQ(broken.error->status, 502);
  }
  EXPECT_FALSE(back().read_answer(R"({"error":{"code":500,"message":"m"}})", {testing::kNothing, testing::kPlain}));
  EXPECT_FALSE(back().read_answer("<html>", {testing::kNothing, testing::kPlain}));
  EXPECT_FALSE(back().read_answer("{}", {testing::kNothing, testing::kPlain}));
}

TEST(GeminiDecoder, arguments_in_pieces) {
  const auto decoded = decode(
      {chunk(R"({"functionCall":{"name":"f","willContinue":true},"thoughtSignature":"s"})"),
       chunk(
           R"({"functionCall":{"partialArgs":[{"jsonPath":"$.a[0].b","stringValue":"x\"","willContinue":true}],"willContinue":true}})"),
       chunk(R"({"functionCall":{"partialArgs":[{"jsonPath":"$.a[0].b","stringValue":"y"}],"willContinue":true}})"),
       chunk(
           R"({"functionCall":{"partialArgs":[{"jsonPath":"$['odd name']","numberValue":0.5},{"jsonPath":"$.a[1]","nullValue":"NULL_VALUE"},)"
           R"({"jsonPath":"$.ok","boolValue":true}],"willContinue":true}})"),
       chunk(R"({"functionCall":{}})"), chunk(R"({"functionCall":{"name":"g","willContinue":true}})"), kStop});
  ASSERT_TRUE(decoded.ended);
  const auto calls = calls_of(decoded.answer);
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0]->arguments, R"({"a":[{"b":"x\"y"},null],"odd name":0.5,"ok":true})");
  EXPECT_EQ(calls[0]->signature.value, "s");
  EXPECT_EQ(calls[1]->name, "g");  // without its last piece
  EXPECT_EQ(calls[1]->arguments, "{}");
}

TEST(GeminiDecoder, pieces_are_bounded) {
  for (const std::string_view path : {"$", "a", "$.", "$[99999]", "$[x]", "$['a", "$.a[4096]"}) {
    const auto decoded = decode({chunk(R"({"functionCall":{"name":"f","partialArgs":[{"jsonPath":")" +
                                       std::string(path) + R"(","stringValue":"v"}]}})"),
                                 kStop});
    EXPECT_TRUE(decoded.error.has_value()) << path;
  }
  std::string deep = "$";
  for (int i = 0; i < 65; ++i) deep += ".a";
  EXPECT_TRUE(decode({chunk(R"({"functionCall":{"name":"f","partialArgs":[{"jsonPath":")" + deep +
                            R"(","stringValue":"v"}]}})")})
                  .error.has_value());
}

// Case 10: the function that stands for the answer's format does not show.
TEST(GeminiDecoder, the_answer_as_arguments) {
  Rewrites rewrites;
  rewrites.json_tool = "final_answer";
  rewrites.tool_names = {{"_9", "9"}};
  const auto decoded = decode({chunk(R"({"functionCall":{"name":"final_answer","args":{"x":1}}})"), kStop}, rewrites);
  EXPECT_EQ(text_of(decoded.answer), R"({"x":1})");
  EXPECT_TRUE(calls_of(decoded.answer).empty());
  EXPECT_EQ(decoded.answer.choices[0].finish, FinishReason::stop);
  const auto other = decode({chunk(R"({"functionCall":{"name":"_9","args":{}}})"), kStop}, rewrites);
  EXPECT_EQ(calls_of(other.answer).at(0)->name, "9");
  EXPECT_EQ(other.answer.choices[0].finish, FinishReason::tool_calls);
  Rewrites wrapped;
  wrapped.json_tool = "final_answer";
  wrapped.json_wrapped = true;
  EXPECT_EQ(
      text_of(
          decode({chunk(R"({"functionCall":{"name":"final_answer","args":{"value":[1,2]}}})"), kStop}, wrapped).answer),
      "[1,2]");
}

TEST(GeminiDecoder, tools_that_take_a_text) {
  Rewrites rewrites;
  rewrites.text_tools = {"free"};
  const auto decoded = decode({chunk(R"({"functionCall":{"name":"free","args":{"input":"a\nb"}}})"), kStop}, rewrites);
  const auto calls = calls_of(decoded.answer);
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0]->kind, llm::ToolKind::custom);
  EXPECT_EQ(calls[0]->arguments, "a\nb");
}

TEST(GeminiDecoder, grounding_in_code_points) {
  const auto decoded = decode(
      {chunk(R"({"text":"Ärger "})"), chunk(R"({"text":"über allem"})"),
       R"({"candidates":[{"content":{"parts":[{"text":""}]},"finishReason":"STOP","groundingMetadata":{"webSearchQueries":["q"],"groundingChunks":)"
       R"([{"web":{"uri":"https://a","title":"A"}},{"retrievedContext":{"text":"T","title":"B"}}],"groundingSupports":[)"
       R"({"segment":{"startIndex":7,"endIndex":12,"text":"über"},"groundingChunkIndices":[0,1,9]},)"
       R"({"segment":{"startIndex":900,"endIndex":901},"groundingChunkIndices":[0]}]}}]})"});
  const auto& blocks = decoded.answer.choices.at(0).blocks;
  ASSERT_EQ(blocks.size(), 1U);
  const auto& citations = blocks[0].as<Text>()->citations;
  ASSERT_EQ(citations.size(), 3U);
  EXPECT_EQ(citations[0].url, "https://a");
  EXPECT_EQ(citations[0].begin, 6U);
  EXPECT_EQ(citations[0].end, 10U);
  EXPECT_EQ(citations[1].cited_text, "T");
  EXPECT_FALSE(citations[2].begin.has_value());
  ASSERT_EQ(decoded.answer.extras.size(), 1U);
  EXPECT_EQ(decoded.answer.extras[0].name, "candidates[0].groundingMetadata");
}

TEST(GeminiDecoder, grounding_behind_a_closed_text) {
  const auto decoded = decode(
      {chunk(R"({"text":"a"},{"functionCall":{"name":"f"}})"),
       R"({"candidates":[{"finishReason":"STOP","groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a"}}]}}]})"});
  ASSERT_TRUE(decoded.ended);
  const auto& blocks = decoded.answer.choices.at(0).blocks;
  ASSERT_EQ(blocks.size(), 3U);
  EXPECT_EQ(blocks[2].as<Text>()->citations.at(0).url, "https://a");
}

TEST(GeminiDecoder, recitations_logprobs_and_what_else_is_told) {
  const auto read = answer(
      R"({"candidates":[{"content":{"parts":[{"text":"ab"}]},"finishReason":"STOP","avgLogprobs":-0.5,"citationMetadata":{"citations":)"
      R"([{"startIndex":0,"endIndex":1,"uri":"https://l","license":"MIT"}]},"logprobsResult":{"chosenCandidates":[{"token":"ab","logProbability":-0.25}],)"
      R"("topCandidates":[{"candidates":[{"token":"ab","logProbability":-0.25},{"token":"x","logProbability":-3}]}]}}],)"
      R"("createTime":"2026-05-04T20:01:02.264968Z","usageMetadata":{"promptTokenCount":1,"serviceTier":"standard"}})");
  const auto& text = *read.choices.at(0).blocks.at(0).as<Text>();
  EXPECT_EQ(text.citations.at(0).url, "https://l");
  EXPECT_EQ(text.citations[0].end, 1U);
  ASSERT_EQ(text.logprobs.size(), 1U);
  EXPECT_EQ(text.logprobs[0].logprob, -0.25);
  EXPECT_EQ(text.logprobs[0].top.at(1).token, "x");
  EXPECT_EQ(read.created, 1777924862);
  EXPECT_EQ(read.service_tier, "default");
  ASSERT_EQ(read.extras.size(), 1U);
  EXPECT_EQ(read.extras[0].name, "candidates[0].avgLogprobs");
}

TEST(GeminiDecoder, candidates_side_by_side) {
  const auto decoded = decode(
      {R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"index":0},{"content":{"parts":[{"text":"x"}]},"index":1}]})",
       R"({"candidates":[{"content":{"parts":[{"text":"y"}]},"finishReason":"STOP","index":1}]})",
       R"({"candidates":[{"content":{"parts":[{"text":"b"}]},"finishReason":"MAX_TOKENS","index":0}]})"});
  ASSERT_TRUE(decoded.ended);
  ASSERT_EQ(decoded.answer.choices.size(), 2U);
  EXPECT_EQ(decoded.answer.choices[0].blocks.at(0).as<Text>()->text, "ab");
  EXPECT_EQ(decoded.answer.choices[1].blocks.at(0).as<Text>()->text, "xy");
  EXPECT_EQ(decoded.answer.choices[0].finish, FinishReason::length);
}

TEST(GeminiDecoder, media_and_parts_of_its_own) {
  const auto read = answer(
      R"({"candidates":[{"content":{"parts":[{"executableCode":{"language":"PYTHON","code":"1+1","id":"k"}},)"
      R"({"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"2"}},{"inlineData":{"mimeType":"image/png","data":"AA-_"},"thoughtSignature":"s"}]},)"
      R"("finishReason":"STOP"}]})");
  const auto& blocks = read.choices.at(0).blocks;
  ASSERT_EQ(blocks.size(), 3U);
  EXPECT_EQ(blocks[0].as<llm::Foreign>()->text, "1+1");
  EXPECT_EQ(blocks[1].as<llm::Foreign>()->type, "codeExecutionResult");
  EXPECT_EQ(blocks[2].as<llm::Media>()->data, "AA+/");
  EXPECT_EQ(blocks[2].as<llm::Media>()->kind, llm::Media::Kind::image);
}

// The last count is the one that holds, also where it is less.
TEST(GeminiDecoder, usage_of_the_last_chunk) {
  const auto with = [](std::string_view usage) {
    std::string out = chunk(R"({"text":"a"})", R"(,"finishReason":"STOP")");
    out.pop_back();
    return out + R"(,"usageMetadata":)" + std::string(usage) + "}";
  };
  const auto decoded = decode({with(R"({"promptTokenCount":169,"totalTokenCount":169})"),
                               with(R"({"promptTokenCount":79,"candidatesTokenCount":12,"totalTokenCount":91})"),
                               with(R"({"trafficType":"ON_DEMAND"})")});
  EXPECT_EQ(decoded.answer.usage.prompt_tokens, 79U);
  EXPECT_EQ(decoded.answer.usage.completion_tokens, 12U);
  const auto tools = decode({with(
      R"({"promptTokenCount":10,"cachedContentTokenCount":4,"toolUsePromptTokenCount":5,"candidatesTokenCount":1,"totalTokenCount":16})")});
  EXPECT_EQ(tools.answer.usage.prompt_tokens, 15U);
  EXPECT_EQ(tools.answer.usage.cached_tokens, 4U);
}

// The same, whole and in chunks of every size.
TEST(GeminiDecoder, whole_and_streamed_agree) {
  const std::string whole =
      R"({"candidates":[{"content":{"parts":[{"text":"why","thought":true},{"text":"so"},{"functionCall":{"name":"f","args":{"a":[1]}},"thoughtSignature":"s"}],)"
      R"("role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5},"modelVersion":"gemini-x","responseId":"r1"})";
  const auto read = answer(whole);
  for (
      const auto& streamed :
      {decode({whole}), decode({"[" + whole + "]"}),
       decode(
           {chunk(R"({"text":"w","thought":true})"), "", chunk(R"({"text":"hy","thought":true},{"text":"s"})"),
            chunk(R"({"text":"o"},{"functionCall":{"name":"f","args":{"a":[1]}},"thoughtSignature":"s"})"),
            R"({"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5}})"})}) {
    ASSERT_TRUE(streamed.ended);
    const llm::ChatRequest request;
    const Writing writing{.request = request, .seed = "s"};
    EXPECT_EQ(front().write_answer(streamed.answer, writing), front().write_answer(read, writing));
  }
}

}  // namespace
}  // namespace gatehouse::dialects::gemini
