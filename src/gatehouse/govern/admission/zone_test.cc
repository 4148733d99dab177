#include "gatehouse/govern/admission/zone.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "gatehouse/govern/admission/testing.h"

namespace gatehouse::govern {
namespace {

using testing::utc;
using namespace std::chrono_literals;

Span around(const std::string& zone, Period period, base::WallTime time) {
  return Zone::load(zone)->around(period, time);
}

TEST(Zone, CalendarOfUtc) {
  const base::WallTime time = utc(2026, 11, 21, 13, 14, 15) + 678ms;  // a Saturday
  EXPECT_EQ(around("", Period::minute, time), (Span{utc(2026, 11, 21, 13, 14), utc(2026, 11, 21, 13, 15)}));
  EXPECT_EQ(around("", Period::hour, time), (Span{utc(2026, 11, 21, 13), utc(2026, 11, 21, 14)}));
  EXPECT_EQ(around("UTC", Period::day, time), (Span{utc(2026, 11, 21), utc(2026, 11, 22)}));
  EXPECT_EQ(around("", Period::week, time), (Span{utc(2026, 11, 16), utc(2026, 11, 23)}));
  EXPECT_EQ(around("", Period::month, time), (Span{utc(2026, 11, 1), utc(2026, 12, 1)}));
  EXPECT_EQ(around("", Period::lifetime, time), (Span{base::WallTime::min(), base::WallTime::max()}));
}

TEST(Zone, TheEdgeBelongsToWhatBegins) {
  EXPECT_EQ(around("", Period::day, utc(2026, 11, 22)).start, utc(2026, 11, 22));
  EXPECT_EQ(around("", Period::day, utc(2026, 11, 22) - 1ns).start, utc(2026, 11, 21));
  EXPECT_EQ(around("", Period::week, utc(2026, 11, 16)).start, utc(2026, 11, 16));
  EXPECT_EQ(around("", Period::week, utc(2026, 11, 16) - 1ns).start, utc(2026, 11, 9));
}

TEST(Zone, MonthsOfAllLengths) {
  EXPECT_EQ(around("", Period::month, utc(2028, 2, 29, 23, 59, 59)), (Span{utc(2028, 2, 1), utc(2028, 3, 1)}));
  EXPECT_EQ(around("", Period::month, utc(2026, 2, 28, 23)), (Span{utc(2026, 2, 1), utc(2026, 3, 1)}));
  EXPECT_EQ(around("", Period::month, utc(2026, 12, 31, 23)), (Span{utc(2026, 12, 1), utc(2027, 1, 1)}));
  EXPECT_EQ(around("Asia/Kolkata", Period::month, utc(2026, 1, 31, 18, 30)),
            (Span{utc(2026, 1, 31, 18, 30), utc(2026, 2, 28, 18, 30)}));
}

TEST(Zone, DaysOf23And25Hours) {
  const Span spring = around("Europe/Berlin", Period::day, utc(2026, 3, 29, 10));
  EXPECT_EQ(spring, (Span{utc(2026, 3, 28, 23), utc(2026, 3, 29, 22)}));
  EXPECT_EQ(spring.end - spring.start, 23h);
  const Span autumn = around("Europe/Berlin", Period::day, utc(2026, 10, 25, 10));
  EXPECT_EQ(autumn, (Span{utc(2026, 10, 24, 22), utc(2026, 10, 25, 23)}));
  EXPECT_EQ(autumn.end - autumn.start, 25h);
  EXPECT_EQ(around("Europe/Berlin", Period::week, utc(2026, 3, 29, 10)),
            (Span{utc(2026, 3, 22, 23), utc(2026, 3, 29, 22)}));
  EXPECT_EQ(around("America/New_York", Period::month, utc(2026, 3, 15)),
            (Span{utc(2026, 3, 1, 5), utc(2026, 4, 1, 4)}));
}

TEST(Zone, MidnightThatDoesNotExist) {
  // Chile goes from 23:59:59 to 01:00 on 6 September 2026 (04:00 UTC).
  const Span day = around("America/Santiago", Period::day, utc(2026, 9, 6, 12));
  EXPECT_EQ(day, (Span{utc(2026, 9, 6, 4), utc(2026, 9, 7, 3)}));
  EXPECT_EQ(around("America/Santiago", Period::day, utc(2026, 9, 6, 3, 59)).end, day.start);
}

TEST(Zone, MidnightThatExistsTwice) {
  // Cuba goes from 00:59:59 back to 00:00 on 1 November 2026 (05:00 UTC): the day begins with the first midnight.
  const Span day = around("America/Havana", Period::day, utc(2026, 11, 1, 12));
  EXPECT_EQ(day.start, utc(2026, 11, 1, 4));
  EXPECT_EQ(around("America/Havana", Period::day, utc(2026, 11, 1, 5, 30)), day);
  EXPECT_EQ(around("America/Havana", Period::day, utc(2026, 11, 1, 4, 30)), day);
}

TEST(Zone, ADayThatDoesNotExist) {
  // Samoa left out 30 December 2011.
  const Span day = around("Pacific/Apia", Period::day, utc(2011, 12, 30, 9, 59, 59));
  EXPECT_EQ(day.end, utc(2011, 12, 30, 10));
  EXPECT_EQ(around("Pacific/Apia", Period::day, utc(2011, 12, 30, 10)).start, utc(2011, 12, 30, 10));
}

// In every zone tried and over years: windows hold their time, touch, and do not overlap.
TEST(Zone, WindowsTileTime) {
  for (const char* name : {"", "Europe/Berlin", "America/Santiago", "America/Havana", "Australia/Lord_Howe",
                           "Asia/Kathmandu", "Africa/Cairo", "Asia/Beirut", "Pacific/Apia"}) {
    const Zone zone = *Zone::load(name);
    for (const Period period : {Period::minute, Period::hour, Period::day, Period::week, Period::month}) {
      Span before = zone.around(period, utc(2025, 12, 31));
      const base::WallTime last = period < Period::day ? utc(2026, 1, 3) : utc(2029, 1, 1);
      while (before.end < last) {
        const Span next = zone.around(period, before.end);
        ASSERT_EQ(next.start, before.end) << name << " " << govern::name(period);
        ASSERT_LT(next.start, next.end);
        ASSERT_EQ(zone.around(period, next.end - 1ns), next) << name;
        before = next;
      }
    }
  }
}

TEST(Zone, RefusesWhatIsNoZone) {
  for (const char* name :
       {"Mars/Olympus", "/etc/passwd", "../../etc/passwd", "file:/etc/localtime", "Europe/Berlin\n", " "}) {
    EXPECT_FALSE(Zone::load(name).has_value()) << name;
  }
  EXPECT_FALSE(Zone::load(std::string(1000, 'A')).has_value());
}

TEST(Zone, LocalTime) {
  const Zone::Local local = Zone::load("Asia/Kolkata")->local(utc(2026, 11, 22, 20));  // Monday 01:30 there
  EXPECT_EQ(local.weekday, 0);
  EXPECT_EQ(local.minute, 90);
}

}  // namespace
}  // namespace gatehouse::govern
