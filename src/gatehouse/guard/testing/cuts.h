#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "gatehouse/guard/detector.h"
#include "gatehouse/guard/matcher.h"

namespace gatehouse::guard::testing {

// For tests and fuzz targets of detectors: one detector driven the way the inspector drives all of them, over a whole
// text and over one that comes in pieces, and the rule that both must agree. The loop in `pieces` is the reference:
//   1. the window is some released text (context) and all that is not released; `from` is where the latter begins;
//   2. look at the window; take the findings that begin in [from, frontier), all others come again;
//   3. release [from, frontier), less what a finding that was taken covers. It may reach beyond the frontier: then the
//      bytes behind are withheld with it;
//   4. where the look waits for an oracle, look again later, also at the end of the text.
class Driver {
 public:
  static constexpr std::size_t kEverything = std::numeric_limits<std::size_t>::max();

  // `like` says direction, role and so on. Aborts where the detector's triggers are refused.
  explicit Driver(const Detector& detector, Look like = {}) : detector_(detector), like_(like) {
    const Detector* const list[] = {&detector};
    auto made = Matcher::make(list);
    if (!made) {
      fmt::print(stderr, "{}\n", made.error().detail);
      std::abort();
    }
    matcher_ = *std::move(made);
    scratch_ = matcher_->make_scratch();
  }

  // Called when a look waits for the oracle of `like.meaning`, before the next one; whatever it does (let it answer, or
  // not yet), it must come to an end with a complete text.
  void on_wait(std::function<void()> f) { on_wait_ = std::move(f); }

  // As found, in the order of begin, end, entity.
  std::vector<Finding> whole(std::string_view text) {
    Findings found;
    look(text, 0, true, found);
    for (std::size_t looks = 0; found.waiting() && looks < kMostLooks; ++looks) {
      if (on_wait_) on_wait_();
      found.clear();
      look(text, 0, true, found);
    }
    return sorted(found.list());
  }

  // What goes wrong when the text comes in pieces that end at `cuts` (ascending, below the size), with at most
  // `context` bytes of released text in front. Empty: the findings are `expected`, and no byte of one was released
  // before it was found. `held` gets the most bytes that were held back at any time.
  std::string pieces(std::string_view text, std::span<const std::size_t> cuts, std::span<const Finding> expected,
                     std::size_t context = 256, std::size_t* held = nullptr) {
    std::vector<Finding> taken;
    std::size_t released = 0;
    std::size_t again = 0;  // looks at the end of the text that waited
    for (std::size_t piece = 0; piece <= cuts.size(); ++piece) {
      const bool last = piece == cuts.size();
      const std::size_t received = last ? text.size() : cuts[piece];
      const std::size_t start = released - std::min(released, context);
      // A copy of its own: a look behind its end is seen by the address sanitizer.
      const std::string window(text.substr(start, received - start));
      Findings found;
      TextBefore before;
      before.advance(text.substr(0, start));
      PieceCutter pieces_before;
      pieces_before.advance(text.substr(0, start));
      const std::size_t frontier = start + look(window, released - start, last, found, before, pieces_before);
      const bool must_end = last && !found.waiting();
      if (frontier < released || frontier > received || (must_end && frontier != received)) {
        return fmt::format("the frontier {} is outside [{}, {}]", frontier, released, received);
      }
      for (Finding finding : found.list()) {
        finding.begin += start;
        finding.end += start;
        if (finding.begin >= released && finding.begin < frontier) taken.push_back(finding);
      }
      // What begins before the frontier is settled: all of it, and nothing else.
      const std::vector<Finding> now = sorted(taken);
      std::vector<Finding> due;
      for (const Finding& finding : expected) {
        if (finding.begin < frontier) due.push_back(finding);
      }
      if (!equal(now, due)) {
        return fmt::format("with {} of {} bytes received and {} released: {} instead of {}", received, text.size(),
                           frontier, describe(now, text), describe(due, text));
      }
      if (found.waiting()) {
        if (on_wait_) on_wait_();
        if (last && ++again > kMostLooks) return "the oracle never answers";
        if (last) --piece;
      }
      released = frontier;
      if (held != nullptr) *held = std::max(*held, received - released);
    }
    return {};
  }

  // Every cut in two, single bytes, and pieces of a few, with `least` bytes of context and with everything in front.
  // `restart` is called before each: an oracle may forget what it was asked.
  std::string all_cuts(std::string_view text, std::size_t least = 256, const std::function<void()>& restart = {}) {
    const std::vector<Finding> expected = whole(text);
    for (const std::size_t context : {least, kEverything}) {
      for (std::size_t cut = 0; cut < text.size(); ++cut) {
        const std::size_t cuts[] = {cut};
        if (restart) restart();
        if (auto wrong = pieces(text, cuts, expected, context); !wrong.empty()) {
          return fmt::format("cut at {}, {}: {}", cut, name_of(context), wrong);
        }
      }
      for (const std::size_t step : {1, 3, 7, 64}) {
        std::vector<std::size_t> cuts;
        for (std::size_t cut = step; cut < text.size(); cut += step) cuts.push_back(cut);
        if (restart) restart();
        if (auto wrong = pieces(text, cuts, expected, context); !wrong.empty()) {
          return fmt::format("pieces of {}, {}: {}", step, name_of(context), wrong);
        }
      }
    }
    return {};
  }

  static std::string describe(std::span<const Finding> findings, std::string_view text) {
    std::string out = "[";
    for (const Finding& f : findings) {
      out += fmt::format("{}{} {}-{} {:.2f} '{}'", out.size() > 1 ? ", " : "", f.entity, f.begin, f.end, f.score,
                         text.substr(f.begin, f.end - f.begin));
    }
    return out + "]";
  }

 private:
  std::size_t look(std::string_view text, std::size_t from, bool complete, Findings& out, const TextBefore& before = {},
                   const PieceCutter& pieces_before = {}) {
    Look look = like_;
    look.before = before;
    look.pieces = pieces_before;
    look.text = text;
    look.from = from;
    look.complete = complete;
    if (!matcher_->scan(text, *scratch_)) std::abort();
    return detector_.look(look, scratch_->hits(0), out);
  }
  static std::vector<Finding> sorted(std::vector<Finding> list) {
    std::ranges::sort(list, {}, key);
    return list;
  }
  static bool equal(std::span<const Finding> a, std::span<const Finding> b) {
    return std::ranges::equal(a, b, {}, key, key);
  }
  static std::tuple<std::size_t, std::size_t, std::string_view, std::string_view, float> key(const Finding& f) {
    return {f.begin, f.end, f.entity, f.detector, f.score};
  }
  static std::string name_of(std::size_t context) {
    return context == kEverything ? "everything in front" : fmt::format("{} bytes in front", context);
  }

  static constexpr std::size_t kMostLooks = 1000;

  const Detector& detector_;
  Look like_;
  std::function<void()> on_wait_;
  std::shared_ptr<const Matcher> matcher_;
  std::unique_ptr<Matcher::Scratch> scratch_;
};

}  // namespace gatehouse::guard::testing
