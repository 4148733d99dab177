#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/dialects/openai_chat/codec.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/llm/chat/assembler.h"

namespace gatehouse::dialects::openai_chat {
namespace {

namespace fs = std::filesystem;
using Q = llm::Quirks;

struct Server {
  Q quirks;
  llm::Origin origin = llm::Origin::none;
};

// What the servers of the golden cases are like. The gateway's own table is in providers/; these only have to cover the
// flags.
const std::map<std::string, Server, std::less<>>& servers() {
  static const std::map<std::string, Server, std::less<>> all = {
      {"plain", {}},
      {"openai",
       {{.max_tokens = "max_completion_tokens",
         .send_reasoning = Q::SendReasoning::never,
         .refuses = Q::top_k | Q::video,
         .refusals = true,
         .allowed_tools = true,
         .tool_id_most = 40,
         .most_stops = 4,
         .cache_hints = Q::CacheHints::automatic},
        llm::Origin::openai}},
      {"mistral",
       {{.seed = "random_seed",
         .send_reasoning = Q::SendReasoning::chunks,
         .refuses = Q::logprobs | Q::logit_bias | Q::user | Q::stream_options | Q::developer | Q::names |
                    Q::custom_tools | Q::web_search | Q::top_k,
         .required_is_any = true,
         .tool_id_length = 9,
         .document_url = true,
         .audio_as_text = true,
         .prefill = "prefix"},
        llm::Origin::mistral}},
      {"deepseek",
       {{.send_reasoning = Q::SendReasoning::loop,
         .ask_reasoning = Q::AskReasoning::thinking,
         .efforts = 1U << static_cast<unsigned>(llm::Effort::high) | 1U << static_cast<unsigned>(llm::Effort::max),
         .refuses = Q::developer | Q::json_schema | Q::required_tool | Q::images | Q::documents | Q::audio,
         .prefill = "prefix"},
        llm::Origin::none}},
      {"openrouter",
       {{.reasoning = "reasoning",
         .send_reasoning = Q::SendReasoning::details,
         .ask_reasoning = Q::AskReasoning::object,
         .file_urls = true,
         .cache_hints = Q::CacheHints::cache_control},
        llm::Origin::openrouter}},
      {"google", {{.send_reasoning = Q::SendReasoning::extra, .refuses = Q::custom_tools}, llm::Origin::gemini}},
      {"strict",  // refuses whatever can be refused
       {{.seed = {},
         .send_reasoning = Q::SendReasoning::never,
         .ask_reasoning = Q::AskReasoning::none,
         .refuses = ~(Q::tools | Q::images | Q::documents | Q::audio),
         .zero_temperature = false,
         .alternates = true,
         .content_parts = false},
        llm::Origin::none}},
      {"bare", {{.refuses = Q::tools | Q::images | Q::documents | Q::audio | Q::custom_tools}, llm::Origin::none}},
  };
  return all;
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The golden file, or what came out where the files are to be written.
std::string golden(const fs::path& path, const std::string& out) {
  if (std::getenv("GATEHOUSE_GOLDEN_WRITE") != nullptr) std::ofstream(path, std::ios::binary) << out;
  return read(path);
}

std::vector<fs::path> cases(std::string_view suffix) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(fs::path(GATEHOUSE_GOLDEN) / "openai_chat_codec")) {
    if (entry.path().filename().string().ends_with(suffix)) out.push_back(entry.path());
  }
  EXPECT_FALSE(out.empty());
  return out;
}

fs::path sibling(const fs::path& in, std::string_view suffix, std::string_view other) {
  std::string name = in.filename().string();
  name.resize(name.size() - suffix.size());
  return in.parent_path() / (name + std::string(other));
}

// Name and data of each.
std::vector<std::pair<std::string, std::string>> events_of(std::string_view sse) {
  std::vector<std::pair<std::string, std::string>> out;
  std::string name;
  while (!sse.empty()) {
    const std::string_view line = sse.substr(0, sse.find('\n'));
    sse.remove_prefix(std::min(sse.size(), line.size() + 1));
    if (line.starts_with("event: ")) name = line.substr(7);
    if (!line.starts_with("data: ")) continue;
    out.emplace_back(std::exchange(name, {}), line.substr(6));
  }
  return out;
}

struct Decoded {
  llm::ChatAnswer answer;
  std::optional<llm::ChatError> error;
  bool ended = false;
  std::string sse;
};

// Through the decoder, held to the rules of a run, and through the encoder.
Decoded pass(std::string_view sse, const Reading& reading, const Writing& writing) {
  Decoded out;
  const auto decoder = back().make_decoder(reading);
  const auto encoder = front().make_encoder(writing);
  llm::AnswerAssembler assembler;
  std::vector<llm::ChatEvent> events;
  const auto take = [&] {
    for (const llm::ChatEvent& event : events) {
      const auto added = assembler.add(event);
      EXPECT_TRUE(added.has_value()) << added.error().detail;
      encoder->write(event, out.sse);
    }
    events.clear();
  };
  for (const auto& [name, data] : events_of(sse)) {
    decoder->on_event(name, data, events);
    take();
  }
  decoder->on_end(events);
  take();
  out.error = assembler.error();
  out.ended = assembler.ended();
  out.answer = assembler.take();
  return out;
}

// Proofs come behind what they prove in a caller's stream: who reads it as a provider's does without them.
llm::ChatAnswer without_state(llm::ChatAnswer answer) {
  for (llm::Choice& choice : answer.choices) {
    for (llm::Block& block : choice.blocks) {
      auto* const thought = block.as<llm::Reasoning>();
      if (thought == nullptr) continue;
      thought->signature = thought->encrypted = {};
      thought->id.clear();
    }
  }
  return answer;
}

const Rewrites kNoRewrites;
const Q kPlain;

TEST(ChatCodecGolden, requests) {
  for (const fs::path& in : cases(".request.in.json")) {
    const auto request = front().read_request(read(in), {}, false);
    ASSERT_TRUE(request.has_value()) << in << request.error().error.detail << request.error().param;
    std::size_t compared = 0;
    for (const auto& [name, server] : servers()) {
      SCOPED_TRACE(in.filename().string() + " for " + name);
      Losses losses;
      Rewrites rewrites;
      const Target target{
          .model = "their-model", .stream = request->stream, .quirks = server.quirks, .origin = server.origin};
      const auto body = back().write_request(*request, target, losses, rewrites);
      std::string out;
      if (body) {
        EXPECT_TRUE(json::validate(*body).has_value()) << *body;
        // What was written reads back.
        EXPECT_TRUE(front().read_request(*body, {}, false).has_value());
        out = *body + "\n";
        for (const std::string& dropped : losses.dropped()) out += "without " + dropped + "\n";
        for (const std::string& tool : rewrites.text_tools) out += "text tool " + tool + "\n";
      } else {
        out = "refused " + body.error().param + ": " + body.error().error.detail + "\n";
      }
      const fs::path file = sibling(in, ".in.json", "." + name + ".out.txt");
      EXPECT_EQ(golden(file, out), out);
      ++compared;
    }
    EXPECT_GT(compared, 0U);
  }
}

TEST(ChatCodecGolden, whole_answers) {
  llm::ChatRequest asked;
  asked.include_usage = true;
  const Reading reading{.rewrites = kNoRewrites, .quirks = kPlain};
  const Writing writing{.request = asked, .model = {}, .seed = "s33d", .now = 1234};
  for (const fs::path& in : cases(".answer.in.json")) {
    SCOPED_TRACE(in.filename());
    const auto answer = back().read_answer(read(in), reading);
    ASSERT_TRUE(answer.has_value()) << answer.error().detail;
    const std::string whole = front().write_answer(*answer, writing);
    EXPECT_TRUE(json::validate(whole).has_value()) << whole;
    EXPECT_EQ(golden(sibling(in, ".in.json", ".out.json"), whole + "\n"), whole + "\n");
    // What was written says the same when it is read.
    const auto again = back().read_answer(whole, reading);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(front().write_answer(*again, writing), whole);

    std::string sse;
    const auto encoder = front().make_encoder(writing);
    for (const llm::ChatEvent& event : llm::run_of(*answer)) encoder->write(event, sse);
    EXPECT_EQ(golden(sibling(in, ".in.json", ".out.sse"), sse), sse);
  }
}

TEST(ChatCodecGolden, streams) {
  llm::ChatRequest asked;
  asked.include_usage = true;
  const Reading reading{.rewrites = kNoRewrites, .quirks = kPlain};
  const Writing writing{.request = asked, .model = {}, .seed = "s33d", .now = 1234};
  for (const fs::path& in : cases(".in.sse")) {
    SCOPED_TRACE(in.filename());
    const Decoded once = pass(read(in), reading, writing);
    EXPECT_EQ(golden(sibling(in, ".in.sse", ".out.sse"), once.sse), once.sse);
    for (const auto& [name, data] : events_of(once.sse)) {
      if (data != "[DONE]") EXPECT_TRUE(json::validate(data).has_value()) << data;
    }
    // An error never ends as a whole answer does.
    EXPECT_EQ(once.sse.ends_with("data: [DONE]\n\n"), once.ended && !once.error);
    EXPECT_EQ(once.sse.find("\"error\":{") != std::string::npos, once.error.has_value());
    // A caller's stream says the same when it is read, and so does the whole answer that it amounts to.
    const Decoded twice = pass(once.sse, reading, writing);
    EXPECT_EQ(front().write_answer(without_state(twice.answer), writing),
              front().write_answer(without_state(once.answer), writing));
    EXPECT_EQ(twice.error.has_value(), once.error.has_value());
    if (once.error) continue;
    const std::string whole = front().write_answer(once.answer, writing);
    const auto read_back = back().read_answer(whole, reading);
    ASSERT_TRUE(read_back.has_value()) << whole;
    EXPECT_EQ(front().write_answer(*read_back, writing), whole);
  }
}

}  // namespace
}  // namespace gatehouse::dialects::openai_chat
