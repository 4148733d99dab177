// Any bytes: findings lie within the text and say which entity, and come out the same however the text is cut.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/guard/pii/pii_detector.h"
#include "gatehouse/guard/testing/cuts.h"

namespace {

using gatehouse::guard::Finding;
using gatehouse::guard::pii::PiiDetector;
using gatehouse::guard::testing::Driver;

void require(bool condition, std::string_view what) {
  if (condition) return;
  fmt::print(stderr, "{}\n", what);
  std::abort();
}

std::unique_ptr<PiiDetector> detector(float least) {
  auto made = PiiDetector::make({.least_score = least});
  require(made.has_value(), "no detector");
  return *std::move(made);
}

void check(Driver& driver, std::string_view text, std::uint32_t seed) {
  const std::vector<Finding> whole = driver.whole(text);
  for (const Finding& finding : whole) {
    require(finding.begin < finding.end && finding.end <= text.size(), "a finding outside the text");
    require(finding.end - finding.begin <= PiiDetector::kLongestFinding, "a finding that is too long");
    require(!finding.entity.empty() && !finding.detector.empty(), "a finding without a name");
    require(finding.score > 0 && finding.score <= 1, "a score that is none");
  }
  for (int round = 0; round < 3; ++round) {
    std::vector<std::size_t> cuts;
    std::size_t at = 0;
    while (true) {
      seed = seed * 1'664'525 + 1'013'904'223;
      at += 1 + (seed >> 16) % (round == 0 ? 2 : round == 1 ? 24 : 400);
      if (at >= text.size()) break;
      cuts.push_back(at);
    }
    const std::string wrong = driver.pieces(text, cuts, whole, round == 2 ? Driver::kEverything : 256);
    require(wrong.empty(), wrong);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto usual = detector(0.5F);
  static const auto all = detector(0.01F);
  static Driver usual_driver(*usual);
  static Driver all_driver(*all);
  if (size > 4096) return 0;
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::uint32_t seed = static_cast<std::uint32_t>(size);
  for (const char c : text) seed = seed * 31 + static_cast<unsigned char>(c);
  check(usual_driver, text, seed);
  check(all_driver, text, seed);
  return 0;
}
