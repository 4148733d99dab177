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
  std::uint32_t segment = kPast;
};

// Something that several utterances make together, and the part of the newest one that completes it.
struct Assembled {
  Finding finding;  // begin and end in the newest utterance's text
  std::uint32_t segment = 0;
  std::uint32_t pieces = 0;  // utterances it is made of
};

// Finds what is put together from pieces over several utterances: an identifier given digit by digit, an encoding given
// in parts, an instruction that begins in one text and ends in the next. Only what the newest utterance completes is
// told, and only where no single utterance says it: that was found there. Pure; linear in the text looked at, which is
// at most kMostText bytes from the end.
class Assembly {
 public:
  explicit Assembly(Inspector& inspector) : inspector_(inspector) {}

  // `utterances` ascend in time; the last is the newest. `wanted`: detectors to ask.
  void find(std::span<const Utterance> utterances, DetectorMask wanted, std::vector<Assembled>& out);

  static constexpr std::size_t kMostUtterances = 24;
  static constexpr std::size_t kMostText = 8192;

 private:
  // A stretch of an utterance that went into a joined text.
  struct Piece {
    std::size_t utterance;
    std::size_t from;  // in the utterance
    std::size_t at;    // in the joined text
    std::size_t size;
  };
  void join_numbers(std::span<const Utterance> utterances);
  void join_encoded(std::span<const Utterance> utterances);
  void join_ends(std::span<const Utterance> utterances);
  void look(std::span<const Utterance> utterances, DetectorMask wanted, DetectorMask families,
            std::vector<Assembled>& out);

  Inspector& inspector_;
  std::string joined_;
  std::vector<Piece> pieces_;
  Findings findings_;
};

}  // namespace gatehouse::guard
