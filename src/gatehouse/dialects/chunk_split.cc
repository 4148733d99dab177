#include "gatehouse/dialects/chunk_split.h"

#include <algorithm>
#include <array>

#include "gatehouse/dialects/wire.h"
#include "gatehouse/json/cursor.h"
#include "gatehouse/json/string_map.h"

namespace gatehouse::dialects {
namespace {

using json::Cursor;
using llm::Delta;
using Names = std::span<const std::string_view>;

bool is_one_of(std::string_view name, Names names) { return std::ranges::find(names, name) != names.end(); }

// What chunks of a dialect are made of.
struct Shape {
  std::string_view list;   // the member with the choices
  Names names;             // members that every chunk of a stream has alike
  Names ends;              // ... that tell how the answer ended, and may be told once
  Names choice_ends;       // of a choice, the same
  Names kept;              // what a part with a text has besides, in both chunks
  std::string_view seal;   // what goes with the end of a part's text; empty: nothing does
  std::string_view delta;  // what a choice must have, though nothing of it be left; empty: nothing
  std::string_view text;   // ... as a string
};

constexpr auto kChatNames = std::to_array<std::string_view>(
    {"id", "object", "created", "model", "system_fingerprint", "service_tier", "provider", "type"});
constexpr auto kChatEnds = std::to_array<std::string_view>({"usage", "x_groq", "time_info", "error"});
constexpr auto kChatChoiceEnds = std::to_array<std::string_view>(
    {"finish_reason", "native_finish_reason", "stop_reason", "matched_stop", "logprobs"});
constexpr auto kChatKept = std::to_array<std::string_view>({"index", "type"});
constexpr Shape kChat{.list = "choices",
                      .names = kChatNames,
                      .ends = kChatEnds,
                      .choice_ends = kChatChoiceEnds,
                      .kept = kChatKept,
                      .seal = {},
                      .delta = "delta",
                      .text = "text"};

constexpr auto kGeminiNames = std::to_array<std::string_view>({"modelVersion", "responseId", "createTime"});
constexpr auto kGeminiEnds = std::to_array<std::string_view>({"usageMetadata", "error"});
constexpr auto kGeminiChoiceEnds =
    std::to_array<std::string_view>({"finishReason", "tokenCount", "avgLogprobs", "logprobsResult"});
constexpr auto kGeminiKept = std::to_array<std::string_view>({"role", "thought"});
constexpr Shape kGemini{.list = "candidates",
                        .names = kGeminiNames,
                        .ends = kGeminiEnds,
                        .choice_ends = kGeminiChoiceEnds,
                        .kept = kGeminiKept,
                        .seal = "thoughtSignature",
                        .delta = {},
                        .text = {}};

const Shape& shape_of(llm::Operation operation) {
  return dialect_of(operation) == llm::Dialect::gemini ? kGemini : kChat;
}

class Rest {
 public:
  Rest(const Shape& shape, std::string_view data, std::span<const Delta> deltas, std::span<const std::size_t> cuts)
      : shape_(shape), cursor_(data), deltas_(deltas), cuts_(cuts) {}

  bool write(std::string& out) {
    bool choices = false;
    out += '{';
    const bool read = cursor_.first() == '{' && cursor_.object([&](const Cursor::String& key) {
      if (key.inside == shape_.list && cursor_.first() == '[') {
        choices = true;
        begin_member(out, key);
        return choice_list(out);
      }
      if (is_one_of(key.inside, shape_.names) || is_one_of(key.inside, shape_.ends)) return copy(key, out);
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
        if (key.inside == "index" || is_one_of(key.inside, shape_.choice_ends)) return copy(key, choice);
        const bool delta = !shape_.delta.empty() && key.inside == shape_.delta && cursor_.first() == '{';
        std::string value;
        bool left = false;
        if (!rest(value, left)) return false;
        if (!left && !delta && (shape_.text.empty() || key.inside != shape_.text)) return true;
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
          const bool seal = !shape_.seal.empty() && key.inside == shape_.seal;
          if (seal || is_one_of(key.inside, shape_.kept)) return copy(key, object);
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

  const Shape& shape_;
  Cursor cursor_;
  std::span<const Delta> deltas_;
  std::span<const std::size_t> cuts_;
  std::size_t next_ = 0;
  std::size_t written_ = 0;
};

class Ends {
 public:
  Ends(const Shape& shape, std::string_view data, std::span<const Delta> deltas, std::span<const std::size_t> cuts,
       EditList& edits)
      : shape_(shape), cursor_(data), deltas_(deltas), cuts_(cuts), edits_(edits) {}

  bool take_out() {
    return cursor_.first() == '{' && cursor_.object([&](const Cursor::String& key) {
      if (is_one_of(key.inside, shape_.ends)) return to_null();
      if (key.inside != shape_.list || cursor_.first() != '[') return cursor_.skip();
      return cursor_.array([&] {
        if (cursor_.first() != '{') return cursor_.skip();
        return cursor_.object([&](const Cursor::String& choice_key) {
          if (is_one_of(choice_key.inside, shape_.choice_ends)) return to_null();
          return shape_.seal.empty() ? cursor_.skip() : seals();
        });
      });
    });
  }

 private:
  bool to_null() {
    const std::size_t begin = cursor_.offset();
    if (!cursor_.skip()) return false;
    edits_.put(begin, cursor_.offset() - begin, "null");
    return true;
  }

  // What seals a text that is cut goes with its end.
  bool seals() {
    switch (cursor_.first()) {
      case '{': {
        const std::size_t begin = cursor_.offset();
        std::size_t seal = 0;
        std::size_t length = 0;
        const bool read = cursor_.object([&](const Cursor::String& key) {
          if (key.inside != shape_.seal) return seals();
          seal = cursor_.offset();
          if (!cursor_.skip()) return false;
          length = cursor_.offset() - seal;
          return true;
        });
        if (length > 0 && is_cut(begin, cursor_.offset())) edits_.put(seal, length, "null");
        return read;
      }
      case '[':
        return cursor_.array([&] { return seals(); });
      default:
        return cursor_.skip();
    }
  }

  bool is_cut(std::size_t begin, std::size_t end) const {
    for (std::size_t i = 0; i < deltas_.size(); ++i) {
      const bool inside = deltas_[i].offset >= begin && deltas_[i].offset < end;
      if (inside && cuts_[i] < deltas_[i].text.size()) return true;
    }
    return false;
  }

  const Shape& shape_;
  Cursor cursor_;
  std::span<const Delta> deltas_;
  std::span<const std::size_t> cuts_;
  EditList& edits_;
};

}  // namespace

bool write_rest(llm::Operation operation, std::string_view data, std::span<const Delta> deltas,
                std::span<const std::size_t> cuts, std::string& out) {
  return Rest(shape_of(operation), data, deltas, cuts).write(out);
}

bool without_ends(llm::Operation operation, std::string_view data, std::span<const Delta> deltas,
                  std::span<const std::size_t> cuts, EditList& edits) {
  return Ends(shape_of(operation), data, deltas, cuts, edits).take_out();
}

}  // namespace gatehouse::dialects
