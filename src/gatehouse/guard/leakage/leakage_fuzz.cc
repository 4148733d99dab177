#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "gatehouse/guard/leakage/leakage_detector.h"
#include "gatehouse/guard/request_facts.h"
#include "gatehouse/guard/testing/cuts.h"

// A byte that says how the answer is cut, the system text, a zero byte, the answer. The findings must be the same for
// the whole answer and for its pieces.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  if (size < 2 || size > 4096) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t end = input.find('\0');
  if (end == std::string_view::npos) return 0;
  guard::SystemText system;
  system.add(input.substr(0, end));
  const std::string_view answer = input.substr(end + 1);
  const guard::Canary canaries[] = {guard::Canary::make([](std::uint8_t* bytes, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(i % 3);
  })};
  guard::RequestFacts facts;
  facts.system = &system;
  facts.canaries = canaries;
  guard::Look look;
  look.direction = guard::Direction::response;
  look.facts = &facts;
  static const auto detector = guard::make_leakage_detector({.words = 6});
  guard::testing::Driver driver(*detector, look);
  const auto whole = driver.whole(answer);
  const std::size_t step = 1 + data[0] % 40;
  std::vector<std::size_t> cuts;
  for (std::size_t cut = step; cut < answer.size(); cut += step) cuts.push_back(cut);
  // All that was released stays in front: with less, words of the greatest length may hide where a run began.
  const auto wrong = driver.pieces(answer, cuts, whole, guard::testing::Driver::kEverything);
  if (!wrong.empty()) {
    fmt::print(stderr, "{}\n", wrong);
    std::abort();
  }
  return 0;
}
