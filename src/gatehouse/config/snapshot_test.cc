#include "gatehouse/config/snapshot.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/config/report.h"
#include "gatehouse/config/units.h"

namespace gatehouse::config {
namespace {

Model model(std::string name) {
  Model result;
  result.name = std::move(name);
  result.targets.push_back({});
  return result;
}

TEST(Index, ExactBeforeWildcardAndLongestFirst) {
  Snapshot snapshot;
  snapshot.models = {model("*"), model("openai/*"), model("openai/gpt-*"), model("openai/gpt-5"), model("a")};
  snapshot.index = Index(snapshot.models);
  const auto find = [&](std::string_view name) { return snapshot.find_model(name).model - snapshot.models.data(); };
  EXPECT_EQ(find("openai/gpt-5"), 3);
  EXPECT_EQ(find("openai/gpt-4"), 2);
  EXPECT_EQ(find("openai/gpt"), 1);
  EXPECT_EQ(find("openai/"), 1);
  EXPECT_EQ(find("a"), 4);
  EXPECT_EQ(find("ab"), 0);
  EXPECT_EQ(find(""), 0);
  EXPECT_EQ(snapshot.find_model("openai/gpt-4").matched, "4");
  EXPECT_EQ(snapshot.find_model("openai/gpt-5").matched, "");
  EXPECT_EQ(snapshot.find_model("zz").matched, "zz");
}

TEST(Index, UnknownIsNothing) {
  Snapshot snapshot;
  EXPECT_FALSE(snapshot.find_model("a"));
  snapshot.models = {model("abc"), model("ab/*")};
  snapshot.index = Index(snapshot.models);
  EXPECT_FALSE(snapshot.find_model("ab"));
  EXPECT_FALSE(snapshot.find_model("abcd"));
  EXPECT_FALSE(snapshot.find_model(""));
}

TEST(Target, TheMatchedPartGoesOn) {
  Target target;
  target.model = "ft:*:x";
  EXPECT_EQ(target.resolve("gpt"), "ft:gpt:x");
  target.model = "fixed";
  EXPECT_EQ(target.resolve("gpt"), "fixed");
}

TEST(BaseUrl, Parts) {
  const auto url = parse_base_url("HTTPS://API.Example.com:8443/openai/v1/").value();
  EXPECT_TRUE(url.tls);
  EXPECT_EQ(url.host, "api.example.com");
  EXPECT_EQ(url.port, 8443);
  EXPECT_EQ(url.path, "/openai/v1");
  EXPECT_EQ(url.authority(), "api.example.com:8443");
  EXPECT_EQ(url.to_string(), "https://api.example.com:8443/openai/v1");
}

TEST(BaseUrl, Forms) {
  const auto shown = [](std::string_view text) {
    const auto url = parse_base_url(text);
    return url ? url->to_string() : url.error().detail;
  };
  EXPECT_EQ(shown("http://h"), "http://h");
  EXPECT_EQ(shown("http://h:80/"), "http://h");
  EXPECT_EQ(shown("https://h:80"), "https://h:80");
  EXPECT_EQ(shown("http://[0:0::1]:8080/v1"), "http://[::1]:8080/v1");
  EXPECT_EQ(shown("http://10.0.0.1/a%20b"), "http://10.0.0.1/a%20b");
  EXPECT_EQ(shown("http://my_host-1.svc.local"), "http://my_host-1.svc.local");
  EXPECT_TRUE(parse_base_url("http://localhost:1").value().is_loopback());
  EXPECT_TRUE(parse_base_url("http://[::1]").value().is_loopback());
  EXPECT_FALSE(parse_base_url("http://localhost.example.com").value().is_loopback());
}

TEST(BaseUrl, Refused) {
  for (const auto* text : {"",
                           "h",
                           "//h",
                           "http:/h",
                           "http://",
                           "http:///v1",
                           "ftp://h",
                           "http://h?x",
                           "http://h#x",
                           "http://h/v1?x=1",
                           "http://u@h",
                           "http://u:p@h/",
                           "http://h:0",
                           "http://h:65536",
                           "http://h:",
                           "http://h:80x",
                           "http://a b",
                           "http://h/a b",
                           "http://h/%zz",
                           "http://h/%2",
                           "http://h//v1",
                           "http://h/../v1",
                           "http://h/./v1",
                           "http://h/v1//",
                           "http://::1",
                           "http://[::1",
                           "http://[1.2.3.4]",
                           "http://[::1]x",
                           "http://-a",
                           "http://a..b",
                           "http://1.2.3",
                           "http://0x7f.1",
                           "http://999.1.1.1",
                           "http://h\\x",
                           "http://h\n",
                           "http://b\xc3\xbc"
                           "cher.example"}) {
    EXPECT_FALSE(parse_base_url(text)) << text;
  }
}

TEST(Units, Sizes) {
  EXPECT_EQ(parse_size("64KiB").value(), 65536u);
  EXPECT_EQ(parse_size("2GiB").value(), 2ULL << 30);
  for (const auto* text : {"", "KiB", "64", "64 KiB", "64kib", "1.5MiB", "-1KiB", "99999999999GiB", "64KiBx"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
  EXPECT_EQ(format_size(0), "0");
  EXPECT_EQ(format_size(1000), "1000");
  EXPECT_EQ(format_size(32ULL << 20), "32MiB");
}

TEST(Units, Durations) {
  using namespace std::chrono_literals;
  EXPECT_EQ(parse_duration("250ms").value(), 250ms);
  EXPECT_EQ(parse_duration("0s").value(), 0ms);
  EXPECT_EQ(parse_duration("5m").value(), 5min);
  EXPECT_EQ(parse_duration("1h").value(), 1h);
  for (const auto* text : {"", "s", "10", "1.5s", "-1s", "1h30m", "10 s", "99999999999999999h", "1S", "1us"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
  EXPECT_EQ(format_duration(0ms), "0s");
  EXPECT_EQ(format_duration(250ms), "250ms");
  EXPECT_EQ(format_duration(90s), "90s");
  EXPECT_EQ(format_duration(24h), "24h");
}

TEST(Units, Times) {
  using namespace std::chrono_literals;
  const base::WallTime day(std::chrono::sys_days{std::chrono::year{2027} / 1 / 31});
  EXPECT_EQ(parse_time("2027-01-31").value(), day);
  EXPECT_EQ(parse_time("2027-01-31T12:30:15Z").value(), day + 12h + 30min + 15s);
  EXPECT_EQ(parse_time("2027-01-31t12:30:15.25+02:00").value(), day + 10h + 30min + 15s + 250ms);
  EXPECT_EQ(parse_time("2027-01-31 00:00:00-01:30").value(), day + 1h + 30min);
  for (const auto* text :
       {"", "2027", "2027-1-31", "2027-02-29", "2027-13-01", "2027-01-31T12:30Z", "2027-01-31T12:30:15",
        "2027-01-31T24:00:00Z", "2027-01-31T12:60:00Z", "2027-01-31T12:00:61Z", "2027-01-31T12:00:00.Z",
        "2027-01-31T12:00:00Zx", "2027-01-31T12:00:00+0200", "1969-12-31", "2201-01-01", "2027-01-31T"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(Report, NearestName) {
  const std::vector<std::string_view> known{"targets", "strategy", "name"};
  EXPECT_EQ(nearest("tragets", known), "targets");
  EXPECT_EQ(nearest("Targets", known), "targets");
  EXPECT_EQ(nearest("nme", known), "name");
  EXPECT_EQ(nearest("xyz", known), "");
  EXPECT_EQ(nearest("", known), "");
  EXPECT_EQ(nearest(std::string(1000, 't'), known), "");
}

TEST(Report, BackticksHoldOneLineOfAscii) {
  EXPECT_EQ(in_backticks("a\nb\x1b[31m`\xc3\xa9"), "`a?b?[31m???`");
  EXPECT_EQ(in_backticks(std::string(100, 'x')), "`" + std::string(60, 'x') + "...`");
}

}  // namespace
}  // namespace gatehouse::config
