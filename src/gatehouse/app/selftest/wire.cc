#include "gatehouse/app/selftest/wire.h"

#include <utility>

#include "gatehouse/app/commands/admin_client.h"
#include "gatehouse/http/head_writer.h"

namespace gatehouse::app::selftest {

WireRequest wire_request(llm::Dialect front, std::string_view model, bool stream, std::string_view key,
                         std::string body) {
  WireRequest request;
  request.body = std::move(body);
  const auto show = [&](std::string_view field, const std::string& value) {
    if (!key.empty()) http::append_field(request.fields, field, value);
  };
  switch (front) {
    case llm::Dialect::anthropic:
      request.target = "/v1/messages";
      show("x-api-key", std::string(key));
      http::append_field(request.fields, "anthropic-version", "2023-06-01");
      return request;
    case llm::Dialect::gemini:
      request.target =
          "/v1beta/models/" + percent_encode(model) + (stream ? ":streamGenerateContent?alt=sse" : ":generateContent");
      show("x-goog-api-key", std::string(key));
      return request;
    default:
      request.target = front == llm::Dialect::openai_responses ? "/v1/responses" : "/v1/chat/completions";
      show("authorization", "Bearer " + std::string(key));
      return request;
  }
}

}  // namespace gatehouse::app::selftest
