#include "gatehouse/dialects/openai_chat/errors.h"

#include "gatehouse/dialects/errors.h"
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
