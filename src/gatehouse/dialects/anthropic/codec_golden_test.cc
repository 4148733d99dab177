// The golden pairs in tests/golden/anthropic_codec: read with one side of the codec and written with the other.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/dialects/anthropic/codec.h"
#include "gatehouse/llm/chat/assembler.h"

namespace gatehouse::dialects::anthropic {
namespace {

namespace fs = std::filesystem;

std::string file_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string request_out(const std::string& in) {
  const auto request = front().read_request(in, "", false);
  if (!request) return "error: " + request.error().param + " " + request.error().error.detail + "\n";
  Losses losses;
  Rewrites rewrites;
  const llm::Quirks quirks;
  const Target target{
      .model = request->model, .stream = request->stream, .quirks = quirks, .origin = llm::Origin::anthropic};
  const auto body = back().write_request(*request, target, losses, rewrites);
  if (!body) return "error: " + body.error().param + " " + body.error().error.detail + "\n";
  std::string out = *body + "\n";
  for (const auto& loss : losses.dropped()) out += "without: " + loss + "\n";
  if (!rewrites.json_tool.empty()) out += "json tool: " + rewrites.json_tool + "\n";
  for (const auto& [sent, told] : rewrites.tool_names) out += "name: " + sent + " is " + told + "\n";
  return out;
}

struct Sides {
  llm::Quirks quirks;
  Rewrites rewrites;
  llm::ChatRequest request;
  Reading reading{.rewrites = rewrites, .quirks = quirks, .origin = llm::Origin::anthropic};
  Writing writing{.request = request, .seed = "seed"};
};

std::string answer_out(const std::string& in) {
  const Sides sides;
  const auto answer = back().read_answer(in, sides.reading);
  return answer ? front().write_answer(*answer, sides.writing) + "\n" : answer.error().to_string();
}

std::string stream_out(std::string_view in) {
  const Sides sides;
  auto decoder = back().make_decoder(sides.reading);
  auto encoder = front().make_encoder(sides.writing);
  llm::AnswerAssembler assembler;
  std::vector<llm::ChatEvent> events;
  std::string out;
  const auto pass = [&] {
    for (const auto& event : events) {
      const auto added = assembler.add(event);
      EXPECT_TRUE(added) << added.error().to_string();
      encoder->write(event, out);
    }
    events.clear();
  };
  for (std::size_t at = 0; (at = in.find("data: ", at)) != std::string_view::npos;) {
    const auto end = in.find('\n', at);
    decoder->on_event("", in.substr(at + 6, end - at - 6), events);
    pass();
    at = end;
  }
  decoder->on_end(events);
  pass();
  return out;
}

TEST(AnthropicCodec, GoldenPairs) {
  int requests = 0;
  int answers = 0;
  int streams = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(GATEHOUSE_GOLDEN) / "anthropic_codec")) {
    const std::string name = entry.path().filename().string();
    const auto check = [&](std::string_view ending, std::string_view out_ending, auto&& made_of, int& count) {
      if (!name.ends_with(ending)) return;
      ++count;
      const std::string stem = name.substr(0, name.size() - ending.size());
      const fs::path expected = entry.path().parent_path() / (stem + std::string(out_ending));
      EXPECT_EQ(made_of(file_text(entry.path())), file_text(expected)) << name;
    };
    check(".request.in.json", ".request.out.txt", request_out, requests);
    check(".answer.in.json", ".answer.out.json", answer_out, answers);
    check(".in.sse", ".out.sse", stream_out, streams);
  }
  EXPECT_EQ(requests, 3);
  EXPECT_EQ(answers, 3);
  EXPECT_EQ(streams, 4);
}

}  // namespace
}  // namespace gatehouse::dialects::anthropic
