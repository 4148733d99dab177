#include "gatehouse/dialects/openai_chat/foreign_state.h"

#include <utility>

#include "gatehouse/dialects/openai_chat/wire.h"

namespace gatehouse::dialects::openai_chat {
namespace {

using llm::Origin;

constexpr std::string_view kMark = "gh1.";  // of wrap_opaque
constexpr std::string_view kSignature = "thought_signature";

class MessageEditor {
 public:
  MessageEditor(bool keeps_thoughts, Origin origin) : keeps_thoughts_(keeps_thoughts), origin_(origin) {}

  bool concerns(std::string_view raw) const {
    if (raw.find(kMark) != std::string_view::npos) return true;
    return origin_ != Origin::none && origin_ != Origin::gemini && raw.find(kSignature) != std::string_view::npos;
  }

  // One message, written anew without what is not the provider's. True: something was left out or brought back.
  bool edit(std::string_view raw, std::string& out) {
    edited_ = false;
    bool thoughts = false;
    std::string details;
    std::string_view calls, extra_content;
    wire::members(raw, [&](std::string_view key, std::string_view value) {
      if (key == "reasoning_details" && wire::is_array(value)) {
        details = list(value, [&](std::string_view entry, json::Writer& writer) { detail(entry, writer); });
        thoughts = edited_;
      } else if (key == "tool_calls" && wire::is_array(value)) {
        calls = value;
      } else if (key == "extra_content") {
        extra_content = value;
      }
    });
    json::Writer writer(out);
    writer.begin_object();
    wire::members(raw, [&](std::string_view key, std::string_view value) {
      if (key == "reasoning_details" && !details.empty()) {
        const bool refused = thoughts && !keeps_thoughts_;
        if (details.size() > 2 && !refused) writer.key(key).raw(details);
      } else if ((key == "reasoning_content" || key == "reasoning") && thoughts && !keeps_thoughts_) {
        return;
      } else if (key == "tool_calls" && !calls.empty()) {
        writer.key(key).raw(list(value, [&](std::string_view call, json::Writer& to) { tool_call(call, to); }));
      } else if (key == "extra_content") {
        signature(value, writer);
      } else {
        writer.key(key).raw(value);
      }
    });
    writer.end_object();
    return edited_;
  }

 private:
  template <class Element>
  static std::string list(std::string_view raw, Element&& element) {
    std::string out;
    json::Writer writer(out);
    writer.begin_array();
    wire::elements(raw, [&](std::string_view one) { element(one, writer); });
    writer.end_array();
    return out;
  }

  // State of the provider's own as it was; nothing: somebody else's.
  std::optional<std::string> own(const std::string& written) const {
    if (!written.starts_with(kMark)) return written;
    llm::Opaque state = llm::unwrap_opaque(written, Origin::none);
    if (state.origin == Origin::none || state.origin != origin_) return std::nullopt;
    return wire::write_state(state, origin_).value;
  }

  void detail(std::string_view raw, json::Writer& writer) {
    bool foreign = false;
    bool changed = false;
    std::string out;
    json::Writer entry(out);
    entry.begin_object();
    wire::members(raw, [&](std::string_view key, std::string_view value) {
      if (key != "signature" && key != "data") {
        entry.key(key).raw(value);
        return;
      }
      const std::string written = wire::text(value);
      const auto state = own(written);
      if (!state) {
        foreign = true;
      } else if (*state != written) {
        changed = true;
        entry.key(key).string(*state);
      } else {
        entry.key(key).raw(value);
      }
    });
    entry.end_object();
    edited_ = edited_ || foreign || changed;
    if (!foreign) writer.raw(out);  // a text without its proof is none
  }

  void tool_call(std::string_view raw, json::Writer& writer) {
    if (!wire::is_object(raw)) {
      writer.raw(raw);
      return;
    }
    writer.begin_object();
    wire::members(raw, [&](std::string_view key, std::string_view value) {
      if (key == "extra_content") {
        signature(value, writer);
      } else {
        writer.key(key).raw(value);
      }
    });
    writer.end_object();
  }

  void signature(std::string_view extra_content, json::Writer& writer) {
    const std::string_view raw = wire::find_thought_signature(extra_content);
    const std::string written = wire::text(raw);
    const bool wrapped = written.starts_with(kMark);
    const bool googles = origin_ == Origin::none || origin_ == Origin::gemini;
    if (raw.empty() || (!wrapped && googles)) {
      writer.key("extra_content").raw(extra_content);
      return;
    }
    edited_ = true;
    const auto state = wrapped ? own(written) : std::nullopt;
    if (state) wire::write_thought_signature(writer, *state);
  }

  bool keeps_thoughts_;
  Origin origin_;
  bool edited_ = false;
};

}  // namespace

std::optional<MessagesEdit> without_foreign_state(std::string_view body, const llm::Quirks& quirks, Origin origin) {
  MessageEditor editor(quirks.send_reasoning != llm::Quirks::SendReasoning::never, origin);
  if (!editor.concerns(body)) return std::nullopt;
  std::string_view messages;
  wire::members(body, [&](std::string_view key, std::string_view value) {
    if (key == "messages") messages = value;
  });
  if (!wire::is_array(messages) || !editor.concerns(messages)) return std::nullopt;
  bool edited = false;
  MessagesEdit edit;
  json::Writer writer(edit.replacement);
  writer.begin_array();
  wire::elements(messages, [&](std::string_view one) {
    std::string anew;
    if (wire::is_object(one) && editor.concerns(one) && editor.edit(one, anew)) {
      edited = true;
      writer.raw(anew);
    } else {
      writer.raw(one);
    }
  });
  writer.end_array();
  if (!edited) return std::nullopt;
  edit.offset = static_cast<std::size_t>(messages.data() - body.data());
  edit.length = messages.size();
  return edit;
}

}  // namespace gatehouse::dialects::openai_chat
