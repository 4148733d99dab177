#include "gatehouse/dialects/errors.h"

#include "gatehouse/dialects/openai_chat/errors.h"

namespace gatehouse::dialects {

std::string error_body(llm::Dialect /*dialect*/, const ApiError& error) { return openai_chat::error_body(error); }

std::string error_event(llm::Dialect /*dialect*/, const ApiError& error) { return openai_chat::error_event(error); }

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
