#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gatehouse::ml::tokenizer {

// What the parts of a tokenizer ask about a code point. Properties come from ICU (72 or later). Some are those of an
// older version of Unicode, as the reference implementation's tables are, whatever ICU's own version is; for the others
// a list has what came after ICU 72.
enum Property : std::uint16_t {
  kSpace = 1 << 0,        // White_Space
  kOther = 1 << 1,        // Cc, Cf, Co of Unicode 8
  kPunctuation = 1 << 2,  // ASCII punctuation, and P of Unicode 8
  kNonSpacing = 1 << 3,   // Mn of Unicode 8
  kMark = 1 << 4,         // M of Unicode 9
  kLetter = 1 << 5,       // L
  kNumber = 1 << 6,       // N of Unicode 16
  kNumeric = 1 << 12,     // N of Unicode 17
  kLateMark = 1 << 13,    // M that came after ICU 72
  kWord = 1 << 7,         // as in regular expressions (UTS 18): Alphabetic, M, Nd, Pc, Join_Control
  kCased = 1 << 8,        // its lower case is something else
  kDecomposes = 1 << 9,   // canonically, in Unicode 9
  kNonStarter = 1 << 10,  // its canonical combining class in Unicode 9 is not 0
  kIdeograph = 1 << 11,   // what BERT puts spaces around: the CJK ideographs
};

// A map from code points to small values in two stages: equal blocks are kept once.
template <class Value>
class PointTable {
 public:
  static constexpr std::size_t kBlock = 128;
  static constexpr std::size_t kBlocks = 0x110000 / kBlock;

  Value operator[](char32_t c) const { return values_[std::size_t{blocks_[c / kBlock]} * kBlock + c % kBlock]; }
  // Two blocks of the same number hold the same.
  std::uint16_t block(std::size_t index) const { return blocks_[index]; }

  // Blocks are put in their order, all of them.
  void add(const std::array<Value, kBlock>& block) {
    for (std::size_t known = 0; known * kBlock < values_.size(); ++known) {
      if (std::equal(block.begin(), block.end(), values_.begin() + static_cast<std::ptrdiff_t>(known * kBlock))) {
        return add_known(static_cast<std::uint16_t>(known));
      }
    }
    blocks_.push_back(static_cast<std::uint16_t>(values_.size() / kBlock));
    values_.insert(values_.end(), block.begin(), block.end());
  }
  void add_known(std::uint16_t block) { blocks_.push_back(block); }

 private:
  std::vector<std::uint16_t> blocks_;
  std::vector<Value> values_;
};

// One for the process, made at the first use from what ICU has and never changed after; any thread.
class Characters {
 public:
  static const Characters& get();

  // ICU's data were found. Nothing else may be asked otherwise.
  bool usable() const { return usable_; }
  std::uint16_t operator[](char32_t c) const { return properties_[c]; }
  bool is(char32_t c, std::uint16_t any_of) const { return (properties_[c] & any_of) != 0; }
  std::uint16_t block(std::size_t index) const { return properties_.block(index); }

  // At most kMostLower code points; without regard to what stands around.
  static constexpr std::size_t kMostLower = 2;
  std::size_t lower(char32_t c, char32_t* out) const;
  // The full decomposition (Unicode 9), at most kMostDecomposed code points; `c` itself where there is none.
  static constexpr std::size_t kMostDecomposed = 18;
  std::size_t decompose(char32_t c, bool compatible, char32_t* out) const;
  // The primary composite of two, or 0 (Unicode 9).
  char32_t compose(char32_t first, char32_t second) const;
  std::uint8_t combining_class(char32_t c) const;
  // A number for its script (Unicode 9), kNoScript for what was not assigned then.
  static constexpr int kNoScript = -1;
  static int script(char32_t c);
  static const int kHan;
  static const int kHiragana;
  static const int kKatakana;

 private:
  Characters();
  PointTable<std::uint16_t> properties_;
  const void* canonical_ = nullptr;
  const void* compatible_ = nullptr;
  const void* composing_ = nullptr;
  bool usable_ = false;
};

}  // namespace gatehouse::ml::tokenizer
