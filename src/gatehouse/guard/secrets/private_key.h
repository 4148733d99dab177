#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::guard {

// A private key in armour: from the mark at its front to the END line, or to the last line that still looks like one.
struct KeyBlock {
  enum class Outcome : std::uint8_t { no, yes, open };
  Outcome outcome = Outcome::no;
  std::size_t end = 0;
  std::string_view entity;  // static; by the label: RSA_PRIVATE_KEY

  // A block without END is read so far at most, bytes; RSA with 16,384 bits takes 13 KiB.
  static constexpr std::size_t kLongest = 20 * 1024;
};

// PEM and PGP (RFC 7468, RFC 1421, RFC 9580 section 6), also as a string literal with `\n` for line ends or one string
// a line. `begin`: where the five dashes of "-----BEGIN" stand.
KeyBlock parse_pem(std::string_view text, std::size_t begin, bool complete);
// PuTTY's .ppk, versions 2 and 3 (its manual, appendix C). `begin`: where "PuTTY-User-Key-File-" stands.
KeyBlock parse_putty(std::string_view text, std::size_t begin, bool complete);

}  // namespace gatehouse::guard
