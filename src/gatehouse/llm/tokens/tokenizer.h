#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/llm/tokens/encoding.h"

namespace gatehouse::llm {

// Byte pair encoding exactly as OpenAI's tiktoken does it (`encode_ordinary`: the names of special tokens in a text are
// text). The vocabularies lie in the binary's read-only data, ready to be looked up in: nothing is set up at the start,
// and a page of them is read from disk when a count first needs it. Free functions, any thread, no shared state.
//
// Text that is not UTF-8 counts as if each maximal ill-formed part were U+FFFD. Time is O(n log n) at worst, whatever
// the text; memory beside the text is under 100 kB. Counts are exact but for one case that no real text has: a single
// run without any boundary of more than kLongPiece bytes is merged window by window, and where the windows do not meet
// in a way that proves them exact (not seen on any input tried), the count may be a token too high per window.
inline constexpr std::size_t kLongPiece = 1024;

std::uint64_t count_tokens(Encoding encoding, std::string_view text);

// The ids, appended; as many as `count_tokens` says.
void encode(Encoding encoding, std::string_view text, std::vector<std::uint32_t>& ids);
std::vector<std::uint32_t> encode(Encoding encoding, std::string_view text);

// The bytes of the ids, special tokens by their names; a cut between tokens may fall within a character.
// Code::invalid_request for an id that the encoding does not have.
Result<std::string> decode(Encoding encoding, std::span<const std::uint32_t> ids);

// No text of this many bytes of well-formed UTF-8 has more tokens: each stands for one byte or more. (Ill-formed text
// may have three times as many.) A text is usually a quarter of it. For a caller who only needs to know that a large
// body fits.
constexpr std::uint64_t upper_bound(std::size_t bytes) { return bytes; }

// A text that comes in parts, cut anywhere, also within a character: the count is that of the whole. Holds back what a
// later part may still change: usually a word, at most kHeldBack bytes. (A run of more without a place where text may
// be cut is cut there; the count may then be a few tokens too high.) One thread at a time.
class TextCounter {
 public:
  static constexpr std::size_t kHeldBack = 1 << 18;

  explicit TextCounter(Encoding encoding) : encoding_(encoding) {}
  void add(std::string_view part);
  // The tokens of all that was added; the next `add` begins a new text.
  std::uint64_t finish();
  // The tokens of what is settled: never more than `finish` will say.
  std::uint64_t settled() const { return tokens_; }

 private:
  void add_valid(std::string_view part);

  Encoding encoding_;
  std::uint64_t tokens_ = 0;
  std::string held_;        // well-formed
  std::string unfinished_;  // the first bytes of a character
};

}  // namespace gatehouse::llm
