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

Result<std::vector<TextEdit>> plan_edits(std::string_view text, std::span<const Decision> decisions, Replacer& replacer,
                                         const JsonPlace* place) {
  std::vector<TextEdit> edits;
  JsonPlace at = place != nullptr ? *place : JsonPlace();
  std::size_t read = 0;
  for (std::size_t i = 0; i < decisions.size();) {
    if (decisions[i].ruling.action != Action::redact) {
      ++i;
      continue;
    }
    // All that overlap, as one: the widest names it, of equal ones the surest.
    std::size_t begin = decisions[i].finding.begin;
    std::size_t end = decisions[i].finding.end;
    const Decision* best = &decisions[i];
    Style style = best->ruling.style;
    std::size_t next = i + 1;
    for (; next < decisions.size() && decisions[next].finding.begin < end; ++next) {
      const Decision& other = decisions[next];
      if (other.ruling.action != Action::redact) continue;
      end = std::max(end, other.finding.end);
      style = std::max(style, other.ruling.style);
      const std::size_t width = other.finding.end - other.finding.begin;
      const std::size_t most = best->finding.end - best->finding.begin;
      if (width > most || (width == most && other.finding.score > best->finding.score)) best = &other;
    }
    i = next;
    begin = std::min(begin, text.size());
    end = std::min(end, text.size());
    if (!edits.empty() && begin < edits.back().end) begin = edits.back().end;
    if (begin >= end) continue;
    auto replacement = replacer.replacement(best->finding, style, text.substr(begin, end - begin));
    if (!replacement) return std::unexpected(std::move(replacement.error()));
    if (place != nullptr) {
      at.advance(text.substr(read, begin - read));
      const bool bare = !at.in_string();
      if (bare) {
        const std::size_t least = edits.empty() ? 0 : edits.back().end;
        while (begin > least && is_bare(text[begin - 1])) --begin;
        while (end < text.size() && is_bare(text[end])) ++end;
        *replacement = "\"" + *replacement + "\"";
      }
      at.advance(text.substr(std::max(read, begin), end - std::max(read, begin)));
      read = end;
    }
    edits.push_back({begin, end, std::move(*replacement)});
  }
  return edits;
}

}  // namespace gatehouse::guard
