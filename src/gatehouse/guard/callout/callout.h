#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/config/guards.h"
#include "gatehouse/guard/decisions.h"
#include "gatehouse/guard/finding.h"
#include "gatehouse/llm/segment.h"

// External guards, asked over HTTP: what they are told and how their verdicts are read. Free functions without IO, any
// thread. The shape openai_moderation is that of OpenAI's POST /v1/moderations (API reference, "Create moderation");
// `webhook` is Gatehouse's own (docs/guards.md).
namespace gatehouse::guard {

// One text as a callout is shown it.
struct CalloutText {
  llm::Role role = llm::Role::none;
  llm::SegmentKind kind = llm::SegmentKind::text;
  std::uint32_t place = 0;  // what findings call it
  std::string_view text;    // UTF-8; what is none reaches the callout as U+FFFD
};

struct CalloutQuestion {
  std::string_view id;  // of the request
  Direction direction = Direction::request;
  std::span<const std::string_view> policies;
  std::span<const CalloutText> texts;
};

inline constexpr std::size_t kMostCalloutTexts = 4096;
inline constexpr std::size_t kMostCalloutBody = std::size_t{4} << 20;    // bytes, of a question
inline constexpr std::size_t kMostCalloutAnswer = std::size_t{4} << 20;  // and of an answer
inline constexpr std::size_t kMostCalloutReason = 512;
inline constexpr std::size_t kMostCalloutReplacement = 1024;
inline constexpr std::size_t kMostCalloutName = 64;  // of a detector or category

// The body to be posted. Errors: too_large.
Result<std::string> callout_body(const config::Callout& callout, const CalloutQuestion& question);

// What it has against one of the texts.
struct CalloutObjection {
  std::uint32_t text = 0;  // position in the question
  std::string entity;      // its category or detector: letters, digits and "_./-"
  float score = 1;
};
struct CalloutReplacement {
  std::uint32_t text = 0;
  TextEdit edit;  // bytes of the text as it was shown
};
struct CalloutVerdict {
  config::GuardAction action = config::GuardAction::allow;  // at most what the configuration lets it do
  std::vector<CalloutObjection> objections;                 // at most kMostObjections; empty where it allows
  std::vector<CalloutReplacement> replacements;             // of `redact`: ascending in text and place, not overlapping
  std::string reason;                                       // its words; may quote the text
  static constexpr std::size_t kMostObjections = 64;
};

// Errors: upstream_protocol for whatever cannot be relied on: no JSON, a member missing or of another kind, other
// texts than were shown, a place outside of them or within a character, a replacement that JSON would have to escape.
Result<CalloutVerdict> read_callout_verdict(const config::Callout& callout, std::string_view body,
                                            std::span<const CalloutText> texts);

// Edits of a text of `size` bytes that come to the same as `first` and then, in the text that is left by it, `second`.
// Both ascending, not overlapping, none of them empty in range.
std::vector<TextEdit> compose_edits(std::size_t size, std::span<const TextEdit> first,
                                    std::span<const TextEdit> second);

// `text` with the edits made.
std::string edited_text(std::string_view text, std::span<const TextEdit> edits);

}  // namespace gatehouse::guard
