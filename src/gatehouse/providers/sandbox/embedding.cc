#include "gatehouse/providers/sandbox/embedding.h"

#include <bit>
#include <cmath>
#include <cstdint>

#include "gatehouse/base/strings.h"
#include "gatehouse/providers/sandbox/hash.h"

namespace gatehouse::providers::sandbox {
namespace {

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<signed char>(c) < 0;
}

void add(std::vector<float>& vector, std::string_view gram, std::uint64_t seed, float weight) {
  const std::uint64_t value = hash(gram, seed);
  vector[value % vector.size()] += (value >> 63) != 0 ? weight : -weight;
}

}  // namespace

std::vector<float> embed(std::string_view text, std::size_t dimensions) {
  std::vector<float> vector(dimensions, 0.0F);
  const std::string lower = base::to_lower(text);
  std::size_t at = 0;
  while (at < lower.size()) {
    if (!is_word_byte(lower[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < lower.size() && is_word_byte(lower[end])) ++end;
    const std::string_view word = std::string_view(lower).substr(at, end - at);
    add(vector, word, 1, 1.0F);
    for (std::size_t i = 0; i + 3 <= word.size(); ++i) add(vector, word.substr(i, 3), 2, 0.5F);
    at = end;
  }
  double square = 0;
  for (const float x : vector) square += static_cast<double>(x) * x;
  if (square == 0) {
    // No words, or all of them cancelled out.
    vector[hash(text, 3) % dimensions] = 1.0F;
    return vector;
  }
  const double norm = std::sqrt(square);
  for (float& x : vector) x = static_cast<float>(x / norm);
  return vector;
}

std::string base64_of(const std::vector<float>& vector) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  bytes.reserve(vector.size() * 4);
  for (const float x : vector) {
    const auto bits = std::bit_cast<std::uint32_t>(x);
    for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<char>(bits >> shift & 0xFF));
  }
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      three = three << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      out.push_back(i + j <= bytes.size() ? kAlphabet[three >> (18 - 6 * j) & 63] : '=');
    }
  }
  return out;
}

}  // namespace gatehouse::providers::sandbox
