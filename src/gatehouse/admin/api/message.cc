#include "gatehouse/admin/api/message.h"

#include "gatehouse/http/head.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::admin {

ApiResponse problem(int status, std::string_view code, std::string_view detail) {
  ApiResponse response;
  response.status = status;
  response.type = "application/problem+json";
  json::Writer writer(response.body);
  writer.begin_object().key("type").string("about:blank").key("title").string(http::status_reason(status));
  writer.key("status").integer(status).key("code").string(code);
  if (!detail.empty()) writer.key("detail").string(detail);
  writer.end_object();
  return response;
}

ApiResponse problem(const Error& error) {
  const int status = error.http_status();
  // What went wrong inside is for the log.
  return problem(status, error.slug(), status < 500 ? std::string_view(error.detail) : std::string_view());
}

}  // namespace gatehouse::admin
