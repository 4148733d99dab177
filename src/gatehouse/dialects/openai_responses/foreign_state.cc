#include "gatehouse/dialects/openai_responses/foreign_state.h"

#include "gatehouse/dialects/openai_responses/opaque_words.h"
#include "gatehouse/json/cursor.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::openai_responses {
namespace {

constexpr std::string_view kMark = "\"gh1.";

// Appends the item as the provider may have it; false: not at all. `changed`: it is not as it was.
bool append_item(std::string& out, std::string_view raw, llm::Origin origin, bool& changed) {
  const json::Value item(raw);
  const std::string written = item["encrypted_content"].string_or("");
  if (item["type"].string_or("") != "reasoning" || !written.starts_with(kMark.substr(1))) {
    out.append(raw);
    return true;
  }
  const ItemState state = read_item_state({}, written);
  // Without a name of an origin it is nobody's wrapping, but some provider's own words.
  if (state.state.value == ":" + written) {
    out.append(raw);
    return true;
  }
  changed = true;
  if (state.kind != ItemState::Kind::encrypted || state.state.origin != origin) return false;
  const ItemCiphertext words = split_item_id(state.state.value);
  json::Writer writer(out);
  writer.begin_object().key("type").string("reasoning");
  if (!words.id.empty()) writer.key("id").string(words.id);
  writer.key("encrypted_content").string(words.ciphertext);
  writer.key("summary").raw(item["summary"].is(json::Kind::array) ? item["summary"].raw() : "[]").end_object();
  return true;
}

}  // namespace

std::optional<InputEdit> without_foreign_state(std::string_view body, llm::Origin origin) {
  if (body.find(kMark) == std::string_view::npos) return std::nullopt;
  std::optional<InputEdit> edit;
  json::Cursor cursor(body);
  if (cursor.first() != '{') return std::nullopt;
  const bool walked = cursor.object([&](const json::Cursor::String& key) {
    if (key.inside != "input" || cursor.first() != '[') return cursor.skip();
    InputEdit made{.offset = cursor.offset(), .length = 0, .replacement = "["};
    bool changed = false;
    const bool read = cursor.array([&] {
      const std::size_t start = cursor.offset();
      if (!cursor.skip()) return false;
      const std::size_t before = made.replacement.size();
      if (before > 1) made.replacement += ',';
      if (!append_item(made.replacement, cursor.since(start), origin, changed)) made.replacement.resize(before);
      return true;
    });
    if (!read) return false;
    made.length = cursor.offset() - made.offset;
    made.replacement += ']';
    if (changed) edit = std::move(made);
    return true;
  });
  return walked ? edit : std::nullopt;
}

}  // namespace gatehouse::dialects::openai_responses
