#include "gatehouse/crypto/hkdf.h"

#include <stdexcept>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

namespace gatehouse::crypto {

void hkdf_sha256(std::string_view secret, std::string_view salt, std::string_view info, std::span<std::uint8_t> out) {
  EVP_KDF* kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  EVP_KDF_CTX* context = kdf == nullptr ? nullptr : EVP_KDF_CTX_new(kdf);
  EVP_KDF_free(kdf);  // the context holds its own reference
  char digest[] = "SHA256";
  // The parameters are read only, though their type does not say so; and a view of nothing may have no address.
  const auto octets = [](const char* name, std::string_view value) {
    static constexpr char kNothing[] = "";
    return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(value.empty() ? kNothing : value.data()),
                                             value.size());
  };
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                                   octets(OSSL_KDF_PARAM_KEY, secret), octets(OSSL_KDF_PARAM_SALT, salt),
                                   octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
  const bool done = context != nullptr && EVP_KDF_derive(context, out.data(), out.size(), parameters) == 1;
  EVP_KDF_CTX_free(context);
  if (!done) {
    ERR_clear_error();
    throw std::runtime_error("HKDF-SHA256 failed");
  }
}

}  // namespace gatehouse::crypto
