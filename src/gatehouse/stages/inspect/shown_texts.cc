#include "gatehouse/stages/inspect/shown_texts.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace gatehouse::stages {

ShownTexts::ShownTexts(const llm::SegmentList& segments, const Edits& edited) : segments_(segments) {
  auto next = edited.begin();
  for (std::uint32_t i = 0; i < segments.segments.size(); ++i) {
    const llm::Segment& segment = segments.segments[i];
    if (segment.kind == llm::SegmentKind::media || segment.text.empty()) continue;
    while (next != edited.end() && next->segment < i) ++next;
    std::string_view text = segment.text;
    if (next != edited.end() && next->segment == i) {
      text = owned_.emplace_back(guard::edited_text(segment.text, next->edits));
    }
    texts_.push_back({.role = segment.role, .kind = segment.kind, .place = i, .text = text});
  }
}

bool ShownTexts::replace(std::span<const guard::CalloutReplacement> replacements, Edits& edited) const {
  std::vector<guard::TextEdit> here;
  for (std::size_t i = 0; i < replacements.size();) {
    const std::uint32_t text = replacements[i].text;
    here.clear();
    for (; i < replacements.size() && replacements[i].text == text; ++i) here.push_back(replacements[i].edit);
    const std::uint32_t place = texts_[text].place;
    const llm::Segment& segment = segments_.segments[place];
    if (segment.length == 0) return false;
    auto at = std::ranges::lower_bound(edited, place, {}, &guard::RequestJudgement::Edited::segment);
    if (at == edited.end() || at->segment != place) at = edited.insert(at, {place, {}});
    at->edits = guard::compose_edits(segment.text.size(), at->edits, here);
  }
  return true;
}

}  // namespace gatehouse::stages
