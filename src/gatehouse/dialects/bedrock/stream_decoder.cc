#include "gatehouse/dialects/bedrock/stream_decoder.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/dialects/bedrock/finish.h"
#include "gatehouse/dialects/bedrock/media.h"
#include "gatehouse/dialects/schema/unwrap.h"
#include "gatehouse/json/cursor.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/llm/usage_reader.h"

namespace gatehouse::dialects::bedrock {
namespace {

using json::Cursor;
using llm::BlockKind;
using llm::ChatEvent;
using Kind = llm::ChatEvent::Kind;

constexpr std::string_view kException = "exception:";
constexpr std::size_t kMostHeld = std::size_t{8} << 20;  // bytes of a block that has to be whole before it is told
constexpr std::size_t kMostBlocks = 4096;

// What an event's JSON says, by position.
struct Wire {
  std::optional<std::uint64_t> index;
  enum class Part : std::uint8_t {
    none,
    text,
    input,
    thought,
    signature,
    redacted,
    citation,
    tool_use,     // start
    tool_result,  // start, or delta
    image,        // start, or delta
  };
  Part part = Part::none;
  Cursor::String string;  // of text to redacted
  std::string_view raw;   // of citation to image
  std::string_view all;   // of the member that holds it
};

class Decoder final : public EventDecoder {
 public:
  explicit Decoder(const Reading& reading) : reading_(reading) {}

  void on_event(std::string_view name, std::string_view data, std::vector<ChatEvent>& out) override {
    if (over_) return;
    forget();
    if (name.empty()) {
      on_union(data, out);
    } else {
      dispatch(name, data, out);
    }
  }

  void on_end(std::vector<ChatEvent>& out) override {
    if (over_) return;
    forget();
    if (finished_) {
      out.push_back({.kind = Kind::ended});
      over_ = true;
    } else {
      fail(out, "The provider broke off in the middle of its answer", 502);
    }
  }

 private:
  // A block of ours that is open.
  struct Open {
    std::uint64_t wire = 0;
    std::uint32_t index = 0;
    BlockKind kind = BlockKind::text;
    enum class How : std::uint8_t {
      plain,     // as it comes
      wrapped,   // out of the object that the schema had to become
      argument,  // the text that stands in a call's arguments
      foreign,   // whole at its end
    };
    How how = How::plain;
    Unwrapper unwrapper{};
    std::string held{};     // of argument and foreign
    std::string opening{};  // of foreign: what its start said
  };

  void on_union(std::string_view data, std::vector<ChatEvent>& out) {
    const json::Value value(data);
    bool known = false;
    value.members([&](std::string_view key, json::Value inner) {
      if (known || over_ || !inner.is(json::Kind::object)) return;
      known = true;
      std::string name(key);
      if (name.ends_with("Exception")) name.insert(0, kException);
      dispatch(name, inner.raw(), out);
    });
    if (!value.is(json::Kind::object)) broken(out);
  }

  void dispatch(std::string_view name, std::string_view data, std::vector<ChatEvent>& out) {
    if (name == "contentBlockDelta") {
      delta(data, out);
    } else if (name == "contentBlockStart") {
      start(data, out);
    } else if (name == "contentBlockStop") {
      stop(data, out);
    } else if (name == "messageStart") {
      begin(out);
    } else if (name == "messageStop") {
      message_stop(data, out);
    } else if (name == "metadata") {
      metadata(data, out);
    } else if (name.starts_with(kException)) {
      exception(name.substr(kException.size()), data, out);
    }
  }

  // --- reading

  static bool read(std::string_view data, Wire& wire) {
    Cursor cursor(data);
    const auto string = [&](Wire::Part part) {
      if (cursor.first() != '"') return cursor.skip();
      wire.part = part;
      return cursor.string(wire.string);
    };
    const auto raw = [&](Wire::Part part) {
      const std::size_t begin = cursor.offset();
      if (!cursor.skip()) return false;
      wire.part = part;
      wire.raw = cursor.since(begin);
      return true;
    };
    const auto object = [&](auto&& each) {
      if (cursor.first() != '{') return cursor.skip();
      return cursor.object([&](const Cursor::String& key) { return each(key.inside); });
    };
    return object([&](std::string_view key) {
             if (key == "contentBlockIndex") {
               const std::size_t begin = cursor.offset();
               if (!cursor.skip()) return false;
               wire.index = json::read_count(cursor.since(begin));
               return true;
             }
             if (key == "start") {
               return object([&](std::string_view member) {
                 if (member == "toolUse") return raw(Wire::Part::tool_use);
                 if (member == "toolResult") return raw(Wire::Part::tool_result);
                 if (member == "image") return raw(Wire::Part::image);
                 return cursor.skip();
               });
             }
             if (key != "delta") return cursor.skip();
             return object([&](std::string_view member) {
               if (member == "text") return string(Wire::Part::text);
               if (member == "toolUse") {
                 return object([&](std::string_view inner) {
                   return inner == "input" ? string(Wire::Part::input) : cursor.skip();
                 });
               }
               if (member == "reasoningContent") {
                 return object([&](std::string_view inner) {
                   if (inner == "text") return string(Wire::Part::thought);
                   if (inner == "signature") return string(Wire::Part::signature);
                   if (inner == "redactedContent") return string(Wire::Part::redacted);
                   return cursor.skip();
                 });
               }
               if (member == "citation") return raw(Wire::Part::citation);
               if (member == "toolResult") return raw(Wire::Part::tool_result);
               if (member == "image") return raw(Wire::Part::image);
               return cursor.skip();
             });
           }) &&
           cursor.at_end();
  }

  // A text of the event, decoded; holds until the next event. What has no escapes lies where it came.
  std::string_view decoded(const Cursor::String& string) {
    if (!string.escaped) return string.inside;
    std::string& to = scratch();
    json::append_decoded(string, to);
    return to;
  }
  std::string& scratch() {
    if (texts_used_ == texts_.size()) texts_.emplace_back();
    std::string& text = texts_[texts_used_++];
    text.clear();
    return text;
  }
  // What the last event's views pointed to.
  void forget() {
    texts_used_ = 0;
    citations_.clear();
    medias_.clear();
    foreigns_.clear();
    extras_.clear();
  }
  std::string_view keep(std::string text) { return scratch() = std::move(text); }

  // --- the run

  void begin(std::vector<ChatEvent>& out) {
    if (std::exchange(started_, true)) return;
    out.push_back({.kind = Kind::started});
  }

  void fail(std::vector<ChatEvent>& out, std::string_view message, int status) {
    error_ = {};
    error_.message = message;
    error_.status = status;
    failed(out);
  }
  void failed(std::vector<ChatEvent>& out) {
    over_ = true;
    out.push_back({.kind = Kind::failed, .error = &error_});
  }
  void broken(std::vector<ChatEvent>& out) { fail(out, "The provider sent an event that cannot be read", 502); }

  void exception(std::string_view name, std::string_view data, std::vector<ChatEvent>& out) {
    error_ = error_of(name, status_of(name), data);
    failed(out);
  }

  Open* find(std::uint64_t wire) {
    const auto found = std::ranges::find(open_, wire, &Open::wire);
    return found == open_.end() ? nullptr : &*found;
  }

  Open* open(std::uint64_t wire, ChatEvent event, std::vector<ChatEvent>& out) {
    if (next_ == kMostBlocks) {
      fail(out, "The provider's answer has too many blocks", 502);
      return nullptr;
    }
    event.kind = Kind::block_started;
    event.block = next_;
    out.push_back(event);
    return &open_.emplace_back(Open{.wire = wire, .index = next_++, .kind = event.block_kind});
  }

  // The block that the delta grows: the one that is open under its number, or a new one where that is of another kind.
  Open* grown(std::uint64_t wire, BlockKind kind, std::vector<ChatEvent>& out) {
    Open* block = find(wire);
    if (block != nullptr && block->kind == kind) return block;
    if (block != nullptr) close(*block, out);
    return open(wire, {.block_kind = kind}, out);
  }

  static std::string whole_foreign(Open& block) {
    if (block.opening != "toolUse") {
      block.held.push_back(']');
    } else if (block.held.ends_with(':')) {
      block.held.append("{}");
    }
    block.held.append("}}");
    // Arguments that are no JSON would make it none.
    return json::validate(block.held) ? std::move(block.held) : std::string();
  }

  void close(Open& block, std::vector<ChatEvent>& out) {
    ChatEvent event{.block = block.index, .block_kind = block.kind};
    const auto text = [&](std::string_view words) {
      if (words.empty()) return;
      event.kind = Kind::text;
      event.text = words;
      out.push_back(event);
      event.text = {};
    };
    switch (block.how) {
      case Open::How::plain:
        break;
      case Open::How::wrapped: {
        std::string& rest = scratch();
        block.unwrapper.end(rest);
        text(rest);
        break;
      }
      case Open::How::argument: {
        auto input = json::Value(block.held)["input"].string();
        text(keep(input ? std::move(*input) : std::move(block.held)));
        break;
      }
      case Open::How::foreign: {
        llm::Foreign& foreign = foreigns_.emplace_back();
        foreign.type = block.opening;
        foreign.verbatim = {.dialect = llm::Dialect::bedrock, .json = whole_foreign(block)};
        event.foreign = &foreign;
        break;
      }
    }
    event.kind = Kind::block_ended;
    out.push_back(event);
    open_.erase(open_.begin() + (&block - open_.data()));
  }

  void grow(Open& block, std::string_view text, std::vector<ChatEvent>& out) {
    if (block.how == Open::How::argument || block.how == Open::How::foreign) {
      if (block.held.size() + text.size() > kMostHeld) {
        fail(out, "The provider's answer is larger than allowed", 502);
      } else {
        block.held.append(text);
      }
      return;
    }
    if (block.how == Open::How::wrapped) {
      std::string& part = scratch();
      block.unwrapper.feed(text, part);
      text = part;
    }
    if (text.empty()) return;
    out.push_back({.kind = Kind::text, .block = block.index, .block_kind = block.kind, .text = text});
  }

  // --- events

  void start(std::string_view data, std::vector<ChatEvent>& out) {
    Wire wire;
    if (!read(data, wire)) return broken(out);
    if (!wire.index || wire.part == Wire::Part::none || finished_) return;
    begin(out);
    if (Open* block = find(*wire.index)) close(*block, out);
    if (wire.part == Wire::Part::tool_use) {
      start_tool(*wire.index, json::Value(wire.raw), out);
    } else if (wire.part == Wire::Part::tool_result) {
      start_foreign(*wire.index, "toolResult", wire.raw, out);
    } else {
      llm::Media& media = medias_.emplace_back();
      media.media_type = media_type_of("image", json::Value(wire.raw)["format"].string_or(""));
      open(*wire.index, {.block_kind = BlockKind::media, .media = &media}, out);
    }
  }

  void start_foreign(std::uint64_t wire, std::string_view type, std::string_view raw, std::vector<ChatEvent>& out) {
    Open* block = open(wire, {.block_kind = BlockKind::foreign}, out);
    if (block == nullptr) return;
    block->how = Open::How::foreign;
    block->opening = type;
    // {"toolUse":{ALL THAT THE START SAID,"input": and then what its deltas say.
    block->held.append("{\"").append(type).append("\":{");
    const json::Value value(raw);
    json::Writer members(block->held);
    value.members([&](std::string_view key, json::Value member) { members.key(key).raw(member.raw()); });
    members.key(type == "toolUse" ? "input" : "content");
    if (type != "toolUse") block->held.push_back('[');
  }

  void start_tool(std::uint64_t wire, const json::Value& tool, std::vector<ChatEvent>& out) {
    if (tool["type"].string_or("") == "server_tool_use") {
      start_foreign(wire, "toolUse", tool.raw(), out);
      return;
    }
    const Rewrites& rewrites = reading_.rewrites;
    std::string name = tool["name"].string_or("");
    if (!rewrites.json_tool.empty() && name == rewrites.json_tool) {
      // What was said before it was about it, and is no part of the answer.
      held_words_.clear();
      if (std::exchange(answered_, true)) {
        ignored_ = wire;
        return;
      }
      Open* block = open(wire, {.block_kind = BlockKind::text}, out);
      if (block != nullptr && rewrites.json_wrapped) block->how = Open::How::wrapped;
      json_ = wire;
      return;
    }
    release_words(out);
    if (over_) return;
    const bool text_tool = std::ranges::find(rewrites.text_tools, name) != rewrites.text_tools.end();
    for (const auto& [sent, original] : rewrites.tool_names) {
      if (name == sent) {
        name = original;
        break;
      }
    }
    called_ = true;
    Open* block = open(wire,
                       {.block_kind = BlockKind::tool_call,
                        .tool_kind = text_tool ? llm::ToolKind::custom : llm::ToolKind::function,
                        .id = keep(tool["toolUseId"].string_or("")),
                        .name = keep(std::move(name))},
                       out);
    if (block != nullptr && text_tool) block->how = Open::How::argument;
  }

  void delta(std::string_view data, std::vector<ChatEvent>& out) {
    Wire wire;
    if (!read(data, wire)) return broken(out);
    if (!wire.index || wire.part == Wire::Part::none || finished_) return;
    begin(out);
    switch (wire.part) {
      case Wire::Part::text:
        return text(*wire.index, decoded(wire.string), out);
      case Wire::Part::input:
        return input(*wire.index, decoded(wire.string), out);
      case Wire::Part::thought:
        if (wire.string.inside.empty() && find(*wire.index) == nullptr) return;
        if (Open* block = grown(*wire.index, BlockKind::reasoning, out)) grow(*block, decoded(wire.string), out);
        return;
      case Wire::Part::signature:
      case Wire::Part::redacted:
        return state(*wire.index, wire.part, decoded(wire.string), out);
      case Wire::Part::citation:
        if (!reading_.rewrites.json_tool.empty()) return;
        if (const Open* block = grown(*wire.index, BlockKind::text, out)) {
          const auto& citation = citations_.emplace_back(citation_of(wire.raw));
          out.push_back({.kind = Kind::citation, .block = block->index, .citation = &citation});
        }
        return;
      case Wire::Part::tool_result:
        return result(*wire.index, wire.raw, out);
      case Wire::Part::image:
        if (Open* block = find(*wire.index); block != nullptr && block->kind == BlockKind::media) {
          grow(*block, keep(json::Value(wire.raw)["source"]["bytes"].string_or("")), out);
        }
        return;
      case Wire::Part::tool_use:
      case Wire::Part::none:
        return;
    }
  }

  void text(std::uint64_t wire, std::string_view words, std::vector<ChatEvent>& out) {
    // While the answer may still come as a call, words are held back; once it has, they are none of it.
    if (!reading_.rewrites.json_tool.empty() && json_ != wire) {
      if (answered_) return;
      if (held_words_.size() + words.size() > kMostHeld) {
        fail(out, "The provider's answer is larger than allowed", 502);
        return;
      }
      held_words_.append(words);
      return;
    }
    const Open* existing = find(wire);
    const bool open_already = existing != nullptr && existing->kind == BlockKind::text;
    if (words.empty() && !open_already) return;  // nothing is no block
    Open* block = grown(wire, BlockKind::text, out);
    if (block == nullptr) return;
    if (!open_already && reading_.rewrites.json_tool.empty() && reading_.rewrites.json_wrapped) {
      block->how = Open::How::wrapped;
    }
    grow(*block, words, out);
  }

  // Words that were held back turn out to be said for themselves.
  void release_words(std::vector<ChatEvent>& out) {
    if (held_words_.empty()) return;
    Open* block = open(kNoWire, {.block_kind = BlockKind::text}, out);
    if (block == nullptr) return;
    grow(*block, keep(std::exchange(held_words_, {})), out);
    close(*block, out);
  }

  void input(std::uint64_t wire, std::string_view json, std::vector<ChatEvent>& out) {
    Open* block = find(wire);
    if (block == nullptr) {
      if (ignored_ != wire) broken(out);
      return;
    }
    grow(*block, json, out);
  }

  void state(std::uint64_t wire, Wire::Part part, std::string_view value, std::vector<ChatEvent>& out) {
    if (value.empty()) return;
    const Open* block = grown(wire, BlockKind::reasoning, out);
    if (block == nullptr) return;
    ChatEvent event{.block = block->index, .block_kind = BlockKind::reasoning};
    if (part == Wire::Part::signature) {
      event.kind = Kind::signature;
      event.opaque = {.origin = reading_.origin, .value = std::string(value)};
    } else {
      event.kind = Kind::encrypted;
      event.opaque = redacted_of(value, reading_.origin);
    }
    out.push_back(std::move(event));
  }

  // What the provider's own tool brought back: parts, which the block keeps as they are.
  void result(std::uint64_t wire, std::string_view raw, std::vector<ChatEvent>& out) {
    Open* block = find(wire);
    if (block == nullptr || block->how != Open::How::foreign) return;
    json::Value(raw).elements([&](json::Value part) {
      if (over_) return;
      if (!block->held.ends_with('[')) grow(*block, ",", out);
      if (!over_) grow(*block, part.raw(), out);
    });
  }

  void stop(std::string_view data, std::vector<ChatEvent>& out) {
    Wire wire;
    if (!read(data, wire)) return broken(out);
    if (!wire.index) return;
    begin(out);
    if (Open* block = find(*wire.index)) close(*block, out);
  }

  void message_stop(std::string_view data, std::vector<ChatEvent>& out) {
    const json::Value value(data);
    if (!value.is(json::Kind::object)) return broken(out);
    begin(out);
    if (finished_) return;
    while (!open_.empty()) close(open_.front(), out);
    release_words(out);
    if (over_) return;
    finished_ = true;
    const json::Value fields = value["additionalModelResponseFields"];
    const std::string_view reason = keep(value["stopReason"].string_or(""));
    if (fields.exists() && !fields.is_null()) {
      tell("additionalModelResponseFields", fields.raw(), out);
    }
    out.push_back({.kind = Kind::finished,
                   .finish = finish_of(reason, called_),
                   .native_finish = reason,
                   .stop_sequence = keep(stop_sequence_of(fields.raw()))});
    if (has_metadata_) ended(out);
  }

  void metadata(std::string_view data, std::vector<ChatEvent>& out) {
    const json::Value value(data);
    if (!value.is(json::Kind::object)) return broken(out);
    begin(out);
    value.members([&](std::string_view key, json::Value member) {
      if (key == "usage") {
        usage_ = llm::read_usage(llm::UsageApi::bedrock, member.raw());
        out.push_back({.kind = Kind::usage, .usage = &usage_});
      } else if (key == "serviceTier") {
        tell("service_tier", member["type"].raw(), out);
      } else if (key != "p" && !member.is_null()) {
        tell(key, member.raw(), out);
      }
    });
    has_metadata_ = true;
    if (finished_) ended(out);
  }

  void tell(std::string_view name, std::string_view raw, std::vector<ChatEvent>& out) {
    if (raw.empty()) return;
    llm::Extras& extras = extras_.emplace_back();
    extras.push_back({.name = std::string(name), .json = std::string(raw)});
    out.push_back({.kind = Kind::told, .extras = &extras});
  }

  void ended(std::vector<ChatEvent>& out) {
    over_ = true;
    out.push_back({.kind = Kind::ended});
  }

  static constexpr std::uint64_t kNoWire = UINT64_MAX;

  const Reading reading_;
  std::vector<Open> open_;
  std::uint32_t next_ = 0;
  std::deque<std::string> texts_;  // what views of the last event's point into
  std::size_t texts_used_ = 0;
  std::deque<llm::Citation> citations_;
  std::deque<llm::Media> medias_;
  std::deque<llm::Foreign> foreigns_;
  std::deque<llm::Extras> extras_;
  llm::Usage usage_;
  llm::ChatError error_;
  std::string held_words_;  // of an answer that is to come as a call
  std::uint64_t json_ = kNoWire;
  std::uint64_t ignored_ = kNoWire;
  bool answered_ = false;
  bool started_ = false;
  bool called_ = false;
  bool finished_ = false;
  bool has_metadata_ = false;
  bool over_ = false;
};

}  // namespace

std::unique_ptr<EventDecoder> make_stream_decoder(const Reading& reading) { return std::make_unique<Decoder>(reading); }

}  // namespace gatehouse::dialects::bedrock
