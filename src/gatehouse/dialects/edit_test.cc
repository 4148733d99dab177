#include "gatehouse/dialects/edit.h"

#include <gtest/gtest.h>

#include "gatehouse/json/scan.h"

namespace gatehouse::dialects {
namespace {

std::string edited(std::string_view body, const BodyEdits& edits) {
  const auto call = read_call(llm::Operation::chat_completions, body);
  if (!call) return "not read";
  EditedBody editor;
  std::string out;
  for (const auto piece : editor.build(body, *call, edits)) out += piece;
  EXPECT_TRUE(json::validate(out)) << out;
  return out;
}

constexpr std::string_view kPlain = R"( {"model": "a", "messages": [] } )";

TEST(EditedBody, NothingToDoIsTheBody) {
  EXPECT_EQ(edited(kPlain, {}), kPlain);
  EXPECT_EQ(edited(kPlain, {.model = "a", .max_tokens = {}, .max_tokens_name = {}}), kPlain);
}

TEST(EditedBody, ModelIsEscaped) {
  EXPECT_EQ(edited(kPlain, {.model = "b\"c", .max_tokens = {}, .max_tokens_name = {}}),
            R"( {"model": "b\"c", "messages": [] } )");
}

TEST(EditedBody, ABoundIsPutInOrReplaced) {
  EXPECT_EQ(edited(kPlain, {.model = {}, .max_tokens = 9, .max_tokens_name = "max_tokens"}),
            R"( {"max_tokens":9,"model": "a", "messages": [] } )");
  EXPECT_EQ(edited(R"({"max_tokens":100,"model":"a","messages":[],"max_completion_tokens": 50})",
                   {.model = "bb", .max_tokens = 9, .max_tokens_name = "max_tokens"}),
            R"({"max_tokens":9,"model":"bb","messages":[],"max_completion_tokens": 9})");
  EXPECT_EQ(edited(R"({"model":"a","messages":[],"max_tokens":null})",
                   {.model = {}, .max_tokens = 9, .max_tokens_name = "max_tokens"}),
            R"({"model":"a","messages":[],"max_tokens":9})");
  EXPECT_EQ(edited(kPlain, {.model = {}, .max_tokens = 9, .max_tokens_name = {}}), kPlain);
}

TEST(EditedBody, TheBoundOfTheResponsesApiIsReplacedNotRepeated) {
  for (const auto* given : {"500", "null"}) {
    const std::string body = std::string(R"({"model":"a","input":"x","max_output_tokens":)") + given + "}";
    const auto call = read_model(body);
    ASSERT_TRUE(call);
    EditedBody editor;
    std::string out;
    for (const auto piece :
         editor.build(body, *call, {.model = {}, .max_tokens = 9, .max_tokens_name = "max_output_tokens"})) {
      out += piece;
    }
    EXPECT_EQ(out, R"({"model":"a","input":"x","max_output_tokens":9})");
  }
}

TEST(EditedBody, ThinkingStaysBelowTheBound) {
  const auto bounded = [](std::string_view body, std::uint64_t bound, bool without) {
    const auto call = read_call(llm::Dialect::anthropic, llm::Operation::messages, body);
    if (!call) return std::string("not read");
    EditedBody editor;
    std::string out;
    for (const auto piece :
         editor.build(body, *call, {.model = {}, .max_tokens = bound, .max_tokens_name = "max_tokens"})) {
      out += piece;
    }
    EXPECT_EQ(editor.without_thinking(), without) << body;
    return out;
  };
  constexpr std::string_view kThinks =
      R"({"model":"m","messages":[],"thinking":{"type":"enabled","budget_tokens": 4000 },"max_tokens":9000})";
  EXPECT_EQ(bounded(kThinks, 5000, false),
            R"({"model":"m","messages":[],"thinking":{"type":"enabled","budget_tokens": 4000 },"max_tokens":5000})");
  EXPECT_EQ(bounded(kThinks, 4000, false),
            R"({"model":"m","messages":[],"thinking":{"type":"enabled","budget_tokens": 3999 },"max_tokens":4000})");
  EXPECT_EQ(bounded(kThinks, 1025, false),
            R"({"model":"m","messages":[],"thinking":{"type":"enabled","budget_tokens": 1024 },"max_tokens":1025})");
  EXPECT_EQ(bounded(kThinks, 1024, true),
            R"({"model":"m","messages":[],"thinking":{"type":"disabled"},"max_tokens":1024})");
  // Between tools a budget may be larger than one answer.
  EXPECT_EQ(
      bounded(R"({"model":"m","messages":[],"thinking":{"type":"enabled","budget_tokens":9000},"max_tokens":8000})",
              2000, false),
      R"({"model":"m","messages":[],"thinking":{"type":"enabled","budget_tokens":9000},"max_tokens":2000})");
  EXPECT_EQ(bounded(R"({"model":"m","messages":[],"thinking":{"type":"adaptive"},"max_tokens":8000})", 20, false),
            R"({"model":"m","messages":[],"thinking":{"type":"adaptive"},"max_tokens":20})");
}

TEST(EditedBody, UsageIsAskedForWhereverTheOptionsStand) {
  const BodyEdits ask{.model = {}, .max_tokens = {}, .max_tokens_name = {}, .ask_usage = true};
  EXPECT_EQ(edited(R"({"model":"a","messages":[]})", ask),
            R"({"stream_options":{"include_usage":true},"model":"a","messages":[]})");
  EXPECT_EQ(edited(R"({"model":"a","messages":[],"stream_options":{}})", ask),
            R"({"model":"a","messages":[],"stream_options":{"include_usage":true}})");
  EXPECT_EQ(edited(R"({"model":"a","stream_options":{"x":1},"messages":[]})", ask),
            R"({"model":"a","stream_options":{"include_usage":true,"x":1},"messages":[]})");
  EXPECT_EQ(edited(R"({"stream_options": {"include_usage": false},"model":"a","messages":[]})", ask),
            R"({"stream_options": {"include_usage": true},"model":"a","messages":[]})");
  EXPECT_EQ(edited(R"({"stream_options":{"include_usage":true},"model":"a","messages":[]})", ask),
            R"({"stream_options":{"include_usage":true},"model":"a","messages":[]})");
}

TEST(EditedBody, NullOptionsAreReplaced) {
  const BodyEdits ask{.model = {}, .max_tokens = {}, .max_tokens_name = {}, .ask_usage = true};
  EXPECT_EQ(edited(R"({"model":"a","messages":[],"stream_options":null})", ask),
            R"({"model":"a","messages":[],"stream_options":{"include_usage":true}})");
}

TEST(EditedBody, GuardsEditsAreMergedWithTheOthers) {
  const std::string body = R"({"stream":true,"user":"ada","model":"a","messages":["x y"],"max_tokens":100})";
  const auto at = [&](std::string_view text) { return body.find(text); };
  const std::vector<json::Edit> text = {{at("ada"), 3, "[1]"}, {at("x y"), 1, "[2]"}, {at(" y") + 1, 1, ""}};
  BodyEdits edits{.model = "b", .max_tokens = 7, .max_tokens_name = "max_tokens", .ask_usage = true, .text = text};
  EXPECT_TRUE(edits.any(Call{}));
  EXPECT_EQ(
      edited(body, edits),
      R"({"stream_options":{"include_usage":true},"stream":true,"user":"[1]","model":"b","messages":["[2] "],"max_tokens":7})");
  edits = {.model = {}, .max_tokens = {}, .max_tokens_name = {}, .ask_usage = false, .text = text};
  EXPECT_TRUE(edits.any(Call{}));
  EXPECT_EQ(edited(body, edits), R"({"stream":true,"user":"[1]","model":"a","messages":["[2] "],"max_tokens":100})");
}

TEST(EditedBody, AnEditOfWhatIsReplacedIsLeftOut) {
  const std::string body = R"({"model":"a","input":"x","max_output_tokens":"lots of them"})";
  const auto call = read_model(body);
  ASSERT_TRUE(call);
  const std::vector<json::Edit> text = {{body.find("x\""), 1, "y"}, {body.find("of"), 2, "OF"}};
  EditedBody editor;
  std::string out;
  for (const auto piece : editor.build(
           body, *call, {.model = {}, .max_tokens = 9, .max_tokens_name = "max_output_tokens", .text = text})) {
    out += piece;
  }
  EXPECT_EQ(out, R"({"model":"a","input":"y","max_output_tokens":9})");
}

TEST(EditedBody, AllAtOnce) {
  EXPECT_EQ(
      edited(R"({"stream":true,"model":"a","messages":[]})",
             {.model = "b", .max_tokens = 7, .max_tokens_name = "max_completion_tokens", .ask_usage = true}),
      R"({"max_completion_tokens":7,"stream_options":{"include_usage":true},"stream":true,"model":"b","messages":[]})");
}

std::string edited_in(llm::Operation operation, std::string_view body, const BodyEdits& edits) {
  const auto call = read_call(operation, body);
  if (!call) return "not read";
  EditedBody editor;
  std::string out;
  for (const auto piece : editor.build(body, *call, edits)) out += piece;
  EXPECT_TRUE(json::validate(out)) << out;
  return out;
}

TEST(EditedBody, TheBoundOfMessages) {
  const auto bound = [](std::string_view body) {
    return edited_in(llm::Operation::messages, body, {.model = "n", .max_tokens = 9, .max_tokens_name = {}});
  };
  EXPECT_EQ(bound(R"({"model":"m","messages":[],"max_tokens":100})"), R"({"model":"n","messages":[],"max_tokens":9})");
  EXPECT_EQ(bound(R"({"model":"m","messages":[]})"), R"({"max_tokens":9,"model":"n","messages":[]})");
}

TEST(EditedBody, TheBoundOfContents) {
  const auto bound = [](std::string_view body) {
    return edited_in(llm::Operation::generate_content, body, {.model = "n", .max_tokens = 9, .max_tokens_name = {}});
  };
  EXPECT_EQ(bound(R"({"contents":[]})"), R"({"generationConfig":{"maxOutputTokens":9},"contents":[]})");
  EXPECT_EQ(bound(R"({"contents":[],"generationConfig":null})"),
            R"({"contents":[],"generationConfig":{"maxOutputTokens":9}})");
  EXPECT_EQ(bound(R"({"contents":[],"generationConfig":{ }})"),
            R"({"contents":[],"generationConfig":{"maxOutputTokens":9 }})");
  EXPECT_EQ(bound(R"({"contents":[],"generation_config":{"seed":1}})"),
            R"({"contents":[],"generation_config":{"maxOutputTokens":9,"seed":1}})");
  EXPECT_EQ(bound(R"({"contents":[],"generationConfig":{"seed":1,"max_output_tokens":7000}})"),
            R"({"contents":[],"generationConfig":{"seed":1,"max_output_tokens":9}})");
}

TEST(EditedBody, EveryModelThatABodyNames) {
  const std::string_view body =
      R"({"requests":[{"model":"models/e","content":{"parts":[{"text":"aa"}]}},{"content":{"parts":[{"text":"bb"}]},"model":"models/e"}]})";
  const json::Edit texts[] = {{body.find("\"bb\""), 4, "\"cc\""}, {body.rfind("\"models/e\""), 10, "\"[GONE]\""}};
  const auto named = [&](std::string_view model) {
    BodyEdits edits;
    edits.model = model;
    edits.text = std::span(texts).first(model == "e" ? 1 : 2);
    return edited_in(llm::Operation::embed_content, body, edits);
  };
  EXPECT_EQ(
      named("e"),
      R"({"requests":[{"model":"models/e","content":{"parts":[{"text":"aa"}]}},{"content":{"parts":[{"text":"cc"}]},"model":"models/e"}]})");
  // Whatever was made of a name, it is replaced once.
  EXPECT_EQ(
      named("f\"g"),
      R"({"requests":[{"model":"models/f\"g","content":{"parts":[{"text":"aa"}]}},{"content":{"parts":[{"text":"cc"}]},"model":"models/f\"g"}]})");
}

}  // namespace
}  // namespace gatehouse::dialects
