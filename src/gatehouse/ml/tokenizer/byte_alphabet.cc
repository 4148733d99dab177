#include "gatehouse/ml/tokenizer/byte_alphabet.h"

#include <array>

namespace gatehouse::ml::tokenizer {
namespace {

constexpr bool prints(unsigned byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

constexpr auto kAlphabet = [] {
  std::array<char16_t, 256> alphabet{};
  char16_t next = 0x100;
  for (unsigned byte = 0; byte < 256; ++byte) alphabet[byte] = prints(byte) ? static_cast<char16_t>(byte) : next++;
  return alphabet;
}();

}  // namespace

char32_t character_of(std::uint8_t byte) { return kAlphabet[byte]; }

void append_as_bytes(const Aligned& text, std::size_t begin, std::size_t end, Aligned& out) {
  for (std::size_t at = begin; at < end; ++at) {
    out.append(character_of(static_cast<std::uint8_t>(text.text()[at])), text.source(at));
  }
}

}  // namespace gatehouse::ml::tokenizer
