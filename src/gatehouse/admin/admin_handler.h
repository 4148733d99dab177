#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "gatehouse/admin/api/api.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/http/server.h"
#include "gatehouse/observe/metrics.h"

namespace gatehouse::admin {

// Answers on the admin port: probes and metrics for everybody, the admin API for who has an admin key. One loop, the
// directory's control thread; what it is given outlives it. `ready` may be written by any thread. `api` null: there is
// none. `lacking`: what the process goes on without, one line, on the loop's thread; empty, as a rule.
class AdminHandler final : public http::Handler {
 public:
  AdminHandler(const observe::Registry& metrics, const std::atomic<bool>& ready, const base::Clock& clock,
               Api* api = nullptr, std::function<std::string()> lacking = {})
      : metrics_(metrics), ready_(ready), clock_(clock), api_(api), lacking_(std::move(lacking)) {}

  Task<void> handle(http::Incoming& incoming) override;
  std::string refuse_malformed(const Error& error, int status, const net::Endpoint& client,
                               std::string_view begun) override;
  std::string_view date() override { return date_.at(clock_.wall()); }

 private:
  struct Page {
    int status;
    std::string_view type;
    std::string body;
  };
  Page page_for(const http::RequestHead& head) const;
  Task<void> handle_api(http::Incoming& incoming);

  const observe::Registry& metrics_;
  const std::atomic<bool>& ready_;
  const base::Clock& clock_;
  Api* const api_;
  const std::function<std::string()> lacking_;
  http::DateCache date_;
};

}  // namespace gatehouse::admin
