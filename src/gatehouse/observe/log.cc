#include "gatehouse/observe/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <mutex>

#include "gatehouse/observe/json_text.h"

namespace gatehouse::observe {
namespace {

// Long enough for any message of ours; a text from outside is cut there.
constexpr std::size_t kMaxText = 4096;

constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l",%v})";
constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";

class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FunctionSink(Log::Sink to) : sink_(std::move(to)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    sink_({line.data(), line.size()});
  }
  void flush_() override {}

  Log::Sink sink_;
};

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

bool is_bare_word(std::string_view text) {
  constexpr std::string_view kMarks = "._:/@+-";
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!plain && kMarks.find(c) == std::string_view::npos) return false;
  }
  return !text.empty();
}

void append_value(std::string& out, const LogValue::Value& value, LogFormat format) {
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    if (format == LogFormat::text && text->size() <= kMaxText && is_bare_word(*text)) {
      out += *text;
    } else {
      append_json_string(out, *text, kMaxText);
    }
  } else if (const auto* truth = std::get_if<bool>(&value)) {
    out += *truth ? "true" : "false";
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    append_number(out, *number);
  } else if (const auto* natural = std::get_if<std::uint64_t>(&value)) {
    append_number(out, *natural);
  } else if (const double real = std::get<double>(value); std::isfinite(real)) {
    std::array<char, 40> digits;
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), real).ptr);
  } else {
    out += "null";
  }
}

void append_field(std::string& out, std::string_view name, const LogValue::Value& value, LogFormat format) {
  if (format == LogFormat::json) {
    out += ',';
    append_json_string(out, name);
    out += ':';
  } else {
    out += ' ';
    out += name;
    out += '=';
  }
  append_value(out, value, format);
}

}  // namespace

struct Log::Impl {
  Impl(Options options, spdlog::sink_ptr sink) : format(options.format), logger("gatehouse", std::move(sink)) {
    logger.set_formatter(std::make_unique<spdlog::pattern_formatter>(
        format == LogFormat::json ? kJsonPattern : kTextPattern, spdlog::pattern_time_type::utc, "\n"));
    logger.set_level(to_spdlog(options.level));
    logger.flush_on(spdlog::level::debug);
  }

  const LogFormat format;
  spdlog::logger logger;
};

Log::Log(Options options) : impl_(std::make_unique<Impl>(options, std::make_shared<spdlog::sinks::stderr_sink_mt>())) {}
Log::Log(Options options, Sink sink)
    : impl_(std::make_unique<Impl>(options, std::make_shared<FunctionSink>(std::move(sink)))) {}
Log::~Log() = default;

bool Log::enabled(LogLevel level) const { return impl_->logger.should_log(to_spdlog(level)); }
void Log::set_level(LogLevel level) { impl_->logger.set_level(to_spdlog(level)); }
void Log::write(LogLevel level, std::string_view event, LogFields fields) { write(level, event, fields, 0); }

void Log::write(LogLevel level, std::string_view event, LogFields fields, std::uint64_t suppressed) {
  if (!enabled(level)) return;
  std::string line;
  if (impl_->format == LogFormat::json) line += R"("event":)";
  append_value(line, event, impl_->format);
  for (const auto& [name, value] : fields) append_field(line, name, value.value(), impl_->format);
  if (suppressed > 0) append_field(line, "suppressed", suppressed, impl_->format);
  impl_->logger.log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

LimitedLog::LimitedLog(Log& log, unsigned per_second) : log_(log), per_second_(per_second) {}

LimitedLog::Event& LimitedLog::find(base::SteadyTime now, std::string_view name) {
  for (Event& event : events_) {
    if (event.name == name) return event;
  }
  events_.push_back({.name = std::string(name), .since = now});
  return events_.back();
}

void LimitedLog::warn(base::SteadyTime now, std::string_view event, LogFields fields) {
  Event& known = find(now, event);
  if (now - known.since >= std::chrono::seconds(1)) {
    known.since = now;
    known.written = 0;
  }
  if (known.written >= per_second_) {
    ++known.suppressed;
    return;
  }
  ++known.written;
  log_.write(LogLevel::warn, event, fields, std::exchange(known.suppressed, 0));
}

void LimitedLog::flush(base::SteadyTime now) {
  for (Event& event : events_) {
    if (event.suppressed == 0 || now - event.since < std::chrono::seconds(1)) continue;
    log_.write(LogLevel::warn, event.name, {}, std::exchange(event.suppressed, 0));
  }
}

}  // namespace gatehouse::observe
