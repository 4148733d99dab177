#include "gatehouse/dialects/edit.h"

#include <algorithm>
#include <cstddef>

#include "gatehouse/json/writer.h"

namespace gatehouse::dialects {
namespace {

using Change = EditedBody::Change;

class Changes {
 public:
  explicit Changes(std::string& text) : text_(text) { text_.clear(); }

  template <class Write>
  void put(Span at, Write&& write) {
    const std::size_t from = text_.size();
    write(text_);
    list_[count_++] = {at, from, text_.size() - from};
  }
  std::span<Change> sorted() {
    const auto all = std::span(list_).first(count_);
    std::ranges::sort(all, {}, [](const Change& change) { return change.at.offset; });
    return all;
  }

 private:
  std::string& text_;
  std::array<Change, 6> list_;
  std::size_t count_ = 0;
};

// The caller gave none. `members`: what goes in front of the body's.
void put_bound(std::string_view body, const Call& call, std::string_view name, std::string_view bound, Changes& changes,
               std::string& members) {
  if (call.dialect == llm::Dialect::anthropic) name = "max_tokens";
  if (call.dialect != llm::Dialect::gemini) {
    if (!name.empty()) members.append("\"").append(name).append("\":").append(bound).append(",");
    return;
  }
  const std::string member = "\"maxOutputTokens\":" + std::string(bound);
  const auto config = body.substr(call.config_span.offset, call.config_span.length);
  if (call.config_span.length == 0) {
    members += "\"generationConfig\":{" + member + "},";
  } else if (config == "null") {
    changes.put(call.config_span, [&](std::string& text) { text += "{" + member + "}"; });
  } else {
    const bool empty = config.find('"') == std::string_view::npos;
    changes.put({call.config_span.offset + 1, 0}, [&](std::string& text) { text += empty ? member : member + ","; });
  }
}

// A budget of thinking is 1,024 or more and less than max_tokens (platform.claude.com/docs/en/build-with-claude/
// extended-thinking); a body in which it was not (thinking between tools, over more than one answer) is left. True:
// there is no room left to think.
bool fit_thinking(const Call& call, std::uint64_t bound, Changes& changes) {
  constexpr std::uint64_t kLeastBudget = 1024;
  const auto budget = call.thinking_budget;
  if (call.dialect != llm::Dialect::anthropic || !budget || bound > *budget) return false;
  if (call.max_tokens && *call.max_tokens <= *budget) return false;
  if (bound > kLeastBudget) {
    changes.put(call.thinking_budget_span, [&](std::string& text) { text += std::to_string(bound - 1); });
    return false;
  }
  changes.put(call.thinking_span, [](std::string& text) { text += R"({"type":"disabled"})"; });
  return true;
}

// Models that a body names beside its path, more than the pieces have room for.
void append_models(const Call& call, std::string_view model, std::vector<json::Edit>& out, std::string& text) {
  text.clear();
  json::Writer(text).string(call.model_prefix ? "models/" + std::string(model) : std::string(model));
  for (const Span& span : call.more_model_spans) out.push_back({span.offset, span.length, text});
}

}  // namespace

std::span<const std::string_view> EditedBody::build(std::string_view body, const Call& call, const BodyEdits& edits) {
  Changes changes(inserted_);
  // The body is a checked object, and not an empty one: a member stands behind whatever is put after its bracket.
  const Span front{body.find('{') + 1, 0};
  std::string members;
  without_thinking_ = false;
  if (edits.max_tokens) {
    const std::string bound = std::to_string(*edits.max_tokens);
    bool replaced = false;
    for (const Span& given : {call.max_tokens_span, call.max_completion_tokens_span}) {
      if (given.length == 0) continue;
      changes.put(given, [&](std::string& text) { text += bound; });
      replaced = true;
    }
    if (!replaced) put_bound(body, call, edits.max_tokens_name, bound, changes, members);
    without_thinking_ = fit_thinking(call, *edits.max_tokens, changes);
  }
  if (edits.ask_usage && !call.include_usage) {
    if (call.include_usage_span.length > 0) {
      changes.put(call.include_usage_span, [](std::string& text) { text += "true"; });
    } else if (call.stream_options_span.length > 0) {
      const auto options = body.substr(call.stream_options_span.offset, call.stream_options_span.length);
      if (options == "null") {
        changes.put(call.stream_options_span, [](std::string& text) { text += "{\"include_usage\":true}"; });
      } else {
        const bool empty = options.find('"') == std::string_view::npos;
        changes.put({call.stream_options_span.offset + 1, 0},
                    [&](std::string& text) { text += empty ? "\"include_usage\":true" : "\"include_usage\":true,"; });
      }
    } else {
      members += "\"stream_options\":{\"include_usage\":true},";
    }
  }
  if (!members.empty()) changes.put(front, [&](std::string& text) { text += members; });
  if (!edits.model.empty() && edits.model != call.model && call.model_span.length > 0) {
    changes.put(call.model_span, [&](std::string& text) {
      json::Writer writer(text);
      writer.string(edits.model);
    });
  }

  const auto sorted = changes.sorted();
  if (!edits.model.empty() && edits.model != call.model && !call.more_model_spans.empty()) {
    more_edits_.clear();
    append_models(call, edits.model, more_edits_, model_);
    // A model's name is no text; but whatever was made of it, it is replaced once.
    for (const json::Edit& text : edits.text) {
      if (std::ranges::find(call.more_model_spans, text.offset, &Span::offset) == call.more_model_spans.end()) {
        more_edits_.push_back(text);
      }
    }
    std::ranges::sort(more_edits_, {}, &json::Edit::offset);
    return with_texts(body, sorted, more_edits_);
  }
  if (!edits.text.empty()) return with_texts(body, sorted, edits.text);
  std::size_t at = 0;
  std::size_t count = 0;
  for (const Change& change : sorted) {
    if (change.at.offset > at) pieces_[count++] = body.substr(at, change.at.offset - at);
    pieces_[count++] = std::string_view(inserted_).substr(change.from, change.size);
    at = change.at.offset + change.at.length;
  }
  if (at < body.size()) pieces_[count++] = body.substr(at);
  return std::span(pieces_).first(count);
}

// Both lists go up.
std::span<const std::string_view> EditedBody::with_texts(std::string_view body, std::span<const Change> changes,
                                                         std::span<const json::Edit> texts) {
  merged_.clear();
  auto change = changes.begin();
  const auto take_change = [&] {
    merged_.push_back(
        {change->at.offset, change->at.length, std::string_view(inserted_).substr(change->from, change->size)});
    ++change;
  };
  for (const json::Edit& text : texts) {
    while (change != changes.end() && change->at.offset <= text.offset) take_change();
    const bool replaced = !merged_.empty() && text.offset < merged_.back().offset + merged_.back().length;
    if (!replaced) merged_.push_back(text);
  }
  while (change != changes.end()) take_change();
  more_pieces_.clear();
  json::splice_pieces(body, merged_, more_pieces_);
  return more_pieces_;
}

}  // namespace gatehouse::dialects
