#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"

namespace gatehouse::ml {

// A token and the bytes of the original text that it stands for (empty for what the tokenizer puts in by itself).
struct Token {
  std::int32_t id = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool starts_word = false;  // the first piece of a pre-token (of a word)
};

// What a Hugging Face tokenizer.json describes: normaliser, pre-tokeniser, model (WordPiece, Unigram, BPE), special
// tokens, post-processor. Ids equal those of the reference implementation (the Python package `tokenizers`).
// Immutable, shared by all threads.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  // `json`: the file's content, at most kMostFile bytes. Errors: configuration, naming the part that is not known or
  // not well formed.
  static Result<std::shared_ptr<const Tokenizer>> parse(std::string_view json);
  static constexpr std::size_t kMostFile = std::size_t{64} << 20;

  // Tokens of `text` without those of the post-processor, appended to `out`; special tokens that are written in the
  // text are read as text, so that nobody can write a separator. Any bytes (what is no UTF-8 is read as U+FFFD); linear
  // in the text. Stops when `out` has `most` tokens.
  virtual void encode(std::string_view text, std::size_t most, std::vector<Token>& out) const = 0;

  // What the post-processor puts before and behind one text: {[CLS]}, {[SEP]}; empty where it has none.
  virtual std::span<const std::int32_t> prefix() const = 0;
  virtual std::span<const std::int32_t> suffix() const = 0;
  virtual std::int32_t padding() const = 0;  // 0 where none is named
  virtual std::size_t vocabulary_size() const = 0;
  virtual std::optional<std::int32_t> id_of(std::string_view token) const = 0;
};

}  // namespace gatehouse::ml
