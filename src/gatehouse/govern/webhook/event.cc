#include "gatehouse/govern/webhook/event.h"

#include <array>
#include <chrono>
#include <cstdio>

#include "gatehouse/crypto/encoding.h"
#include "gatehouse/crypto/hmac.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::govern::webhook {
namespace {

constexpr std::array<std::string_view, 9> kNames{"limit.soft",      "limit.hard",    "anomaly.raised",
                                                 "anomaly.cleared", "key.created",   "key.rotated",
                                                 "key.blocked",     "key.unblocked", "key.revoked"};

// RFC 3339 in UTC, to the millisecond.
std::string rfc3339(base::WallTime time) {
  const auto since = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(since);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(since - day);
  std::array<char, 80> text{};
  const int size =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                    static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                    static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

json::Writer& begin(json::Writer& writer, EventType type, std::string_view id, base::WallTime time) {
  writer.begin_object().key("id").string(id).key("type").string(name(type));
  return writer.key("time").string(rfc3339(time)).key("data").begin_object();
}

void amount(json::Writer& writer, std::string_view key, Resource resource, std::int64_t value) {
  writer.key(key);
  if (resource == Resource::usd) {
    writer.number(static_cast<double>(value) / 1e9);
  } else {
    writer.integer(value);
  }
}

}  // namespace

std::string_view name(EventType type) { return kNames.at(static_cast<std::size_t>(type)); }

std::string to_json(const LimitEvent& event, std::string_view id, base::WallTime time) {
  std::string out;
  json::Writer writer(out);
  begin(writer, event.hard ? EventType::limit_hard : EventType::limit_soft, id, time);
  writer.key("limit").string(event.limit).key("node_kind").string(event.node_kind).key("node").string(event.node);
  writer.key("resource").string(name(event.resource)).key("window").string(name(event.period));
  amount(writer, "used", event.resource, event.used);
  amount(writer, "amount", event.resource, event.amount);
  writer.end_object().end_object();
  return out;
}

std::string to_json(const anomaly::Alert& alert, std::string_view id, base::WallTime time) {
  std::string out;
  json::Writer writer(out);
  begin(writer, alert.over ? EventType::anomaly_cleared : EventType::anomaly_raised, id, time);
  // Nanodollars are ours; outside it is dollars.
  const double unit = alert.signal == anomaly::Signal::spend ? 1e-9 : 1;
  writer.key("principal").string(alert.principal).key("signal").string(anomaly::name(alert.signal));
  writer.key("observed_per_minute").number(alert.observed * unit);
  writer.key("expected_per_minute").number(alert.expected * unit);
  writer.key("score").number(alert.score).key("since").string(rfc3339(alert.since));
  writer.key("throttled").boolean(alert.throttle).end_object().end_object();
  return out;
}

std::string to_json(const KeyEvent& event, std::string_view id, base::WallTime time) {
  std::string out;
  json::Writer writer(out);
  begin(writer, event.type, id, time);
  writer.key("key_id").string(event.key_id).key("key_name").string(event.key_name);
  writer.key("team").string(event.team).key("actor").string(event.actor).end_object().end_object();
  return out;
}

std::string sign(const base::Secret& secret, std::string_view body, base::WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
  const std::string at = std::to_string(seconds);
  crypto::HmacSha256 hash(secret.reveal());
  return "t=" + at + ",v1=" + crypto::to_hex(hash(at + '.' + std::string(body)));
}

}  // namespace gatehouse::govern::webhook
