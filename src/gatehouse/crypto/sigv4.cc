#include "gatehouse/crypto/sigv4.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include <openssl/evp.h>

#include "gatehouse/base/strings.h"
#include "gatehouse/crypto/encoding.h"

namespace gatehouse::crypto {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::size_t kDay = 8;  // digits of "20261121"

std::string_view view(const Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

std::string scope_of(std::string_view day, std::string_view region, std::string_view service) {
  std::string scope(day);
  scope.append("/").append(region).append("/").append(service).append("/aws4_request");
  return scope;
}

HmacSha256 derive(std::string_view secret, std::string_view day, std::string_view region, std::string_view service) {
  const base::Secret first(std::string("AWS4").append(secret));
  Digest key = HmacSha256(first.reveal())(day);
  key = HmacSha256(view(key))(region);
  key = HmacSha256(view(key))(service);
  key = HmacSha256(view(key))("aws4_request");
  return HmacSha256(view(key));
}

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || base::is_digit(c) || c == '-' || c == '.' || c == '_' ||
         c == '~';
}

void append_byte(std::string& out, char c) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out.push_back('%');
  out.push_back(kDigits[byte >> 4U]);
  out.push_back(kDigits[byte & 15U]);
}

// What is on the wire is encoded once already; the services but S3 hash it encoded again, its slashes kept.
void append_path(std::string& out, const SigV4Request& request) {
  if (request.path.empty()) {
    out.push_back('/');
    return;
  }
  if (!request.encode_path_twice) {
    out.append(request.path);
    return;
  }
  for (const char c : request.path) {
    if (is_unreserved(c) || c == '/') {
      out.push_back(c);
    } else {
      append_byte(out, c);
    }
  }
}

void append_query(std::string& out, std::string_view query) {
  if (query.empty()) return;
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  for (;;) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    pairs.emplace_back(pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())));
    if (end == query.size()) break;
    query.remove_prefix(end + 1);
  }
  std::sort(pairs.begin(), pairs.end());
  bool first = true;
  for (const auto& [name, value] : pairs) {
    if (!first) out.push_back('&');
    first = false;
    out.append(name).append("=").append(value);
  }
}

// Without spaces around it, and each run of them inside as one.
void append_value(std::string& out, std::string_view value) {
  value = base::trim(value);
  bool after_space = false;
  for (const char c : value) {
    const bool space = c == ' ' || c == '\t';
    if (!(space && after_space)) out.push_back(space ? ' ' : c);
    after_space = space;
  }
}

struct Fields {
  std::vector<std::pair<std::string, std::string_view>> sorted;
  std::string names;  // "content-type;host;x-amz-date"
};

Fields fields_of(const SigningKey& key, const SigV4Request& request, std::string_view time) {
  Fields fields;
  fields.sorted.reserve(request.fields.size() + 3);
  // Few, and lines of one name must keep their order.
  const auto add = [&fields](std::string name, std::string_view value) {
    const auto place = std::upper_bound(fields.sorted.begin(), fields.sorted.end(), name,
                                        [](const std::string& a, const auto& b) { return a < b.first; });
    fields.sorted.emplace(place, std::move(name), value);
  };
  for (const auto& field : request.fields) add(base::to_lower(field.name), field.value);
  add("x-amz-date", time);
  if (!key.session_token().empty()) add("x-amz-security-token", key.session_token());
  if (request.tell_content_sha256) add("x-amz-content-sha256", request.payload_hash);
  for (std::size_t i = 0; i < fields.sorted.size(); ++i) {
    if (i > 0 && fields.sorted[i].first == fields.sorted[i - 1].first) continue;
    if (i > 0) fields.names.push_back(';');
    fields.names.append(fields.sorted[i].first);
  }
  return fields;
}

std::string canonical(const Fields& fields, const SigV4Request& request) {
  std::string out;
  out.reserve(512 + request.path.size() + request.query.size());
  out.append(request.method).push_back('\n');
  append_path(out, request);
  out.push_back('\n');
  append_query(out, request.query);
  for (std::size_t i = 0; i < fields.sorted.size(); ++i) {
    // Lines of one name are one value.
    if (i > 0 && fields.sorted[i].first == fields.sorted[i - 1].first) {
      out.push_back(',');
    } else {
      out.append("\n").append(fields.sorted[i].first).push_back(':');
    }
    append_value(out, fields.sorted[i].second);
  }
  out.append("\n\n").append(fields.names).append("\n").append(request.payload_hash);
  return out;
}

}  // namespace

SigningKey::SigningKey(std::string_view access_key_id, std::string_view secret_access_key,
                       std::string_view session_token, std::string_view region, std::string_view service,
                       base::WallTime now)
    : access_key_id_(access_key_id),
      session_token_(std::string(session_token)),
      scope_(scope_of(sigv4_time(now).substr(0, kDay), region, service)),
      key_(derive(secret_access_key, std::string_view(scope_).substr(0, kDay), region, service)) {}

bool SigningKey::covers(base::WallTime now) const {
  return std::string_view(scope_).substr(0, kDay) == std::string_view(sigv4_time(now)).substr(0, kDay);
}

std::string payload_hash(std::span<const std::string_view> pieces) {
  if (pieces.size() == 1) return to_hex(sha256(pieces.front()));
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  bool good = context != nullptr && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  for (const auto& piece : pieces) good = good && EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1;
  Digest digest;
  unsigned size = 0;
  good = good && EVP_DigestFinal_ex(context.get(), digest.data(), &size) == 1 && size == digest.size();
  if (!good) throw std::runtime_error("SHA-256: refused");
  return to_hex(digest);
}

std::string sigv4_time(base::WallTime now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(seconds - day);
  std::string text = "00000000T000000Z";
  const auto put = [&text](std::size_t at, std::size_t digits, unsigned value) {
    for (std::size_t i = digits; i > 0; --i, value /= 10) text[at + i - 1] = static_cast<char>('0' + value % 10);
  };
  put(0, 4, static_cast<unsigned>(static_cast<int>(date.year())));
  put(4, 2, static_cast<unsigned>(date.month()));
  put(6, 2, static_cast<unsigned>(date.day()));
  put(9, 2, static_cast<unsigned>(time.hours().count()));
  put(11, 2, static_cast<unsigned>(time.minutes().count()));
  put(13, 2, static_cast<unsigned>(time.seconds().count()));
  return text;
}

std::string canonical_request(const SigningKey& key, const SigV4Request& request, std::string_view time) {
  return canonical(fields_of(key, request, time), request);
}

std::string authorization(SigningKey& key, const SigV4Request& request, std::string_view time) {
  const Fields fields = fields_of(key, request, time);
  std::string to_sign(kAlgorithm);
  to_sign.append("\n").append(time).append("\n").append(key.scope()).append("\n");
  to_sign.append(to_hex(sha256(canonical(fields, request))));
  std::string value(kAlgorithm);
  value.append(" Credential=").append(key.access_key_id()).append("/").append(key.scope());
  value.append(", SignedHeaders=").append(fields.names);
  value.append(", Signature=").append(to_hex(key.sign(to_sign)));
  return value;
}

void append_signature(std::string& out, SigningKey& key, const SigV4Request& request, base::WallTime now) {
  const auto line = [&out](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  const std::string time = sigv4_time(now);
  line("authorization", authorization(key, request, time));
  line("x-amz-date", time);
  if (!key.session_token().empty()) line("x-amz-security-token", key.session_token());
  if (request.tell_content_sha256) line("x-amz-content-sha256", request.payload_hash);
}

void append_uri_encoded(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (is_unreserved(c)) {
      out.push_back(c);
    } else {
      append_byte(out, c);
    }
  }
}

Result<std::string> bedrock_path(std::string_view model, std::string_view operation) {
  if (model.empty() || model == "." || model == ".." || model.size() > 2048) {
    return fail(Code::invalid_request, "This is no id of a model of Bedrock");
  }
  std::string path = "/model/";
  append_uri_encoded(path, model);
  path.append("/").append(operation);
  return path;
}

}  // namespace gatehouse::crypto
