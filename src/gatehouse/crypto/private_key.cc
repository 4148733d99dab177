#include "gatehouse/crypto/private_key.h"

#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "gatehouse/crypto/public_key.h"

namespace gatehouse::crypto {
namespace {

constexpr std::size_t kMostPem = 32 * 1024;

// OpenSSL's reasons stay out of the answer; its queue must not be left for whoever looks at it next.
struct ClearErrors {
  ClearErrors() = default;
  ClearErrors(const ClearErrors&) = delete;
  ClearErrors& operator=(const ClearErrors&) = delete;
  ~ClearErrors() { ERR_clear_error(); }
};

// Instead of asking at the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

}  // namespace

Result<PrivateKey> PrivateKey::rsa_from_pem(std::string_view pem) {
  const ClearErrors at_end;
  if (pem.size() > kMostPem) return fail(Code::configuration, "the private key is too large");
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                             BIO_free_all);
  if (!memory) return fail(Code::internal, "no memory for a key");
  std::shared_ptr<EVP_PKEY> key(PEM_read_bio_PrivateKey(memory.get(), nullptr, no_passphrase, nullptr), EVP_PKEY_free);
  if (!key) return fail(Code::configuration, "the private key is no PEM key without a passphrase");
  if (EVP_PKEY_is_a(key.get(), "RSA") != 1) return fail(Code::configuration, "the private key is not an RSA key");
  const int bits = EVP_PKEY_get_bits(key.get());
  if (bits < static_cast<int>(PublicKey::kMinRsaBits) || bits > static_cast<int>(PublicKey::kMaxRsaBits)) {
    return fail(Code::configuration, "the private key has not 2048 to 8192 bits");
  }
  return PrivateKey(std::move(key));
}

Result<std::string> PrivateKey::sign_rs256(std::string_view message) const {
  const ClearErrors at_end;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const auto* data = reinterpret_cast<const unsigned char*>(message.data());
  std::size_t length = 0;
  if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &length, data, message.size()) != 1) {
    return fail(Code::internal, "a signature could not be made");
  }
  std::string signature(length, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length, data,
                     message.size()) != 1) {
    return fail(Code::internal, "a signature could not be made");
  }
  signature.resize(length);
  return signature;
}

}  // namespace gatehouse::crypto
