#pragma once

#include <memory>
#include <string>

#include "gatehouse/app/outbound.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/base/ids.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/govern/webhook/event.h"
#include "gatehouse/govern/webhook/outbox.h"
#include "gatehouse/observe/log.h"

namespace gatehouse::app {

// Sends events to the operator's receiver: signed, in order, one at a time, tried again. Owned by Server, on its loop's
// thread; `send` may be called by any thread (never blocks, drops when full). Without a url it drops everything without
// counting. What it was given outlives it.
class WebhookSender {
 public:
  struct Options {
    std::string url;                                     // https, or http to loopback; empty: nobody listens
    base::Secret secret;                                 // of the signature; empty: none is sent
    base::Duration deadline = std::chrono::seconds(10);  // of one try
  };
  WebhookSender(Outbound& outbound, observe::Log& log, const base::Clock& clock);
  ~WebhookSender();
  WebhookSender(const WebhookSender&) = delete;
  WebhookSender& operator=(const WebhookSender&) = delete;

  // At start and on reload. What waits is kept and goes to the new receiver. Code::configuration.
  Result<> configure(Options options);
  // Once a second (or more often, when events should go out sooner).
  void tick(base::SteadyTime now);

  // Any thread. The body as govern::webhook::to_json made it, with an id of new_event_id.
  void send(std::string body);
  // Any thread. "evt_" and 32 hexadecimal digits.
  static std::string new_event_id();
  govern::webhook::Outbox::Counts counts() const;

 private:
  struct State;
  static Task<void> post(std::shared_ptr<State> state, govern::webhook::Outbox::Message message,
                         http::FetchRequest request);
  // Outlives the sender while a request is under way.
  std::shared_ptr<State> state_;
};

}  // namespace gatehouse::app
