#include "gatehouse/observe/gateway_metrics.h"

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/observe/record_writer.h"

namespace gatehouse::observe {
namespace {

using testing::HasSubstr;
using testing::Not;

class GatewayMetrics : public testing::Test {
 protected:
  std::string text() const {
    std::string out;
    registry.write_prometheus(out);
    return out;
  }

  Registry registry;
  GatewayMetricIds ids = GatewayMetricIds::register_in(registry, "1.2.3");
};

TEST_F(GatewayMetrics, CountsAFinishedRequest) {
  WorkerMetrics metrics(registry, ids);
  AccessRecord record;
  record.operation = "chat";
  record.model_asked = "what-the-caller-wrote";
  record.provider = "openai";
  record.status = 200;
  record.time_to_first_byte_us = 1000;
  record.duration_us = 2500000;
  record.overhead_us = 18;
  record.usage_known = true;
  record.tokens = {.prompt = 10, .completion = 20, .total = 30, .cached = 4, .reasoning = 0};
  metrics.request_finished(record, "default");
  metrics.request_finished(record, "default");
  const std::string out = text();
  EXPECT_THAT(
      out,
      HasSubstr(
          "gatehouse_requests_total{operation=\"chat\",model=\"default\",provider=\"openai\",status=\"200\"} 2\n"));
  EXPECT_THAT(out, HasSubstr("gatehouse_tokens_total{model=\"default\",provider=\"openai\",kind=\"prompt\"} 20\n"));
  EXPECT_THAT(out, HasSubstr("gatehouse_tokens_total{model=\"default\",provider=\"openai\",kind=\"completion\"} 40\n"));
  EXPECT_THAT(out, HasSubstr("gatehouse_tokens_total{model=\"default\",provider=\"openai\",kind=\"cached\"} 8\n"));
  EXPECT_THAT(out, Not(HasSubstr("kind=\"reasoning\"")));
  EXPECT_THAT(out, HasSubstr("gatehouse_request_duration_seconds_sum{operation=\"chat\"} 5\n"));
  EXPECT_THAT(out, HasSubstr("gatehouse_time_to_first_byte_seconds_bucket{operation=\"chat\",le=\"0.001\"} 2\n"));
  EXPECT_THAT(out, HasSubstr("gatehouse_overhead_seconds_bucket{operation=\"chat\",le=\"1e-05\"} 0\n"));
  EXPECT_THAT(out, HasSubstr("gatehouse_overhead_seconds_bucket{operation=\"chat\",le=\"2e-05\"} 2\n"));
  EXPECT_THAT(out, Not(HasSubstr("what-the-caller-wrote")));
  EXPECT_THAT(out, Not(HasSubstr("gatehouse_refusals_total{")));
}

TEST_F(GatewayMetrics, TellsRequestsApartThatAreAlikeInLength) {
  WorkerMetrics metrics(registry, ids);
  AccessRecord record;
  record.operation = "chat";
  record.usage_known = true;
  for (int round = 1; round <= 2; ++round) {
    for (const char* provider : {"aa", "bb"}) {
      record.provider = provider;
      for (const int status : {200, 208}) {
        record.status = status;
        record.tokens.prompt = static_cast<std::uint64_t>(status);
        metrics.request_finished(record, "one");
        metrics.request_finished(record, "oqe");
      }
    }
  }
  const std::string out = text();
  for (const char* labels : {"model=\"one\",provider=\"aa\"", "model=\"oqe\",provider=\"bb\""}) {
    for (const char* status : {"200", "208"}) {
      EXPECT_THAT(out, HasSubstr("{operation=\"chat\"," + std::string(labels) + ",status=\"" + status + "\"} 2\n"));
    }
    EXPECT_THAT(out, HasSubstr("{" + std::string(labels) + ",kind=\"prompt\"} 816\n"));
  }
}

TEST_F(GatewayMetrics, CountsEachTimeWhatHasNoSeries) {
  Registry small(1);
  const GatewayMetricIds few = GatewayMetricIds::register_in(small, "1");
  WorkerMetrics metrics(small, few);
  AccessRecord record;
  record.operation = "chat";
  record.status = 200;
  metrics.request_finished(record, "first");
  for (int i = 0; i < 3; ++i) metrics.request_finished(record, "second");
  std::string out;
  small.write_prometheus(out);
  EXPECT_THAT(out, HasSubstr("gatehouse_metrics_series_dropped_total 3\n"));
}

TEST_F(GatewayMetrics, CountsRefusalsButNotBrokenStreams) {
  WorkerMetrics metrics(registry, ids);
  AccessRecord record;
  record.operation = "chat";
  record.status = 404;
  record.error = "model_not_found";
  record.finish = Finish::refused;
  metrics.request_finished(record, "");
  record.error = "upstream_timeout";
  record.finish = Finish::timeout;
  metrics.request_finished(record, "");
  record.error = "upstream_broken";
  record.finish = Finish::upstream_broken;
  metrics.request_finished(record, "");
  const std::string out = text();
  EXPECT_THAT(out, HasSubstr("{operation=\"chat\",model=\"\",provider=\"\",status=\"404\"} 3\n"));
  EXPECT_THAT(out, HasSubstr("gatehouse_refusals_total{code=\"model_not_found\"} 1\n"));
  EXPECT_THAT(out, HasSubstr("gatehouse_refusals_total{code=\"upstream_timeout\"} 1\n"));
  EXPECT_THAT(out, Not(HasSubstr("upstream_broken")));
  EXPECT_THAT(out, Not(HasSubstr("gatehouse_time_to_first_byte_seconds_count")));
  EXPECT_THAT(out, Not(HasSubstr("gatehouse_tokens_total{")));
}

TEST_F(GatewayMetrics, WorkersAddUp) {
  WorkerMetrics a(registry, ids);
  WorkerMetrics b(registry, ids);
  a.connections.add(3);
  b.connections.add();
  b.connections.sub();
  a.in_flight.add(2);
  b.streams_open.add();
  a.upstream_connections("openai", "idle").add(2);
  b.upstream_connections("openai", "idle").add(1);
  b.upstream_connections("openai", "busy").add(1);
  a.upstream_error("openai", Code::upstream_timeout);
  b.upstream_error("openai", Code::upstream_timeout);
  a.config_reloaded(true);
  a.config_reloaded(false);
  a.semantic_model("bundled", "1", "ab12", "injection,entities", true);
  a.semantic_model("bundled", "0", "cd34", "injection", true);
  a.semantic_model("bundled", "0", "cd34", "injection", false);
  const std::string out = text();
  EXPECT_THAT(out, HasSubstr("gatehouse_connections 3\n"));
  EXPECT_THAT(out, HasSubstr("gatehouse_requests_in_flight 2\n"));
  EXPECT_THAT(out, HasSubstr("gatehouse_streams_open 1\n"));
  EXPECT_THAT(out, HasSubstr("gatehouse_upstream_connections{provider=\"openai\",state=\"idle\"} 3\n"));
  EXPECT_THAT(out, HasSubstr("gatehouse_upstream_connections{provider=\"openai\",state=\"busy\"} 1\n"));
  EXPECT_THAT(out, HasSubstr("gatehouse_upstream_errors_total{provider=\"openai\",code=\"upstream_timeout\"} 2\n"));
  EXPECT_THAT(out, HasSubstr("gatehouse_config_reloads_total{result=\"ok\"} 1\n"));
  EXPECT_THAT(out, HasSubstr("gatehouse_semantic_model_info{model=\"bundled\",version=\"1\",hash=\"ab12\","
                             "verdicts=\"injection,entities\"} 1\n"));
  EXPECT_THAT(out, HasSubstr("version=\"0\",hash=\"cd34\",verdicts=\"injection\"} 0\n"));
  EXPECT_THAT(out, HasSubstr("gatehouse_config_reloads_total{result=\"failed\"} 1\n"));
}

double value_of(const std::string& text, const std::string& name) {
  const std::size_t at = text.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
}

TEST_F(GatewayMetrics, TellsOfTheProcess) {
  const std::string out = text();
  EXPECT_THAT(out, HasSubstr("gatehouse_build_info{version=\"1.2.3\"} 1\n"));
  EXPECT_GT(value_of(out, "process_resident_memory_bytes"), 1e6);
  EXPECT_GE(value_of(out, "process_open_fds"), 3);
  EXPECT_GT(value_of(out, "process_cpu_seconds_total"), 0);
  const int extra = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(extra, 0);
  EXPECT_EQ(value_of(text(), "process_open_fds"), value_of(out, "process_open_fds") + 1);
  ::close(extra);
}

TEST_F(GatewayMetrics, TellsOfTheRecordsThatWereLost) {
  // A device that is always full.
  auto writer = RecordWriter::open({.path = "/dev/full"});
  ASSERT_TRUE(writer);
  register_record_writer(registry, **writer);
  RecordLane& lane = (*writer)->make_lane();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(lane.append({}));
  (*writer)->close();
  const std::string out = text();
  EXPECT_EQ(value_of(out, "gatehouse_records_dropped_total"), 3);
  EXPECT_EQ(value_of(out, "gatehouse_record_write_errors_total"), 1);
}

}  // namespace
}  // namespace gatehouse::observe
