#include "gatehouse/dialects/event_edit.h"

#include <algorithm>
#include <vector>

#include "gatehouse/dialects/chunk_split.h"
#include "gatehouse/dialects/edit_list.h"
#include "gatehouse/dialects/wire.h"
#include "gatehouse/json/cursor.h"

namespace gatehouse::dialects {
namespace {

using json::Cursor;
using llm::Delta;

// Whether an event's texts only grow: {"type": "response.output_text.delta"} and its like, Anthropic's
// content_block_delta (its message_delta ends the answer).
bool is_delta_event(llm::Operation operation, std::string_view data) {
  const std::string_view type = operation == llm::Operation::messages ? "\"content_block_delta\"" : "delta\"";
  Cursor cursor(data);
  bool found = false;
  const bool read = cursor.first() == '{' && cursor.object([&](const Cursor::String& key) {
    const std::size_t begin = cursor.offset();
    if (!cursor.skip()) return false;
    if (key.inside == "type") found = cursor.since(begin).ends_with(type);
    return true;
  });
  return read && found;
}

}  // namespace

std::string edit_event(std::string_view data, std::span<const Delta> deltas, std::span<const Logprobs> logprobs,
                       std::span<const DeltaEdit> edits) {
  EditList list(data);
  std::vector<json::TextEdit> own;
  std::vector<std::uint32_t> choices;
  for (std::size_t i = 0; i < edits.size();) {
    const std::size_t index = edits[i].delta;
    own.clear();
    for (; i < edits.size() && edits[i].delta == index; ++i) {
      const std::string_view text = deltas[index].text;
      own.push_back({to_character(text, edits[i].begin), behind_character(text, edits[i].end), edits[i].replacement});
    }
    const Delta& delta = deltas[index];
    list.text(delta.offset, delta.length, own);
    choices.push_back(delta.choice);
  }
  list.drop_logprobs(logprobs, choices);
  return list.done();
}

std::string strip_logprobs(std::string_view data, std::span<const Logprobs> logprobs) {
  EditList list(data);
  for (const Logprobs& probabilities : logprobs) {
    list.put(probabilities.offset, probabilities.length, probabilities.nothing);
  }
  return list.done();
}

std::optional<SplitEvent> split_event(llm::Operation operation, std::string_view data, std::span<const Delta> deltas,
                                      std::span<const Logprobs> logprobs, std::span<const std::size_t> released) {
  if (deltas.empty() || released.size() != deltas.size()) return std::nullopt;
  std::vector<std::size_t> cuts(deltas.size());
  EditList first(data);
  EditList second(data);
  for (std::size_t i = 0; i < deltas.size(); ++i) {
    const Delta& delta = deltas[i];
    cuts[i] = to_character(delta.text, released[i]);
    if (cuts[i] == delta.text.size()) continue;
    if (delta.whole || (delta.part & ~(DeltaReader::kPathPart - 1)) == DeltaReader::kPathPart) return std::nullopt;
    const json::TextEdit tail{cuts[i], delta.text.size(), {}};
    first.text(delta.offset, delta.length, {&tail, 1});
  }
  for (const Logprobs& probabilities : logprobs) {
    first.put(probabilities.offset, probabilities.length, probabilities.nothing);
  }
  SplitEvent split;
  const bool chunks = operation == llm::Operation::chat_completions || operation == llm::Operation::completions ||
                      dialect_of(operation) == llm::Dialect::gemini;
  if (chunks) {
    if (!write_rest(operation, data, deltas, cuts, split.second)) return std::nullopt;
    if (!without_ends(operation, data, deltas, cuts, first)) return std::nullopt;
    split.first = first.done();
    return split;
  }
  // Of the responses API and Anthropic: both halves have all the event's other members.
  if (!is_delta_event(operation, data)) return std::nullopt;
  for (std::size_t i = 0; i < deltas.size(); ++i) {
    if (deltas[i].whole) continue;  // released, and said by both
    const json::TextEdit head{0, cuts[i], {}};
    second.text(deltas[i].offset, deltas[i].length, {&head, 1});
  }
  split.first = first.done();
  split.second = second.done();
  return split;
}

}  // namespace gatehouse::dialects
