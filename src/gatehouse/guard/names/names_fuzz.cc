// Any text: no crash, linear, and the same findings however it is cut, by dictionary alone and with a model beside it
// whose spans the text itself decides. The first two bytes say where it is cut.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/guard/names/names_detector.h"
#include "gatehouse/guard/testing/cuts.h"
#include "gatehouse/guard/testing/fake_oracle.h"

namespace {

using namespace gatehouse;

// Spans in ascending order, as models give them, anywhere and of any score.
ml::Reading read(std::string_view text) {
  static constexpr std::string_view kEntities[] = {"PERSON", "LOCATION", "STREET_ADDRESS", "AGE", "NO_SUCH"};
  ml::Reading reading;
  std::size_t at = 0;
  while (at < text.size() && reading.entities.size() < 64) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const std::size_t begin = at + byte % 7;
    const std::size_t end = begin + 1 + byte % 11;
    if (end > text.size()) break;
    reading.entities.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), kEntities[byte % 5],
                                static_cast<float>(byte % 101) / 100});
    at = end;
  }
  reading.partial = text.size() % 5 == 0;
  reading.settled = text.size() % 7 == 0;
  return reading;
}

void with_a_model(const guard::Detector& detector, std::string_view text, std::span<const std::size_t> cuts) {
  using guard::testing::FakeOracle;
  FakeOracle oracle(ml::Want::entities, read, FakeOracle::Mode::later);
  guard::Look like;
  like.direction = guard::Direction::response;
  like.meaning = &oracle;
  guard::testing::Driver driver(detector, like);
  driver.on_wait([&] { oracle.answer_all(); });
  const auto expected = driver.whole(text);
  for (const guard::Finding& f : expected) {
    if (f.begin >= f.end || f.end > text.size() || !(f.score > 0 && f.score <= 1)) std::abort();
  }
  oracle = FakeOracle(ml::Want::entities, read, FakeOracle::Mode::later);
  const std::string wrong = driver.pieces(text, cuts, expected, guard::PieceCutter::kMost + 256);
  if (!wrong.empty()) {
    std::fprintf(stderr, "with a model: %s\n", wrong.c_str());
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse::guard;
  static const NamesDetector detector;
  static testing::Driver driver(detector);
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 2), size - 2);
  const auto expected = driver.whole(text);
  for (const Finding& f : expected) {
    if (f.begin >= f.end || f.end > text.size() || f.score <= 0 || f.score > 1) std::abort();
  }
  const std::size_t step = 1 + data[0] % 32;
  std::vector<std::size_t> cuts;
  for (std::size_t cut = data[1] % 64; cut < text.size(); cut += step) cuts.push_back(cut);
  const std::string wrong = driver.pieces(text, cuts, expected);
  if (!wrong.empty()) {
    std::fprintf(stderr, "%s\n", wrong.c_str());
    std::abort();
  }
  with_a_model(detector, text, cuts);
  return 0;
}
