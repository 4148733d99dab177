#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "gatehouse/guard/detector.h"
#include "gatehouse/guard/pii/kind.h"
#include "gatehouse/guard/pii/words.h"

namespace gatehouse::guard::pii {

// How far back of `Look::from` recognisers begin: what begins there may hold what begins behind. Longer finds hold
// nothing.
inline constexpr std::size_t kBack = 96;

// What a recogniser knows of its kind.
struct KindFacts {
  std::string_view entity;
  std::string_view detector = {};  // "pii.iban"
  float score = 0;
  float score_near = 0;
  bool needs_word = false;
  bool wanted = false;      // can be reported at all
  std::uint16_t words = 0;  // number of its list
  bool has_words = false;
};

// One look at one text: what all recognisers share. They report candidates and hold what they cannot decide yet.
class Scene {
 public:
  Scene(const Look& look, std::span<const KindFacts> kinds, const WordIndex& words, float least)
      : text(look.text),
        from(look.from),
        complete(look.complete),
        least_(least),
        kinds_(kinds),
        words_(words, look.text, look.complete),
        open_(look.text.size()) {}

  const std::string_view text;
  const std::size_t from;
  const bool complete;

  struct Found {
    std::size_t begin;
    std::size_t end;
    std::uint16_t kind;
    float score;
  };

  // Nothing from `at` on is decided.
  void hold(std::size_t at) { open_ = std::min(open_, at); }
  // A text that ends at `at` may go on there.
  bool cut(std::size_t at) const { return !complete && at >= text.size(); }

  // The kind fits [begin, end): scored by its words, reported if it is sure enough. False: held, because a word behind
  // may still come.
  bool judge(std::uint16_t kind, std::size_t begin, std::size_t end) {
    const KindFacts& facts = kinds_[kind];
    return judge(kind, begin, end, facts.needs_word ? 0 : facts.score, facts.score_near);
  }
  bool judge(std::uint16_t kind, std::size_t begin, std::size_t end, float score, float score_near) {
    const KindFacts& facts = kinds_[kind];
    if (!facts.wanted || std::max(score, score_near) < least_) return true;
    if (facts.has_words && score_near > score) {
      if (words_.before(facts.words, begin)) {
        score = score_near;
      } else if (counts_behind(begin, end)) {
        const auto behind = words_.behind(facts.words, end);
        if (behind == WordContext::Behind::open) {
          hold(begin);
          return false;
        }
        if (behind == WordContext::Behind::yes) score = score_near;
      }
    }
    if (score >= least_ && score > 0) found.push_back({begin, end, kind, score});
    return true;
  }
  bool near_before(std::uint16_t kind, std::size_t begin) {
    const KindFacts& facts = kinds_[kind];
    return facts.has_words && words_.before(facts.words, begin);
  }
  bool wanted(std::uint16_t kind, float most) const { return kinds_[kind].wanted && most >= least_; }
  const KindFacts& facts(std::uint16_t kind) const { return kinds_[kind]; }

  std::size_t open() const { return open_; }
  std::vector<Found> found;

 private:
  // Words behind count for candidates with so many digits: else each small number would hold the text behind it.
  static constexpr int kLeastForBehind = 5;
  bool counts_behind(std::size_t begin, std::size_t end) {
    if (begin != counted_begin_ || end != counted_end_) {
      int digits = 0;
      for (std::size_t i = begin; i < end; ++i) digits += text[i] >= '0' && text[i] <= '9' ? 1 : 0;
      counts_behind_ = digits >= kLeastForBehind;
      counted_begin_ = begin;
      counted_end_ = end;
    }
    return counts_behind_;
  }

  float least_;
  std::span<const KindFacts> kinds_;
  WordContext words_;
  std::size_t open_;
  // Of the candidate that was asked about last: many kinds fit the same digits.
  std::size_t counted_begin_ = 0;
  std::size_t counted_end_ = 0;
  bool counts_behind_ = false;
};

}  // namespace gatehouse::guard::pii
