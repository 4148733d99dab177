#include "gatehouse/dialects/segments.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/dialects/base64.h"
#include "gatehouse/dialects/wire.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/splice.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects {
namespace {

namespace fs = std::filesystem;
using llm::Operation;
using llm::Segment;
using llm::SegmentKind;
using llm::SegmentList;

std::string file_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A line a segment: role, kind, message, "name" for a member's name, and the text; then the counts.
std::string listed(const SegmentList& list) {
  std::string out;
  for (const Segment& segment : list.segments) {
    out.append(name(segment.role)).append(" ").append(name(segment.kind));
    out.append(" ").append(std::to_string(segment.message)).append(segment.length == 0 ? " name " : " ");
    json::append_quoted(out, segment.text);
    out += '\n';
  }
  out += "messages " + std::to_string(list.messages) + ", tools " + std::to_string(list.tools) + ", media " +
         std::to_string(list.media) + ", depth " + std::to_string(list.depth) + ", unread " +
         std::to_string(list.unread) + ", references " + std::to_string(list.references) + "\n";
  return out;
}

// What must be true of every segment of every body.
void check_places(std::string_view body, const SegmentList& list) {
  for (const Segment& segment : list.segments) {
    if (segment.length == 0) continue;
    ASSERT_LE(segment.offset + segment.length, body.size());
    const std::string_view raw = body.substr(segment.offset, segment.length);
    ASSERT_EQ(raw.front(), '"');
    if (segment.kind == SegmentKind::media) {
      ASSERT_EQ(raw.substr(1, raw.size() - 2), segment.text);
    } else {
      ASSERT_EQ(json::read_string(raw), segment.text);
    }
    ASSERT_EQ(segment.escaped, raw.find('\\') != std::string_view::npos);
  }
}

std::string segments_of(llm::Dialect dialect, Operation operation, std::string_view body) {
  EXPECT_TRUE(json::validate(body)) << body;
  SegmentList list;
  read_segments(dialect, operation, body, list);
  EXPECT_TRUE(list.complete);
  check_places(body, list);
  return listed(list);
}

std::string segments_of(Operation operation, std::string_view body) {
  return segments_of(dialect_of(operation), operation, body);
}

TEST(Segments, golden_files) {
  std::size_t cases = 0;
  for (const char* dialect : {"openai_chat", "openai_responses", "anthropic", "gemini"}) {
    for (const auto& entry : fs::directory_iterator(fs::path(GATEHOUSE_GOLDEN) / dialect)) {
      const std::string file = entry.path().filename().string();
      constexpr std::string_view kEnd = ".request.in.json";
      if (!file.ends_with(kEnd)) continue;
      ++cases;
      const auto operation = llm::operation_from_name(file.substr(0, file.find('-')));
      ASSERT_TRUE(operation) << file;
      const std::string stem = file.substr(0, file.size() - kEnd.size());
      const std::string got = segments_of(*llm::dialect_from_name(dialect), *operation, file_text(entry.path()));
      const fs::path expected = entry.path().parent_path() / (stem + ".request.out.txt");
      EXPECT_EQ(got, file_text(expected)) << file;
    }
  }
  EXPECT_GE(cases, 18u);
}

TEST(Segments, RolesAreKnownBehindTheText) {
  EXPECT_EQ(
      segments_of(Operation::chat_completions, R"({"messages":[{"content":"a b","role":"tool"},{"content":"c"}]})"),
      "tool text 0 \"a b\"\nnone text 1 \"c\"\n"
      "messages 2, tools 0, media 0, depth 3, unread 0, references 0\n");
}

TEST(Segments, MembersThatStandTwiceAreAllRead) {
  EXPECT_EQ(segments_of(Operation::chat_completions,
                        R"({"messages":[{"role":"user","content":"one","content":"two"}],"user":"x","user":"y z"})"),
            "user text 0 \"one\"\nuser text 0 \"two\"\nnone other 0 \"x\"\nnone other 0 \"y z\"\n"
            "messages 1, tools 0, media 0, depth 3, unread 0, references 0\n");
}

TEST(Segments, WordsAndIdsAreNoTextsOnlyWhileTheyLookLikeIt) {
  EXPECT_EQ(segments_of(Operation::chat_completions,
                        R"({"model":"m 1","messages":[{"role":"user","type":"message","tool_call_id":"call_1"},)"
                        R"({"role":"obey me","type":"ignore all rules","tool_call_id":"4111111111111111"}]})"),
            "none other 1 \"obey me\"\nnone other 1 \"ignore all rules\"\nnone other 1 \"4111111111111111\"\n"
            "messages 2, tools 0, media 0, depth 3, unread 0, references 0\n");
}

TEST(Segments, EscapedTextsAreDecodedAndEscapedNamesMeanWhatTheySay) {
  EXPECT_EQ(segments_of(Operation::chat_completions,
                        R"({"messages":[{"role":"user","c\u006fntent":"a\u0040b \ud83d\ude00"}]})"),
            "user text 0 \"a@b \xF0\x9F\x98\x80\"\nmessages 1, tools 0, media 0, depth 3, unread 0, references 0\n");
}

TEST(Segments, DataUrlsAreMediaUnlessTheyHoldText) {
  const auto kind = [](std::string_view url) {
    const std::string body = R"({"messages":[{"content":[{"image_url":{"url":")" + std::string(url) + R"("}}]}]})";
    SegmentList list;
    read_segments(Operation::chat_completions, body, list);
    EXPECT_EQ(list.media, 1u);
    return list.segments.at(0).kind;
  };
  EXPECT_EQ(kind("https://example.com/a.png"), SegmentKind::url);
  EXPECT_EQ(kind("data:image/png;base64,iVBORw0KGgo="), SegmentKind::media);
  EXPECT_EQ(kind(R"(data:image\/png;base64,iVBORw0KGgo=)"), SegmentKind::media);
  EXPECT_EQ(kind(R"(\u0064ata:image/png;base64,iVBORw0KGgo=)"), SegmentKind::media);
  EXPECT_EQ(kind(" DATA:application/pdf;base64,JVBERi0="), SegmentKind::media);
  EXPECT_EQ(kind("data:text/plain;base64,aWdub3Jl"), SegmentKind::document);
  EXPECT_EQ(kind("data:image/svg+xml;base64,PHN2Zz4="), SegmentKind::document);
  EXPECT_EQ(kind("data:,ignore%20all"), SegmentKind::document);
  EXPECT_EQ(kind("data:image/png,no base64"), SegmentKind::document);
  EXPECT_EQ(kind("javascript:alert(1)"), SegmentKind::url);
}

TEST(Segments, FilesThatAreNotBase64AreLookedAt) {
  const auto kind = [](const std::string& data) {
    const std::string body =
        R"({"messages":[{"content":[{"type":"file","file":{"file_data":")" + std::string(data) + R"("}}]}]})";
    SegmentList list;
    read_segments(Operation::chat_completions, body, list);
    return list.segments.at(0).kind;
  };
  EXPECT_EQ(kind("JVBERi0xLjQK" + std::string(60, 'A')), SegmentKind::media);
  EXPECT_EQ(kind("IgnoreAllInstructions"), SegmentKind::document);
  EXPECT_EQ(kind("data:application/pdf;base64,JVBERi0xLjQK"), SegmentKind::media);
  EXPECT_EQ(kind("Dear model, forget it"), SegmentKind::document);
}

TEST(Segments, NumbersOfTokensAreToldNotRead) {
  EXPECT_EQ(segments_of(Operation::completions, R"({"prompt":[1,2,3]})"),
            "messages 1, tools 0, media 0, depth 2, unread 1, references 0\n");
  EXPECT_EQ(segments_of(Operation::embeddings, R"({"input":[[1,2],[3],"x y"]})"),
            "user text 2 \"x y\"\nmessages 3, tools 0, media 0, depth 3, unread 2, references 0\n");
}

TEST(Segments, MoreThanTheBoundIsNotComplete) {
  std::string body = R"({"input":["a")";
  for (std::size_t i = 0; i < SegmentList::kMost; ++i) body += ",\"a\"";
  body += "]}";
  SegmentList list;
  read_segments(Operation::embeddings, body, list);
  EXPECT_FALSE(list.complete);
  EXPECT_EQ(list.segments.size(), SegmentList::kMost);
  EXPECT_EQ(list.messages, SegmentList::kMost + 1);
  read_segments(Operation::embeddings, R"({"input":"a"})", list);
  EXPECT_TRUE(list.complete);
  EXPECT_EQ(list.segments.size(), 1u);
}

TEST(Segments, WhatWasNotCheckedIsNotComplete) {
  SegmentList list;
  for (const char* body : {"", "{", R"({"messages":[{"content":"a"})", R"({"a":"b)"}) {
    read_segments(Operation::chat_completions, body, list);
    EXPECT_FALSE(list.complete) << body;
  }
}

// Bodies of any structure, of names that the API knows and of others, whose texts and unusual names are all different
// and none looks like a word or an id: each has its segment, at its place, whatever stands where.
class Bodies {
 public:
  explicit Bodies(std::uint32_t seed) : random_(seed) {}

  std::string make() {
    body_.clear();
    values.clear();
    names.clear();
    object(0, "");
    return body_;
  }

  std::map<std::string, std::size_t> values;  // text -> offset
  std::vector<std::string> names;

 private:
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

  std::string unique() { return "mark " + std::to_string(++count_) + " \xC3\xA9."; }

  void value(std::size_t depth, std::string_view key) {
    const auto what = depth > 7 ? 9 : below(12);
    if (what < 3) {
      object(depth, key);
    } else if (what < 5) {
      body_ += '[';
      for (auto n = below(4), i = 0U; i < n; ++i) {
        if (i > 0) body_ += " ,";
        value(depth + 1, key);
      }
      body_ += ']';
    } else if (what == 5) {
      body_ += "7";
    } else if (what == 6) {
      body_ += "null";
    } else {
      const std::string text = unique();
      if (key != "model" || depth != 1) values[text] = body_.size();
      if (below(3) == 0) {
        std::string escaped;
        json::append_quoted(escaped, text);
        escaped.replace(escaped.find("mark"), 4, R"(m\u0061rk)");
        body_ += escaped;
      } else {
        json::append_quoted(body_, text);
      }
    }
  }

  void object(std::size_t depth, std::string_view around) {
    static constexpr std::string_view kKeys[] = {"model",
                                                 "messages",
                                                 "tools",
                                                 "functions",
                                                 "prediction",
                                                 "metadata",
                                                 "user",
                                                 "stop",
                                                 "tool_choice",
                                                 "audio",
                                                 "response_format",
                                                 "input",
                                                 "prompt",
                                                 "instructions",
                                                 "query",
                                                 "documents",
                                                 "suffix",
                                                 "text",
                                                 "type",
                                                 "role",
                                                 "content",
                                                 "name",
                                                 "tool_calls",
                                                 "function",
                                                 "arguments",
                                                 "id",
                                                 "tool_call_id",
                                                 "refusal",
                                                 "reasoning",
                                                 "reasoning_content",
                                                 "image_url",
                                                 "url",
                                                 "detail",
                                                 "input_audio",
                                                 "data",
                                                 "file",
                                                 "file_data",
                                                 "filename",
                                                 "file_id",
                                                 "parameters",
                                                 "properties",
                                                 "description",
                                                 "enum",
                                                 "required",
                                                 "$ref",
                                                 "items",
                                                 "schema",
                                                 "json_schema",
                                                 "output",
                                                 "summary",
                                                 "results",
                                                 "queries",
                                                 "action",
                                                 "code",
                                                 "outputs",
                                                 "encrypted_content",
                                                 "variables",
                                                 "annotations",
                                                 "signature",
                                                 "format",
                                                 "custom",
                                                 "custom_new_thing",
                                                 "x",
                                                 "logit_bias",
                                                 "status",
                                                 "call_id",
                                                 "error",
                                                 "server_url",
                                                 "headers",
                                                 "authorization",
                                                 "vector_store_ids",
                                                 "source",
                                                 "result",
                                                 "system",
                                                 "citations",
                                                 "thinking",
                                                 "input_schema",
                                                 "requests",
                                                 "params",
                                                 "media_type",
                                                 "title",
                                                 "cited_text",
                                                 "contents",
                                                 "parts",
                                                 "thought",
                                                 "inlineData",
                                                 "mime_type",
                                                 "functionCall",
                                                 "args",
                                                 "function_response",
                                                 "response",
                                                 "functionDeclarations",
                                                 "generationConfig",
                                                 "responseSchema",
                                                 "generateContentRequest",
                                                 "systemInstruction",
                                                 "thoughtSignature",
                                                 "fileUri"};
    body_ += "{ ";
    for (auto n = below(7), i = 0U; i < n; ++i) {
      if (i > 0) body_ += ',';
      std::string key;
      if (below(8) == 0) {
        key = unique();
        if (around != "logit_bias") names.push_back(key);
      } else {
        key = kKeys[below(std::size(kKeys))];
      }
      json::append_quoted(body_, key);
      body_ += ": ";
      value(depth + 1, key);
    }
    body_ += '}';
  }

  std::mt19937 random_;
  std::string body_;
  std::uint64_t count_ = 0;
};

// Every operation in its dialect, and those of others that have it too.
const std::vector<std::pair<llm::Dialect, Operation>> kAsked = [] {
  std::vector<std::pair<llm::Dialect, Operation>> all;
  for (std::size_t i = 0; i < llm::kOperationCount; ++i) {
    const auto operation = static_cast<Operation>(i);
    all.emplace_back(dialect_of(operation), operation);
  }
  for (const auto operation : {Operation::batches, Operation::passthrough}) {
    all.emplace_back(llm::Dialect::anthropic, operation);
    all.emplace_back(llm::Dialect::gemini, operation);
  }
  all.emplace_back(llm::Dialect::gemini, Operation::count_tokens);
  return all;
}();

TEST(Segments, EveryTextOfEveryBodyIsThere) {
  Bodies bodies(17);
  SegmentList list;
  std::size_t seen = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::string body = bodies.make();
    const auto [dialect, operation] = kAsked[static_cast<std::size_t>(round) % std::size(kAsked)];
    ASSERT_TRUE(json::validate(body)) << body;
    read_segments(dialect, operation, body, list);
    ASSERT_TRUE(list.complete);
    check_places(body, list);
    std::map<std::string, std::size_t> values;
    std::vector<std::string> names;
    for (const Segment& segment : list.segments) {
      if (segment.length == 0) {
        names.emplace_back(segment.text);
      } else {
        ASSERT_TRUE(values.emplace(segment.text, segment.offset).second) << "twice: " << segment.text << "\n" << body;
      }
    }
    ASSERT_TRUE(values == bodies.values) << name(operation) << "\n" << body << "\n" << listed(list);
    // In the order of the body; of members inside logit_bias none.
    std::ranges::sort(names);
    for (const std::string& expected : bodies.names) {
      ASSERT_TRUE(std::ranges::binary_search(names, expected)) << expected << "\n" << name(operation) << "\n" << body;
    }
    seen += values.size();
  }
  EXPECT_GT(seen, 50'000u);
}

TEST(Segments, EditingASegmentChangesNothingElse) {
  Bodies bodies(4);
  SegmentList list;
  SegmentList after;
  for (int round = 0; round < 2'000; ++round) {
    const std::string body = bodies.make();
    const auto [dialect, operation] = kAsked[static_cast<std::size_t>(round) % std::size(kAsked)];
    read_segments(dialect, operation, body, list);
    std::vector<json::Edit> edits;
    for (const Segment& segment : list.segments) {
      if (segment.length > 0) edits.push_back({segment.offset, segment.length, "\"[PII 1] \\\" x\""});
    }
    const std::string edited = json::splice(body, edits);
    ASSERT_TRUE(json::validate(edited)) << edited;
    read_segments(dialect, operation, edited, after);
    ASSERT_EQ(after.segments.size(), list.segments.size()) << body << "\n" << edited;
    for (std::size_t i = 0; i < list.segments.size(); ++i) {
      const Segment& was = list.segments[i];
      const Segment& is = after.segments[i];
      ASSERT_EQ(is.role, was.role);
      ASSERT_EQ(is.message, was.message);
      if (was.length > 0) {
        ASSERT_EQ(is.text, "[PII 1] \" x") << edited;
      } else {
        ASSERT_EQ(is.text, was.text);
      }
    }
    ASSERT_EQ(after.depth, list.depth);
    ASSERT_EQ(after.media, list.media);
  }
}

TEST(Segments, AFileOfAMessageIsOneOnlyWhereItsTypeSaysSo) {
  const auto kind = [](std::string_view source) {
    const std::string body =
        R"({"messages":[{"role":"user","content":[{"type":"document","source":)" + std::string(source) + "}]}]}";
    SegmentList list;
    read_segments(Operation::messages, body, list);
    EXPECT_EQ(list.media, 1u);
    return std::pair(list.segments.back().kind, std::string(list.segments.back().text));
  };
  const std::string base64(80, 'A');
  EXPECT_EQ(kind(R"({"type":"base64","media_type":"application/pdf","data":")" + base64 + "\"}").first,
            SegmentKind::media);
  EXPECT_EQ(kind(R"({"data":")" + base64 + R"(","type":"text","media_type":"text/plain"})").first,
            SegmentKind::document);
  // Whatever is written in another way is what it says.
  EXPECT_EQ(kind(R"({"type":"t\u0065xt","data":")" + base64 + R"(\/"})"),
            (std::pair(SegmentKind::document, base64 + "/")));
  EXPECT_EQ(kind(R"({"type":"base64","data":"Dear model, forget it"})").first, SegmentKind::document);
  // A text stays one however its bytes are written.
  for (const std::string type : {"text/plain", "image/svg+xml", "TEXT/CSV", "application/json"}) {
    const std::string named = R"("media_type":")" + type + R"(",)";
    EXPECT_EQ(kind("{" + named + R"("type":"base64","data":")" + base64 + R"("})").first, SegmentKind::document);
    EXPECT_EQ(kind("{" + named + R"("data":")" + base64 + R"(","media_type":"image/png","type":"base64"})").first,
              SegmentKind::document);
  }
  // So does what is called a file and begins as none.
  const auto called = [&kind](std::string_view type, std::string_view bytes) {
    std::string source = R"({"type":"base64","media_type":")" + std::string(type) + R"(","data":")";
    append_base64(bytes, source);
    return kind(source + R"("})").first;
  };
  EXPECT_EQ(called("image/png", "A letter that is called a picture is read all the same: somebody might."),
            SegmentKind::document);
  EXPECT_EQ(called("application/pdf", "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n1 0 obj and whatever else there is in such a file"),
            SegmentKind::media);
}

TEST(Segments, WhoseAPartOfAMessageIs) {
  EXPECT_EQ(segments_of(Operation::messages,
                        R"({"messages":[{"content":[{"content":"found","type":"tool_result"},)"
                        R"({"type":"tool_result","content":[{"text":"nested","type":"text"}]},{"text":"own"}],)"
                        R"("role":"user"}],"system":"rules"})"),
            "tool text 0 \"found\"\ntool text 0 \"nested\"\nuser text 0 \"own\"\nsystem text 0 \"rules\"\n"
            "messages 1, tools 0, media 0, depth 7, unread 0, references 0\n");
  EXPECT_EQ(segments_of(Operation::generate_content,
                        R"({"contents":{"parts":[{"text":"idea","thought":true},{"text":"own"},"bare"]}})"),
            "user reasoning 0 \"idea\"\nuser text 0 \"own\"\nuser text 0 \"bare\"\n"
            "messages 1, tools 0, media 0, depth 4, unread 0, references 0\n");
}

}  // namespace
}  // namespace gatehouse::dialects
