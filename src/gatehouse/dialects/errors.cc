#include "gatehouse/dialects/errors.h"

#include "gatehouse/dialects/openai_chat/errors.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects {
namespace {

// Anthropic's classes of errors, by the status that it sends with each (platform.claude.com/docs/en/api/errors); 503
// is ours for what is 529 there.
std::string_view anthropic_type(const Error& error) {
  switch (error.code) {
    case Code::overloaded:
    case Code::shutting_down:
      return "overloaded_error";
    case Code::request_timeout:
    case Code::upstream_timeout:
      return "timeout_error";
    default:
      break;
  }
  switch (error.http_status()) {
    case 401:
      return "authentication_error";
    case 402:
      return "billing_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 409:
      return "conflict_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    default:
      return error.http_status() < 500 ? "invalid_request_error" : "api_error";
  }
}

// google.rpc.Code by the status that Google sends with each (google/rpc/code.proto).
std::string_view google_status(int status) {
  switch (status) {
    case 401:
      return "UNAUTHENTICATED";
    case 403:
      return "PERMISSION_DENIED";
    case 404:
      return "NOT_FOUND";
    case 409:
      return "ABORTED";
    case 408:
    case 504:
      return "DEADLINE_EXCEEDED";
    case 429:
      return "RESOURCE_EXHAUSTED";
    case 499:
      return "CANCELLED";
    case 501:
      return "UNIMPLEMENTED";
    case 502:
    case 503:
      return "UNAVAILABLE";
    default:
      return status < 500 ? "INVALID_ARGUMENT" : "INTERNAL";
  }
}

// {"type":"error","error":{"type","message","code"}}; `code` is our slug, beside what Anthropic has.
std::string anthropic_error(const ApiError& error) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("type").string("error").key("error").begin_object();
  writer.key("type").string(anthropic_type(error.error)).key("message").string(message_of(error.error));
  writer.key("code").string(error.error.slug()).end_object().end_object();
  return out;
}

// {"error":{"code","message","status","details"}}: our slug is the reason of an ErrorInfo, as Google tells its own.
std::string gemini_error(const ApiError& error) {
  std::string out;
  json::Writer writer(out);
  const int status = error.error.http_status();
  writer.begin_object().key("error").begin_object().key("code").integer(status);
  writer.key("message").string(message_of(error.error)).key("status").string(google_status(status));
  writer.key("details").begin_array().begin_object();
  writer.key("@type").string("type.googleapis.com/google.rpc.ErrorInfo");
  writer.key("reason").string(error.error.slug()).key("domain").string("gatehouse");
  writer.end_object().end_array().end_object().end_object();
  return out;
}

}  // namespace

std::string error_body(llm::Dialect dialect, const ApiError& error) {
  switch (dialect) {
    case llm::Dialect::anthropic:
      return anthropic_error(error);
    case llm::Dialect::gemini:
      return gemini_error(error);
    default:
      return openai_chat::error_body(error);
  }
}

std::string error_event(llm::Dialect dialect, const ApiError& error) {
  switch (dialect) {
    case llm::Dialect::anthropic:
      return "event: error\ndata: " + anthropic_error(error) + "\n\n";
    case llm::Dialect::gemini:
      return "data: " + gemini_error(error) + "\n\n";
    case llm::Dialect::openai_responses: {
      // Flat, as the API has it, and once more as its older clients look for it.
      std::string out = "event: error\ndata: ";
      json::Writer writer(out);
      writer.begin_object().key("type").string("error").key("sequence_number").unsigned_integer(0);
      writer.key("code").string(error.error.slug()).key("message").string(message_of(error.error)).key("param");
      if (error.param.empty()) {
        writer.null();
      } else {
        writer.string(error.param);
      }
      writer.key("error").raw(json::Value(openai_chat::error_body(error))["error"].raw()).end_object();
      return out + "\n\n";
    }
    default:
      return openai_chat::error_event(error);
  }
}

std::string_view message_of(const Error& error) {
  // The slug alone would be a poor message.
  if (!error.detail.empty()) return error.detail;
  switch (error.code) {
    case Code::unauthenticated:
      return "Incorrect API key provided.";
    case Code::forbidden:
      return "You are not allowed to do this.";
    case Code::content_blocked:
      return "The content was blocked by policy.";
    case Code::unknown_model:
      return "The model does not exist or you do not have access to it.";
    case Code::rate_limited:
      return "Rate limit reached. Please try again later.";
    case Code::budget_exceeded:
      return "The budget is used up.";
    case Code::overloaded:
      return "The server is overloaded. Please try again later.";
    case Code::shutting_down:
      return "The server is shutting down. Please try again.";
    case Code::upstream_unreachable:
      return "The model provider could not be reached.";
    case Code::upstream_timeout:
      return "The model provider did not answer in time.";
    case Code::upstream_broken:
      return "The model provider broke off its answer.";
    default:
      return error.slug();
  }
}

}  // namespace gatehouse::dialects
