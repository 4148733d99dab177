#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gatehouse/guard/injection/injection_detector.h"
#include "gatehouse/guard/injection/spotlight.h"
#include "gatehouse/guard/injection/testing_matcher.h"

using namespace gatehouse::guard;

// The first byte chooses role, kind and view, the rest is the text. Findings lie inside it and none weighs more than
// the combined one; the words of a text mark no end of its own span.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const injection::InjectionDetector kDetector;
  static injection::TestingMatcher matcher(kDetector);
  if (size == 0) return 0;
  Look look;
  look.role = static_cast<gatehouse::llm::Role>(data[0] % gatehouse::llm::kRoleCount);
  look.kind = static_cast<gatehouse::llm::SegmentKind>(data[0] / 8 % gatehouse::llm::kSegmentKindCount);
  look.view = static_cast<gatehouse::text::ViewKind>(data[0] / 3 % gatehouse::text::kViewKindCount);
  look.text = {reinterpret_cast<const char*>(data + 1), size - 1};
  Findings findings;
  if (kDetector.look(look, matcher.scan(look.text), findings) != look.text.size()) std::abort();
  for (const Finding& finding : findings.list()) {
    if (finding.begin > finding.end || finding.end > look.text.size()) std::abort();
    if (!(finding.score >= 0 && finding.score <= findings.list().back().score)) std::abort();
  }
  const std::string marker = injection::spotlight_marker(size * 0x9E3779B97F4A7C15ULL);
  const auto marked = injection::spotlight(injection::Spotlight::delimit, look.text, marker);
  if (std::string_view(marked.text)
          .substr(1 + marker.size(), marked.text.size() - 2 * marker.size() - 4)
          .find(marker) != std::string_view::npos) {
    std::abort();
  }
  return 0;
}
