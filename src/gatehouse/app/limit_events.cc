#include "gatehouse/app/limit_events.h"

#include "gatehouse/govern/webhook/event.h"

namespace gatehouse::app {

void LimitEvents::limit_reached(const pipeline::Exchange&, const govern::LimitRef& ref, bool refused) {
  govern::webhook::LimitEvent event;
  event.hard = refused;
  event.limit = ref.limit->id;
  event.node_kind = govern::name(ref.kind);
  if (ref.node != nullptr) event.node = ref.node->id;
  event.resource = ref.limit->resource;
  event.period = ref.limit->window.period;
  event.amount = ref.limit->amount;
  event.used = ref.used;
  sender_.send(govern::webhook::to_json(event, WebhookSender::new_event_id(), clock_.wall()));
}

}  // namespace gatehouse::app
