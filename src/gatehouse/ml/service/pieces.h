#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "gatehouse/ml/linear/linear_model.h"
#include "gatehouse/ml/reading.h"

namespace gatehouse::ml {

// A stretch of a text about as long as an encoder's window, and what the linear model makes of it.
struct Piece {
  std::uint32_t begin = 0;  // bytes
  std::uint32_t end = 0;
  LinearModel::Scores scores{};
};

inline constexpr std::size_t kPieceBytes = 1024;
inline constexpr std::size_t kPieceOverlap = 128;

// The text in pieces, each asked about by itself: an instruction that is buried in a long text would be diluted in the
// whole of it. A text of up to a piece and its overlap is one piece; a longer one is cut at white space where there is
// some near, else between characters, neighbours overlapping by up to kPieceOverlap. Covers every byte. `out` is
// replaced. At most 4 GiB of text.
void score_pieces(const LinearModel& linear, std::string_view text, std::vector<Piece>& out);

// Nothing of what is wanted is there, says the linear model. It has a bound for injection and entities only.
bool clear(const LinearModel& linear, const Piece& piece, Wants wants);

// The linear model's word on a whole text, for want of a better one.
struct LinearWord {
  bool known = false;
  float injection = 0;  // log odds, of the most suspect piece
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  Wants clear{};  // nowhere anything of it
};
LinearWord linear_word(const LinearModel& linear, const std::vector<Piece>& pieces);
// As a reading of what can be said of `wants`: the injection's probability, and entities where there are none.
Reading word_reading(const LinearModel& linear, const LinearWord& word, Wants wants);

}  // namespace gatehouse::ml
