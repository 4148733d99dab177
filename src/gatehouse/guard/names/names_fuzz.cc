// Any text: no crash, linear, and the same findings however it is cut. The first two bytes say where.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/guard/names/names_detector.h"
#include "gatehouse/guard/testing/cuts.h"

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
  return 0;
}
