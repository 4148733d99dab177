#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/guard/finding.h"
#include "gatehouse/guard/policy/rules.h"
#include "gatehouse/guard/redact/redactor.h"
#include "gatehouse/llm/segment.h"

namespace gatehouse::guard {

// A finding and what its policies say about it.
struct Decision {
  Finding finding;
  Ruling ruling;
  Direction direction = Direction::request;
  llm::Role role = llm::Role::none;
  llm::SegmentKind kind = llm::SegmentKind::text;
  std::uint32_t place = 0;  // position of the segment in the request, or of the text in the answer
  std::string value;        // a keyed hash of what was found; with capture its text, at most kMostShown bytes
  static constexpr std::size_t kMostShown = 256;
};

// What a record says of the text of a finding: "h_..." by the tenant's key, or itself with `capture`.
std::string noted_value(const Finding& finding, std::string_view text, Redaction& redaction, bool capture);

// Everything that was decided about one request and its answer: what the record, the header and the metrics tell.
// Owned by the request. Bounded: of very many decisions the first kMost are kept, and the strictest counts in any case.
class Decisions {
 public:
  static constexpr std::size_t kMost = 256;

  void add(const Decision& decision);
  // Texts that could not be judged: `why` is static. `closed`: the request or answer is refused for it.
  void add_failure(std::string_view why, bool closed);

  const std::vector<Decision>& list() const { return list_; }
  Action strictest() const { return strictest_; }  // enforced
  Action monitored() const { return monitored_; }  // what monitors would have made of it
  Action shadow() const { return shadow_; }        // what candidates would have
  std::string_view failure() const { return failure_; }
  bool failed_closed() const { return failed_closed_; }
  // Names of the detectors whose findings block, comma separated: all that a caller is told.
  std::string blockers() const;

 private:
  std::vector<Decision> list_;
  Action strictest_ = Action::allow;
  Action monitored_ = Action::allow;
  Action shadow_ = Action::allow;
  std::string_view failure_;
  bool failed_closed_ = false;
};

// Bytes [begin, end) of a text and what stands there instead.
struct TextEdit {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;
};

// Where a JSON text stands: whether a place in tool-call arguments is inside a string. Fed in order, cut anywhere.
class JsonPlace {
 public:
  void advance(std::string_view text);
  bool in_string() const { return in_string_; }

 private:
  bool in_string_ = false;
  bool escaped_ = false;
};

// As what edits of a text are written: arguments of tools are JSON where they begin as an object or a list does; else
// (the free text of a custom tool, a string of arguments that came as an object) they are text as any other.
llm::SegmentKind written_as(llm::SegmentKind kind, std::string_view text);

// Turns those of `decisions`, all of this text, that are redacted into edits of it: ascending, not overlapping;
// findings that overlap become one. In tool-call arguments (`place`: where the text begins) a bare value becomes a
// string. Errors as Redaction's: then the text must not pass.
Result<std::vector<TextEdit>> plan_edits(std::string_view text, llm::SegmentKind kind,
                                         std::span<const Decision> decisions, Redaction& redaction,
                                         const JsonPlace* place = nullptr);

}  // namespace gatehouse::guard
