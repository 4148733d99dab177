#include "gatehouse/app/commands/import_litellm.h"

#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/net/test_support.h"

namespace gatehouse::app::commands {
namespace {

using net::testing::TempDir;

constexpr const char* kGood =
    "model_list:\n"
    "  - { model_name: a, litellm_params: { model: openai/gpt-5.6, api_key: os.environ/OPENAI_API_KEY } }\n"
    "general_settings: { master_key: os.environ/MASTER }\n";

std::string content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

TEST(ImportLitellm, WritesAFileForItsOwnerAlone) {
  const TempDir dir;
  const std::string input = dir.write("config.yaml", kGood);
  const std::string output = dir.file("gatehouse.yaml");
  EXPECT_EQ(import_litellm({.input = input, .output = output}), 0);
  struct stat info{};
  ASSERT_EQ(::stat(output.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_NE(content(output).find("name: openai"), std::string::npos);
  dir.write("gatehouse.yaml", "mine");
  EXPECT_EQ(import_litellm({.input = input, .output = output}), 2);
  EXPECT_EQ(content(output), "mine");
}

TEST(ImportLitellm, SaysByItsExitWhatIsLost) {
  const TempDir dir;
  const std::string lossy = dir.write("lossy.yaml", std::string(kGood) + "guardrails: [ { guardrail_name: a } ]\n");
  EXPECT_EQ(import_litellm({.input = lossy, .output = dir.file("out.yaml")}), 1);
  EXPECT_EQ(import_litellm({.input = dir.file("none.yaml"), .output = dir.file("b.yaml")}), 2);
  EXPECT_EQ(import_litellm({.input = dir.write("list.yaml", "[]"), .output = dir.file("c.yaml")}), 2);
}

TEST(ImportLitellm, GivesOneJsonObject) {
  const TempDir dir;
  const std::string input = dir.write("config.yaml", std::string(kGood) + "guardrails: [ { guardrail_name: a } ]\n");
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(import_litellm({.input = input, .output = "", .as_json = true}), 1);
  const std::string out = ::testing::internal::GetCapturedStdout();
  ASSERT_TRUE(json::validate(out));
  const json::Value value(out);
  EXPECT_EQ(value["ok"].boolean(), false);
  EXPECT_EQ(value["models"].integer(), 1);
  EXPECT_GT(value["notes"].size(), 2U);
  EXPECT_NE(value["yaml"].string_or("").find("models:"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::app::commands
