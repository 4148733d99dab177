#include "gatehouse/dialects/openai_chat/codec.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/llm/chat/assembler.h"

namespace gatehouse::dialects::openai_chat {
namespace {

using llm::Author;
using llm::Block;
using llm::ChatEvent;
using llm::ChatRequest;
using llm::FinishReason;
using llm::Media;
using llm::Origin;
using Q = llm::Quirks;
using testing::HasSubstr;
using testing::Not;

Block text(std::string said) { return {.value = llm::Text{.text = std::move(said)}}; }
Block image() {
  Media made;
  made.media_type = "image/png";
  made.data = "AAAA";
  return {.value = std::move(made)};
}
Block call(std::string id, std::string name, std::string arguments = "{}") {
  llm::ToolCall made;
  made.id = std::move(id);
  made.name = std::move(name);
  made.arguments = std::move(arguments);
  return {.value = std::move(made)};
}
Block result(std::string id, std::vector<Block> content, bool is_error = false) {
  llm::ToolResult made;
  made.call_id = std::move(id);
  made.content = std::move(content);
  made.is_error = is_error;
  return {.value = std::move(made)};
}
llm::Message message(Author author, std::vector<Block> blocks) {
  llm::Message made;
  made.author = author;
  made.blocks = std::move(blocks);
  return made;
}
llm::Tool tool(std::string name, std::string schema = {}) {
  llm::Tool made;
  made.name = std::move(name);
  made.schema = std::move(schema);
  return made;
}
// As another dialect's caller would ask.
ChatRequest foreign(std::vector<llm::Message> messages) {
  ChatRequest request;
  request.dialect = llm::Dialect::anthropic;
  request.model = "m";
  request.messages = std::move(messages);
  return request;
}

struct Written {
  std::string body;
  Losses losses;
  Rewrites rewrites;
  ApiError error;
};
Written write(const ChatRequest& request, const Q& quirks = {}, Origin origin = Origin::none, bool stream = false) {
  Written out;
  auto body = back().write_request(request, {.model = "t", .stream = stream, .quirks = quirks, .origin = origin},
                                   out.losses, out.rewrites);
  if (body) {
    out.body = std::move(*body);
    EXPECT_TRUE(json::validate(out.body).has_value()) << out.body;
  } else {
    out.error = body.error();
  }
  return out;
}

struct Answer {
  llm::ChatAnswer answer;
  std::optional<llm::ChatError> error;
  bool ended = false;
};
Answer decode(const std::vector<std::string>& chunks, const Rewrites& rewrites = {}, Origin origin = Origin::none) {
  const Q quirks;
  const auto decoder = back().make_decoder({.rewrites = rewrites, .quirks = quirks, .origin = origin});
  llm::AnswerAssembler assembler;
  std::vector<ChatEvent> events;
  const auto take = [&] {
    for (const ChatEvent& event : events) {
      const auto added = assembler.add(event);
      EXPECT_TRUE(added.has_value()) << added.error().detail;
    }
    events.clear();
  };
  for (const std::string& chunk : chunks) {
    decoder->on_event({}, chunk, events);
    take();
  }
  decoder->on_end(events);
  take();
  return {assembler.answer(), assembler.error(), assembler.ended()};
}

std::string delta(std::string_view members, std::string_view finish = "null") {
  return R"({"id":"c","created":1,"model":"m","choices":[{"index":0,"delta":{)" + std::string(members) +
         R"(},"finish_reason":)" + std::string(finish) + "}]}";
}

std::string encode(const std::vector<ChatEvent>& run, const ChatRequest& asked = {}) {
  std::string out;
  const Writing writing{.request = asked, .model = {}, .seed = "s", .now = 7};
  const auto encoder = front().make_encoder(writing);
  for (const ChatEvent& event : run) encoder->write(event, out);
  return out;
}

// --- requests

TEST(ChatCodec, a_request_that_cannot_be_read_says_where) {
  const auto param = [](std::string_view body) {
    const auto read = front().read_request(body, {}, false);
    EXPECT_FALSE(read.has_value()) << body;
    return read ? std::string() : read.error().param;
  };
  EXPECT_EQ(param(R"({"messages":[{"role":"user","content":"x"}]})"), "model");
  EXPECT_EQ(param(R"({"model":"m","messages":[]})"), "messages");
  EXPECT_EQ(param(R"({"model":"m","messages":{}})"), "messages");
  EXPECT_EQ(param(R"({"model":"m","messages":[{"role":"narrator","content":"x"}]})"), "messages[0].role");
  EXPECT_EQ(param(R"({"model":"m","messages":[{"role":"user","content":7}]})"), "messages[0].content");
  EXPECT_EQ(
      param(
          R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{}}]}]})"),
      "messages[0].content[1]");
  EXPECT_EQ(param(R"({"model":"m","messages":[{"role":"user","content":"x"}],"temperature":"hot"})"), "temperature");
  EXPECT_EQ(param(R"({"model":"m","messages":[{"role":"user","content":"x"}],"n":0})"), "n");
  EXPECT_EQ(param(R"({"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function"}]})"),
            "tools[0]");
  EXPECT_EQ(param(R"({"model":"m","messages":[{"role":"user","content":"x"}],"tool_choice":"perhaps"})"),
            "tool_choice");
  EXPECT_EQ(
      param(
          R"({"model":"m","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"n"}}})"),
      "response_format.json_schema.schema");
}

TEST(ChatCodec, what_could_blow_up_is_bounded) {
  std::string body = R"({"model":"m","messages":[)";
  for (std::size_t i = 0; i <= kMostMessages; ++i) body += R"({"role":"user","content":"x"},)";
  body.back() = ']';
  body += '}';
  auto read = front().read_request(body, {}, false);
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().error.code, Code::too_large);

  body = R"({"model":"m","messages":[{"role":"user","content":[)";
  for (std::size_t i = 0; i <= kMostParts; ++i) body += "\"\",";
  body.back() = ']';
  body += "}]}";
  read = front().read_request(body, {}, false);
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().error.code, Code::too_large);
}

TEST(ChatCodec, a_client_that_lost_the_texts_of_details_has_them_still) {
  const auto read = front().read_request(
      R"({"model":"m","messages":[{"role":"assistant","content":"A","reasoning_content":"all of it","reasoning_details":[{"type":"reasoning.text","signature":"SIG","format":"anthropic-claude-v1","index":0}]}]})",
      {}, false);
  ASSERT_TRUE(read.has_value());
  const auto* const thought = read->messages[0].blocks[0].as<llm::Reasoning>();
  ASSERT_NE(thought, nullptr);
  EXPECT_EQ(thought->text, "all of it");
  EXPECT_EQ(thought->signature, (llm::Opaque{Origin::anthropic, "SIG"}));
  EXPECT_EQ(read->messages[0].blocks.size(), 2U);
}

TEST(ChatCodec, results_stand_behind_their_calls_and_pictures_behind_the_results) {
  const auto request = foreign(
      {message(Author::user, {text("go")}), message(Author::assistant, {text("ok"), call("a", "f"), call("b", "f")}),
       message(Author::user,
               {result("a", {text("seen"), image()}), result("b", {text("broke")}, true), text("well?")})});
  const Written out = write(request);
  const std::string_view messages = json::find(out.body, "messages");
  std::vector<std::string> roles;
  json::Value(messages).elements([&](json::Value one) { roles.push_back(one["role"].string_or("")); });
  EXPECT_THAT(roles, testing::ElementsAre("user", "assistant", "tool", "tool", "user", "user"));
  EXPECT_THAT(out.body, HasSubstr(R"("tool_call_id":"b","content":"Error: broke")"));
  EXPECT_THAT(out.body, HasSubstr("data:image/png;base64,AAAA"));
  EXPECT_FALSE(out.losses.any());
}

TEST(ChatCodec, what_cannot_be_left_out_is_refused) {
  Q quirks;
  quirks.refuses = Q::images;
  const Written out = write(foreign({message(Author::user, {text("see"), image()})}), quirks);
  EXPECT_EQ(out.error.error.code, Code::unsupported);
  EXPECT_EQ(out.error.param, "messages[0]");

  ChatRequest stored = foreign({message(Author::user, {text("go on")})});
  stored.previous_id = "resp_1";
  EXPECT_EQ(write(stored).error.param, "previous_response_id");

  ChatRequest searching = foreign({message(Author::user, {text("look")})});
  searching.tools.push_back(tool("web_search"));
  searching.tools[0].kind = llm::ToolKind::provider;
  searching.tools[0].verbatim = {.dialect = llm::Dialect::anthropic, .json = R"({"type":"web_search_20250305"})"};
  EXPECT_EQ(write(searching).error.param, "tools[0]");
}

TEST(ChatCodec, opaque_state_goes_only_where_it_can_be_read) {
  llm::Reasoning thought;
  thought.text = "hm";
  thought.signature = {Origin::anthropic, "SIGNATURE"};
  llm::Reasoning hidden;
  hidden.encrypted = {Origin::openai, "ENCRYPTED"};
  Block signed_call = call("a", "f");
  signed_call.as<llm::ToolCall>()->signature = {Origin::gemini, "THOUGHT"};
  const auto request = foreign({message(Author::user, {text("go")}),
                                message(Author::assistant, {{.value = thought}, {.value = hidden}, signed_call}),
                                message(Author::user, {result("a", {text("done")})})});
  for (const auto send : {Q::SendReasoning::never, Q::SendReasoning::field, Q::SendReasoning::details,
                          Q::SendReasoning::extra, Q::SendReasoning::chunks, Q::SendReasoning::loop}) {
    for (const Origin origin : {Origin::none, Origin::anthropic, Origin::openai, Origin::gemini, Origin::mistral,
                                Origin::openrouter, Origin::other}) {
      Q quirks;
      quirks.send_reasoning = send;
      const std::string body = write(request, quirks, origin).body;
      if (origin != Origin::anthropic) EXPECT_THAT(body, Not(HasSubstr("SIGNATURE")));
      if (origin != Origin::openai) EXPECT_THAT(body, Not(HasSubstr("ENCRYPTED")));
      if (origin != Origin::gemini) EXPECT_THAT(body, Not(HasSubstr("THOUGHT")));
    }
  }
  Q details;
  details.send_reasoning = Q::SendReasoning::details;
  EXPECT_THAT(write(request, details, Origin::anthropic).body, HasSubstr("SIGNATURE"));
}

TEST(ChatCodec, openrouters_state_keeps_its_format_on_the_way_round) {
  const Q quirks{.send_reasoning = Q::SendReasoning::details};
  const Rewrites none;
  // What OpenRouter says, as a caller of another turn has it, and back.
  const auto answer = back().read_answer(
      R"({"id":"g","model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"A","reasoning_details":[{"type":"reasoning.text","text":"T","signature":"SIG","format":"anthropic-claude-v1","index":0}]}}]})",
      {.rewrites = none, .quirks = quirks, .origin = Origin::openrouter});
  ASSERT_TRUE(answer.has_value());
  const ChatRequest asked;
  const std::string told = front().write_answer(*answer, {.request = asked, .model = {}, .seed = "s"});
  EXPECT_THAT(told, HasSubstr("gh1.openrouter."));
  std::string said;
  json::Value(json::find(told, "choices")).elements([&](json::Value one) { said = one["message"].raw(); });
  const std::string next =
      R"({"model":"m","messages":[{"role":"user","content":"Q"},)" + said + R"(,{"role":"user","content":"Q2"}]})";
  const auto read = front().read_request(next, {}, false);
  ASSERT_TRUE(read.has_value()) << next;
  EXPECT_THAT(write(*read, quirks, Origin::openrouter).body,
              HasSubstr(R"("text":"T","signature":"SIG","format":"anthropic-claude-v1")"));
  EXPECT_THAT(write(*read, quirks, Origin::anthropic).body, Not(HasSubstr("SIG")));
}

TEST(ChatCodec, schemas_and_names_are_undone_in_the_answer) {
  ChatRequest request = foreign({message(Author::user, {text("list")})});
  request.tools.push_back(tool("mcp.list:all", R"({"type":"object"})"));
  request.format.kind = llm::OutputFormat::Kind::json_schema;
  request.format.schema = R"({"type":"array","items":{"type":"string"}})";
  const Written out = write(request);
  ASSERT_FALSE(out.body.empty()) << out.error.error.detail;
  EXPECT_TRUE(out.rewrites.json_wrapped);
  EXPECT_THAT(out.body, Not(HasSubstr("mcp.list:all")));
  ASSERT_EQ(out.rewrites.tool_names.size(), 1U);
  const std::string sent = out.rewrites.tool_names[0].first;

  const std::vector<std::string> chunks = {
      delta(R"("content":"{\"val")"),
      delta(R"("content":"ue\": [\"a\"")"),
      delta(R"("content":"]}")"),
      delta(R"("tool_calls":[{"index":0,"id":"i","function":{"name":")" + sent + R"(","arguments":"{}"}}])"),
      delta("", R"("tool_calls")"),
      "[DONE]"};
  const Answer answer = decode(chunks, out.rewrites);
  ASSERT_TRUE(answer.ended);
  EXPECT_EQ(answer.answer.choices[0].blocks[0].as<llm::Text>()->text, R"(["a"])");
  EXPECT_EQ(answer.answer.choices[0].blocks[1].as<llm::ToolCall>()->name, "mcp.list:all");
}

TEST(ChatCodec, a_tool_of_text_is_a_function_where_there_are_no_others) {
  ChatRequest request = foreign({message(Author::user, {text("patch")})});
  request.tools.push_back(tool("apply_patch"));
  request.tools[0].kind = llm::ToolKind::custom;
  Q quirks;
  quirks.refuses = Q::custom_tools;
  const Written out = write(request, quirks);
  EXPECT_THAT(out.rewrites.text_tools, testing::ElementsAre("apply_patch"));
  const Answer answer =
      decode({delta(R"("tool_calls":[{"index":0,"id":"i","function":{"name":"apply_patch","arguments":"{\"inp"}}])"),
              delta(R"("tool_calls":[{"index":0,"function":{"arguments":"ut\":\"a\\nb\"}"}}])"),
              delta("", R"("tool_calls")"), "[DONE]"},
             out.rewrites);
  const auto* const made = answer.answer.choices.at(0).blocks.at(0).as<llm::ToolCall>();
  ASSERT_NE(made, nullptr);
  EXPECT_EQ(made->kind, llm::ToolKind::custom);
  EXPECT_EQ(made->arguments, "a\nb");
}

TEST(ChatCodec, efforts_become_the_nearest_that_is_known) {
  ChatRequest request = foreign({message(Author::user, {text("x")})});
  const auto bit = [](llm::Effort effort) { return 1U << static_cast<unsigned>(effort); };
  const Q quirks{.efforts = bit(llm::Effort::none) | bit(llm::Effort::low) | bit(llm::Effort::high)};
  const auto sent = [&](llm::Effort effort) {
    request.reasoning.effort = effort;
    return std::string(json::find(write(request, quirks).body, "reasoning_effort"));
  };
  EXPECT_EQ(sent(llm::Effort::max), "\"high\"");
  EXPECT_EQ(sent(llm::Effort::minimal), "\"low\"");
  EXPECT_EQ(sent(llm::Effort::medium), "\"low\"");
  EXPECT_EQ(sent(llm::Effort::none), "\"none\"");
  request.reasoning = {};
  request.reasoning.budget = 20'000;
  EXPECT_EQ(json::find(write(request, quirks).body, "reasoning_effort"), "\"high\"");
}

TEST(ChatCodec, watsonx_has_its_own_members) {
  ChatRequest request = foreign({message(Author::user, {text("x")})});
  request.tools.push_back(tool("f"));
  request.tool_choice = {.mode = llm::ToolChoice::Mode::required, .given = true, .name = {}, .allowed = {}};
  const Q quirks{.model_member = "model_id",
                 .body_members = R"("project_id":"p-1")",
                 .stream_in_path = true,
                 .tool_choice_option = true};
  const std::string body = write(request, quirks, Origin::none, true).body;
  EXPECT_TRUE(body.starts_with(R"({"model_id":"t","project_id":"p-1",)")) << body;
  EXPECT_EQ(json::find(body, "tool_choice_option"), "\"required\"");
  EXPECT_EQ(json::find(body, "stream"), "");
}

// --- streams

TEST(ChatCodec, a_call_whose_name_comes_late_loses_nothing) {
  const Answer answer = decode({delta(R"("tool_calls":[{"index":0,"id":"i","function":{"arguments":"{\"a\""}}])"),
                                delta(R"("tool_calls":[{"index":0,"function":{"name":"f","arguments":":1}"}}])"),
                                delta("", R"("stop")"), "[DONE]"});
  const auto* const made = answer.answer.choices.at(0).blocks.at(0).as<llm::ToolCall>();
  EXPECT_EQ(made->name, "f");
  EXPECT_EQ(made->arguments, R"({"a":1})");
  EXPECT_EQ(answer.answer.choices[0].finish, FinishReason::tool_calls);
}

TEST(ChatCodec, a_bound_stays_a_bound_though_calls_came) {
  for (const auto& [word, finish] : {std::pair{R"("length")", FinishReason::length},
                                     std::pair{R"("content_filter")", FinishReason::content_filter}}) {
    const Answer answer =
        decode({delta(R"("tool_calls":[{"index":0,"id":"i","function":{"name":"f","arguments":"{"}}])"),
                delta("", word), "[DONE]"});
    EXPECT_EQ(answer.answer.choices.at(0).finish, finish);
  }
}

TEST(ChatCodec, a_lone_surrogate_is_not_the_end) {
  const Answer answer = decode({delta(R"("content":"a\ud83d")"), delta(R"("content":"b")"), delta("", R"("stop")")});
  EXPECT_TRUE(answer.ended);
  EXPECT_EQ(answer.answer.choices.at(0).blocks.at(0).as<llm::Text>()->text,
            "a\xEF\xBF\xBD"
            "b");
}

TEST(ChatCodec, what_is_no_chunk_fails) {
  for (const std::string body : {"<html>", "{\"choices\":[", "{}x", R"({"detail":"no"})", R"({"message":"no"})"}) {
    const Answer answer = decode({body});
    EXPECT_TRUE(answer.error.has_value()) << body;
    EXPECT_FALSE(answer.ended) << body;
  }
  EXPECT_TRUE(decode({}).error.has_value());
  EXPECT_TRUE(decode({"[DONE]"}).error.has_value());
}

TEST(ChatCodec, nothing_follows_an_error) {
  const Q quirks;
  const Rewrites none;
  const auto decoder = back().make_decoder({.rewrites = none, .quirks = quirks});
  std::vector<ChatEvent> events;
  decoder->on_event({}, delta(R"("content":"a")"), events);
  decoder->on_event({}, R"({"error":{"message":"m","code":503}})", events);
  ASSERT_EQ(events.back().kind, ChatEvent::Kind::failed);
  EXPECT_EQ(events.back().error->status, 503);
  const std::size_t size = events.size();
  decoder->on_event({}, delta(R"("content":"b")"), events);
  decoder->on_event({}, "[DONE]", events);
  decoder->on_end(events);
  EXPECT_EQ(events.size(), size);
}

TEST(ChatCodec, a_whole_answer_with_an_error_is_none) {
  const Q quirks;
  const Rewrites none;
  const std::string_view body = R"({"id":"g","choices":[],"error":{"code":502,"message":"Provider broke"}})";
  const auto answer = back().read_answer(body, {.rewrites = none, .quirks = quirks});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, Code::upstream_broken);
  EXPECT_EQ(back().read_error(200, body).message, "Provider broke");
  EXPECT_FALSE(back().read_answer(R"({"id":"g"})", {.rewrites = none, .quirks = quirks}).has_value());
  EXPECT_FALSE(back().read_answer("", {.rewrites = none, .quirks = quirks}).has_value());
}

TEST(ChatCodec, too_many_choices_fail) {
  std::string body = R"({"id":"c","choices":[)";
  for (std::size_t i = 0; i <= kMostChoices; ++i) body += R"({"index":)" + std::to_string(i) + R"(,"delta":{}},)";
  body.back() = ']';
  body += '}';
  EXPECT_TRUE(decode({body}).error.has_value());
}

// --- what callers get

std::vector<ChatEvent> run_with(FinishReason finish, std::string_view native) {
  return {{.kind = ChatEvent::Kind::started, .id = "i", .name = "m"},
          {.kind = ChatEvent::Kind::block_started},
          {.kind = ChatEvent::Kind::text, .text = "a"},
          {.kind = ChatEvent::Kind::block_ended},
          {.kind = ChatEvent::Kind::finished, .finish = finish, .native_finish = native},
          {.kind = ChatEvent::Kind::ended}};
}

TEST(ChatCodec, every_end_has_a_word_that_clients_know) {
  const auto ends = [](FinishReason finish, std::string_view word) {
    EXPECT_THAT(encode(run_with(finish, "theirs")), HasSubstr("\"finish_reason\":\"" + std::string(word) + "\""));
  };
  ends(FinishReason::stop, "stop");
  ends(FinishReason::stop_sequence, "stop");
  ends(FinishReason::pause, "stop");
  ends(FinishReason::malformed, "stop");
  ends(FinishReason::length, "length");
  ends(FinishReason::context_length, "length");
  ends(FinishReason::tool_calls, "tool_calls");
  ends(FinishReason::content_filter, "content_filter");
  ends(FinishReason::refusal, "content_filter");
  EXPECT_THAT(encode(run_with(FinishReason::pause, "pause_turn")), HasSubstr(R"("native_finish_reason":"pause_turn")"));
  EXPECT_THAT(encode(run_with(FinishReason::stop, "STOP")), Not(HasSubstr("native_finish_reason")));
  // What ended with an error never looks whole.
  const std::string failed = encode(run_with(FinishReason::error, "error"));
  EXPECT_THAT(failed, HasSubstr("data: {\"error\":"));
  EXPECT_THAT(failed, Not(HasSubstr("[DONE]")));
}

TEST(ChatCodec, the_usage_is_told_only_when_asked_for) {
  auto run = run_with(FinishReason::stop, "");
  llm::Usage usage;
  usage.prompt_tokens = 3;
  usage.completion_tokens = 4;
  usage.known = true;
  ChatEvent told;
  told.kind = ChatEvent::Kind::usage;
  told.usage = &usage;
  run.insert(run.begin() + 1, told);
  EXPECT_THAT(encode(run), Not(HasSubstr("usage")));
  ChatRequest asked;
  asked.include_usage = true;
  EXPECT_THAT(encode(run, asked),
              HasSubstr(R"("choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7)"));
}

TEST(ChatCodec, blocks_that_interleave_keep_their_numbers) {
  using K = ChatEvent::Kind;
  const auto event = [](K kind, std::uint32_t block, std::string_view said = {}) {
    ChatEvent made;
    made.kind = kind;
    made.block = block;
    made.block_kind = block == 0 ? llm::BlockKind::text : llm::BlockKind::tool_call;
    made.text = said;
    if (kind == K::block_started && block != 0) made.name = "f";
    return made;
  };
  std::vector<ChatEvent> run{{.kind = K::started}};
  for (std::uint32_t i : {0U, 1U, 2U}) run.push_back(event(K::block_started, i));
  run.push_back(event(K::text, 2, "2"));
  run.push_back(event(K::text, 1, "1"));
  run.push_back(event(K::text, 0, "t"));
  run.push_back(event(K::block_ended, 1));
  run.push_back(event(K::text, 2, "2"));
  run.push_back(event(K::block_ended, 2));
  run.push_back(event(K::block_ended, 0));
  const std::string out = encode(run);
  EXPECT_THAT(out, HasSubstr(R"({"index":0,"id":"call_sn0")"));
  EXPECT_THAT(out, HasSubstr(R"({"index":1,"id":"call_sn1")"));
  EXPECT_THAT(out, HasSubstr(R"({"index":1,"function":{"arguments":"2"}})"));
  EXPECT_THAT(out, HasSubstr(R"({"index":0,"function":{"arguments":"1"}})"));
}

// openai for Node keeps the last of a list's pieces, others join them: whole and once, both have it.
TEST(ChatCodec, a_signature_comes_once_with_all_that_it_signs) {
  llm::ChatAnswer answer;
  answer.choices.resize(1);
  answer.choices[0].finish = FinishReason::stop;
  llm::Reasoning thought;
  thought.text = "T1";
  thought.signature = {Origin::anthropic, "S1"};
  llm::Reasoning hidden;
  hidden.encrypted = {Origin::anthropic, "R2"};
  answer.choices[0].blocks = {{.value = thought}, {.value = hidden}, text("A")};
  const std::string out = encode(llm::run_of(answer));
  EXPECT_EQ(out.find("reasoning_details"), out.rfind("reasoning_details"));
  EXPECT_THAT(
      out,
      HasSubstr(
          R"("reasoning_details":[{"type":"reasoning.text","text":"T1","signature":"gh1.anthropic.S1","format":"anthropic-claude-v1","index":0},{"type":"reasoning.encrypted","data":"gh1.anthropic.R2")"));
  EXPECT_LT(out.find("reasoning_details"), out.find("\"finish_reason\":\"stop\""));

  // Of a thought that is too long to be held there is no proof, rather than one of a part.
  std::get<llm::Reasoning>(answer.choices[0].blocks[0].value).text = std::string(std::size_t{5} << 20, 'x');
  EXPECT_THAT(encode(llm::run_of(answer)), Not(HasSubstr("S1")));
}

TEST(ChatCodec, who_asks_in_the_old_way_is_answered_so) {
  const auto asked = front().read_request(
      R"({"model":"m","messages":[{"role":"user","content":"x"}],"functions":[{"name":"f"}]})", {}, false);
  ASSERT_TRUE(asked.has_value());
  llm::ChatAnswer answer;
  answer.choices.resize(1);
  answer.choices[0].blocks = {call("id", "f", R"({"a":1})")};
  answer.choices[0].finish = FinishReason::tool_calls;
  const std::string whole = front().write_answer(answer, {.request = *asked, .model = {}, .seed = "s"});
  EXPECT_THAT(whole, HasSubstr(R"("function_call":{"name":"f","arguments":"{\"a\":1}"})"));
  EXPECT_THAT(whole, HasSubstr(R"("finish_reason":"function_call")"));
  EXPECT_THAT(whole, Not(HasSubstr("tool_calls")));
  const std::string stream = encode(llm::run_of(answer), *asked);
  EXPECT_THAT(stream, HasSubstr(R"("function_call":{"arguments":"{\"a\":1}"})"));
  EXPECT_THAT(stream, Not(HasSubstr("tool_calls")));
}

TEST(ChatCodec, citations_count_from_the_beginning_of_the_message) {
  llm::ChatAnswer answer;
  answer.choices.resize(1);
  Block first = text("h\xC3\xA9llo ");
  Block second = text("world");
  llm::Citation citation;
  citation.url = "https://a.example";
  citation.begin = 0;
  citation.end = 5;
  second.as<llm::Text>()->citations.push_back(citation);
  answer.choices[0].blocks = {first, second};
  answer.choices[0].finish = FinishReason::stop;
  const ChatRequest asked;
  constexpr std::string_view kPlace = R"("start_index":6,"end_index":11)";
  EXPECT_THAT(front().write_answer(answer, {.request = asked, .model = {}, .seed = "s"}), HasSubstr(kPlace));
  EXPECT_THAT(encode(llm::run_of(answer)), HasSubstr(kPlace));
}

TEST(ChatCodec, what_a_provider_wrote_over_lines_stays_one_event) {
  llm::ChatAnswer answer;
  answer.choices.resize(1);
  answer.choices[0].finish = FinishReason::stop;
  answer.choices[0].blocks = {
      {.value = llm::Foreign{.verbatim = {.dialect = llm::Dialect::openai_chat, .json = "{\n\"a\":\r\n1}"},
                             .type = "message.executed",
                             .text = {}}}};
  answer.extras = {{"provider", "{\n \"x\": 1\n}"}};
  ChatRequest asked;
  asked.include_usage = true;
  answer.usage.known = true;
  const std::string out = encode(llm::run_of(answer), asked);
  EXPECT_THAT(out, HasSubstr("executed"));
  EXPECT_THAT(out, HasSubstr("provider"));
  for (std::size_t at = 0; (at = out.find('\n', at)) != std::string::npos; at += 2) {
    ASSERT_EQ(out.substr(at, 2), "\n\n");
    if (at + 2 < out.size()) EXPECT_EQ(out.substr(at + 2, 6), "data: ");
  }
}

}  // namespace
}  // namespace gatehouse::dialects::openai_chat
