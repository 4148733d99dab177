#include "gatehouse/guard/secrets/generic_value.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "gatehouse/base/strings.h"
#include "gatehouse/guard/secrets/secret_rows.h"
#include "gatehouse/guard/secrets/secret_value.h"

namespace gatehouse::guard {
namespace {

bool is_letter(char c) { return base::lower(c) >= 'a' && base::lower(c) <= 'z'; }

bool contains_any(std::string_view lower, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return lower.contains(word); });
}

// The last word of user_name, user-name, userName.
std::string last_word(std::string_view name) {
  std::size_t at = name.size();
  while (at > 0) {
    const char c = name[at - 1];
    if (!is_letter(c)) break;
    --at;
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && at > 0 && name[at - 1] >= 'a' && name[at - 1] <= 'z') break;
  }
  return base::to_lower(name.substr(at));
}

// Names about a secret that hold none.
bool is_about(std::string_view name, std::string_view lower) {
  static constexpr std::array<std::string_view, 60> kLast = {
      "id",       "ids",     "name",       "names",    "type",        "url",    "uri",    "path",      "file",
      "count",    "counts",  "length",     "len",      "size",        "field",  "label",  "hash",      "endpoint",
      "expiry",   "expires", "expiration", "at",       "class",       "format", "prefix", "suffix",    "placeholder",
      "hint",     "limit",   "limits",     "index",    "version",     "arn",    "ref",    "column",    "policy",
      "usage",    "budget",  "price",      "cost",     "rate",        "reset",  "error",  "message",   "title",
      "text",     "help",    "regex",      "pattern",  "rules",       "min",    "max",    "algorithm", "enabled",
      "required", "ttl",     "digest",     "checksum", "fingerprint", "md5"};
  static constexpr std::array<std::string_view, 23> kPart = {
      "public",    "primary_key", "primarykey", "foreign",   "tokeniz",      "max_token",   "maxtoken",  "next_token",
      "nexttoken", "page_token",  "pagetoken",  "pageto",    "continuation", "csrf",        "xsrf",      "nonce",
      "cache_key", "cachekey",    "sort_key",   "partition", "etag",         "idempotency", "object_key"};
  const std::string last = last_word(name);
  return std::ranges::find(kLast, last) != kLast.end() || contains_any(lower, kPart);
}

// `key` that is the end of another word: monkey, hotkey.
bool is_other_key(std::string_view name, std::string_view lower) {
  static constexpr std::array<std::string_view, 14> kBefore = {"api",    "access", "secret", "private", "auth",
                                                               "crypt",  "ion",    "master", "account", "sign",
                                                               "shared", "licens", "app",    "ce"};
  const std::size_t key = lower.rfind("key");
  if (key == std::string_view::npos || key == 0 || !is_letter(name[key - 1]) || name[key] == 'K') return false;
  const std::string_view before = lower.substr(0, key);
  return std::ranges::none_of(kBefore, [&](std::string_view word) { return before.ends_with(word); });
}

bool is_path(std::string_view value) {
  return value.starts_with("/") || value.starts_with("./") || value.starts_with("../") || value.starts_with("~") ||
         value.starts_with("\\") || value.contains(":\\") || value.contains("://") || value.starts_with("@/");
}

bool in_connection_string(std::string_view text, std::size_t begin) {
  static constexpr std::array<std::string_view, 8> kOthers = {
      "data source=", "server=", "jdbc:", "user id=", "uid=", "driver=", "initial catalog=", "host="};
  const std::size_t from = begin > kSecretContext ? begin - kSecretContext : 0;
  const std::string before = base::to_lower(text.substr(from, begin - from));
  return contains_any(before, kOthers);
}

GenericValue judge_password(std::string_view text, const Assignment& a, std::string_view value) {
  static constexpr std::string_view kSpecial = "!@#$%^&*?~+=";
  std::size_t digits = 0;
  std::size_t letters = 0;
  std::size_t special = 0;
  for (const char c : value) {
    digits += base::is_digit(c);
    letters += is_letter(c) || static_cast<unsigned char>(c) >= 0x80;
    special += kSpecial.contains(c);
  }
  const bool database = in_connection_string(text, a.begin);
  if (value.size() < (database ? 4U : 6U) || value.size() > 128 || is_placeholder(value) || is_path(value)) return {};
  if (digits + special == 0) return {};
  if (letters == 0 && digits < 6) return {};
  // user.password2, other_password: code.
  const bool joined = value.contains('.') || value.contains('_') || value.contains('/');
  if (!a.quoted && joined && special == 0 && is_name_like(value)) return {};
  static constexpr std::array<std::string_view, 5> kWords = {"password", "passwd", "secret", "token", "pass"};
  const std::string lower = base::to_lower(value);
  for (const std::string_view word : kWords) {
    if (lower.starts_with(word) && lower.size() <= word.size() + 1) return {};
  }
  if (database) return {"DATABASE_PASSWORD", 0.8F};
  return {"PASSWORD", digits > 0 && (special > 0 || a.quoted) ? 0.8F : 0.7F};
}

}  // namespace

GenericValue judge_generic(std::string_view text, const Assignment& a) {
  const std::string_view name = text.substr(a.name_begin, a.name_end - a.name_begin);
  const std::string_view value = text.substr(a.begin, a.end - a.begin);
  if (a.code || value.size() < 4) return {};
  const std::string lower = base::to_lower(name);
  if (is_about(name, lower)) return {};
  static constexpr std::array<std::string_view, 6> kPassword = {"passw",    "pwd",      "passphrase",
                                                                "passcode", "contrase", "senha"};
  if (contains_any(lower, kPassword) || lower.ends_with("pass") || lower == "passe") {
    return judge_password(text, a, value);
  }
  // A token, a secret, a key.
  if (value.size() < 16 || is_placeholder(value) || is_path(value) || is_name_like(value)) return {};
  if (lower.contains("key") && is_other_key(name, lower)) return {};
  std::size_t digits = 0;
  std::size_t letters = 0;
  for (const char c : value) {
    if (static_cast<unsigned char>(c) >= 0x80 || std::string_view("()[]{}\\").contains(c)) return {};
    digits += base::is_digit(c);
    letters += is_letter(c);
  }
  if (digits == 0 || letters == 0 || entropy(value) < 3) return {};
  static constexpr std::array<std::string_view, 6> kWords = {"secret", "token",   "password",
                                                             "apikey", "api_key", "api-key"};
  const std::string lower_value = base::to_lower(value);
  if (contains_any(lower_value, kWords)) return {};
  // Hashes and ids are told as keys and tokens of all sorts; as secrets only where the name leaves no doubt.
  static constexpr std::array<std::string_view, 9> kSure = {"secret", "api",  "auth",   "access",    "private",
                                                            "crypt",  "sign", "master", "credential"};
  if ((is_hex(value) || is_uuid(value)) && !contains_any(lower, kSure) &&
      !contains_any(base::to_lower(text.substr(a.name_begin > 4 ? a.name_begin - 4 : 0, 4)), kSure)) {
    return {};
  }
  if (lower.contains("key")) return {"GENERIC_API_KEY", 0.7F};
  if (lower.contains("secret") || lower.contains("credential")) return {"GENERIC_SECRET", 0.7F};
  return {"GENERIC_TOKEN", 0.7F};
}

}  // namespace gatehouse::guard
