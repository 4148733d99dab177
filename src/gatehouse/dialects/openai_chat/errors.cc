#include "gatehouse/dialects/openai_chat/errors.h"

#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::openai_chat {
namespace {

// As OpenAI's API fills it: the class of the error, not its reason; 401, 403 and 404 too are invalid_request_error
// there. insufficient_quota is what clients look for to tell "no money left" from "too fast".
std::string_view type_of(Code code) {
  switch (code) {
    case Code::rate_limited:
      return "rate_limit_error";
    case Code::budget_exceeded:
      return "insufficient_quota";
    default:
      return base::code_info(code).http_status < 500 ? "invalid_request_error" : "server_error";
  }
}

// What is said where nobody wrote a detail; the slug alone would be a poor message for a person.
std::string_view message_of(const Error& error) {
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

void write_error(std::string& out, const ApiError& error) {
  json::Writer writer(out);
  writer.begin_object().key("error").begin_object();
  writer.key("message").string(message_of(error.error));
  writer.key("type").string(type_of(error.error.code));
  writer.key("param");
  if (error.param.empty()) {
    writer.null();
  } else {
    writer.string(error.param);
  }
  writer.key("code").string(error.error.slug());
  writer.end_object().end_object();
}

}  // namespace

std::string error_body(const ApiError& error) {
  std::string out;
  write_error(out, error);
  return out;
}

std::string error_event(const ApiError& error) {
  std::string out = "data: ";
  write_error(out, error);
  out += "\n\n";
  return out;
}

}  // namespace gatehouse::dialects::openai_chat
