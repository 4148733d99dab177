#include "gatehouse/dialects/ollama/answer.h"

#include <chrono>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "gatehouse/json/cursor.h"
#include "gatehouse/json/value.h"
#include "gatehouse/llm/chat/assembler.h"
#include "gatehouse/llm/chat/error_kind.h"

namespace gatehouse::dialects::ollama {
namespace {

using json::Cursor;
using json::Value;
using llm::BlockKind;
using llm::ChatEvent;
using llm::FinishReason;
using Kind = ChatEvent::Kind;

constexpr std::uint32_t kMostBlocks = 4096;

struct Text {
  Cursor::String string;
  bool given = false;
};

struct Wire {
  Text model, created_at, content, thinking, done_reason, error;
  std::string_view calls, logprobs, error_object;  // raw
  bool done = false;
  bool message = false;
  std::optional<std::uint64_t> prompt, completion;
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

bool read_count(Cursor& cursor, std::optional<std::uint64_t>& to) {
  std::string_view raw;
  if (!read_raw(cursor, raw)) return false;
  to = json::read_count(raw);
  return true;
}

bool read_message(Cursor& cursor, Wire& wire) {
  if (cursor.first() != '{') return cursor.skip();
  wire.message = true;
  return cursor.object([&](const Cursor::String& name) {
    const std::string_view key = name.inside;
    if (key == "content") return read_text(cursor, wire.content);
    if (key == "thinking") return read_text(cursor, wire.thinking);
    if (key == "tool_calls") return read_raw(cursor, wire.calls);
    return cursor.skip();
  });
}

bool read_wire(std::string_view data, Wire& wire) {
  Cursor cursor(data);
  if (cursor.first() != '{') return false;
  const bool read = cursor.object([&](const Cursor::String& name) {
    const std::string_view key = name.inside;
    if (key == "message") return read_message(cursor, wire);
    if (key == "model") return read_text(cursor, wire.model);
    if (key == "created_at") return read_text(cursor, wire.created_at);
    if (key == "done_reason") return read_text(cursor, wire.done_reason);
    if (key == "prompt_eval_count") return read_count(cursor, wire.prompt);
    if (key == "eval_count") return read_count(cursor, wire.completion);
    if (key == "logprobs") return read_raw(cursor, wire.logprobs);
    if (key == "done") {
      wire.done = cursor.first() == 't';
      return cursor.skip();
    }
    if (key != "error") return cursor.skip();
    return cursor.first() == '"' ? read_text(cursor, wire.error) : read_raw(cursor, wire.error_object);
  });
  return read && cursor.at_end();
}

std::vector<std::uint8_t> read_bytes(Value list) {
  std::vector<std::uint8_t> bytes;
  list.elements([&](Value value) {
    bytes.push_back(static_cast<std::uint8_t>(json::read_count(value.raw()).value_or(0) & 0xFF));
  });
  return bytes;
}

std::vector<llm::TokenLogprob> read_logprobs(std::string_view raw) {
  std::vector<llm::TokenLogprob> out;
  Value(raw).elements([&](Value entry) {
    llm::TokenLogprob& token = out.emplace_back();
    token.token = entry["token"].string_or("");
    token.logprob = entry["logprob"].number().value_or(0);
    if (entry["bytes"].is(json::Kind::array)) token.bytes = read_bytes(entry["bytes"]);
    entry["top_logprobs"].elements([&](Value top) {
      auto& one = token.top.emplace_back();
      one.token = top["token"].string_or("");
      one.logprob = top["logprob"].number().value_or(0);
      if (top["bytes"].is(json::Kind::array)) one.bytes = read_bytes(top["bytes"]);
    });
  });
  return out;
}

class Decoder final : public EventDecoder {
 public:
  explicit Decoder(const Reading& reading) : rewrites_(reading.rewrites) {}

  void on_event(std::string_view /*name*/, std::string_view data, std::vector<ChatEvent>& out) override {
    if (over_) return;
    held_.clear();
    Wire wire;
    if (!read_wire(data, wire)) return broken("the provider's stream is no JSON", out);
    if (wire.error.given) return broken(text(wire.error), out);
    if (!wire.error_object.empty() && wire.error_object != "null") {
      return broken(held_.emplace_back(Value(wire.error_object)["message"].string_or("the provider failed")), out);
    }
    const std::string_view created_at = text(wire.created_at);
    if (!std::exchange(started_, true)) {
      ChatEvent& event = say(Kind::started, out);
      event.name = text(wire.model);
      event.created = read_time(created_at);
    }
    if (wire.thinking.given && wire.thinking.string.length > 2) grow(BlockKind::reasoning, text(wire.thinking), out);
    const bool words = wire.content.given && wire.content.string.length > 2;
    if (!wire.logprobs.empty() && (words || open_ == BlockKind::text)) {
      logprobs_ = read_logprobs(wire.logprobs);
      if (!logprobs_.empty()) {
        ready(BlockKind::text, out);
        ChatEvent& event = say(Kind::logprobs, out);
        event.block = next_ - 1;
        event.logprobs = &logprobs_;
      }
    }
    if (words) grow(BlockKind::text, text(wire.content), out);
    if (!wire.calls.empty()) calls(wire.calls, created_at, out);
    if (wire.done && !over_) finish(wire, out);
  }

  void on_end(std::vector<ChatEvent>& out) override {
    if (!over_) broken("the provider broke off its answer", out);
  }

 private:
  std::string_view text(const Text& from) {
    if (!from.given) return {};
    if (!from.string.escaped) return from.string.inside;
    std::string& to = held_.emplace_back();
    json::append_decoded(from.string, to);
    return to;
  }

  static ChatEvent& say(Kind kind, std::vector<ChatEvent>& out) {
    ChatEvent& event = out.emplace_back();
    event.kind = kind;
    return event;
  }

  void close(std::vector<ChatEvent>& out) {
    if (!open_) return;
    ChatEvent& event = say(Kind::block_ended, out);
    event.block = next_ - 1;
    event.block_kind = *open_;
    open_.reset();
  }

  // A block of that kind is the one that grows.
  void ready(BlockKind kind, std::vector<ChatEvent>& out) {
    if (open_ == kind) return;
    close(out);
    ChatEvent& event = say(Kind::block_started, out);
    event.block = next_++;
    event.block_kind = kind;
    open_ = kind;
  }

  void grow(BlockKind kind, std::string_view text, std::vector<ChatEvent>& out) {
    if (next_ >= kMostBlocks) return broken("the provider's answer has too many blocks", out);
    ready(kind, out);
    ChatEvent& event = say(Kind::text, out);
    event.block = next_ - 1;
    event.block_kind = kind;
    event.text = text;
  }

  void calls(std::string_view raw, std::string_view created_at, std::vector<ChatEvent>& out) {
    close(out);
    Value(raw).elements([&](Value call) {
      if (over_) return;
      if (next_ >= kMostBlocks) return broken("the provider's answer has too many blocks", out);
      const Value function = call["function"];
      std::string& name = held_.emplace_back(function["name"].string_or(""));
      const Value given = function["arguments"];
      std::string& arguments = held_.emplace_back();
      if (given.is(json::Kind::string)) {
        arguments = given.string_or("");
      } else if (!given.is_null()) {
        arguments = given.raw();
      }
      std::string& id = held_.emplace_back(call["id"].string_or(""));
      if (id.empty()) id = call_id(created_at, next_, name, arguments);
      for (const auto& [sent, own] : rewrites_.tool_names) {
        if (sent == name) name = own;
      }
      ChatEvent event;
      event.block = next_++;
      event.block_kind = BlockKind::tool_call;
      event.kind = Kind::block_started;
      event.id = id;
      event.name = name;
      out.push_back(event);
      event.id = event.name = {};
      if (!arguments.empty()) {
        event.kind = Kind::text;
        event.text = arguments;
        out.push_back(event);
        event.text = {};
      }
      event.kind = Kind::block_ended;
      out.push_back(event);
      called_ = true;
    });
  }

  void finish(const Wire& wire, std::vector<ChatEvent>& out) {
    close(out);
    ChatEvent& event = say(Kind::finished, out);
    event.native_finish = text(wire.done_reason);
    event.finish = event.native_finish == "length" ? FinishReason::length
                   : called_                       ? FinishReason::tool_calls
                                                   : FinishReason::stop;
    if (wire.prompt || wire.completion) {
      usage_ = {};
      usage_.prompt_tokens = wire.prompt.value_or(0);
      usage_.completion_tokens = wire.completion.value_or(0);
      if (__builtin_add_overflow(usage_.prompt_tokens, usage_.completion_tokens, &usage_.total_tokens)) {
        usage_.total_tokens = ~std::uint64_t{0};
      }
      usage_.known = true;
      say(Kind::usage, out).usage = &usage_;
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
  std::optional<BlockKind> open_;  // the last block, where it has not ended
  std::uint32_t next_ = 0;
  bool started_ = false;
  bool called_ = false;
  bool over_ = false;
  std::deque<std::string> held_;  // texts of this event; addresses stay
  std::vector<llm::TokenLogprob> logprobs_;
  llm::Usage usage_;
  llm::ChatError error_;
};

}  // namespace

std::string call_id(std::string_view created_at, std::size_t place, std::string_view name, std::string_view arguments) {
  // FNV-1a, 64 bits (RFC 9923).
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto mix = [&hash](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    hash = (hash ^ 0xFF) * 0x100000001b3;
  };
  mix(created_at);
  mix(fmt::format("{}", place));
  mix(name);
  mix(arguments);
  return fmt::format("call_{:016x}", hash);
}

std::int64_t read_time(std::string_view text) {
  const auto number = [&](std::size_t at, std::size_t digits) -> int {
    int value = 0;
    for (std::size_t i = at; i < at + digits; ++i) {
      if (i >= text.size() || text[i] < '0' || text[i] > '9') return -1;
      value = value * 10 + (text[i] - '0');
    }
    return value;
  };
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  const int hour = number(11, 2);
  const int minute = number(14, 2);
  const int second = number(17, 2);
  if (year < 0 || month < 1 || day < 1 || hour < 0 || minute < 0 || second < 0) return 0;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return 0;
  std::int64_t seconds = std::chrono::sys_days(date).time_since_epoch().count() * std::int64_t{86'400} + hour * 3600 +
                         minute * 60 + second;
  const auto zone = text.find_first_of("+-", 19);
  if (zone != std::string_view::npos) {
    const int hours = number(zone + 1, 2);
    const int minutes = number(zone + 4, 2);
    if (hours < 0 || minutes < 0) return 0;
    const int offset = hours * 3600 + minutes * 60;
    seconds += text[zone] == '+' ? -offset : offset;
  }
  return seconds;
}

// A whole answer is a stream of one object.
Result<llm::ChatAnswer> read_answer(std::string_view body, const Reading& reading) {
  if (!json::validate(body)) return fail(Code::upstream_protocol, "the provider's answer is no JSON");
  Decoder decoder(reading);
  std::vector<ChatEvent> events;
  decoder.on_event({}, body, events);
  decoder.on_end(events);
  llm::AnswerAssembler assembler;
  for (const auto& event : events) {
    if (event.kind == Kind::failed) return fail(Code::upstream_protocol, "the provider answered with an error");
    if (auto added = assembler.add(event); !added) {
      return fail(Code::upstream_protocol, "the provider's answer cannot be read");
    }
  }
  if (assembler.lost()) return fail(Code::upstream_too_large, "the provider's answer is too large");
  return assembler.take();
}

std::unique_ptr<EventDecoder> make_decoder(const Reading& reading) { return std::make_unique<Decoder>(reading); }

llm::ChatError read_error(int status, std::string_view body) {
  llm::ChatError error;
  error.status = status;
  if (json::validate(body)) {
    const Value told = Value(body)["error"];
    error.message = told.is(json::Kind::object) ? told["message"].string_or("") : told.string_or("");
  }
  if (error.message.empty()) error.message = fmt::format("the provider answered with status {}", status);
  error.kind = llm::kind_of_status(status);
  return error;
}

}  // namespace gatehouse::dialects::ollama
