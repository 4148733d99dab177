#include "gatehouse/guard/decisions.h"

#include <algorithm>
#include <utility>

namespace gatehouse::guard {
namespace {

// What a bare JSON number or literal is made of.
bool is_bare(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '-' || c == '.';
}

}  // namespace

std::string noted_value(const Finding& finding, std::string_view text, Redaction& redaction, bool capture) {
  const std::size_t begin = std::min(finding.begin, text.size());
  const std::string_view value = text.substr(begin, std::min(finding.end, text.size()) - begin);
  if (capture) return std::string(value.substr(0, Decision::kMostShown));
  auto hashed = redaction.stand_in(finding.family, finding.entity, value, RedactStyle::hash);
  if (!hashed) return {};
  // "[EMAIL:h_...]": the kind is told beside it.
  const std::size_t colon = hashed->rfind(':');
  if (colon == std::string::npos || !hashed->ends_with(']')) return {};
  return hashed->substr(colon + 1, hashed->size() - colon - 2);
}

void Decisions::add(const Decision& decision) {
  const Ruling& ruling = decision.ruling;
  strictest_ = std::max(strictest_, ruling.action);
  monitored_ = std::max(monitored_, ruling.monitored);
  shadow_ = std::max(shadow_, ruling.shadow);
  if (list_.size() < kMost) {
    list_.push_back(decision);
    return;
  }
  // A block must be among those that are told.
  if (ruling.action != Action::block) return;
  for (auto kept = list_.rbegin(); kept != list_.rend(); ++kept) {
    if (kept->ruling.action == Action::block) continue;
    *kept = decision;
    return;
  }
}

void Decisions::add_failure(std::string_view why, bool closed) {
  if (failure_.empty() || closed) failure_ = why;
  failed_closed_ = failed_closed_ || closed;
}

std::string Decisions::blockers() const {
  std::string names;
  std::vector<std::string_view> seen;
  for (const Decision& decision : list_) {
    if (decision.ruling.action != Action::block) continue;
    const std::string_view detector = decision.finding.detector;
    if (std::ranges::find(seen, detector) != seen.end()) continue;
    seen.push_back(detector);
    if (!names.empty()) names += ", ";
    names += detector;
  }
  return names;
}

void JsonPlace::advance(std::string_view text) {
  for (const char c : text) {
    if (escaped_) {
      escaped_ = false;
    } else if (in_string_ && c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_string_ = !in_string_;
    }
  }
}

llm::SegmentKind written_as(llm::SegmentKind kind, std::string_view text) {
  if (kind != llm::SegmentKind::tool_arguments) return kind;
  const auto first = text.find_first_not_of(" \t\r\n");
  const bool json = first == std::string_view::npos || text[first] == '{' || text[first] == '[';
  return json ? kind : llm::SegmentKind::text;
}

Result<std::vector<TextEdit>> plan_edits(std::string_view text, llm::SegmentKind kind,
                                         std::span<const Decision> decisions, Redaction& redaction,
                                         const JsonPlace* place) {
  std::vector<Redacted> redacted;
  for (const Decision& decision : decisions) {
    if (decision.ruling.action == Action::redact) redacted.push_back({decision.finding, decision.ruling.style});
  }
  std::vector<Replacement> replacements;
  if (auto done = redaction.replace(text, kind, std::move(redacted), replacements); !done) {
    return std::unexpected(std::move(done.error()));
  }
  std::vector<TextEdit> edits;
  edits.reserve(replacements.size());
  JsonPlace at = place != nullptr ? *place : JsonPlace();
  std::size_t read = 0;
  for (Replacement& replacement : replacements) {
    TextEdit edit{replacement.offset, replacement.offset + replacement.length, std::move(replacement.text)};
    const std::size_t least = edits.empty() ? 0 : edits.back().end;
    if (edit.end <= least) continue;
    edit.begin = std::max(edit.begin, least);
    if (place != nullptr) {
      at.advance(text.substr(read, edit.begin - read));
      const std::size_t found = edit.begin;
      if (!at.in_string()) {
        while (edit.begin > least && is_bare(text[edit.begin - 1])) --edit.begin;
        while (edit.end < text.size() && is_bare(text[edit.end])) ++edit.end;
        edit.text = "\"" + edit.text + "\"";
      }
      at.advance(text.substr(found, edit.end - found));
      read = edit.end;
    }
    edits.push_back(std::move(edit));
  }
  return edits;
}

}  // namespace gatehouse::guard
