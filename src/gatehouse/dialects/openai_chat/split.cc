#include "gatehouse/dialects/openai_chat/split.h"

#include <algorithm>
#include <initializer_list>

#include "gatehouse/json/cursor.h"
#include "gatehouse/json/string_map.h"

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

}  // namespace

bool write_rest(std::string_view data, std::span<const Delta> deltas, std::span<const std::size_t> cuts,
                std::string& out) {
  return Rest(data, deltas, cuts).write(out);
}

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

}  // namespace gatehouse::dialects::openai_chat
