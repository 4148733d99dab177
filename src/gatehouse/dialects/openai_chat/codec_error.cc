#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/dialects/openai_chat/codec_request.h"
#include "gatehouse/dialects/openai_chat/wire.h"
#include "gatehouse/json/value.h"
#include "gatehouse/llm/chat/error_kind.h"

namespace gatehouse::dialects::openai_chat {
namespace {

using llm::ChatError;
using llm::ErrorKind;
using Milliseconds = std::chrono::milliseconds;

constexpr std::size_t kMostMessage = 4096;  // bytes of a message that is passed on
constexpr std::size_t kMostBody = 65'536;   // of a body that is no JSON, or of words that are searched
constexpr Milliseconds kLongestHint = std::chrono::hours(24 * 7);

bool contains(std::string_view text, std::string_view what) { return text.find(what) != std::string_view::npos; }

template <std::size_t N>
bool contains_any(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return contains(text, word); });
}

// What servers say where the prompt does not fit, in lower case: OpenAI and Azure, DeepSeek, Mistral, Groq, xAI, vLLM,
// OpenRouter, Together, Fireworks, llama.cpp, Perplexity.
constexpr auto kContext = std::to_array<std::string_view>({
    "context_length_exceeded",
    "string_above_max_length",
    "maximum context length",
    "context length exceeded",
    "context window",
    "context_window",
    "maximum prompt length",
    "prompt is too long",
    "prompt is too large",
    "prompt too long",
    "input is too long",
    "input length and `max_tokens` exceed",
    "too large for model with",
    "exceeds the available context size",
    "exceed the model's maximum context",
    "reduce the length of the messages",
    "longest supported",
});
constexpr auto kQuota = std::to_array<std::string_view>({
    "insufficient_quota",
    "insufficient balance",
    "insufficient credits",
    "insufficient funds",
    "exceeded your current quota",
    "billing_hard_limit",
    "billing_not_active",
    "out of credits",
    "requires more credits",
    "payment required",
    "spending limit",
});
constexpr auto kFilter = std::to_array<std::string_view>({
    "content_filter",
    "content_policy_violation",
    "bio_policy",
    "content management policy",
    "responsibleaipolicyviolation",
    "data_inspection_failed",
    "moderation_blocked",
    "content_blocked",
    "flagged by moderation",
    "violating our usage policy",
});

// From the server's own words for it, where no status tells.
std::optional<ErrorKind> kind_from_words(std::string_view type, std::string_view code) {
  struct Row {
    std::string_view word;
    ErrorKind kind;
  };
  static constexpr auto kRows = std::to_array<Row>({
      {"rate_limit", ErrorKind::rate_limit},
      {"too_many_requests", ErrorKind::rate_limit},
      {"resource_exhausted", ErrorKind::rate_limit},
      {"throttl", ErrorKind::rate_limit},
      {"authentication", ErrorKind::authentication},
      {"invalid_api_key", ErrorKind::authentication},
      {"unauthorized", ErrorKind::authentication},
      {"unauthenticated", ErrorKind::authentication},
      {"permission", ErrorKind::permission},
      {"forbidden", ErrorKind::permission},
      {"not_found", ErrorKind::not_found},
      {"overloaded", ErrorKind::overloaded},
      {"unavailable", ErrorKind::overloaded},
      {"timeout", ErrorKind::timeout},
      {"deadline", ErrorKind::timeout},
      {"too_large", ErrorKind::too_large},
      {"conflict", ErrorKind::conflict},
      {"server_error", ErrorKind::api},
      {"api_error", ErrorKind::api},
      {"internal", ErrorKind::api},
      {"tool_use_failed", ErrorKind::invalid_request},
      {"failed_to_download_image", ErrorKind::invalid_request},
      {"invalid", ErrorKind::invalid_request},
      {"bad_request", ErrorKind::invalid_request},
      {"badrequest", ErrorKind::invalid_request},
  });
  for (const std::string_view words : {code, type}) {
    const std::string low = base::to_lower(words);
    for (const Row& row : kRows) {
      if (contains(low, row.word)) return row.kind;
    }
  }
  return std::nullopt;
}

// "6m0s", "1.5s", "20 seconds", "500ms", from the first digit on.
std::optional<Milliseconds> read_duration(std::string_view text) {
  double total = 0;
  bool any = false;
  while (!text.empty() && base::is_digit(text.front())) {
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    while (text.starts_with(' ')) text.remove_prefix(1);
    double unit = 0;
    if (text.starts_with("ms") || text.starts_with("milli")) {
      unit = 1;
    } else if (text.starts_with('s')) {
      unit = 1000;
    } else if (text.starts_with('m')) {
      unit = 60'000;
    } else if (text.starts_with('h')) {
      unit = 3'600'000;
    } else {
      break;
    }
    total += value * unit;
    any = true;
    while (!text.empty() && text.front() >= 'a' && text.front() <= 'z') text.remove_prefix(1);
    while (text.starts_with(' ')) text.remove_prefix(1);
  }
  if (!any || !(total >= 0) || total > static_cast<double>(kLongestHint.count())) return std::nullopt;
  return Milliseconds(static_cast<std::int64_t>(std::ceil(total)));
}

// "Please try again in 20s" (OpenAI, Groq), "retry after 26 seconds" (Azure); `text` in lower case.
std::optional<Milliseconds> hint_in_words(std::string_view text) {
  for (const std::string_view phrase : {"try again in ", "retry after ", "retry in ", "retry-after: "}) {
    for (auto at = text.find(phrase); at != std::string_view::npos; at = text.find(phrase, at + 1)) {
      if (const auto found = read_duration(text.substr(at + phrase.size()))) return found;
    }
  }
  return std::nullopt;
}

std::optional<Milliseconds> hint_in_number(std::string_view raw, double unit) {
  std::string buffer;
  std::optional<double> value = json::read_number(raw);
  if (!value && wire::is_string(raw)) {
    const std::string_view text = wire::view(raw, buffer);
    if (const auto duration = read_duration(text)) return duration;
    value = json::read_number(text);
  }
  if (!value || !(*value >= 0) || *value * unit > static_cast<double>(kLongestHint.count())) return std::nullopt;
  return Milliseconds(static_cast<std::int64_t>(std::ceil(*value * unit)));
}

class ErrorReader {
 public:
  explicit ErrorReader(int status) { error_.status = status; }

  ChatError read(std::string_view body) {
    body = base::trim(body);
    while (!body.empty() && (body.front() == '\n' || body.front() == '\r')) body.remove_prefix(1);
    json::Cursor cursor(body);
    const char first = cursor.first();
    const bool json = (first == '{' || first == '[') && cursor.skip() && cursor.at_end();
    if (json && first == '{') {
      object(body, 0);
    } else if (json) {
      wire::elements(body, [&](std::string_view one) {  // Google's front
        if (error_.message.empty() && wire::is_object(one)) object(one, 0);
      });
    } else {
      words(body.substr(0, kMostBody));
    }
    return finish();
  }

 private:
  // The outermost, an `error` in it, or a `message` that holds more (Mistral).
  void object(std::string_view raw, int depth) {
    std::string_view inner;
    wire::members(raw, [&](std::string_view key, std::string_view value) {
      if (!wire::filled(value)) return;
      if (key == "error") {
        if (wire::is_string(value)) {
          take(error_.message, value);
        } else {
          inner = value;
        }
      } else if (key == "message" || key == "msg" || key == "error_message" || key == "Message") {
        if (wire::is_object(value)) {
          inner = value;
        } else {
          take(error_.message, value);
        }
      } else if (key == "detail" || key == "details" || key == "errors") {
        details(value);
      } else if (key == "type" || key == "error_type" || key == "__type") {
        take(error_.type, value);
      } else if (key == "status" && wire::is_string(value)) {
        take(error_.type, value);
      } else if (key == "code" || key == "error_code") {
        if (wire::is_string(value)) {
          take(error_.code, value);
        } else if (wire::is_number(value)) {
          number(value);
        }
      } else if (key == "status_code" || key == "statusCode" || key == "status") {
        number(value);
      } else if (key == "param") {
        take(error_.param, value);
      } else if (key == "retry_after" || key == "retry_after_seconds" || key == "retryAfter") {
        error_.retry_after = hint_in_number(value, 1000);
      } else if (key == "retry_after_ms") {
        error_.retry_after = hint_in_number(value, 1);
      } else if (key == "metadata") {
        metadata(value);
      }
    });
    if (!inner.empty() && depth < 3) object(inner, depth + 1);
  }

  static void take(std::string& to, std::string_view raw) {
    if (!to.empty() || !wire::is_string(raw)) return;
    wire::append_text(raw, to);
    if (to.size() > kMostMessage) to.resize(kMostMessage);
  }

  // A number at `code` is a status with OpenRouter, Google and Perplexity; else it is a code.
  void number(std::string_view raw) {
    const auto value = json::read_count(raw);
    if (value && *value >= 400 && *value <= 599) {
      told_status_ = static_cast<int>(*value);
    } else if (error_.code.empty()) {
      error_.code = raw.substr(0, 32);
    }
  }

  // FastAPI's [{loc, msg, type}], a text, or Google's list with RetryInfo.
  void details(std::string_view value) {
    if (wire::is_string(value)) {
      take(error_.message, value);
      return;
    }
    if (wire::is_object(value)) {
      object(value, 2);
      return;
    }
    std::string told;
    wire::elements(value, [&](std::string_view one) {
      if (!wire::is_object(one)) return;
      std::string place;
      std::string what;
      wire::members(one, [&](std::string_view key, std::string_view member) {
        if (key == "msg" || key == "message") what = wire::text(member);
        if (key == "retryDelay") error_.retry_after = hint_in_number(member, 1000);
        if (key != "loc") return;
        wire::elements(member, [&](std::string_view step) {
          const std::string name = wire::is_string(step) ? wire::text(step) : std::string(step);
          if (place.empty() && name == "body") return;
          if (!place.empty()) place += '.';
          place += name;
        });
      });
      if (what.empty() || told.size() > kMostMessage) return;
      if (error_.param.empty()) error_.param = place;
      if (!told.empty()) told += "; ";
      told += place.empty() ? what : place + ": " + what;
    });
    if (error_.message.empty()) error_.message = told.substr(0, kMostMessage);
  }

  // OpenRouter's: what its own upstream said, and when to come back.
  void metadata(std::string_view value) {
    wire::members(value, [&](std::string_view key, std::string_view member) {
      if (key == "raw" && wire::is_string(member)) inner_ = wire::text(member).substr(0, kMostMessage);
      if (key == "retry_after_seconds") error_.retry_after = hint_in_number(member, 1000);
      if (key == "error_type") take(error_.type, member);
    });
  }

  // A page of a proxy in between: what stands in its title, or else its text without the tags.
  void words(std::string_view body) {
    const bool html = body.starts_with('<');
    if (html) {
      const std::string low = base::to_lower(body);
      const auto begin = low.find("<title>");
      const auto end = low.find("</title>");
      if (begin != std::string::npos && end != std::string::npos && end > begin) {
        body = body.substr(begin + 7, end - begin - 7);
      }
    }
    bool tag = false;
    bool space = false;
    for (const char c : body) {
      if (html && c == '<') tag = true;
      if (!tag && static_cast<unsigned char>(c) > ' ') {
        if (space && !error_.message.empty()) error_.message += ' ';
        space = false;
        error_.message += c;
      } else {
        space = true;
      }
      if (html && c == '>') tag = false;
      if (error_.message.size() >= kMostMessage) break;
    }
  }

  ChatError finish() {
    const std::string all = base::to_lower(error_.message) + " " + base::to_lower(inner_) + " " +
                            base::to_lower(error_.code) + " " + base::to_lower(error_.type);
    const bool by_http = error_.status >= 400;
    const int status = by_http ? error_.status : told_status_;
    if (status >= 400) {
      error_.kind = llm::kind_of_status(status);
      // 400, 500 and the like say little; the words may say more.
      const auto told = kind_from_words(error_.type, error_.code);
      if (told && error_.kind == ErrorKind::api)
        error_.kind = *told == ErrorKind::invalid_request ? error_.kind : *told;
      if (told && error_.kind == ErrorKind::invalid_request && *told != ErrorKind::api) error_.kind = *told;
    } else {
      error_.kind = kind_from_words(error_.type, error_.code).value_or(ErrorKind::api);
    }
    const bool callers = error_.kind == ErrorKind::invalid_request || error_.kind == ErrorKind::too_large ||
                         error_.kind == ErrorKind::api || error_.kind == ErrorKind::rate_limit;
    if (callers && contains_any(all, kContext)) {
      // Too many tokens a minute is a rate, whatever the words.
      if (error_.kind != ErrorKind::rate_limit) error_.kind = ErrorKind::context_length;
    } else if (contains_any(all, kQuota)) {
      error_.kind = ErrorKind::billing;
    } else if ((callers || error_.kind == ErrorKind::permission) && contains_any(all, kFilter)) {
      error_.kind = ErrorKind::content_filter;
    }
    if (!by_http) {
      // OpenAI's own words for a 500.
      const bool named = error_.code == "server_error" || error_.type == "server_error";
      const bool failed = error_.kind == ErrorKind::api && named;
      error_.status = told_status_ >= 400 ? told_status_ : failed ? 500 : llm::status_of(error_.kind);
    }
    if (!inner_.empty() && error_.message == "Provider returned error") error_.message = inner_;
    if (!error_.retry_after) error_.retry_after = hint_in_words(all);
    if (error_.message.empty()) error_.message = "The provider gave no reason.";
    return std::move(error_);
  }

  ChatError error_;
  int told_status_ = 0;
  std::string inner_;  // what the provider's own upstream said
};

struct Words {
  std::string_view type;
  std::string_view code;  // empty: the provider's own, or null
};

// OpenAI's, which clients look at: insufficient_quota tells "no money left" from "too fast", context_length_exceeded
// makes agents shorten their prompt.
Words words_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_request:
      return {"invalid_request_error", ""};
    case ErrorKind::context_length:
      return {"invalid_request_error", "context_length_exceeded"};
    case ErrorKind::content_filter:
      return {"invalid_request_error", "content_filter"};
    case ErrorKind::authentication:
      return {"invalid_request_error", "invalid_api_key"};
    case ErrorKind::permission:
      return {"invalid_request_error", "permission_denied"};
    case ErrorKind::billing:
      return {"insufficient_quota", "insufficient_quota"};
    case ErrorKind::not_found:
      return {"invalid_request_error", ""};
    case ErrorKind::conflict:
      return {"invalid_request_error", "conflict"};
    case ErrorKind::too_large:
      return {"invalid_request_error", "request_too_large"};
    case ErrorKind::rate_limit:
      return {"rate_limit_error", "rate_limit_exceeded"};
    case ErrorKind::timeout:
      return {"server_error", "timeout"};
    case ErrorKind::overloaded:
      return {"server_error", "overloaded"};
    case ErrorKind::api:
      return {"server_error", ""};
  }
  return {"server_error", ""};
}

}  // namespace

ChatError read_chat_error(int status, std::string_view body) { return ErrorReader(status).read(body); }

std::string write_chat_error(const ChatError& error) {
  const Words words = words_of(error.kind);
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("error").begin_object();
  writer.key("message").string(error.message).key("type").string(words.type).key("param");
  if (error.param.empty()) {
    writer.null();
  } else {
    writer.string(error.param);
  }
  const std::string_view code = words.code.empty() ? std::string_view(error.code) : words.code;
  writer.key("code");
  if (code.empty()) {
    writer.null();
  } else {
    writer.string(code);
  }
  writer.end_object().end_object();
  return out;
}

}  // namespace gatehouse::dialects::openai_chat
