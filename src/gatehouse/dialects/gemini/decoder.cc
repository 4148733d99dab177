#include "gatehouse/dialects/gemini/decoder.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/dialects/gemini/error_body.h"
#include "gatehouse/dialects/gemini/finish.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/llm/chat/assembler.h"
#include "gatehouse/llm/usage_reader.h"

namespace gatehouse::dialects::gemini {
namespace {

using llm::BlockKind;
using llm::ChatEvent;
using llm::FinishReason;
using EventKind = llm::ChatEvent::Kind;

constexpr std::size_t kMostCandidates = 64;
constexpr std::size_t kMostTold = std::size_t{1} << 20;
constexpr std::size_t kLongestIdBase = 40;

bool is_blank(std::string_view data) { return data.find_first_not_of(" \t\r\n") == std::string_view::npos; }

// Seconds since 1970 of "2026-05-04T20:01:02.264968Z"; 0 for anything else.
std::int64_t seconds_of(std::string_view text) {
  const auto number = [&](std::size_t at, std::size_t size) {
    int value = 0;
    for (const char c : text.substr(at, size)) {
      if (c < '0' || c > '9') return -1;
      value = value * 10 + (c - '0');
    }
    return value;
  };
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || !text.ends_with('Z')) return 0;
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  const int hour = number(11, 2);
  const int minute = number(14, 2);
  const int second = number(17, 2);
  if (year < 1970 || month < 1 || day < 1 || hour < 0 || minute < 0 || second < 0) return 0;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return 0;
  return std::chrono::sys_days(date).time_since_epoch().count() * std::int64_t{86'400} + hour * 3600 + minute * 60 +
         second;
}

}  // namespace

struct Decoder::CandidateRaw {
  std::uint32_t index = 0;
  std::string_view content;
  std::string_view finish;
  std::string_view grounding;
  std::string_view citations;
  std::string_view logprobs;
  std::vector<std::pair<std::string, std::string_view>> others;
};

std::string_view Decoder::view(const Cursor::String& text) {
  if (!text.escaped) return text.inside;
  // What is decoded is no longer than what was written; the room for all of an event was made before.
  if (scratch_.capacity() - scratch_.size() < text.inside.size()) return keep(decoded(text));
  const std::size_t from = scratch_.size();
  json::append_decoded(text, scratch_);
  return std::string_view(scratch_).substr(from);
}

std::string Decoder::make_id() { return fmt::format("call_{}_{}", id_base_, calls_); }

std::string_view Decoder::callers_name(std::string_view sent) const {
  for (const auto& [written, callers] : rewrites_.tool_names) {
    if (written == sent) return callers;
  }
  return sent;
}

ChatEvent Decoder::event(EventKind kind, const Candidate& at) const {
  ChatEvent event{.kind = kind};
  event.choice = at.index;
  event.block = at.blocks == 0 ? 0 : at.blocks - 1;
  return event;
}

void Decoder::fail(llm::ChatError&& error, Events& out) {
  done_ = true;
  if (started_) say_usage(out);
  error_ = std::move(error);
  ChatEvent event{.kind = EventKind::failed};
  event.error = &error_;
  out.push_back(event);
}

void Decoder::unreadable(Events& out) {
  llm::ChatError error;
  error.status = 502;
  error.message = "The provider's answer cannot be read";
  fail(std::move(error), out);
}

void Decoder::on_event(std::string_view /*name*/, std::string_view data, Events& out) {
  if (done_ || is_blank(data) || data == "[DONE]") return;
  scratch_.clear();
  if (scratch_.capacity() < data.size()) scratch_.reserve(data.size());
  strings_.clear();
  extras_.clear();
  media_.clear();
  foreign_.clear();
  said_citations_.clear();
  logprobs_.clear();
  const auto first = data.find_first_not_of(" \t\r\n");
  if (data[first] != '[') {
    chunk(data, out);
    return;
  }
  // A stream that is an array, in one piece.
  Cursor cursor(data);
  const bool whole = cursor.array([&] {
    const std::string_view element = take(cursor);
    if (!element.empty() && !done_) chunk(element, out);
    return !element.empty();
  });
  if (!whole && !done_) unreadable(out);
}

// Before all else: who answers, and whether this is an error.
bool Decoder::begin(std::string_view data, Events& out) {
  ChatEvent event{.kind = EventKind::started};
  bool error = false;
  Cursor cursor(data);
  const bool read = members(cursor, [&](const Name& name) {
    Cursor::String text;
    if (name == "error") error = cursor.first() == '{';
    if (cursor.first() != '"') return cursor.skip();
    if (!cursor.string(text)) return false;
    if (name == "responseId") event.id = view(text);
    if (name == "modelVersion") event.name = view(text);
    if (name == "createTime") event.created = seconds_of(text.inside);
    return true;
  });
  if (!read) {
    unreadable(out);
    return false;
  }
  if (error) {
    fail(read_error(0, data), out);
    return false;
  }
  started_ = true;
  const bool plain = std::ranges::all_of(event.id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  if (!event.id.empty() && plain && event.id.size() <= kLongestIdBase) {
    id_base_ = event.id;
  } else {
    id_base_ = fmt::format("{:016x}", hash_of(event.id.empty() ? data : event.id));
  }
  out.push_back(event);
  return true;
}

void Decoder::chunk(std::string_view data, Events& out) {
  if (!started_ && !begin(data, out)) return;
  Cursor cursor(data);
  std::string_view feedback;
  std::string_view metadata;
  bool seen = false;
  const bool read = cursor.first() == '{' && members(cursor, [&](const Name& name) {
                      if (name == "candidates" && cursor.first() == '[') {
                        std::uint32_t position = 0;
                        return cursor.array([&] {
                          seen = true;
                          if (cursor.first() != '{') return cursor.skip();
                          CandidateRaw raw;
                          raw.index = position++;
                          const bool whole = members(cursor, [&](const Name& member) {
                            const std::string_view value = take(cursor);
                            if (member == "content") {
                              raw.content = value;
                            } else if (member == "finishReason") {
                              raw.finish = value;
                            } else if (member == "index") {
                              if (const auto index = count_of(value); index && *index < kMostCandidates) {
                                raw.index = static_cast<std::uint32_t>(*index);
                              }
                            } else if (member == "groundingMetadata") {
                              raw.grounding = value;
                            } else if (member == "citationMetadata") {
                              raw.citations = value;
                            } else if (member == "logprobsResult") {
                              raw.logprobs = value;
                            } else if (value != "null") {
                              raw.others.emplace_back(member.view(), value);
                            }
                            return !value.empty();
                          });
                          if (whole && !done_) candidate(raw, out);
                          return whole && !done_;
                        });
                      }
                      const std::string_view value = take(cursor);
                      if (value.empty()) return false;
                      if (value == "null") return true;
                      if (name == "error") {
                        fail(read_error(0, data), out);
                        return false;
                      }
                      if (name == "usageMetadata") {
                        metadata = value;
                      } else if (name == "promptFeedback") {
                        feedback = value;
                      } else if (!(name == "modelVersion" || name == "responseId" || name == "createTime")) {
                        tell(name.view(), value, out);
                      }
                      return true;
                    });
  if (done_) return;
  if (!read) {
    unreadable(out);
    return;
  }
  if (!feedback.empty()) {
    tell("promptFeedback", feedback, out);
    if (!seen) blocked(feedback, out);
  }
  if (!metadata.empty()) usage(metadata, out);
}

Decoder::Candidate* Decoder::candidate_at(std::uint32_t index) {
  for (Candidate& known : candidates_) {
    if (known.index == index) return &known;
  }
  if (candidates_.size() >= kMostCandidates) return nullptr;
  Candidate& made = candidates_.emplace_back();
  made.index = index;
  return &made;
}

void Decoder::candidate(const CandidateRaw& raw, Events& out) {
  Candidate* const at = candidate_at(raw.index);
  if (at == nullptr) return;
  if (!raw.content.empty() && !content(*at, raw.content, out)) {
    if (!done_) unreadable(out);
    return;
  }
  if (!raw.logprobs.empty()) logprobs(*at, raw.logprobs, out);
  // What has found something takes the place of what came before; a later one without it does not.
  if (raw.grounding.contains("groundingChunks") || at->grounding.empty()) at->grounding = raw.grounding;
  if (!raw.citations.empty()) at->citations = raw.citations;
  if (const auto word = json::read_string(raw.finish); word && !word->empty()) {
    const FinishReason finish = finish_of(*word);
    if (supersedes(at->finish, finish)) {
      at->finish = finish;
      at->native = *word;
    }
  }
  for (const auto& [name, value] : raw.others) tell(fmt::format("candidates[{}].{}", at->index, name), value, out);
}

bool Decoder::content(Candidate& at, std::string_view raw, Events& out) {
  Cursor cursor(raw);
  if (cursor.first() != '{') return true;
  return members(cursor, [&](const Name& name) {
    if (!(name == "parts")) return cursor.skip();
    return each(cursor, [&] {
      if (cursor.first() != '{') return cursor.skip();
      Part read;
      return read_part(cursor, read) && part(at, read, out);
    });
  });
}

bool Decoder::part(Candidate& at, const Part& part, Events& out) {
  const bool call_part = part.kind == Part::Kind::call;
  // A call in pieces ends with its last one; some streams leave that out.
  if (!call_part && part.kind != Part::Kind::none && at.pending != nullptr &&
      !(part.kind == Part::Kind::text && part.text.inside.empty()) && !flush(at, out)) {
    return false;
  }
  switch (part.kind) {
    case Part::Kind::none:
      return true;
    case Part::Kind::text:
      return text(at, part, part.thought ? Open::thought : Open::text, out);
    case Part::Kind::call:
      return call(at, part, out);
    case Part::Kind::inline_data:
    case Part::Kind::file_data:
      media(at, part, out);
      return true;
    case Part::Kind::response:
    case Part::Kind::other: {
      // It is kept as it is written: its texts have not been looked at.
      if (!json::validate(part.raw)) return false;
      close(at, out);
      ++at.blocks;
      ChatEvent said = event(EventKind::block_started, at);
      said.block_kind = BlockKind::foreign;
      out.push_back(said);
      said.kind = EventKind::block_ended;
      said.foreign = &foreign_.emplace_back(foreign_of(part));
      out.push_back(said);
      return true;
    }
  }
  return true;
}

void Decoder::open(Candidate& at, Open kind, const llm::Extras* extras, Events& out) {
  close(at, out);
  ++at.blocks;
  at.open = kind;
  at.is_signed = false;
  at.places.clear();
  at.texts = at.texts || kind == Open::text;
  ChatEvent said = event(EventKind::block_started, at);
  said.block_kind = kind == Open::text ? BlockKind::text : BlockKind::reasoning;
  said.summary = kind == Open::thought;
  said.extras = extras;
  out.push_back(said);
}

void Decoder::close(Candidate& at, Events& out) {
  if (at.open == Open::none) return;
  if (at.open == Open::text) {
    cite(at, out);
    at.before += at.places.bytes();
  }
  ChatEvent said = event(EventKind::block_ended, at);
  said.block_kind = at.open == Open::text ? BlockKind::text : BlockKind::reasoning;
  out.push_back(said);
  at.open = Open::none;
}

bool Decoder::text(Candidate& at, const Part& part, Open kind, Events& out) {
  const bool is_signed = !part.signature.inside.empty();
  if (part.text.inside.empty() && !is_signed) return true;
  if (at.open != kind || (is_signed && at.is_signed)) {
    const llm::Extras* extras = nullptr;
    if (part.more) extras = &extras_.emplace_back(extras_of(part));
    open(at, kind, extras, out);
  }
  ChatEvent said = event(EventKind::text, at);
  said.block_kind = kind == Open::text ? BlockKind::text : BlockKind::reasoning;
  if (!part.text.inside.empty()) {
    said.text = view(part.text);
    if (kind == Open::text) at.places.grow(said.text);
    out.push_back(said);
    said.text = {};
  }
  if (is_signed) {
    at.is_signed = true;
    said.kind = EventKind::signature;
    said.opaque = opaque(view(part.signature));
    out.push_back(std::move(said));
  }
  return true;
}

void Decoder::media(Candidate& at, const Part& part, Events& out) {
  close(at, out);
  InlineData inside;
  const bool in_place = part.kind == Part::Kind::inline_data;
  if (in_place ? !read_inline_data(part.data, inside) : !read_file_data(part.data, inside.media)) return;
  llm::Extras extras = extras_of(part);
  if (!part.signature.inside.empty()) {
    // Blocks of media have no place for a signature.
    extras.push_back({"thoughtSignature", std::string("\"").append(part.signature.inside).append("\"")});
  }
  ++at.blocks;
  ChatEvent said = event(EventKind::block_started, at);
  said.block_kind = BlockKind::media;
  said.media = &media_.emplace_back(std::move(inside.media));
  if (!extras.empty()) said.extras = &extras_.emplace_back(std::move(extras));
  out.push_back(said);
  said.extras = nullptr;
  if (in_place) {
    said.kind = EventKind::text;
    said.text = view(inside.data);
    if (!is_standard_base64(said.text)) said.text = keep(standard_base64(std::string(said.text)));
    if (!said.text.empty()) out.push_back(said);
    said.text = {};
  }
  said.kind = EventKind::block_ended;
  out.push_back(said);
}

bool Decoder::call(Candidate& at, const Part& part, Events& out) {
  Call read;
  if (!read_call(part.data, read)) return false;
  const bool names = !read.name.inside.empty();
  if (names && at.pending != nullptr && !flush(at, out)) return false;
  const bool pieces = read.will_continue || !read.partial_args.empty();
  if (at.pending == nullptr && !pieces) {
    if (!names) return true;  // the end of a call that has ended
    const llm::Extras* extras = nullptr;
    if (part.more) extras = &extras_.emplace_back(extras_of(part));
    say_call(at, view(read.id), view(read.name), read.args, view(part.signature), extras, out);
    return true;
  }
  if (at.pending == nullptr) at.pending = std::make_unique<Pending>();
  Pending& pending = *at.pending;
  if (names) pending.name = decoded(read.name);
  if (!read.id.inside.empty()) pending.id = decoded(read.id);
  if (!part.signature.inside.empty()) pending.signature = decoded(part.signature);
  if (!read.args.empty()) pending.arguments = read.args;
  if (!read.partial_args.empty()) {
    pending.in_pieces = true;
    if (!pending.partial.add(read.partial_args)) return false;
  }
  return read.will_continue || flush(at, out);
}

bool Decoder::flush(Candidate& at, Events& out) {
  const std::unique_ptr<Pending> pending = std::move(at.pending);
  if (pending == nullptr || pending->name.empty()) return pending == nullptr;
  std::string arguments = std::move(pending->arguments);
  if (pending->in_pieces) {
    arguments.clear();
    pending->partial.write(arguments);
  }
  say_call(at, keep(std::move(pending->id)), keep(std::move(pending->name)), keep(std::move(arguments)),
           pending->signature, nullptr, out);
  return true;
}

void Decoder::say_call(Candidate& at, std::string_view id, std::string_view name, std::string_view arguments,
                       std::string_view signature, const llm::Extras* extras, Events& out) {
  ++calls_;
  close(at, out);
  if (!rewrites_.json_tool.empty() && name == rewrites_.json_tool) {
    say_answer(at, arguments, out);
    return;
  }
  at.called = true;
  ++at.blocks;
  ChatEvent said = event(EventKind::block_started, at);
  said.block_kind = BlockKind::tool_call;
  said.id = id.empty() ? keep(make_id()) : id;
  said.name = callers_name(name);
  if (std::ranges::count(rewrites_.text_tools, name) > 0) {
    said.tool_kind = llm::ToolKind::custom;
    if (auto input = json::read_string(json::find(arguments, "input"))) arguments = keep(std::move(*input));
  }
  said.extras = extras;
  out.push_back(said);
  said.id = said.name = {};
  said.extras = nullptr;
  said.kind = EventKind::text;
  said.text = arguments.empty() && said.tool_kind == llm::ToolKind::function ? "{}" : arguments;
  if (!said.text.empty()) out.push_back(said);
  said.text = {};
  if (!signature.empty()) {
    said.kind = EventKind::signature;
    said.opaque = opaque(signature);
    out.push_back(said);
    said.opaque = {};
  }
  said.kind = EventKind::block_ended;
  out.push_back(std::move(said));
}

// The answer was asked for as the arguments of a function.
void Decoder::say_answer(Candidate& at, std::string_view arguments, Events& out) {
  if (rewrites_.json_wrapped) {
    if (const std::string_view value = json::find(arguments, "value"); !value.empty()) arguments = value;
  }
  open(at, Open::text, nullptr, out);
  ChatEvent said = event(EventKind::text, at);
  said.block_kind = BlockKind::text;
  said.text = arguments.empty() ? "{}" : arguments;
  at.places.grow(said.text);
  out.push_back(said);
  close(at, out);
}

// Every chunk tells running totals, of which the last counts: it may correct the prompt's to less. To read them all
// would cost more than the text beside them, so the first is read at once, and the last at the end.
void Decoder::usage(std::string_view raw, Events& out) {
  // One that forgets what was answered says nothing new.
  const bool answered = raw.contains("andidatesTokenCount") || raw.contains("houghtsTokenCount");
  if (!answered && usage_answered_) return;
  usage_answered_ = answered;
  waiting_usage_ = raw;
  if (!usage_.known) say_usage(out);
}

void Decoder::say_usage(Events& out) {
  if (waiting_usage_.empty()) return;
  const llm::Usage read = llm::read_usage(llm::UsageApi::gemini, waiting_usage_);
  if (const auto tier = json::read_string(json::find(waiting_usage_, "serviceTier"))) {
    std::string word;
    json::append_quoted(word, *tier == "standard" || *tier == "STANDARD" ? std::string_view("default") : *tier);
    tell("service_tier", word, out);
  }
  waiting_usage_.clear();
  if (!read.known || read == usage_) return;
  usage_ = read;
  ChatEvent said{.kind = EventKind::usage};
  said.usage = &usage_;
  out.push_back(said);
}

// Said once each, as long as there is room.
void Decoder::tell(std::string_view name, std::string_view raw, Events& out) {
  const std::uint64_t hash = hash_of(name) ^ (hash_of(raw) * 31);
  if (std::ranges::count(told_before_, hash) > 0 || told_ + raw.size() > kMostTold || told_before_.size() >= 256)
    return;
  if (!json::validate(raw)) return;
  told_ += raw.size();
  told_before_.push_back(hash);
  ChatEvent said{.kind = EventKind::told};
  said.extras = &extras_.emplace_back(llm::Extras{{std::string(name), std::string(raw)}});
  out.push_back(said);
}

// The prompt was refused: there is no candidate, and there will be none.
void Decoder::blocked(std::string_view raw, Events& /*out*/) {
  const auto reason = json::read_string(json::find(raw, "blockReason"));
  if (!reason || reason->empty() || !candidates_.empty()) return;
  Candidate& made = candidates_.emplace_back();
  made.finish = FinishReason::content_filter;
  made.native = *reason;
}

void Decoder::on_end(Events& out) {
  if (done_) return;
  strings_.clear();
  extras_.clear();
  said_citations_.clear();
  const auto broken = [&] {
    llm::ChatError error;
    error.status = 502;
    error.message = "The provider's answer ended before it was whole";
    fail(std::move(error), out);
  };
  if (!started_ || candidates_.empty()) return broken();
  for (Candidate& at : candidates_) {
    if (at.finish != FinishReason::unknown) continue;
    if (!whole_) return broken();
    at.finish = FinishReason::stop;
  }
  for (Candidate& at : candidates_) {
    if (!flush(at, out)) return unreadable(out);
    if (at.open == Open::none && at.texts && (!at.grounding.empty() || !at.citations.empty())) cite(at, out);
    close(at, out);
    ChatEvent said{.kind = EventKind::finished};
    said.choice = at.index;
    said.finish = at.called && at.finish == FinishReason::stop ? FinishReason::tool_calls : at.finish;
    said.native_finish = at.native;
    out.push_back(said);
  }
  done_ = true;
  say_usage(out);
  out.push_back({.kind = EventKind::ended});
}

Result<llm::ChatAnswer> read_answer(std::string_view body, const Reading& reading) {
  Decoder decoder(reading, true);
  llm::AnswerAssembler assembler(body.size() * 2 + 4096);
  std::vector<ChatEvent> events;
  const auto add = [&]() -> Result<> {
    for (const ChatEvent& event : events) {
      if (auto added = assembler.add(event); !added) {
        return ::gatehouse::fail(Code::upstream_protocol, "The provider's answer is not one");
      }
    }
    events.clear();
    return {};
  };
  decoder.on_event({}, body, events);
  if (auto added = add(); !added) return std::unexpected(added.error());
  decoder.on_end(events);
  if (auto added = add(); !added) return std::unexpected(added.error());
  if (assembler.error()) return ::gatehouse::fail(Code::upstream_protocol, assembler.error()->message);
  if (!assembler.ended()) return ::gatehouse::fail(Code::upstream_protocol, "The provider's answer is not whole");
  return assembler.take();
}

}  // namespace gatehouse::dialects::gemini
