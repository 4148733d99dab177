#include "gatehouse/guard/leakage/words.h"

#include <array>

#include "gatehouse/text/utf8.h"

namespace gatehouse::guard {
namespace {

// The lower-case letter or digit that an ASCII byte is; 0: none.
constexpr auto kAscii = [] {
  std::array<unsigned char, 128> map{};
  for (int c = '0'; c <= '9'; ++c) map[static_cast<std::size_t>(c)] = static_cast<unsigned char>(c);
  for (int c = 'a'; c <= 'z'; ++c) map[static_cast<std::size_t>(c)] = static_cast<unsigned char>(c);
  for (int c = 'A'; c <= 'Z'; ++c) map[static_cast<std::size_t>(c)] = static_cast<unsigned char>(c + ('a' - 'A'));
  return map;
}();

enum class Class : std::uint8_t { between, letter, alone, unseen };
struct Range {
  char32_t first;
  char32_t last;
  Class is;
};
// Ascending; letters where nothing is said.
constexpr Range kRanges[] = {
    {0x80, 0xA9, Class::between},     {0xAB, 0xAC, Class::between},     {0xAD, 0xAD, Class::unseen},
    {0xAE, 0xB4, Class::between},     {0xB6, 0xB9, Class::between},     {0xBB, 0xBF, Class::between},
    {0xD7, 0xD7, Class::between},     {0xF7, 0xF7, Class::between},     {0x60C, 0x60D, Class::between},
    {0x61B, 0x61F, Class::between},   {0x964, 0x965, Class::between},   {0xE00, 0xEFF, Class::alone},
    {0x1000, 0x109F, Class::alone},   {0x1780, 0x17FF, Class::alone},   {0x180E, 0x180E, Class::unseen},
    {0x2000, 0x200A, Class::between}, {0x200B, 0x200F, Class::unseen},  {0x2010, 0x2029, Class::between},
    {0x202A, 0x202E, Class::unseen},  {0x202F, 0x205F, Class::between}, {0x2060, 0x206F, Class::unseen},
    {0x20A0, 0x20CF, Class::between}, {0x2190, 0x2BFF, Class::between}, {0x2E00, 0x2E7F, Class::between},
    {0x2E80, 0x2FFF, Class::alone},   {0x3000, 0x303F, Class::between}, {0x3040, 0xA4CF, Class::alone},
    {0xF900, 0xFAFF, Class::alone},   {0xFE00, 0xFE0F, Class::unseen},  {0xFE10, 0xFE6F, Class::between},
    {0xFEFF, 0xFEFF, Class::unseen},  {0xFF00, 0xFF0F, Class::between}, {0xFF1A, 0xFF20, Class::between},
    {0xFF3B, 0xFF40, Class::between}, {0xFF5B, 0xFF65, Class::between}, {0x1F000, 0x1FAFF, Class::between},
    {0x20000, 0x3FFFF, Class::alone}, {0xE0000, 0xE0FFF, Class::unseen}};

Class class_of(char32_t code) {
  for (const Range& range : kRanges) {
    if (code < range.first) return Class::letter;
    if (code <= range.last) return range.is;
  }
  return Class::letter;
}

char32_t lower(char32_t code) {
  if (code >= 0xC0 && code <= 0xDE && code != 0xD7) return code + 0x20;
  if (code >= 0x391 && code <= 0x3A9) return code + 0x20;
  if (code >= 0x410 && code <= 0x42F) return code + 0x20;
  if (code >= 0x400 && code <= 0x40F) return code + 0x50;
  if (code >= 0xFF21 && code <= 0xFF3A) return code - 0xFF21 + 'a';
  return code;
}

constexpr std::uint32_t kSeed = 0x9E3779B9;
std::uint32_t mix(std::uint32_t hash, std::uint32_t unit) { return (hash ^ unit) * 0x01000193U + (hash >> 15); }

}  // namespace

bool WordReader::next(Word& word) {
  std::uint32_t hash = kSeed;
  std::size_t begin = std::string_view::npos;
  const auto finish = [&](std::size_t end) {
    const bool longer = end - begin > kLongestWord;
    word = {.hash = longer      ? 0
                    : hash == 0 ? 1
                                : hash,
            .begin = static_cast<std::uint32_t>(begin),
            .end = static_cast<std::uint32_t>(end)};
  };
  while (at_ < text_.size()) {
    const auto byte = static_cast<unsigned char>(text_[at_]);
    if (byte < 0x80) {
      const unsigned char folded = kAscii[byte];
      if (folded != 0) {
        if (begin == std::string_view::npos) begin = at_;
        hash = mix(hash, folded);
        ++at_;
        continue;
      }
      if (begin != std::string_view::npos) {
        finish(at_++);
        return true;
      }
      ++at_;
      continue;
    }
    const text::Sequence sequence = text::next_sequence(text_.substr(at_));
    if (sequence.incomplete) {  // may become a letter
      if (begin == std::string_view::npos) begin = at_;
      at_ = text_.size();
      break;
    }
    switch (sequence.valid ? class_of(sequence.code_point) : Class::between) {
      case Class::unseen:
        at_ += sequence.size;
        break;
      case Class::letter:
        if (begin == std::string_view::npos) begin = at_;
        hash = mix(hash, static_cast<std::uint32_t>(lower(sequence.code_point)));
        at_ += sequence.size;
        break;
      case Class::alone:
        if (begin != std::string_view::npos) {
          finish(at_);
          return true;
        }
        begin = at_;
        hash = mix(hash, static_cast<std::uint32_t>(sequence.code_point));
        at_ += sequence.size;
        finish(at_);
        word.weight = 1;
        return true;
      case Class::between: {
        const std::size_t end = at_;
        at_ += sequence.size;
        if (begin != std::string_view::npos) {
          finish(end);
          return true;
        }
        break;
      }
    }
  }
  if (begin == std::string_view::npos) return false;
  open_ = true;
  finish(at_);
  return true;
}

}  // namespace gatehouse::guard
