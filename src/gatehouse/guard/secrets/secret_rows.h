#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace gatehouse::guard {

// What more must be right about a value of the form.
enum class SecretCheck : std::uint8_t {
  none,
  base62_crc,   // the last six digits; where they are wrong the score is lower
  virtual_key,  // ours: crypto/virtual_key.h; else it is none
  admin_key,
  jwt,  // the first part is a JSON object with "alg"
};

// A secret that tells by its form what it is. The forms are those that the vendors document (their pages on
// authentication and token formats) or, where they document none, those of the tokens they issue; see SecretForm.
struct SecretRow {
  std::string_view entity;
  std::string_view vendor;
  std::string_view group;
  std::string_view description;
  std::string_view form;
  float entropy = 3;  // of what follows the prefix, bits a character, at least
  SecretCheck check = SecretCheck::none;
  float score = 0.9F;
};

// A secret that only its surroundings give away: the value of an assignment whose name, or what stands up to
// kSecretContext bytes before the value, has one of the words. Words are lower case, separated by a blank.
struct SecretContextRow {
  std::string_view entity;
  std::string_view vendor;
  std::string_view group;
  std::string_view description;
  std::string_view words;
  std::string_view form;
  float entropy = 3;
};

// How far in front of a value its surroundings are looked at, bytes.
inline constexpr std::size_t kSecretContext = 160;

std::span<const SecretRow> cloud_secret_rows();
std::span<const SecretRow> developer_secret_rows();  // version control, registries, builds
std::span<const SecretRow> business_secret_rows();   // payment, chat, mail
std::span<const SecretRow> ai_secret_rows();
std::span<const SecretRow> service_secret_rows();  // everything else that is rented
std::span<const SecretContextRow> secret_context_rows();

}  // namespace gatehouse::guard
