#pragma once

#include <algorithm>
#include <cstddef>
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
//      bytes behind are withheld with it.
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

  // As found, in the order of begin, end, entity.
  std::vector<Finding> whole(std::string_view text) {
    Findings found;
    look(text, 0, true, found);
    return sorted(found.list());
  }

  // What goes wrong when the text comes in pieces that end at `cuts` (ascending, below the size), with at most
  // `context` bytes of released text in front. Empty: the findings are `expected`, and no byte of one was released
  // before it was found. `held` gets the most bytes that were held back at any time.
  std::string pieces(std::string_view text, std::span<const std::size_t> cuts, std::span<const Finding> expected,
                     std::size_t context = 256, std::size_t* held = nullptr) {
    std::vector<Finding> taken;
    std::size_t released = 0;
    for (std::size_t piece = 0; piece <= cuts.size(); ++piece) {
      const bool last = piece == cuts.size();
      const std::size_t received = last ? text.size() : cuts[piece];
      const std::size_t start = released - std::min(released, context);
      // A copy of its own: a look behind its end is seen by the address sanitizer.
      const std::string window(text.substr(start, received - start));
      Findings found;
      const std::size_t frontier = start + look(window, released - start, last, found);
      if (frontier < released || frontier > received || (last && frontier != received)) {
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
      released = frontier;
      if (held != nullptr) *held = std::max(*held, received - released);
    }
    return {};
  }

  // Every cut in two, single bytes, and pieces of a few, with 256 bytes of context and with everything in front.
  std::string all_cuts(std::string_view text) {
    const std::vector<Finding> expected = whole(text);
    for (const std::size_t context : {std::size_t{256}, kEverything}) {
      for (std::size_t cut = 0; cut < text.size(); ++cut) {
        const std::size_t cuts[] = {cut};
        if (auto wrong = pieces(text, cuts, expected, context); !wrong.empty()) {
          return fmt::format("cut at {}, {}: {}", cut, name_of(context), wrong);
        }
      }
      for (const std::size_t step : {1, 3, 7, 64}) {
        std::vector<std::size_t> cuts;
        for (std::size_t cut = step; cut < text.size(); cut += step) cuts.push_back(cut);
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
  std::size_t look(std::string_view text, std::size_t from, bool complete, Findings& out) {
    Look look = like_;
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

  const Detector& detector_;
  Look like_;
  std::shared_ptr<const Matcher> matcher_;
  std::unique_ptr<Matcher::Scratch> scratch_;
};

}  // namespace gatehouse::guard::testing
