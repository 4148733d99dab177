#include "gatehouse/dialects/openai_chat/event_edit.h"

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "gatehouse/dialects/openai_chat/edit_list.h"
#include "gatehouse/json/cursor.h"

namespace gatehouse::dialects::openai_chat {
namespace {

using json::Cursor;
using llm::Delta;

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

// Members of a choice that tell how it ended, and may be told once.
bool ends_choice(std::string_view name) {
  return is_one_of(name, {"finish_reason", "native_finish_reason", "stop_reason", "matched_stop", "logprobs"});
}
// Members of a chunk, the same.
bool ends_chunk(std::string_view name) { return is_one_of(name, {"usage", "x_groq", "time_info", "error"}); }
// Members that every chunk of a stream has alike.
bool names_stream(std::string_view name) {
  return is_one_of(name,
                   {"id", "object", "created", "model", "system_fingerprint", "service_tier", "provider", "type"});
}

// Writes the second of two chunks: what is left of the texts, and the ends. What the first one has said for good
// (roles, ids, names) is not said again, since clients put strings one behind the other.
class Rest {
 public:
  Rest(std::string_view data, std::span<const Delta> deltas, std::span<const std::size_t> cuts)
      : cursor_(data), deltas_(deltas), cuts_(cuts) {}

  // False: the data has not the shape of a chunk.
  bool write(std::string& out) {
    bool choices = false;
    out += '{';
    const bool read = cursor_.first() == '{' && cursor_.object([&](const Cursor::String& key) {
      if (key.inside == "choices" && cursor_.first() == '[') {
        choices = true;
        begin_member(out, key);
        return choice_list(out);
      }
      if (names_stream(key.inside) || ends_chunk(key.inside)) return copy(key, out);
      return cursor_.skip();
    });
    out += '}';
    // All that is left was found again in a choice.
    std::size_t owed = 0;
    for (std::size_t i = 0; i < deltas_.size(); ++i) owed += cuts_[i] < deltas_[i].text.size() ? 1 : 0;
    return read && choices && written_ == owed;
  }

 private:
  static void begin_member(std::string& out, const Cursor::String& key) {
    if (out.back() != '{') out += ',';
    out.append("\"").append(key.inside).append("\":");
  }

  bool copy(const Cursor::String& key, std::string& out) {
    begin_member(out, key);
    const std::size_t begin = cursor_.offset();
    if (!cursor_.skip()) return false;
    out.append(cursor_.since(begin));
    return true;
  }

  bool choice_list(std::string& out) {
    out += '[';
    const bool read = cursor_.array([&] {
      if (cursor_.first() != '{') return cursor_.skip();
      std::string choice = "{";
      const bool inside = cursor_.object([&](const Cursor::String& key) {
        if (key.inside == "index" || ends_choice(key.inside)) return copy(key, choice);
        const bool delta = key.inside == "delta" && cursor_.first() == '{';
        std::string value;
        bool left = false;
        if (!rest(value, left)) return false;
        if (!left && !delta && key.inside != "text") return true;
        begin_member(choice, key);
        choice += left ? value : delta ? "{}" : "\"\"";
        return true;
      });
      if (out.back() != '[') out += ',';
      out += choice + "}";
      return inside;
    });
    out += ']';
    return read;
  }

  // What is left of the value at the cursor; `left` tells whether there is anything.
  bool rest(std::string& out, bool& left) {
    switch (cursor_.first()) {
      case '"': {
        Cursor::String string;
        if (!cursor_.string(string)) return false;
        while (next_ < deltas_.size() && deltas_[next_].offset < string.offset) ++next_;
        if (next_ == deltas_.size() || deltas_[next_].offset != string.offset) return true;
        const std::size_t cut = cuts_[next_];
        if (cut >= deltas_[next_].text.size()) return true;
        const std::string_view raw = cursor_.since(string.offset);
        out.append("\"").append(raw.substr(json::StringMap(raw).begin_of(cut)));
        ++written_;
        left = true;
        return true;
      }
      case '{': {
        std::string object = "{";
        const bool read = cursor_.object([&](const Cursor::String& key) {
          if (key.inside == "index" || key.inside == "type") return copy(key, object);
          std::string value;
          bool own = false;
          if (!rest(value, own)) return false;
          if (!own) return true;
          begin_member(object, key);
          object += value;
          left = true;
          return true;
        });
        out += object + "}";
        return read;
      }
      case '[': {
        std::string list = "[";
        const bool read = cursor_.array([&] {
          std::string value;
          bool own = false;
          if (!rest(value, own)) return false;
          if (!own) return true;
          if (list.size() > 1) list += ',';
          list += value;
          left = true;
          return true;
        });
        out += list + "]";
        return read;
      }
      default:
        return cursor_.skip();
    }
  }

  Cursor cursor_;
  std::span<const Delta> deltas_;
  std::span<const std::size_t> cuts_;
  std::size_t next_ = 0;
  std::size_t written_ = 0;
};

// Takes out of a chunk what belongs to its end.
bool without_ends(std::string_view data, EditList& edits) {
  Cursor cursor(data);
  const auto to_null = [&] {
    const std::size_t begin = cursor.offset();
    if (!cursor.skip()) return false;
    edits.put(begin, cursor.offset() - begin, "null");
    return true;
  };
  return cursor.first() == '{' && cursor.object([&](const Cursor::String& key) {
    if (ends_chunk(key.inside)) return to_null();
    if (key.inside != "choices" || cursor.first() != '[') return cursor.skip();
    return cursor.array([&] {
      if (cursor.first() != '{') return cursor.skip();
      return cursor.object(
          [&](const Cursor::String& choice_key) { return ends_choice(choice_key.inside) ? to_null() : cursor.skip(); });
    });
  });
}

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

std::optional<SplitEvent> split_event(std::string_view data, std::span<const Delta> deltas,
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
  if (Rest(data, deltas, cuts).write(split.second)) {
    if (!without_ends(data, first)) return std::nullopt;
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

}  // namespace gatehouse::dialects::openai_chat
