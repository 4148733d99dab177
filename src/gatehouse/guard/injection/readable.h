#pragma once

#include "gatehouse/guard/detector.h"
#include "gatehouse/guard/injection/grammar.h"

namespace gatehouse::guard::injection {

// Whether a reading of a text is worth a model's look, which costs a thousand times more than this. The text as it is
// written is, where it has a few letters. Another reading is where it says something that the written text does not:
//   base64, hex, tags        two words or more came out of it
//   all others               it has more words of languages (frequent ones, and the signatures' own) than what it
//                            stands for, two at least: backwards or rot13 an ordinary text has none, without its marks
//                            as many as before; or `suspected`: signatures were seen in it
// Names of files and URLs are only where they hold words. Linear, over kMostCompared bytes of either at most.
bool worth_reading(const Look& look, const Grammar& grammar, bool suspected);

inline constexpr std::size_t kMostCompared = std::size_t{64} << 10;

}  // namespace gatehouse::guard::injection
