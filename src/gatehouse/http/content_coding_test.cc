#include "gatehouse/http/content_coding.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "gatehouse/base/ids.h"
#include "gatehouse/http/testing/encode.h"

namespace gatehouse::http {
namespace {

using testing::encode;

constexpr std::size_t kAmple = 64 << 20;

std::string text(std::size_t size) {
  base::Random random(size);
  std::string out;
  while (out.size() < size) out += "{\"token\":" + std::to_string(random.below(1000)) + "}\n";
  out.resize(size);
  return out;
}

Result<std::string> decode(std::string_view coding, std::string_view coded, std::size_t piece,
                           std::size_t limit = kAmple) {
  auto made = make_content_decoder(coding);
  if (!made) return std::unexpected(made.error());
  ContentDecoder& decoder = **made;
  std::string out;
  for (std::size_t at = 0; at < coded.size(); at += piece) {
    if (auto done = decoder.decode(coded.substr(at, piece), out, limit); !done) return std::unexpected(done.error());
    EXPECT_LE(out.size(), limit);
  }
  if (auto done = decoder.finish(); !done) return std::unexpected(done.error());
  return out;
}

const std::string_view kCodings[] = {"gzip", "x-gzip",   "deflate", "deflate-raw",  "br",
                                     "zstd", "gzip, br", "br,gzip", "zstd, deflate"};

// What we are told a body of that coding is called.
std::string_view name_of(std::string_view coding) { return coding == "deflate-raw" ? "deflate" : coding; }

class Codings : public ::testing::TestWithParam<std::string_view> {};
INSTANTIATE_TEST_SUITE_P(All, Codings, ::testing::ValuesIn(kCodings), [](const auto& info) {
  std::string name;
  for (const char c : info.param) {
    if (std::isalnum(static_cast<unsigned char>(c))) name.push_back(c);
  }
  return name;
});

TEST_P(Codings, GiveBackWhatWasCoded) {
  for (const std::size_t size : {0, 1, 1000, 16384, 200000}) {
    const std::string plain = text(size);
    const std::string coded = encode(GetParam(), plain);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{4096}, coded.size() + 1}) {
      const auto out = decode(name_of(GetParam()), coded, piece);
      ASSERT_TRUE(out.has_value()) << size << " " << piece;
      ASSERT_TRUE(*out == plain) << size << " " << piece;
    }
  }
}

TEST_P(Codings, GiveWhatIsThereAtOnce) {
  // A stream that its server flushed: the first part is readable before the rest arrives.
  const std::string first = text(300);
  const std::string coded = testing::encode_flushed(GetParam(), first);
  auto made = make_content_decoder(name_of(GetParam()));
  ASSERT_TRUE(made.has_value());
  std::string out;
  ASSERT_TRUE((*made)->decode(coded, out, kAmple).has_value());
  EXPECT_EQ(out, first);
}

TEST_P(Codings, TruncatedIsBroken) {
  const std::string coded = encode(GetParam(), text(500));
  for (std::size_t size = 1; size < coded.size(); ++size) {
    const auto out = decode(name_of(GetParam()), std::string_view(coded).substr(0, size), 64);
    ASSERT_FALSE(out.has_value()) << size << " of " << coded.size();
    EXPECT_EQ(out.error().code, Code::upstream_broken);
  }
}

TEST_P(Codings, WhatFollowsTheEndIsBroken) {
  const std::string coded = encode(GetParam(), text(500)) + "<script>";
  for (const std::size_t piece : {std::size_t{1}, coded.size() - 8, coded.size()}) {
    const auto out = decode(name_of(GetParam()), coded, piece);
    ASSERT_FALSE(out.has_value());
    EXPECT_EQ(out.error().code, Code::upstream_broken);
  }
}

TEST_P(Codings, TheLimitIsExact) {
  const std::string plain = text(100000);
  const std::string coded = encode(GetParam(), plain);
  for (const std::size_t piece : {std::size_t{100}, coded.size()}) {
    const auto fits = decode(name_of(GetParam()), coded, piece, plain.size());
    ASSERT_TRUE(fits.has_value());
    EXPECT_TRUE(*fits == plain);
    const auto over = decode(name_of(GetParam()), coded, piece, plain.size() - 1);
    ASSERT_FALSE(over.has_value());
    EXPECT_EQ(over.error().code, Code::upstream_too_large);
    EXPECT_FALSE(decode(name_of(GetParam()), coded, piece, 0).has_value());
  }
}

TEST_P(Codings, BombsAreFoundBeforeTheyAreStored) {
  const std::string coded = encode(GetParam(), std::string(32 << 20, 'a'));
  auto made = make_content_decoder(name_of(GetParam()));
  ASSERT_TRUE(made.has_value());
  std::string out;
  const auto done = (*made)->decode(coded, out, 100000);
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().code, Code::upstream_too_large);
  EXPECT_LE(out.size(), 100000u);
  EXPECT_LE(out.capacity(), 300000u);
}

TEST(ContentCoding, ABombBetweenTwoCodingsIsFound) {
  // The inner gzip is a long run of empty members: nothing comes out, however much lies between.
  const std::string member = encode("gzip", "");
  std::string inner;
  while (inner.size() < (8u << 20)) inner += member;
  auto made = make_content_decoder("gzip, br");
  ASSERT_TRUE(made.has_value());
  std::string out;
  const auto done = (*made)->decode(encode("br", inner), out, 100000);
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().code, Code::upstream_too_large);
}

TEST(ContentCoding, SeveralMembersAndFramesAreOneBody) {
  EXPECT_EQ(decode("gzip", encode("gzip", "one ") + encode("gzip", "") + encode("gzip", "two"), 5).value(), "one two");
  const std::string skippable("\x50\x2a\x4d\x18\x03\x00\x00\x00xyz", 11);
  EXPECT_EQ(decode("zstd", encode("zstd", "one ") + skippable + encode("zstd", "two"), 5).value(), "one two");
}

TEST(ContentCoding, BrokenDataIsBroken) {
  for (const std::string_view coding : {"gzip", "deflate", "br", "zstd"}) {
    std::string coded = encode(coding, text(5000));
    const auto plain = decode(coding, "this is plain text, not coded at all", 100);
    ASSERT_FALSE(plain.has_value()) << coding;
    EXPECT_EQ(plain.error().code, Code::upstream_broken) << coding;
    if (coding == "br") continue;  // it has no checksum
    coded[coded.size() - 1] = static_cast<char>(coded.back() ^ 1);
    EXPECT_FALSE(decode(coding, coded, 100).has_value()) << coding;
  }
}

TEST(ContentCoding, ZstdOfBeforeTheRfcIsBroken) {
  // The magic number of version 0.7, which the library may read.
  const std::string legacy("\x27\xb5\x2f\xfd\x80\x0e\x00\x00\xd4\x00\x00\x00\x00", 13);
  for (const std::size_t piece : {1, 3, 100}) EXPECT_FALSE(decode("zstd", legacy, piece).has_value());
  EXPECT_FALSE(decode("zstd", encode("zstd", "a") + legacy, 1).has_value());
}

TEST(ContentCoding, ABodyWithoutBytesIsEmpty) {
  for (const std::string_view coding : kCodings) EXPECT_EQ(decode(name_of(coding), "", 1).value_or("?"), "") << coding;
}

TEST(ContentCoding, ZstdWindowsAreBounded) {
  const std::string plain = text(1000);
  EXPECT_TRUE(decode("zstd", testing::encode_zstd_window(plain, 23), 100).has_value());
  EXPECT_FALSE(decode("zstd", testing::encode_zstd_window(plain, 24), 100).has_value());
}

TEST(ContentCoding, NamesAsHttpHasThem) {
  for (const std::string_view nothing : {"", "identity", " Identity , identity"}) {
    const auto made = make_content_decoder(nothing);
    ASSERT_TRUE(made.has_value()) << nothing;
    EXPECT_EQ(*made, nullptr);
  }
  EXPECT_EQ(decode(" GZip ,identity", encode("gzip", "a"), 100).value(), "a");
  for (const std::string_view unknown : {"compress", "gzip, br, gzip", "gzip;q=1", "aws-chunked", "gzipp", "dcz"}) {
    const auto made = make_content_decoder(unknown);
    ASSERT_FALSE(made.has_value()) << unknown;
    EXPECT_EQ(made.error().code, Code::unsupported);
  }
}

}  // namespace
}  // namespace gatehouse::http
