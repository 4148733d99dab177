#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/json/value.h"

namespace gatehouse::ml::tokenizer {

// What the post-processor does with one text: TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel and
// Sequence of them.
struct Framing {
  std::vector<std::int32_t> prefix{};
  std::vector<std::int32_t> suffix{};
  // Spaces at a token's ends are taken out of its span; but not the one that a byte-level pre-tokeniser put before the
  // text, which stands for the first word's bytes.
  bool trim = false;
  bool space_was_added = false;
  bool trim_inside_prefix =
      false;  // the prefix was put before the trimming, which then sees no first token of the text

  // `post_processor` may be null. Errors: configuration, beginning with "post_processor".
  static Result<Framing> parse(const json::Value& post_processor);
};

}  // namespace gatehouse::ml::tokenizer
