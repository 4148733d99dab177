#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::guard {

// Characters by class, one bit each. The letters are those of SecretForm.
class CharClasses {
 public:
  CharClasses();
  static const CharClasses& table();
  std::uint32_t bit(char letter) const { return bits_[static_cast<unsigned char>(letter)]; }
  bool in(char c, std::uint32_t mask) const { return (of_[static_cast<unsigned char>(c)] & mask) != 0; }

 private:
  std::array<std::uint32_t, 256> bits_{};  // letter -> its bit
  std::array<std::uint32_t, 256> of_{};    // character -> the classes that hold it
};

// How a secret is written: literals and runs. A run is `{c n}` or `{c n,m}` without the space: n to m characters of a
// class, as many as there are. No backtracking: matching is one walk over the text.
//
// Classes: d digits, h lower hex, x hex, w letters and digits, l lower letters and digits, u upper letters and digits,
// U upper letters, t base32 (A-Z2-7), z bech32 in capitals, b base64url, s base64, e base64url and =, g that and the
// dot, f base64url, dot and ~, p base64 as it stands in a URL (with % and =), k lower letters, digits and -, q =.
// `{uuid}` stands for the five groups of one. `^` marks where the finding begins; without it at the front.
//
// The trigger is the first literal and up to four characters of the run behind it; what stands before the first literal
// is of known length or is found by walking back.
class SecretForm {
 public:
  enum class Outcome : std::uint8_t {
    no,
    yes,
    open,  // the text ends where more could follow
  };
  struct Match {
    Outcome outcome = Outcome::no;
    std::size_t begin = 0;  // of the finding
    std::size_t end = 0;
  };

  // The form is one of ours: a mistake aborts.
  explicit SecretForm(std::string_view form);

  // For the matcher; what was matched is trigger_size() bytes long and lies trigger_lead() or, where the length of what
  // is in front varies, an unknown number of bytes behind the beginning.
  std::string trigger_pattern() const;
  std::string_view trigger_literal() const { return literals_[trigger_step_]; }
  std::size_t trigger_size() const { return trigger_literal().size() + trigger_tail_; }

  // `at`: where the trigger's literal stands. Both ends must be free: no letter, digit, `_`, `-` or character of the
  // neighbouring run beside it (an escaped line end, `\n`, is free).
  Match match_at(std::string_view text, std::size_t at, bool complete) const;
  // `text` from `begin` on, without looking at what stands before it.
  Match match_from(std::string_view text, std::size_t begin, bool complete) const;
  // The whole of `value`.
  bool matches(std::string_view value) const;

  // A made-up value, for tests: `next` gives any numbers.
  template <class Next>
  std::string sample(Next next) const;

 private:
  struct Step {
    bool run = false;
    std::uint32_t mask = 0;
    std::uint16_t least = 0;
    std::uint16_t most = 0;
    std::uint16_t literal = 0;  // index
  };
  Match walk(std::string_view text, std::size_t begin, bool complete) const;

  std::vector<Step> steps_;
  std::vector<std::string> literals_;  // parallel to steps_; empty for a run
  std::size_t trigger_step_ = 0;
  std::size_t trigger_tail_ = 0;
  std::size_t mark_step_ = 0;
  std::size_t lead_least_ = 0;  // characters before the trigger's literal
  std::size_t lead_most_ = 0;
  std::uint32_t left_ = 0;  // classes that may not stand in front
};

template <class Next>
std::string SecretForm::sample(Next next) const {
  std::string out;
  const CharClasses& classes = CharClasses::table();
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (!steps_[i].run) {
      out += literals_[i];
      continue;
    }
    for (std::size_t n = 0; n < steps_[i].least;) {
      const char c = static_cast<char>(33 + next() % 94);
      if (!classes.in(c, steps_[i].mask)) continue;
      out += c;
      ++n;
    }
  }
  return out;
}

// Whether a secret may begin at `at`: nothing of a word in front, of which `mask` are more classes.
bool free_before(std::string_view text, std::size_t at, std::uint32_t mask);

}  // namespace gatehouse::guard
