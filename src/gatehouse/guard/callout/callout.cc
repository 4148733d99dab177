#include "gatehouse/guard/callout/callout.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::guard {
namespace {

using config::GuardAction;
using json::Kind;

constexpr std::size_t kMostReplacements = 4096;

std::unexpected<Error> unreadable(std::string_view what) { return fail(Code::upstream_protocol, std::string(what)); }

bool is_name_character(char c) {
  const char low = base::lower(c);
  return base::is_digit(c) || (low >= 'a' && low <= 'z') || c == '_' || c == '.' || c == '/' || c == '-';
}

// A category by a name that may stand in records and metrics.
std::string category_name(std::string_view name) {
  std::string out(name.substr(0, kMostCalloutName));
  for (char& c : out) {
    if (!is_name_character(c)) c = '_';
  }
  return out.empty() ? "flagged" : out;
}

bool within_character(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
}

// Valid inside strings at any depth of JSON.
bool needs_no_escape(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f || c == '"' || c == '\\';
  });
}

// The category of the highest score among those that `counts`; nothing if there is none.
template <class Counts>
std::optional<CalloutObjection> highest(json::Value scores, Counts counts, bool& sound) {
  std::optional<CalloutObjection> best;
  scores.members([&](std::string_view key, json::Value value) {
    const auto score = value.number();
    if (!score || *score < 0 || *score > 1) {
      sound = false;
      return;
    }
    if (!counts(key, *score)) return;
    if (best && best->score >= static_cast<float>(*score)) return;
    best = CalloutObjection{.text = 0, .entity = category_name(key), .score = static_cast<float>(*score)};
  });
  return best;
}

Result<CalloutVerdict> read_moderation(const config::Callout& callout, json::Value body,
                                       std::span<const CalloutText> texts) {
  const json::Value results = body["results"];
  if (!results.is(Kind::array)) return unreadable("no results");
  const double threshold = static_cast<double>(callout.threshold.nanos()) / 1e9;
  CalloutVerdict verdict;
  std::size_t index = 0;
  bool sound = true;
  results.elements([&](json::Value result) {
    const auto place = static_cast<std::uint32_t>(index++);
    const auto flagged = result["flagged"].boolean();
    const json::Value scores = result["category_scores"];
    std::optional<CalloutObjection> objection;
    if (threshold > 0) {
      sound = sound && scores.is(Kind::object);
      objection = highest(scores, [&](std::string_view, double score) { return score >= threshold; }, sound);
    } else {
      sound = sound && flagged.has_value();
      if (flagged.value_or(false)) {
        const json::Value categories = result["categories"];
        // Which of them is for the record only: its verdict stands without.
        bool told = true;
        objection = highest(
            scores, [&](std::string_view key, double) { return categories[key].boolean().value_or(false); }, told);
        if (!objection) objection = CalloutObjection{.text = 0, .entity = "flagged", .score = 1};
      }
    }
    if (!objection || verdict.objections.size() == CalloutVerdict::kMostObjections) return;
    objection->text = place;
    verdict.objections.push_back(std::move(*objection));
  });
  if (!sound) return unreadable("a result without what it is judged by");
  // One that tells less than it was asked has not judged everything.
  if (index != texts.size()) return unreadable("other results than texts");
  if (!verdict.objections.empty()) verdict.action = callout.action;
  return verdict;
}

Result<std::vector<CalloutReplacement>> read_replacements(json::Value list, std::span<const CalloutText> texts) {
  if (!list.is(Kind::array)) return unreadable("redact without replacements");
  std::vector<CalloutReplacement> out;
  bool sound = true;
  list.elements([&](json::Value item) {
    const auto index = json::read_count(item["text"].raw());
    const auto begin = json::read_count(item["begin"].raw());
    const auto end = json::read_count(item["end"].raw());
    auto replacement = item["replacement"].string();
    sound = sound && index && begin && end && replacement && *index < texts.size() && out.size() < kMostReplacements;
    if (!sound) return;
    const std::string_view shown = texts[*index].text;
    // Of one that is no UTF-8 it was shown something else, with other offsets.
    sound = text::valid_utf8(shown) && *begin < *end && *end <= shown.size() && !within_character(shown, *begin) &&
            !within_character(shown, *end) && replacement->size() <= kMostCalloutReplacement &&
            needs_no_escape(*replacement);
    if (sound) out.push_back({static_cast<std::uint32_t>(*index), {*begin, *end, std::move(*replacement)}});
  });
  if (!sound) return unreadable("a replacement that cannot be made");
  std::ranges::sort(out, [](const auto& a, const auto& b) {
    return a.text != b.text ? a.text < b.text : a.edit.begin < b.edit.begin;
  });
  for (std::size_t i = 1; i < out.size(); ++i) {
    if (out[i].text == out[i - 1].text && out[i].edit.begin < out[i - 1].edit.end) {
      return unreadable("replacements that overlap");
    }
  }
  return out;
}

Result<CalloutVerdict> read_webhook(const config::Callout& callout, json::Value body,
                                    std::span<const CalloutText> texts) {
  const auto action = body["action"].string();
  CalloutVerdict verdict;
  if (action == "allow") return verdict;
  if (action == "flag") {
    verdict.action = GuardAction::flag;
  } else if (action == "redact") {
    verdict.action = GuardAction::redact;
  } else if (action == "block") {
    verdict.action = GuardAction::block;
  } else {
    return unreadable("no action that is known");
  }
  CalloutObjection objection{.text = 0, .entity = "objection", .score = 1};
  if (const json::Value detector = body["detector"]; detector.exists() && !detector.is_null()) {
    const auto name = detector.string();
    if (!name || name->empty() || name->size() > kMostCalloutName || !std::ranges::all_of(*name, is_name_character)) {
      return unreadable("a detector's name that is none");
    }
    objection.entity = *name;
  }
  if (const json::Value reason = body["reason"]; reason.exists() && !reason.is_null()) {
    auto words = reason.string();
    if (!words || words->size() > kMostCalloutReason) return unreadable("a reason that is none");
    verdict.reason = std::move(*words);
  }
  if (const json::Value text = body["text"]; text.exists() && !text.is_null()) {
    const auto index = json::read_count(text.raw());
    if (!index || *index >= texts.size()) return unreadable("a text that was not shown");
    objection.text = static_cast<std::uint32_t>(*index);
  }
  if (verdict.action == GuardAction::redact) {
    auto replacements = read_replacements(body["replacements"], texts);
    if (!replacements) return std::unexpected(std::move(replacements.error()));
    if (!replacements->empty()) objection.text = replacements->front().text;
    verdict.replacements = std::move(*replacements);
  }
  verdict.action = std::min(verdict.action, callout.action);
  if (verdict.action != GuardAction::redact) verdict.replacements.clear();
  verdict.objections.push_back(std::move(objection));
  return verdict;
}

// A stretch of a text under way: what it was in the original, or what stands in place of something.
struct Run {
  bool original = false;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view text;
  std::size_t size() const { return original ? end - begin : text.size(); }
  // Its bytes [from, to).
  Run part(std::size_t from, std::size_t to) const {
    if (original) return {.original = true, .begin = begin + from, .end = begin + to, .text = {}};
    return {.original = false, .begin = 0, .end = 0, .text = text.substr(from, to - from)};
  }
};

std::vector<Run> applied(const std::vector<Run>& runs, std::span<const TextEdit> edits) {
  std::vector<Run> out;
  std::size_t at = 0;  // in the text that `runs` are
  std::size_t next = 0;
  for (const Run& run : runs) {
    const std::size_t end = at + run.size();
    std::size_t here = at;
    while (here < end) {
      if (next == edits.size() || edits[next].begin >= end) {
        out.push_back(run.part(here - at, end - at));
        here = end;
        break;
      }
      const TextEdit& edit = edits[next];
      if (edit.begin > here) out.push_back(run.part(here - at, edit.begin - at));
      // It stands where what it replaces began.
      if (edit.begin >= here) out.push_back({.original = false, .begin = 0, .end = 0, .text = edit.text});
      here = std::min(end, edit.end);
      if (edit.end <= end) ++next;
    }
    at = end;
  }
  return out;
}

}  // namespace

Result<std::string> callout_body(const config::Callout& callout, const CalloutQuestion& question) {
  if (question.texts.size() > kMostCalloutTexts) return fail(Code::too_large, "more texts than a callout is shown");
  std::size_t bytes = 0;
  for (const CalloutText& text : question.texts) bytes += text.text.size();
  if (bytes > kMostCalloutBody) return fail(Code::too_large, "more text than a callout is shown");
  std::string body;
  body.reserve(bytes + bytes / 8 + question.texts.size() * 48 + 256);
  json::Writer writer(body);
  writer.begin_object();
  if (callout.shape == config::CalloutShape::openai_moderation) {
    if (!callout.model.empty()) writer.key("model").string(callout.model);
    writer.key("input").begin_array();
    for (const CalloutText& text : question.texts) writer.string(text.text);
    writer.end_array();
  } else {
    writer.key("id").string(question.id);
    writer.key("direction").string(name(question.direction));
    writer.key("policies").begin_array();
    for (const std::string_view policy : question.policies) writer.string(policy);
    writer.end_array();
    writer.key("texts").begin_array();
    for (const CalloutText& text : question.texts) {
      writer.begin_object();
      writer.key("role").string(llm::name(text.role));
      writer.key("kind").string(llm::name(text.kind));
      writer.key("text").string(text.text);
      writer.end_object();
    }
    writer.end_array();
  }
  writer.end_object();
  if (body.size() > 2 * kMostCalloutBody) return fail(Code::too_large, "more text than a callout is shown");
  return body;
}

Result<CalloutVerdict> read_callout_verdict(const config::Callout& callout, std::string_view body,
                                            std::span<const CalloutText> texts) {
  if (body.size() > kMostCalloutAnswer) return unreadable("too large");
  if (!json::validate(body)) return unreadable("no JSON");
  const json::Value value(base::trim(body));
  if (!value.is(Kind::object)) return unreadable("no object");
  return callout.shape == config::CalloutShape::openai_moderation ? read_moderation(callout, value, texts)
                                                                  : read_webhook(callout, value, texts);
}

std::vector<TextEdit> compose_edits(std::size_t size, std::span<const TextEdit> first,
                                    std::span<const TextEdit> second) {
  const std::vector<Run> whole = {{.original = true, .begin = 0, .end = size, .text = {}}};
  const std::vector<Run> runs = applied(applied(whole, first), second);
  std::vector<TextEdit> out;
  std::size_t at = 0;
  std::string pending;
  const auto close = [&](std::size_t end) {
    if (end > at || !pending.empty()) out.push_back({at, end, std::exchange(pending, {})});
  };
  for (const Run& run : runs) {
    if (!run.original) {
      pending += run.text;
      continue;
    }
    close(run.begin);
    at = run.end;
  }
  close(size);
  return out;
}

std::string edited_text(std::string_view text, std::span<const TextEdit> edits) {
  std::string out;
  std::size_t at = 0;
  for (const TextEdit& edit : edits) {
    out.append(text.substr(at, edit.begin - at)).append(edit.text);
    at = edit.end;
  }
  out.append(text.substr(at));
  return out;
}

}  // namespace gatehouse::guard
