#include "gatehouse/http/head_writer.h"

#include <chrono>
#include <cstring>

#include <fmt/format.h>

#include "gatehouse/base/strings.h"
#include "gatehouse/http/head.h"

namespace gatehouse::http {

void replace_field(std::string& fields, std::string_view name, std::string_view value) {
  for (std::size_t at = 0; at < fields.size();) {
    const std::size_t end = fields.find("\r\n", at);
    if (end == std::string::npos) break;
    const std::string_view line = std::string_view(fields).substr(at, end - at);
    if (const auto colon = line.find(':');
        colon != std::string_view::npos && base::equals_ignore_case(line.substr(0, colon), name)) {
      fields.replace(at + colon + 1, end - at - colon - 1, " " + std::string(value));
      return;
    }
    at = end + 2;
  }
  append_field(fields, name, value);
}

void append_status_line(std::string& out, int status) {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(status));
  out.append(" ").append(status_reason(status)).append("\r\n");
}

std::string_view DateCache::at(base::WallTime now) {
  using namespace std::chrono;
  const auto whole = floor<seconds>(now);
  if (whole.time_since_epoch().count() != second_) {
    second_ = whole.time_since_epoch().count();
    static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto days = floor<std::chrono::days>(whole);
    const year_month_day date(days);
    const hh_mm_ss time(whole - days);
    const auto text = fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[weekday(days).c_encoding()],
                                  static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                                  static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                                  time.seconds().count());
    std::memcpy(text_, text.data(), sizeof(text_));
  }
  return {text_, sizeof(text_)};
}

}  // namespace gatehouse::http
