#include "gatehouse/llm/tokens/vocabulary.h"

#include <utility>

// The tables stand in read-only data as the generator wrote them; the linker maps them, nobody loads them.
#define GATEHOUSE_EMBED(symbol, file)        \
  asm(".pushsection .rodata, \"a\"\n"        \
      ".balign 64\n"                         \
      ".global " #symbol                     \
      "\n"                                   \
      ".hidden " #symbol                     \
      "\n"                                   \
      ".type " #symbol ", %object\n" #symbol \
      ":\n"                                  \
      ".incbin \"" file                      \
      "\"\n"                                 \
      ".size " #symbol ", . - " #symbol      \
      "\n"                                   \
      ".popsection\n")

GATEHOUSE_EMBED(gatehouse_cl100k_base, GATEHOUSE_CL100K_BASE);
GATEHOUSE_EMBED(gatehouse_o200k_base, GATEHOUSE_O200K_BASE);

extern "C" {
[[gnu::visibility("hidden")]] extern const std::uint32_t gatehouse_cl100k_base[];
[[gnu::visibility("hidden")]] extern const std::uint32_t gatehouse_o200k_base[];
}

namespace gatehouse::llm::detail {
namespace {

const std::uint32_t* table_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::cl100k_base:
      return gatehouse_cl100k_base;
    case Encoding::o200k_base:
    case Encoding::o200k_harmony:
      return gatehouse_o200k_base;
  }
  std::unreachable();
}

// Past `bytes` and up to the next part.
const char* after(const char* part, std::size_t bytes) { return part + (bytes + 63) / 64 * 64; }

}  // namespace

Vocabulary Vocabulary::of(Encoding encoding) {
  const std::uint32_t* header = table_of(encoding);
  Vocabulary vocabulary;
  vocabulary.tokens_ = header[1];
  vocabulary.slot_count_ = header[2];
  vocabulary.bucket_count_ = header[3];
  vocabulary.longest_ = header[5];
  const char* slots = reinterpret_cast<const char*>(header) + 64;
  const char* pilots = after(slots, vocabulary.slot_count_ * sizeof(Slot));
  const char* slot_of = after(pilots, vocabulary.bucket_count_ * sizeof(std::uint16_t));
  // Every part begins at a multiple of 64 bytes.
  vocabulary.slots_ = static_cast<const Slot*>(static_cast<const void*>(slots));
  vocabulary.pilots_ = static_cast<const std::uint16_t*>(static_cast<const void*>(pilots));
  vocabulary.slot_of_ = static_cast<const std::uint32_t*>(static_cast<const void*>(slot_of));
  vocabulary.long_ = after(slot_of, vocabulary.tokens_ * sizeof(std::uint32_t));
  return vocabulary;
}

std::uint32_t Vocabulary::find_long(const char* at, std::size_t size, const char* limit) const {
  if (size > longest_) return kNoToken;
  std::uint64_t hash = size * kK2;
  for (std::size_t i = 0; i < size; i += 16) {
    const std::size_t left = size - i;
    const std::uint64_t first = load_up_to_8(at + i, left < 8 ? left : 8, limit);
    const std::uint64_t last = left <= 8 ? 0 : load_up_to_8(at + i + 8, left < 16 ? left - 8 : 8, limit);
    hash = mum(first ^ kK0 ^ hash, last ^ kK1);
  }
  const Slot& slot = slots_[place(hash)];
  if (slot.first != hash || slot.meta >> kIdBits != size || std::memcmp(long_ + slot.last, at, size) != 0) {
    return kNoToken;
  }
  return slot.meta & kIdMask;
}

std::string_view Vocabulary::bytes(std::uint32_t id) const {
  const Slot& slot = slots_[slot_of_[id]];
  const std::size_t size = slot.meta >> kIdBits;
  if (size > kInline) return {long_ + slot.last, size};
  // A short token's bytes lie in its slot, one behind the other.
  return {static_cast<const char*>(static_cast<const void*>(&slot)), size};
}

}  // namespace gatehouse::llm::detail
