#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/guard/detector.h"
#include "gatehouse/guard/injection/letters.h"
#include "gatehouse/guard/injection/lexicon.h"
#include "gatehouse/guard/injection/signatures.h"

namespace gatehouse::guard::injection {

// A place where a signature was seen.
struct Place {
  std::uint32_t signature = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Which scopes of signatures apply to a text.
struct Scopes {
  bool untrusted = false;
  bool decoded = false;
  bool has(Scope scope) const {
    return scope == Scope::anywhere || (scope == Scope::untrusted && untrusted) || (scope == Scope::decoded && decoded);
  }
};

// The patterns of all signatures, compiled once; immutable. A pattern is one line:
//
//   !^<ignore> 5 <prior> 3 !{rules instruct*}
//
//   word           this word           stem*   words that begin with it
//   {a b* c}       one of these        <name>  one of a named list (words.h)
//   "a b c"        these words, one behind the other
//   5              up to five other words may stand between its neighbours (none where no number stands)
//   !              an anchor: the matcher looks for its words; a window around, as wide as its patterns, is read only
//   where all anchors of a
//                  pattern lie within kAnchorGap bytes. Anchored words are rare ones, or come in twos. Patterns of the
//                  class discussion may have none: they are read in the windows of others
//   ^              not when negated ("never", "do not", in the three words before)
//   # first        only decorated: a sign such as # = - % [ < stands before or behind
//   =text          exactly this text, whatever the case; =^text at the beginning of a line
//   @name          a check in code (checks.h)
//
// Between words anything but letters and digits is skipped; the end of a sentence counts for two words. Words are
// compared without case and diacritics; those of the scrambled list (words.h) also with their inner letters in disorder
// or doubled.
class Grammar {
 public:
  // Errors: configuration, naming signature and pattern. The table that ships is correct; tests make others.
  static base::Result<Grammar> make(std::span<const Signature> signatures);

  // Those that matter in no text but a stranger's or a decoded one are marked (Trigger::in_own_words).
  std::vector<Trigger> triggers() const;
  // Whether a word (letters.h) is in any list or pattern.
  bool knows(const Word& word) const { return !word.run && lexicon_.word(word.folded) != 0; }
  // Places in the order in which they were seen; of the same signature none that begins within kSame bytes of the one
  // before. `hits` of the triggers above. Linear.
  void match(std::string_view text, std::span<const Hit> hits, Scopes scopes, std::vector<Place>& out) const;

  static constexpr std::size_t kAnchorGap = 144;
  static constexpr std::size_t kWide = 320;  // bytes before and behind the anchors once something was seen
  static constexpr std::size_t kSame = 256;

 private:
  struct Slot {
    std::uint32_t signature = 0;
    std::uint16_t gap = 0;  // other words allowed between the slot before and this one
    bool first = false;
    bool last = false;
    bool unless_negated = false;
    bool decorated = false;
    bool capitals = false;  // the list has the words in capitals: DAN, not Dan
  };
  struct Partner {
    std::uint32_t anchor;
    Scope scope;
  };
  struct Anchor {
    std::array<bool, 3> alone{};  // opens a window by itself, by scope
    std::vector<Partner> partners;
    std::uint32_t before = 0;  // bytes that the patterns with it may need around it
    std::uint32_t behind = 0;
    std::vector<std::uint32_t> patterns;  // first slots of those with it
  };
  enum class TriggerKind : std::uint8_t { anchors, literal, check };
  struct TriggerInfo {
    TriggerKind kind = TriggerKind::anchors;
    std::string pattern{};
    bool caseless = true;
    std::vector<std::uint32_t> anchors{};
    std::vector<std::uint32_t> signatures{};  // of a literal
    std::uint32_t length = 0;
    bool from_start = false;  // of an anchor: only at a word's beginning ...
    bool to_end = false;      // ... or end
    bool line_start = false;
    std::uint32_t check = 0;
  };
  struct Range {
    std::size_t begin;
    std::size_t end;
  };
  class Builder;
  struct Run;

  bool matters_anywhere(const TriggerInfo& trigger) const;

  std::vector<Range> windows(std::string_view text, std::span<const Hit> hits, Scopes scopes, bool wide,
                             Run& run) const;
  void fill(std::string_view text, const Word& word, std::size_t end, std::uint32_t slot, Scopes scopes,
            Run& run) const;
  void read(std::string_view text, Range window, Scopes scopes, Run& run) const;

  std::vector<Slot> slots_;
  Lexicon lexicon_;
  // By Lexicon set: the slots that its words fill, as bits by 64 slots, the last slots first.
  struct SlotBits {
    std::uint32_t word = 0;
    std::uint64_t bits = 0;
    // Of them those that begin a pattern of several words: filled without a look at the slot. The second ones not
    // behind a negation.
    std::uint64_t plain = 0;
    std::uint64_t unless_negated = 0;
  };
  std::vector<std::vector<SlotBits>> slots_of_set_;
  std::vector<std::uint64_t> first_slots_;  // bits: where patterns begin
  std::vector<bool> negates_;               // by set
  std::vector<Anchor> anchors_;
  std::vector<TriggerInfo> triggers_;
  std::vector<Scope> scope_of_;  // by signature
  std::vector<std::vector<std::uint32_t>> signatures_of_check_;
};

}  // namespace gatehouse::guard::injection
