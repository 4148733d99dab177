#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace gatehouse::crypto {

// FF1, format-preserving encryption (NIST SP 800-38G revision 1) over AES-256: a permutation of the strings of one
// length over a small alphabet, chosen by key and tweak. OpenSSL has the cipher but not this mode.
//
// Below kLeastDomain strings the standard forbids it: it still is a permutation then, but whoever may ask for many
// of them can make a table. One thread at a time; the key need not outlive the constructor. Throws std::runtime_error
// if OpenSSL refuses.
class Ff1 {
 public:
  static constexpr std::size_t kKeySize = 32;
  static constexpr std::size_t kLeast = 2;  // numerals
  static constexpr std::size_t kMost = 64;  // our bound: the work grows with the square
  static constexpr unsigned kMostRadix = 256;
  static constexpr std::uint64_t kLeastDomain = 1'000'000;

  explicit Ff1(std::span<const std::uint8_t, kKeySize> key);
  Ff1(Ff1&&) noexcept;
  Ff1& operator=(Ff1&&) noexcept;
  ~Ff1();

  // In place; each numeral below `radix` (2 to kMostRadix), kLeast to kMost of them. What is out of these bounds is a
  // fault of ours and aborts.
  void encrypt(std::span<std::uint8_t> numerals, unsigned radix, std::string_view tweak);
  void decrypt(std::span<std::uint8_t> numerals, unsigned radix, std::string_view tweak);

 private:
  struct State;
  void run(std::span<std::uint8_t> numerals, unsigned radix, std::string_view tweak, bool forward);
  std::unique_ptr<State> state_;
};

}  // namespace gatehouse::crypto
