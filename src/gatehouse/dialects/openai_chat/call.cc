#include "gatehouse/dialects/openai_chat/call.h"

#include <array>
#include <bit>
#include <limits>
#include <utility>

#include "gatehouse/dialects/member_names.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects::openai_chat {
namespace {

using json::Kind;
using json::Member;

// The members that the gateway reads or judges, now or in a guard: for these it matters that every server behind it
// reads the same value.
enum class Key : std::uint8_t {
  model,
  stream,
  stream_options,
  messages,
  prompt,
  input,
  user,
  max_tokens,
  max_completion_tokens,
  n,
  tools,
  tool_choice,
  functions,
  function_call,
  response_format,
};
constexpr MemberNames kKeys(std::to_array<std::string_view>({"model", "stream", "stream_options", "messages", "prompt",
                                                             "input", "user", "max_tokens", "max_completion_tokens",
                                                             "n", "tools", "tool_choice", "functions", "function_call",
                                                             "response_format"}));

// Reads the members one by one and keeps the first fault: the scan goes on, since a body that is no JSON at all is
// the better complaint.
class Reader {
 public:
  void visit(const Member& member) {
    if (failed()) return;
    for (std::uint32_t left = kKeys.candidates(member.key); left != 0; left &= left - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(left));
      if (member.key == kKeys[i]) return read(static_cast<Key>(i), member);
      if (!folds_to(member.key, kKeys[i])) continue;
      return complain("Unrecognized request argument supplied: " + std::string(member.key) + ". Did you mean " +
                          std::string(kKeys[i]) + "?",
                      std::string(member.key));
    }
  }

  bool failed() const { return !error_.error.detail.empty(); }

  ApiResult<Call> finish(llm::Operation operation) {
    if (!failed() && call_.model_span.length == 0) complain("You must provide a model parameter.", "model");
    if (!failed() && operation == llm::Operation::chat_completions && !messages_given_) {
      complain("Missing required parameter: 'messages'.", "messages");
    }
    if (failed()) return std::unexpected(std::move(error_));
    call_.max_tokens = max_completion_tokens_ ? max_completion_tokens_ : max_tokens_;
    return std::move(call_);
  }

 private:
  void complain(std::string message, std::string param) {
    error_ = ApiError(Code::invalid_request, std::move(message), std::move(param));
  }

  void wrong_type(std::string_view key, std::string_view expected, Kind got) {
    complain("Invalid type for '" + std::string(key) + "': expected " + std::string(expected) + ", but got " +
                 std::string(json::describe(got)) + " instead.",
             std::string(key));
  }

  void read(Key key, const Member& member) {
    const std::uint32_t bit = std::uint32_t{1} << static_cast<unsigned>(key);
    if ((seen_ & bit) != 0) {
      return complain("The parameter '" + std::string(member.key) + "' is given twice.", std::string(member.key));
    }
    seen_ |= bit;
    const Span span{member.offset, member.value.size()};
    if (key == Key::stream_options) call_.stream_options_span = span;
    if (key == Key::max_tokens) call_.max_tokens_span = span;
    if (key == Key::max_completion_tokens) call_.max_completion_tokens_span = span;
    // OpenAI takes null for "not given" wherever the parameter is optional.
    if (member.kind == Kind::null && key != Key::model) return;
    switch (key) {
      case Key::model:
        if (member.kind != Kind::string) return wrong_type(member.key, "a string", member.kind);
        json::append_string(member.value, call_.model);
        if (call_.model.empty()) return complain("You must provide a model parameter.", "model");
        call_.model_span = {member.offset, member.value.size()};
        return;
      case Key::user:
        if (member.kind != Kind::string) return wrong_type(member.key, "a string", member.kind);
        json::append_string(member.value, call_.user);
        return;
      case Key::stream:
        if (member.kind != Kind::boolean) return wrong_type(member.key, "a boolean", member.kind);
        call_.stream = member.value == "true";
        return;
      case Key::stream_options:
        return read_stream_options(member);
      case Key::n:
        return read_n(member);
      case Key::max_tokens:
        max_tokens_ = read_limit(member);
        return;
      case Key::max_completion_tokens:
        max_completion_tokens_ = read_limit(member);
        return;
      case Key::messages:
        if (member.kind != Kind::array) return wrong_type(member.key, "an array", member.kind);
        messages_given_ = true;
        return;
      case Key::tools:
      case Key::functions:
        if (member.kind != Kind::array) return wrong_type(member.key, "an array", member.kind);
        return;
      case Key::prompt:
      case Key::input:
        if (member.kind != Kind::string && member.kind != Kind::array) {
          return wrong_type(member.key, "a string or an array", member.kind);
        }
        return;
      case Key::tool_choice:
      case Key::function_call:
        if (member.kind != Kind::string && member.kind != Kind::object) {
          return wrong_type(member.key, "a string or an object", member.kind);
        }
        return;
      case Key::response_format:
        if (member.kind != Kind::object) return wrong_type(member.key, "an object", member.kind);
        return;
    }
  }

  void read_stream_options(const Member& options) {
    if (options.kind != Kind::object) return wrong_type(options.key, "an object", options.kind);
    bool seen = false;
    json::walk_object(options.value, [&](const Member& member) {
      if (failed() || !folds_to(member.key, "include_usage")) return;
      constexpr std::string_view kPath = "stream_options.include_usage";
      if (member.key != "include_usage") {
        return complain(
            "Unrecognized request argument supplied: " + std::string(member.key) + ". Did you mean include_usage?",
            std::string(kPath));
      }
      if (seen) return complain("The parameter '" + std::string(kPath) + "' is given twice.", std::string(kPath));
      seen = true;
      call_.include_usage_span = {options.offset + member.offset, member.value.size()};
      if (member.kind == Kind::null) return;
      if (member.kind != Kind::boolean) return wrong_type(kPath, "a boolean", member.kind);
      call_.include_usage = member.value == "true";
    });
  }

  void out_of_range(std::string_view key, std::string_view expected) {
    complain("Invalid value for '" + std::string(key) + "': expected " + std::string(expected) + ".", std::string(key));
  }

  void read_n(const Member& member) {
    if (member.kind != Kind::number) return wrong_type(member.key, "an integer", member.kind);
    const auto n = json::read_count(member.value);
    if (!n || *n == 0 || *n > std::numeric_limits<std::uint32_t>::max()) {
      return out_of_range(member.key, "an integer from 1 on");
    }
    call_.n = static_cast<std::uint32_t>(*n);
  }

  std::optional<std::uint64_t> read_limit(const Member& member) {
    if (member.kind != Kind::number) {
      wrong_type(member.key, "an integer", member.kind);
      return std::nullopt;
    }
    const auto limit = json::read_count(member.value);
    // Local servers take -1 for "no limit".
    if (!limit && !json::read_integer(member.value)) out_of_range(member.key, "an integer");
    return limit;
  }

  Call call_;
  std::optional<std::uint64_t> max_tokens_;
  std::optional<std::uint64_t> max_completion_tokens_;
  std::uint32_t seen_ = 0;
  bool messages_given_ = false;
  ApiError error_;
};

// Of a body whose other members are the provider's affair: the model and whether a stream is asked for.
class ModelReader {
 public:
  void visit(const Member& member) {
    if (member.key.size() > 63) return;
    // The responses API's bound; whatever else it may be the provider will refuse.
    if (member.key == "max_output_tokens") {
      call_.max_tokens = json::read_count(member.value);
      call_.max_tokens_span = {member.offset, member.value.size()};
    }
    if (member.key == "input") once(input_seen_, call_.input_span, member);
    if (member.key == "previous_response_id") {
      once(previous_seen_, call_.previous_response_span, member);
      call_.previous_response.clear();
      // What is none the provider will refuse.
      if (member.kind == Kind::string) json::append_string(member.value, call_.previous_response);
    }
    for (const std::string_view name : {std::string_view("model"), std::string_view("stream")}) {
      if (!folds_to(member.key, name)) continue;
      bool& seen = name == "model" ? model_seen_ : stream_seen_;
      if (member.key != name || seen) {
        fault_ = ApiError(Code::invalid_request,
                          "The parameter '" + std::string(name) + "' is given twice, or in another spelling.",
                          std::string(name));
        return;
      }
      seen = true;
      if (name == "stream") {
        call_.stream = member.value == "true";
      } else if (member.kind == Kind::string) {
        json::append_string(member.value, call_.model);
        call_.model_span = {member.offset, member.value.size()};
      } else if (member.kind != Kind::null) {
        fault_ = ApiError(Code::invalid_request, "Invalid type for 'model': expected a string.", "model");
      }
    }
  }

  ApiResult<Call> finish() {
    if (fault_) return std::unexpected(std::move(*fault_));
    return std::move(call_);
  }

 private:
  void once(bool& seen, Span& span, const Member& member) {
    if (std::exchange(seen, true)) {
      fault_ = ApiError(Code::invalid_request, "The parameter '" + std::string(member.key) + "' is given twice.",
                        std::string(member.key));
    }
    span = {member.offset, member.value.size()};
  }

  Call call_;
  std::optional<ApiError> fault_;
  bool input_seen_ = false;
  bool previous_seen_ = false;
  bool model_seen_ = false;
  bool stream_seen_ = false;
};

template <class R>
Result<> scan(std::string_view body, R& reader, bool& words_only) {
  json::Notes notes{.wanted = tells_type};
  auto scanned = json::scan_object(body, notes, [&](const Member& member) { reader.visit(member); });
  words_only = !notes.key && !notes.unicode_escape;
  return scanned;
}

std::unexpected<ApiError> not_json(const Error& error) {
  return refuse(Code::invalid_request, "We could not parse the JSON body of your request (" + error.detail + ").");
}

}  // namespace

ApiResult<Call> read_call(llm::Operation operation, std::string_view body) {
  Reader reader;
  bool words_only = false;
  if (const auto scanned = scan(body, reader, words_only); !scanned) return not_json(scanned.error());
  auto call = reader.finish(operation);
  if (call) call->words_only = words_only;
  return call;
}

ApiResult<Call> read_model(std::string_view body) {
  ModelReader reader;
  bool words_only = false;
  if (const auto scanned = scan(body, reader, words_only); !scanned) return not_json(scanned.error());
  auto call = reader.finish();
  if (call) call->words_only = words_only;
  return call;
}

}  // namespace gatehouse::dialects::openai_chat
