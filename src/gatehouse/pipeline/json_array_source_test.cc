#include "gatehouse/pipeline/json_array_source.h"

#include <deque>
#include <string>

#include <gtest/gtest.h>

namespace gatehouse::pipeline {
namespace {

class Played final : public EventSource {
 public:
  explicit Played(std::deque<Result<Batch>> batches) : batches_(std::move(batches)) {}
  Form form() const override { return Form::events; }
  Eventually<Result<Batch>> next() override {
    auto batch = std::move(batches_.front());
    batches_.pop_front();
    return batch;
  }

 private:
  std::deque<Result<Batch>> batches_;
};

std::string all_of(std::deque<Result<Batch>> batches) {
  JsonArraySource source(std::make_unique<Played>(std::move(batches)));
  std::string out;
  for (;;) {
    auto batch = source.next().take();
    if (!batch) return out + json_array_error("{\"error\":1}", !out.empty());
    out += batch->bytes;
    if (batch->last) return out;
  }
}

TEST(JsonArraySource, EventsBecomeElements) {
  EXPECT_EQ(all_of({Batch{"data: {\"a\":1}\r\n\r\n: ping\n\ndata: {\"b\":2}\n\n"}, Batch{": ping\n\n"},
                    Batch{"data: {\"c\":3}\n\n", true}}),
            "[{\"a\":1},\r\n{\"b\":2},\r\n{\"c\":3}]\r\n");
  EXPECT_EQ(all_of({Batch{"data: {\"a\":1}\n\n"}, Batch{"", true}}), "[{\"a\":1}]\r\n");
}

TEST(JsonArraySource, NothingIsAnEmptyArray) { EXPECT_EQ(all_of({Batch{"", true}}), "[]\r\n"); }

TEST(JsonArraySource, AnErrorIsTheLastElement) {
  EXPECT_EQ(all_of({Batch{"data: {\"a\":1}\n\n"}, fail(Code::upstream_broken)}), "[{\"a\":1},\r\n{\"error\":1}]\r\n");
  EXPECT_EQ(all_of({fail(Code::upstream_broken)}), "[{\"error\":1}]\r\n");
}

}  // namespace
}  // namespace gatehouse::pipeline
