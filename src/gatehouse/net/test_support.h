#pragma once

#include <netinet/in.h>
#include <stdlib.h>

#include <array>
#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "gatehouse/async/event.h"
#include "gatehouse/async/task_scope.h"
#include "gatehouse/net/tcp.h"

// For this room's tests: a loop for one coroutine, connected pairs, and certificates.
namespace gatehouse::net::testing {

// Runs one coroutine to its end on a loop of its own.
template <class F>
void run(F f) {
  async::Loop loop;
  std::exception_ptr failed;
  async::start(loop, f(loop), [&](std::exception_ptr error) {
    failed = std::move(error);
    loop.release();
  });
  loop.run();
  if (failed) std::rethrow_exception(failed);
}

inline void rethrow(const std::exception_ptr& error) { std::rethrow_exception(error); }

struct TcpPair {
  std::unique_ptr<TcpStream> client;
  std::unique_ptr<TcpStream> server;
};

inline Task<TcpPair> tcp_pair(async::Loop& loop) {
  auto listener = Listener::bind(loop, *Endpoint::parse("127.0.0.1:0"), 16);
  auto client = co_await tcp_connect(loop, (*listener)->local(), std::chrono::seconds(5), nullptr);
  auto server = co_await (*listener)->accept();
  co_return TcpPair{std::move(client.value()), std::move(server.value())};
}

inline Task<Result<void>> write(Stream& stream, std::string_view bytes) {
  std::array<std::string_view, 1> pieces = {bytes};
  auto e = write_all(stream, pieces);
  if (e.ready()) co_return e.take();
  co_return co_await e.task();
}

// Counts the calls that say that the peer has left, and can be waited for.
struct Gone final : CloseWatcher {
  explicit Gone(async::Loop& loop) : event(loop) {}
  void on_peer_closed() override {
    ++calls;
    event.set();
  }
  async::Event event;
  int calls = 0;
};

// Reads exactly `size` bytes; fewer when the stream ends before.
inline Task<Result<std::string>> read(Stream& stream, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    auto got = co_await stream.read_some(bytes.data() + have, size - have);
    if (!got) co_return std::unexpected(std::move(got.error()));
    if (*got == 0) break;
    have += *got;
  }
  bytes.resize(have);
  co_return bytes;
}

class TempDir {
 public:
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-net-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = pattern;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::string file(const std::string& name) const { return path_ / name; }
  std::string write(const std::string& name, std::string_view text) const {
    std::ofstream(file(name), std::ios::binary) << text;
    return file(name);
  }

 private:
  std::filesystem::path path_;
};

struct Issued {
  std::string cert_file;
  std::string key_file;
};

struct Subject {
  std::string name;
  std::string alternatives;  // "DNS:localhost,IP:127.0.0.1"; empty: none
  long begins_in = -3600;    // seconds from now
  long ends_in = 90L * 24 * 3600;
};

// A certificate authority in a directory.
class Authority {
 public:
  Authority(const TempDir& dir, const std::string& name) : dir_(dir), name_(name), key_(EVP_EC_gen("P-256")) {
    certificate_ = make({.name = name, .alternatives = ""}, key_, nullptr);
    save(file(), certificate_);
  }
  ~Authority() {
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  std::string file() const { return dir_.file(name_ + ".pem"); }

  Issued issue(const Subject& subject) const {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = make(subject, key, certificate_);
    Issued issued{dir_.file(subject.name + ".pem"), dir_.file(subject.name + ".key")};
    save(issued.cert_file, certificate);
    BIO* bio = BIO_new_file(issued.key_file.c_str(), "w");
    PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    BIO_free(bio);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return issued;
  }

 private:
  static void save(const std::string& path, X509* certificate) {
    BIO* bio = BIO_new_file(path.c_str(), "w");
    PEM_write_bio_X509(bio, certificate);
    BIO_free(bio);
  }

  static void extend(X509* certificate, X509* issuer, int what, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, what, value);
    if (extension == nullptr) throw std::runtime_error("certificate extension");
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }

  // Signed by `issuer` with this authority's key, or by itself.
  X509* make(const Subject& subject, EVP_PKEY* key, X509* issuer) const {
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate),
                     static_cast<long>(std::hash<std::string>()(subject.name) >> 33));
    X509_gmtime_adj(X509_getm_notBefore(certificate), subject.begins_in);
    X509_gmtime_adj(X509_getm_notAfter(certificate), subject.ends_in);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(subject.name.c_str()), -1, -1, 0);
    X509* by = issuer == nullptr ? certificate : issuer;
    X509_set_issuer_name(certificate, X509_get_subject_name(by));
    X509_set_pubkey(certificate, key);
    extend(certificate, by, NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "critical,CA:FALSE");
    extend(certificate, by, NID_subject_key_identifier, "hash");
    if (!subject.alternatives.empty()) extend(certificate, by, NID_subject_alt_name, subject.alternatives.c_str());
    X509_sign(certificate, key_, EVP_sha256());
    return certificate;
  }

  const TempDir& dir_;
  std::string name_;
  EVP_PKEY* key_;
  X509* certificate_ = nullptr;
};

}  // namespace gatehouse::net::testing
