// The input is the body of a batch: no crash; every place that is said to name the model is a string of the body, and
// another name put there leaves valid JSON that reads as a batch of that name.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gatehouse/dialects/edit.h"
#include "gatehouse/dialects/gemini/batch_reader.h"
#include "gatehouse/dialects/segments.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto call = dialects::gemini::read_batch(body);
  if (!call) {
    require(!call.error().error.detail.empty());
    return 0;
  }
  std::size_t at = 0;
  for (const auto& span : call->more_model_spans) {
    require(span.offset >= at && span.length >= 2 && span.offset + span.length <= body.size());
    require(body[span.offset] == '"' && body[span.offset + span.length - 1] == '"');
    at = span.offset + span.length;
  }
  llm::SegmentList list;
  dialects::read_segments(llm::Dialect::gemini, llm::Operation::batches, body, list);
  dialects::EditedBody edited;
  std::string out;
  dialects::BodyEdits edits;
  edits.model = "other\"one";
  for (const auto piece : edited.build(body, *call, edits)) out += piece;
  const auto again = dialects::gemini::read_batch(out);
  require(again && again->in_file == call->in_file && again->more_model_spans.size() == call->more_model_spans.size());
  if (!call->more_model_spans.empty()) require(again->model == "other\"one");
  return 0;
}
