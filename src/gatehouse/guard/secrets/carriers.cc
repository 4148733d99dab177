#include "gatehouse/guard/secrets/carriers.h"

#include <algorithm>
#include <array>

#include "gatehouse/base/strings.h"
#include "gatehouse/guard/secrets/secret_rows.h"
#include "gatehouse/guard/secrets/secret_value.h"

namespace gatehouse::guard {
namespace {

constexpr std::size_t kLongestUserinfo = 512;
constexpr std::size_t kLongestToken = 2048;

bool is_letter(char c) { return base::lower(c) >= 'a' && base::lower(c) <= 'z'; }
bool is_word(char c) { return is_letter(c) || base::is_digit(c); }

struct Scheme {
  std::string_view prefix;
  std::string_view entity;
};
constexpr Scheme kSchemes[] = {
    {"postgres", "POSTGRES_PASSWORD"},
    {"mongodb", "MONGODB_PASSWORD"},
    {"mysql", "MYSQL_PASSWORD"},
    {"mariadb", "MYSQL_PASSWORD"},
    {"redis", "REDIS_PASSWORD"},
    {"valkey", "REDIS_PASSWORD"},
    {"amqp", "AMQP_PASSWORD"},
    {"mssql", "SQL_SERVER_PASSWORD"},
    {"sqlserver", "SQL_SERVER_PASSWORD"},
    {"oracle", "ORACLE_PASSWORD"},
    {"clickhouse", "CLICKHOUSE_PASSWORD"},
    {"cockroach", "POSTGRES_PASSWORD"},
    {"neo4j", "NEO4J_PASSWORD"},
    {"bolt", "NEO4J_PASSWORD"},
    {"cassandra", "CASSANDRA_PASSWORD"},
    {"elastic", "ELASTIC_PASSWORD"},
    {"nats", "NATS_PASSWORD"},
    {"kafka", "KAFKA_PASSWORD"},
    {"mqtt", "MQTT_PASSWORD"},
    {"ldap", "LDAP_PASSWORD"},
    {"smtp", "SMTP_PASSWORD"},
    {"imap", "IMAP_PASSWORD"},
    {"ftp", "FTP_PASSWORD"},
    {"sftp", "FTP_PASSWORD"},
    {"ssh", "SSH_PASSWORD"},
    {"smb", "SMB_PASSWORD"},
    {"cloudinary", "CLOUDINARY_API_SECRET"},
};

// Words that documentation writes where the password goes.
bool is_weak(std::string_view password) {
  static constexpr std::array<std::string_view, 10> kWeak = {"password", "pass", "passwd", "pwd", "secret",
                                                             "pw",       "user", "p",      "x",   "token"};
  return std::ranges::any_of(kWeak, [&](std::string_view weak) { return base::equals_ignore_case(password, weak); });
}

}  // namespace

Carried parse_url_credentials(std::string_view text, std::size_t at, bool complete) {
  Carried found;
  std::size_t scheme = at;
  while (scheme > 0 && at - scheme < 20 && (is_word(text[scheme - 1]) || text[scheme - 1] == '+')) --scheme;
  if (at - scheme < 2) return found;
  const std::size_t from = at + 3;
  const std::size_t limit = std::min(text.size(), from + kLongestUserinfo);
  std::size_t colon = 0;
  std::size_t sign = 0;
  std::size_t i = from;
  for (; i < limit; ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) <= ' ' || std::string_view("/?#\"'`<>\\|").contains(c)) break;
    if (c == ':' && colon == 0 && sign == 0) colon = i;
    if (c == '@' && colon != 0) sign = i;
    if (c == '@' && colon == 0) return found;
  }
  if (colon == 0) return found;
  if (i == text.size() && !complete) {
    found.outcome = Carried::Outcome::open;
    found.begin = colon + 1;
    found.end = i;
    return found;
  }
  if (sign <= colon + 1 || text[colon + 1] == '@') return found;
  const std::string_view password = text.substr(colon + 1, sign - colon - 1);
  const std::string_view name = text.substr(scheme, at - scheme);
  found.entity = "URL_CREDENTIALS";
  for (const Scheme& known : kSchemes) {
    if (base::equals_ignore_case(name.substr(0, known.prefix.size()), known.prefix)) found.entity = known.entity;
  }
  const bool web = found.entity == "URL_CREDENTIALS";
  if (is_weak(password)) {
    if (web || std::ranges::none_of(password, [](char c) { return c >= 'a' && c <= 'z'; })) return found;
    found.score = 0.6F;
  } else if (is_placeholder(password) && (password.size() > 3 || !is_word(password.front()))) {
    return found;
  }
  found.outcome = Carried::Outcome::yes;
  found.begin = colon + 1;
  found.end = sign;
  return found;
}

Carried parse_bearer(std::string_view text, std::size_t at, bool complete) {
  Carried found;
  found.entity = "BEARER_TOKEN";
  const std::size_t limit = std::min(text.size(), at + kLongestToken);
  std::size_t end = at;
  while (end < limit && (is_word(text[end]) || std::string_view("-._~+/=").contains(text[end]))) ++end;
  found.begin = at;
  found.end = end;
  if (end == text.size() && !complete) {
    found.outcome = Carried::Outcome::open;
    return found;
  }
  while (found.end > at && text[found.end - 1] == '.') --found.end;
  const std::string_view token = text.substr(at, found.end - at);
  if (token.size() < 16 || std::ranges::none_of(token, base::is_digit) || is_placeholder(token) ||
      is_name_like(token) || entropy(token) < 3) {
    return found;
  }
  found.outcome = Carried::Outcome::yes;
  return found;
}

Carried parse_basic(std::string_view text, std::size_t at, bool complete) {
  Carried found;
  found.entity = "BASIC_AUTH_CREDENTIALS";
  const std::size_t limit = std::min(text.size(), at + kLongestUserinfo);
  std::size_t end = at;
  while (end < limit && (is_word(text[end]) || std::string_view("+/=-_").contains(text[end]))) ++end;
  found.begin = at;
  found.end = end;
  if (end == text.size() && !complete) {
    found.outcome = Carried::Outcome::open;
  } else if (end - at >= 8 && is_basic_credentials(text.substr(at, end - at))) {
    found.outcome = Carried::Outcome::yes;
    found.score = 0.9F;
  }
  return found;
}

Carried parse_curl_user(std::string_view text, std::size_t at, bool complete) {
  Carried found;
  found.entity = "BASIC_AUTH_CREDENTIALS";
  const std::size_t from = at > kSecretContext ? at - kSecretContext : 0;
  if (!text.substr(from, at - from).contains("curl")) return found;
  char quote = 0;
  if (at < text.size() && (text[at] == '"' || text[at] == '\'')) quote = text[at++];
  const std::size_t limit = std::min(text.size(), at + kLongestUserinfo);
  std::size_t colon = 0;
  std::size_t i = at;
  for (; i < limit; ++i) {
    const char c = text[i];
    if (quote != 0 ? c == quote || c == '\n' : static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '\'') break;
    if (c == ':' && colon == 0) colon = i;
  }
  if (i == text.size() && !complete) {
    found.outcome = Carried::Outcome::open;
    found.begin = at;
    found.end = i;
    return found;
  }
  if (colon == 0 || i - colon < 4) return found;
  const std::string_view password = text.substr(colon + 1, i - colon - 1);
  if (is_placeholder(password) || is_weak(password)) return found;
  found.outcome = Carried::Outcome::yes;
  found.begin = colon + 1;
  found.end = i;
  return found;
}

}  // namespace gatehouse::guard
