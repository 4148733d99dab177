#include "gatehouse/app/eval/spans.h"

#include <algorithm>
#include <vector>

namespace gatehouse::app {
namespace {

bool overlap(const text::ByteRange& a, const text::ByteRange& b) { return a.begin < b.end && b.begin < a.end; }

}  // namespace

void match_spans(std::span<const EvalRow::Span> wanted, std::span<const EvalRow::Span> found, SpanRule rule,
                 const std::function<void(const std::string& type, bool expected, bool found)>& count) {
  const auto meets = [&](const EvalRow::Span& a, const EvalRow::Span& b) {
    if (a.type != b.type) return false;
    if (rule == SpanRule::exact) return a.range.begin == b.range.begin && a.range.end == b.range.end;
    return overlap(a.range, b.range);
  };
  const auto holds = [&](const EvalRow::Span& whole, const EvalRow::Span& part) {
    return rule == SpanRule::overlap && whole.range.begin <= part.range.begin && part.range.end <= whole.range.end;
  };
  std::vector<bool> used(found.size());
  for (const EvalRow::Span& span : wanted) {
    std::size_t hit = 0;
    while (hit < found.size() && (!meets(span, found[hit]) || (used[hit] && !holds(found[hit], span)))) ++hit;
    if (hit < found.size()) used[hit] = true;
    count(span.type, true, hit < found.size());
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (used[i]) continue;
    const bool again = rule == SpanRule::overlap &&
                       std::ranges::any_of(wanted, [&](const EvalRow::Span& span) { return meets(span, found[i]); });
    if (!again) count(found[i].type, false, true);
  }
}

}  // namespace gatehouse::app
