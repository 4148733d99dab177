#include "gatehouse/crypto/sha1.h"

#include <cstdlib>

#include <openssl/evp.h>

namespace gatehouse::crypto {

std::array<std::uint8_t, 20> sha1(std::string_view text) {
  std::array<std::uint8_t, 20> digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1 || size != digest.size()) {
    std::abort();
  }
  return digest;
}

}  // namespace gatehouse::crypto
