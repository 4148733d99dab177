#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/guard/finding.h"
#include "gatehouse/guard/pieces.h"
#include "gatehouse/guard/text_before.h"
#include "gatehouse/llm/segment.h"
#include "gatehouse/ml/oracle.h"
#include "gatehouse/text/views.h"

namespace gatehouse::guard {

// What is known of the request whose answer is looked at: made by the request's inspection, read by detectors of
// answers. Abstract here, so that a detector names only what it needs (leakage: the system text's index).
class RequestFacts;

// A text to look at. In a stream the text grows: what was looked at and released stays in front as context for a while.
struct Look {
  std::string_view text;  // UTF-8 as a rule; any bytes must be borne
  // Where looking begins: before it is context only, no finding that begins there is wanted. In a whole text 0.
  std::size_t from = 0;
  bool complete = true;  // nothing follows
  text::ViewKind view = text::ViewKind::original;
  Direction direction = Direction::request;
  llm::Role role = llm::Role::user;
  llm::SegmentKind kind = llm::SegmentKind::text;
  const RequestFacts* facts = nullptr;  // may be null
  // What stood in front of text[0] in the original. A detector that asks about more than the context goes by it.
  TextBefore before{};
  // Of a view: the stretch of the text as it was written that it stands for. Empty: this is that text.
  std::string_view written{};
  // How the pieces stand that models are shown of an answer, at text[0] (pieces.h).
  PieceCutter pieces{};
  // What models make of texts; null: none is asked. A detector whose question is not answered yet says so by
  // Findings::wait() and is shown the text again when it is. Until then its frontier stays before what is not answered,
  // also in a text that is complete.
  ml::Oracle* meaning = nullptr;
  // What the application told its model, for texts that somebody says to that model: what they are held against.
  std::string_view context{};
};

// A pattern that tells where to look closer; all detectors' triggers are matched in one pass over the text. Cheap ones
// are literals or begin with one; no large bounded repeats, no leading `.*`. `trigger` is the detector's own number.
struct Trigger {
  std::uint32_t trigger = 0;
  std::string pattern;  // the common subset of Hyperscan and RE2
  bool caseless = true;
  bool once = false;  // only the first hit in a text matters
  // Where it matters besides `Setting::any`, in which all are matched.
  bool in_own_words = true;
  bool in_answers = true;
};
// What a text is, as far as other triggers matter in it. Those that do not cost time: the more patterns, the more of
// any prose looks like the beginning of one.
enum class Setting : std::uint8_t {
  any,
  own_words,  // of a request, as somebody wrote it who takes part in it: not decoded, no tool's result, no document
  answers,
};
inline constexpr std::size_t kSettingCount = 3;
Setting setting_of(const Look& look);
struct Hit {
  std::uint32_t trigger;
  std::size_t end;  // just behind the last byte of the match; a pattern may report several ends
};

// What a kind of finding is called and about: for documentation, validation of names in policies, reports.
struct EntityInfo {
  std::string_view entity;       // "DE_TAX_ID"
  std::string_view description;  // one line
  std::string_view region;       // ISO 3166 alpha-2, or empty
  // Found too often where nobody minds: a policy does something about it only where its `entities` name it.
  bool by_name = false;
};

// One thing that looks at texts. Immutable and shared by all threads, made once for each configuration. Pure: no IO, no
// clock, linear in the text whatever it holds (a bound reached is told by Findings::fail; an exception counts as one).
//
// A text that is not complete is looked at again with more behind it, cut anywhere; the findings must be the same for
// every cut. So a detector says how far it is sure: `look` returns its frontier, an offset in the text (at least
// `from`, at most the size). Every finding that begins before it was added, with its final end; whatever follows brings
// no other. The text before the smallest frontier of all detectors is released. Of a complete text it is the size.
class Detector {
 public:
  virtual ~Detector() = default;
  virtual std::string_view name() const = 0;  // "pii", "secrets"
  virtual Family family() const = 0;
  virtual std::span<const EntityInfo> entities() const = 0;
  // In which readings of a text it looks; each is looked at by itself, and its findings are mapped to the original.
  virtual text::ViewKinds views(Direction direction) const = 0;
  // Whether there is anything to look for in that direction, role and kind of text.
  virtual bool concerns(Direction direction, llm::Role role, llm::SegmentKind kind) const = 0;
  // Asked once, when the matcher is made.
  virtual std::vector<Trigger> triggers() const { return {}; }
  // `hits` are those of its own triggers, ascending in `end`.
  virtual std::size_t look(const Look& look, std::span<const Hit> hits, Findings& out) const = 0;
};

// The frontier that most detectors need: the beginning of the last word in progress, that is, behind the last white
// space; the size of a complete text. At most `longest` bytes from the end: a longer word is none.
std::size_t word_frontier(const Look& look, std::size_t longest = 512);

}  // namespace gatehouse::guard
