#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/async/event.h"
#include "gatehouse/async/task_scope.h"
#include "gatehouse/http/duplex.h"
#include "gatehouse/http/websocket.h"
#include "gatehouse/pipeline/stage.h"
#include "gatehouse/providers/upstream.h"
#include "gatehouse/stages/realtime/client_events.h"
#include "gatehouse/stages/realtime/server_events.h"

namespace gatehouse::stages {

// A realtime session between a client and a provider: passes messages both ways, one at a time each way, so that a slow
// side slows the other; counts what the provider tells of usage and ends where it can no longer be paid for; shows what
// is said to policy, where one holds. Ends when either side closes or leaves, when its key is switched off or runs out,
// when nothing is said for `timeouts.request`, after kLongest, and when the gateway stops. One loop's thread.
class RealtimeSession final : public pipeline::Session {
 public:
  // The provider has agreed: `upstream` is its 101. `key` and `protocol` are of the client's handshake.
  RealtimeSession(pipeline::Exchange& exchange, std::unique_ptr<providers::UpstreamAnswer> upstream, std::string key,
                  std::string protocol);

  Task<void> run(pipeline::Exchange& exchange) override;

  static constexpr base::Duration kLongest = std::chrono::hours(2);
  static constexpr std::size_t kMostMessage = std::size_t{16} << 20;  // bytes, either way

 private:
  // One side of it: its connection, and what it sends and is sent.
  class Side {
   public:
    Side(async::Loop& loop, http::WebSocketSide sends) : reader(sends, kMostMessage), masks_(sends), free_(loop) {}
    http::Duplex* duplex = nullptr;
    http::WebSocketReader reader;
    bool done = false;  // nothing more is read from it

    // Frames go whole and one after the other; nothing follows a close. False: the connection is broken.
    Task<bool> send(http::WebSocketOpcode opcode, std::string_view payload);
    Task<bool> close(std::uint16_t code, std::string_view reason);
    bool closed() const { return closed_; }

   private:
    Task<bool> write(std::string frame, bool closes);
    http::WebSocketMask mask() const;

    http::WebSocketSide masks_;  // a server's frames are answered with masked ones
    async::Event free_;
    bool busy_ = false;
    bool closed_ = false;
  };

  Task<void> from_client();
  Task<void> from_server();
  Task<void> watch();
  Task<void> on_client_text(std::string_view text);
  Task<void> on_server_text(std::string_view text);
  Task<void> tell_blocked(std::vector<ServerEvents::Blocked> blocked);
  Task<void> tell_error(Error error, std::string_view event_id);
  // Ends the session for a reason of the gateway's.
  Task<void> end(Error error, std::uint16_t code);
  Task<void> give(std::vector<std::string> events);
  bool meter(std::string_view event);
  std::optional<Error> why_end() const;
  void heard() { last_heard_ = async::Loop::now(); }

  pipeline::Exchange& exchange_;
  std::unique_ptr<providers::UpstreamAnswer> upstream_;
  std::string key_;
  std::string protocol_;
  Side client_;
  Side server_;
  ClientEvents client_events_;
  std::optional<ServerEvents> server_events_;  // nothing: no policy looks at answers
  async::AbortSource over_;                    // ends the watch
  async::TaskScope scope_;
  base::SteadyTime last_heard_{};
  base::SteadyTime end_by_{};  // once it is ending
  bool ending_ = false;
  std::uint64_t told_ = 0;  // events of our own
};

}  // namespace gatehouse::stages
