#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// How single characters are folded. Made once from ICU's data (about 20 ms and 200 kB), immutable, shared.
namespace gatehouse::text::views {

class FoldTable {
 public:
  // Made by the first call, from any thread.
  static const FoldTable& get();

  enum class Fold : std::uint8_t {
    same,
    change,
    weak,     // a change that ordinary text is full of: made behind another one
    mark,     // dropped behind an ASCII letter or digit, else kept
    ignored,  // dropped
    joiner,   // dropped; part of emoji, so weak between what are no letters
  };
  struct Entry {
    Fold fold = Fold::same;
    std::string_view with;  // of change and weak
  };
  Entry operator[](char32_t c) const {
    const std::uint32_t cell = cell_of(c);
    if (cell == 0) return {};
    const Slot slot = slots_[cell];
    return {slot.fold, std::string_view(strings_).substr(slot.offset, slot.size)};
  }
  bool changes(char32_t c) const { return cell_of(c) != 0; }
  std::size_t bytes() const;  // held

 private:
  FoldTable();
  static constexpr std::uint32_t kBlock = 128;
  std::uint32_t cell_of(char32_t c) const {
    const std::uint32_t block = blocks_[c / kBlock];
    return block == 0 ? 0 : cells_[block * kBlock + c % kBlock];
  }
  struct Slot {
    std::uint16_t offset = 0;
    std::uint8_t size = 0;
    Fold fold = Fold::same;
  };

  std::array<std::uint8_t, 0x110000 / kBlock> blocks_{};  // 0: nothing in it changes
  std::vector<std::uint16_t> cells_;
  std::vector<Slot> slots_;
  std::string strings_;
};

}  // namespace gatehouse::text::views
