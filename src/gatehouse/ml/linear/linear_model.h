#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gatehouse/base/error.h"

namespace gatehouse::ml {

// Hashed words and letters, one weight each: microseconds a kilobyte. Settles what is clear, so that the encoder is
// asked about the rest only. The file's format and the features are written down in models/linear/README.md; the
// training script and this class compute the same numbers (golden test). Immutable; all threads.
class LinearModel {
 public:
  // `file`: the content of a .gtl file. Errors: configuration, what is wrong with it.
  static Result<std::shared_ptr<const LinearModel>> parse(std::string_view file);
  virtual ~LinearModel() = default;

  // SHA-256 of the file, hexadecimal: what verdicts are remembered by.
  virtual std::string_view hash() const { return {}; }

  struct Scores {
    float injection = 0;  // log odds
    float entities = 0;   // log odds that the text names a person, place, organisation or address
    float harmful = 0;
  };
  // Any bytes; linear in the text; no allocation beyond a buffer of the thread's.
  virtual Scores score(std::string_view text) const = 0;

  // From the file, chosen on dev (the model card says what they may miss): at or below `clear` nothing is there.
  struct Clear {
    float injection = 0;
    float entities = 0;
  };
  virtual Clear clear() const = 0;
  // Log odds to a calibrated probability, for where the encoder does not answer.
  virtual float injection_probability(float log_odds) const = 0;
};

}  // namespace gatehouse::ml
