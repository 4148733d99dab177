#include "gatehouse/llm/chat/error_kind.h"

namespace gatehouse::llm {

ErrorKind kind_of_status(int status) {
  switch (status) {
    case 401:
      return ErrorKind::authentication;
    case 402:
      return ErrorKind::billing;
    case 403:
      return ErrorKind::permission;
    case 404:
      return ErrorKind::not_found;
    case 408:
    case 504:
    case 524:
      return ErrorKind::timeout;
    case 409:
      return ErrorKind::conflict;
    case 413:
      return ErrorKind::too_large;
    case 429:
      return ErrorKind::rate_limit;
    case 498:
    case 503:
    case 529:
      return ErrorKind::overloaded;
    default:
      return status >= 400 && status < 500 ? ErrorKind::invalid_request : ErrorKind::api;
  }
}

int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_request:
    case ErrorKind::context_length:
    case ErrorKind::content_filter:
      return 400;
    case ErrorKind::authentication:
      return 401;
    case ErrorKind::permission:
      return 403;
    case ErrorKind::billing:
    case ErrorKind::rate_limit:
      return 429;
    case ErrorKind::not_found:
      return 404;
    case ErrorKind::conflict:
      return 409;
    case ErrorKind::too_large:
      return 413;
    case ErrorKind::timeout:
      return 504;
    case ErrorKind::overloaded:
      return 503;
    case ErrorKind::api:
      return 502;
  }
  return 502;
}

}  // namespace gatehouse::llm
