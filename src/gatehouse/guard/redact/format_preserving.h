#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/crypto/ff1.h"

namespace gatehouse::guard {

// Whether a value of an entity passes that entity's check (of digits, of form): what a detector would find again.
using ValidCheck = bool (*)(std::string_view entity, std::string_view value);

// Another value of the same form: digits for digits, letters for letters of the same case, separators kept; the same
// for every spelling of a value. Digits and letters are each encrypted by FF1 (NIST SP 800-38G) under the key with the
// entity and the other part as tweak, so different values of one form stay different. Less than a million possible
// values is below the standard's bound: whoever sees many pairs can guess the rest. More than 64 characters are
// encrypted in pieces; characters outside of ASCII become letters, signs that are no separators become `-`.
//
// Check digits are made wrong on purpose: the result must not be somebody's, and is not found again when a client
// sends it back. For cards, IMEI and Canadian SIN (Luhn) and IBAN (ISO 7064 mod 97-10) by construction, so that values
// stay different; for others, where `valid` says that the result passes, by turning the last digit. (For numbers that
// pass checks there is the style `surrogate`.)
//
// One thread's. The key need not outlive the constructor.
class FormatPreserver {
 public:
  explicit FormatPreserver(std::span<const std::uint8_t, crypto::Ff1::kKeySize> key, ValidCheck valid = nullptr)
      : ff1_(key), valid_(valid) {}

  // At most kMost bytes; of a longer value the rest is `*`.
  std::string replace(std::string_view entity, std::string_view value);

  static constexpr std::size_t kMost = 16UL << 10;

 private:
  void encrypt(std::span<std::uint8_t> numerals, unsigned radix, std::string_view tweak);

  crypto::Ff1 ff1_;
  ValidCheck valid_;
};

}  // namespace gatehouse::guard
