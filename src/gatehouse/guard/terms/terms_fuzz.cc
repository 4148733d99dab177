// Two things from one input: any bytes as a pattern are refused or compiled, and then and with a fixed set of words the
// findings are the same however a text is cut. The input: a byte for the cuts, the pattern, a zero byte, the text.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/guard/terms/terms_detector.h"
#include "gatehouse/guard/testing/cuts.h"

namespace {

using namespace gatehouse::guard;

void check(gatehouse::guard::testing::Driver& driver, std::string_view text, std::size_t step) {
  const auto expected = driver.whole(text);
  for (const Finding& f : expected) {
    if (f.begin >= f.end || f.end > text.size()) std::abort();
  }
  std::vector<std::size_t> cuts;
  for (std::size_t cut = step; cut < text.size(); cut += step) cuts.push_back(cut);
  const std::string wrong = driver.pieces(text, cuts, expected);
  if (!wrong.empty()) {
    std::fprintf(stderr, "%s\n", wrong.c_str());
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 || size > 4096) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t zero = std::min(input.find('\0'), input.size());
  const std::string_view text = input.substr(std::min(zero + 1, input.size()));
  TermsOptions options;
  options.terms.resize(2);
  options.terms[0].name = "WORDS";
  options.terms[0].words = {"a b", "b a", "a b c d", "no", "\xC3\xA9t\xC3\xA9", "x-y", "\xE6\x9D\xB1\xE4\xBA\xAC"};
  options.terms[1].name = "TOPIC";
  options.terms[1].kind = TermKind::topic;
  options.terms[1].weighted = {{"a", 0.5F}, {"b c", 0.6F}, {"no", 0.5F}};
  options.terms[1].window = 40;
  static const auto fixed = *TermsDetector::make(options);
  static gatehouse::guard::testing::Driver fixed_driver(*fixed);
  check(fixed_driver, text, 1 + data[0] % 16);

  TermsOptions own;
  own.terms.resize(1);
  own.terms[0].name = "PATTERN";
  own.terms[0].kind = TermKind::pattern;
  own.terms[0].pattern = std::string(input.substr(0, std::min<std::size_t>(zero, 64)));
  own.terms[0].caseless = data[0] % 2 == 0;
  const auto made = TermsDetector::make(own);
  if (!made) return 0;
  gatehouse::guard::testing::Driver driver(**made);
  check(driver, text, 1 + data[0] % 16);
  return 0;
}
