#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/ml/encoder/encoder.h"
#include "gatehouse/ml/encoder/entity_reader.h"
#include "gatehouse/ml/encoder/manifest.h"
#include "gatehouse/ml/onnx/session.h"
#include "gatehouse/ml/tokenizer/tokenizer.h"

namespace gatehouse::ml {

// How an encoder's inputs are filled and what its outputs are, checked against the model file and tried. Immutable.
struct Plan {
  enum class Input : std::uint8_t { ids, mask, types, positions, shapes };
  std::vector<Input> inputs{};         // in the session's order
  std::vector<std::size_t> outputs{};  // of the session, as `run` is asked for them; heads name places in this list
  std::size_t window = 0;              // tokens, prefix and suffix counted
  std::size_t overlap = 0;
  std::size_t context = 0;  // tokens
  bool shapes = false;
  std::int32_t padding = 0;
  // A row's answer depends on the rows beside it, as with weights of 8 bits whose activations get one scale for all of
  // a pass: then every row has a pass of its own, so that nobody's text moves the verdict on another's. Found by trial.
  bool alone = false;
  // It has no mask, so nothing tells it what is padding: the rows of a pass are of one length.
  bool even = false;

  // From log odds, or from a classifier's logits those of the labels in `members` against the others'.
  struct Score {
    std::size_t output = 0;
    std::size_t width = 1;               // logits of a row; 1: log odds
    std::vector<std::size_t> members{};  // empty: log odds
    bool multi_label = false;
    double scale = 1;
    double shift = 0;
    // 0 to 1; `row`: `width` numbers.
    float probability(std::span<const float> row) const;
  };
  std::optional<Score> injection{};
  std::optional<Score> harmful{};
  struct Entities {
    std::size_t output = 0;
    std::shared_ptr<const EntityReader> reader{};
  };
  std::optional<Entities> entities{};
  struct Embedding {
    std::size_t output = 0;
    std::size_t size = 0;
    bool pooled = true;  // one a row; else one a token, of which the mean is taken
  };
  std::optional<Embedding> embedding{};
};

// Errors: configuration; what of the model is not as it has to be or as the manifest says. Runs the model a few times.
Result<Plan> make_plan(const Session& session, const Tokenizer& tokenizer, const Manifest& manifest,
                       const ModelOptions& options);

// The inputs of one pass: rows of equal length, padded.
class Feed {
 public:
  Feed(const Plan& plan, std::size_t rows, std::size_t columns);
  // `shapes`: one for each id, or empty. At most as many as there are columns.
  void row(std::size_t index, std::span<const std::int32_t> ids, std::span<const std::uint8_t> shapes);
  std::span<const std::span<const std::int64_t>> inputs() const { return inputs_; }
  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }

 private:
  const Plan& plan_;
  std::size_t rows_;
  std::size_t columns_;
  std::vector<std::int64_t> values_;
  std::vector<std::span<const std::int64_t>> inputs_;
};

}  // namespace gatehouse::ml
