#include "gatehouse/dialects/gemini/batch_reader.h"

#include <string>

#include <gtest/gtest.h>

#include "gatehouse/dialects/edit.h"
#include "gatehouse/dialects/segments.h"

namespace gatehouse::dialects::gemini {
namespace {

// The model, how often it is named; or the error's slug and what it is about.
std::string read(std::string_view body) {
  const auto call = read_batch(body);
  if (!call) return std::string(call.error().error.slug()) + " " + call.error().param;
  return call->model + " " + std::to_string(call->more_model_spans.size()) + (call->in_file ? " file" : "");
}

std::string with(std::string_view requests) {
  return R"({"batch":{"inputConfig":{"requests":{"requests":[)" + std::string(requests) + "]}}}}";
}

TEST(GeminiBatch, Read) {
  EXPECT_EQ(read(with(R"({"request":{"contents":[]},"metadata":{"key":"a"}},{"request":{}})")), " 0");
  EXPECT_EQ(read(with(R"({"request":{"model":"models/m"}},{"request":{"model":"models/m"}})")), "m 2");
  EXPECT_EQ(read(R"({"batch":{"model":"m","input_config":{"file_name":"files/f"},"display_name":"d"}})"), "m 1 file");
  // As Google's parser: a null is not there.
  EXPECT_EQ(read(R"({"batch":{"model":null,"inputConfig":{"requests":null,"fileName":"files/f"}}})"), " 0 file");
}

TEST(GeminiBatch, WhatIsNone) {
  EXPECT_EQ(read("{}"), "invalid_request batch.inputConfig.requests");
  EXPECT_EQ(read(R"({"batch":{}})"), "invalid_request batch.inputConfig.requests");
  EXPECT_EQ(read(""), "invalid_request ");
  EXPECT_EQ(read("[]"), "invalid_request ");
  EXPECT_EQ(read(with("")), "invalid_request requests");
  EXPECT_EQ(read(with("{}")), "invalid_request request");
  EXPECT_EQ(read(with(R"({"request":null})")), "invalid_request request");
  EXPECT_EQ(read(with("1")), "invalid_request requests");
  EXPECT_EQ(read(R"({"batch":{"inputConfig":{"fileName":"f","requests":{"requests":[{"request":{}}]}}}})"),
            "invalid_request fileName");
  // What one server would read and another not.
  EXPECT_EQ(read(R"({"Batch":{}})"), "invalid_request Batch");
  EXPECT_EQ(read(R"({"batch":{},"batch":{}})"), "invalid_request batch");
  EXPECT_EQ(read(R"({"batch":{"inputConfig":{},"input_config":{}}})"), "invalid_request input_config");
  EXPECT_EQ(read(with(R"({"request":{},"request":{"model":"other"}})")), "invalid_request request");
  EXPECT_EQ(read(with(R"({"request":{"model":"a","model":"b"}})")), "invalid_request model");
  EXPECT_EQ(read(with(R"({"request":{"Model":"b"}})")), "invalid_request Model");
  // One model only, in one spelling.
  EXPECT_EQ(read(with(R"({"request":{"model":"a"}},{"request":{"model":"b"}})")), "invalid_request model");
  EXPECT_EQ(read(with(R"({"request":{"model":"a"}},{"request":{"model":"models/a"}})")), "invalid_request model");
}

TEST(GeminiBatch, EveryPlaceThatNamesTheModelIsAnother) {
  const std::string body =
      R"({"batch":{"model":"models/m", "inputConfig":{"requests":{"requests":[{"request":{"model":)"
      R"("models/m","x":1.50}}, {"request":{"contents":[]}}]}}}})";
  const auto call = read_batch(body);
  ASSERT_TRUE(call);
  EditedBody edited;
  std::string out;
  BodyEdits edits;
  edits.model = "n";
  for (const auto piece : edited.build(body, *call, edits)) out += piece;
  EXPECT_EQ(out, R"({"batch":{"model":"models/n", "inputConfig":{"requests":{"requests":[{"request":{"model":)"
                 R"("models/n","x":1.50}}, {"request":{"contents":[]}}]}}}})");
}

TEST(GeminiBatch, EveryTextOfItsRequestsIsFound) {
  const std::string body =
      R"({"batch":{"displayName":"a name","model":"models/m","inputConfig":{"requests":{"requests":[)"
      R"({"request":{"contents":[{"role":"user","parts":[{"text":"one"}]}],"systemInstruction":{"parts":[{"text":"sys"}]}},)"
      R"("metadata":{"my key":"my value"}},{"request":{"content":{"parts":[{"text":"two"}]}},"strange":"three"}]},)"
      R"("fileName":"files/with words"}}})";
  llm::SegmentList list;
  read_segments(llm::Dialect::gemini, llm::Operation::batches, body, list);
  std::string found;
  for (const auto& segment : list.segments) {
    found.append(name(segment.role)).append(" ").append(name(segment.kind)).append(" ").append(segment.text);
    found += '|';
  }
  EXPECT_EQ(found,
            "none other a name|user text one|system text sys|none other my key|none other my value|user text two|"
            "none other three|none other files/with words|");
  EXPECT_EQ(list.messages, 2U);
  EXPECT_EQ(list.references, 1U);
}

}  // namespace
}  // namespace gatehouse::dialects::gemini
