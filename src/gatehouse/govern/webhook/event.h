#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/govern/anomaly/signal.h"
#include "gatehouse/govern/limit.h"

// What an operator's own systems are told, and how it is signed. Pure.
namespace gatehouse::govern::webhook {

inline constexpr std::string_view kSignatureHeader = "x-gatehouse-signature";

// The names are part of the public surface.
enum class EventType : std::uint8_t {
  limit_soft,
  limit_hard,
  anomaly_raised,
  anomaly_cleared,
  key_created,
  key_rotated,
  key_blocked,
  key_unblocked,
  key_revoked
};
std::string_view name(EventType type);  // "limit.soft", "anomaly.raised", "key.created" ...

// A limit was reached softly or altogether.
struct LimitEvent {
  bool hard = false;
  std::string_view limit;  // its id
  std::string_view node_kind, node;
  Resource resource{};
  Period period{};
  std::int64_t used = 0;  // of usd in nanodollars; written in dollars
  std::int64_t amount = 0;
};

struct KeyEvent {
  EventType type = EventType::key_created;
  std::string_view key_id, key_name, team, actor;  // never the key
};

// The event as the body that is sent: {"id","type","time","data":{...}}. `id` is unique and stays over retries, so that
// a receiver can drop what it has had.
std::string to_json(const LimitEvent& event, std::string_view id, base::WallTime time);
std::string to_json(const anomaly::Alert& alert, std::string_view id, base::WallTime time);
std::string to_json(const KeyEvent& event, std::string_view id, base::WallTime time);

// The value of kSignatureHeader: "t=UNIX_SECONDS,v1=HEX", HEX being HMAC-SHA256 under the shared secret of the seconds
// as decimal digits, a dot, and the body's bytes. A receiver refuses old `t`, so a message cannot be sent again later.
std::string sign(const base::Secret& secret, std::string_view body, base::WallTime time);

}  // namespace gatehouse::govern::webhook
