#include "gatehouse/guard/injection/grammar.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "gatehouse/guard/injection/checks.h"
#include "gatehouse/guard/injection/letters.h"
#include "gatehouse/guard/injection/words.h"

namespace gatehouse::guard::injection {
namespace {

constexpr std::size_t kOften = 8192;  // bytes of windows in a text that is mostly windows
// So many anchors in a text, and one in so many bytes: windows around them would be all of it.
constexpr std::size_t kManyHits = 2048;
constexpr std::size_t kDense = 64;
constexpr std::size_t kLeastLiteral = 4;  // bytes: shorter triggers are hit everywhere

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
char lower(char c) { return is_upper(c) ? static_cast<char>(c + 0x20) : c; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t at = 0;
  while (at < text.size()) {
    while (at < text.size() && is_space(text[at])) ++at;
    const std::size_t begin = at;
    while (at < text.size() && !is_space(text[at])) ++at;
    if (at > begin) words.push_back(text.substr(begin, at - begin));
  }
  return words;
}

std::string escape(std::string_view literal) {
  std::string out;
  for (const char c : literal) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    const bool plain = (c >= 'a' && c <= 'z') || is_upper(c) || (c >= '0' && c <= '9') || c == ' ' || c == '_' ||
                       static_cast<unsigned char>(c) >= 0x80;
    if (!plain) out += '\\';
    out += c;
  }
  return out;
}

std::size_t first_character(std::string_view text) {
  std::size_t size = 1;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) ++size;
  return size;
}

// What the matcher is to look for so that `word` (as its list spells it) is not missed. Only ASCII is caseless there,
// so a first letter that has another form as a capital is left out; a Latin word with diacritics is sought without them
// too.
std::vector<std::string> literals_of(std::string_view word) {
  if (word.ends_with('*')) word.remove_suffix(1);
  std::vector<std::string> out;
  if (is_upper(word[0])) return {std::string(word)};  // case tells it apart: DAN
  std::string folded;                                 // a phrase has several words
  for (const std::string_view part : split(word)) folded += (folded.empty() ? "" : " ") + fold_word(part);
  const bool ascii =
      std::all_of(folded.begin(), folded.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  std::string_view literal = word;
  const auto lead = static_cast<unsigned char>(word[0]);
  const bool cased = lead >= 0xC3 && lead <= 0xD3;  // Latin, Greek, Cyrillic
  if (cased) literal.remove_prefix(first_character(literal));
  if (literal.size() >= kLeastLiteral) out.emplace_back(literal);
  // A line may end within a phrase. Further literals are cheaper to look for than white space of any kind.
  for (std::size_t space = literal.find(' '); space != literal.npos; space = literal.find(' ', space + 1)) {
    out.emplace_back(literal);
    out.back()[space] = '\n';
  }
  if (ascii && folded != word && word.find('\'') == word.npos && word.find('+') == word.npos &&
      word.find('[') == word.npos && word.find('-') == word.npos && folded.size() >= kLeastLiteral)
    out.push_back(folded);
  return out;
}

}  // namespace

class Grammar::Builder {
 public:
  explicit Builder(Grammar& grammar) : grammar_(grammar) {
    for (const WordList& list : english_words()) lists_[list.name] = list.words;
    for (const WordList& list : other_words()) lists_[list.name] = list.words;
    for (const Check& check : checks()) {
      const auto number = static_cast<std::uint32_t>(&check - checks().data());
      check_numbers_[check.name] = number;
      grammar_.signatures_of_check_.emplace_back();
      for (const std::string_view trigger : check.triggers) {
        TriggerInfo info{.kind = TriggerKind::check, .pattern = escape(trigger)};
        info.check = number;
        grammar_.triggers_.push_back(std::move(info));
      }
    }
  }

  base::Result<void> add(std::uint32_t number, const Signature& signature) {
    grammar_.scope_of_.push_back(signature.scope);
    std::string_view rest = signature.patterns;
    while (!rest.empty()) {
      const std::size_t line = std::min(rest.find('\n'), rest.size());
      const std::string_view pattern = rest.substr(0, line);
      rest.remove_prefix(std::min(rest.size(), line + 1));
      if (pattern.empty()) continue;
      if (std::string why = add_pattern(number, signature, pattern); !why.empty()) {
        return base::fail(base::Code::configuration,
                          fmt::format("injection signature {}, pattern '{}': {}", signature.id, pattern, why));
      }
    }
    return {};
  }

  void finish() {
    for (const std::string_view word : split(scrambled_words())) grammar_.lexicon_.add_scrambled(fold_word(word));
    const std::uint32_t negation = class_of("<not>");
    grammar_.lexicon_.finish();
    grammar_.slots_of_set_.resize(grammar_.lexicon_.sets());
    grammar_.negates_.resize(grammar_.lexicon_.sets());
    for (std::uint32_t set = 0; set < grammar_.lexicon_.sets(); ++set) {
      std::set<std::uint32_t, std::greater<>> slots;
      for (const std::uint32_t word_class : grammar_.lexicon_.classes(set)) {
        if (word_class == negation) grammar_.negates_[set] = true;
        slots.insert(slots_of_class_[word_class].begin(), slots_of_class_[word_class].end());
      }
      for (const std::uint32_t slot : slots) {
        auto& bits = grammar_.slots_of_set_[set];
        if (bits.empty() || bits.back().word != slot / 64) bits.push_back({.word = slot / 64});
        const std::uint64_t bit = std::uint64_t{1} << (slot % 64);
        const Slot& it = grammar_.slots_[slot];
        bits.back().bits |= bit;
        if (it.first && !it.last && !it.capitals)
          (it.unless_negated ? bits.back().unless_negated : bits.back().plain) |= bit;
      }
    }
    grammar_.first_slots_.resize(grammar_.slots_.size() / 64 + 1);
    for (std::size_t slot = 0; slot < grammar_.slots_.size(); ++slot) {
      if (grammar_.slots_[slot].first) grammar_.first_slots_[slot / 64] |= std::uint64_t{1} << (slot % 64);
    }
  }

 private:
  std::string add_pattern(std::uint32_t number, const Signature& signature, std::string_view pattern) {
    if (pattern[0] == '@') {
      const auto found = check_numbers_.find(pattern.substr(1));
      if (found == check_numbers_.end()) return "no such check";
      grammar_.signatures_of_check_[found->second].push_back(number);
      return {};
    }
    if (pattern[0] == '=') {
      TriggerInfo info{.kind = TriggerKind::literal};
      pattern.remove_prefix(1);
      if (pattern.starts_with('^')) {
        info.line_start = true;
        pattern.remove_prefix(1);
      }
      info.pattern = escape(pattern);
      info.length = static_cast<std::uint32_t>(pattern.size());
      info.signatures.push_back(number);
      grammar_.triggers_.push_back(std::move(info));
      return {};
    }
    bool decorated = false;
    if (pattern[0] == '#') {
      decorated = true;
      pattern.remove_prefix(1);
    }
    const std::size_t first = grammar_.slots_.size();
    std::vector<std::uint32_t> anchors;
    std::vector<std::size_t> anchor_slots;  // words before its end
    std::size_t reach = 0;                  // words of the pattern so far, gaps and all
    std::uint16_t gap = 0;
    while (true) {
      while (!pattern.empty() && is_space(pattern[0])) pattern.remove_prefix(1);
      if (pattern.empty()) break;
      if (pattern[0] >= '0' && pattern[0] <= '9') {
        gap = 0;
        while (!pattern.empty() && pattern[0] >= '0' && pattern[0] <= '9') {
          gap = static_cast<std::uint16_t>(gap * 10 + (pattern[0] - '0'));
          pattern.remove_prefix(1);
        }
        if (gap > 32) return "the gap is too wide";
        continue;
      }
      bool anchored = false;
      bool unless_negated = false;
      for (; !pattern.empty() && (pattern[0] == '!' || pattern[0] == '^'); pattern.remove_prefix(1)) {
        (pattern[0] == '!' ? anchored : unless_negated) = true;
      }
      if (pattern.empty()) return "a mark without a word";
      const char open = pattern[0];
      const char close = open == '{' ? '}' : open == '<' ? '>' : open == '"' ? '"' : ' ';
      std::size_t end = pattern.find(close, 1);
      if (end == pattern.npos && close != ' ') return "a bracket that is not closed";
      end = close == ' ' ? std::min(end, pattern.size()) : end + 1;
      const std::string_view token = pattern.substr(0, end);
      const std::size_t slots_before = grammar_.slots_.size();
      reach += gap;
      pattern.remove_prefix(end);
      if (open == '"') {
        const std::string_view phrase = token.substr(1, token.size() - 2);
        Words words(phrase, 0, phrase.size());
        for (Word word; words.next(word); gap = 0) {
          add_slot(number, class_of(word.folded), gap, unless_negated, decorated);
        }
        reach += grammar_.slots_.size() - slots_before;
        if (anchored) anchors.push_back(anchor_of(token, std::span(&phrase, 1)));
      } else {
        if (open == '<' && !lists_.contains(token.substr(1, token.size() - 2))) return "no such list";
        const std::uint32_t word_class = class_of(token);
        if (words_[word_class].empty()) return "an empty list";
        add_slot(number, word_class, gap, unless_negated, decorated);
        gap = 0;
        ++reach;
        if (anchored) anchors.push_back(anchor_of(token, words_[word_class]));
      }
      if (anchored) anchor_slots.push_back(reach);
    }
    if (grammar_.slots_.size() == first) return "no word";
    if (gap != 0) return "a gap at the end";
    grammar_.slots_[first].first = true;
    grammar_.slots_.back().last = true;
    // What is only evidence beside other evidence needs no window of its own.
    if (anchors.empty() && signature.attack == AttackClass::discussion) return {};
    if (anchors.empty() || anchors.size() > 2) return "one or two anchors are needed";
    if (std::find(anchors.begin(), anchors.end(), kNoAnchor) != anchors.end()) return "an anchor's words are too short";
    for (std::size_t i = 0; i < anchors.size(); ++i) {
      constexpr std::uint32_t kWord = 10;
      constexpr std::uint32_t kSlack = 20;
      Anchor& anchor = grammar_.anchors_[anchors[i]];
      anchor.patterns.push_back(static_cast<std::uint32_t>(first));
      anchor.before = std::max(anchor.before, static_cast<std::uint32_t>(anchor_slots[i]) * kWord + kSlack);
      anchor.behind = std::max(anchor.behind, static_cast<std::uint32_t>(reach - anchor_slots[i]) * kWord + kSlack);
    }
    if (anchors.size() == 1) {
      grammar_.anchors_[anchors[0]].alone[static_cast<std::size_t>(signature.scope)] = true;
    } else {
      for (const auto& [a, b] : {std::pair(anchors[0], anchors[1]), std::pair(anchors[1], anchors[0])}) {
        auto& partners = grammar_.anchors_[a].partners;
        const bool known = std::any_of(partners.begin(), partners.end(), [&](const Partner& partner) {
          return partner.anchor == b && partner.scope == signature.scope;
        });
        if (!known) partners.push_back({b, signature.scope});
      }
    }
    return {};
  }

  void add_slot(std::uint32_t number, std::uint32_t word_class, std::uint16_t gap, bool unless_negated,
                bool decorated) {
    if (slots_of_class_.size() <= word_class) slots_of_class_.resize(word_class + 1);
    slots_of_class_[word_class].push_back(static_cast<std::uint32_t>(grammar_.slots_.size()));
    const auto& list = words_[word_class];
    const bool capitals =
        std::all_of(list.begin(), list.end(), [](std::string_view w) { return w.size() > 1 && is_upper(w[1]); });
    grammar_.slots_.push_back({.signature = number,
                               .gap = gap,
                               .unless_negated = unless_negated,
                               .decorated = decorated,
                               .capitals = capitals});
  }

  std::uint32_t class_of(std::string_view token) {
    const auto [found, added] = classes_.try_emplace(std::string(token), static_cast<std::uint32_t>(classes_.size()));
    if (!added) return found->second;
    // The caller's may be folded into a buffer of its own: the map's key stays.
    token = found->first;
    std::string_view list = token;
    if (token[0] == '<') list = lists_[token.substr(1, token.size() - 2)];
    if (token[0] == '{') list = token.substr(1, token.size() - 2);
    words_.push_back(split(list));
    slots_of_class_.resize(std::max<std::size_t>(slots_of_class_.size(), found->second + 1));
    for (std::string_view word : words_.back()) {
      const bool stem = word.ends_with('*');
      if (stem) word.remove_suffix(1);
      if (const std::string folded = fold_word(word); !folded.empty())
        grammar_.lexicon_.add(folded, stem, found->second);
    }
    return found->second;
  }

  std::uint32_t anchor_of(std::string_view token, std::span<const std::string_view> words) {
    const auto known = anchor_numbers_.find(token);
    if (known != anchor_numbers_.end()) return known->second;
    struct Literal {
      std::string text;
      bool from_start;  // of a word
      bool to_end;
    };
    std::vector<Literal> literals;
    for (const std::string_view word : words) {
      for (std::string& literal : literals_of(word)) {
        const bool whole = is_letter(literal[0]) && is_letter(word[0]) && token[0] != '"';
        const bool stem = word.ends_with('*') || !is_letter(literal.back()) || token[0] == '"';
        literals.push_back({std::move(literal), whole, !stem});
      }
    }
    const auto number = static_cast<std::uint32_t>(grammar_.anchors_.size());
    grammar_.anchors_.emplace_back();
    anchor_numbers_.emplace(std::string(token), number);
    bool any = false;
    // What begins with another literal of the same anchor, a stem, is found by that one.
    for (const Literal& candidate : literals) {
      const std::string& literal = candidate.text;
      const bool covered = std::any_of(literals.begin(), literals.end(), [&](const Literal& other) {
        return other.text.size() < literal.size() && literal.starts_with(other.text) && !other.to_end &&
               !is_upper(other.text[0]);
      });
      any = true;
      if (covered) continue;
      const bool caseless = !is_upper(literal[0]);
      auto& trigger = trigger_numbers_[literal];
      if (trigger == 0) {
        grammar_.triggers_.push_back({.kind = TriggerKind::anchors, .pattern = escape(literal), .caseless = caseless});
        trigger = static_cast<std::uint32_t>(grammar_.triggers_.size());
        grammar_.triggers_.back().length = static_cast<std::uint32_t>(literal.size());
        grammar_.triggers_.back().from_start = candidate.from_start;
        grammar_.triggers_.back().to_end = candidate.to_end;
      } else {
        grammar_.triggers_[trigger - 1].from_start &= candidate.from_start;
        grammar_.triggers_[trigger - 1].to_end &= candidate.to_end;
      }
      auto& anchors = grammar_.triggers_[trigger - 1].anchors;
      if (std::find(anchors.begin(), anchors.end(), number) == anchors.end()) anchors.push_back(number);
    }
    return any ? number : kNoAnchor;
  }

  static constexpr std::uint32_t kNoAnchor = std::numeric_limits<std::uint32_t>::max();

  Grammar& grammar_;
  std::map<std::string_view, std::string_view> lists_;
  std::map<std::string_view, std::uint32_t> check_numbers_;
  std::map<std::string, std::uint32_t> classes_;
  std::vector<std::vector<std::string_view>> words_;  // by class, as the lists spell them
  std::vector<std::vector<std::uint32_t>> slots_of_class_;
  std::map<std::string, std::uint32_t, std::less<>> anchor_numbers_;
  std::map<std::string, std::uint32_t> trigger_numbers_;  // by literal, from 1
};

// What one match needs.
struct Grammar::Run {
  struct Seen {
    std::uint32_t position;  // of the word that filled the slot last
    std::uint32_t begin;     // where that match of the pattern began
  };
  // Written before it is read: only slots that are open are looked at, and those behind a filled one are.
  std::unique_ptr<Seen[]> slots;
  std::vector<std::uint64_t> open;          // bits: slots that may be filled next
  std::vector<std::uint32_t> opened;        // anchors that opened a window
  std::vector<bool> is_opened;              // by anchor
  std::vector<std::size_t> last_of_anchor;  // where it ended, 0: not yet
  std::vector<std::vector<std::size_t>> check_ends;
  std::vector<std::size_t> last_of_signature;  // 1 + where its last place begins
  std::uint32_t position = 64;
  std::uint32_t negated = 0;
  std::vector<Place>* out = nullptr;

  void open_anchor(std::uint32_t anchor) {
    if (is_opened[anchor]) return;
    is_opened[anchor] = true;
    opened.push_back(anchor);
  }
  void emit(std::uint32_t signature, std::size_t begin, std::size_t end) {
    std::size_t& last = last_of_signature[signature];
    if (last != 0 && begin < last - 1 + kSame && begin + kSame > last - 1) return;
    last = begin + 1;
    out->push_back({signature, begin, end});
  }
};

base::Result<Grammar> Grammar::make(std::span<const Signature> signatures) {
  Grammar grammar;
  Builder builder(grammar);
  for (std::uint32_t i = 0; i < signatures.size(); ++i) {
    if (auto added = builder.add(i, signatures[i]); !added) return std::unexpected(added.error());
  }
  builder.finish();
  return grammar;
}

std::vector<Trigger> Grammar::triggers() const {
  std::vector<Trigger> out;
  out.reserve(triggers_.size());
  for (std::uint32_t i = 0; i < triggers_.size(); ++i) {
    out.push_back({.trigger = i,
                   .pattern = triggers_[i].pattern,
                   .caseless = triggers_[i].caseless,
                   .in_own_words = matters_anywhere(triggers_[i]),
                   .in_answers = false});
  }
  return out;
}

// Whether a signature of scope anywhere hangs on it.
bool Grammar::matters_anywhere(const TriggerInfo& trigger) const {
  const auto anywhere = [&](std::uint32_t signature) { return scope_of_[signature] == Scope::anywhere; };
  switch (trigger.kind) {
    case TriggerKind::check:
      return std::ranges::any_of(signatures_of_check_[trigger.check], anywhere);
    case TriggerKind::literal:
      return std::ranges::any_of(trigger.signatures, anywhere);
    case TriggerKind::anchors:
      return std::ranges::any_of(trigger.anchors, [&](std::uint32_t number) {
        const Anchor& anchor = anchors_[number];
        return anchor.alone[static_cast<std::size_t>(Scope::anywhere)] ||
               std::ranges::any_of(anchor.partners,
                                   [](const Partner& partner) { return partner.scope == Scope::anywhere; });
      });
  }
  return true;
}

void Grammar::match(std::string_view text, std::span<const Hit> hits, Scopes scopes, std::vector<Place>& out) const {
  Run run;
  run.out = &out;
  run.last_of_signature.resize(scope_of_.size());
  const auto search = [&](bool wide) {
    run.last_of_anchor.assign(anchors_.size(), 0);
    if (!wide) run.is_opened.resize(anchors_.size());
    run.check_ends.resize(signatures_of_check_.size());
    for (auto& ends : run.check_ends) ends.clear();
    const std::vector<Range> ranges = windows(text, hits, scopes, wide, run);
    if (ranges.empty()) return false;
    std::size_t bytes = 0;
    for (const Range& range : ranges) bytes += range.end - range.begin;
    if (!wide && bytes > kOften && bytes > text.size() / 4 * 3) return true;
    if (run.slots == nullptr) run.slots = std::make_unique_for_overwrite<Run::Seen[]>(slots_.size());
    run.open = first_slots_;
    if (!wide) {  // nothing but the patterns of the anchors that were seen
      std::fill(run.open.begin(), run.open.end(), 0);
      for (const std::uint32_t anchor : run.opened) {
        for (const std::uint32_t slot : anchors_[anchor].patterns) {
          run.open[slot / 64] |= std::uint64_t{1} << (slot % 64);
        }
      }
    }
    for (const Range& range : ranges) read(text, range, scopes, run);
    return !out.empty();
  };
  // Narrow windows first. Only where something was seen, or nearly all would be read anyhow, what stands near and has
  // no anchor of its own matters.
  if (!hits.empty() && search(false)) {
    out.clear();
    run.last_of_signature.assign(scope_of_.size(), 0);
    search(true);
  }

  std::vector<Check::Range> found;
  for (const Check& check : checks()) {
    const auto number = static_cast<std::size_t>(&check - checks().data());
    const std::vector<std::uint32_t>& wanted = signatures_of_check_[number];
    if (wanted.empty()) continue;
    const bool asked = check.triggers.empty() || (!hits.empty() && !run.check_ends[number].empty());
    if (!asked || std::none_of(wanted.begin(), wanted.end(), [&](auto s) { return scopes.has(scope_of_[s]); }))
      continue;
    found.clear();
    check.look(text, check.triggers.empty() ? std::span<const std::size_t>() : run.check_ends[number], found);
    for (const Check::Range& range : found) {
      for (const std::uint32_t signature : wanted) {
        if (scopes.has(scope_of_[signature])) run.emit(signature, range.begin, range.end);
      }
    }
  }
}

std::vector<Grammar::Range> Grammar::windows(std::string_view text, std::span<const Hit> hits, Scopes scopes, bool wide,
                                             Run& run) const {
  std::vector<Range> ranges;
  const auto open = [&](std::size_t begin, std::size_t before, std::size_t end, std::size_t behind) {
    if (wide) before = behind = kWide;
    Range range{begin - std::min(begin, before), std::min(text.size(), end + behind)};
    while (!ranges.empty() && range.begin <= ranges.back().end) {
      range = {std::min(range.begin, ranges.back().begin), std::max(range.end, ranges.back().end)};
      ranges.pop_back();
    }
    ranges.push_back(range);
  };
  const auto anchored = [&](const Hit& hit) {
    return hit.trigger < triggers_.size() && triggers_[hit.trigger].kind == TriggerKind::anchors;
  };
  const bool dense =
      hits.size() > kManyHits && text.size() > 2 * kOften &&
      static_cast<std::size_t>(std::ranges::count_if(hits, anchored)) > std::max(kManyHits, text.size() / kDense);
  if (dense) ranges.push_back({0, text.size()});
  for (const Hit& hit : hits) {
    if (hit.trigger >= triggers_.size() || hit.end > text.size()) continue;
    const TriggerInfo& trigger = triggers_[hit.trigger];
    if (dense && trigger.kind == TriggerKind::anchors) continue;
    if (trigger.kind == TriggerKind::check) {
      run.check_ends[trigger.check].push_back(hit.end);
      continue;
    }
    if (trigger.kind == TriggerKind::literal) {
      const std::size_t begin = hit.end - std::min<std::size_t>(hit.end, trigger.length);
      if (trigger.line_start && begin > 0 && text[begin - 1] != '\n') continue;
      for (const std::uint32_t signature : trigger.signatures) {
        if (scopes.has(scope_of_[signature])) run.emit(signature, begin, hit.end);
      }
      continue;
    }
    if (trigger.from_start && hit.end > trigger.length && is_letter(text[hit.end - trigger.length - 1])) continue;
    // A doubled letter is how words are disguised.
    if (trigger.to_end && hit.end < text.size() && is_letter(text[hit.end]) &&
        lower(text[hit.end]) != lower(text[hit.end - 1])) {
      continue;
    }
    for (const std::uint32_t number : trigger.anchors) {
      const Anchor& anchor = anchors_[number];
      if (anchor.alone[0] || (anchor.alone[1] && scopes.untrusted) || (anchor.alone[2] && scopes.decoded)) {
        open(hit.end, anchor.before, hit.end, anchor.behind);
        if (!wide) run.open_anchor(number);
      }
      for (const Partner& partner : anchor.partners) {
        const std::size_t last = run.last_of_anchor[partner.anchor];
        if (last != 0 && hit.end - last <= kAnchorGap && scopes.has(partner.scope)) {
          open(last, std::max(anchors_[partner.anchor].before, anchor.before), hit.end,
               std::max(anchors_[partner.anchor].behind, anchor.behind));
          if (!wide) run.open_anchor(number);
        }
      }
      run.last_of_anchor[number] = hit.end;
    }
  }
  return ranges;
}

namespace {

constexpr std::string_view kDecoration = "#=-%[]<>*~|/`^{}+_\"";

bool is_decorated(std::string_view text, std::size_t begin, std::size_t end) {
  std::size_t before = begin;
  while (before > 0 && begin - before < 3 && text[before - 1] == ' ') --before;
  if (before > 0 && kDecoration.find(text[before - 1]) != kDecoration.npos) return true;
  std::size_t behind = end;
  while (behind < text.size() && behind - end < 3 && text[behind] == ' ') ++behind;
  return behind < text.size() && kDecoration.find(text[behind]) != kDecoration.npos;
}

}  // namespace

void Grammar::fill(std::string_view text, const Word& word, std::size_t end, std::uint32_t number, Scopes scopes,
                   Run& run) const {
  const Slot& slot = slots_[number];
  if (slot.unless_negated && run.negated != 0 && run.position - run.negated <= 2) return;
  if (slot.capitals && !(end - word.begin > 1 && is_upper(text[word.begin]) && is_upper(text[word.begin + 1]))) return;
  Run::Seen& seen = run.slots[number];
  if (slot.first) {
    seen = {run.position, static_cast<std::uint32_t>(word.begin)};
  } else {
    const Run::Seen& before = run.slots[number - 1];
    if (run.position - before.position > slot.gap + 1U) {
      run.open[number / 64] &= ~(std::uint64_t{1} << (number % 64));
      return;
    }
    seen = {run.position, before.begin};
  }
  if (!slot.last) {
    run.open[(number + 1) / 64] |= std::uint64_t{1} << ((number + 1) % 64);
    return;
  }
  if (!scopes.has(scope_of_[slot.signature])) return;
  if (slot.decorated && !is_decorated(text, seen.begin, end)) return;
  run.emit(slot.signature, seen.begin, end);
}

void Grammar::read(std::string_view text, Range window, Scopes scopes, Run& run) const {
  // Not from the middle of a word or a character.
  constexpr std::size_t kWord = 40;
  if (window.begin > 0) {
    std::size_t at = window.begin;
    while (at < window.begin + kWord && at < window.end && !is_space(text[at])) ++at;
    if (at < window.end && is_space(text[at])) {
      window.begin = at;
    } else {
      while (window.begin < window.end && (static_cast<unsigned char>(text[window.begin]) & 0xC0U) == 0x80U)
        ++window.begin;
    }
  }
  for (std::size_t i = 0; i < kWord && window.end < text.size() && !is_space(text[window.end]); ++i) ++window.end;

  run.position += 64;  // no pattern reaches from window to window
  run.negated = 0;
  Words words(text, window.begin, window.end);
  for (Word word; words.next(word);) {
    run.position += word.after_stop ? 3 : 1;
    std::size_t end = word.end;
    Lexicon::Set set = 0;
    if (word.run) {
      std::size_t length = 0;
      set = lexicon_.longest(word.folded, length);
      end = words.take(length);
    } else {
      set = lexicon_.word(word.folded);
    }
    if (set == 0) continue;
    for (const SlotBits& entry : slots_of_set_[set]) {
      std::uint64_t bits = entry.bits & run.open[entry.word];
      if (bits == 0) continue;
      // The slots behind them open last: a word does not fill two in a row. The plain ones look at nothing, so their
      // order does not matter; a slot that follows one looks at what the word before left there.
      const bool negated = run.negated != 0 && run.position - run.negated <= 2;
      const std::uint64_t plain = bits & (negated ? entry.plain : entry.plain | entry.unless_negated);
      for (bits &= ~(entry.plain | entry.unless_negated); bits != 0;) {
        const auto bit = 63U - static_cast<unsigned>(std::countl_zero(bits));
        bits ^= std::uint64_t{1} << bit;
        fill(text, word, end, entry.word * 64 + bit, scopes, run);
      }
      if (plain == 0) continue;
      const Run::Seen seen{run.position, static_cast<std::uint32_t>(word.begin)};
      for (std::uint64_t rest = plain; rest != 0; rest &= rest - 1) {
        run.slots[entry.word * 64 + static_cast<unsigned>(std::countr_zero(rest))] = seen;
      }
      run.open[entry.word] |= plain << 1;
      if ((plain >> 63) != 0) run.open[entry.word + 1] |= 1;
    }
    if (negates_[set]) run.negated = run.position;
  }
}

}  // namespace gatehouse::guard::injection
