#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/secret.h"

namespace gatehouse::observe {

// A value of a log field: text, a number or a truth value. Text is borrowed for the call. There is no way to make one
// of a Secret.
class LogValue {
 public:
  LogValue(std::string_view value) : value_(value) {}                      // NOLINT(google-explicit-constructor)
  LogValue(const std::string& value) : value_(std::string_view(value)) {}  // NOLINT(google-explicit-constructor)
  LogValue(const char* value) : value_(std::string_view(value)) {}         // NOLINT(google-explicit-constructor)
  template <std::same_as<bool> T>            // a template, so that no pointer becomes a truth value
  LogValue(T value) : value_(value) {}       // NOLINT(google-explicit-constructor)
  LogValue(double value) : value_(value) {}  // NOLINT(google-explicit-constructor)
  template <std::signed_integral T>
  LogValue(T value) : value_(static_cast<std::int64_t>(value)) {}  // NOLINT(google-explicit-constructor)
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  LogValue(T value) : value_(static_cast<std::uint64_t>(value)) {}  // NOLINT(google-explicit-constructor)
  LogValue(const base::Secret&) = delete;

  using Value = std::variant<std::string_view, bool, std::int64_t, std::uint64_t, double>;
  const Value& value() const { return value_; }

 private:
  Value value_;
};

using LogField = std::pair<std::string_view, LogValue>;
using LogFields = std::initializer_list<LogField>;

enum class LogLevel : std::uint8_t { debug, info, warn, error };
enum class LogFormat : std::uint8_t { json, text };

// The operator's log: events with a stable name and fields, one line each, on standard error. Passed in, not global.
// Any thread may write (a lock is taken: not for the request path; that has access records). Text is escaped, so that
// nothing from outside can forge a line.
class Log {
 public:
  struct Options {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::json;
  };
  // Takes whole lines with their line feed, one call at a time.
  using Sink = std::function<void(std::string_view line)>;

  explicit Log(Options options);
  Log(Options options, Sink sink);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // `event` is a stable name in snake_case; the field names too. Names must be literals of ours, not text from outside.
  void debug(std::string_view event, LogFields fields = {}) { write(LogLevel::debug, event, fields); }
  void info(std::string_view event, LogFields fields = {}) { write(LogLevel::info, event, fields); }
  void warn(std::string_view event, LogFields fields = {}) { write(LogLevel::warn, event, fields); }
  void error(std::string_view event, LogFields fields = {}) { write(LogLevel::error, event, fields); }
  void write(LogLevel level, std::string_view event, LogFields fields = {});
  bool enabled(LogLevel level) const;
  void set_level(LogLevel level);

 private:
  friend class LimitedLog;
  void write(LogLevel level, std::string_view event, LogFields fields, std::uint64_t suppressed);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Keeps a storm of the same warning from drowning the log: each event is written at most `per_second` times a second;
// the rest is counted and the count joins the event's next line, or goes out alone with `flush`. One per worker, not
// thread-safe, so that a suppressed warning costs no lock. The log must outlive it.
class LimitedLog {
 public:
  LimitedLog(Log& log, unsigned per_second);
  void warn(base::SteadyTime now, std::string_view event, LogFields fields = {});
  // For the worker's tick: writes the counts of events whose second is over.
  void flush(base::SteadyTime now);

 private:
  struct Event {
    std::string name;
    base::SteadyTime since;
    unsigned written = 0;
    std::uint64_t suppressed = 0;
  };
  Event& find(base::SteadyTime now, std::string_view name);

  Log& log_;
  unsigned per_second_;
  std::vector<Event> events_;  // as many as there are event names, a handful
};

}  // namespace gatehouse::observe
