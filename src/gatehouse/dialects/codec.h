#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/dialects/api_error.h"
#include "gatehouse/llm/chat/answer.h"
#include "gatehouse/llm/chat/request.h"
#include "gatehouse/llm/dialect.h"
#include "gatehouse/llm/quirks.h"

// What every dialect does to be translated from and to: pure, bytes in and values out. Only used where caller and
// provider speak different dialects; else the caller's own bytes pass. Codecs are immutable, shared and thread-safe;
// decoders and encoders belong to one answer.
namespace gatehouse::dialects {

// What a target cannot express and therefore goes without; told to the caller in a header, or the reason to refuse.
// Only for what shapes an answer: words, images, tools and results that cannot be carried are an error of the codec.
class Losses {
 public:
  // `member` as the caller's dialect names it ("logit_bias", "messages[2].name"); told once.
  void drop(std::string_view member) {
    for (const auto& known : dropped_) {
      if (known == member) return;
    }
    if (dropped_.size() < kMost) dropped_.emplace_back(member);
  }
  bool any() const { return !dropped_.empty(); }
  const std::vector<std::string>& dropped() const { return dropped_; }
  static constexpr std::size_t kMost = 64;

 private:
  std::vector<std::string> dropped_{};
};

// What was rewritten in a request and must be undone in its answer. Filled by write_request, read by the same
// dialect's read_answer and decoder.
struct Rewrites {
  std::string json_tool{};    // the answer comes as the arguments of a tool of this name and is a text; empty: no
  bool json_wrapped = false;  // the schema's root is no object: the answer stands in a member "value"
  std::vector<std::pair<std::string, std::string>> tool_names{};  // as sent, as the caller has it
  // Tools that take a text, sent as functions where the target knows only these: the text stands in the member "input"
  // of their arguments. Names as sent.
  std::vector<std::string> text_tools{};
  // Ids of tool calls need no way back: clients give them back as they got them.
};

// For whom a request is written.
struct Target {
  std::string_view model{};  // as the provider calls it
  bool stream = false;
  const llm::Quirks& quirks;
  llm::Origin origin = llm::Origin::none;  // whose opaque state it can read; all other is left out
};

// What an answer is read with.
struct Reading {
  const Rewrites& rewrites;
  const llm::Quirks& quirks;
  llm::Origin origin = llm::Origin::none;  // of the opaque state in it
};

// What an answer is written with. All outlive its encoder.
struct Writing {
  const llm::ChatRequest& request;  // as the caller wrote it
  std::string_view model{};         // to be told as the answer's; empty: what the provider told
  std::string_view seed{};  // unique for this request, letters and digits: ids are made of it where none is told
  std::int64_t now = 0;     // seconds since 1970, where the provider does not tell
};

// Reads a provider's stream, event by event.
class EventDecoder {
 public:
  virtual ~EventDecoder() = default;
  // One event: its name (SSE's `event`, the frame's :event-type; empty where the framing has none) and its data.
  // Appends what it says. What is not known says nothing; what cannot be read, or is an error of the provider, says
  // `failed`; nothing comes after that.
  virtual void on_event(std::string_view name, std::string_view data, std::vector<llm::ChatEvent>& out) = 0;
  // The stream is over. Appends what is still owed: `ended` where the dialect has no last event of its own and the
  // answer is whole, `failed` (upstream broke off) where it is not. Once.
  virtual void on_end(std::vector<llm::ChatEvent>& out) = 0;
};

// Writes a stream for a caller: complete server-sent events.
class EventEncoder {
 public:
  virtual ~EventEncoder() = default;
  // Appends what the event comes to; often nothing.
  virtual void write(const llm::ChatEvent& event, std::string& out) = 0;
};

// A dialect in which providers are spoken to.
class BackCodec {
 public:
  virtual ~BackCodec() = default;
  virtual llm::Dialect dialect() const = 0;
  // The body for the provider. Errors (unsupported, with `param`): what cannot be left out cannot be expressed.
  virtual ApiResult<std::string> write_request(const llm::ChatRequest& request, const Target& target, Losses& losses,
                                               Rewrites& rewrites) const = 0;
  // A whole answer with a status below 400. Error: upstream_protocol.
  virtual Result<llm::ChatAnswer> read_answer(std::string_view body, const Reading& reading) const = 0;
  virtual std::unique_ptr<EventDecoder> make_decoder(const Reading& reading) const = 0;
  // The body of a status of 400 and more; also one that is no JSON, or empty. With a lower status: an error that was
  // told in place of an answer, whose own words alone count.
  virtual llm::ChatError read_error(int status, std::string_view body) const = 0;
};

// A dialect in which callers speak.
class FrontCodec {
 public:
  virtual ~FrontCodec() = default;
  virtual llm::Dialect dialect() const = 0;
  // The body was checked as JSON before. `model` and `stream` where the path says them (Gemini), else empty and false.
  // Errors (invalid_request, unsupported; with `param`).
  virtual ApiResult<llm::ChatRequest> read_request(std::string_view body, std::string_view model,
                                                   bool stream) const = 0;
  virtual std::string write_answer(const llm::ChatAnswer& answer, const Writing& writing) const = 0;
  virtual std::unique_ptr<EventEncoder> make_encoder(const Writing& writing) const = 0;
  // A provider's error as a whole body; the status is the error's (`status_of` in errors of the dialect may map it).
  virtual std::string write_error(const llm::ChatError& error) const = 0;
};

// The one table (codecs.cc). Null: the dialect has no such side.
const BackCodec* back_codec(llm::Dialect dialect);
const FrontCodec* front_codec(llm::Dialect dialect);

}  // namespace gatehouse::dialects
