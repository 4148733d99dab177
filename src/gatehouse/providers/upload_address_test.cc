#include "gatehouse/providers/upload_address.h"

#include <string>

#include <gtest/gtest.h>

namespace gatehouse::providers {
namespace {

std::string target(std::string_view address, std::string_view base = "https://far.example/v1beta",
                   std::string_view root = "") {
  const auto found = upload_target(*config::parse_base_url(base), root, upload_path("/v1beta"), address);
  if (found) return *found;
  EXPECT_EQ(found.error().code, Code::upstream_protocol);
  EXPECT_EQ(found.error().detail.find("example"), std::string::npos);
  return "foreign";
}

TEST(UploadAddress, TheProvidersOwn) {
  const std::string own = "/upload/v1beta/files?upload_id=a-_b&upload_protocol=resumable";
  EXPECT_EQ(target("https://far.example" + own), own);
  EXPECT_EQ(target("HTTPS://FAR.example:443" + own), own);
  EXPECT_EQ(target("http://10.0.0.7:8080/proxy" + own, "http://10.0.0.7:8080/proxy", "/proxy"), own);
  EXPECT_EQ(origin_of(*config::parse_base_url("https://far.example/v1beta")), "https://far.example");
  EXPECT_EQ(origin_of(*config::parse_base_url("http://[::1]:81")), "http://[::1]:81");
}

TEST(UploadAddress, AllElseIsForeign) {
  for (const auto* address :
       {"", "x", "/upload/v1beta/files?upload_id=a", "//far.example/upload/v1beta/files?upload_id=a",
        "http://far.example/upload/v1beta/files?upload_id=a", "https://far.example:444/upload/v1beta/files?upload_id=a",
        "https://other.example/upload/v1beta/files?upload_id=a", "https://far.example.other/upload/v1beta/files?a=b",
        "https://other@far.example/upload/v1beta/files?upload_id=a", "https://far.example/v1beta/files?upload_id=a",
        "https://far.example/upload/v1beta/files", "https://far.example/upload/v1beta/files?",
        "https://far.example/upload/v1beta/files/../../x?a=b", "https://far.example/upload/v1beta/%66iles?a=b",
        "https://far.example/upload/v1beta/files?a=b c", "https://far.example/upload/v1beta/files?a=b\r\nx: y",
        "https://far.example/upload/v1beta/files?a=b#c", "https://169.254.169.254/upload/v1beta/files?a=b",
        "file:///upload/v1beta/files?a=b"}) {
    EXPECT_EQ(target(address), "foreign") << address;
  }
}

}  // namespace
}  // namespace gatehouse::providers
