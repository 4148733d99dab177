#include "gatehouse/ml/onnx/runtime.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/ml/testing/tiny_model.h"

namespace gatehouse::ml {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Runtime, LooksBesideTheProgramFirst) {
  const auto places = Runtime::places("/opt/gatehouse/bin");
  ASSERT_GE(places.size(), 3U);
  EXPECT_EQ(places[0], "/opt/gatehouse/bin/libonnxruntime.so.1");
  EXPECT_EQ(places[1], "/opt/gatehouse/lib/gatehouse/libonnxruntime.so.1");
  EXPECT_EQ(places[2], "libonnxruntime.so.1");
  EXPECT_THAT(Runtime::places("/home/me/gatehouse/build/dev/src/gatehouse/app"),
              Contains("/home/me/gatehouse/build/onnxruntime/lib/libonnxruntime.so.1"));
}

TEST(Runtime, SaysWhichPathItTriedAndWhyNot) {
  if (!Runtime::built_in()) GTEST_SKIP() << "built without ONNX Runtime's headers";
  const auto nothing = Runtime::load({.library = "/nowhere/libonnxruntime.so.1"});
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, Code::configuration);
  EXPECT_THAT(nothing.error().detail, AllOf(HasSubstr("/nowhere/libonnxruntime.so.1"), HasSubstr("no such file")));

  const auto text = std::filesystem::path(::testing::TempDir()) / "gatehouse_no_library.so";
  std::ofstream(text) << "this is a text";
  const auto no_library = Runtime::load({.library = text.string()});
  std::filesystem::remove(text);
  ASSERT_FALSE(no_library);
  EXPECT_THAT(no_library.error().detail, HasSubstr(text.string()));

  // A library that is something else.
  const auto other = Runtime::load({.library = "libm.so.6"});
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().detail, AllOf(HasSubstr("libm.so.6"), HasSubstr("not ONNX Runtime")));
}

TEST(Runtime, TellsItsVersion) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  EXPECT_THAT(std::string(testing::runtime()->version()), ::testing::MatchesRegex("1\\.[0-9]+\\.[0-9]+.*"));
  EXPECT_THAT(std::string(testing::runtime()->library()), HasSubstr("libonnxruntime"));
}

}  // namespace
}  // namespace gatehouse::ml
