#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/ml/reading.h"

namespace gatehouse::ml {

// A stretch of a text that fits a model's input, tokenised. `tokens` are ids with prefix and suffix; the spans beside
// them are bytes of the text, empty for the model's own.
struct Window {
  std::vector<std::int32_t> ids{};
  struct Place {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    bool starts_word = false;
    // Bytes of blanks and punctuation at its edges, which belong to no name that begins or ends with it; as many as it
    // has bytes where it has nothing else.
    std::uint8_t front = 0;
    std::uint8_t back = 0;
  };
  std::vector<Place> places{};
  std::vector<std::uint8_t> shapes{};  // of a token's letters in the text (kShape*), for models that ask for them
  std::uint32_t begin = 0;             // bytes of the text that it covers
  std::uint32_t end = 0;
  // Tokens whose verdict is this window's: those before and behind are context, other windows' own.
  std::uint32_t own_begin = 0;  // positions in `ids`
  std::uint32_t own_end = 0;
};

// What a model says of a window: a Reading whose offsets are bytes of the whole text.
using WindowReading = Reading;

// A model as the service runs it: ONNX Runtime behind it, or a fake in tests. Immutable; `read` may be called from
// several threads at once and takes milliseconds: pool threads only.
class Model {
 public:
  virtual ~Model() = default;
  virtual std::string_view name() const = 0;
  virtual std::string_view hash() const = 0;  // SHA-256 of the model file, hexadecimal
  virtual Wants answers() const = 0;
  // What verdicts are remembered by where the settings count too (scale, labels, tokenizer, window): differs from the
  // hash of the file then.
  virtual std::string_view identity() const { return hash(); }
  virtual std::size_t embedding_size() const = 0;  // 0: none

  // `text` (any bytes) in overlapping windows of at most the model's length. At most `most`; the rest of the text is
  // left out (the last window's `end` tells).
  virtual std::vector<Window> windows(std::string_view text, std::size_t most) const = 0;
  // Whether injection and harmfulness can be judged beside a context, and windows that stand beside one: as much of it
  // as the model has room for is in each of them, before the text.
  virtual bool takes_context() const { return false; }
  virtual std::vector<Window> windows_beside(std::string_view context, std::string_view text, std::size_t most) const {
    (void)context;
    return windows(text, most);
  }
  // One pass over several windows, padded to the longest; a reading for each, in their order. Errors: internal.
  virtual Result<std::vector<WindowReading>> read(std::span<const Window* const> batch, Wants wants) const = 0;
};

// The readings of a text's windows as one: the highest injection score, entities joined where windows meet, the mean of
// the embeddings weighed by their own tokens.
Reading join_windows(std::span<const Window> windows, std::span<const WindowReading> readings);

}  // namespace gatehouse::ml
