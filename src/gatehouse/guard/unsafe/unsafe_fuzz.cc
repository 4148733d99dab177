#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "gatehouse/guard/testing/cuts.h"
#include "gatehouse/guard/unsafe/unsafe_detector.h"

// The first byte says how the text is cut and what it is. The findings must be the same for the whole text and for its
// pieces, and nothing of one may be released before.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  if (size < 2 || size > 4096) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  static const auto detector = guard::make_unsafe_detector({.trusted_hosts = {"a.example"}});
  static thread_local guard::testing::Driver texts(*detector);
  static thread_local guard::testing::Driver tools(*detector, [] {
    guard::Look like;
    like.kind = llm::SegmentKind::tool_arguments;
    return like;
  }());
  guard::testing::Driver& driver = (data[0] & 1U) != 0 ? tools : texts;
  const auto whole = driver.whole(text);
  if (whole.size() >= guard::Findings::kMost) return 0;  // then which of them are told depends on the window
  const std::size_t step = 1 + (data[0] >> 1) % 40;
  std::vector<std::size_t> cuts;
  for (std::size_t cut = step; cut < text.size(); cut += step) cuts.push_back(cut);
  if (const auto wrong = driver.pieces(text, cuts, whole); !wrong.empty()) {
    fmt::print(stderr, "{}\n", wrong);
    std::abort();
  }
  return 0;
}
