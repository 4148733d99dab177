#include "gatehouse/observe/metrics.h"

#include <atomic>
#include <barrier>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::observe {
namespace {

// A reader of the text format 0.0.4, written from its description. Every line must be understood; every sample must
// stand in its family's group, and no series may come twice.
class Exposition {
 public:
  explicit Exposition(const std::string& text) {
    EXPECT_TRUE(text.empty() || text.back() == '\n');
    std::size_t at = 0;
    while (at < text.size()) {
      const std::size_t end = text.find('\n', at);
      if (end == std::string::npos) break;
      line(text.substr(at, end - at));
      at = end + 1;
    }
  }

  bool has(const std::string& series) const { return samples_.contains(series); }
  double at(const std::string& series) const {
    const auto found = samples_.find(series);
    EXPECT_NE(found, samples_.end()) << series;
    return found == samples_.end() ? std::nan("") : found->second;
  }
  std::size_t count(const std::string& prefix) const {
    std::size_t n = 0;
    for (const auto& [series, value] : samples_) n += series.starts_with(prefix) ? 1 : 0;
    return n;
  }
  const std::map<std::string, std::string>& types() const { return types_; }
  const std::map<std::string, std::string>& help() const { return help_; }

 private:
  static std::size_t name_end(const std::string& text, std::size_t at) {
    while (at < text.size() && (std::isalnum(static_cast<unsigned char>(text[at])) != 0 || text[at] == '_')) ++at;
    return at;
  }

  void line(const std::string& text) {
    if (text.starts_with("# ")) {
      const std::size_t space = text.find(' ', 7);
      ASSERT_NE(space, std::string::npos) << text;
      const std::string name = text.substr(7, space - 7);
      if (text.starts_with("# HELP ")) {
        EXPECT_TRUE(help_.emplace(name, text.substr(space + 1)).second) << text;
      } else {
        ASSERT_TRUE(text.starts_with("# TYPE ")) << text;
        EXPECT_TRUE(types_.emplace(name, text.substr(space + 1)).second) << text;
        family_ = name;
      }
      return;
    }
    std::size_t at = name_end(text, 0);
    ASSERT_GT(at, 0U) << text;
    const std::string name = text.substr(0, at);
    const bool histogram = types_[family_] == "histogram";
    EXPECT_TRUE((!histogram && name == family_) ||
                (histogram && (name == family_ + "_bucket" || name == family_ + "_sum" || name == family_ + "_count")))
        << text;
    std::string series = name;
    if (at < text.size() && text[at] == '{') {
      char separator = '{';
      std::set<std::string> seen;
      while (text[at] == separator) {
        const std::size_t end = name_end(text, at + 1);
        const std::string label = text.substr(at + 1, end - at - 1);
        EXPECT_TRUE(!label.empty() && seen.insert(label).second) << text;
        ASSERT_EQ(text.substr(end, 2), "=\"") << text;
        std::string value;
        at = end + 2;
        while (at < text.size() && text[at] != '"') {
          if (text[at] == '\\') {
            ++at;
            ASSERT_LT(at, text.size()) << text;
            ASSERT_NE(std::string("\\\"n").find(text[at]), std::string::npos) << text;
            value += text[at] == 'n' ? '\n' : text[at];
          } else {
            value += text[at];
          }
          ++at;
        }
        ASSERT_LT(++at, text.size()) << text;
        series.append("|").append(label).append("=").append(value);
        separator = ',';
      }
      ASSERT_EQ(text[at], '}') << text;
      ++at;
    }
    ASSERT_TRUE(at < text.size() && text[at] == ' ') << text;
    char* end = nullptr;
    const double value = std::strtod(text.c_str() + at + 1, &end);
    EXPECT_EQ(*end, '\0') << text;
    EXPECT_TRUE(samples_.emplace(series, value).second) << "twice: " << text;
  }

  std::map<std::string, std::string> types_;
  std::map<std::string, std::string> help_;
  std::map<std::string, double> samples_;
  std::string family_;
};

Exposition scrape(const Registry& registry) {
  std::string out;
  registry.write_prometheus(out);
  return Exposition(out);
}

TEST(Metrics, TheWholeTextOfASmallRegistry) {
  Registry registry;
  const double bounds[] = {0.25, 1};
  const auto requests = registry.counter("requests_total", "All \\ of\nthem.", {"op", "status"});
  const auto open = registry.gauge("open", "Open.");
  const auto time = registry.histogram("time_seconds", "Time.", {"op"}, bounds);
  registry.sampled(Registry::Kind::gauge, "build_info", "Build.", [] { return 1.0; }, {{"version", "1\"2"}});
  Shard& shard = registry.make_shard();
  shard.counter(requests, {"chat", "200"}).add(3);
  shard.counter(requests, {"a\"b\\c\nd", ""}).add();
  shard.gauge(open).sub(2);
  Histogram histogram = shard.histogram(time, {"chat"});
  for (const double value : {0.1, 0.25, 0.26, 7.0}) histogram.observe(value);
  std::string out;
  registry.write_prometheus(out);
  EXPECT_EQ(out,
            "# HELP requests_total All \\\\ of\\nthem.\n"
            "# TYPE requests_total counter\n"
            "requests_total{op=\"chat\",status=\"200\"} 3\n"
            "requests_total{op=\"a\\\"b\\\\c\\nd\",status=\"\"} 1\n"
            "# HELP open Open.\n"
            "# TYPE open gauge\n"
            "open -2\n"
            "# HELP time_seconds Time.\n"
            "# TYPE time_seconds histogram\n"
            "time_seconds_bucket{op=\"chat\",le=\"0.25\"} 2\n"
            "time_seconds_bucket{op=\"chat\",le=\"1\"} 3\n"
            "time_seconds_bucket{op=\"chat\",le=\"+Inf\"} 4\n"
            "time_seconds_sum{op=\"chat\"} 7.61\n"
            "time_seconds_count{op=\"chat\"} 4\n"
            "# HELP build_info Build.\n"
            "# TYPE build_info gauge\n"
            "build_info{version=\"1\\\"2\"} 1\n"
            "# HELP gatehouse_metrics_series_dropped_total Counts that went to the series `other` because their metric "
            "had no room for more.\n"
            "# TYPE gatehouse_metrics_series_dropped_total counter\n"
            "gatehouse_metrics_series_dropped_total 0\n");
  const Exposition read(out);
  EXPECT_EQ(read.at("requests_total|op=a\"b\\c\nd|status="), 1);
}

TEST(Metrics, ShardsAddUp) {
  Registry registry;
  const auto requests = registry.counter("requests_total", "h", {"op"});
  const auto open = registry.gauge("open", "h");
  const auto time = registry.histogram("time_seconds", "h");
  Shard& a = registry.make_shard();
  Shard& b = registry.make_shard();
  a.counter(requests, {"chat"}).add(5);
  b.counter(requests, {"chat"}).add(7);
  b.counter(requests, {"embed"}).add(1);
  a.gauge(open).add(3);
  b.gauge(open).sub(1);
  a.histogram(time).observe(0.5);
  b.histogram(time).observe(0.25);
  const Exposition read = scrape(registry);
  EXPECT_EQ(read.at("requests_total|op=chat"), 12);
  EXPECT_EQ(read.at("requests_total|op=embed"), 1);
  EXPECT_EQ(read.at("open"), 2);
  EXPECT_EQ(read.at("time_seconds_count"), 2);
  EXPECT_EQ(read.at("time_seconds_sum"), 0.75);
  EXPECT_EQ(read.at("time_seconds_bucket|le=0.25"), 1);
  a.gauge(open).set(10);
  EXPECT_EQ(scrape(registry).at("open"), 9);
}

TEST(Metrics, HandlesAndLookupsAreTheSameSeries) {
  Registry registry;
  const auto requests = registry.counter("requests_total", "h", {"op"});
  Shard& shard = registry.make_shard();
  Counter kept = shard.counter(requests, {"chat"});
  for (int i = 0; i < 200; ++i) {
    shard.counter(requests, {"op" + std::to_string(i)}).add();
    kept.add();
  }
  shard.counter(requests, {std::string("ch") + "at"}).add(100);
  const Exposition read = scrape(registry);
  EXPECT_EQ(read.at("requests_total|op=chat"), 300);
  EXPECT_EQ(read.count("requests_total|"), 201U);
  EXPECT_EQ(read.at("requests_total|op=op77"), 1);
}

TEST(Metrics, HistogramsTakeAnyNumber) {
  Registry registry;
  const auto time = registry.histogram("time_seconds", "h");
  Shard& shard = registry.make_shard();
  Histogram histogram = shard.histogram(time);
  for (const double bound : seconds_buckets()) histogram.observe(bound);
  histogram.observe(-1);
  histogram.observe(0);
  histogram.observe(std::numeric_limits<double>::quiet_NaN());
  histogram.observe(1e9);
  const Exposition read = scrape(registry);
  // Each bound's own value is in its bucket, beside the two that are below all.
  double expected = 2;
  for (const char* bound :
       {"1e-04", "0.00025", "5e-04", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25",
        "0.5",   "1",       "2.5",   "5",     "10",     "30",    "60",   "120",   "300",  "600"}) {
    expected += 1;
    EXPECT_EQ(read.at(std::string("time_seconds_bucket|le=") + bound), expected);
  }
  EXPECT_EQ(read.at("time_seconds_bucket|le=+Inf"), expected + 1);
  EXPECT_EQ(read.at("time_seconds_count"), expected + 1);
}

TEST(Metrics, PastTheLimitSeriesAreOther) {
  Registry registry(10);
  const auto requests = registry.counter("requests_total", "h", {"op", "status"});
  Shard& a = registry.make_shard();
  Shard& b = registry.make_shard();
  for (int i = 0; i < 30; ++i) a.counter(requests, {"op" + std::to_string(i), "200"}).add();
  // What has a series keeps it, on every shard; what has none gets none later.
  b.counter(requests, {"op3", "200"}).add(5);
  b.counter(requests, {"op20", "200"}).add(5);
  const Exposition read = scrape(registry);
  EXPECT_EQ(read.count("requests_total|"), 11U);
  EXPECT_EQ(read.at("requests_total|op=op9|status=200"), 1);
  EXPECT_EQ(read.at("requests_total|op=op3|status=200"), 6);
  EXPECT_EQ(read.at("requests_total|op=other|status=other"), 25);
  EXPECT_EQ(read.at("gatehouse_metrics_series_dropped_total"), 21);
}

TEST(Metrics, OneWhoAsksForOtherGetsIt) {
  Registry registry(2);
  const auto requests = registry.counter("requests_total", "h", {"op"});
  Shard& shard = registry.make_shard();
  EXPECT_EQ(scrape(registry).count("requests_total"), 0U);
  shard.counter(requests, {"other"}).add();
  EXPECT_EQ(scrape(registry).at("requests_total|op=other"), 1);
  EXPECT_EQ(scrape(registry).at("gatehouse_metrics_series_dropped_total"), 0);
  for (const char* op : {"a", "b", "c"}) shard.counter(requests, {op}).add();
  EXPECT_EQ(scrape(registry).at("requests_total|op=other"), 2);
}

TEST(Metrics, WhatIsNotTextIsOther) {
  Registry registry;
  const auto requests = registry.counter("requests_total", "h", {"op"});
  Shard& shard = registry.make_shard();
  shard.counter(requests, {"\xff"}).add();
  shard.counter(requests, {"\xc3"}).add();
  EXPECT_EQ(scrape(registry).at("requests_total|op=other"), 2);
}

TEST(Metrics, LabelValuesDoNotRunTogether) {
  Registry registry;
  const auto requests = registry.counter("requests_total", "h", {"a", "b"});
  Shard& shard = registry.make_shard();
  shard.counter(requests, {"xy", "z"}).add(1);
  shard.counter(requests, {"x", "yz"}).add(2);
  shard.counter(requests, {"", "xyz"}).add(4);
  shard.counter(requests, {"z", "xy"}).add(8);
  const Exposition read = scrape(registry);
  EXPECT_EQ(read.at("requests_total|a=xy|b=z"), 1);
  EXPECT_EQ(read.at("requests_total|a=x|b=yz"), 2);
  EXPECT_EQ(read.at("requests_total|a=|b=xyz"), 4);
  EXPECT_EQ(read.at("requests_total|a=z|b=xy"), 8);
}

TEST(Metrics, MistakesOfTheProgramAreRefused) {
  Registry registry;
  const double falling[] = {1, 1};
  const auto good = registry.counter("good_total", "h", {"op"});
  EXPECT_THROW(registry.counter("good_total", "h"), std::logic_error);
  EXPECT_THROW(registry.gauge("gatehouse_metrics_series_dropped_total", "h"), std::logic_error);
  for (const char* name : {"", "1a", "a-b", "a b", "a{", "a\n"})
    EXPECT_THROW(registry.gauge(name, "h"), std::logic_error);
  for (const char* label : {"", "__a", "le", "a-b", "1"}) {
    EXPECT_THROW(registry.gauge("g", "h", {label}), std::logic_error);
  }
  EXPECT_THROW(registry.gauge("g", "h", {"a", "a"}), std::logic_error);
  EXPECT_THROW(registry.histogram("h", "h", {}, falling), std::logic_error);
  EXPECT_THROW(registry.sampled(Registry::Kind::histogram, "s", "h", [] { return 0.0; }), std::logic_error);
  Shard& shard = registry.make_shard();
  EXPECT_THROW(registry.counter("late_total", "h"), std::logic_error);
  EXPECT_THROW(shard.counter(good), std::logic_error);
  EXPECT_THROW(shard.counter(good, {"a", "b"}), std::logic_error);
}

// Shards that ask for the same new series at the same moment get one series.
TEST(Metrics, ASeriesIsMadeOnce) {
  constexpr int kWorkers = 3;
  constexpr int kSeries = 3000;
  Registry registry(kSeries);
  const auto requests = registry.counter("requests_total", "h", {"op"});
  std::barrier<> together(kWorkers);
  std::vector<std::thread> workers;
  workers.reserve(kWorkers);
  for (int w = 0; w < kWorkers; ++w) {
    workers.emplace_back([&registry, &together, requests] {
      Shard& shard = registry.make_shard();
      for (int i = 0; i < kSeries; ++i) {
        const std::string op = "op" + std::to_string(i);
        if (i % 10 == 0) together.arrive_and_wait();
        shard.counter(requests, {op}).add();
      }
    });
  }
  for (auto& worker : workers) worker.join();
  const Exposition read = scrape(registry);
  EXPECT_EQ(read.count("requests_total|"), static_cast<std::size_t>(kSeries));
  for (int i = 0; i < kSeries; ++i) EXPECT_EQ(read.at("requests_total|op=op" + std::to_string(i)), kWorkers);
}

// For the thread sanitizer: workers make series and count while somebody scrapes, and nothing is lost.
TEST(Metrics, ScrapesWhileWorkersCount) {
  constexpr int kWorkers = 4;
  constexpr int kRounds = 20000;
  Registry registry(50);
  const auto requests = registry.counter("requests_total", "h", {"op", "status"});
  const auto time = registry.histogram("time_seconds", "h", {"op"});
  const auto open = registry.gauge("open", "h");
  std::atomic<int> running{kWorkers};
  std::vector<std::thread> workers;
  workers.reserve(kWorkers);
  for (int w = 0; w < kWorkers; ++w) {
    workers.emplace_back([&registry, &running, requests, time, open, w] {
      Shard& shard = registry.make_shard();
      Gauge mine = shard.gauge(open);
      for (int i = 0; i < kRounds; ++i) {
        const std::string op = "op" + std::to_string((i + w) % 70);
        shard.counter(requests, {op, "200"}).add();
        shard.histogram(time, {op}).observe(i * 1e-5);
        mine.add(i % 2 == 0 ? 1 : -1);
      }
      running.fetch_sub(1);
    });
  }
  double last = 0;
  int scrapes = 0;
  while (running.load() > 0 || scrapes == 0) {
    std::string out;
    registry.write_prometheus(out);
    const Exposition read(out);
    ++scrapes;
    double total = 0;
    for (int op = 0; op < 70; ++op) {
      const std::string series = "requests_total|op=op" + std::to_string(op) + "|status=200";
      if (read.has(series)) total += read.at(series);
    }
    if (read.has("requests_total|op=other|status=other")) total += read.at("requests_total|op=other|status=other");
    EXPECT_GE(total, last);
    last = total;
  }
  for (auto& worker : workers) worker.join();
  const Exposition read = scrape(registry);
  EXPECT_EQ(read.count("requests_total|"), 51U);
  double total = 0;
  double observed = 0;
  for (int op = 0; op < 70; ++op) {
    const std::string name = "op" + std::to_string(op);
    if (read.has("requests_total|op=" + name + "|status=200")) {
      total += read.at("requests_total|op=" + name + "|status=200");
    }
    if (read.has("time_seconds_count|op=" + name)) observed += read.at("time_seconds_count|op=" + name);
  }
  EXPECT_EQ(total + read.at("requests_total|op=other|status=other"), kWorkers * kRounds);
  EXPECT_EQ(observed + read.at("time_seconds_count|op=other"), kWorkers * kRounds);
  EXPECT_EQ(read.at("open"), 0);
}

}  // namespace
}  // namespace gatehouse::observe
