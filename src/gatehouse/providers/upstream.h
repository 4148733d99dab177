#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "gatehouse/async/abort.h"
#include "gatehouse/async/task.h"
#include "gatehouse/base/error.h"
#include "gatehouse/http/body_source.h"
#include "gatehouse/http/duplex.h"
#include "gatehouse/http/head.h"

namespace gatehouse::providers {

struct Plan;

// One call to a provider. Everything borrowed lives until the answer is destroyed.
struct UpstreamRequest {
  http::Method method = http::Method::post;
  std::string_view method_text;
  std::string_view path;                     // Plan::target: below Profile::root, with its query
  const http::Fields* fields = nullptr;      // the caller's own; what may not pass is left out (request_head.h)
  std::span<const std::string_view> body;    // all of it, or
  http::BodySource* body_source = nullptr;   // a body that is pulled,
  std::optional<std::uint64_t> body_length;  // of this length, or of one not known beforehand
  bool inspected = false;                    // the answer will be read: ask for it unencoded
  // Complete field lines that ask for another protocol, connection and upgrade among them: 101 is then an answer.
  std::string_view upgrade{};
  // How the provider is spoken to (plan.h). Null: in its main dialect, with the caller's own words.
  const Plan* plan = nullptr;
};

// A provider's answer: its head at once, its body when pulled. Destroying it early stops the provider's work.
class UpstreamAnswer : public http::BodySource {
 public:
  virtual const http::ResponseHead& head() const = 0;
  // After 101, which comes only where UpstreamRequest::upgrade asked for it: the connection, in place of a body.
  virtual http::Duplex* duplex() { return nullptr; }
};

// A provider as it is reached from one worker: over HTTP, or in-process. Owned by the worker's runtime, one loop.
class Upstream {
 public:
  virtual ~Upstream() = default;
  // Errors: the upstream_* codes (upstream_credentials: there is no valid token at the moment), overloaded (all
  // connections are in use), unsupported (a pulled body where the whole has to be signed), or the abort's own.
  virtual Task<Result<std::unique_ptr<UpstreamAnswer>>> send(UpstreamRequest request, async::AbortSource& abort) = 0;
};

}  // namespace gatehouse::providers
