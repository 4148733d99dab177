#include "gatehouse/dialects/blocked.h"

#include <algorithm>
#include <vector>

#include "gatehouse/dialects/edit_list.h"
#include "gatehouse/json/cursor.h"

namespace gatehouse::dialects {
namespace {

using json::Cursor;
using llm::Delta;

struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool exists() const { return end > begin; }
};

// What is cut of a body, and the edits that say so.
class Blocking {
 public:
  Blocking(std::string_view body, std::span<const Delta> deltas, std::span<const Logprobs> logprobs,
           std::span<const std::size_t> kept)
      : cursor_(body), deltas_(deltas), logprobs_(logprobs), kept_(kept), edits_(body) {
    cut_before_.reserve(deltas.size() + 1);
    for (std::size_t i = 0; i < deltas.size(); ++i) cut_before_.push_back(cut_before_.back() + (is_cut(i) ? 1 : 0));
  }

  std::string chat() {
    if (cursor_.first() == '{') {
      (void)cursor_.object([&](const Cursor::String& key) {
        if (key.inside != "choices" || cursor_.first() != '[') return cursor_.skip();
        return cursor_.array([&] { return cursor_.first() == '{' ? choice() : cursor_.skip(); });
      });
    }
    return finish();
  }

  std::string response() {
    bool status = false;
    bool details = false;
    std::size_t front = 0;
    if (cursor_.first() == '{') {
      front = cursor_.offset() + 1;
      (void)cursor_.object([&](const Cursor::String& key) {
        if (key.inside == "output" && cursor_.first() == '[') return list(ends_with_call);
        if (key.inside == "status") {
          status = true;
          return replace("\"incomplete\"");
        }
        if (key.inside == "incomplete_details") {
          details = true;
          return replace(R"({"reason":"content_filter"})");
        }
        return cursor_.skip();
      });
    }
    std::string missing;
    if (!status) missing += R"("status":"incomplete",)";
    if (!details) missing += R"("incomplete_details":{"reason":"content_filter"},)";
    if (front > 0 && !missing.empty()) edits_.put_owned(front, 0, std::move(missing));
    return finish();
  }

  std::string message() {
    Range reason;
    std::size_t front = 0;
    if (cursor_.first() == '{') {
      front = cursor_.offset() + 1;
      (void)cursor_.object([&](const Cursor::String& key) {
        if (key.inside == "content" && cursor_.first() == '[') return list(ends_with_use);
        if (key.inside != "stop_reason") return cursor_.skip();
        reason = skipped();
        return reason.exists();
      });
    }
    if (cut_before_.back() > 0 && front > 0) say(reason, front, "stop_reason", "refusal");
    return finish();
  }

  std::string candidates() {
    if (cursor_.first() == '{') {
      (void)cursor_.object([&](const Cursor::String& key) {
        if (key.inside != "candidates" || cursor_.first() != '[') return cursor_.skip();
        return cursor_.array([&] { return cursor_.first() == '{' ? candidate() : cursor_.skip(); });
      });
    }
    return finish();
  }

  std::string finish() {
    std::vector<std::uint32_t> choices;
    for (std::size_t i = 0; i < deltas_.size(); ++i) {
      if (!is_cut(i)) continue;
      const json::TextEdit tail{to_character(deltas_[i].text, kept_[i]), deltas_[i].text.size(), {}};
      edits_.text(deltas_[i].offset, deltas_[i].length, {&tail, 1});
      choices.push_back(deltas_[i].choice);
    }
    edits_.drop_logprobs(logprobs_, choices);
    return edits_.done();
  }

 private:
  bool is_cut(std::size_t i) const { return i < kept_.size() && kept_[i] < deltas_[i].text.size(); }
  bool is_cut(const Range& range) const {
    const auto index_at = [this](std::size_t offset) {
      return std::ranges::lower_bound(deltas_, offset, {}, &Delta::offset) - deltas_.begin();
    };
    return cut_before_[static_cast<std::size_t>(index_at(range.begin))] <
           cut_before_[static_cast<std::size_t>(index_at(range.end))];
  }

  Range skipped() {
    const std::size_t begin = cursor_.offset();
    return cursor_.skip() ? Range{begin, cursor_.offset()} : Range{};
  }
  bool replace(std::string_view with) {
    const Range range = skipped();
    if (range.exists()) edits_.put(range.begin, range.end - range.begin, with);
    return range.exists();
  }

  bool choice() {
    Range whole{cursor_.offset(), 0};
    Range reason;
    const bool read = cursor_.object([&](const Cursor::String& key) {
      if (key.inside == "finish_reason") {
        reason = skipped();
        return reason.exists();
      }
      if (key.inside != "message" || cursor_.first() != '{') return cursor_.skip();
      return cursor_.object([&](const Cursor::String& member) {
        if (member.inside == "tool_calls" && cursor_.first() == '[') return list(nullptr);
        const bool call = member.inside == "function_call" || member.inside == "audio";
        const Range value = skipped();
        // Sound cannot be cut where its transcript is, nor half a call be made.
        if (call && is_cut(value)) edits_.put(value.begin, value.end - value.begin, "null");
        return value.exists();
      });
    });
    whole.end = cursor_.offset();
    if (read && is_cut(whole)) say(reason, whole.begin + 1, "finish_reason", "content_filter");
    return read;
  }

  // Puts a word in the place of the value there, or in front of the other members.
  void say(const Range& value, std::size_t front, std::string_view name, std::string_view word) {
    std::string text = "\"" + std::string(word) + "\"";
    if (value.exists()) {
      edits_.put_owned(value.begin, value.end - value.begin, std::move(text));
    } else {
      edits_.put_owned(front, 0, "\"" + std::string(name) + "\":" + text + ",");
    }
  }

  bool candidate() {
    Range whole{cursor_.offset(), 0};
    Range reason;
    const bool read = cursor_.object([&](const Cursor::String& key) {
      if (key.inside == "finishReason") {
        reason = skipped();
        return reason.exists();
      }
      if (key.inside != "content" || cursor_.first() != '{') return cursor_.skip();
      return cursor_.object([&](const Cursor::String& member) {
        return member.inside == "parts" && cursor_.first() == '[' ? list(holds_call) : cursor_.skip();
      });
    });
    whole.end = cursor_.offset();
    if (read && is_cut(whole)) say(reason, whole.begin + 1, "finishReason", "SAFETY");
    return read;
  }

  // Whether an element of a list is a call, by one of its members.
  using IsCall = bool (*)(std::string_view name, std::string_view value);
  static bool ends_with_call(std::string_view name, std::string_view value) {
    return name == "type" && value.ends_with("_call\"");
  }
  static bool ends_with_use(std::string_view name, std::string_view value) {
    return name == "type" && value.ends_with("tool_use\"");
  }
  static bool holds_call(std::string_view name, std::string_view /*value*/) {
    return name == "functionCall" || name == "executableCode";
  }

  // Takes the calls that are cut out of a list; of nothing but calls where nobody tells them apart.
  bool list(IsCall is_call) {
    const std::size_t begin = cursor_.offset();
    std::vector<Range> elements;
    std::vector<bool> gone;
    const bool read = cursor_.array([&] {
      Range element{cursor_.offset(), 0};
      bool call = is_call == nullptr;
      Range status;
      if (!call && cursor_.first() == '{') {
        const bool inside = cursor_.object([&](const Cursor::String& key) {
          const Range value = skipped();
          call = call || is_call(key.inside, cursor_.since(value.begin));
          if (key.inside == "status" && is_call == ends_with_call) status = value;
          return value.exists();
        });
        if (!inside) return false;
      } else if (!cursor_.skip()) {
        return false;
      }
      element.end = cursor_.offset();
      if (!call && status.exists() && is_cut(element)) {
        edits_.put(status.begin, status.end - status.begin, "\"incomplete\"");
      }
      elements.push_back(element);
      gone.push_back(call && is_cut(element));
      return true;
    });
    if (!read || std::ranges::find(gone, true) == gone.end()) return read;
    if (std::ranges::find(gone, false) == gone.end()) {
      // Clients take an empty list of calls for one.
      edits_.put(begin, cursor_.offset() - begin, is_call == nullptr ? "null" : "[]");
      return true;
    }
    // With the comma before it; at the front with the one behind.
    const auto first_kept = static_cast<std::size_t>(std::ranges::find(gone, false) - gone.begin());
    if (first_kept > 0) edits_.put(elements[0].begin, elements[first_kept].begin - elements[0].begin, "");
    for (std::size_t i = first_kept + 1; i < elements.size(); ++i) {
      if (gone[i]) edits_.put(elements[i - 1].end, elements[i].end - elements[i - 1].end, "");
    }
    return true;
  }

  Cursor cursor_;
  std::span<const Delta> deltas_;
  std::span<const Logprobs> logprobs_;
  std::span<const std::size_t> kept_;
  std::vector<std::size_t> cut_before_ = {0};  // how many of the deltas before it are cut
  EditList edits_;
};

}  // namespace

std::string blocked_body(llm::Operation operation, std::string_view body, std::span<const Delta> deltas,
                         std::span<const Logprobs> logprobs, std::span<const std::size_t> kept) {
  Blocking blocking(body, deltas, logprobs, kept);
  switch (operation) {
    case llm::Operation::chat_completions:
    case llm::Operation::completions:
      return blocking.chat();
    case llm::Operation::responses:
      return blocking.response();
    case llm::Operation::messages:
      return blocking.message();
    case llm::Operation::generate_content:
    case llm::Operation::stream_content:
      return blocking.candidates();
    default:
      return blocking.finish();
  }
}

}  // namespace gatehouse::dialects
