// The first byte is the operation (and, above its number, the dialect), the rest a body. Whatever it is: no crash;
// every segment lies in the body and its text is what the string there says; to edit one changes no other; and no
// string with a space in it is left out.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "gatehouse/dialects/segments.h"
#include "gatehouse/dialects/wire.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/splice.h"
#include "gatehouse/json/value.h"

namespace {

using namespace gatehouse;

void require(bool condition) {
  if (!condition) std::abort();
}

// Strings that are neither words nor ids nor base64, by a look of our own.
void each_sentence(json::Value value, const auto& visit) {
  if (const auto text = value.string()) {
    if (text->find(' ') != std::string::npos) visit(value.raw());
  }
  value.members([&](std::string_view, json::Value member) { each_sentence(member, visit); });
  value.elements([&](json::Value element) { each_sentence(element, visit); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto operation = static_cast<llm::Operation>(data[0] % llm::kOperationCount);
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto above = data[0] / llm::kOperationCount % 3;
  const auto dialect = above == 0   ? dialects::dialect_of(operation)
                       : above == 1 ? llm::Dialect::anthropic
                                    : llm::Dialect::gemini;
  llm::SegmentList list;
  dialects::read_segments(dialect, operation, body, list);
  if (!json::validate(body)) return 0;
  require(list.complete);

  std::size_t at = 0;
  for (const llm::Segment& segment : list.segments) {
    require(segment.offset >= at && segment.offset + segment.length <= body.size() && !segment.text.empty());
    at = segment.offset + segment.length;
    if (segment.length == 0) continue;
    const std::string_view raw = body.substr(segment.offset, segment.length);
    require(raw.size() > 2 && raw.front() == '"' && raw.back() == '"');
    require(segment.escaped == (raw.find('\\') != std::string_view::npos));
    if (segment.kind == llm::SegmentKind::media) {
      require(raw.substr(1, raw.size() - 2) == segment.text);
    } else {
      require(json::read_string(raw) == segment.text);
    }
  }

  // A bound on what the check below costs: it walks a level once for each level above.
  if (size < 4096) {
    std::string_view model;
    json::Value(body).members([&](std::string_view key, json::Value value) {
      if (key == "model") model = value.raw();
      if (key == "model" && value.is(json::Kind::string)) return;
      each_sentence(value, [&](std::string_view raw) {
        const auto offset = static_cast<std::size_t>(raw.data() - body.data());
        bool found = false;
        for (const llm::Segment& segment : list.segments)
          found = found || (segment.offset == offset && segment.length > 0);
        require(found);
      });
    });
  }

  llm::SegmentList after;
  const std::size_t step = list.segments.size() / 16 + 1;
  for (std::size_t i = 0; i < list.segments.size(); i += step) {
    if (list.segments[i].length == 0) continue;
    // Of another type what stands beside it is something else.
    const std::size_t before = list.segments[i].offset;
    const auto name = body.substr(before - std::min<std::size_t>(before, 60), std::min<std::size_t>(before, 60));
    if (name.find("ype") != std::string_view::npos || name.find('\\') != std::string_view::npos) continue;
    const json::Edit edit{list.segments[i].offset, list.segments[i].length, "\"<\\n>\""};
    const std::string edited = json::splice(body, {&edit, 1});
    require(json::validate(edited).has_value());
    dialects::read_segments(dialect, operation, edited, after);
    require(after.segments.size() == list.segments.size());
    for (std::size_t k = 0; k < after.segments.size(); ++k) {
      require(after.segments[k].text == (k == i ? "<\n>" : list.segments[k].text));
    }
  }
  return 0;
}
