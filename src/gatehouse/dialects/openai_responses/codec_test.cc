#include "gatehouse/dialects/openai_responses/codec.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "gatehouse/dialects/openai_responses/codec_testing.h"

namespace gatehouse::dialects::openai_responses {
namespace {

using namespace testing;
namespace fs = std::filesystem;

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

// GATEHOUSE_GOLDEN_WRITE writes what is found instead: for looking at, before it is kept.
void expect_golden(const fs::path& path, const std::string& found) {
  if (std::getenv("GATEHOUSE_GOLDEN_WRITE") != nullptr) std::ofstream(path, std::ios::binary) << found;
  EXPECT_EQ(slurp(path), found) << path;
}

std::string written(const llm::ChatRequest& request) {
  Losses losses;
  Rewrites rewrites;
  const auto body = back().write_request(request, target(), losses, rewrites);
  if (!body) return "refused: " + body.error().error.detail + "\n";
  EXPECT_TRUE(json::validate(*body).has_value()) << *body;
  std::string out = *body + "\n";
  for (const auto& lost : losses.dropped()) out += "lost " + lost + "\n";
  return out;
}

TEST(ResponsesCodec, golden_files) {
  std::size_t seen = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(GATEHOUSE_GOLDEN) / "openai_responses_codec")) {
    const std::string name = entry.path().filename().string();
    const auto kind = name.find(".in.");
    if (kind == std::string::npos) continue;
    ++seen;
    const fs::path base = entry.path().parent_path() / name.substr(0, kind);
    const std::string in = slurp(entry.path());
    llm::ChatRequest asked;
    asked.dialect = llm::Dialect::openai_responses;
    const Writing writing{.request = asked, .model = {}, .seed = "seed", .now = 1};
    if (name.find(".request.") != std::string::npos) {
      llm::ChatRequest request = read(in);
      expect_golden(base.string() + ".out.json", written(request));
      // The same as somebody else's caller would have said it.
      request.dialect = llm::Dialect::anthropic;
      expect_golden(base.string() + ".foreign.out.json", written(request));
    } else if (name.find(".answer.") != std::string::npos) {
      const auto answer = back().read_answer(in, kOpenai);
      ASSERT_TRUE(answer.has_value()) << answer.error().detail;
      expect_golden(base.string() + ".out.json", front().write_answer(*answer, writing) + "\n");
    } else {
      const Decoded decoded = decode(events_of(in), kOpenai, writing);
      EXPECT_TRUE(decoded.ended) << name;
      expect_golden(base.string() + ".out.sse", decoded.encoded);
      EXPECT_EQ(checked_response(decoded.encoded), front().write_answer(decoded.answer, writing)) << name;
    }
  }
  EXPECT_GE(seen, 7U);
}

// What is compared of an answer: all of it that both forms can say.
std::string said(const llm::ChatAnswer& answer) {
  llm::ChatRequest asked;
  std::string out = answer.id + " " + answer.model + " " + std::to_string(answer.created) + " " + answer.service_tier;
  for (const auto& extra : answer.extras) out += " " + extra.name + "=" + extra.json;
  out += " " + std::to_string(answer.usage.prompt_tokens) + "/" + std::to_string(answer.usage.completion_tokens) + "/" +
         std::to_string(answer.usage.cached_tokens) + "/" + std::to_string(answer.usage.reasoning_tokens) + "\n";
  for (const auto& choice : answer.choices) {
    out += choice.native_finish + " " + std::to_string(static_cast<int>(choice.finish)) + "\n";
    for (const auto& block : choice.blocks) {
      for (const auto& extra : block.extras) out += extra.name + "=" + extra.json + " ";
      if (const auto* text = block.as<llm::Text>()) {
        out += "text " + text->text + " citations " + std::to_string(text->citations.size());
        for (const auto& one : text->citations) out += " " + one.url + one.verbatim.json;
        for (const auto& one : text->logprobs) out += " " + one.token + std::to_string(one.top.size());
      } else if (const auto* refusal = block.as<llm::Refusal>()) {
        out += "refusal " + refusal->text;
      } else if (const auto* thought = block.as<llm::Reasoning>()) {
        out += "thought " + thought->id + " " + thought->text + " " + thought->encrypted.value;
      } else if (const auto* call = block.as<llm::ToolCall>()) {
        out += "call " + call->id + " " + call->name + " " + call->arguments;
      } else if (const auto* foreign = block.as<llm::Foreign>()) {
        out += "foreign " + foreign->type + " " + foreign->verbatim.json;
      }
      out += "\n";
    }
  }
  return out;
}

TEST(ResponsesCodec, a_stream_and_the_same_answer_whole_are_equal) {
  const fs::path folder = fs::path(GATEHOUSE_GOLDEN) / "openai_responses_codec";
  const auto whole = back().read_answer(slurp(folder / "whole.answer.in.json"), kOpenai);
  ASSERT_TRUE(whole.has_value());
  llm::ChatRequest asked;
  const Writing writing{.request = asked, .model = {}, .seed = "seed"};
  const Decoded decoded = decode(events_of(slurp(folder / "whole.stream.in.sse")), kOpenai, writing);
  EXPECT_EQ(said(decoded.answer), said(*whole));
  ASSERT_EQ(whole->choices.size(), 1U);
  EXPECT_EQ(whole->choices[0].blocks.size(), 6U);
}

TEST(ResponsesCodec, encrypted_reasoning_keeps_the_id_it_is_bound_to_through_another_dialect) {
  const auto answer = back().read_answer(
      R"({"id":"r","output":[{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"SEALED"}]})", kOpenai);
  ASSERT_TRUE(answer.has_value());
  const auto* thought = answer->choices[0].blocks[0].as<llm::Reasoning>();
  ASSERT_NE(thought, nullptr);
  // As a dialect carries it that has no ids: wrapped, and given back.
  const std::string carried = llm::wrap_opaque(thought->encrypted, llm::Origin::anthropic);
  llm::Reasoning back_again;
  back_again.encrypted = llm::unwrap_opaque(carried, llm::Origin::anthropic);
  llm::ChatRequest request;
  request.dialect = llm::Dialect::anthropic;
  request.messages.resize(2);
  request.messages[0].author = llm::Author::assistant;
  request.messages[0].blocks.push_back({.value = std::move(back_again)});
  Losses losses;
  Rewrites rewrites;
  const auto body = back().write_request(request, target(), losses, rewrites);
  ASSERT_TRUE(body.has_value());
  EXPECT_NE(body->find(R"({"type":"reasoning","id":"rs_1","encrypted_content":"SEALED","summary":[]})"),
            std::string::npos)
      << *body;
  // Nobody else gets it.
  for (const auto other : {llm::Origin::azure, llm::Origin::xai, llm::Origin::none, llm::Origin::openrouter}) {
    const auto elsewhere = back().write_request(request, target(other), losses, rewrites);
    ASSERT_TRUE(elsewhere.has_value());
    EXPECT_EQ(elsewhere->find("SEALED"), std::string::npos) << *elsewhere;
  }
}

llm::ChatAnswer foreign_answer() {
  llm::ChatAnswer answer;
  answer.id = "msg_01";
  answer.model = "claude-x";
  llm::Choice choice;
  choice.finish = llm::FinishReason::tool_calls;
  const auto add = [&choice](auto value) { choice.blocks.push_back({.value = std::move(value)}); };
  llm::Reasoning signed_thought;
  signed_thought.text = "I think.";
  signed_thought.signature = {.origin = llm::Origin::anthropic, .value = "SIG1"};
  add(signed_thought);
  llm::Reasoning empty;
  empty.signature = {.origin = llm::Origin::anthropic, .value = "SIG2"};
  add(empty);
  llm::Reasoning redacted;
  redacted.encrypted = {.origin = llm::Origin::anthropic, .value = "RED"};
  add(redacted);
  llm::Text text;
  text.text = "Two calls.";
  text.signature = {.origin = llm::Origin::gemini, .value = "TSIG"};
  add(text);
  for (const std::string id : {"call:a", "call:b"}) {
    llm::ToolCall call;
    call.id = id;
    call.name = "f";
    call.arguments = id == "call:a" ? "{\"x\":1}" : "";
    call.signature = {.origin = llm::Origin::gemini, .value = "SIG-" + id};
    add(call);
  }
  answer.choices.push_back(std::move(choice));
  answer.usage = {.prompt_tokens = 5, .completion_tokens = 7, .total_tokens = 12, .known = true};
  return answer;
}

TEST(ResponsesCodec, state_of_other_providers_goes_out_and_comes_back) {
  llm::ChatRequest asked;
  asked.dialect = llm::Dialect::openai_responses;
  const Writing writing{.request = asked, .model = "named", .seed = "abc", .now = 77};
  const std::string body = front().write_answer(foreign_answer(), writing);
  ASSERT_TRUE(json::validate(body).has_value()) << body;
  const json::Value response(body);
  EXPECT_EQ(response["id"].string_or(""), "resp_abc");
  EXPECT_EQ(response["model"].string_or(""), "named");
  EXPECT_EQ(response["created_at"].integer(), 77);
  EXPECT_EQ(response["status"].string_or(""), "completed");

  std::vector<llm::Message> messages;
  const auto read_back = read_items(response["output"].raw(), messages);
  ASSERT_TRUE(read_back.has_value()) << read_back.error().error.detail;
  ASSERT_EQ(messages.size(), 1U);
  const auto wanted = foreign_answer();
  const auto& blocks = messages[0].blocks;
  ASSERT_EQ(blocks.size(), wanted.choices[0].blocks.size()) << response["output"].raw();
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const llm::Block& want = wanted.choices[0].blocks[i];
    ASSERT_EQ(blocks[i].kind(), want.kind()) << i;
    if (const auto* thought = want.as<llm::Reasoning>()) {
      EXPECT_EQ(blocks[i].as<llm::Reasoning>()->signature, thought->signature) << i;
      EXPECT_EQ(blocks[i].as<llm::Reasoning>()->encrypted, thought->encrypted) << i;
      EXPECT_EQ(blocks[i].as<llm::Reasoning>()->text, thought->text) << i;
      EXPECT_EQ(blocks[i].as<llm::Reasoning>()->summary, thought->summary) << i;
    } else if (const auto* text = want.as<llm::Text>()) {
      EXPECT_EQ(blocks[i].as<llm::Text>()->signature, text->signature);
    } else if (const auto* call = want.as<llm::ToolCall>()) {
      EXPECT_EQ(blocks[i].as<llm::ToolCall>()->signature, call->signature);
      EXPECT_EQ(blocks[i].as<llm::ToolCall>()->id, call->id);
      EXPECT_EQ(blocks[i].as<llm::ToolCall>()->arguments, call->arguments.empty() ? "{}" : call->arguments);
    }
  }
  // OpenAI gets none of it.
  asked.messages = std::move(messages);
  asked.dialect = llm::Dialect::openai_chat;
  Losses losses;
  Rewrites rewrites;
  const auto sent = back().write_request(asked, target(), losses, rewrites);
  ASSERT_TRUE(sent.has_value());
  EXPECT_EQ(sent->find("SIG"), std::string::npos) << *sent;
  EXPECT_EQ(sent->find("RED"), std::string::npos) << *sent;
}

TEST(ResponsesCodec, thoughts_are_shown_as_a_summary_to_those_who_asked_for_one) {
  llm::ChatRequest asked;
  asked.reasoning.summary = "auto";
  const Writing writing{.request = asked, .model = {}, .seed = "s"};
  const std::string body = front().write_answer(foreign_answer(), writing);
  EXPECT_NE(body.find(R"("summary":[{"type":"summary_text","text":"I think."}])"), std::string::npos) << body;
  // And are raw thoughts when they come back.
  std::vector<llm::Message> messages;
  ASSERT_TRUE(read_items(json::Value(body)["output"].raw(), messages).has_value());
  EXPECT_FALSE(messages[0].blocks[0].as<llm::Reasoning>()->summary);
  EXPECT_EQ(messages[0].blocks[0].as<llm::Reasoning>()->signature.value, "SIG1");
}

TEST(ResponsesCodec, a_run_that_interleaves_makes_a_stream_that_keeps_the_rules) {
  using Kind = llm::ChatEvent::Kind;
  using llm::BlockKind;
  llm::ChatRequest asked;
  const Writing writing{.request = asked, .model = {}, .seed = "s"};
  const llm::Citation late{.url = "https://a.example/", .title = "A"};
  const llm::Opaque half{.origin = llm::Origin::gemini, .value = "HA"};
  const llm::Opaque other_half{.origin = llm::Origin::gemini, .value = "LF"};
  std::vector<llm::ChatEvent> run;
  run.push_back({.kind = Kind::started, .id = "x", .name = "m"});
  run.push_back({.kind = Kind::block_started, .block = 0, .block_kind = BlockKind::text});
  run.push_back({.kind = Kind::text, .block = 0, .text = "a\"é"});
  run.push_back({.kind = Kind::block_started, .block = 1, .block_kind = BlockKind::tool_call, .id = "c1", .name = "f"});
  run.push_back({.kind = Kind::text, .block = 1, .text = "{\"a\":"});
  run.push_back({.kind = Kind::block_started, .block = 2, .block_kind = BlockKind::tool_call, .id = "c2", .name = "g"});
  run.push_back({.kind = Kind::citation, .block = 0, .citation = &late});
  run.push_back({.kind = Kind::text, .block = 0, .text = "b"});
  run.push_back({.kind = Kind::text, .block = 1, .text = "1}"});
  run.push_back({.kind = Kind::signature, .block = 1, .opaque = half});
  run.push_back({.kind = Kind::signature, .block = 1, .opaque = other_half});
  run.push_back({.kind = Kind::block_ended, .block = 1});
  run.push_back({.kind = Kind::block_started, .block = 3, .block_kind = BlockKind::text});
  run.push_back({.kind = Kind::text, .block = 3, .text = "second"});
  run.push_back({.kind = Kind::block_ended, .block = 0});
  run.push_back({.kind = Kind::block_ended, .block = 3});
  run.push_back({.kind = Kind::block_started, .block = 4, .block_kind = BlockKind::text});  // says nothing
  run.push_back({.kind = Kind::block_ended, .block = 4});
  run.push_back({.kind = Kind::block_ended, .block = 2});
  run.push_back({.kind = Kind::finished, .finish = llm::FinishReason::length});
  run.push_back({.kind = Kind::ended});
  const auto encoder = front().make_encoder(writing);
  std::string stream;
  for (const auto& event : run) encoder->write(event, stream);
  const std::string response = checked_response(stream);
  const json::Value value(response);
  EXPECT_EQ(value["status"].string_or(""), "incomplete");
  EXPECT_EQ(value["incomplete_details"]["reason"].string_or(""), "max_output_tokens");
  std::vector<std::string> items;
  value["output"].elements([&items](json::Value item) { items.push_back(std::string(item.raw())); });
  ASSERT_EQ(items.size(), 5U) << response;
  EXPECT_EQ(items[0],
            R"({"id":"msg_s_0","type":"message","status":"completed","content":[{"type":"output_text","annotations":[)"
            R"({"type":"url_citation","start_index":0,"end_index":4,"title":"A","url":"https://a.example/"}],)"
            R"("logprobs":[],"text":"a\"éb"}],"role":"assistant"})");
  EXPECT_EQ(items[1], R"({"id":"fc_s_1","type":"function_call","status":"completed","arguments":"{\"a\":1}",)"
                      R"("call_id":"c1","name":"f"})");
  EXPECT_EQ(items[2], R"({"id":"fc_s_2","type":"function_call","status":"completed","arguments":"{}",)"
                      R"("call_id":"c2","name":"g"})");
  EXPECT_EQ(json::Value(items[3])["encrypted_content"].string_or(""), "gh1.gemini.c2:c1HALF");
  EXPECT_NE(items[4].find("second"), std::string::npos);
  // Deltas of each text, put together, are the text.
  std::string first;
  for (const auto& [name, data] : events_of(stream)) {
    if (name == "response.output_text.delta" && json::Value(data)["output_index"].integer() == 0) {
      first += json::Value(data)["delta"].string_or("");
    }
  }
  EXPECT_EQ(first, "a\"éb");
}

TEST(ResponsesCodec, an_error_in_a_stream_is_told_twice_and_nothing_follows) {
  llm::ChatRequest asked;
  const Writing writing{.request = asked, .model = {}, .seed = "s"};
  const auto encoder = front().make_encoder(writing);
  llm::ChatError error;
  error.kind = llm::ErrorKind::overloaded;
  error.status = 529;
  error.message = "Overloaded";
  error.type = "overloaded_error";
  std::string stream;
  encoder->write({.kind = llm::ChatEvent::Kind::started}, stream);
  encoder->write({.kind = llm::ChatEvent::Kind::failed, .error = &error}, stream);
  const auto events = events_of(stream);
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(events[2].first, "error");
  const json::Value told(events[2].second);
  EXPECT_EQ(told["message"].string_or(""), "Overloaded");
  EXPECT_EQ(told["error"]["message"].string_or(""), "Overloaded");
  EXPECT_EQ(events[3].first, "response.failed");
  const json::Value response = json::Value(events[3].second)["response"];
  EXPECT_EQ(response["status"].string_or(""), "failed");
  EXPECT_EQ(response["error"]["code"].string_or(""), "server_is_overloaded");
  checked_response(stream);
  std::string more;
  encoder->write({.kind = llm::ChatEvent::Kind::ended}, more);
  EXPECT_TRUE(more.empty());
}

TEST(ResponsesCodec, ids_that_would_have_to_be_escaped_are_replaced) {
  llm::ChatAnswer answer;
  llm::Reasoning thought;
  thought.id = "rs_\"},{";
  thought.text = "x";
  answer.choices.resize(1);
  answer.choices[0].blocks.push_back({.value = std::move(thought)});
  llm::ChatRequest asked;
  const std::string body = front().write_answer(answer, {.request = asked, .model = {}, .seed = "s"});
  ASSERT_TRUE(json::validate(body).has_value()) << body;
  EXPECT_NE(body.find(R"("id":"rs_s_0")"), std::string::npos) << body;
}

TEST(ResponsesCodec, how_an_answer_ended) {
  const auto status_of = [](llm::FinishReason finish) {
    llm::ChatAnswer answer;
    answer.choices.push_back({.blocks = {}, .finish = finish, .native_finish = {}, .stop_sequence = {}, .extras = {}});
    llm::ChatRequest asked;
    const std::string body = front().write_answer(answer, {.request = asked, .model = {}, .seed = "s"});
    const json::Value value(body);
    return value["status"].string_or("") + "/" + value["incomplete_details"]["reason"].string_or("") + "/" +
           value["error"]["code"].string_or("");
  };
  using llm::FinishReason;
  EXPECT_EQ(status_of(FinishReason::stop), "completed//");
  EXPECT_EQ(status_of(FinishReason::pause), "completed//");
  EXPECT_EQ(status_of(FinishReason::length), "incomplete/max_output_tokens/");
  EXPECT_EQ(status_of(FinishReason::context_length), "incomplete/max_output_tokens/");
  EXPECT_EQ(status_of(FinishReason::content_filter), "incomplete/content_filter/");
  EXPECT_EQ(status_of(FinishReason::refusal), "incomplete/content_filter/");
  EXPECT_EQ(status_of(FinishReason::error), "failed//server_error");
}

TEST(ResponsesCodec, the_request_is_repeated_without_what_opens_other_servers) {
  const llm::ChatRequest asked = read(
      R"({"model":"m","input":"x","instructions":"i","temperature":0.5,"metadata":{"k":"v"},"truncation":"auto","tools":)"
      R"([{"type":"mcp","server_label":"l","authorization":"SECRET","headers":{"X-Key":"SECRET"}}],)"
      R"("tool_choice":{"type":"mcp","server_label":"l"},"text":{"format":{"type":"json_object"}}})");
  const std::string body = front().write_answer({}, {.request = asked, .model = {}, .seed = "s"});
  EXPECT_EQ(body.find("SECRET"), std::string::npos) << body;
  const json::Value value(body);
  EXPECT_EQ(value["instructions"].string_or(""), "i");
  EXPECT_EQ(value["temperature"].raw(), "0.5");
  EXPECT_EQ(value["metadata"].raw(), R"({"k":"v"})");
  EXPECT_EQ(value["truncation"].raw(), R"("auto")");
  EXPECT_EQ(value["tool_choice"].raw(), R"({"type":"mcp","server_label":"l"})");
  EXPECT_EQ(value["tools"].raw(), R"([{"type":"mcp","server_label":"l","authorization":"<redacted>",)"
                                  R"("headers":{"X-Key":"<redacted>"}}])");
}

}  // namespace
}  // namespace gatehouse::dialects::openai_responses
