#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace gatehouse::guard::injection {

// What words do not tell: signs, layout, repetition. A check is named in a signature's patterns ("@zero_width").
struct Check {
  struct Range {
    std::size_t begin;
    std::size_t end;
  };
  std::string_view name;
  std::span<const std::string_view> triggers;  // exact texts, whatever the case; without any the check is always asked
  // `ends`: where triggers ended, ascending. Adds the places. Linear in the text, at most one pass over it.
  void (*look)(std::string_view text, std::span<const std::size_t> ends, std::vector<Range>& out);
};

std::span<const Check> checks();

}  // namespace gatehouse::guard::injection
