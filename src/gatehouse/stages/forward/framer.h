#pragma once

#include <memory>
#include <string_view>

#include "gatehouse/base/error.h"
#include "gatehouse/base/function_ref.h"
#include "gatehouse/providers/plan.h"

namespace gatehouse::stages {

// Takes the framing off a provider's stream: bytes in, cut anywhere; events out, each with its name and its data. One a
// stream, one thread's; holds at most one event.
class Framer {
 public:
  using Visit = base::FunctionRef<void(std::string_view name, std::string_view data)>;

  virtual ~Framer() = default;
  // Errors: upstream_too_large (an event over the limit), upstream_protocol (no such framing, a wrong checksum). The
  // views hold during the visit.
  virtual Result<> push(std::string_view bytes, Visit visit) = 0;
  // The stream is over. Error: upstream_broken (in the middle of an event).
  virtual Result<> end(Visit visit) = 0;
};

// `limit`: bytes of one event.
std::unique_ptr<Framer> make_framer(providers::Framing framing, std::size_t limit);

}  // namespace gatehouse::stages
