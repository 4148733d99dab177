#include "gatehouse/http/aws_event_stream.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>

namespace gatehouse::http {
namespace {

using namespace std::string_literals;

std::string describe(const AwsEventFrame& frame) {
  std::string text(frame.message_type);
  text.append("|").append(frame.event_type).append("|").append(frame.exception_type).append("|");
  text.append(frame.content_type).append("|").append(frame.error_code).append("|").append(frame.error_message);
  return text.append("|").append(frame.payload);
}

struct Transcript {
  std::vector<std::string> frames;
  std::string error;  // slug of the one that ended it
  bool operator==(const Transcript&) const = default;
};

// What the reader says of bytes given in pieces of the sizes that `piece` names.
Transcript transcript(std::string_view bytes, const std::function<std::size_t()>& piece,
                      std::size_t most = AwsEventReader::kMostFrame) {
  Transcript said;
  AwsEventReader reader(most);
  AwsEventFrame frame;
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, piece());
    bytes.remove_prefix(part.size());
    reader.push(std::string(part));  // of its own memory, freed at once
    for (;;) {
      const auto more = reader.next(frame);
      if (!more) {
        said.error = more.error().slug();
        EXPECT_EQ(reader.next(frame).error().slug(), said.error) << "a broken reader stays broken";
        EXPECT_FALSE(reader.finish().has_value());
        return said;
      }
      if (!*more) break;
      said.frames.push_back(describe(frame));
    }
  }
  if (const auto end = reader.finish(); !end) said.error = end.error().slug();
  return said;
}

// The same however it is cut.
Transcript read(std::string_view bytes) {
  const auto whole = transcript(bytes, [] { return std::size_t{1} << 30U; });
  EXPECT_EQ(whole, transcript(bytes, [] { return std::size_t{1}; }));
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    std::size_t next = cut;
    EXPECT_EQ(whole, transcript(bytes, [&] { return std::exchange(next, bytes.size()); })) << cut;
  }
  return whole;
}

std::string be(std::uint64_t value, int size) {
  std::string out;
  while (size-- > 0) out.push_back(static_cast<char>(value >> (8 * size)));
  return out;
}
std::string crc(std::string_view bytes) {
  return be(crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())), 4);
}
// A frame from its raw parts, its checksums right.
std::string frame_of(std::string_view headers, std::string_view payload) {
  std::string frame = be(16 + headers.size() + payload.size(), 4) + be(headers.size(), 4);
  frame += crc(frame);
  frame.append(headers).append(payload);
  return frame + crc(frame);
}
std::string header_of(std::string_view name, char type, std::string_view value) {
  return std::string(1, static_cast<char>(name.size())) + std::string(name) + std::string(1, type) + std::string(value);
}
std::string text_of(std::string_view name, std::string_view value) {
  return header_of(name, 7, be(value.size(), 2) + std::string(value));
}

std::string event(std::string_view type, std::string_view payload) {
  std::string out;
  append_aws_event(out, {{":event-type", type}, {":content-type", "application/json"}, {":message-type", "event"}},
                   payload);
  return out;
}

TEST(AwsEventStream, ReadsWhatItWrites) {
  std::string bytes = event("messageStart", R"({"role":"assistant"})") + event("messageStop", "");
  append_aws_event(bytes,
                   {{":exception-type", "throttlingException"},
                    {":content-type", "application/json"},
                    {":message-type", "exception"}},
                   R"({"message":"slow down"})");
  append_aws_event(bytes, {{":message-type", "error"}, {":error-code", "500"}, {":error-message", "oh"}}, "");
  const auto said = read(bytes);
  EXPECT_EQ(said.error, "");
  EXPECT_EQ(
      said.frames,
      (std::vector<std::string>{
          "event|messageStart||application/json|||{\"role\":\"assistant\"}", "event|messageStop||application/json|||",
          "exception||throttlingException|application/json|||{\"message\":\"slow down\"}", "error||||500|oh|"}));
}

// Bytes written out by hand: the smallest frame there is, and the one that AWS shows for an empty message
// (https://github.com/awslabs/aws-c-event-stream tests: 00000010 00000000 05c248eb 7d98c8ff).
TEST(AwsEventStream, TheFramesOfOthers) {
  EXPECT_EQ(read("\x00\x00\x00\x10\x00\x00\x00\x00\x05\xc2\x48\xeb\x7d\x98\xc8\xff"s).frames,
            std::vector<std::string>{"||||||"});
  std::string empty;
  append_aws_event(empty, {}, "");
  EXPECT_EQ(empty, "\x00\x00\x00\x10\x00\x00\x00\x00\x05\xc2\x48\xeb\x7d\x98\xc8\xff"s);
}

TEST(AwsEventStream, HeadersOfEveryType) {
  const std::string headers = header_of("t", 0, "") + header_of("f", 1, "") + header_of("b", 2, "x") +
                              header_of("s", 3, "xx") + header_of("i", 4, "xxxx") + header_of("l", 5, "xxxxxxxx") +
                              header_of("bytes", 6, be(3, 2) + "abc") + header_of("time", 8, "xxxxxxxx") +
                              header_of("uuid", 9, "0123456789abcdef") + text_of(":message-type", "event") +
                              text_of(":event-type", "");
  EXPECT_EQ(read(frame_of(headers, "p")).frames, std::vector<std::string>{"event||||||p"});
}

TEST(AwsEventStream, BrokenHeadersAreRefused) {
  const std::string good = text_of(":message-type", "event");
  for (const std::string& headers :
       {header_of("x", 10, ""), std::string(1, '\0') + "\x07", "\x05"s, "\x02"s + "ab", header_of("x", 7, "\x00\x05"s),
        header_of("x", 7, "\x00"s), header_of("x", 9, "short"), header_of("x", 6, be(4, 2) + "abc"), good + good,
        header_of(":message-type", 6, be(5, 2) + "event"), header_of(":event-type", 0, "")}) {
    const auto said = read(frame_of(headers, ""));
    EXPECT_EQ(said.error, "upstream_protocol") << headers;
    EXPECT_TRUE(said.frames.empty());
  }
  std::string many;
  for (std::size_t i = 0; i <= AwsEventReader::kMostHeaders; ++i) {
    EXPECT_EQ(transcript(frame_of(many, ""), [] { return std::size_t{1} << 30U; }).error, "") << i;
    many += text_of("h" + std::to_string(i), "");
  }
  EXPECT_EQ(read(frame_of(many, "")).error, "upstream_protocol");
}

TEST(AwsEventStream, LengthsThatCannotBeAreRefused) {
  const auto prelude = [](std::uint64_t length, std::uint64_t headers) {
    const std::string numbers = be(length, 4) + be(headers, 4);
    return numbers + crc(numbers) + std::string(64, 'x');
  };
  for (const auto& [length, headers] : {std::pair<std::uint64_t, std::uint64_t>{15, 0},
                                        {0, 0},
                                        {16, 1},
                                        {20, 5},
                                        {100, 0xFFFFFFFF},
                                        {1 << 20, 1 << 18}}) {
    EXPECT_EQ(read(prelude(length, headers)).error, "upstream_protocol") << length << " " << headers;
  }
  EXPECT_EQ(read(prelude(AwsEventReader::kMostFrame + 1, 0)).error, "upstream_too_large");
  EXPECT_EQ(read(prelude(0xFFFFFFFF, 0)).error, "upstream_too_large");
}

TEST(AwsEventStream, TheBoundIsTheCallersChoice) {
  const std::string bytes = event("contentBlockDelta", std::string(200, 'x'));
  const auto all = [] { return std::size_t{1} << 30U; };
  EXPECT_EQ(transcript(bytes, all, bytes.size()).error, "");
  EXPECT_EQ(transcript(bytes, all, bytes.size() - 1).error, "upstream_too_large");
}

TEST(AwsEventStream, AnyFlippedBitIsSeen) {
  const std::string first = event("messageStart", "{}");
  const std::string bytes = first + event("contentBlockDelta", R"({"delta":{"text":"hello"}})");
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const auto said = transcript(flipped, [] { return std::size_t{7}; });
    EXPECT_EQ(said.error, "upstream_protocol") << bit;
    EXPECT_EQ(said.frames.size(), bit / 8 < first.size() ? 0U : 1U) << "only what stands before it is given out";
  }
}

TEST(AwsEventStream, AnEndInsideAFrameIsNoEnd) {
  const std::string bytes = event("messageStart", "{}") + event("messageStop", "{}");
  std::size_t whole = 0;
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    const auto said = transcript(bytes.substr(0, size), [] { return std::size_t{11}; });
    const bool at_edge = size == bytes.size() || size == event("messageStart", "{}").size();
    EXPECT_EQ(said.error, at_edge ? "" : "upstream_broken") << size;
    whole += at_edge ? 1 : 0;
  }
  EXPECT_EQ(whole, 2U);
  AwsEventReader nothing;
  EXPECT_TRUE(nothing.finish().has_value());
}

TEST(AwsEventStream, TheLastFrameMayBeHeldWhenTheStreamEnds) {
  AwsEventReader reader;
  AwsEventFrame frame;
  reader.push(event("a", "1") + event("b", "2"));
  ASSERT_TRUE(*reader.next(frame));
  ASSERT_TRUE(*reader.next(frame));
  EXPECT_TRUE(reader.finish().has_value());
  EXPECT_EQ(frame.payload, "2") << "still readable";
}

}  // namespace
}  // namespace gatehouse::http
