#pragma once

#include "gatehouse/app/webhook_sender.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/pipeline/governance.h"

namespace gatehouse::app {

// Tells the operator's webhook of limits that were reached. Any thread; the sender outlives it.
class LimitEvents final : public pipeline::GovernanceEvents {
 public:
  LimitEvents(WebhookSender& sender, const base::Clock& clock) : sender_(sender), clock_(clock) {}
  void limit_reached(const pipeline::Exchange& exchange, const govern::LimitRef& limit, bool refused) override;

 private:
  WebhookSender& sender_;
  const base::Clock& clock_;
};

}  // namespace gatehouse::app
