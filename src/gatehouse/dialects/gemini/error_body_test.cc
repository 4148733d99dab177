#include "gatehouse/dialects/gemini/error_body.h"

#include "gatehouse/dialects/gemini/testing.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects::gemini {
namespace {

using llm::ErrorKind;

TEST(GeminiError, of_a_provider) {
  const auto error = read_error(
      429,
      R"({"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED","details":[)"
      R"({"@type":"type.googleapis.com/google.rpc.QuotaFailure"},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.4s"}]}})");
  EXPECT_EQ(error.kind, ErrorKind::rate_limit);
  EXPECT_EQ(error.status, 429);
  EXPECT_EQ(error.message, "Quota exceeded");
  EXPECT_EQ(error.type, "RESOURCE_EXHAUSTED");
  EXPECT_EQ(error.retry_after, std::chrono::milliseconds(34'400));
}

TEST(GeminiError, what_the_words_tell) {
  const auto kind = [](int status, std::string_view body) { return read_error(status, body).kind; };
  EXPECT_EQ(
      kind(
          400,
          R"([{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"API key not valid","details":[{"@type":"x/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}])"),
      ErrorKind::authentication);
  EXPECT_EQ(
      kind(
          400,
          R"({"error":{"status":"INVALID_ARGUMENT","message":"The input token count (9) exceeds the maximum number of tokens allowed (8)."}})"),
      ErrorKind::context_length);
  EXPECT_EQ(kind(400, R"({"error":{"status":"FAILED_PRECONDITION","message":"Please enable billing"}})"),
            ErrorKind::billing);
  EXPECT_EQ(kind(503, R"({"error":{"status":"UNAVAILABLE","message":"x"}})"), ErrorKind::overloaded);
  EXPECT_EQ(kind(504, "<html>"), ErrorKind::timeout);
  EXPECT_EQ(kind(404, ""), ErrorKind::not_found);
  EXPECT_EQ(read_error(500, "<html>secret</html>").message, "The provider answered with status 500");
  const auto field = read_error(
      400,
      R"({"error":{"status":"INVALID_ARGUMENT","message":"m","details":[{"@type":"x.BadRequest","fieldViolations":[{"field":"contents"}]}]}})");
  EXPECT_EQ(field.param, "contents");
  EXPECT_EQ(read_error(0, R"({"error":{"status":"INTERNAL","message":"m"}})").status, 500);
  EXPECT_LE(read_error(400, R"({"error":{"message":")" + std::string(9000, 'x') + "\"}}").message.size(), 4096U);
}

TEST(GeminiError, for_a_caller) {
  llm::ChatError error;
  error.kind = ErrorKind::overloaded;
  error.status = 529;
  error.message = "busy";
  error.type = "overloaded_error";
  error.param = "messages";
  error.retry_after = std::chrono::seconds(3);
  const std::string written = front().write_error(error);
  EXPECT_EQ(
      written,
      R"({"error":{"code":503,"message":"busy","status":"UNAVAILABLE","details":[)"
      R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"OVERLOADED_ERROR"},)"
      R"({"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"messages","description":"busy"}]},)"
      R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"3s"}]}})");
  EXPECT_EQ(status_of(error), 503);
  // Every kind comes back as what it was.
  for (const auto kind :
       {ErrorKind::invalid_request, ErrorKind::authentication, ErrorKind::permission, ErrorKind::not_found,
        ErrorKind::conflict, ErrorKind::rate_limit, ErrorKind::timeout, ErrorKind::overloaded, ErrorKind::api}) {
    llm::ChatError plain;
    plain.kind = kind;
    plain.status = 0;
    EXPECT_EQ(read_error(status_of(plain), front().write_error(plain)).kind, kind);
  }
}

}  // namespace
}  // namespace gatehouse::dialects::gemini
