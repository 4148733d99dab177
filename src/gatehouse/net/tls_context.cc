#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <list>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "gatehouse/base/secret.h"
#include "gatehouse/net/tls.h"

namespace gatehouse::net {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Session = std::unique_ptr<SSL_SESSION, Freed<SSL_SESSION_free>>;
using ContextHandle = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;

constexpr std::size_t kMaxFile = 4U << 20;
constexpr std::time_t kSoon = 14L * 24 * 3600;
constexpr long kTicketSeconds = 3600;
// The protocols in a ClientHello are length-prefixed (RFC 7301 3.1).
constexpr std::string_view kHttp11 = "http/1.1";
constexpr std::array<unsigned char, 9> kHttp11Offer = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
// TLS 1.2 with forward secrecy and authenticated encryption only (RFC 9325 4.2).
constexpr const char* kServerCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr std::array<unsigned char, 9> kSessionIdContext = {'g', 'a', 't', 'e', 'h', 'o', 'u', 's', 'e'};

std::string openssl_reason() {
  const unsigned long error = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(error);
  ERR_clear_error();
  return reason != nullptr ? reason : "unknown reason";
}

struct FileDescriptor {
  explicit FileDescriptor(int f) : fd(f) {}
  ~FileDescriptor() {
    if (fd >= 0) ::close(fd);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int fd;
};

// A file and what it is for, as messages name it.
struct Named {
  std::string what;
  std::string path;
  Error error(const std::string& why) const { return Error(Code::configuration, what + " " + path + ": " + why); }
};

// The whole file at once, so that what is checked is what is used though somebody replaces it meanwhile.
Result<base::Secret> read_file(const Named& named) {
  const auto failed = [&](const std::string& why) { return std::unexpected(named.error(why)); };
  const FileDescriptor file(::open(named.path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd < 0) return failed(std::system_category().message(errno));
  struct stat info{};
  if (::fstat(file.fd, &info) != 0) return failed(std::system_category().message(errno));
  if (!S_ISREG(info.st_mode)) return failed("is not a regular file");
  if (static_cast<std::size_t>(info.st_size) > kMaxFile) return failed("is too large");
  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const ssize_t got = ::read(file.fd, text.data() + have, text.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(std::system_category().message(errno));
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  text.resize(have);
  return base::Secret(std::move(text));
}

Bio memory_bio(std::string_view text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

// Every certificate of a PEM file; at least one. Other PEM blocks are passed over, as OpenSSL does.
Result<std::vector<Certificate>> read_certificates(const Named& named) {
  auto text = read_file(named);
  if (!text) return std::unexpected(std::move(text.error()));
  const Bio bio = memory_bio(text->reveal());
  std::vector<Certificate> certificates;
  ERR_clear_error();
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    certificates.emplace_back(certificate);
  }
  const unsigned long error = ERR_peek_last_error();
  const bool at_end = ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  if (!at_end) {
    return std::unexpected(
        named.error("block " + std::to_string(certificates.size() + 1) + " cannot be read: " + openssl_reason()));
  }
  ERR_clear_error();
  if (certificates.empty()) return std::unexpected(named.error("holds no certificate in PEM form"));
  return certificates;
}

int no_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

Result<Key> read_key(const Named& named) {
  auto text = read_file(named);
  if (!text) return std::unexpected(std::move(text.error()));
  const Bio bio = memory_bio(text->reveal());
  bool asked = false;
  ERR_clear_error();
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, &asked));
  ERR_clear_error();
  if (key) return key;
  return std::unexpected(named.error(asked ? "is protected by a passphrase; a key without one is needed"
                                           : "holds no private key in PEM form"));
}

std::time_t seconds_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return ::timegm(&parts);
}

std::string day_of(std::time_t seconds) {
  std::tm parts{};
  std::array<char, 32> text{};
  ::gmtime_r(&seconds, &parts);
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts);
  return text.data();
}

int select_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned int size, void*) {
  // OpenSSL has checked that the list is well formed.
  for (unsigned int at = 0; at < size; at += 1U + offered[at]) {
    const std::string_view protocol(reinterpret_cast<const char*>(offered + at + 1), offered[at]);
    if (protocol != kHttp11) continue;
    *out = offered + at + 1;
    *out_size = offered[at];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

int protocol_number(TlsVersion version) { return version == TlsVersion::tls1_3 ? TLS1_3_VERSION : TLS1_2_VERSION; }

Result<void> trust_clients(SSL_CTX* context, const TlsServerOptions& options) {
  if (options.client_auth == TlsClientAuth::none) return {};
  if (options.client_ca_file.empty()) {
    return fail(Code::configuration, "TLS: client certificates are asked for, but no file names who may issue them");
  }
  const Named named{"client CA", options.client_ca_file};
  auto issuers = read_certificates(named);
  if (!issuers) return std::unexpected(std::move(issuers.error()));
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const auto& issuer : *issuers) {
    if (X509_STORE_add_cert(store, issuer.get()) != 1 || SSL_CTX_add_client_CA(context, issuer.get()) != 1) {
      return std::unexpected(named.error(openssl_reason()));
    }
  }
  const int need = options.client_auth == TlsClientAuth::required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | need, nullptr);
  return {};
}

}  // namespace

TlsServerContext::~TlsServerContext() { SSL_CTX_free(context_); }

Result<std::shared_ptr<const TlsServerContext>> TlsServerContext::load(const TlsServerOptions& options,
                                                                       base::WallTime now) {
  const Named cert_named{"certificate", options.cert_file};
  const Named key_named{"key", options.key_file};
  auto certificates = read_certificates(cert_named);
  if (!certificates) return std::unexpected(std::move(certificates.error()));
  auto key = read_key(key_named);
  if (!key) return std::unexpected(std::move(key.error()));
  X509* leaf = certificates->front().get();
  if (X509_check_private_key(leaf, key->get()) != 1) {
    ERR_clear_error();
    return std::unexpected(key_named.error("does not belong to the first certificate in " + options.cert_file));
  }

  ContextHandle context(SSL_CTX_new(TLS_server_method()));
  if (!context) return fail(Code::internal, "TLS: " + openssl_reason());
  SSL_CTX_set_min_proto_version(context.get(), protocol_number(options.min_version));
  SSL_CTX_set_cipher_list(context.get(), kServerCiphers);
  SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // Tickets only: nothing is kept here for a client, so the loops share no cache and no lock.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_timeout(context.get(), kTicketSeconds);
  SSL_CTX_set_session_id_context(context.get(), kSessionIdContext.data(), kSessionIdContext.size());
  SSL_CTX_set_alpn_select_cb(context.get(), select_protocol, nullptr);
  if (SSL_CTX_use_certificate(context.get(), leaf) != 1) {
    return std::unexpected(cert_named.error(openssl_reason()));
  }
  if (SSL_CTX_use_PrivateKey(context.get(), key->get()) != 1) {
    return std::unexpected(key_named.error(openssl_reason()));
  }
  for (std::size_t i = 1; i < certificates->size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context.get(), (*certificates)[i].get()) != 1) {
      return std::unexpected(cert_named.error("block " + std::to_string(i + 1) + ": " + openssl_reason()));
    }
  }
  if (auto trusted = trust_clients(context.get(), options); !trusted) {
    return std::unexpected(std::move(trusted.error()));
  }

  std::shared_ptr<TlsServerContext> made(new TlsServerContext(context.release()));
  const std::time_t today = base::WallTime::clock::to_time_t(now);
  const std::time_t begins = seconds_of(X509_get0_notBefore(leaf));
  const std::time_t ends = seconds_of(X509_get0_notAfter(leaf));
  made->expires_ = base::WallTime::clock::from_time_t(ends);
  if (today < begins) made->warnings_.push_back(cert_named.error("is not valid before " + day_of(begins)).detail);
  if (today > ends) {
    made->warnings_.push_back(cert_named.error("expired on " + day_of(ends)).detail);
  } else if (ends - today < kSoon) {
    made->warnings_.push_back(cert_named.error("expires soon, on " + day_of(ends)).detail);
  }
  return made;
}

struct TlsClientContext::Impl {
  struct Kept {
    std::string origin;
    std::vector<Session> sessions;  // newest last
  };

  explicit Impl(ContextHandle c, bool i) : context(std::move(c)), insecure(i) {}
  ~Impl() {
    // Streams that outlive this keep OpenSSL's context, whose callback then finds nobody.
    SSL_CTX_set_app_data(context.get(), nullptr);
  }

  ContextHandle context;
  bool insecure;
  std::list<Kept> by_use;  // the origin used last comes first
  std::unordered_map<std::string_view, std::list<Kept>::iterator> by_origin;
};

namespace {

// OpenSSL calls this on the thread that reads or does the handshake: the loop's.
int on_new_session(SSL* ssl, SSL_SESSION* session) {
  auto* context = static_cast<TlsClientContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  const auto* origin = static_cast<const std::string*>(SSL_get_app_data(ssl));
  if (context == nullptr || origin == nullptr) return 0;
  context->keep_session(*origin, session);
  return 1;
}

}  // namespace

TlsClientContext::TlsClientContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsClientContext::~TlsClientContext() = default;

Result<std::unique_ptr<TlsClientContext>> TlsClientContext::load(const TlsClientOptions& options) {
  ContextHandle handle(SSL_CTX_new(TLS_client_method()));
  if (!handle) return fail(Code::internal, "TLS: " + openssl_reason());
  SSL_CTX* context = handle.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_alpn_protos(context, kHttp11Offer.data(), kHttp11Offer.size());
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, on_new_session);
  SSL_CTX_set_verify(context, options.insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  if (!options.insecure && !options.ca_file.empty()) {
    const Named named{"CA", options.ca_file};
    auto issuers = read_certificates(named);
    if (!issuers) return std::unexpected(std::move(issuers.error()));
    for (const auto& issuer : *issuers) {
      if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), issuer.get()) != 1) {
        return std::unexpected(named.error(openssl_reason()));
      }
    }
  } else if (!options.insecure && SSL_CTX_set_default_verify_paths(context) != 1) {
    return fail(Code::configuration, "TLS: the system's certificates cannot be used: " + openssl_reason());
  }
  std::unique_ptr<TlsClientContext> made(
      new TlsClientContext(std::make_unique<Impl>(std::move(handle), options.insecure)));
  SSL_CTX_set_app_data(context, made.get());
  return made;
}

ssl_ctx_st* TlsClientContext::native() const { return impl_->context.get(); }
bool TlsClientContext::insecure() const { return impl_->insecure; }

ssl_session_st* TlsClientContext::take_session(std::string_view origin) {
  const auto found = impl_->by_origin.find(origin);
  if (found == impl_->by_origin.end()) return nullptr;
  impl_->by_use.splice(impl_->by_use.begin(), impl_->by_use, found->second);
  auto& sessions = found->second->sessions;
  while (!sessions.empty()) {
    SSL_SESSION* newest = sessions.back().get();
    if (SSL_SESSION_is_resumable(newest) == 0) {
      sessions.pop_back();
      continue;
    }
    if (SSL_SESSION_get_protocol_version(newest) < TLS1_3_VERSION) {
      SSL_SESSION_up_ref(newest);
      return newest;
    }
    SSL_SESSION* taken = sessions.back().release();
    sessions.pop_back();
    return taken;
  }
  return nullptr;
}

void TlsClientContext::keep_session(std::string_view origin, ssl_session_st* session) {
  Session kept(session);
  auto found = impl_->by_origin.find(origin);
  if (found == impl_->by_origin.end()) {
    if (impl_->by_use.size() >= kOrigins) {
      impl_->by_origin.erase(impl_->by_use.back().origin);
      impl_->by_use.pop_back();
    }
    impl_->by_use.push_front({std::string(origin), {}});
    found = impl_->by_origin.emplace(impl_->by_use.front().origin, impl_->by_use.begin()).first;
  } else {
    impl_->by_use.splice(impl_->by_use.begin(), impl_->by_use, found->second);
  }
  auto& sessions = found->second->sessions;
  if (sessions.size() >= kSessionsPerOrigin) sessions.erase(sessions.begin());
  sessions.push_back(std::move(kept));
}

}  // namespace gatehouse::net
