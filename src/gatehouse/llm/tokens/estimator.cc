#include "gatehouse/llm/tokens/estimator.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace gatehouse::llm {
namespace {

// Factor and error travel as one word, so that no reader sees one without the other.
struct Pair {
  float factor;
  float error;
};

std::uint64_t pack(Pair pair) {
  return static_cast<std::uint64_t>(std::bit_cast<std::uint32_t>(pair.factor)) << 32U |
         std::bit_cast<std::uint32_t>(pair.error);
}
Pair unpack(std::uint64_t word) {
  return {std::bit_cast<float>(static_cast<std::uint32_t>(word >> 32U)),
          std::bit_cast<float>(static_cast<std::uint32_t>(word))};
}

constexpr double kSlowest = 1.0 / 64;  // weight of a sample once there are many
constexpr double kHead = 8;            // samples that the first guess is worth
constexpr double kShortPrompt = 64;  // a prompt of this many tokens counts half: what is put around it blurs the ratio
constexpr double kLeast = 0.1;
constexpr double kMost = 10;

// FNV-1a: the table is small and its names come from the configuration.
std::size_t hash_of(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  return static_cast<std::size_t>(hash ^ hash >> 32U);
}

}  // namespace

struct Estimator::Model {
  explicit Model(std::string_view model)
      : name(model), learned(pack({static_cast<float>(tokens_of_model(model).factor), 0})) {}

  const std::string name;
  std::atomic<std::uint64_t> learned;
  std::atomic<std::uint64_t> samples{0};
};

Estimator::Estimator() : slots_(std::make_unique<std::atomic<Model*>[]>(kSlots)) {}

Estimator::~Estimator() {
  for (std::size_t i = 0; i < kSlots; ++i) delete slots_[i].load(std::memory_order_relaxed);
}

const Estimator::Model* Estimator::find(std::string_view model) const {
  for (std::size_t i = hash_of(model);; ++i) {
    // Half of the slots are free at least.
    const Model* found = slots_[i % kSlots].load(std::memory_order_acquire);
    if (found == nullptr || found->name == model) return found;
  }
}

Estimator::Model* Estimator::find_or_add(std::string_view model) {
  std::unique_ptr<Model> made;
  for (std::size_t i = hash_of(model);; ++i) {
    std::atomic<Model*>& slot = slots_[i % kSlots];
    Model* found = slot.load(std::memory_order_acquire);
    if (found == nullptr) {
      if (!made) {
        // The place is taken first: two that come at once must not go beyond the bound.
        if (size_.fetch_add(1, std::memory_order_relaxed) >= kMaxModels) {
          size_.fetch_sub(1, std::memory_order_relaxed);
          return nullptr;
        }
        made = std::make_unique<Model>(model);
      }
      if (slot.compare_exchange_strong(found, made.get(), std::memory_order_acq_rel)) return made.release();
    }
    if (found->name == model) {
      if (made) size_.fetch_sub(1, std::memory_order_relaxed);
      return found;
    }
  }
}

bool Estimator::learn(std::string_view model, std::uint64_t counted, std::uint64_t reported) {
  if (counted == 0 || reported == 0 || model.empty() || model.size() > kMaxNameSize) return false;
  Model* const known = find_or_add(model);
  if (known == nullptr) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  const double own = static_cast<double>(counted);
  const double theirs = static_cast<double>(reported);
  const double before = static_cast<double>(known->samples.fetch_add(1, std::memory_order_relaxed));
  const double trust = own / (own + kShortPrompt);
  const double weight = std::max(kSlowest, 1 / (before + kHead)) * trust;
  // The error has no first guess to lean on: at the beginning it is the plain mean.
  const double error_weight = std::max(kSlowest, 1 / (before + 1));
  std::uint64_t word = known->learned.load(std::memory_order_relaxed);
  for (;;) {
    const Pair now = unpack(word);
    const double factor = now.factor;
    const double ratio = std::clamp(theirs / own, factor / 2, factor * 2);
    const double miss = std::min(1.0, std::abs(own * factor - theirs) / theirs);
    const Pair next{static_cast<float>(std::clamp(factor + weight * (ratio - factor), kLeast, kMost)),
                    static_cast<float>(now.error + error_weight * (miss - now.error))};
    if (known->learned.compare_exchange_weak(word, pack(next), std::memory_order_relaxed)) return true;
  }
}

std::uint64_t Calibration::estimate(std::uint64_t counted) const {
  return static_cast<std::uint64_t>(std::ceil(static_cast<double>(counted) * factor));
}

Calibration Estimator::calibration(std::string_view model) const {
  const Model* known = find(model);
  if (known == nullptr) return {.factor = tokens_of_model(model).factor};
  const Pair pair = unpack(known->learned.load(std::memory_order_relaxed));
  return {.factor = pair.factor, .error = pair.error, .samples = known->samples.load(std::memory_order_relaxed)};
}

std::uint64_t Estimator::estimate(std::string_view model, std::uint64_t counted) const {
  return calibration(model).estimate(counted);
}

std::vector<CalibratedModel> Estimator::models() const {
  std::vector<CalibratedModel> all;
  for (std::size_t i = 0; i < kSlots; ++i) {
    const Model* model = slots_[i].load(std::memory_order_acquire);
    if (model == nullptr) continue;
    const Calibration learned = calibration(model->name);
    if (learned.samples > 0) all.push_back({.model = model->name, .calibration = learned});
  }
  return all;
}

}  // namespace gatehouse::llm
