#include "gatehouse/json/writer.h"

#include <limits>

#include <gtest/gtest.h>

#include "gatehouse/json/value.h"

namespace gatehouse::json {
namespace {

TEST(Writer, sets_the_commas) {
  std::string out = "x";
  Writer writer(out);
  writer.begin_object().key("a").begin_array().end_array().key("b").begin_array().integer(-1).number(0.5).string("s");
  writer.begin_object().end_object().begin_object().key("c").null().end_object().end_array();
  writer.key("d").boolean(true).key("e").boolean(false).key("f").raw("[1]").key("g").unsigned_integer(UINT64_MAX);
  writer.end_object();
  EXPECT_EQ(out, R"(x{"a":[],"b":[-1,0.5,"s",{},{"c":null}],"d":true,"e":false,"f":[1],"g":18446744073709551615})");
}

TEST(Writer, numbers_are_json) {
  std::string out;
  Writer(out).begin_array().number(1e300).number(-0.0).number(std::numeric_limits<double>::infinity()).end_array();
  EXPECT_TRUE(validate(out)) << out;
  EXPECT_EQ(out, "[1e+300,-0,null]");
}

TEST(AppendQuoted, what_is_read_again_is_what_was_written) {
  std::string all;
  for (int c = 0; c < 0x80; ++c) all.push_back(static_cast<char>(c));
  all += "\xC3\xA9\xF0\x9F\x98\x80";
  std::string out;
  append_quoted(out, all);
  EXPECT_TRUE(validate(out)) << out;
  EXPECT_EQ(read_string(out), all);
}

TEST(AppendQuoted, replaces_what_is_no_utf8) {
  std::string out;
  append_quoted(out,
                "a\xFF"
                "b\xC3\xE2\x82z\xED\xA0\x80");
  EXPECT_TRUE(validate(out));
  EXPECT_EQ(read_string(out)->substr(0, 5),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(read_string(out)->find('z'), 5u + 3 * 3);
}

}  // namespace
}  // namespace gatehouse::json
