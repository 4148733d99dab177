#include <algorithm>
#include <array>

#include "gatehouse/base/strings.h"
#include "gatehouse/guard/secrets/secret_rows.h"
#include "gatehouse/guard/secrets/secrets_detector.h"

namespace gatehouse::guard {
namespace {

// What is found by where it stands.
constexpr SecretKind kCarried[] = {
    {"RSA_PRIVATE_KEY", "private_key", "keys", "RSA private key (PEM)"},
    {"EC_PRIVATE_KEY", "private_key", "keys", "elliptic curve private key (PEM)"},
    {"DSA_PRIVATE_KEY", "private_key", "keys", "DSA private key (PEM)"},
    {"OPENSSH_PRIVATE_KEY", "private_key", "keys", "OpenSSH private key"},
    {"PGP_PRIVATE_KEY", "private_key", "keys", "OpenPGP private key block"},
    {"ENCRYPTED_PRIVATE_KEY", "private_key", "keys", "encrypted private key (PKCS 8)"},
    {"PRIVATE_KEY", "private_key", "keys", "private key (PKCS 8)"},
    {"PUTTY_PRIVATE_KEY", "private_key", "keys", "PuTTY private key"},
    {"GCP_SERVICE_ACCOUNT_KEY", "google", "cloud", "private key in a Google service account's JSON"},
    {"POSTGRES_PASSWORD", "connection_string", "database", "password in a PostgreSQL connection string"},
    {"MONGODB_PASSWORD", "connection_string", "database", "password in a MongoDB connection string"},
    {"MYSQL_PASSWORD", "connection_string", "database", "password in a MySQL or MariaDB connection string"},
    {"REDIS_PASSWORD", "connection_string", "database", "password in a Redis connection string"},
    {"AMQP_PASSWORD", "connection_string", "database", "password in an AMQP connection string"},
    {"SQL_SERVER_PASSWORD", "connection_string", "database", "password in a SQL Server connection string"},
    {"ORACLE_PASSWORD", "connection_string", "database", "password in an Oracle connection string"},
    {"CLICKHOUSE_PASSWORD", "connection_string", "database", "password in a ClickHouse connection string"},
    {"NEO4J_PASSWORD", "connection_string", "database", "password in a Neo4j connection string"},
    {"CASSANDRA_PASSWORD", "connection_string", "database", "password in a Cassandra connection string"},
    {"ELASTIC_PASSWORD", "connection_string", "database", "password in an Elasticsearch URL"},
    {"NATS_PASSWORD", "connection_string", "database", "password in a NATS URL"},
    {"KAFKA_PASSWORD", "connection_string", "database", "password in a Kafka URL"},
    {"MQTT_PASSWORD", "connection_string", "database", "password in an MQTT URL"},
    {"LDAP_PASSWORD", "connection_string", "identity", "password in an LDAP URL"},
    {"SMTP_PASSWORD", "connection_string", "mail", "password in an SMTP URL"},
    {"IMAP_PASSWORD", "connection_string", "mail", "password in an IMAP URL"},
    {"FTP_PASSWORD", "connection_string", "infrastructure", "password in an FTP or SFTP URL"},
    {"SSH_PASSWORD", "connection_string", "infrastructure", "password in an SSH URL"},
    {"SMB_PASSWORD", "connection_string", "infrastructure", "password in an SMB URL"},
    {"CLOUDINARY_API_SECRET", "connection_string", "saas", "secret in a Cloudinary URL"},
    {"DATABASE_PASSWORD", "connection_string", "database", "password in an ODBC, ADO.NET or JDBC connection string"},
    {"URL_CREDENTIALS", "http", "generic", "password in a URL"},
    {"BEARER_TOKEN", "http", "generic", "credentials behind Bearer"},
    {"BASIC_AUTH_CREDENTIALS", "http", "generic", "credentials of HTTP basic authentication"},
    {"PASSWORD", "generic", "generic", "value assigned to a password"},
    {"GENERIC_API_KEY", "generic", "generic", "random value assigned to a key"},
    {"GENERIC_SECRET", "generic", "generic", "random value assigned to a secret"},
    {"GENERIC_TOKEN", "generic", "generic", "random value assigned to a token"},
};

std::vector<SecretKind> all_kinds() {
  std::vector<SecretKind> kinds;
  const auto add = [&](const SecretKind& kind) {
    const bool known = std::ranges::any_of(kinds, [&](const SecretKind& k) { return k.entity == kind.entity; });
    if (!known) kinds.push_back(kind);
  };
  for (const auto rows : {cloud_secret_rows(), developer_secret_rows(), business_secret_rows(), ai_secret_rows(),
                          service_secret_rows()}) {
    for (const SecretRow& row : rows) add({row.entity, row.vendor, row.group, row.description});
  }
  for (const SecretContextRow& row : secret_context_rows()) add({row.entity, row.vendor, row.group, row.description});
  for (const SecretKind& kind : kCarried) add(kind);
  return kinds;
}

}  // namespace

std::span<const SecretKind> secret_kinds() {
  static const std::vector<SecretKind> kKinds = all_kinds();
  return kKinds;
}

std::vector<std::string_view> secret_entities(std::string_view name) {
  std::vector<std::string_view> entities;
  for (const SecretKind& kind : secret_kinds()) {
    if (base::equals_ignore_case(kind.entity, name)) return {kind.entity};
    if (base::equals_ignore_case(kind.vendor, name) || base::equals_ignore_case(kind.group, name)) {
      entities.push_back(kind.entity);
    }
  }
  return entities;
}

}  // namespace gatehouse::guard
