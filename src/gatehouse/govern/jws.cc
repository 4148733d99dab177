#include "gatehouse/govern/jws.h"

#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/crypto/encoding.h"
#include "gatehouse/json/unique.h"
#include "gatehouse/json/value.h"

namespace gatehouse::govern {
namespace {

// The longest signature there is: RSA of the most bits that a key may have, in base64url.
constexpr std::size_t kMaxSignature = (crypto::PublicKey::kMaxRsaBits / 8 * 4 + 2) / 3;

std::unexpected<Error> refused(const char* why) { return fail(Code::unauthenticated, why); }

// Members that change what the rest means (RFC 7515 section 4.1.11, RFC 7797, RFC 7516 section 4.1.3).
bool changes_meaning(std::string_view name) { return name == "crit" || name == "b64" || name == "zip"; }

Result<> read_header(std::string_view header, Jws& out) {
  bool good = true;
  bool has_algorithm = false;
  const bool walked = json::walk_object(header, [&](const json::Member& member) {
    if (changes_meaning(member.key)) {
      good = false;
    } else if (member.key == "alg") {
      const auto text = json::read_string(member.value);
      const auto algorithm = text ? crypto::signature_algorithm_from_name(*text) : std::nullopt;
      has_algorithm = algorithm.has_value();
      if (algorithm) out.algorithm = *algorithm;
    } else if (member.key == "kid") {
      auto text = json::read_string(member.value);
      good = good && text && !text->empty() && text->size() <= kMaxKidSize;
      if (good) out.kid = *std::move(text);
    } else if (member.key == "typ") {
      const auto text = json::read_string(member.value);
      good = good && text && text->size() <= 64;
      if (good) out.type = base::to_lower(*text);
    }
  });
  if (!walked || !good) return refused("The token's header is not one that is accepted.");
  if (!has_algorithm) return refused("The token's algorithm is not one that is accepted.");
  static constexpr std::string_view kMedia = "application/";  // RFC 7515 section 4.1.9
  if (out.type.starts_with(kMedia)) out.type.erase(0, kMedia.size());
  return {};
}

}  // namespace

bool looks_like_jws(std::string_view credential) {
  // `eyJ` is the base64url of `{"`; with white space in between it is another, which nobody sends.
  if (!credential.starts_with("eyJ")) return false;
  const auto first = credential.find('.');
  return first != std::string_view::npos && credential.find('.', first + 1) != std::string_view::npos;
}

Result<Jws> parse_jws(std::string_view token) {
  if (token.size() > kMaxTokenSize) return refused("The token is too long.");
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return refused("The token has not three parts.");
  }
  const std::string_view header_part = token.substr(0, first);
  const std::string_view signature_part = token.substr(second + 1);
  if (header_part.size() > kMaxTokenHeaderSize * 4 / 3 || signature_part.size() > kMaxSignature) {
    return refused("A part of the token is too long.");
  }
  const auto header = crypto::from_base64url(header_part);
  auto payload = crypto::from_base64url(token.substr(first + 1, second - first - 1));
  auto signature = crypto::from_base64url(signature_part);
  if (!header || !payload || !signature) return refused("The token is not base64url.");
  if (signature->empty()) return refused("The token is not signed.");
  const json::UniqueLimits header_limits{.depth = 8, .members = 64};
  if (!json::require_unique_members(*header, header_limits) || !json::require_unique_members(*payload)) {
    return refused("The token's header or payload is not JSON that is accepted.");
  }
  Jws jws;
  if (auto read = read_header(*header, jws); !read) return std::unexpected(std::move(read.error()));
  if (!json::Value(*payload).is(json::Kind::object)) return refused("The token's payload is not a JSON object.");
  jws.payload = *std::move(payload);
  jws.signature = *std::move(signature);
  jws.signing_input = token.substr(0, second);
  return jws;
}

}  // namespace gatehouse::govern
