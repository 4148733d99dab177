#pragma once

#include <string_view>
#include <vector>

#include "gatehouse/ml/tokenizer/aligned.h"

namespace gatehouse::ml::tokenizer {

// The normalisation forms of Unicode 9 (the version that the reference implementation has), as changes over a text.
struct NormalForm {
  bool compatible = false;  // NFKC, NFKD
  bool composed = false;    // NFC, NFKC
};

// False: the text is as it would be, and `changes` is not filled.
bool normalise(std::string_view text, NormalForm form, std::vector<Change>& changes);

}  // namespace gatehouse::ml::tokenizer
