#pragma once

#include <string_view>

#include "gatehouse/async/task.h"
#include "gatehouse/base/error.h"

namespace gatehouse::http {

// A connection after "101 Switching Protocols": bytes both ways, framed by whoever holds it. Owned by the exchange that
// made it (Incoming::upgrade, ClientExchange), valid as long as that; one loop's thread. One read and one write at a
// time, also both at once.
class Duplex {
 public:
  virtual ~Duplex() = default;
  // The next bytes, those first that came together with the head; they hold until the next call. Empty: the other side
  // ended its side in order. Errors: client_closed or upstream_broken, or the abort's own.
  virtual Task<Result<std::string_view>> read() = 0;
  // All of `bytes`, which live until it is done. Errors as `read`, also where no progress was made for too long.
  virtual Task<Result<void>> write(std::string_view bytes) = 0;
  // Ends the wait under way and every later one.
  virtual void cancel() = 0;
};

}  // namespace gatehouse::http
