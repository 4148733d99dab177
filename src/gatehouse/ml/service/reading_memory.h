#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "gatehouse/crypto/fingerprint.h"
#include "gatehouse/ml/reading.h"

namespace gatehouse::ml {

// What a reading is remembered by: the text, and a number for what read it (a set of models, or one model's windows).
struct TextKey {
  crypto::Fingerprint text{};
  std::uint64_t reader = 0;
  bool operator==(const TextKey&) const = default;

  struct Hash {
    std::size_t operator()(const TextKey& key) const { return key.text.low ^ key.reader; }
  };
};
// From hexadecimal hashes of models and the like; equal only where all of it is equal.
std::uint64_t reader_number(std::string_view of);

// Readings of texts, shared by all threads: short locks over parts of the table, bounded by count and bytes, the least
// recently found go first. Owner: the service.
class ReadingMemory {
 public:
  ReadingMemory(std::size_t most, std::size_t most_bytes);

  // Null: none.
  std::shared_ptr<const Reading> find(const TextKey& key);
  // In the place of what was there. A reading too large for its part of the table is not kept.
  void put(const TextKey& key, std::shared_ptr<const Reading> reading);

  std::size_t size() const;
  std::size_t bytes() const;  // an estimate: readings with what they hold, and the table around them
  static constexpr std::size_t kParts = 16;

 private:
  struct Entry {
    TextKey key{};
    std::shared_ptr<const Reading> reading{};
    std::size_t bytes = 0;
  };
  struct alignas(64) Part {
    mutable std::mutex mutex{};
    std::list<Entry> entries{};  // the last found first
    std::unordered_map<TextKey, std::list<Entry>::iterator, TextKey::Hash> places{};
    std::size_t bytes = 0;
  };
  Part& part(const TextKey& key) { return parts_[(key.text.high ^ key.reader) % kParts]; }

  std::size_t most_;  // of one part
  std::size_t most_bytes_;
  std::array<Part, kParts> parts_{};
};

// `newer` with what only `older` has. Where one covers the other it is that one.
std::shared_ptr<const Reading> merge(const std::shared_ptr<const Reading>& older,
                                     const std::shared_ptr<const Reading>& newer);
// Takes over the verdicts in `from` that `into` lacks.
void add_missing(Reading& into, const Reading& from);

}  // namespace gatehouse::ml
