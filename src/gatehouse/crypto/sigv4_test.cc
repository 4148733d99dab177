#include "gatehouse/crypto/sigv4.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/crypto/encoding.h"

namespace gatehouse::crypto {
namespace {

using namespace std::chrono;

// The credentials of AWS's documentation.
constexpr std::string_view kId = "AKIDEXAMPLE";
constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
constexpr std::string_view kNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

base::WallTime at(year_month_day date, hours h, minutes m, seconds s = seconds(0)) {
  return sys_days(date) + h + m + s;
}
const base::WallTime kAugust = at(2015y / August / 30, 12h, 36min);

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html and, before, the General
// Reference's "Signature Version 4 signing process": IAM's ListUsers.
TEST(SigV4, TheExampleOfTheDocumentation) {
  SigningKey key(kId, kSecret, "", "us-east-1", "iam", kAugust);
  const std::vector<SigV4Field> fields = {{"Host", "iam.amazonaws.com"},
                                          {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  const SigV4Request request{.method = "GET",
                             .path = "/",
                             .query = "Action=ListUsers&Version=2010-05-08",
                             .fields = fields,
                             .payload_hash = kNothing};
  const std::string canonical = canonical_request(key, request, sigv4_time(kAugust));
  EXPECT_EQ(canonical,
            "GET\n/\nAction=ListUsers&Version=2010-05-08\n"
            "content-type:application/x-www-form-urlencoded; charset=utf-8\nhost:iam.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n\ncontent-type;host;x-amz-date\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256(canonical)), "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
  EXPECT_EQ(authorization(key, request, sigv4_time(kAugust)),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-date, "
            "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
  std::string lines;
  append_signature(lines, key, request, kAugust);
  EXPECT_EQ(lines, "authorization: " + authorization(key, request, "20150830T123600Z") +
                       "\r\nx-amz-date: 20150830T123600Z\r\n");
}

// The General Reference's older example with a body: https://docs.aws.amazon.com/general/latest/gr/
// sigv4-signed-request-examples.html
TEST(SigV4, TheOlderExampleWithABody) {
  const auto then = at(2011y / September / 9, 23h, 36min);
  SigningKey key(kId, kSecret, "", "us-east-1", "iam", then);
  const std::vector<SigV4Field> fields = {{"host", "iam.amazonaws.com"},
                                          {"content-type", "application/x-www-form-urlencoded; charset=utf-8"}};
  const std::string hash = payload_hash("Action=ListUsers&Version=2010-05-08");
  const SigV4Request request{.method = "POST", .path = "/", .query = "", .fields = fields, .payload_hash = hash};
  EXPECT_NE(authorization(key, request, sigv4_time(then))
                .find("Signature=ced6826de92d2bdeed8f846f0bf508e8559e98e4b0199114b84c54174deb456c"),
            std::string::npos);
}

// S3 encodes a path once and tells the hash of the body: "GET Object" of
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
TEST(SigV4, TheExampleOfS3) {
  const auto then = at(2013y / May / 24, 0h, 0min);
  SigningKey key("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", "us-east-1", "s3", then);
  const std::vector<SigV4Field> fields = {{"Host", "examplebucket.s3.amazonaws.com"}, {"Range", "bytes=0-9"}};
  const SigV4Request request{.method = "GET",
                             .path = "/test.txt",
                             .query = "",
                             .fields = fields,
                             .payload_hash = kNothing,
                             .encode_path_twice = false,
                             .tell_content_sha256 = true};
  std::string lines;
  append_signature(lines, key, request, then);
  EXPECT_EQ(lines,
            "authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41\r\n"
            "x-amz-date: 20130524T000000Z\r\nx-amz-content-sha256: " +
                std::string(kNothing) + "\r\n");
}

TEST(SigV4, QueriesAreSorted) {
  SigningKey key(kId, kSecret, "", "us-east-1", "service", kAugust);
  const auto line_of = [&key](std::string_view query) {
    const SigV4Request request{.method = "GET", .path = "", .query = query, .fields = {}, .payload_hash = kNothing};
    const std::string text = canonical_request(key, request, "T");
    EXPECT_TRUE(text.starts_with("GET\n/\n")) << "an empty path is the root";
    return text.substr(6, text.find('\n', 6) - 6);
  };
  EXPECT_EQ(line_of("b=2&a=2&a=1"), "a=1&a=2&b=2");
  EXPECT_EQ(line_of("b&a=x=y&"), "=&a=x=y&b=");
  EXPECT_EQ(line_of("a%20b=%2F&A=1"), "A=1&a%20b=%2F");
  EXPECT_EQ(line_of(""), "");
}

TEST(SigV4, FieldsAreLowTrimmedAndJoined) {
  SigningKey key(kId, kSecret, "TOKEN", "us-east-1", "service", kAugust);
  const std::vector<SigV4Field> fields = {
      {"My-Header", "  a   b \t c "}, {"HOST", "example.com"}, {"my-header", "second"}, {"X-Amz-Target", ""}};
  const SigV4Request request{.method = "POST", .path = "/", .query = "", .fields = fields, .payload_hash = "HASH"};
  EXPECT_EQ(canonical_request(key, request, "T"),
            "POST\n/\n\nhost:example.com\nmy-header:a b c,second\nx-amz-date:T\nx-amz-security-token:TOKEN\n"
            "x-amz-target:\n\nhost;my-header;x-amz-date;x-amz-security-token;x-amz-target\nHASH");
  std::string lines;
  append_signature(lines, key, request, kAugust);
  EXPECT_NE(lines.find("\r\nx-amz-security-token: TOKEN\r\n"), std::string::npos);
}

TEST(SigV4, ModelIdsAreOneSegmentEncodedAgainForTheSignature) {
  const std::string path =
      *bedrock_path("arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.meta.llama", "converse-stream");
  EXPECT_EQ(path,
            "/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A111122223333%3Ainference-profile%2Feu.meta.llama/"
            "converse-stream");
  EXPECT_EQ(*bedrock_path("amazon.nova-lite-v1:0", "converse"), "/model/amazon.nova-lite-v1%3A0/converse");
  EXPECT_EQ(*bedrock_path("a b/../c?d#e%\xc3\xa9~_-", "invoke"), "/model/a%20b%2F..%2Fc%3Fd%23e%25%C3%A9~_-/invoke");
  for (const std::string& id : {std::string(), std::string("."), std::string(".."), std::string(2049, 'x')}) {
    EXPECT_EQ(bedrock_path(id, "converse").error().code, Code::invalid_request) << id;
  }

  SigningKey key(kId, kSecret, "", "us-east-1", "bedrock", kAugust);
  const SigV4Request request{.method = "POST", .path = path, .query = "", .fields = {}, .payload_hash = kNothing};
  EXPECT_TRUE(canonical_request(key, request, "T")
                  .starts_with("POST\n/model/arn%253Aaws%253Abedrock%253Aeu-west-1%253A111122223333%253A"
                               "inference-profile%252Feu.meta.llama/converse-stream\n"));
}

TEST(SigV4, AKeyIsForADay) {
  SigningKey key(kId, kSecret, "", "us-east-1", "bedrock", kAugust);
  EXPECT_EQ(key.scope(), "20150830/us-east-1/bedrock/aws4_request");
  EXPECT_TRUE(key.covers(at(2015y / August / 30, 0h, 0min)));
  EXPECT_TRUE(key.covers(at(2015y / August / 30, 23h, 59min, 59s) + 999ms));
  EXPECT_FALSE(key.covers(at(2015y / August / 31, 0h, 0min)));
  EXPECT_FALSE(key.covers(at(2015y / August / 29, 23h, 59min, 59s)));
  EXPECT_FALSE(key.covers(at(2016y / August / 30, 12h, 36min)));
}

TEST(SigV4, TimesAndHashes) {
  EXPECT_EQ(sigv4_time(at(2024y / February / 29, 1h, 2min, 3s) + 999ms), "20240229T010203Z");
  EXPECT_EQ(sigv4_time(at(1969y / December / 31, 23h, 59min, 59s) + 500ms), "19691231T235959Z");
  EXPECT_EQ(payload_hash(""), kNothing);
  const std::vector<std::string_view> pieces = {"hel", "", "lo"};
  EXPECT_EQ(payload_hash(pieces), payload_hash("hello"));
  EXPECT_EQ(payload_hash(std::span<const std::string_view>()), kNothing);
}

}  // namespace
}  // namespace gatehouse::crypto
