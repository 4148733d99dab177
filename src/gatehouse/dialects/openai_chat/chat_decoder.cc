#include "gatehouse/dialects/openai_chat/chat_decoder.h"

#include <algorithm>
#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/dialects/openai_chat/chat_decoder_parts.h"
#include "gatehouse/dialects/openai_chat/codec.h"
#include "gatehouse/dialects/openai_chat/codec_request.h"
#include "gatehouse/json/value.h"
#include "gatehouse/llm/usage_reader.h"

namespace gatehouse::dialects::openai_chat {

using Kind = llm::ChatEvent::Kind;
using llm::BlockKind;
using llm::FinishReason;

namespace {

llm::ChatError broken(llm::ErrorKind kind, int status, std::string message) {
  llm::ChatError error;
  error.kind = kind;
  error.status = status;
  error.message = std::move(message);
  return error;
}

// Told over and over, or of the wire alone.
bool is_noise(std::string_view name) {
  return name == "object" || name == "obfuscation" || name == "p" || name == "nonce" || name == "type";
}

}  // namespace

// --- events

llm::ChatEvent& ChatDecoder::push(Events& out, Kind kind, const Choice& of, std::uint32_t block, BlockKind block_kind) {
  llm::ChatEvent& event = out.emplace_back();
  event.kind = kind;
  event.choice = of.index;
  event.block = block;
  event.block_kind = block_kind;
  return event;
}

std::string& ChatDecoder::buffer() {
  if (buffers_used_ == buffers_.size()) buffers_.emplace_back();
  std::string& out = buffers_[buffers_used_++];
  out.clear();
  return out;
}

std::string_view ChatDecoder::text(std::string_view raw) {
  if (!wire::is_string(raw)) return {};
  json::Cursor cursor(raw);
  json::Cursor::String string;
  if (!cursor.string(string)) return {};
  if (!string.escaped) return string.inside;
  std::string& out = buffer();
  json::append_decoded(string, out);
  return out;
}

void ChatDecoder::fail(llm::ChatError error, Events& out) {
  if (over_) return;
  over_ = true;
  error_ = std::move(error);
  llm::ChatEvent& event = out.emplace_back();
  event.kind = Kind::failed;
  event.error = &error_;
}

void ChatDecoder::start(Events& out) {
  if (started_) return;
  started_ = true;
  llm::ChatEvent& event = out.emplace_back();
  event.kind = Kind::started;
  event.id = id_;
  event.name = model_;
  event.created = created_;
}

bool ChatDecoder::hold(std::string& to, std::string_view more) {
  if (more.size() > kMostHeld - held_) {
    trouble_ = broken(llm::ErrorKind::api, 502, "The provider's answer is too large to be translated.");
    return false;
  }
  held_ += more.size();
  to += more;
  return true;
}

const llm::Extras* ChatDecoder::extras_of(std::uint32_t choice) const {
  for (const Choice& one : choices_) {
    if (one.index == choice && !one.extras.empty()) return &one.extras;
  }
  return nullptr;
}

ChatDecoder::Choice* ChatDecoder::choice_at(std::uint64_t index) {
  for (Choice& one : choices_) {
    if (one.index == index) return &one;
  }
  if (choices_.size() >= kMostChoices || index > UINT32_MAX) {
    trouble_ = broken(llm::ErrorKind::api, 502, "The provider's answer has too many choices.");
    return nullptr;
  }
  Choice& made = choices_.emplace_back();
  made.index = static_cast<std::uint32_t>(index);
  return &made;
}

// --- blocks

std::uint32_t ChatDecoder::next_block(Choice& to) {
  if (to.blocks >= kMostBlocks) {
    trouble_ = broken(llm::ErrorKind::api, 502, "The provider's answer has too many parts.");
  }
  to.said = true;
  return to.blocks++;
}

void ChatDecoder::open(Choice& to, BlockKind kind, Events& out, std::string_view id, bool summary) {
  if (to.open) close(to, out);
  to.open = true;
  to.open_kind = kind;
  to.open_block = next_block(to);
  to.summary = summary;
  to.signed_or_encrypted = false;
  to.detail.reset();
  llm::ChatEvent& event = push(out, Kind::block_started, to, to.open_block, kind);
  event.id = id;
  event.summary = summary;
}

void ChatDecoder::close(Choice& to, Events& out) {
  if (!to.open) return;
  to.open = false;
  if (reading_.rewrites.json_wrapped && to.open_kind == BlockKind::text) {
    std::string& rest = buffer();
    to.unwrap.end(rest);
    if (!rest.empty()) push(out, Kind::text, to, to.open_block, BlockKind::text).text = rest;
  }
  push(out, Kind::block_ended, to, to.open_block, to.open_kind);
}

void ChatDecoder::grow(Choice& to, std::uint32_t block, BlockKind kind, std::string_view more, Events& out) {
  if (!more.empty()) push(out, Kind::text, to, block, kind).text = more;
}

// Of the text that is open; of anything else there are none.
void ChatDecoder::tell_probabilities(Choice& to, Events& out) {
  const auto* const tokens = std::exchange(probabilities_, nullptr);
  if (tokens == nullptr || !to.open || to.open_kind != BlockKind::text) return;
  push(out, Kind::logprobs, to, to.open_block, BlockKind::text).logprobs = tokens;
}

void ChatDecoder::text_or_refusal(Choice& to, BlockKind kind, std::string_view raw, Events& out) {
  std::string_view more = text(raw);
  if (more.empty()) return;
  if (!to.open || to.open_kind != kind) open(to, kind, out);
  if (reading_.rewrites.json_wrapped && kind == BlockKind::text) {
    std::string& unwrapped = buffer();
    to.unwrap.feed(more, unwrapped);
    more = unwrapped;
  }
  grow(to, to.open_block, kind, more, out);
  tell_probabilities(to, out);
}

// --- the end

void ChatDecoder::end_call(Choice& to, Call& call, Events& out) {
  if (!call.begun) begin_call(to, call, out);
  if (call.whole) {
    std::string& told = buffer();
    const std::string_view input = json::find(call.held, "input");
    // What is no such object is told as the model wrote it.
    if (!wire::append_text(input, told)) told = call.held;
    grow(to, call.block, BlockKind::tool_call, told, out);
  }
  push(out, Kind::block_ended, to, call.block, BlockKind::tool_call);
}

// A list of URLs beside the choices says what the first of them draws on (Perplexity, xAI); search_results has titles.
void ChatDecoder::cite_sources(Choice& to, Events& out) {
  const bool results = wire::is_array(search_results_) && search_results_.size() > 2;
  const bool urls = wire::is_array(citations_) && citations_.size() > 2;
  if (to.cited || (!results && !urls)) return;
  std::vector<llm::Citation> sources;
  if (urls) {
    wire::elements(citations_, [&](std::string_view one) {
      if (sources.size() >= kMostBlocks) return;
      llm::Citation& made = sources.emplace_back();
      made.url = wire::is_object(one) ? wire::text(json::find(one, "url")) : wire::text(one);
    });
  }
  if (results) {
    wire::elements(search_results_, [&](std::string_view one) {
      std::string url = wire::text(json::find(one, "url"));
      auto found = std::ranges::find(sources, url, &llm::Citation::url);
      if (found == sources.end()) {
        if (urls || sources.size() >= kMostBlocks) return;
        sources.emplace_back().url = std::move(url);
        found = sources.end() - 1;
      }
      found->title = wire::text(json::find(one, "title"));
    });
  }
  if (!to.open || to.open_kind != BlockKind::text) open(to, BlockKind::text, out);
  for (llm::Citation& source : sources) {
    if (source.url.empty()) continue;
    push(out, Kind::citation, to, to.open_block, BlockKind::text).citation =
        &citations_told_.emplace_back(std::move(source));
  }
}

void ChatDecoder::finish(Events& out) {
  if (choices_.empty()) {
    fail(broken(llm::ErrorKind::api, 502, "The provider's answer has no choices."), out);
    return;
  }
  start(out);
  extras_ = std::exchange(untold_, {});
  if (!citations_.empty()) extras_.push_back({"citations", citations_});
  if (!search_results_.empty()) extras_.push_back({"search_results", search_results_});
  if (!extras_.empty()) {
    llm::ChatEvent& event = out.emplace_back();
    event.kind = Kind::told;
    event.extras = &extras_;
  }
  for (Choice& to : choices_) {
    if (&to == &choices_.front()) cite_sources(to, out);
    close(to, out);
    if (to.audio) {
      push(out, Kind::block_ended, to, *to.audio, BlockKind::media).media = &to.sound;
    }
    for (Call& call : to.calls) end_call(to, call, out);
    FinishReason reason = wire::finish_from(to.finish);
    if (reason == FinishReason::unknown) reason = FinishReason::stop;
    // The word of a server's own upstream counts where it says the same more closely ("refusal", "pause_turn").
    const FinishReason native = wire::finish_from(base::to_lower(to.native));
    if (native != FinishReason::unknown && wire::finish_word(native) == wire::finish_word(reason)) reason = native;
    if (reason == FinishReason::stop && !to.stop_sequence.empty()) reason = FinishReason::stop_sequence;
    // Even OpenAI was seen to stop so; of a bound or a filter it stays true.
    if (reason == FinishReason::stop && !to.calls.empty()) reason = FinishReason::tool_calls;
    llm::ChatEvent& event = out.emplace_back();
    event.kind = Kind::finished;
    event.choice = to.index;
    event.finish = reason;
    event.native_finish = to.native.empty() ? to.finish : to.native;
    event.stop_sequence = to.stop_sequence;
  }
  out.emplace_back().kind = Kind::ended;
  over_ = true;
}

void ChatDecoder::on_end(Events& out) {
  if (over_) return;
  const bool whole = !choices_.empty() && std::ranges::all_of(choices_, &Choice::finished);
  if (whole) {
    finish(out);
  } else {
    fail(broken(llm::ErrorKind::api, 502, "The provider broke off its answer."), out);
  }
}

// --- a chunk

void ChatDecoder::on_event(std::string_view name, std::string_view data, Events& out) {
  if (over_) return;
  data = base::trim(data);
  buffers_used_ = 0;
  logprobs_.clear();
  citations_told_.clear();
  media_.clear();
  foreign_.clear();
  extras_.clear();
  if (data.empty() || name == "keepalive" || name == "ping") return;
  if (data == "[DONE]") {
    finish(out);
    return;
  }
  if (data.front() != '{' && data.front() != '[') {
    fail(name == "error" ? read_chat_error(200, data)
                         : broken(llm::ErrorKind::api, 502, "The provider's answer is no JSON."),
         out);
    return;
  }
  chunk(data, out);
  if (trouble_) fail(std::move(*trouble_), out);
}

void ChatDecoder::chunk(std::string_view data, Events& out) {
  json::Cursor cursor(data);
  std::string_view later;  // choices that came before the id
  std::string_view error, tokens;
  bool is_error = false;
  bool keepalive = false;
  bool any = false;  // choices
  std::string decoded;
  const bool whole = cursor.object([&](const json::Cursor::String& written) {
    std::string_view key = written.inside;
    if (written.escaped) {
      decoded.clear();
      json::append_decoded(written, decoded);
      key = decoded;
    }
    if (key == "choices" && started_ && cursor.first() == '[') {
      any = true;
      return choices(cursor, out);
    }
    const std::size_t begin = cursor.offset();
    if (!cursor.skip()) return false;
    const std::string_view value = cursor.since(begin);
    if (key == "id") {
      if (!started_) id_ = wire::text(value);
    } else if (key == "model") {
      if (!started_) model_ = wire::text(value);
    } else if (key == "created") {
      if (!started_) created_ = json::read_integer(value).value_or(0);
    } else if (key == "choices") {
      later = value;
    } else if (!wire::given(value)) {
      return true;
    } else if (key == "usage") {
      tokens = value;
    } else if (key == "error") {
      error = value;
    } else if (key == "object") {
      is_error = value == R"("error")";
    } else if (key == "type" && value == R"("keepalive")") {
      keepalive = true;
    } else if (key == "x_groq") {
      if (tokens.empty()) tokens = json::find(value, "usage");
      extra(key, value);
    } else if (key == "citations") {
      if (citations_ != value && wire::keepable(value)) citations_ = value;
    } else if (key == "search_results") {
      if (search_results_ != value && wire::keepable(value)) search_results_ = value;
    } else if (!is_noise(key)) {
      extra(key, value);
    }
    return true;
  });
  // Google's front tells its errors in a list.
  if (!whole && data.front() == '[') {
    trouble_ = read_chat_error(200, data);
    return;
  }
  if (!whole || !cursor.at_end()) {
    trouble_ = broken(llm::ErrorKind::api, 502, "The provider's answer is no valid JSON.");
    return;
  }
  if (wire::filled(error) || is_error) trouble_ = read_chat_error(200, data);
  if (keepalive || trouble_) return;
  if (!later.empty() && wire::is_array(later)) {
    // Azure's first chunk has neither an id nor choices.
    if (!id_.empty() || later.size() > 2) start(out);
    json::Cursor inner(later);
    choices(inner, out);
  } else if (!any && !started_ && choices_.empty() && tokens.empty()) {
    // No chunk at all: some servers tell an error so, as {message} or {detail}.
    const bool words = !json::find(data, "message").empty() || !json::find(data, "detail").empty();
    if (words) {
      trouble_ = read_chat_error(200, data);
      return;
    }
  }
  if (trouble_) return;
  if (started_ && !untold_.empty()) {
    extras_ = std::exchange(untold_, {});
    llm::ChatEvent& event = out.emplace_back();
    event.kind = Kind::told;
    event.extras = &extras_;
  }
  if (wire::is_object(tokens)) usage(tokens, out);
}

void ChatDecoder::usage(std::string_view raw, Events& out) {
  const llm::Usage read = llm::read_usage(llm::UsageApi::openai, raw);
  if (!read.known) return;
  start(out);
  usage_ = read;
  llm::ChatEvent& event = out.emplace_back();
  event.kind = Kind::usage;
  event.usage = &usage_;
}

void ChatDecoder::extra(std::string_view name, std::string_view raw) {
  constexpr std::size_t kMostExtras = 32;
  const auto known = std::ranges::find(told_, name, &llm::Extra::name);
  if (known == told_.end()) {
    if (told_.size() >= kMostExtras || !wire::keepable(raw)) return;
    told_.push_back({std::string(name), std::string(raw)});
  } else if (known->json == raw || !wire::keepable(raw)) {
    return;
  } else {
    known->json = raw;
  }
  const auto waiting = std::ranges::find(untold_, name, &llm::Extra::name);
  if (waiting == untold_.end()) {
    untold_.push_back({std::string(name), std::string(raw)});
  } else {
    waiting->json = raw;
  }
}

// --- a choice

bool ChatDecoder::choices(json::Cursor& cursor, Events& out) {
  return cursor.array([&] {
    RawChoice raw;
    std::string decoded;
    llm::Extras unknown;
    const bool read = cursor.object([&](const json::Cursor::String& written) {
      std::string_view key = written.inside;
      if (written.escaped) {
        decoded.clear();
        json::append_decoded(written, decoded);
        key = decoded;
      }
      const std::size_t begin = cursor.offset();
      if (!cursor.skip()) return false;
      const std::string_view value = cursor.since(begin);
      if (!wire::given(value)) return true;
      if (key == "delta") {
        raw.delta = value;
      } else if (key == "index") {
        raw.index = value;
      } else if (key == "finish_reason") {
        raw.finish = value;
      } else if (key == "logprobs") {
        raw.logprobs = value;
      } else if (key == "message") {
        raw.message = value;
      } else if (key == "native_finish_reason") {
        raw.native = value;
      } else if (key == "stop_reason") {
        raw.stop_reason = value;
      } else if (key == "error") {
        raw.error = value;
      } else if (wire::filled(value) && wire::keepable(value)) {
        raw.extras.push_back({std::string(key), std::string(value)});
      }
      return true;
    });
    if (read) choice(raw, out);
    return read;
  });
}

void ChatDecoder::choice(const RawChoice& raw, Events& out) {
  Choice* const to = choice_at(wire::count(raw.index).value_or(0));
  if (to == nullptr) return;
  if (wire::filled(raw.error)) {
    std::string wrapped = "{\"error\":";
    wrapped.append(raw.error).append("}");
    trouble_ = read_chat_error(200, wrapped);
    return;
  }
  probabilities_ = nullptr;
  if (wire::is_object(raw.logprobs)) {
    auto& tokens = logprobs_.emplace_back();
    wire::read_logprobs(raw.logprobs, tokens);
    if (!tokens.empty()) probabilities_ = &tokens;
  }
  const bool message = wire::is_object(raw.message) && (whole_ || !wire::is_object(raw.delta)) && !to->said;
  const std::string_view said = message ? raw.message : raw.delta;
  if (wire::is_object(said)) delta(*to, said, out);
  tell_probabilities(*to, out);
  for (const llm::Extra& one : raw.extras) {
    const auto known = std::ranges::find(to->extras, one.name, &llm::Extra::name);
    if (known != to->extras.end()) {
      known->json = one.json;
    } else if (to->extras.size() < 16) {
      to->extras.push_back(one);
    }
  }
  if (wire::is_string(raw.stop_reason)) to->stop_sequence = wire::text(raw.stop_reason);
  if (wire::is_string(raw.native)) to->native = wire::text(raw.native);
  if (!wire::is_string(raw.finish)) return;
  to->finish = wire::text(raw.finish);
  // "" is no reason, but a whole answer has nothing else (Snowflake).
  to->finished = to->finished || !to->finish.empty();
  if (wire::finish_from(to->finish) == FinishReason::error) {
    const bool busy = to->finish == "insufficient_system_resource";
    llm::ChatError error = broken(busy ? llm::ErrorKind::overloaded : llm::ErrorKind::api, busy ? 503 : 502,
                                  "The provider stopped with an error.");
    error.code = to->finish;
    // The chunk may say more at its top (OpenRouter), which is read later.
    trouble_ = std::move(error);
  }
}

}  // namespace gatehouse::dialects::openai_chat
