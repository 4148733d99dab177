#include "gatehouse/dialects/bedrock/finish.h"

#include <algorithm>
#include <array>

#include "gatehouse/base/strings.h"
#include "gatehouse/dialects/base64.h"
#include "gatehouse/json/value.h"
#include "gatehouse/llm/chat/error_kind.h"

namespace gatehouse::dialects::bedrock {
namespace {

using llm::ErrorKind;
using llm::FinishReason;

// StopReason of the API, and Anthropic's own words that may come through.
constexpr std::array<std::pair<std::string_view, FinishReason>, 12> kReasons = {{
    {"end_turn", FinishReason::stop},
    {"tool_use", FinishReason::tool_calls},
    {"max_tokens", FinishReason::length},
    {"stop_sequence", FinishReason::stop_sequence},
    {"guardrail_intervened", FinishReason::content_filter},
    {"content_filtered", FinishReason::content_filter},
    {"malformed_model_output", FinishReason::malformed},
    {"malformed_tool_use", FinishReason::malformed},
    {"model_context_window_exceeded", FinishReason::context_length},
    {"refusal", FinishReason::refusal},
    {"pause_turn", FinishReason::pause},
    {"error", FinishReason::error},
}};

struct Exception {
  std::string_view name;  // without "Exception", lower case
  int status;
  ErrorKind kind;
};

// The exceptions of the API model with their statuses, and those that any service of AWS may answer with.
constexpr std::array<Exception, 22> kExceptions = {{
    {"throttling", 429, ErrorKind::rate_limit},
    {"toomanyrequests", 429, ErrorKind::rate_limit},
    {"servicequotaexceeded", 400, ErrorKind::rate_limit},
    {"modelnotready", 429, ErrorKind::overloaded},
    {"validation", 400, ErrorKind::invalid_request},
    {"validationerror", 400, ErrorKind::invalid_request},
    {"serialization", 400, ErrorKind::invalid_request},
    {"internalserver", 500, ErrorKind::api},
    {"internalfailure", 500, ErrorKind::api},
    {"modelerror", 424, ErrorKind::api},
    {"modelstreamerror", 424, ErrorKind::api},
    {"modeltimeout", 408, ErrorKind::timeout},
    {"serviceunavailable", 503, ErrorKind::overloaded},
    {"resourcenotfound", 404, ErrorKind::not_found},
    {"unknownoperation", 404, ErrorKind::not_found},
    {"conflict", 400, ErrorKind::conflict},
    {"accessdenied", 403, ErrorKind::permission},
    {"unrecognizedclient", 403, ErrorKind::authentication},
    {"invalidsignature", 403, ErrorKind::authentication},
    {"missingauthenticationtoken", 403, ErrorKind::authentication},
    {"expiredtoken", 403, ErrorKind::authentication},
    {"incompletesignature", 403, ErrorKind::authentication},
}};

// "com.amazon.coral.service#UnknownOperationException:http://..." is unknownoperation.
std::string plain(std::string_view name) {
  if (const auto hash = name.rfind('#'); hash != std::string_view::npos) name.remove_prefix(hash + 1);
  name = name.substr(0, name.find(':'));
  std::string low = base::to_lower(name);
  constexpr std::string_view kEnd = "exception";
  if (low.ends_with(kEnd)) low.resize(low.size() - kEnd.size());
  return low;
}

const Exception* find(std::string_view name) {
  const std::string low = plain(name);
  const auto found = std::ranges::find(kExceptions, low, &Exception::name);
  return found == kExceptions.end() ? nullptr : &*found;
}

// 424: the model failed.
ErrorKind kind_of(int status) { return status == 424 ? ErrorKind::api : llm::kind_of_status(status); }

bool contains(std::string_view text, std::string_view part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [](char a, char b) { return base::lower(a) == b; }) != text.end();
}

// What the words of a validation error or a refusal are about, where its name does not tell.
ErrorKind refine(ErrorKind kind, std::string_view message) {
  const auto says = [message](std::string_view part) { return contains(message, part); };
  if (kind == ErrorKind::invalid_request &&
      (says("input is too long") || says("prompt is too long") || says("exceed context limit") ||
       says("maximum context length") || says("too many input tokens") || says("context window"))) {
    return ErrorKind::context_length;
  }
  if (kind == ErrorKind::permission && (says("security token") || says("signature") || says("api key") ||
                                        says("authorization header") || says("bearer token"))) {
    return ErrorKind::authentication;
  }
  return kind;
}

}  // namespace

FinishReason finish_of(std::string_view stop_reason, bool called) {
  const auto* const found = std::ranges::find(kReasons, stop_reason, &std::pair<std::string_view, FinishReason>::first);
  const FinishReason reason = found == kReasons.end() ? FinishReason::stop : found->second;
  // Some models say end_turn and call; and where all calls were ours to take out, nobody was called.
  if (reason == FinishReason::stop && called) return FinishReason::tool_calls;
  if (reason == FinishReason::tool_calls && !called) return FinishReason::stop;
  return reason;
}

std::string stop_sequence_of(std::string_view fields) {
  const json::Value value(fields);
  std::string met = value["stop_sequence"].string_or("");
  return met.empty() ? value["delta"]["stop_sequence"].string_or("") : met;
}

llm::Citation citation_of(std::string_view raw) {
  llm::Citation citation;
  const json::Value value(raw);
  citation.title = value["title"].string_or("");
  value["sourceContent"].elements([&citation](json::Value part) { citation.cited_text += part["text"].string_or(""); });
  // Whole answers have a list here, deltas may have one object.
  if (citation.cited_text.empty()) citation.cited_text = value["sourceContent"]["text"].string_or("");
  const std::string source = value["source"].string_or("");
  value["location"].members([&citation](std::string_view name, json::Value place) {
    if (name == "web") {
      citation.url = place["url"].string_or("");
      return;
    }
    const auto number = [&place](std::string_view key) { return json::read_count(place[key].raw()); };
    if (name == "documentChar") citation.unit = llm::Citation::Unit::characters;
    if (name == "documentPage") citation.unit = llm::Citation::Unit::pages;
    if (name == "documentChunk" || name == "searchResultLocation") citation.unit = llm::Citation::Unit::blocks;
    auto index = number("documentIndex");
    if (!index) index = number("searchResultIndex");
    if (index && *index <= UINT32_MAX) citation.document = static_cast<std::uint32_t>(*index);
    citation.source_begin = number("start").value_or(0);
    citation.source_end = number("end").value_or(0);
  });
  if (citation.url.empty() && (source.starts_with("https://") || source.starts_with("http://"))) {
    citation.url = source;
  }
  citation.verbatim = {.dialect = llm::Dialect::bedrock, .json = std::string(raw)};
  return citation;
}

llm::Opaque redacted_of(std::string_view base64, llm::Origin origin) {
  if (origin == llm::Origin::anthropic) {
    auto data = read_base64(base64);
    const bool text = data && std::ranges::all_of(*data, [](char c) { return c > ' ' && c < '\x7f'; });
    // Else it is not what Anthropic could read, and nobody but this service can.
    if (!text) return {.origin = llm::Origin::bedrock, .value = std::string(base64)};
    return {.origin = origin, .value = std::move(*data)};
  }
  return {.origin = origin, .value = std::string(base64)};
}

int status_of(std::string_view name) {
  const Exception* known = find(name);
  return known == nullptr ? 500 : known->status;
}

llm::ChatError error_of(std::string_view name, int status, std::string_view body) {
  llm::ChatError error;
  error.status = status;
  const json::Value value(json::kind_of(body) == json::Kind::object ? body : std::string_view());
  for (const std::string_view key : {"message", "Message", "errorMessage"}) {
    if (error.message.empty()) error.message = value[key].string_or("");
  }
  std::string type(name);
  for (const std::string_view key : {"__type", "code", "Code", "type"}) {
    if (type.empty()) type = value[key].string_or("");
  }
  if (type.empty()) type = value["Output"]["__type"].string_or("");
  if (const auto hash = type.rfind('#'); hash != std::string::npos) type.erase(0, hash + 1);
  error.type = type;
  // What stands between often has OpenAI's shape.
  if (error.message.empty()) error.message = value["error"]["message"].string_or("");
  // A model's error that the service passes on: the model's own words say more.
  if (const auto original = value["originalMessage"].string_or(""); !original.empty()) {
    error.message += error.message.empty() ? original : ": " + original;
  }
  if (error.message.empty() && !value.exists()) {
    // A proxy's page or the like: its beginning, if it is text.
    constexpr std::size_t kMostOfText = 200;
    const std::string_view text = base::trim(body);
    if (!text.starts_with('<')) error.message = text.substr(0, kMostOfText);
  }
  const Exception* known = find(type);
  error.kind = refine(known != nullptr ? known->kind : kind_of(status), error.message);
  return error;
}

}  // namespace gatehouse::dialects::bedrock
