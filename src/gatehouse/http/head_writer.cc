#include "gatehouse/http/head_writer.h"

#include <chrono>
#include <cstring>

#include <fmt/format.h>

#include "gatehouse/http/head.h"

namespace gatehouse::http {

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
