#include "gatehouse/json/cursor.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/json/string_map.h"

namespace gatehouse::json {
namespace {

// All strings, names too, in their order; "!" where the walk failed.
void walk(Cursor& cursor, std::vector<std::string>& out) {
  const auto read = [&](auto&& self) -> bool {
    switch (cursor.first()) {
      case '{':
        return cursor.object([&](const Cursor::String& key) {
          append_decoded(key, out.emplace_back("k:"));
          return self(self);
        });
      case '[':
        return cursor.array([&] { return self(self); });
      case '"': {
        Cursor::String string;
        if (!cursor.string(string)) return false;
        append_decoded(string, out.emplace_back());
        return true;
      }
      default:
        return cursor.skip();
    }
  };
  if (!read(read) || !cursor.at_end()) out.emplace_back("!");
}

std::vector<std::string> strings(std::string_view document) {
  Cursor cursor(document);
  std::vector<std::string> out;
  walk(cursor, out);
  return out;
}

using Strings = std::vector<std::string>;

TEST(Cursor, SeesEveryStringOnce) {
  EXPECT_EQ(strings(R"( {"a" : "b\n" , "c":[1,"d",{"e":{"f":"g"}},[],{}],"h":null} )"),
            (Strings{"k:a", "b\n", "k:c", "d", "k:e", "k:f", "g", "k:h"}));
  EXPECT_EQ(strings("\"x\""), Strings{"x"});
}

TEST(Cursor, WhatIsNoJsonEndsTheWalk) {
  for (const char* document : {"", "{", "[1", "{\"a\"}", "{\"a\":}", "[1,]", "{,}", "\"x", "\"\\x\"", "tru", "[1] 2"}) {
    EXPECT_EQ(strings(document).back(), "!") << document;
  }
}

TEST(Cursor, IsNotMadeToGoTooDeep) {
  EXPECT_TRUE(strings(std::string(kMaxDepth, '[') + std::string(kMaxDepth, ']')).empty());
  EXPECT_EQ(strings(std::string(kMaxDepth + 1, '[') + std::string(kMaxDepth + 1, ']')), Strings{"!"});
  Cursor cursor("[[{}],[]]");
  std::vector<std::string> none;
  walk(cursor, none);
  EXPECT_EQ(cursor.depth(), 3u);
}

TEST(Cursor, LoneSurrogatesAreReplaced) {
  EXPECT_EQ(strings(R"(["\ud83d","\ude00x","\ud83d\u0041","\ud83d\ud83d\ude00"])"),
            (Strings{"\xEF\xBF\xBD", "\xEF\xBF\xBDx",
                     "\xEF\xBF\xBD"
                     "A",
                     "\xEF\xBF\xBD\xF0\x9F\x98\x80"}));
}

TEST(StringMap, LoneSurrogatesAreOneCharacterEach) {
  StringMap map(R"("\ud83d\u0041b")");
  EXPECT_EQ(map.begin_of(3), 7u);
  EXPECT_EQ(map.begin_of(4), 13u);
}

}  // namespace
}  // namespace gatehouse::json
