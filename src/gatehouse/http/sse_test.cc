#include "gatehouse/http/sse.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/http/testing/sse_transcript.h"

namespace gatehouse::http {
namespace {

using testing::SseTranscript;

SseTranscript read(std::string_view bytes) {
  const auto whole = testing::sse_transcript(bytes, [] { return std::size_t{1 << 20}; });
  EXPECT_EQ(whole, testing::sse_transcript(bytes, [] { return std::size_t{1}; })) << bytes;
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    std::size_t next = cut;
    EXPECT_EQ(whole, testing::sse_transcript(bytes, [&] { return std::exchange(next, bytes.size()); })) << bytes;
  }
  return whole;
}

TEST(Sse, ReadsWhatTheStandardShows) {
  // The examples of WHATWG HTML, 9.2.6.
  EXPECT_EQ(read("data: YHOO\ndata: +2\ndata: 10\n\n").events, "[]:[YHOO\n+2\n10]:[]data;");
  EXPECT_EQ(read(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n").events,
            "[]:[]:[]comment;[]:[first event]:[1]data;[]:[second event]:[]data;");
  EXPECT_EQ(read("data\n\ndata\ndata\n\ndata:").events, "[]:[]:[]data;[]:[\n]:[]data;");
  EXPECT_EQ(read("data:test\n\ndata: test\n\n").events, "[]:[test]:[]data;[]:[test]:[]data;");
}

TEST(Sse, FieldsAsTheStandardHasThem) {
  using namespace std::string_view_literals;
  EXPECT_EQ(read("event: a\nevent: b\ndata: x\n\n").events, "[b]:[x]:[]data;");
  EXPECT_EQ(read("event: a\n\n").events, "[a]:[]:[];");
  EXPECT_EQ(read("data: x\nid: 1\nid: 2\0\n\n"sv).events, "[]:[x]:[1]data;");
  EXPECT_EQ(read("Data: x\ndatas: y\n data: z\nretry: 5\n\n").events, "[]:[]:[];");
  EXPECT_EQ(read("data:x:y: z\n:c\ndata\n\n").events, "[]:[x:y: z\n]:[]data;");
  EXPECT_EQ(read("data:  [DONE] \n\n").events, "[]:[ [DONE] ]:[]data;");
  EXPECT_EQ(read(":\n:keep-alive\n\n").events, "[]:[]:[]comment;");
}

TEST(Sse, LineEndsOfAllKinds) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    std::string bytes;
    for (const std::string_view line : {"data: a", "data: b", "", ": c", "", "", "event: d", "data:e", ""}) {
      bytes.append(line).append(end);
    }
    const auto said = read(bytes);
    EXPECT_EQ(said.events, "[]:[a\nb]:[]data;[]:[]:[]comment;[d]:[e]:[]data;");
    EXPECT_EQ(said.raw, bytes);
  }
  EXPECT_EQ(read("data: a\r\ndata: b\r\r\ndata: c\n\r\n").events, "[]:[a\nb]:[]data;[]:[c]:[]data;");
}

TEST(Sse, AByteOrderMarkIsSkippedAtTheStartOnly) {
  const std::string mark = "\xEF\xBB\xBF";
  const auto said = read(mark + "data: a\n\n" + mark + "data: b\n\n");
  EXPECT_EQ(said.events, "[]:[a]:[]data;[]:[]:[];");
  EXPECT_EQ(said.raw, mark + "data: a\n\n" + mark + "data: b\n\n");
  EXPECT_EQ(read(mark + mark + "data: a\n\n").events, "[]:[]:[];");
}

TEST(Sse, WhatIsNotWholeIsNotGiven) {
  EXPECT_EQ(read("data: a\n\ndata: b\n").raw, "data: a\n\n");
  EXPECT_EQ(read("data: a\n").raw, "");
  EXPECT_EQ(read("data: [DONE]").events, "");
}

TEST(Sse, RawIsEachEventsOwn) {
  const std::string bytes = "data: a\n\n: c\n\n\ndata: b\n\n";
  std::string scratch;
  SseReader reader(bytes, scratch);
  SseEvent event;
  std::vector<std::string> raw;
  while (reader.next(event)) raw.emplace_back(event.raw);
  EXPECT_EQ(raw, (std::vector<std::string>{"data: a\n\n", ": c\n\n", "\ndata: b\n\n"}));
}

TEST(Sse, OneDataLineIsNotCopied) {
  const std::string bytes = "data: abc\n\n";
  std::string scratch = "untouched";
  SseReader reader(bytes, scratch);
  SseEvent event;
  ASSERT_TRUE(reader.next(event));
  EXPECT_EQ(event.data.data(), bytes.data() + 6);
  EXPECT_EQ(scratch, "untouched");
}

TEST(SseCutter, EventsEndedByCrAreWholeAtOnce) {
  SseCutter cutter;
  EXPECT_EQ(cutter.whole("data: a\r"), 0u);
  EXPECT_EQ(cutter.whole("data: a\r\n"), 0u);
  EXPECT_EQ(cutter.whole("data: a\r\n\r"), 10u);
  EXPECT_EQ(cutter.whole("data: a\r\n\r"), 10u);
  cutter.consumed(10);
  EXPECT_EQ(cutter.whole("\n"), 1u);
  cutter.consumed(1);
  EXPECT_EQ(cutter.whole("data: b\n"), 0u);
  EXPECT_EQ(cutter.whole("data: b\n\nda"), 9u);
  cutter.consumed(4);  // the caller may take less
  EXPECT_EQ(cutter.whole("b\n\nda"), 3u - 1u + 1u + 2u);
}

// Bytes that were looked at are spoilt here: the cutter must not look again.
TEST(SseCutter, LooksAtEachByteOnce) {
  SseCutter cutter;
  std::string queued;
  for (int i = 0; i < 1000; ++i) {
    queued.push_back('x');
    ASSERT_EQ(cutter.whole(queued), 0u);
    queued.back() = '\n';
  }
  queued += "\r\n\r\n";
  EXPECT_EQ(cutter.whole(queued), 1004u);
}

TEST(AppendSse, IsReadBackAsItWasMeant) {
  std::string out;
  append_sse(out, "", "{\"a\":1}");
  EXPECT_EQ(out, "data: {\"a\":1}\n\n");
  append_sse(out, "error", "two\nlines\r\nthree\rfour");
  append_sse(out, "", "");
  append_sse(out, "a\r\ndata: forged\n\n", "x");
  const auto said = read(out);
  EXPECT_EQ(said.raw, out);
  EXPECT_EQ(said.events,
            "[]:[{\"a\":1}]:[]data;[error]:[two\nlines\nthree\nfour]:[]data;[]:[]:[]data;[adata: forged]:[x]:[]data;");
}

}  // namespace
}  // namespace gatehouse::http
