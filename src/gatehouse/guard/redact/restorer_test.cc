#include "gatehouse/guard/redact/restorer.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/base/ids.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::guard {
namespace {

using llm::SegmentKind;

class RestorerTest : public ::testing::Test {
 protected:
  std::optional<base::Secret> find(const TokenId& id) const {
    const auto found = values_.find(std::string(view(id)));
    if (found == values_.end()) return std::nullopt;
    return base::Secret(found->second);
  }
  // The whole text at once.
  std::string restored(std::string_view text, SegmentKind kind = SegmentKind::text) const {
    const auto lookup = [this](const TokenId& id) { return find(id); };
    Restorer restorer(lookup);
    std::vector<Restoration> edits;
    EXPECT_EQ(restorer.look(text, 0, true, kind, edits), text.size());
    std::string out;
    std::size_t at = 0;
    for (const auto& edit : edits) {
      EXPECT_GE(edit.offset, at);
      out.append(text.substr(at, edit.offset - at)).append(edit.value.reveal());
      at = edit.offset + edit.length;
    }
    return out.append(text.substr(at));
  }
  // In the pieces that end at `cuts`, as a window over an answer does it: what is released stays as context for a
  // while, and somebody else may hold back more. What is held is never more than the bound.
  std::string streamed(std::string_view text, const std::vector<std::size_t>& cuts, SegmentKind kind,
                       std::size_t others_hold = 0) const {
    const auto lookup = [this](const TokenId& id) { return find(id); };
    Restorer restorer(lookup);
    JsonNesting nesting;
    std::string window;
    std::size_t from = 0;
    std::string out;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= cuts.size(); ++i) {
      const bool complete = i == cuts.size();
      const std::size_t end = complete ? text.size() : cuts[i];
      window.append(text.substr(begin, end - begin));
      begin = end;
      std::vector<Restoration> edits;
      std::size_t frontier = restorer.look(window, from, complete, kind, edits, nesting);
      EXPECT_LE(frontier, window.size());
      EXPECT_GE(frontier, from);
      EXPECT_LE(window.size() - frontier, kLongestToken + 2);
      if (!complete && others_hold > 0)
        frontier = std::max(from, std::min(frontier, window.size() - std::min(window.size(), others_hold)));
      std::size_t at = from;
      for (const auto& edit : edits) {
        if (edit.offset >= frontier) break;
        // A token that begins before the frontier has its end there too, or the frontier would cut it.
        if (edit.offset + edit.length > frontier) frontier = edit.offset + edit.length;
        out.append(window, at, edit.offset - at).append(edit.value.reveal());
        at = edit.offset + edit.length;
      }
      out.append(window, at, frontier - at);
      from = frontier;
      constexpr std::size_t kContext = 16;
      if (from > 2 * kContext) {
        nesting.feed(std::string_view(window).substr(0, from - kContext));
        window.erase(0, from - kContext);
        from = kContext;
      }
    }
    return out;
  }
  void expect_same_for_every_cut(std::string_view text, SegmentKind kind) const {
    const std::string whole = restored(text, kind);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      ASSERT_EQ(streamed(text, {cut}, kind), whole) << "cut at " << cut << " of " << text;
    }
    std::vector<std::size_t> each;
    for (std::size_t i = 1; i < text.size(); ++i) each.push_back(i);
    ASSERT_EQ(streamed(text, each, kind), whole) << text;
    ASSERT_EQ(streamed(text, each, kind, 40), whole) << text;
  }

  std::map<std::string, std::string> values_ = {
      {"k3v9abcdefgh", "ada@example.org"},
      {"000000000001", "Ada \"Countess\" L\\ovelace\nLondon"},
      {"zzzzzzzzzzzz", "+44 20 7946 0123"},
  };
};

TEST_F(RestorerTest, PutsValuesBack) {
  EXPECT_EQ(restored("Write to [PII:EMAIL:tok_k3v9abcdefgh], or call [PII:PHONE:tok_zzzzzzzzzzzz]."),
            "Write to ada@example.org, or call +44 20 7946 0123.");
  EXPECT_EQ(restored("`[PII:EMAIL:tok_k3v9abcdefgh]`"), "`ada@example.org`");
  EXPECT_EQ(restored("\\[PII:EMAIL\\_ADDRESS:tok\\_k3v9abcdefgh\\]"), "ada@example.org");
  EXPECT_EQ(restored("\\\\[PII:EMAIL:tok_k3v9abcdefgh\\]"), "\\\\ada@example.org");
  EXPECT_EQ(restored("C:\\[PII:EMAIL:tok_k3v9abcdefgh]"), "C:\\ada@example.org");
  EXPECT_EQ(restored("[secret:API_KEY:TOK_K3V9ABCDEFGH][PII:EMAIL:tok_k3v9abcdefgh]"),
            "ada@example.orgada@example.org");
  EXPECT_EQ(restored("[[PII:EMAIL:tok_k3v9abcdefgh]](x)"), "[ada@example.org](x)");
  EXPECT_EQ(restored("[PII:[PII:EMAIL:tok_k3v9abcdefgh]"), "[PII:ada@example.org");
}

TEST_F(RestorerTest, LeavesWhatItDoesNotKnow) {
  for (const std::string_view text :
       {"", "[", "[PII:EMAIL:tok_111111111111]", "\\[PII:EMAIL:tok_111111111111\\]", "[PII:EMAIL]", "a[0] = b[1];",
        "[PII:EMAIL:tok_k3v9abcdefgh", "\\", "\\\\\\", "[EMAIL:h_0123456789abcdef]"}) {
    EXPECT_EQ(restored(text), text);
    expect_same_for_every_cut(text, SegmentKind::text);
  }
  EXPECT_EQ(restored("[PII:EMAIL:tok_k3v9abcdefgh]", SegmentKind::media), "[PII:EMAIL:tok_k3v9abcdefgh]");
}

TEST_F(RestorerTest, EscapesForWhereItStands) {
  EXPECT_EQ(restored(R"({"to":"[PII:PERSON:tok_000000000001]"})", SegmentKind::tool_arguments),
            R"({"to":"Ada \"Countess\" L\\ovelace\nLondon"})");
  EXPECT_EQ(restored(R"({"to":"\\[PII:PERSON:tok\\_000000000001\\]"})", SegmentKind::tool_arguments),
            R"({"to":"Ada \"Countess\" L\\ovelace\nLondon"})");
  EXPECT_EQ(restored("https://example.org/?q=[PII:PERSON:tok_000000000001]", SegmentKind::url),
            "https://example.org/?q=Ada%20%22Countess%22%20L%5Covelace%0ALondon");
  EXPECT_EQ(restored("[PII:PERSON:tok_000000000001]", SegmentKind::reasoning), values_["000000000001"]);
}

TEST_F(RestorerTest, EscapesAgainForJsonInsideJson) {
  const std::string& value = values_["000000000001"];
  const std::string token = "[PII:PERSON:tok_000000000001]";
  const auto quoted = [](std::string_view text) {
    std::string out;
    json::append_quoted(out, text);
    return out;
  };
  // Objects and arrays in strings, up to three deep; text in quotes, which is none.
  const auto inner = [&](const std::string& what) { return "{\"name\":" + quoted("to " + what + "!") + "}"; };
  const auto listed = [&](const std::string& what) { return "[\"x\", " + quoted(what) + "]"; };
  const auto said = [&](const std::string& what) { return "he said \"" + what + "\" and {\"" + what + "\"}"; };
  for (const auto& make : std::vector<std::function<std::string(const std::string&)>>{
           [&](const std::string& what) { return "{\"a\":1,\"body\":" + quoted(inner(what)) + "}"; },
           [&](const std::string& what) { return "{\"body\":" + quoted("  " + listed(what)) + ",\"b\":\"c\"}"; },
           [&](const std::string& what) {
             return "{\"body\":" + quoted("{\"inner\":" + quoted(inner(what)) + "}") + "}";
           },
           [&](const std::string& what) { return "{\"body\":" + quoted(said(what)) + "}"; },
           [&](const std::string& what) { return "{\"body\":" + quoted(what + " \"" + what + "\"") + "}"; },
           [&](const std::string& what) { return "{\"body\":" + quoted(inner("\\\\" + said(what))) + "}"; },
           [&](const std::string& what) { return "[\"\\\\\"," + quoted(what) + ",\"\\\"\"," + quoted(what) + "]"; },
       }) {
    const std::string text = make(token);
    EXPECT_EQ(restored(text, SegmentKind::tool_arguments), make(value));
    expect_same_for_every_cut(text, SegmentKind::tool_arguments);
  }
}

TEST_F(RestorerTest, IsTheSameForEveryCut) {
  for (const std::string_view text :
       {"Write to [PII:EMAIL:tok_k3v9abcdefgh], or call \\[PII:PHONE\\_NO:tok\\_zzzzzzzzzzzz\\]. [PII:EMAIL]",
        "\\\\\\[PII:EMAIL:tok_k3v9abcdefgh\\]\\\\[PII:EMAIL:tok_k3v9abcdefgh\\]\\[PII:EMAIL:tok_k3v9abcdefgh]\\",
        "[[PII:[SECRET:X:tok_k3v9abcdefgh]]", "a[1] [PII:EMAIL:tok_k3v9abcdefg"}) {
    for (const SegmentKind kind : {SegmentKind::text, SegmentKind::tool_arguments, SegmentKind::url}) {
      expect_same_for_every_cut(text, kind);
    }
  }
}

TEST_F(RestorerTest, RandomTextsAreTheSameForEveryCut) {
  base::Random random(7);
  const std::vector<std::string> parts = {"[",
                                          "]",
                                          "\\",
                                          "\"",
                                          "PII:",
                                          "EMAIL",
                                          ":",
                                          "tok_",
                                          "k3v9",
                                          "abcdefgh",
                                          " ",
                                          "text",
                                          "{",
                                          "_",
                                          "[PII:A:tok_k3v9abcdefgh]",
                                          "[SECRET:B\\_C:tok_000000000001\\]",
                                          "\\[PII:X:tok_zzzzzzzzzzzz\\]",
                                          "é"};
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (std::uint64_t i = random.below(12) + 1; i > 0; --i) text.append(parts[random.below(parts.size())]);
    expect_same_for_every_cut(text, random.below(2) == 0 ? SegmentKind::text : SegmentKind::tool_arguments);
  }
}

TEST_F(RestorerTest, HoldsBackOnlyWhatMayBecomeAToken) {
  const auto lookup = [this](const TokenId& id) { return find(id); };
  Restorer restorer(lookup);
  std::vector<Restoration> edits;
  const auto held = [&](std::string_view text) {
    return text.size() - restorer.look(text, 0, false, SegmentKind::text, edits);
  };
  EXPECT_EQ(held("ordinary prose, and a [link](https://example.org"), 0);
  EXPECT_EQ(held("a list: ["), 1);
  EXPECT_EQ(held("a list: [Paul"), 0);
  EXPECT_EQ(held("a list: [pi"), 3);
  EXPECT_EQ(held("a list: \\[PII:EMAIL:tok_k3"), 18);
  EXPECT_EQ(held("a path: C:\\"), 1);
  EXPECT_EQ(held("[PII:" + std::string(1000, 'A')), 0);
  EXPECT_TRUE(edits.empty());
}

TEST_F(RestorerTest, IsBoundedWhereATextRepeatsAToken) {
  values_["000000000002"] = std::string(16UL << 10, 'x');
  std::string text;
  while (text.size() < 1UL << 20) text.append("[PII:KEY:tok_000000000002]");
  EXPECT_LT(restored(text).size(), Restorer::kMostBytes + (2UL << 20));
}

TEST_F(RestorerTest, ValuesSurviveAnyArguments) {
  base::Random random(11);
  for (int round = 0; round < 200; ++round) {
    std::string value;
    for (std::uint64_t i = random.below(20); i > 0; --i) {
      const std::vector<std::string> parts = {"\"", "\\",    "\n", "\t", std::string(1, '\0'), "\x1f", "/", "a", "ü",
                                              "😀", "u0041", "{",  "["};
      value.append(parts[random.below(parts.size())]);
    }
    values_["000000000003"] = value;
    const std::string text =
        restored(R"({"before":"\\","a":["[PII:X:tok_000000000003]"],"b":2})", SegmentKind::tool_arguments);
    ASSERT_TRUE(json::validate(text).has_value()) << text;
    std::string first;
    json::Value(text)["a"].elements([&](json::Value element) { first = element.string_or("none"); });
    EXPECT_EQ(first, value);
  }
}

}  // namespace
}  // namespace gatehouse::guard
