#include "gatehouse/govern/jwt.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "gatehouse/json/value.h"

namespace gatehouse::govern {
namespace {

constexpr std::size_t kMaxPathNames = 8;
constexpr double kLastSecond = 253'402'300'799;  // of the year 9999
constexpr std::chrono::seconds kMaxLeeway{300};
constexpr std::chrono::seconds kMaxLifetime = std::chrono::days(366);

constexpr std::array<std::string_view, kJwtFaultCount> kFaultNames{
    "malformed", "issuer",  "algorithm", "no_keys",  "unknown_key", "signature",     "type",
    "claims",    "expired", "not_yet",   "lifetime", "audience",    "unknown_caller"};

using Refused = std::unexpected<JwtRefusal>;

Refused refuse(JwtFault fault, const char* detail) {
  return Refused({.fault = fault, .error = Error(Code::unauthenticated, detail), .issuer = 0, .kid = {}});
}

// Said of everything that goes wrong before the signature is known to be good: who guesses learns nothing.
Refused refuse_unverified(JwtFault fault) { return refuse(fault, "The token is not valid."); }

bool good_value(std::string_view value) {
  return !value.empty() && value.size() <= kMaxClaimValue &&
         std::ranges::none_of(value, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

// The values of a claim that is a string or a list of strings. Nothing where it is neither.
std::optional<std::vector<std::string>> read_list(std::string_view raw) {
  const json::Value value(raw);
  std::vector<std::string> out;
  if (auto text = value.string()) {
    out.push_back(*std::move(text));
    return out;
  }
  if (!value.is(json::Kind::array) || value.size() > kMaxClaimValues) return std::nullopt;
  bool good = true;
  value.elements([&](json::Value element) {
    auto text = element.string();
    good = good && text;
    if (good) out.push_back(*std::move(text));
  });
  if (!good) return std::nullopt;
  return out;
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (end > 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

struct Mapped {
  bool good = true;
  std::vector<std::string> values;
};

// What a mapping makes of the claims. Not good: the token is refused.
Mapped map_single(const ClaimMapping& mapping, std::string_view payload) {
  const std::string_view raw = mapping.path.empty() ? std::string_view() : mapping.path.find(payload);
  if (raw.empty() || json::Value(raw).is_null()) {
    if (mapping.required) return {.good = false, .values = {}};
    if (mapping.otherwise.empty()) return {};
    return {.good = true, .values = {mapping.otherwise}};
  }
  const auto values = read_list(raw);
  if (!values || !std::ranges::all_of(*values, good_value)) return {.good = false, .values = {}};
  const auto found = std::ranges::find_if(*values, [&](const auto& value) { return mapping.allowed.admits(value); });
  if (found == values->end()) return {.good = values->empty() && !mapping.required, .values = {}};
  return {.good = true, .values = {*found}};
}

// Nothing: there is no claim and no value for that case.
std::optional<Mapped> map_list(const ClaimMapping& mapping, std::string_view payload) {
  const std::string_view raw = mapping.path.empty() ? std::string_view() : mapping.path.find(payload);
  std::optional<std::vector<std::string>> values;
  if (raw.empty() || json::Value(raw).is_null()) {
    if (mapping.required) return Mapped{.good = false, .values = {}};
    if (mapping.otherwise.empty()) return std::nullopt;
    values = words(mapping.otherwise);
  } else if (const auto text = json::read_string(raw)) {
    values = words(*text);
    if (values->size() > kMaxClaimValues) values.reset();
  } else {
    values = read_list(raw);
  }
  if (!values || !std::ranges::all_of(*values, good_value)) return Mapped{.good = false, .values = {}};
  std::erase_if(*values, [&](const auto& value) { return !mapping.allowed.admits(value); });
  return Mapped{.good = !mapping.required || !values->empty(), .values = *std::move(values)};
}

struct Times {
  bool good = true;
  std::optional<double> expires;
  std::optional<double> not_before;
  std::optional<double> issued;
};

Times read_times(const json::Value& payload) {
  Times times;
  const auto read = [&](std::string_view claim) -> std::optional<double> {
    const auto value = payload[claim];
    if (!value.exists()) return std::nullopt;
    const auto number = value.number();  // RFC 7519 section 2: NumericDate may have a fraction
    if (!number || !(*number >= 0 && *number <= kLastSecond)) times.good = false;
    return number;
  };
  times.expires = read("exp");
  times.not_before = read("nbf");
  times.issued = read("iat");
  return times;
}

std::optional<Refused> check_times(const JwtRule& rule, const Times& times, base::WallTime wall) {
  if (!times.good) return refuse(JwtFault::claims, "A time in the token is no number.");
  if (!times.expires) return refuse(JwtFault::claims, "The token does not say when it expires.");
  const double now = std::chrono::duration<double>(wall.time_since_epoch()).count();
  const auto leeway = static_cast<double>(rule.leeway.count());
  if (now >= *times.expires + leeway) return refuse(JwtFault::expired, "The token has expired.");
  if (times.not_before.value_or(0) > now + leeway || times.issued.value_or(0) > now + leeway) {
    return refuse(JwtFault::not_yet, "The token is not valid yet.");
  }
  const double lifetime = *times.expires - times.issued.value_or(now);
  if (lifetime > static_cast<double>(rule.max_lifetime.count())) {
    return refuse(JwtFault::lifetime, "The token lives longer than is accepted.");
  }
  return std::nullopt;
}

bool meets(const RequiredClaim& required, std::string_view payload) {
  const std::string_view raw = required.path.find(payload);
  if (raw.empty() || json::Value(raw).is_null()) return false;
  if (required.any_of.empty()) return true;
  std::vector<std::string> values;
  if (auto list = read_list(raw)) {
    values = *std::move(list);
  } else {
    values.emplace_back(json::Value(raw).raw());  // `true`, `7`: as written
  }
  return std::ranges::any_of(
      values, [&](const auto& value) { return std::ranges::find(required.any_of, value) != required.any_of.end(); });
}

}  // namespace

std::string_view name(JwtFault fault) { return kFaultNames.at(static_cast<std::size_t>(fault)); }

Result<ClaimPath> ClaimPath::parse(std::string_view text) {
  ClaimPath path;
  std::string name;
  const auto end_name = [&] {
    if (name.empty() || path.names_.size() == kMaxPathNames) return false;
    path.names_.push_back(std::exchange(name, {}));
    return true;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      if (++i == text.size() || (text[i] != '.' && text[i] != '\\')) {
        return fail(Code::configuration, "a claim's path has a backslash that is neither before a dot nor a backslash");
      }
      name += text[i];
    } else if (text[i] != '.') {
      name += text[i];
    } else if (!end_name()) {
      return fail(Code::configuration, "a claim's path has an empty name or more than 8 names");
    }
  }
  if (!end_name()) return fail(Code::configuration, "a claim's path has an empty name or more than 8 names");
  return path;
}

std::string_view ClaimPath::find(std::string_view object) const {
  json::Value value(object);
  for (const auto& name : names_) value = value[name];
  return names_.empty() ? std::string_view() : value.raw();
}

Result<> JwtRule::check() const {
  const auto wrong = [&](const char* why) {
    return fail(Code::configuration, "the rule for the issuer \"" + issuer + "\" " + why);
  };
  if (issuer.empty() || issuer.size() > 2048) return fail(Code::configuration, "a rule for tokens has no issuer");
  if (audiences.empty() || std::ranges::any_of(audiences, &std::string::empty)) return wrong("needs an audience");
  if (algorithms.empty()) return wrong("needs an algorithm");
  if (types.empty()) return wrong("needs a type");
  if (leeway < std::chrono::seconds(0) || leeway > kMaxLeeway) return wrong("has a leeway that is not 0 s to 300 s");
  if (max_lifetime < std::chrono::seconds(60) || max_lifetime > kMaxLifetime) {
    return wrong("has a max_lifetime that is not 1 minute to 366 days");
  }
  if (weight < 1 || weight > 1000) return wrong("has a weight that is not 1 to 1000");
  for (const auto& claim : required) {
    if (claim.path.empty()) return wrong("requires a claim without a name");
  }
  return {};
}

Result<JwtVerifier> JwtVerifier::make(std::vector<JwtRule> rules) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (auto good = rules[i].check(); !good) return std::unexpected(std::move(good.error()));
    for (std::size_t j = 0; j < i; ++j) {
      if (rules[j].issuer == rules[i].issuer) {
        return fail(Code::configuration, "two rules for the issuer \"" + rules[i].issuer + "\"");
      }
    }
  }
  JwtVerifier verifier;
  verifier.rules_ = std::move(rules);
  return verifier;
}

namespace {

std::expected<JwtCaller, JwtRefusal> make_caller(const JwtRule& rule, std::string_view payload, double expires,
                                                 NodeLookup lookup) {
  JwtCaller caller;
  caller.issuer = rule.issuer;
  Principal& principal = caller.principal;
  if (const auto subject = json::Value(payload)["sub"]; subject.exists()) {
    auto text = subject.string();
    if (!text || !good_value(*text))
      return refuse(JwtFault::claims, "The token's subject is not one that is accepted.");
    caller.subject = *std::move(text);
  }
  const std::pair<const ClaimMapping*, std::string*> singles[] = {{&rule.org, &principal.org},
                                                                  {&rule.unit, &principal.unit},
                                                                  {&rule.team, &principal.team},
                                                                  {&rule.project, &principal.project},
                                                                  {&rule.user, &principal.user}};
  for (const auto& [mapping, target] : singles) {
    Mapped mapped = map_single(*mapping, payload);
    if (!mapped.good) return refuse(JwtFault::claims, "A claim of the token is missing or not one that is accepted.");
    if (!mapped.values.empty()) *target = std::move(mapped.values.front());
  }
  const Mapped priority = map_single(rule.priority, payload);
  const auto asked =
      priority.values.empty() ? std::optional(Priority::normal) : priority_from_name(priority.values.front());
  if (!priority.good || !asked) return refuse(JwtFault::claims, "The token's priority is not one that is accepted.");
  principal.priority = std::max(*asked, rule.best_priority);  // the lower precedence of the two
  if (auto roles = map_list(rule.roles, payload)) {
    if (!roles->good) return refuse(JwtFault::claims, "The token's roles are not ones that are accepted.");
    caller.roles = std::move(roles->values);
  }
  if (const auto models = map_list(rule.models, payload)) {
    auto rules = models->good ? NameRules::parse(models->values) : fail(Code::unauthenticated);
    if (!rules) return refuse(JwtFault::claims, "The token's models are not ones that are accepted.");
    principal.models = *std::move(rules);
  }
  principal.key_name = rule.name;
  // Tokens come and go: usage is told apart by who shows them.
  principal.key_id = "jwt:" + caller.subject;
  principal.weight = rule.weight;
  principal.expires_at = base::WallTime(std::chrono::duration_cast<base::WallTime::duration>(
      std::chrono::seconds(static_cast<std::int64_t>(expires)) + rule.leeway));
  principal.node = lookup({.org = principal.org,
                           .unit = principal.unit,
                           .team = principal.team,
                           .project = principal.project,
                           .user = principal.user,
                           .subject = caller.subject});
  if (principal.node == nullptr && rule.node_required) {
    return refuse(JwtFault::unknown_caller, "The token is good, but nobody here is known by its claims.");
  }
  return caller;
}

}  // namespace

std::expected<JwtCaller, JwtRefusal> JwtVerifier::verify(std::string_view token, const IssuerKeys& keys,
                                                         NodeLookup lookup, base::WallTime now) const {
  const auto jws = parse_jws(token);
  if (!jws) return refuse_unverified(JwtFault::malformed);
  // Not believed yet: only tells whose rule the token must meet.
  const json::Value payload(jws->payload);
  const auto issuer = payload["iss"].string();
  const auto rule = issuer ? std::ranges::find(rules_, *issuer, &JwtRule::issuer) : rules_.end();
  const auto known = rule == rules_.end() ? std::nullopt : keys.find(*issuer);
  if (rule == rules_.end()) return refuse_unverified(JwtFault::issuer);
  if (std::ranges::find(rule->algorithms, jws->algorithm) == rule->algorithms.end()) {
    return refuse_unverified(JwtFault::algorithm);
  }
  if (!known || known->keys == nullptr) {
    return Refused({.fault = JwtFault::no_keys,
                    .error = Error(Code::overloaded, "Tokens of this issuer cannot be checked at the moment."),
                    .issuer = 0,
                    .kid = {}});
  }
  const crypto::PublicKey* const key = known->keys->find(jws->kid, jws->algorithm);
  if (key == nullptr) {
    auto refusal = refuse_unverified(JwtFault::unknown_key);
    refusal.error().issuer = known->id;
    refusal.error().kid = jws->kid;
    return refusal;
  }
  if (!jws->verify(*key)) return refuse_unverified(JwtFault::signature);

  if (std::ranges::find(rule->types, jws->type) == rule->types.end()) {
    return refuse(JwtFault::type, "The token is of another type than is accepted.");
  }
  const Times times = read_times(payload);
  if (auto wrong = check_times(*rule, times, now)) return *std::move(wrong);
  const auto audiences = read_list(payload["aud"].raw());
  if (!audiences || std::ranges::none_of(*audiences, [&](const auto& audience) {
        return std::ranges::find(rule->audiences, audience) != rule->audiences.end();
      })) {
    return refuse(JwtFault::audience, "The token is meant for another audience.");
  }
  for (const auto& required : rule->required) {
    if (!meets(required, jws->payload)) {
      return refuse(JwtFault::claims, "A claim of the token is missing or not one that is accepted.");
    }
  }
  return make_caller(*rule, jws->payload, *times.expires, lookup);
}

}  // namespace gatehouse::govern
