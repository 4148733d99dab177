#include <algorithm>
#include <span>
#include <string_view>

#include "gatehouse/text/views/chars.h"
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

}  // namespace

void make_spaced(const Source& source, const Screened& found, Sink& sink) {
  Spacing reading(source.text, found.singles);
  make_windows(source, reading, ViewKind::spaced, sink);
}

}  // namespace gatehouse::text::views
