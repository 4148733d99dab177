#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/llm/tokens/model_tokens.h"

namespace gatehouse::llm {

// What was learned of one model: its provider's prompt tokens are about `factor` times our own count.
struct Calibration {
  double factor = 1.0;
  double error = 0.0;         // mean of |estimate - reported| / reported over recent answers; 0 without samples
  std::uint64_t samples = 0;  // pairs taken in

  // `counted` times the factor, rounded up.
  std::uint64_t estimate(std::uint64_t counted) const;
};

struct CalibratedModel {
  std::string model;
  Calibration calibration;
};

// Learns, for each model, how our count of a prompt relates to what its provider reports, from the answers that pass:
// closed tokenizers (Claude, Gemini) become good estimates and what providers put around a prompt is seen. One for the
// process, owned by the composition root, longer-lived than all workers. Any thread may call anything; reading and
// learning take no lock, a model's first sample allocates. Bounded: kMaxModels models, then no new ones are taken up.
//
// The factor is an exponentially weighted mean of reported / counted, started from the family's guess. One sample moves
// it by an eighth at most (by less the more there are, down to 1/64, and for short prompts), and a sample is taken at
// no more than twice or half the present factor: a provider that reports nonsense once does little.
class Estimator {
 public:
  static constexpr std::size_t kMaxModels = 512;
  static constexpr std::size_t kMaxNameSize = 128;

  Estimator();
  ~Estimator();
  Estimator(const Estimator&) = delete;
  Estimator& operator=(const Estimator&) = delete;

  // `counted`: our own count for the model's encoding (tokens_of_model), without a factor. `reported`: the provider's
  // prompt tokens, cached ones included. Zero on either side is no sample. False: not taken (zero, name too long,
  // full).
  bool learn(std::string_view model, std::uint64_t counted, std::uint64_t reported);

  // What is known of a model; with no samples the family's first guess.
  Calibration calibration(std::string_view model) const;
  // By what is known of the model.
  std::uint64_t estimate(std::string_view model, std::uint64_t counted) const;

  // All models that have samples, for metrics and the command line; in no order.
  std::vector<CalibratedModel> models() const;
  // Models not taken up because the table was full.
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  struct Model;
  static constexpr std::size_t kSlots = 2 * kMaxModels;
  const Model* find(std::string_view model) const;
  Model* find_or_add(std::string_view model);

  std::unique_ptr<std::atomic<Model*>[]> slots_;  // open-addressed; an entry never goes
  std::atomic<std::size_t> size_{0};
  std::atomic<std::uint64_t> refused_{0};
};

}  // namespace gatehouse::llm
