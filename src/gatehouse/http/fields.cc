#include <string_view>

#include "gatehouse/base/strings.h"
#include "gatehouse/http/head.h"
#include "gatehouse/http/name_set.h"
#include "gatehouse/http/syntax.h"

namespace gatehouse::http {

using base::equals_ignore_case;

void Fields::spill(Field field) {
  if (size_ == kInline) spilled_.assign(inline_.begin(), inline_.end());
  spilled_.push_back(field);
  ++size_;
}

const Field* Fields::find(std::string_view name) const {
  for (const Field& field : *this) {
    if (equals_ignore_case(field.name, name)) return &field;
  }
  return nullptr;
}

std::string_view Fields::value(std::string_view name) const {
  const Field* field = find(name);
  return field == nullptr ? std::string_view() : field->value;
}

std::size_t Fields::count(std::string_view name) const {
  std::size_t found = 0;
  for (const Field& field : *this) found += equals_ignore_case(field.name, name) ? 1 : 0;
  return found;
}

bool is_hop_by_hop(std::string_view name) {
  static constexpr auto kNames = name_set("te", "trailer", "upgrade", "connection", "keep-alive", "proxy-connection",
                                          "transfer-encoding", "proxy-authenticate", "proxy-authorization");
  return kNames.contains(name);
}

bool nominated_by_connection(const Fields& fields, std::string_view name) {
  for (const Field& field : fields) {
    if (field.name.size() != 10 || !equals_ignore_case(field.name, "connection")) continue;
    const bool absent = syntax::for_each_in_list(
        field.value, [name](std::string_view element) { return !equals_ignore_case(element, name); });
    if (!absent) return true;
  }
  return false;
}

bool valid_field_name(std::string_view name) {
  for (const char c : name) {
    if (!syntax::is(c, syntax::kToken)) return false;
  }
  return !name.empty();
}

bool valid_field_value(std::string_view value) {
  const char* begin = value.data();
  const char* end = begin + value.size();
  return syntax::find_control(begin, end) == end;
}

std::string_view status_reason(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 203:
      return "Non-Authoritative Information";
    case 204:
      return "No Content";
    case 205:
      return "Reset Content";
    case 206:
      return "Partial Content";
    case 300:
      return "Multiple Choices";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 407:
      return "Proxy Authentication Required";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

}  // namespace gatehouse::http
