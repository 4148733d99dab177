#pragma once

#include <string_view>

#include "gatehouse/async/eventually.h"
#include "gatehouse/base/error.h"

namespace gatehouse::http {

// A stretch of a body, without any transfer framing. The view holds until the next call on its source.
struct Piece {
  std::string_view bytes;  // may be empty only together with `last`
  bool last = false;
};

// A body that the consumer pulls: it is read from the wire no faster than it is asked for, so a slow reader slows the
// sender. After `last` or an error it is not asked again. One loop's thread.
class BodySource {
 public:
  virtual ~BodySource() = default;
  virtual Eventually<Result<Piece>> next() = 0;
};

}  // namespace gatehouse::http
