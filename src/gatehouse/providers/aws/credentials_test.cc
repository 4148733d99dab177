#include "gatehouse/providers/aws/credentials.h"

#include <chrono>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace gatehouse::providers::aws {
namespace {

using namespace std::chrono;
using namespace std::string_literals;

base::WallTime noon() { return sys_days(2026y / November / 21) + 12h; }

TEST(AwsCredentials, TimesAreReadStrictly) {
  EXPECT_EQ(parse_time("2026-11-21T12:00:00Z"), noon());
  EXPECT_EQ(parse_time("2026-11-21T12:00:00.123456Z"), noon());
  EXPECT_EQ(parse_time("2026-11-21T13:30:00+01:30"), noon());
  EXPECT_EQ(parse_time("2026-11-21T07:00:00-0500"), noon());
  EXPECT_EQ(parse_time("2026-11-20T24:00:00Z"), std::nullopt);
  for (const std::string_view text :
       {"", "2026-11-21", "2026-11-21T12:00:00", "2026-11-21 12:00:00Z", "2026-02-30T00:00:00Z", "2026-11-21T12:60:00Z",
        "2026-11-21T12:00:00.Z", "2026-11-21T12:00:00+1", "2026-11-21T12:00:00+0a:00", "2026-11-21T12:00:00ZZ",
        "9999-11-21T12:00:00Z", "1969-11-21T12:00:00Z", "20261121T120000Z"}) {
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
  }
}

TEST(AwsCredentials, RefreshComesBeforeTheEnd) {
  Credentials credentials{"AKIA", base::Secret("s"), {}, {}};
  EXPECT_FALSE(wants_refresh(credentials, noon()));
  EXPECT_FALSE(expired(credentials, noon()));
  credentials.expires = noon() + kRefreshAhead + 1s;
  EXPECT_FALSE(wants_refresh(credentials, noon()));
  EXPECT_TRUE(wants_refresh(credentials, noon() + 1s));
  EXPECT_FALSE(expired(credentials, noon() + 1s));
  EXPECT_FALSE(expired(credentials, *credentials.expires - 61s));
  EXPECT_TRUE(expired(credentials, *credentials.expires - 60s)) << "clocks differ";
}

TEST(AwsCredentials, FromTheEnvironment) {
  EXPECT_EQ(*credentials_from_environment("", "", "token"), std::nullopt);
  const auto read = credentials_from_environment("AKIA", "secret", "");
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->access_key_id, "AKIA");
  EXPECT_EQ((*read)->secret_access_key.reveal(), "secret");
  EXPECT_TRUE((*read)->session_token.empty());
  EXPECT_FALSE((*read)->expires);
  EXPECT_EQ((*credentials_from_environment("AKIA", "secret", "t"))->session_token.reveal(), "t");
  for (const auto& [id, secret] : {std::pair<std::string, std::string>{"AKIA", ""}, {"", "secret"}, {"A\nB: c", "x"}}) {
    const auto wrong = credentials_from_environment(id, secret, "");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, Code::configuration);
    EXPECT_EQ(wrong.error().detail.find("secret"), std::string::npos);
  }
}

constexpr std::string_view kFile = R"(# made by hand
[default]
aws_access_key_id = AKIADEFAULT
aws_secret_access_key=abc/+=def==

[work]
  indented = is no setting of ours
aws_access_key_id : no
AWS_ACCESS_KEY_ID = AKIAWORK   ; mine
aws_secret_access_key =	s3cret#1
aws_session_token = tok
s3 =
    max_concurrent_requests = 20
[profile build]
region = eu-west-1
role_arn = arn:aws:iam::111122223333:role/build
source_profile = work
external_id = x=y
duration_seconds = 1800
[profile "two words"]
region=us-west-2
[default]
region = us-east-1
)";

TEST(AwsCredentials, FromAFile) {
  // ':' divides nothing in these files.
  EXPECT_FALSE(credentials_from_file(kFile, "default"));
  std::string file(kFile);
  file.erase(file.find("aws_access_key_id : no\n"), 23);
  for (const std::string& ends : {"\n"s, "\r\n"s}) {
    std::string text;
    for (const char c : file) c == '\n' ? text.append(ends) : text.append(1, c);
    const auto first = profile_from_file(text, "default");
    ASSERT_TRUE(first && *first);
    EXPECT_EQ((*first)->credentials.access_key_id, "AKIADEFAULT");
    EXPECT_EQ((*first)->credentials.secret_access_key.reveal(), "abc/+=def==");
    EXPECT_EQ((*first)->region, "us-east-1") << "its sections count as one";
    const auto work = credentials_from_file("\xef\xbb\xbf" + text, "work");
    ASSERT_TRUE(work && *work);
    EXPECT_EQ((*work)->access_key_id, "AKIAWORK");
    EXPECT_EQ((*work)->secret_access_key.reveal(), "s3cret#1");
    EXPECT_EQ((*work)->session_token.reveal(), "tok");
    const auto build = profile_from_file(text, "build");
    ASSERT_TRUE(build && *build);
    EXPECT_TRUE((*build)->credentials.empty());
    EXPECT_EQ((*build)->role_arn, "arn:aws:iam::111122223333:role/build");
    EXPECT_EQ((*build)->source_profile, "work");
    EXPECT_EQ((*build)->external_id, "x=y");
    EXPECT_EQ((*build)->duration_seconds, 1800U);
    EXPECT_EQ(*credentials_from_file(text, "build"), std::nullopt);
    EXPECT_EQ((**profile_from_file(text, "two words")).region, "us-west-2");
    EXPECT_EQ(*credentials_from_file(text, "nobody"), std::nullopt);
  }
}

TEST(AwsCredentials, FilesThatAreWrong) {
  EXPECT_EQ(credentials_from_file("[default]\naws_access_key_id = A\n", "default").error().code, Code::configuration);
  const auto line = credentials_from_file("[default]\n\nAKIASECRETSTUFF\n", "default").error();
  EXPECT_EQ(line.code, Code::configuration);
  EXPECT_NE(line.detail.find("Line 3"), std::string::npos);
  EXPECT_EQ(line.detail.find("AKIA"), std::string::npos) << "what was read is told to nobody";
  EXPECT_FALSE(credentials_from_file("[default\n", "default"));
  EXPECT_EQ(credentials_from_file(std::string(kMostCredentialBytes + 1, '\n'), "default").error().code,
            Code::too_large);
}

TEST(AwsCredentials, OfAnInstance) {
  EXPECT_EQ(*read_imds_token("AQAEAexample==\n"), "AQAEAexample==");
  EXPECT_FALSE(read_imds_token("a\r\nx: y"));
  EXPECT_FALSE(read_imds_token(""));
  EXPECT_EQ(*read_imds_role("my-role.x@y\nother\n"), "my-role.x@y");
  for (const std::string_view role : {"", "\n", "a/b", "..", "a?b", "<html>"})
    EXPECT_FALSE(read_imds_role(role)) << role;

  const auto read = read_imds_credentials(R"({"Code":"Success","LastUpdated":"2026-11-21T06:00:00Z","Type":"AWS-HMAC",
    "AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"a\/b","Token":"tok","Expiration":"2026-11-21T12:00:00Z"})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->access_key_id, "ASIAEXAMPLE");
  EXPECT_EQ(read->secret_access_key.reveal(), "a/b");
  EXPECT_EQ(read->session_token.reveal(), "tok");
  EXPECT_EQ(read->expires, noon());
  for (const std::string_view body :
       {"", "[]", "{}", R"({"Code":"AssumeRoleUnauthorizedAccess"})",
        R"({"Code":"Success","AccessKeyId":"A","SecretAccessKey":"b"})",
        R"({"Code":"Success","AccessKeyId":"A","Token":"t","Expiration":"2026-11-21T12:00:00Z"})",
        R"({"Code":"Success","AccessKeyId":"A\nB","SecretAccessKey":"b","Expiration":"2026-11-21T12:00:00Z"})",
        R"({"Code":"Success","AccessKeyId":"A","SecretAccessKey":"b","Token":"t","Expiration":"soon"})"}) {
    const auto wrong = read_imds_credentials(body);
    ASSERT_FALSE(wrong) << body;
    EXPECT_EQ(wrong.error().code, Code::upstream_credentials);
  }
  EXPECT_FALSE(read_imds_credentials(std::string(kMostCredentialBytes + 1, ' ')));
}

TEST(AwsCredentials, OfAContainer) {
  const auto read = read_container_credentials(
      R"({"RoleArn":"arn","AccessKeyId":"A","SecretAccessKey":"b","Token":"t","Expiration":"2026-11-21T12:00:00Z"})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->expires, noon());
  EXPECT_FALSE(read_container_credentials(R"({"AccessKeyId":"A","SecretAccessKey":"b"})")->expires) << "no end told";
  EXPECT_FALSE(read_container_credentials(R"({"message":"no"})"));

  for (const std::string_view url :
       {"https://anywhere.example/x", "http://169.254.170.2/v2/x", "http://169.254.170.23/v1/credentials",
        "http://[fd00:ec2::23]/v1", "http://localhost:8080/", "http://127.0.0.1/x", "http://127.255.0.9:1",
        "http://[::1]"}) {
    EXPECT_TRUE(is_container_endpoint(url)) << url;
  }
  for (const std::string_view url :
       {"", "https://", "http://169.254.169.254/", "http://169.254.170.2.example/", "http://169.254.170.2@example/",
        "http://127.0.0.1.example/", "http://127.1/", "http://127.0.0.256", "http://127.example", "ftp://localhost/",
        "http://[::1", "http://10.0.0.1/", "https://@/", "http://localhost@example/"}) {
    EXPECT_FALSE(is_container_endpoint(url)) << url;
  }
}

constexpr std::string_view kAssumed = R"(<?xml version="1.0"?>
<!-- any -->
<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/" note='a>b'>
  <AssumeRoleResult>
    <AssumedRoleUser><Arn>arn</Arn><AccessKeyId>NOTTHIS</AccessKeyId></AssumedRoleUser>
    <PackedPolicySize/>
    <Credentials>
      <SessionToken>
        tok&#43;en&amp;&#x3d;
      </SessionToken>
      <SecretAccessKey>a/b&lt;c</SecretAccessKey>
      <Expiration>2026-11-21T12:00:00.000Z</Expiration>
      <AccessKeyId>ASIAEXAMPLE</AccessKeyId>
    </Credentials>
  </AssumeRoleResult>
</AssumeRoleResponse>
)";

TEST(AwsSts, AnswersAreRead) {
  const auto read = read_assume_role(kAssumed);
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->access_key_id, "ASIAEXAMPLE");
  EXPECT_EQ(read->secret_access_key.reveal(), "a/b<c");
  EXPECT_EQ(read->session_token.reveal(), "tok+en&=");
  EXPECT_EQ(read->expires, noon());
  EXPECT_TRUE(
      read_assume_role("<a><s:Credentials><s:AccessKeyId>A</s:AccessKeyId><SecretAccessKey>b</SecretAccessKey>"
                       "<SessionToken>t</SessionToken><Expiration>2026-11-21T12:00:00Z</Expiration>"
                       "</s:Credentials></a>"));
}

TEST(AwsSts, ErrorsAreNamed) {
  const auto denied = read_assume_role(
      R"(<ErrorResponse xmlns="x"><Error><Type>Sender</Type><Code>AccessDenied</Code>
      <Message>User: arn:aws:iam::1:user/x is not authorized</Message></Error><RequestId>r</RequestId></ErrorResponse>)");
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().code, Code::upstream_credentials);
  EXPECT_NE(denied.error().detail.find("STS says AccessDenied"), std::string::npos);
  EXPECT_EQ(denied.error().detail.find("arn"), std::string::npos);
  EXPECT_EQ(read_assume_role("<E><Error><Code>&lt;script&gt;</Code></Error></E>").error().detail.find("script"),
            std::string::npos);
}

TEST(AwsSts, WhatIsNoSuchAnswer) {
  std::string deep;
  for (int i = 0; i < 17; ++i) deep += "<a>";
  for (int i = 0; i < 17; ++i) deep += "</a>";
  const std::string whole(kAssumed);
  for (const std::string& xml :
       {""s, "no"s, "<a>"s, "<a></b>"s, "<a/><b/>"s, "<a></a>x"s, "<a b='></a>"s, "<a>&other;</a>"s, "<a>&#0;</a>"s,
        "<a>&#x110000;</a>"s, "<!DOCTYPE a><a/>"s, "<a><![CDATA[x]]></a>"s, "<!-- <a/>"s, "<a <b/>"s, "<>"s, deep,
        "<a>" + std::string(17'000, 'x') + "</a>", std::string(kMostCredentialBytes + 1, ' ')}) {
    const auto read = read_assume_role(xml);
    ASSERT_FALSE(read) << xml.substr(0, 40);
    EXPECT_EQ(read.error().code, Code::upstream_credentials);
  }
  // Cut anywhere it is no answer.
  const std::size_t end = whole.rfind('>');
  for (std::size_t size = 0; size <= end; ++size) EXPECT_FALSE(read_assume_role(whole.substr(0, size))) << size;
}

TEST(AwsSts, Forms) {
  AssumeRole role{.role_arn = "arn:aws:iam::1:role/r",
                  .session_name = "",
                  .external_id = "a&b=c",
                  .policy = "",
                  .duration_seconds = {}};
  EXPECT_EQ(assume_role_form(role),
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&RoleSessionName=gatehouse&"
            "ExternalId=a%26b%3Dc");
  role.session_name = "me";
  role.policy = R"({"a":1})";
  role.duration_seconds = 900;
  EXPECT_EQ(assume_role_with_web_identity_form(role, "e30.e30.x\n"),
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&"
            "RoleSessionName=me&Policy=%7B%22a%22%3A1%7D&DurationSeconds=900&WebIdentityToken=e30.e30.x");
}

TEST(AwsSts, HostsByPartition) {
  EXPECT_EQ(service_host("sts", "eu-west-1"), "sts.eu-west-1.amazonaws.com");
  EXPECT_EQ(service_host("bedrock-runtime", "us-gov-west-1"), "bedrock-runtime.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(service_host("sts", "cn-north-1"), "sts.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(service_host("sts", "eusc-de-east-1"), "sts.eusc-de-east-1.amazonaws.eu");
  EXPECT_EQ(service_host("sts", "us-isob-east-1"), "sts.us-isob-east-1.sc2s.sgov.gov");
  for (const std::string_view region : {"", "EU-west-1", "a.b", "a/b", "-a", "a-", "a b"}) {
    EXPECT_EQ(service_host("sts", region), "") << region;
  }
}

TEST(AwsSts, RequestsAreSigned) {
  const Credentials credentials{
      "AKIDEXAMPLE", base::Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), base::Secret("TOKEN"), {}};
  const std::string form = assume_role_form({.role_arn = "arn:aws:iam::123456789012:role/demo",
                                             .session_name = "gatehouse",
                                             .external_id = "",
                                             .policy = "",
                                             .duration_seconds = {}});
  const auto lines = sign_sts_request(form, "sts.us-east-1.amazonaws.com", "us-east-1", credentials, noon());
  ASSERT_TRUE(lines);
  // The signature that botocore 1.44.5 makes of the same request at the same time.
  EXPECT_TRUE(
      lines->starts_with("authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/us-east-1/sts/"
                         "aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, "
                         "Signature=24d2e54225495b98134e8bc2c7ee69168a2c01b73f7a4e63bc543b7f5df97a14\r\n"))
      << *lines;
  EXPECT_TRUE(lines->ends_with("\r\nx-amz-date: 20261121T120000Z\r\nx-amz-security-token: TOKEN\r\n"));
  EXPECT_NE(*lines, *sign_sts_request(form + "&x=y", "sts.us-east-1.amazonaws.com", "us-east-1", credentials, noon()));
  EXPECT_FALSE(sign_sts_request(form, "h", "us east", credentials, noon()));
  EXPECT_FALSE(sign_sts_request(form, "h", "us-east-1", {}, noon()));
}

}  // namespace
}  // namespace gatehouse::providers::aws
