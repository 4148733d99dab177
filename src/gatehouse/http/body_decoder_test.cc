#include "gatehouse/http/body_decoder.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "gatehouse/http/testing/transcript.h"

namespace gatehouse::http {
namespace {

using State = BodyDecoder::State;

struct Decoded {
  std::string body;
  State state;
  std::size_t consumed;
  bool close_is_end;
  bool operator==(const Decoded&) const = default;
};

// First `cut` bytes, then pieces of `piece`.
Decoded decode(Framing framing, std::uint64_t length, std::string_view bytes, std::size_t cut, std::size_t piece) {
  BodyDecoder decoder(framing, length);
  testing::Feed feed(bytes);
  feed.more(cut);
  Decoded out{};
  for (;;) {
    const auto step = decoder.decode(feed.from(out.consumed));
    out.consumed += step.consumed;
    out.state = step.state;
    out.body += step.data;
    if (step.state == State::data) continue;
    if (step.state == State::need_more && feed.more(piece)) continue;
    break;
  }
  // A decoder that failed does not say how far it went.
  if (out.state == State::bad) out.consumed = 0;
  out.close_is_end = decoder.close_is_end();
  EXPECT_EQ(decoder.done(), out.state == State::done);
  // Final means final.
  if (out.state != State::need_more) {
    const auto step = decoder.decode("0\r\n\r\n");
    EXPECT_EQ(step.state, out.state);
    EXPECT_EQ(step.consumed, 0u);
  }
  return out;
}

Decoded all_cuts(Framing framing, std::uint64_t length, std::string_view bytes) {
  const Decoded whole = decode(framing, length, bytes, bytes.size(), 1);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    EXPECT_EQ(whole, decode(framing, length, bytes, cut, bytes.size())) << "cut at " << cut;
  }
  EXPECT_EQ(whole, decode(framing, length, bytes, 0, 1));
  return whole;
}
Decoded chunked(std::string_view bytes) { return all_cuts(Framing::chunked, 0, bytes); }

TEST(BodyDecoder, NoneIsDoneAtOnce) {
  EXPECT_EQ(all_cuts(Framing::none, 0, "next"), (Decoded{"", State::done, 0, true}));
  EXPECT_TRUE(BodyDecoder().done());
}

TEST(BodyDecoder, LengthEndsWhereItSays) {
  EXPECT_EQ(all_cuts(Framing::length, 5, "hello next"), (Decoded{"hello", State::done, 5, true}));
  EXPECT_EQ(all_cuts(Framing::length, 5, "hell"), (Decoded{"hell", State::need_more, 4, false}));
  EXPECT_EQ(all_cuts(Framing::length, 0, "x"), (Decoded{"", State::done, 0, true}));
}

TEST(BodyDecoder, UntilCloseTakesAll) {
  EXPECT_EQ(all_cuts(Framing::until_close, 0, "0\r\n\r\n"), (Decoded{"0\r\n\r\n", State::need_more, 5, true}));
  EXPECT_EQ(all_cuts(Framing::until_close, 0, ""), (Decoded{"", State::need_more, 0, true}));
}

TEST(BodyDecoder, Chunks) {
  const std::string_view good[] = {
      "5\r\nhello\r\n0\r\n\r\n",
      "2\r\nhe\r\n3\r\nllo\r\n000\r\n\r\n",
      "0000000000000005\r\nhello\r\n0\r\n\r\n",
      "5;a\r\nhello\r\n0;b=c;d=\"e;\\\"f\"\r\n\r\n",
      "5  ;a=b\r\nhello\r\n0\r\n\r\n",
      "5;\xc3\xa9\t\r\nhello\r\n0\r\n\r\n",
      "5\r\nhello\r\n0\r\nA: b\r\nX-Y:\r\nZ:\tz\xff\r\n\r\n",
  };
  for (const std::string_view bytes : good) {
    EXPECT_EQ(chunked(bytes), (Decoded{"hello", State::done, bytes.size(), true})) << bytes;
    EXPECT_EQ(chunked(std::string(bytes) + "GET /"), (Decoded{"hello", State::done, bytes.size(), true})) << bytes;
    EXPECT_EQ(chunked(bytes.substr(0, bytes.size() - 1)),
              (Decoded{"hello", State::need_more, bytes.size() - 1, false}));
  }
  EXPECT_EQ(chunked("A\r\n0123456789\r\nb\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n0\r\n\r\n").state, State::bad);
  EXPECT_EQ(chunked("A\r\n0123456789\r\nb\r\nabcdefghij\r\r\n0\r\n\r\n").body, "0123456789abcdefghij\r");
}

TEST(BodyDecoder, RefusesChunksThatOthersCouldReadOtherwise) {
  using namespace std::string_view_literals;
  const std::string_view bad[] = {
      "5\nhello\r\n0\r\n\r\n",          // LF alone
      "5\r\nhello\n0\r\n\r\n",          //
      "5\r\nhello\r\n0\n\r\n",          //
      "5\r\nhello\r\n0\r\n\n",          //
      "5;a\nhello\r\n0\r\n\r\n",        // LF ends no extension
      "5;a\rb\r\nhello\r\n",            // nor does CR
      "5\rhello\r\n0\r\n\r\n",          // CR alone
      "5\r\nhello\r0\r\n\r\n",          //
      "5\r\nhelloo\r\n0\r\n\r\n",       // more than it says
      "5\r\nhell\r\n0\r\n\r\n",         // less
      "\r\nhello\r\n",                  // no size
      ";a\r\n",                         //
      " 5\r\nhello\r\n",                // space before
      "5 \r\nhello\r\n0\r\n\r\n",       // space after
      "5\t;a\r\nhello\r\n0\r\n\r\n",    // tab after
      "5;a=\"b\r\nhello\r\n0\r\n\r\n",  // a quoted string that goes on
      "5;a=\"b\\\"\r\nhello\r\n",       //
      "5;a=\"b\\\r\nhello\r\n",         //
      "+5\r\nhello\r\n",                // signs and prefixes
      "-5\r\n",                         //
      "0x5\r\nhello\r\n",               //
      "5g\r\nhello\r\n",                //
      "5_\r\nhello\r\n",                //
      "00000000000000005\r\nhello",     // 17 digits
      "8000000000000000\r\n",           // beyond 2^63 - 1
      "ffffffffffffffff\r\n",           //
      "5;a\0\r\nhello"sv,               // control bytes
      "0\r\nA b: c\r\n\r\n",            // trailers
      "0\r\nA : c\r\n\r\n",             //
      "0\r\n: c\r\n\r\n",               //
      "0\r\n A: c\r\n\r\n",             //
      "0\r\nA\r\n\r\n",                 //
      "0\r\nA: b\0\r\n\r\n"sv,          //
      "0\r\nA: b\n\r\n",                //
      "0\r\nA: b\r\n c\r\n\r\n",        //
      "0\r\n\rX",                       //
  };
  for (const std::string_view bytes : bad) {
    EXPECT_EQ(chunked(bytes).state, State::bad) << bytes;
    EXPECT_FALSE(chunked(bytes).close_is_end);
  }
}

TEST(BodyDecoder, TheLargestChunkFits) {
  BodyDecoder decoder(Framing::chunked, 0);
  const auto step = decoder.decode("7fffffffffffffff\r\nabc");
  EXPECT_EQ(step.state, State::data);
  EXPECT_EQ(step.data, "abc");
  EXPECT_EQ(decoder.decode("").state, State::need_more);
}

TEST(BodyDecoder, BoundsWhatIsDropped) {
  const auto with_extension = [](std::size_t size) { return "1;" + std::string(size, 'e') + "\r\nx\r\n"; };
  EXPECT_EQ(chunked(with_extension(256)).state, State::need_more);
  EXPECT_EQ(chunked(with_extension(257)).state, State::bad);
  EXPECT_EQ(decode(Framing::chunked, 0, "1" + std::string(300, ' '), 301, 1).state, State::bad);

  std::string many;
  for (int i = 0; i < 64; ++i) many += with_extension(256);
  EXPECT_EQ(decode(Framing::chunked, 0, many, many.size(), 1).state, State::need_more);
  many += with_extension(256);
  EXPECT_EQ(decode(Framing::chunked, 0, many, many.size(), 1).state, State::bad);
  // Payload earns extensions: signed chunks of a large upload pass.
  std::string paid;
  for (int i = 0; i < 300; ++i) paid += "100;" + std::string(100, 'e') + "\r\n" + std::string(256, 'x') + "\r\n";
  EXPECT_EQ(decode(Framing::chunked, 0, paid, paid.size(), 1).state, State::need_more);

  std::string trailers = "0\r\n";
  for (int i = 0; i < 8; ++i) trailers += "A:" + std::string(1022, 't') + "\r\n";
  EXPECT_EQ(decode(Framing::chunked, 0, trailers + "\r\n", trailers.size(), 2).state, State::done);
  EXPECT_EQ(decode(Framing::chunked, 0, trailers + "A:\r\n\r\n", trailers.size(), 9).state, State::bad);
}

}  // namespace
}  // namespace gatehouse::http
