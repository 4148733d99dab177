#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/function_ref.h"
#include "gatehouse/crypto/public_key.h"
#include "gatehouse/govern/jwks_cache.h"
#include "gatehouse/govern/jws.h"
#include "gatehouse/govern/name_rules.h"
#include "gatehouse/govern/principal.h"

// Callers who show a signed token of an issuer that the operator trusts, instead of a key of ours (RFC 7519; the rules
// of RFC 8725 and RFC 9068 section 4). Pure: time, keys and the identity tree are passed in.
namespace gatehouse::govern {

// Where a claim stands: names divided by dots ("realm_access.roles"); a dot that belongs to a name has a backslash
// before it ("https://example\.com/roles").
class ClaimPath {
 public:
  ClaimPath() = default;
  // Code::configuration: an empty name, a lone backslash, more than 8 names.
  static Result<ClaimPath> parse(std::string_view text);
  bool empty() const { return names_.empty(); }
  // The raw value in an object that has been checked; empty if there is none.
  std::string_view find(std::string_view object) const;

 private:
  std::vector<std::string> names_;
};

// How one property of the principal comes out of the claims. A value is a string of 1 to kMaxClaimValue bytes without
// control characters; of a list the first value that `allowed` admits counts.
struct ClaimMapping {
  ClaimPath path;         // empty: the property is `otherwise`
  NameRules allowed;      // names and prefixes that an issuer may give; a value outside is refused, not ignored
  std::string otherwise;  // where the claim is missing
  bool required = false;  // a token without it is refused
};
inline constexpr std::size_t kMaxClaimValue = 256;
inline constexpr std::size_t kMaxClaimValues = 64;  // of a list; a longer one is refused

struct RequiredClaim {
  ClaimPath path;
  std::vector<std::string> any_of;  // the claim, or one of its list, is one of these; empty: it only must be there
};

// What is believed of one issuer.
struct JwtRule {
  std::string name;                                        // the operator's, for records (Principal::key_name)
  std::string issuer;                                      // `iss`, byte for byte
  std::vector<std::string> audiences;                      // `aud` must name one of them; never empty
  std::vector<crypto::SignatureAlgorithm> algorithms;      // never empty
  std::vector<std::string> types = {"", "jwt", "at+jwt"};  // of `typ`, lower case; "": none given
  std::vector<RequiredClaim> required;
  std::chrono::seconds leeway{30};            // for clocks that differ, on exp, nbf and iat; 0 to 300
  std::chrono::seconds max_lifetime{86'400};  // exp - iat (without iat: exp - now) at most
  ClaimMapping org, unit, team, project, user, priority;
  ClaimMapping roles;                         // a list; those that `allowed` does not admit are left out
  ClaimMapping models;                        // a list of patterns; a missing claim without `otherwise`: all models
  Priority best_priority = Priority::normal;  // a token asks for no better than this
  std::uint32_t weight = 1;
  // A caller without a place in the tree has no limits, so one that the look-up does not find is refused.
  bool node_required = true;

  // Code::configuration: what is empty and must not be, or out of range.
  Result<> check() const;
};

// The names that a token gave, for finding a place in the tree.
struct CallerNames {
  std::string_view org, unit, team, project, user, subject;
};
// Null: nobody of these names. Must be safe on the calling thread; the node outlives the principal (see node.h).
using NodeLookup = base::FunctionRef<const Node*(const CallerNames&)>;

// Who a token stands for; owned, immutable. `principal.expires_at` is the token's exp with the leeway.
struct JwtCaller {
  Principal principal;
  std::string subject;
  std::string issuer;
  std::vector<std::string> roles;
};

// Why a token was refused; for counting and for what must follow.
enum class JwtFault : std::uint8_t {
  malformed,    // no JWS as parse_jws wants it
  issuer,       // nobody we know
  algorithm,    // not one of the rule's
  no_keys,      // the issuer's keys have not been fetched (yet): answer 503, not 401
  unknown_key,  // tell the keeper: keys may have been rotated (UnknownKids::note)
  signature,
  type,
  claims,  // not an object, a claim of the wrong form, a required one missing or not admitted
  expired,
  not_yet,   // nbf or iat lies ahead
  lifetime,  // lives longer than the rule lets it
  audience,
  unknown_caller,  // no place in the tree
};
inline constexpr std::size_t kJwtFaultCount = 13;
std::string_view name(JwtFault fault);

struct JwtRefusal {
  JwtFault fault{};
  Error error;  // unauthenticated, or overloaded for no_keys; before the signature is known to be good, without any
                // reason
  std::uint32_t issuer = 0;  // with unknown_key: what UnknownKids::note wants
  std::string kid;
};

// The rules of a configuration. Immutable, any thread.
class JwtVerifier {
 public:
  JwtVerifier() = default;
  // Code::configuration: a rule that `check` refuses, an issuer twice.
  static Result<JwtVerifier> make(std::vector<JwtRule> rules);

  bool empty() const { return rules_.empty(); }
  // From a token to who shows it. `keys` as JwksCache published them. One signature is verified at the most.
  std::expected<JwtCaller, JwtRefusal> verify(std::string_view token, const IssuerKeys& keys, NodeLookup lookup,
                                              base::WallTime now) const;

 private:
  std::vector<JwtRule> rules_;
};

}  // namespace gatehouse::govern
