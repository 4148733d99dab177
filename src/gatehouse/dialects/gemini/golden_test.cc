// The pairs in tests/golden/gemini_codec, whose README says what they are. GATEHOUSE_GOLDEN_UPDATE in the environment
// writes what comes out instead of comparing it.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "gatehouse/dialects/gemini/testing.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects::gemini {
namespace {

namespace fs = std::filesystem;

std::string file_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void compare(const fs::path& path, const std::string& came_out) {
  if (std::getenv("GATEHOUSE_GOLDEN_UPDATE") != nullptr) {
    std::ofstream(path, std::ios::binary) << came_out;
    return;
  }
  EXPECT_EQ(came_out, file_text(path)) << path;
}

std::string request_out(const std::string& in) {
  const std::string model = json::read_string(json::find(in, "model")).value_or("");
  const auto request = front().read_request(in, model, false);
  if (!request) return fmt::format("refused: {} ({})\n", request.error().error.detail, request.error().param);
  const auto written = testing::write(*request, model);
  EXPECT_TRUE(json::validate(written.body).has_value()) << written.body;
  std::string out = written.error.empty() ? written.body + "\n" : "refused: " + written.error + "\n";
  for (const std::string& lost : written.lost) out += "without: " + lost + "\n";
  for (const auto& [sent, callers] : written.rewrites.tool_names) out += fmt::format("name: {} is {}\n", sent, callers);
  if (!written.rewrites.json_tool.empty()) {
    out += fmt::format("answer: {}{}\n", written.rewrites.json_tool, written.rewrites.json_wrapped ? " wrapped" : "");
  }
  return out;
}

std::string stream_out(const std::string& in) {
  const auto decoder = back().make_decoder({testing::kNothing, testing::kPlain, llm::Origin::gemini});
  const llm::ChatRequest request;
  const auto encoder = front().make_encoder({.request = request, .seed = "s"});
  std::string out;
  std::vector<llm::ChatEvent> events;
  const auto pass = [&] {
    for (const auto& event : events) encoder->write(event, out);
    events.clear();
  };
  for (std::string_view rest = in; !rest.empty();) {
    const auto end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    if (line.starts_with("data: ")) decoder->on_event("", line.substr(6), events);
    pass();
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  decoder->on_end(events);
  pass();
  return out;
}

TEST(GeminiGolden, pairs) {
  std::size_t cases = 0;
  const fs::path folder = fs::path(GATEHOUSE_GOLDEN) / "gemini_codec";
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const std::string in = file_text(entry.path());
    const auto beside = [&](std::string_view ending) {
      return folder / (name.substr(0, name.rfind(".in.")) + std::string(ending));
    };
    if (name.ends_with(".request.in.json")) {
      compare(beside(".out.txt"), request_out(in));
    } else if (name.ends_with(".answer.in.json")) {
      const llm::ChatRequest request;
      const std::string out = front().write_answer(testing::answer(in), {.request = request, .seed = "s"});
      EXPECT_TRUE(json::validate(out).has_value()) << out;
      compare(beside(".out.json"), out + "\n");
    } else if (name.ends_with(".in.sse")) {
      compare(beside(".out.sse"), stream_out(in));
    } else {
      continue;
    }
    ++cases;
  }
  EXPECT_GE(cases, 10U);
}

}  // namespace
}  // namespace gatehouse::dialects::gemini
