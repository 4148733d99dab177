#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/guard/finding.h"
#include "gatehouse/guard/inspector.h"
#include "gatehouse/llm/segment.h"

namespace gatehouse::guard {

// A text of the conversation, oldest first: what a caller or his tools said. `segment` is its place in this request, or
// kPast for what only the conversation's memory knows.
struct Utterance {
  static constexpr std::uint32_t kPast = 0xFFFFFFFF;
  std::string_view text;
  llm::Role role = llm::Role::user;
  llm::SegmentKind kind = llm::SegmentKind::text;
  std::uint32_t segment = kPast;
};

// Something that several utterances make together, and the part of one of them that completes it.
struct Assembled {
  Finding finding;            // begin and end in the text of the utterance that completes it
  std::size_t utterance = 0;  // of those that were given
  std::uint32_t pieces = 0;   // utterances it is made of
};

// Finds what is put together from pieces over several utterances: an identifier given digit by digit, also in words or
// with other words around; an encoding or a credential given in parts; an instruction that begins in one text and ends
// in the next; quoted parts that are to be put together. Only where no single utterance says it: that was found there.
// Linear in the text looked at, which is at most kMostText bytes from the end, each joined a fixed number of times.
// Owner: a worker; one thread's.
class Assembly {
 public:
  // `utterances` ascend in time. Told is what an utterance from `fresh` on completes. `wanted`: detectors to ask.
  void find(Inspector& inspector, std::span<const Utterance> utterances, std::size_t fresh, DetectorMask wanted,
            std::vector<Assembled>& out);

  static constexpr std::size_t kMostUtterances = 64;
  static constexpr std::size_t kMostText = 16'384;

 private:
  // A stretch of an utterance that went into a joined text.
  struct Piece {
    std::size_t utterance;
    std::size_t from;  // in the utterance
    std::size_t length;
    std::size_t at;  // in the joined text
    std::size_t size;
  };
  enum class Digits : std::uint8_t { all, longest, words };
  void clear();
  void add(std::size_t utterance, std::size_t from, std::size_t length, std::string_view text);
  void join_numbers(std::span<const Utterance> utterances, std::size_t first, std::size_t last, Digits digits);
  bool join_codes(std::span<const Utterance> utterances, std::size_t first, std::size_t last, bool spaced);
  void join_encoded(std::span<const Utterance> utterances);
  bool join_quoted(std::span<const Utterance> utterances);
  void join_ends(std::span<const Utterance> utterances, std::size_t last, std::string_view between);
  void look(std::span<const Utterance> utterances, std::size_t fresh, DetectorMask asked, std::vector<Assembled>& out);

  Inspector* inspector_ = nullptr;
  std::string joined_;
  std::string scratch_;
  std::vector<Piece> pieces_;
  Findings findings_;
};

}  // namespace gatehouse::guard
