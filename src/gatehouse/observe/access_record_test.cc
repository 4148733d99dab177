#include "gatehouse/observe/access_record.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "gatehouse/observe/sample_record.h"

namespace gatehouse::observe {
namespace {

TEST(AccessRecord, WritesEveryFieldOnOneLine) {
  std::string out = "before\n";
  append_json_line(out, full_record());
  EXPECT_EQ(
      out,
      "before\n"
      R"({"time":"2026-03-01T09:00:00.000125Z","request_id":"req_01j0000000abcdefghjkmnpqrs",)"
      R"("client_ip":"192.0.2.7","key":"ci","team":"support","project":"bot","user":"ada",)"
      R"("metadata":{"owner":"search"},"method":"POST","path":"/v1/chat/completions","operation":"chat","model":"default","model_sent":"gpt-5.6-mini",)"
      R"("provider":"openai","status":200,"streamed":true,"bytes_in":1234,"bytes_out":56789,"attempts":2,)"
      R"("prompt_tokens":11,"completion_tokens":22,"total_tokens":33,"cached_tokens":4,"reasoning_tokens":5,)"
      R"("finish":"complete","time_to_first_byte_us":1500,"duration_us":250000,"overhead_us":40})"
      "\n");
}

TEST(AccessRecord, LeavesOutWhatDoesNotApply) {
  AccessRecord record;
  record.status = 401;
  record.error = "invalid_api_key";
  record.finish = Finish::refused;
  std::string out;
  append_json_line(out, record);
  EXPECT_EQ(out, R"({"time":"1970-01-01T00:00:00.000000Z","status":401,"error":"invalid_api_key","streamed":false,)"
                 R"("bytes_in":0,"bytes_out":0,"attempts":0,"finish":"refused","duration_us":0,"overhead_us":0})"
                 "\n");
}

TEST(AccessRecord, EveryFinishHasItsName) {
  EXPECT_EQ(name(Finish::complete), "complete");
  EXPECT_EQ(name(Finish::client_closed), "client_closed");
  EXPECT_EQ(name(Finish::upstream_broken), "upstream_broken");
  EXPECT_EQ(name(Finish::refused), "refused");
  EXPECT_EQ(name(Finish::timeout), "timeout");
}

TEST(AccessRecord, LabelsAreOneObject) {
  EXPECT_EQ(labels_json({}), "");
  const std::vector<std::pair<std::string, std::string>> labels{{"owner", "search"}, {"cost \"x\"", "\xff\n"}};
  EXPECT_EQ(labels_json(labels), "{\"owner\":\"search\",\"cost \\\"x\\\"\":\"\uFFFD\\n\"}");
}

// Read back by a parser that is not ours.
TEST(AccessRecord, NothingFromOutsideBreaksTheLine) {
  const std::string hostile[] = {"\"}\n{\"forged\":\"",  std::string("\0\x1b[2J", 5),      "\xff\xfe\xc3", "\\",
                                 std::string(5000, 'x'), std::string(511, 'x') + "\u20ac", "\u202e\u2028"};
  simdjson::dom::parser parser;
  for (const std::string& text : hostile) {
    AccessRecord record = full_record();
    record.path = record.model_asked = record.user = record.client_ip = record.method = text;
    std::string out;
    append_json_line(out, record);
    EXPECT_EQ(out.find('\n'), out.size() - 1);
    simdjson::dom::object object;
    ASSERT_EQ(parser.parse(out).get(object), simdjson::SUCCESS) << out;
    std::size_t fields = 0;
    for (const auto field : object) {
      ++fields;
      EXPECT_NE(field.key, "forged");
    }
    EXPECT_EQ(fields, 28U);
    const std::string_view path = object["path"];
    EXPECT_LE(path.size(), kMaxField * 3);
    EXPECT_FALSE(path.empty());
    const std::string_view operation = object["operation"];
    EXPECT_EQ(operation, "chat");
  }
}

TEST(AccessRecord, HasRoomForTheLargestNumbers) {
  AccessRecord record = full_record();
  const auto most = std::numeric_limits<std::uint64_t>::max();
  const auto longest = std::numeric_limits<std::int64_t>::min();
  record.status = std::numeric_limits<int>::min();
  record.bytes_in = record.bytes_out = most;
  record.attempts = record.guard_repair_attempts = std::numeric_limits<unsigned>::max();
  record.tokens = {.prompt = most, .completion = most, .total = most, .cached = most, .reasoning = most};
  record.finish = Finish::upstream_broken;
  record.time_to_first_byte_us = std::numeric_limits<std::int64_t>::max();
  record.duration_us = record.overhead_us = longest;
  record.error = record.guard = record.guard_failure = record.guard_repair = "x";
  record.guard_policies = record.guard_conversation = record.guard_findings = "[]";
  std::string out;
  append_json_line(out, record);
  EXPECT_LE(out.size(), kMostBesidesTexts);
  EXPECT_NE(out.find("18446744073709551615"), out.npos);
}

// The same line whether all of its texts stand for themselves or not.
TEST(AccessRecord, OneTextThatNeedsEscapesChangesNoOther) {
  AccessRecord record = full_record();
  record.user = "ada";
  std::string plain;
  append_json_line(plain, record);
  record.user = "a\"a";
  std::string escaped;
  append_json_line(escaped, record);
  const auto at = plain.find(R"("user":"ada")");
  ASSERT_NE(at, plain.npos);
  plain.replace(at, 12, R"("user":"a\"a")");
  EXPECT_EQ(escaped, plain);
}

TEST(AccessRecord, DoesNotAllocateInABigEnoughString) {
  std::string out;
  out.reserve(4096);
  const char* before = out.data();
  append_json_line(out, full_record());
  append_json_line(out, full_record());
  EXPECT_EQ(out.data(), before);
}

}  // namespace
}  // namespace gatehouse::observe
