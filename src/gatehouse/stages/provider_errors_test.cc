#include <array>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>

#include "gatehouse/json/value.h"
#include "gatehouse/stages/test_support.h"

// What providers say went wrong, in the words of every caller: all fronts, all backs, with a status, in place of an
// answer with a 200, and in the middle of a stream.
namespace gatehouse::stages {
namespace {

using http::testing::Received;
using llm::Dialect;
using pipeline::testing::ask;
using pipeline::testing::FakeReply;
using pipeline::testing::post_json;
using testing::kAll;

constexpr std::string_view kWords = "What went wrong: M-42";

// --- Backs

std::string big_endian(std::uint32_t value, int bytes) {
  std::string out;
  for (int at = bytes - 1; at >= 0; --at) out += static_cast<char>(value >> (8 * at) & 0xFF);
  return out;
}
std::string crc(std::string_view bytes) {
  return big_endian(static_cast<std::uint32_t>(
                        crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()))),
                    4);
}
// A frame of Amazon's event streams; all of its headers are strings.
std::string frame(const std::vector<std::pair<std::string, std::string>>& headers, std::string_view payload) {
  std::string head;
  for (const auto& [name, value] : headers) {
    head += static_cast<char>(name.size());
    head += name + '\x07' + big_endian(static_cast<std::uint32_t>(value.size()), 2) + value;
  }
  std::string out = big_endian(static_cast<std::uint32_t>(16 + head.size() + payload.size()), 4) +
                    big_endian(static_cast<std::uint32_t>(head.size()), 4);
  out += crc(out);
  out.append(head).append(payload);
  return out + crc(out);
}

// What is meant; the words for it are each dialect's.
enum class Meant { invalid, permission, not_found, rate, overloaded, api };
constexpr std::array kAllMeant = {Meant::invalid, Meant::permission, Meant::not_found,
                                  Meant::rate,    Meant::overloaded, Meant::api};

struct Back {
  std::string name;
  config::ProviderKind kind;
  std::vector<Dialect> speaks;
  int overloaded;  // the status
  // The body of the error.
  std::string (*body)(Meant meant, int status);
  // The same as an event, and an event of a text before it; empty: none of the kind.
  std::string (*event)(Meant meant, const std::string& body);
  std::string text;
  std::string stream_type = "text/event-stream";
  bool names_kinds = true;  // in events and in bodies with a 200
};

std::string words_of(Meant meant, std::initializer_list<std::string_view> words) {
  return std::string(*(words.begin() + static_cast<int>(meant)));
}

std::string openai_body(Meant meant, int /*status*/) {
  const auto type = words_of(meant, {"invalid_request_error", "permission_error", "invalid_request_error",
                                     "rate_limit_error", "server_error", "server_error"});
  const auto code = words_of(meant, {"invalid_value", "permission_denied", "model_not_found", "rate_limit_exceeded",
                                     "server_is_overloaded", "server_error"});
  return R"({ "error":{"message":")" + std::string(kWords) + R"(","type":")" + type + R"(","param":null,"code":")" +
         code + R"("}})";
}
std::string anthropic_body(Meant meant, int /*status*/) {
  const auto type = words_of(meant, {"invalid_request_error", "permission_error", "not_found_error", "rate_limit_error",
                                     "overloaded_error", "api_error"});
  return R"({ "type":"error","error":{"type":")" + type + R"(","message":")" + std::string(kWords) +
         R"("},"request_id":"req_1"})";
}
std::string gemini_body(Meant meant, int status) {
  const auto word = words_of(
      meant, {"INVALID_ARGUMENT", "PERMISSION_DENIED", "NOT_FOUND", "RESOURCE_EXHAUSTED", "UNAVAILABLE", "INTERNAL"});
  return R"({ "error":{"code":)" + std::to_string(status) + R"(,"message":")" + std::string(kWords) +
         R"(","status":")" + word + R"("}})";
}
std::string bedrock_type(Meant meant) {
  return words_of(meant, {"ValidationException", "AccessDeniedException", "ResourceNotFoundException",
                          "ThrottlingException", "ServiceUnavailableException", "InternalServerException"});
}
std::string bedrock_body(Meant meant, int /*status*/) {
  return R"({"__type":")" + bedrock_type(meant) + R"(","message":")" + std::string(kWords) + R"("})";
}
std::string message_body(Meant /*meant*/, int /*status*/) { return R"({"message":")" + std::string(kWords) + R"("})"; }
std::string ollama_body(Meant /*meant*/, int /*status*/) { return R"({"error":")" + std::string(kWords) + R"("})"; }

std::string data_event(Meant /*meant*/, const std::string& body) { return "data: " + body + "\n\n"; }
std::string named_event(Meant /*meant*/, const std::string& body) { return "event: error\ndata: " + body + "\n\n"; }
std::string line_event(Meant /*meant*/, const std::string& body) { return body + "\n"; }
std::string frame_event(Meant meant, const std::string& body) {
  return frame({{":message-type", "exception"}, {":exception-type", bedrock_type(meant)}}, body);
}

const std::string kChatText =
    R"(data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,)"
    R"("delta":{"role":"assistant","content":"Hello"},"finish_reason":null}]})"
    "\n\n";

std::vector<Back> backs() {
  using config::ProviderKind;
  const auto bedrock_event = [](std::string_view type, std::string_view payload) {
    return frame({{":message-type", "event"}, {":event-type", std::string(type)}}, payload);
  };
  return {
      {.name = "openai",
       .kind = ProviderKind::openai_compatible,
       .speaks = {Dialect::openai_chat},
       .overloaded = 503,
       .body = openai_body,
       .event = data_event,
       .text = kChatText},
      {.name = "anthropic",
       .kind = ProviderKind::anthropic,
       .speaks = {Dialect::anthropic},
       .overloaded = 529,
       .body = anthropic_body,
       .event = named_event,
       .text =
           "event: message_start\n"
           R"(data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m",)"
           R"("content":[],"usage":{"input_tokens":9,"output_tokens":1}}})"
           "\n\nevent: content_block_start\n"
           R"(data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"
           "\n\nevent: content_block_delta\n"
           R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}})"
           "\n\n"},
      {.name = "gemini",
       .kind = ProviderKind::gemini,
       .speaks = {Dialect::gemini},
       .overloaded = 503,
       .body = gemini_body,
       .event = data_event,
       .text = R"(data: {"candidates":[{"content":{"parts":[{"text":"Hello"}],"role":"model"},"index":0}]})"
               "\n\n"},
      {.name = "bedrock",
       .kind = ProviderKind::bedrock,
       .speaks = {},
       .overloaded = 503,
       .body = bedrock_body,
       .event = frame_event,
       .text = bedrock_event("messageStart", R"({"role":"assistant"})") +
               bedrock_event("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"Hello"}})"),
       .stream_type = "application/vnd.amazon.eventstream"},
      {.name = "cohere",
       .kind = ProviderKind::cohere,
       .speaks = {},
       .overloaded = 503,
       .body = message_body,
       .event = data_event,
       .text = "event: message-start\n"
               R"(data: {"type":"message-start","id":"c","delta":{"message":{"role":"assistant"}}})"
               "\n\nevent: content-start\n"
               R"(data: {"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text","text":""}}}})"
               "\n\nevent: content-delta\n"
               R"(data: {"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"Hello"}}}})"
               "\n\n",
       .names_kinds = false},
      {.name = "mistral",
       .kind = ProviderKind::mistral,
       .speaks = {Dialect::openai_chat},
       .overloaded = 503,
       .body = openai_body,
       .event = data_event,
       .text = kChatText},
      {.name = "ollama",
       .kind = ProviderKind::ollama,
       .speaks = {Dialect::openai_chat, Dialect::anthropic},
       .overloaded = 503,
       .body = ollama_body,
       .event = line_event,
       .text = R"({"model":"m","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"Hello"},)"
               R"("done":false})"
               "\n",
       .stream_type = "application/x-ndjson",
       .names_kinds = false},
  };
}

int status_of(const Back& back, Meant meant) {
  constexpr std::array kStatus = {400, 403, 404, 429, 503, 500};
  return meant == Meant::overloaded ? back.overloaded : kStatus[static_cast<std::size_t>(meant)];
}

// --- Fronts

struct Front {
  std::string name;
  Dialect dialect;
  std::string (*request)(const std::string& model, bool streams);
};

std::vector<Front> fronts() {
  return {
      {.name = "chat",
       .dialect = Dialect::openai_chat,
       .request =
           [](const std::string& model, bool streams) {
             return post_json("/v1/chat/completions",
                              R"({"model":")" + model + R"(","messages":[{"role":"user","content":"hi"}])" +
                                  (streams ? R"(,"stream":true})" : "}"),
                              kAll);
           }},
      {.name = "responses",
       .dialect = Dialect::openai_responses,
       .request =
           [](const std::string& model, bool streams) {
             return post_json("/v1/responses",
                              R"({"model":")" + model + R"(","input":"hi")" + (streams ? R"(,"stream":true})" : "}"),
                              kAll);
           }},
      {.name = "messages",
       .dialect = Dialect::anthropic,
       .request =
           [](const std::string& model, bool streams) {
             return post_json("/v1/messages",
                              R"({"model":")" + model +
                                  R"(","max_tokens":99,"messages":[{"role":"user","content":"hi"}])" +
                                  (streams ? R"(,"stream":true})" : "}"),
                              kAll);
           }},
      {.name = "gemini", .dialect = Dialect::gemini, .request = [](const std::string& model, bool streams) {
         return post_json("/v1beta/models/" + model + (streams ? ":streamGenerateContent?alt=sse" : ":generateContent"),
                          R"({"contents":[{"role":"user","parts":[{"text":"hi"}]}]})", kAll);
       }}};
}

// The word for it that callers of the dialect look at.
std::string word(Dialect dialect, Meant meant) {
  switch (dialect) {
    case Dialect::anthropic:
      return words_of(meant, {"invalid_request_error", "permission_error", "not_found_error", "rate_limit_error",
                              "overloaded_error", "api_error"});
    case Dialect::gemini:
      return words_of(meant, {"INVALID_ARGUMENT", "PERMISSION_DENIED", "NOT_FOUND", "RESOURCE_EXHAUSTED", "UNAVAILABLE",
                              "INTERNAL"});
    default:
      return words_of(meant, {"invalid_request_error", "invalid_request_error", "invalid_request_error",
                              "rate_limit_error", "server_error", "server_error"});
  }
}

// What is wrong with a body for a caller of the dialect; empty: nothing.
std::string fault(Dialect dialect, std::string_view body, std::optional<Meant> meant) {
  const json::Value root(body);
  const json::Value error = root["error"];
  if (!error.is(json::Kind::object)) return "no error";
  if (error["message"].string_or("").find(kWords) == std::string::npos) return "not the provider's message";
  std::string said;
  switch (dialect) {
    case Dialect::anthropic:
      if (root["type"].string_or("") != "error") return "no type";
      said = error["type"].string_or("");
      break;
    case Dialect::gemini:
      if (!error["code"].integer()) return "no code";
      said = error["status"].string_or("");
      break;
    default:
      if (!error["param"].exists() || !error["code"].exists()) return "no param or code";
      said = error["type"].string_or("");
  }
  if (meant && said != word(dialect, *meant)) return "says " + said;
  return {};
}

class ProviderErrors : public ::testing::Test {
 protected:
  static config::Snapshot snapshot_of(const Back& back) {
    config::Snapshot snapshot;
    config::Provider provider;
    provider.name = back.name;
    provider.kind = back.kind;
    snapshot.providers.push_back(std::move(provider));
    snapshot.models.push_back({.name = "m", .targets = {{.provider = 0, .model = "the-model"}}});
    snapshot.index = config::Index(snapshot.models);
    return snapshot;
  }
  static bool same(const Front& front, const Back& back) {
    return std::ranges::find(back.speaks, front.dialect) != back.speaks.end();
  }
  static FakeReply reply(int status, const std::string& type, std::string body) {
    return {.status = status,
            .fields = {{"content-type", type},
                       {"Retry-After", "7"},
                       {"x-ratelimit-remaining-requests", "3"},
                       {"anthropic-ratelimit-requests-remaining", "4"}},
            .steps = {{.bytes = std::move(body), .last = true}}};
  }
};

TEST_F(ProviderErrors, WithTheirStatus) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    for (const Back& back : backs()) {
      for (const Front& front : fronts()) {
        for (const Meant meant : kAllMeant) {
          for (const bool streams : {false, true}) {
            const std::string cell = front.name + " to " + back.name + (streams ? ", streamed " : " ") +
                                     std::to_string(static_cast<int>(meant));
            const auto bench = testing::bench_of(loop, snapshot_of(back));
            const int status = status_of(back, meant);
            const std::string body = back.body(meant, status);
            bench->upstreams[0]->replies.emplace_back(reply(status, "application/json", body));
            const Received got = co_await ask(loop, *bench, front.request("m", streams));
            EXPECT_EQ(got.status, status) << cell << got.body;
            EXPECT_EQ(got.field("retry-after"), "7") << cell;
            EXPECT_EQ(got.field("x-ratelimit-remaining-requests"), "3") << cell;
            EXPECT_EQ(got.field("anthropic-ratelimit-requests-remaining"), "4") << cell;
            EXPECT_EQ(got.field("content-type"), "application/json") << cell;
            if (same(front, back)) {
              EXPECT_EQ(got.body, body) << cell;
            } else {
              EXPECT_EQ(fault(front.dialect, got.body, meant), "") << cell << got.body;
            }
          }
        }
      }
    }
  });
}

// Some say 200 and then that it went wrong: as long as the caller was told nothing, he gets the status that is meant.
TEST_F(ProviderErrors, InPlaceOfAnAnswer) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    for (const Back& back : backs()) {
      for (const Front& front : fronts()) {
        if (same(front, back)) continue;
        for (const Meant meant : {Meant::rate, Meant::overloaded, Meant::not_found}) {
          for (const bool streams : {false, true}) {
            if (!streams && back.name == "cohere") continue;  // it has no word that would tell an error from an answer
            const std::string cell = front.name + " to " + back.name + (streams ? ", streamed " : " ") +
                                     std::to_string(static_cast<int>(meant));
            if (!streams && back.name == "bedrock") continue;  // always with a status
            const auto bench = testing::bench_of(loop, snapshot_of(back));
            const std::string body = back.body(meant, status_of(back, meant));
            bench->upstreams[0]->replies.emplace_back(streams ? reply(200, back.stream_type, back.event(meant, body))
                                                              : reply(200, "application/json", body));
            const Received got = co_await ask(loop, *bench, front.request("m", streams));
            EXPECT_EQ(got.field("content-type"), "application/json") << cell;
            if (!back.names_kinds) {
              EXPECT_EQ(got.status, 502) << cell << got.body;
              EXPECT_EQ(fault(front.dialect, got.body, std::nullopt), "") << cell << got.body;
              continue;
            }
            EXPECT_EQ(got.status, status_of(back, meant)) << cell << got.body;
            EXPECT_EQ(fault(front.dialect, got.body, meant), "") << cell << got.body;
            EXPECT_EQ(got.field("x-ratelimit-remaining-requests"), "3") << cell;
          }
        }
      }
    }
  });
}

TEST_F(ProviderErrors, InTheMiddleOfAStream) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    for (const Back& back : backs()) {
      for (const Front& front : fronts()) {
        for (const Meant meant : {Meant::rate, Meant::overloaded}) {
          const std::string cell = front.name + " to " + back.name + " " + std::to_string(static_cast<int>(meant));
          const auto bench = testing::bench_of(loop, snapshot_of(back));
          const std::string body = back.body(meant, status_of(back, meant));
          const std::string stream = back.text + back.event(meant, body);
          bench->upstreams[0]->replies.emplace_back(reply(200, back.stream_type, stream));
          const Received got = co_await ask(loop, *bench, front.request("m", true));
          EXPECT_EQ(got.status, 200) << cell << got.body;
          if (same(front, back)) {
            EXPECT_EQ(got.body, stream) << cell;
            continue;
          }
          EXPECT_NE(got.body.find("Hello"), std::string::npos) << cell << got.body;
          const auto at = got.body.rfind("data: {");
          const auto error = got.body.substr(at + 6, got.body.find('\n', at) - at - 6);
          EXPECT_NE(error.find(kWords), std::string::npos) << cell << got.body;
          EXPECT_EQ(got.body.find("[DONE]"), std::string::npos) << cell;
          if (!back.names_kinds || front.dialect == Dialect::openai_responses) continue;
          EXPECT_EQ(fault(front.dialect, error, meant), "") << cell << got.body;
        }
      }
    }
  });
}

// What a provider says of the gateway's own key is not the caller's affair, whatever its status and shape.
TEST_F(ProviderErrors, OfTheGatewaysKeyGoNoFurther) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    const std::string google =
        R"({"error":{"code":400,"message":"API key not valid: AIza-SECRET","status":"INVALID_ARGUMENT","details":[)"
        R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}})";
    const auto all = backs();
    const auto& gemini = *std::ranges::find(all, "gemini", &Back::name);
    for (const Front& front : fronts()) {
      for (const int status : {400, 200}) {
        if (status == 200 && front.dialect == Dialect::gemini) continue;  // passes as it is
        const auto bench = testing::bench_of(loop, snapshot_of(gemini));
        bench->upstreams[0]->replies.emplace_back(reply(status, "application/json", google));
        const Received got = co_await ask(loop, *bench, front.request("m", false));
        EXPECT_EQ(got.status, 502) << front.name << status << got.body;
        EXPECT_EQ(got.body.find("SECRET"), std::string::npos) << got.body;
      }
      if (front.dialect == Dialect::gemini) continue;
      const auto bench = testing::bench_of(loop, snapshot_of(gemini));
      bench->upstreams[0]->replies.emplace_back(
          reply(200, gemini.stream_type, gemini.text + "data: " + google + "\n\n"));
      const Received got = co_await ask(loop, *bench, front.request("m", true));
      EXPECT_NE(got.body.find("Hello"), std::string::npos);
      EXPECT_EQ(got.body.find("SECRET"), std::string::npos) << front.name << got.body;
      EXPECT_NE(got.body.find("credentials"), std::string::npos) << front.name << got.body;
    }
    // Any other 400 of the same dialect passes as it came.
    const auto bench = testing::bench_of(loop, snapshot_of(gemini));
    const std::string other = R"({"error": {"code":400,"message":"No such field","status":"INVALID_ARGUMENT"} })";
    bench->upstreams[0]->replies.emplace_back(reply(400, "application/json", other));
    const auto fronts_of = fronts();
    const Received got = co_await ask(loop, *bench, fronts_of.back().request("m", false));
    EXPECT_EQ(got.body, other);
  });
}

}  // namespace
}  // namespace gatehouse::stages
