#include "gatehouse/guard/leakage/leakage_detector.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>

#include "gatehouse/guard/leakage/words.h"
#include "gatehouse/guard/request_facts.h"

namespace gatehouse::guard {
namespace {

constexpr EntityInfo kEntities[] = {
    {"SYSTEM_PROMPT", "words of the request's own instructions, many in a row", ""},
    {"CANARY", "the marker that was planted in the system prompt", ""},
};
constexpr std::string_view kPromptDetector = "leakage.system_prompt";
constexpr std::string_view kCanaryDetector = "leakage.canary";

constexpr std::size_t kShingle = SystemText::kShingle;
// So many words that are not the system text's may stand inside of a run.
constexpr std::size_t kMostStray = 2;

// Finds runs of a text's words that stand in the system text. What is said of a word depends on the few words around
// it, and of a run only on its own words, so that it is the same from whatever word on the text is read: a word is
// covered when a shingle that holds it stands in the system text; a run is covered words with few strays between; its
// pieces end at words that their hash picks.
class Runs {
 public:
  Runs(const Look& look, const SystemText& system, std::uint32_t words, Findings& out)
      : look_(look), system_(system), enough_(words * 2), out_(out) {}

  // The frontier.
  std::size_t run() {
    WordReader reader(look_.text);
    Word word;
    std::size_t end = 0;  // of the word before
    std::size_t partial = look_.text.size();
    while (reader.next(word)) {
      if (reader.open() && !look_.complete) {
        partial = word.begin;
        break;
      }
      // Cut by the window, too long or too far off: nothing goes on across it.
      const bool cut = word.begin == 0 && look_.before.bytes() != 0;
      if (cut || word.begin - end > kWidestGap || word.hash == 0) index_ += kMostStray + kShingle;
      if (cut || word.hash == 0) {
        suffix_ = 0;
        ++index_;
      } else {
        if (word.begin - end > kWidestGap) suffix_ = 0;
        take(word);
      }
      end = word.end;
    }
    if (look_.complete) {
      close();
      return look_.text.size();
    }
    return frontier(partial);
  }

 private:
  struct Taken {
    Word word;
    std::size_t index = 0;
  };
  const Taken& last(std::size_t back) const { return taken_[(count_ - 1 - back) % kShingle]; }

  void take(const Word& word) {
    taken_[count_++ % kShingle] = {word, index_++};
    std::size_t size = std::min(suffix_ + 1, kShingle);
    for (; size > 0; --size) {
      std::uint64_t run = 0;
      for (std::size_t back = size; back > 0; --back) run = SystemText::append(run, last(back - 1).word.hash);
      if (system_.has(run)) break;
    }
    suffix_ = size;
    if (size == kShingle) cover();
  }

  // The last kShingle words are covered.
  void cover() {
    const Taken& first = last(kShingle - 1);
    if (!open_ || first.index > covered_ + 1 + kMostStray) {
      close();
      open_ = true;
      begin_ = first.word.begin;
      weight_ = 0;
      covered_ = first.index - 1;
      piece_ = kNone;
    }
    for (std::size_t back = kShingle; back > 0; --back) {
      const Taken& taken = last(back - 1);
      if (taken.index <= covered_) continue;
      add(taken);
    }
  }

  void add(const Taken& taken) {
    covered_ = taken.index;
    weight_ += taken.word.weight;
    if (piece_ == kNone) piece_ = taken.word.begin;
    end_ = taken.word.end;
    if ((taken.word.hash >> 5 & 7U) == 0 && confirmed()) emit();
  }

  // A run that reaches over into what was released was long enough then: else it would have been held back.
  bool confirmed() const { return weight_ >= enough_ || begin_ < look_.from; }

  void emit() {
    const std::size_t begin = std::exchange(piece_, kNone);
    told_ = end_;
    if (begin < look_.from) return;
    const float more = static_cast<float>(weight_ - std::min(weight_, enough_)) / static_cast<float>(enough_);
    out_.add({.family = Family::leakage,
              .entity = kEntities[0].entity,
              .detector = kPromptDetector,
              .begin = begin,
              .end = end_,
              .score = begin == begin_ ? std::min(0.8F + 0.2F * more, 1.0F) : 0.9F,
              .view = look_.view});
  }

  void close() {
    if (open_ && piece_ != kNone && confirmed()) emit();
    open_ = false;
  }

  std::size_t frontier(std::size_t partial) {
    std::size_t frontier = partial;
    // What may be the beginning of a shingle.
    const std::size_t may = std::min(suffix_, kShingle - 1);
    if (may > 0) frontier = std::min<std::size_t>(frontier, last(may - 1).word.begin);
    const std::size_t next = may > 0 ? last(may - 1).index : index_;
    if (open_ && next <= covered_ + 1 + kMostStray) {  // it may go on
      if (!confirmed()) {
        frontier = std::min(frontier, begin_);
      } else if (piece_ != kNone) {
        frontier = std::min(frontier, piece_);
      }
    } else {
      close();
    }
    // What was told is settled, though its last words might begin something: that would be of the same run.
    return std::max({frontier, look_.from, told_});
  }

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  const Look& look_;
  const SystemText& system_;
  const std::size_t enough_;  // of weight
  Findings& out_;
  std::array<Taken, kShingle> taken_;
  std::size_t count_ = 0;
  std::size_t index_ = kShingle + kMostStray + 1;
  std::size_t suffix_ = 0;  // of so many last words a run stands in the system text, at most kShingle
  // The run.
  bool open_ = false;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t covered_ = 0;  // index of its last word
  std::size_t weight_ = 0;
  std::size_t told_ = 0;       // end of the last piece that was told
  std::size_t piece_ = kNone;  // where the piece begins that is not told yet
};

class LeakageDetector final : public Detector {
 public:
  explicit LeakageDetector(const LeakageOptions& options) : words_(std::clamp(options.words, 4U, 200U)) {}

  std::string_view name() const override { return "leakage"; }
  Family family() const override { return Family::leakage; }
  std::span<const EntityInfo> entities() const override { return kEntities; }
  text::ViewKinds views(Direction) const override {
    using enum text::ViewKind;
    return {original, json, base64, hex, percent, html, rot13, reversed, tags};
  }
  bool concerns(Direction direction, llm::Role, llm::SegmentKind kind) const override {
    return direction == Direction::response && kind != llm::SegmentKind::media;
  }
  std::vector<Trigger> triggers() const override { return {{.trigger = 0, .pattern = std::string(Canary::kPrefix)}}; }

  std::size_t look(const Look& look, std::span<const Hit> hits, Findings& out) const override {
    std::size_t frontier = look.text.size();
    if (look.facts == nullptr) return frontier;
    if (!look.facts->canaries.empty()) {
      frontier = std::min(frontier, find_canaries(look, hits, out));
    }
    if (const SystemText* system = look.facts->system; system != nullptr && !system->empty()) {
      frontier = std::min(frontier, Runs(look, *system, words_, out).run());
    }
    return frontier;
  }

 private:
  static std::size_t find_canaries(const Look& look, std::span<const Hit> hits, Findings& out) {
    // Its first letters may be cut apart.
    std::size_t frontier = look.text.size();
    if (!look.complete && frontier > look.from && (look.text.back() | 0x20) == 'q') --frontier;
    for (const Hit& hit : hits) {
      const std::size_t at = hit.end - Canary::kPrefix.size();
      if (at < look.from) continue;
      for (const Canary& canary : look.facts->canaries) {
        const CanaryMatch match = canary.match(look.text, at, look.complete);
        if (match.is == CanaryMatch::Is::cut_off) frontier = std::min(frontier, at);
        if (match.is != CanaryMatch::Is::found) continue;
        out.add({.family = Family::leakage,
                 .entity = kEntities[1].entity,
                 .detector = kCanaryDetector,
                 .begin = at,
                 .end = match.end,
                 .score = 1,
                 .view = look.view});
        break;
      }
    }
    return frontier;
  }

  std::uint32_t words_;
};

}  // namespace

std::unique_ptr<Detector> make_leakage_detector(const LeakageOptions& options) {
  return std::make_unique<LeakageDetector>(options);
}

}  // namespace gatehouse::guard
