#include "gatehouse/stages/inspect/edit_body.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/ids.h"
#include "gatehouse/guard/injection/spotlight.h"
#include "gatehouse/json/string_map.h"

namespace gatehouse::stages {
namespace {

using guard::injection::Spotlight;

// Words that nobody vouches for.
bool is_foreign(const llm::Segment& segment) {
  return segment.length > 0 && !segment.text.empty() &&
         ((segment.role == llm::Role::tool && segment.kind == llm::SegmentKind::text) ||
          segment.kind == llm::SegmentKind::document);
}

std::string edited_text(std::string_view text, const std::vector<guard::TextEdit>& edits) {
  std::string out;
  std::size_t at = 0;
  for (const auto& edit : edits) {
    out.append(text.substr(at, edit.begin - at)).append(edit.text);
    at = edit.end;
  }
  return out.append(text.substr(at));
}

}  // namespace

void edit_body(pipeline::Exchange& exchange, pipeline::Inspection& inspection,
               const std::vector<guard::RequestJudgement::Edited>& all_edited) {
  const auto& segments = inspection.segments.segments;
  const auto wanted = inspection.rules->spotlight();
  const Spotlight way = wanted == config::Spotlight::mark ? Spotlight::datamark : Spotlight::delimit;
  std::string marker;
  // The last of the system's words takes what is said to the model.
  const llm::Segment* system = nullptr;
  bool foreign = false;
  for (const auto& segment : segments) {
    const bool words = segment.role == llm::Role::system && segment.kind == llm::SegmentKind::text;
    if (words && segment.length > 0) system = &segment;
    foreign = foreign || is_foreign(segment);
  }
  std::string said;
  if (wanted != config::Spotlight::none && foreign) {
    marker = guard::injection::spotlight_marker(exchange.worker.random.next());
    said = "\n\n" + guard::injection::spotlight_notice(way, marker);
  }
  if (inspection.rules->canary() && system != nullptr) {
    inspection.canaries.push_back(
        guard::Canary::make([](std::uint8_t* bytes, std::size_t size) { base::random_bytes(bytes, size); }));
    said += "\n\n" + inspection.canaries.back().sentence();
  }
  std::vector<json::TextEdit> edits;
  auto judged = all_edited.begin();
  for (std::uint32_t i = 0; i < segments.size(); ++i) {
    const llm::Segment& segment = segments[i];
    const bool touched = judged != all_edited.end() && judged->segment == i;
    edits.clear();
    if (!marker.empty() && is_foreign(segment)) {
      const std::string text = touched ? edited_text(segment.text, judged->edits) : std::string(segment.text);
      std::string marked = guard::injection::spotlight(way, text, marker).text;
      // Without words of the system's to say it in, the notice stands in front.
      if (system == nullptr) marked.insert(0, guard::injection::spotlight_notice(way, marker) + "\n\n");
      inspection.owned.push_back(std::move(marked));
      edits.push_back({0, segment.text.size(), inspection.owned.back()});
    } else if (touched) {
      for (const auto& edit : judged->edits) {
        inspection.owned.push_back(edit.text);
        edits.push_back({edit.begin, edit.end, inspection.owned.back()});
      }
    }
    if (&segment == system && !said.empty()) {
      inspection.owned.push_back(said);
      edits.push_back({segment.text.size(), segment.text.size(), inspection.owned.back()});
    }
    if (touched) ++judged;
    if (edits.empty()) continue;
    json::append_edits(exchange.body, segment.offset, segment.length, edits, inspection.edits, inspection.owned);
  }
}

}  // namespace gatehouse::stages
