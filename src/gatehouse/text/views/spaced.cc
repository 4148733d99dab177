#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/text/views/chars.h"
#include "gatehouse/text/views/known_words.h"
#include "gatehouse/text/views/rewordings.h"
#include "gatehouse/text/views/windows.h"

namespace gatehouse::text::views {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::size_t kStrong = 4;  // letters
constexpr std::size_t kWeak = 3;

bool in_word(char c) { return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80; }

class Spacing {
 public:
  Spacing(std::string_view text, std::span<const std::uint32_t> singles) : text_(text), singles_(singles) {}

  bool next(std::size_t at, Change& change) {
    for (;;) {
      if (at < run_.end && find_gap(at, change)) return true;
      // The mark of a run is one byte behind its third letter, or a later one.
      const auto mark = std::ranges::upper_bound(singles_, std::max(at, run_.end));
      if (mark == singles_.end()) return false;
      at = std::max(at, run_.end);
      read_run(*mark, at);
      if (run_.letters < kWeak) run_.end = std::max<std::size_t>(at, *mark);
    }
  }

  // Of the run in hand.
  std::size_t begin() const { return run_.begin; }
  std::size_t gap() const { return run_.gap; }

  std::size_t open = kNone;

 private:
  struct Run {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t gap = 1;
    std::size_t letters = 0;
  };

  bool find_gap(std::size_t at, Change& change) const {
    if (run_.letters < kWeak) return false;
    const std::size_t stride = 1 + run_.gap;
    const std::size_t from = std::max(at, run_.begin + 1);
    const std::size_t index = (from - run_.begin - 1 + stride - 1) / stride;
    if (index + 1 >= run_.letters) return false;
    const std::size_t begin = run_.begin + 1 + index * stride;
    change = {begin, begin + run_.gap, {}, run_.letters < kStrong};
    return true;
  }

  bool single(std::size_t at) const {
    return is_letter(text_[at]) && (at == 0 || !in_word(text_[at - 1])) &&
           (at + 1 >= text_.size() || !in_word(text_[at + 1]));
  }

  void read_run(std::size_t mark, std::size_t not_before) {
    run_ = {mark, mark, 1, 0};
    const std::size_t last = mark - 1;
    for (const std::size_t gap : {std::size_t{1}, std::size_t{2}}) {
      const std::size_t stride = gap + 1;
      if (last < 2 * stride || !single(last) || !single(last - stride) || !single(last - 2 * stride)) continue;
      const std::string_view between = text_.substr(last - gap, gap);
      if (between.find('\n') != kNone) continue;
      Run run{last, last + 1, gap, 1};
      while (run.begin >= not_before + stride && single(run.begin - stride) &&
             text_.substr(run.begin - gap, gap) == between) {
        run.begin -= stride;
        ++run.letters;
      }
      while (run.end + stride <= text_.size() && text_.substr(run.end, gap) == between && single(run.end + gap)) {
        run.end += stride;
        ++run.letters;
      }
      if (run.letters < kWeak) continue;
      run_ = run;
      if (run.end + stride >= text_.size()) {
        // The last letter may turn out to begin a word.
        open = std::min(open, run.letters <= kStrong ? run.begin : run.end - 1 - gap);
      }
      return;
    }
  }

  std::string_view text_;
  std::span<const std::uint32_t> singles_;
  Run run_;
};

// Where a stretch of letters, in small ones, reads as words: appends the positions at which a further one begins.
// Letters that no word has stay together. False: too few of it are words.
bool find_words(std::string_view letters, std::vector<std::size_t>& out) {
  constexpr std::array<unsigned, 4> kWord = {0, 22, 15, 12};  // the cost of a word by its length
  constexpr unsigned kLongWord = 10;
  constexpr unsigned kUnknown = 20;  // a letter
  struct Best {
    unsigned cost = ~0U;
    std::uint32_t from = 0;
    std::uint32_t unknown = 0;  // letters of no word, from the beginning on
    bool is_word = false;
  };
  std::vector<Best> best(letters.size() + 1);
  best[0].cost = 0;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const Best here = best[i];
    const auto offer = [&](std::size_t to, unsigned cost, bool is_word) {
      if (here.cost + cost >= best[to].cost) return;
      best[to] = {here.cost + cost, static_cast<std::uint32_t>(i), here.unknown + (is_word ? 0 : 1), is_word};
    };
    offer(i + 1, kUnknown, false);
    const std::size_t most = std::min(letters.size() - i, kLongestKnown);
    for (std::size_t size = 1; size <= most; ++size) {
      if (!is_known_word(letters.substr(i, size))) continue;
      offer(i + size, size < kWord.size() ? kWord[size] : kLongWord, true);
    }
  }
  if (best.back().unknown > letters.size() / 2) return false;
  const std::size_t first = out.size();
  for (std::size_t at = letters.size(); at > 0; at = best[at].from) {
    const std::size_t from = best[at].from;
    if (from > 0 && (best[at].is_word || best[from].is_word)) out.push_back(from);
  }
  std::reverse(out.begin() + static_cast<std::ptrdiff_t>(first), out.end());
  return true;
}

// The same once more, all of a stretch in which every character stands alone: words of two letters and signs too, by
// the wider gaps around them; words that run together are told apart by what they are.
class Stretches {
 public:
  Stretches(std::string_view text, std::span<const std::uint32_t> singles) : text_(text), runs_(text, singles) {}

  bool next(std::size_t at, Change& change) {
    for (std::size_t from = at;;) {
      if (at < end_) {
        // As a rule it is the one behind the last.
        if (next_ > 0 && changes_[next_ - 1].begin >= from) next_ = 0;
        while (next_ < changes_.size() && changes_[next_].begin < from) ++next_;
        if (next_ < changes_.size()) {
          change = changes_[next_++];
          return true;
        }
        from = at = end_;
      }
      Change first;
      if (!runs_.next(at, first)) return false;
      at = first.end;
      if (first.weak) continue;
      at = first.begin;
      // A run that is longer than a stretch goes on in the next.
      read(runs_.begin() < end_ ? first.begin - 1 : runs_.begin(), runs_.gap());
    }
  }

  static constexpr std::size_t open = kNone;  // of complete texts only

 private:
  static constexpr std::size_t kMost = 4096;             // characters of a stretch
  static constexpr std::size_t kMostLetters = 512;       // told apart at a time
  static constexpr std::size_t kMostToldApart = 16'384;  // of a text
  static constexpr std::size_t kWidest = 6;              // between words
  static constexpr std::size_t kLeast = 7;               // letters of what may be several words

  bool alone(std::size_t at) const {
    if (at >= text_.size() || is_space(text_[at]) || static_cast<unsigned char>(text_[at]) >= 0x80) return false;
    const auto parts = [&](char c) { return is_alnum(text_[at]) ? !in_word(c) : is_space(c); };
    return (at == 0 || parts(text_[at - 1])) && (at + 1 >= text_.size() || parts(text_[at + 1]));
  }

  // The stretch around the run that begins at `first`.
  void read(std::size_t first, std::size_t gap) {
    const std::string_view between = text_.substr(first + 1, gap);
    word_.clear();
    changes_.clear();
    next_ = 0;
    // Back to where it begins, by the wider gaps too.
    std::size_t begin = first;
    for (std::size_t i = 0; i < kMost; ++i) {
      const std::size_t before = step_back(begin, between, end_);
      if (before == begin) break;
      begin = before;
    }
    std::size_t at = begin;
    word_.push_back(at);
    for (std::size_t i = 0; i < kMost; ++i) {
      const std::size_t to = at + 1 + gap;
      if (text_.substr(at + 1, gap) == between && alone(to)) {
        word_.push_back(at = to);
        continue;
      }
      const std::size_t wide = step_over(at + 1, between);
      if (wide == kNone) break;
      end_word(gap);
      word_.push_back(at = wide);
    }
    end_word(gap);
    end_ = at + 1;
  }

  // Over a gap between words, to the character behind it.
  std::size_t step_over(std::size_t at, std::string_view between) const {
    std::size_t to = at;
    while (to < text_.size() && to - at <= kWidest && is_space(text_[to])) ++to;
    if (to == at || to - at > kWidest || text_.substr(at, to - at) == between || !alone(to)) return kNone;
    return to;
  }

  // To the character before, over either gap; `at` where there is none.
  std::size_t step_back(std::size_t at, std::string_view between, std::size_t not_before) const {
    const std::size_t gap = between.size();
    if (at >= not_before + gap + 1 && text_.substr(at - gap, gap) == between && alone(at - gap - 1))
      return at - gap - 1;
    std::size_t to = at;
    while (to > not_before && at - to <= kWidest && is_space(text_[to - 1])) --to;
    if (to == at || to == not_before || at - to > kWidest || text_.substr(to, at - to) == between) return at;
    return alone(to - 1) ? to - 1 : at;
  }

  // What was gathered of a word becomes changes: its gaps go, but those where another word begins.
  void end_word(std::size_t gap) {
    starts_.clear();
    for (std::size_t i = 0; i < word_.size();) {
      letters_.clear();
      std::size_t j = i;
      for (; j < word_.size() && letters_.size() < kMostLetters && is_letter(text_[word_[j]]); ++j) {
        letters_ += static_cast<char>(text_[word_[j]] | 0x20);
      }
      if (letters_.size() >= kLeast && told_apart_ < kMostToldApart && !is_known_word(letters_)) {
        told_apart_ += letters_.size();
        const std::size_t before = starts_.size();
        if (find_words(letters_, starts_)) {
          for (std::size_t k = before; k < starts_.size(); ++k) starts_[k] += i;
          // Where it was cut the last word may go on.
          if (letters_.size() == kMostLetters && starts_.size() > before) j = starts_.back();
        }
      }
      i = std::max(j, i + 1);
    }
    starts_.erase(std::ranges::unique(starts_).begin(), starts_.end());
    auto start = starts_.begin();
    for (std::size_t i = 1; i < word_.size(); ++i) {
      const bool starts = start != starts_.end() && *start == i;
      if (starts) ++start;
      changes_.push_back({word_[i] - gap, word_[i], starts ? " " : std::string_view(), false});
    }
    word_.clear();
  }

  std::string_view text_;
  Spacing runs_;
  std::size_t end_ = 0;  // of the stretch in hand
  std::vector<Change> changes_;
  std::size_t next_ = 0;           // of them
  std::vector<std::size_t> word_;  // where its characters stand
  std::vector<std::size_t> starts_;
  std::string letters_;
  std::size_t told_apart_ = 0;
};

}  // namespace

void make_spaced(const Source& source, const Screened& found, Sink& sink) {
  Spacing reading(source.text, found.singles);
  make_windows(source, reading, ViewKind::spaced, sink);
  // What comes behind a letter may be of the same word: not of a text that goes on.
  if (!source.complete || sink.full()) return;
  Stretches again(source.text, found.singles);
  make_windows(source, again, ViewKind::spaced, sink);
}

}  // namespace gatehouse::text::views
