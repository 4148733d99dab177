#include "gatehouse/llm/completion_lengths.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace gatehouse::llm {
namespace {

constexpr std::size_t kSlots = 2 * CompletionLengths::kMaxModels;
constexpr std::size_t kMaxName = 256;
constexpr std::uint32_t kHalveAt = 8192;

}  // namespace

CompletionLengths::CompletionLengths() : slots_(std::make_unique<std::atomic<Model*>[]>(kSlots)) {}

CompletionLengths::~CompletionLengths() {
  for (std::size_t i = 0; i < kSlots; ++i) delete slots_[i].load(std::memory_order_relaxed);
}

CompletionLengths::Model* CompletionLengths::find(std::string_view model, bool add) const {
  if (model.size() > kMaxName) return nullptr;
  std::unique_ptr<Model> made;
  const std::size_t at = std::hash<std::string_view>{}(model);
  for (std::size_t i = 0; i < kSlots; ++i) {
    auto& slot = slots_[(at + i) % kSlots];
    Model* there = slot.load(std::memory_order_acquire);
    if (there == nullptr) {
      if (!add) return nullptr;
      if (!made) {
        if (size_.fetch_add(1, std::memory_order_relaxed) >= kMaxModels) {
          size_.fetch_sub(1, std::memory_order_relaxed);
          return nullptr;
        }
        made = std::make_unique<Model>(model);
      }
      // Somebody else may take the slot first: then it is looked at like any other.
      if (slot.compare_exchange_strong(there, made.get(), std::memory_order_acq_rel)) return made.release();
    }
    if (there->name == model) {
      if (made) size_.fetch_sub(1, std::memory_order_relaxed);
      return there;
    }
  }
  return nullptr;
}

void CompletionLengths::learn(std::string_view model, std::uint64_t completion_tokens) {
  Model* known = find(model, true);
  if (known == nullptr) return;
  const auto bits = std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(completion_tokens)), 32);
  known->by_bits[bits].fetch_add(1, std::memory_order_relaxed);
  if (known->total.fetch_add(1, std::memory_order_relaxed) + 1 != kHalveAt) return;
  // One thread gets here; what others add meanwhile may be lost or counted double, which no figure here minds.
  std::uint32_t total = 0;
  for (auto& count : known->by_bits) {
    const std::uint32_t half = count.load(std::memory_order_relaxed) / 2;
    count.store(half, std::memory_order_relaxed);
    total += half;
  }
  known->total.store(total, std::memory_order_relaxed);
}

std::optional<std::uint64_t> CompletionLengths::usual_most(std::string_view model) const {
  const Model* known = find(model, false);
  if (known == nullptr) return std::nullopt;
  std::uint64_t total = 0;
  for (const auto& count : known->by_bits) total += count.load(std::memory_order_relaxed);
  if (total < kEnough) return std::nullopt;
  std::uint64_t longer = 0;
  for (std::size_t bits = known->by_bits.size(); bits-- > 0;) {
    longer += known->by_bits[bits].load(std::memory_order_relaxed);
    if (longer * 200 > total) return std::uint64_t{1} << bits;
  }
  return 1;
}

}  // namespace gatehouse::llm
