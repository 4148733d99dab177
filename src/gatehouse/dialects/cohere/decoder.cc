#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "gatehouse/dialects/cohere/answer.h"
#include "gatehouse/dialects/schema/unwrap.h"
#include "gatehouse/json/cursor.h"
#include "gatehouse/llm/usage_reader.h"

namespace gatehouse::dialects::cohere {
namespace {

using json::Cursor;
using llm::BlockKind;
using llm::ChatEvent;
using Kind = ChatEvent::Kind;

constexpr std::uint32_t kMostBlocks = 4096;  // blocks of an answer
constexpr std::string_view kNull = "null";   // arguments of a call without any

// A string of an event, and whether it was there.
struct Text {
  Cursor::String string;
  bool given = false;
};

// What of an event is looked at, wherever it may stand.
struct Wire {
  Text type, id, content_type, text, thinking, plan, call_id, name, arguments, finish, error, message;
  std::optional<std::uint64_t> index;
  std::string_view citations, logprobs, usage;  // raw
};

bool read_text(Cursor& cursor, Text& to) {
  if (cursor.first() != '"') return cursor.skip();
  to.given = true;
  return cursor.string(to.string);
}

bool read_raw(Cursor& cursor, std::string_view& to) {
  const std::size_t begin = cursor.offset();
  if (!cursor.skip()) return false;
  to = cursor.since(begin);
  return true;
}

template <class Member>
bool read_object(Cursor& cursor, Member&& member) {
  if (cursor.first() != '{') return cursor.skip();
  return cursor.object([&](const Cursor::String& key) { return member(key.inside); });
}

bool read_content(Cursor& cursor, Wire& wire) {
  return read_object(cursor, [&](std::string_view key) {
    if (key == "text") return read_text(cursor, wire.text);
    if (key == "thinking") return read_text(cursor, wire.thinking);
    if (key == "type") return read_text(cursor, wire.content_type);
    return cursor.skip();
  });
}

bool read_call(Cursor& cursor, Wire& wire) {
  return read_object(cursor, [&](std::string_view key) {
    if (key == "id") return read_text(cursor, wire.call_id);
    if (key != "function") return cursor.skip();
    return read_object(cursor, [&](std::string_view part) {
      if (part == "name") return read_text(cursor, wire.name);
      if (part == "arguments") return read_text(cursor, wire.arguments);
      return cursor.skip();
    });
  });
}

bool read_message(Cursor& cursor, Wire& wire) {
  if (cursor.first() == '"') return read_text(cursor, wire.message);
  return read_object(cursor, [&](std::string_view key) {
    if (key == "content") return read_content(cursor, wire);
    if (key == "tool_calls") return read_call(cursor, wire);
    if (key == "tool_plan") return read_text(cursor, wire.plan);
    if (key == "citations") return read_raw(cursor, wire.citations);
    return cursor.skip();
  });
}

bool read_wire(Cursor& cursor, Wire& wire) {
  if (cursor.first() != '{') return false;
  const auto index = [&] {
    std::string_view raw;
    if (!read_raw(cursor, raw)) return false;
    wire.index = json::read_count(raw);
    return true;
  };
  const bool read = cursor.object([&](const Cursor::String& name) {
    const std::string_view key = name.inside;
    if (key == "type") return read_text(cursor, wire.type);
    if (key == "index") return index();
    if (key == "id") return read_text(cursor, wire.id);
    if (key == "message") return read_message(cursor, wire);
    if (key == "logprobs") return read_raw(cursor, wire.logprobs);
    if (key != "delta") return cursor.skip();
    return read_object(cursor, [&](std::string_view part) {
      if (part == "message") return read_message(cursor, wire);
      if (part == "finish_reason") return read_text(cursor, wire.finish);
      if (part == "usage") return read_raw(cursor, wire.usage);
      if (part == "error") return read_text(cursor, wire.error);
      return cursor.skip();
    });
  });
  return read && cursor.at_end();
}

class Decoder final : public EventDecoder {
 public:
  explicit Decoder(const Reading& reading) : rewrites_(reading.rewrites) {}

  void on_event(std::string_view name, std::string_view data, std::vector<ChatEvent>& out) override {
    if (over_) return;
    scratch_.clear();
    held_.clear();
    Wire wire;
    Cursor cursor(data);
    if (!read_wire(cursor, wire)) return broken("the provider's stream is no JSON", out);
    const std::string_view type = wire.type.given ? wire.type.string.inside : name;
    if (type == "content-delta") {
      content(wire, out);
    } else if (type == "tool-call-delta") {
      if (auto* const block = find(Group::call, wire); block != nullptr) arguments(*block, wire, out);
    } else if (type == "tool-plan-delta") {
      plan(wire, out);
    } else if (type == "content-start") {
      content(wire, out);
    } else if (type == "tool-call-start") {
      call(wire, out);
    } else if (type == "citation-start") {
      citation(wire, out);
    } else if (type == "content-end") {
      // Citations may still come: it ends when another block begins, or the message is over.
    } else if (type == "tool-call-end") {
      if (auto* const block = find(Group::call, wire); block != nullptr) close(*block, out);
    } else if (type == "message-start") {
      start(wire, out);
    } else if (type == "message-end") {
      finish(wire, out);
    } else if (type == "error" || (!wire.type.given && wire.message.given)) {
      broken(text(wire.message), out);
    }
  }

  void on_end(std::vector<ChatEvent>& out) override {
    if (!over_) broken("the provider broke off its answer", out);
  }

 private:
  enum class Group : std::uint8_t { plan, content, call };
  struct Open {
    std::uint32_t block = 0;
    BlockKind kind = BlockKind::text;
    bool open = true;
    bool json = false;         // of the tool that is the answer
    bool null = true;          // so far the arguments are the beginning of "null"
    std::uint8_t of_null = 0;  // as much of it
  };
  using Place = std::pair<Group, std::uint64_t>;

  // Decoded; holds until the next event, or as long as its data.
  std::string_view text(const Text& from) {
    if (!from.given) return {};
    if (!from.string.escaped) return from.string.inside;
    std::string& to = held_.emplace_back();
    json::append_decoded(from.string, to);
    return to;
  }

  ChatEvent& say(Kind kind, std::vector<ChatEvent>& out) {
    ChatEvent& event = out.emplace_back();
    event.kind = kind;
    return event;
  }

  void start(const Wire& wire, std::vector<ChatEvent>& out) {
    if (std::exchange(started_, true)) return;
    say(Kind::started, out).id = text(wire.id);
  }

  // Where the stream begins in the middle.
  void ensure_started(std::vector<ChatEvent>& out) {
    if (!std::exchange(started_, true)) say(Kind::started, out);
  }

  Open* find(Group group, const Wire& wire) {
    const auto found = blocks_.find({group, wire.index.value_or(0)});
    return found == blocks_.end() ? nullptr : &found->second;
  }

  Open* open(Group group, const Wire& wire, BlockKind kind, std::vector<ChatEvent>& out) {
    ensure_started(out);
    if (next_ == kMostBlocks) {
      broken("the provider's answer has too many blocks", out);
      return nullptr;
    }
    for (auto& [place, other] : blocks_) {
      if (place.first != Group::call) close(other, out);
    }
    Open& block = blocks_[{group, wire.index.value_or(0)}];
    block = {};
    unwrapper_ = {};
    block.block = next_++;
    block.kind = kind;
    return &block;
  }

  void begin(const Open& block, std::string_view id, std::string_view name, std::vector<ChatEvent>& out) {
    ChatEvent& event = say(Kind::block_started, out);
    event.block = block.block;
    event.block_kind = block.kind;
    event.id = id;
    event.name = name;
  }

  void grow(const Open& block, std::string_view text, std::vector<ChatEvent>& out) {
    if (text.empty()) return;
    ChatEvent& event = say(Kind::text, out);
    event.block = block.block;
    event.block_kind = block.kind;
    event.text = text;
  }

  // The answer's own text, out of its wrapping.
  void answer_text(const Open& block, std::string_view piece, std::vector<ChatEvent>& out) {
    if (!rewrites_.json_wrapped) return grow(block, piece, out);
    unwrapper_.feed(piece, scratch_);
    grow(block, scratch_, out);
  }

  void close(Open& block, std::vector<ChatEvent>& out) {
    if (!std::exchange(block.open, false)) return;
    if (block.kind == BlockKind::text && rewrites_.json_wrapped) {
      std::string& rest = held_.emplace_back();
      unwrapper_.end(rest);
      grow(block, rest, out);
    }
    ChatEvent& event = say(Kind::block_ended, out);
    event.block = block.block;
    event.block_kind = block.kind;
  }

  void content(const Wire& wire, std::vector<ChatEvent>& out) {
    const bool thinking = wire.thinking.given || (wire.content_type.given && text(wire.content_type) == "thinking");
    const BlockKind kind = thinking ? BlockKind::reasoning : BlockKind::text;
    Open* block = find(Group::content, wire);
    if (block == nullptr || !block->open || block->kind != kind) {
      if (block != nullptr) close(*block, out);
      block = open(Group::content, wire, kind, out);
      if (block == nullptr) return;
      begin(*block, {}, {}, out);
    }
    if (thinking) {
      grow(*block, text(wire.thinking), out);
      return;
    }
    if (!wire.logprobs.empty()) {
      logprobs_ = read_logprobs(json::Value(wire.logprobs));
      if (!logprobs_.empty()) {
        ChatEvent& event = say(Kind::logprobs, out);
        event.block = block->block;
        event.logprobs = &logprobs_;
      }
    }
    if (rewrites_.json_tool.empty()) {
      answer_text(*block, text(wire.text), out);
    } else {
      grow(*block, text(wire.text), out);
    }
  }

  void plan(const Wire& wire, std::vector<ChatEvent>& out) {
    Wire first = wire;
    first.index = 0;
    Open* block = find(Group::plan, first);
    if (block == nullptr || !block->open) {
      block = open(Group::plan, first, BlockKind::reasoning, out);
      if (block == nullptr) return;
      begin(*block, "tool_plan", {}, out);
    }
    grow(*block, text(wire.plan), out);
  }

  void call(const Wire& wire, std::vector<ChatEvent>& out) {
    if (Open* const earlier = find(Group::call, wire); earlier != nullptr) close(*earlier, out);
    std::string_view name = text(wire.name);
    const bool json = !rewrites_.json_tool.empty() && name == rewrites_.json_tool;
    Open* const block = open(Group::call, wire, json ? BlockKind::text : BlockKind::tool_call, out);
    if (block == nullptr) return;
    block->json = json;
    called_ = called_ || !json;
    for (const auto& [sent, own] : rewrites_.tool_names) {
      if (sent == name) name = own;
    }
    if (json) {
      begin(*block, {}, {}, out);
    } else {
      begin(*block, text(wire.call_id), name, out);
    }
    arguments(*block, wire, out);
  }

  void arguments(Open& block, const Wire& wire, std::vector<ChatEvent>& out) {
    if (!block.open) return;
    std::string_view piece = text(wire.arguments);
    if (piece.empty()) return;
    if (block.json) return answer_text(block, piece, out);
    if (block.null) {
      const std::string_view left = kNull.substr(block.of_null);
      if (left.starts_with(piece)) {
        block.of_null = static_cast<std::uint8_t>(block.of_null + piece.size());
        return;
      }
      block.null = false;
      grow(block, kNull.substr(0, block.of_null), out);
    }
    grow(block, piece, out);
  }

  void citation(const Wire& wire, std::vector<ChatEvent>& out) {
    const json::Value raw(wire.citations);
    if (!raw.is(json::Kind::object) || raw["type"].string_or("TEXT_CONTENT") != "TEXT_CONTENT") return;
    const auto index = json::read_count(raw["content_index"].raw());
    const Open* to = nullptr;
    for (const auto& [place, block] : blocks_) {
      if (place.first != Group::content || block.kind != BlockKind::text || !block.open) continue;
      if (to == nullptr || (index && place.second == *index)) to = &block;
    }
    if (to == nullptr) return;
    citation_ = read_citation(raw);
    ChatEvent& event = say(Kind::citation, out);
    event.block = to->block;
    event.citation = &citation_;
  }

  void finish(const Wire& wire, std::vector<ChatEvent>& out) {
    const std::string_view native = text(wire.finish);
    if (is_failure(native)) {
      return broken(wire.error.given ? text(wire.error) : "the provider gave up on its answer", out);
    }
    ensure_started(out);
    for (auto& [place, block] : blocks_) close(block, out);
    ChatEvent& event = say(Kind::finished, out);
    event.native_finish = native;
    event.finish = finish_of(native);
    if (!called_ && event.finish == llm::FinishReason::tool_calls) event.finish = llm::FinishReason::stop;
    if (!wire.usage.empty()) {
      usage_ = llm::read_usage(llm::UsageApi::cohere, wire.usage);
      if (usage_.known) say(Kind::usage, out).usage = &usage_;
    }
    say(Kind::ended, out);
    over_ = true;
  }

  void broken(std::string_view message, std::vector<ChatEvent>& out) {
    over_ = true;
    error_ = {};
    error_.status = 502;
    error_.message = message;
    say(Kind::failed, out).error = &error_;
  }

  const Rewrites& rewrites_;
  std::map<Place, Open> blocks_;
  std::uint32_t next_ = 0;
  bool started_ = false;
  bool called_ = false;
  bool over_ = false;
  Unwrapper unwrapper_;
  std::string scratch_;
  std::deque<std::string> held_;  // texts of this event that had escapes; addresses stay
  llm::Citation citation_;
  std::vector<llm::TokenLogprob> logprobs_;
  llm::Usage usage_;
  llm::ChatError error_;
};

}  // namespace

std::unique_ptr<EventDecoder> make_decoder(const Reading& reading) { return std::make_unique<Decoder>(reading); }

}  // namespace gatehouse::dialects::cohere
