#include "gatehouse/dialects/event_edit.h"

#include <algorithm>
#include <vector>

#include "gatehouse/dialects/edit_list.h"
#include "gatehouse/dialects/openai_chat/split.h"
#include "gatehouse/json/cursor.h"

namespace gatehouse::dialects {
namespace {

using json::Cursor;
using llm::Delta;

// {"type": "response.output_text.delta"} and its like.
bool is_delta_event(std::string_view data) {
  Cursor cursor(data);
  bool found = false;
  const bool read = cursor.first() == '{' && cursor.object([&](const Cursor::String& key) {
    const std::size_t begin = cursor.offset();
    if (!cursor.skip()) return false;
    if (key.inside == "type") found = cursor.since(begin).ends_with("delta\"");
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
    if (delta.whole) return std::nullopt;
    const json::TextEdit tail{cuts[i], delta.text.size(), {}};
    first.text(delta.offset, delta.length, {&tail, 1});
  }
  for (const Logprobs& probabilities : logprobs) {
    first.put(probabilities.offset, probabilities.length, probabilities.nothing);
  }
  SplitEvent split;
  const bool chunks = operation == llm::Operation::chat_completions || operation == llm::Operation::completions;
  if (chunks) {
    if (!openai_chat::write_rest(data, deltas, cuts, split.second)) return std::nullopt;
    if (!openai_chat::without_ends(data, first)) return std::nullopt;
    split.first = first.done();
    return split;
  }
  // An event of the responses API: both halves have all its other members.
  if (!is_delta_event(data)) return std::nullopt;
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
