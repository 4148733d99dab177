#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/guard/callout/callout.h"
#include "gatehouse/json/scan.h"

// The first byte picks the shape, its bounds and the texts; the rest is what an external guard answered. What is
// accepted must be safe to act on.
namespace {

using namespace gatehouse;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const config::Callout& callout, std::string_view body, const std::vector<guard::CalloutText>& texts) {
  const auto verdict = guard::read_callout_verdict(callout, body, texts);
  if (!verdict) return;
  require(verdict->action <= callout.action);
  require(verdict->objections.size() <= guard::CalloutVerdict::kMostObjections);
  require(verdict->reason.size() <= guard::kMostCalloutReason);
  for (const auto& objection : verdict->objections) {
    require(objection.text < texts.size() && !objection.entity.empty());
    require(objection.entity.size() <= guard::kMostCalloutName && objection.score >= 0 && objection.score <= 1);
  }
  require(verdict->replacements.empty() || verdict->action == config::GuardAction::redact);
  std::size_t at = 0;
  std::uint32_t text = 0;
  for (const auto& [index, edit] : verdict->replacements) {
    require(index >= text && index < texts.size());
    if (index != text) at = 0;
    text = index;
    require(edit.begin >= at && edit.begin < edit.end && edit.end <= texts[index].text.size());
    at = edit.end;
    const std::vector<guard::TextEdit> edits = {edit};
    std::string quoted = "\"" + edit.text + "\"";
    require(json::validate(quoted).has_value());
    const auto own = std::vector<guard::TextEdit>{{0, 1, "ab"}};
    const std::string left = guard::edited_text(texts[index].text, edits);
    const auto both = guard::compose_edits(texts[index].text.size(), edits,
                                           left.empty() ? std::span<const guard::TextEdit>() : std::span(own));
    require(guard::edited_text(texts[index].text, both) == (left.empty() ? left : guard::edited_text(left, own)));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned how = data[0];
  config::Callout callout;
  callout.shape = (how & 1U) != 0 ? config::CalloutShape::openai_moderation : config::CalloutShape::webhook;
  callout.action = (how & 2U) != 0 ? config::GuardAction::flag : config::GuardAction::block;
  if ((how & 4U) != 0) callout.threshold = base::Money::nanos(500'000'000);
  std::vector<guard::CalloutText> texts = {{.text = "write to \xC3\xA4rika@example.org"}, {.text = "x"}};
  if ((how & 8U) != 0) texts.push_back({.text = "\xff\xfe"});
  check(callout, {reinterpret_cast<const char*>(data + 1), size - 1}, texts);
  return 0;
}
