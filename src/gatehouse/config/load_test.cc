#include "gatehouse/config/load.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/config/load_testing.h"

namespace gatehouse::config {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A folder that is gone after the test.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "gatehouse-config-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  std::string write(const std::string& name, std::string_view text, mode_t mode = 0600) const {
    const auto file = path_ / name;
    std::ofstream(file, std::ios::binary) << text;
    ::chmod(file.c_str(), mode);
    return file.string();
  }
  std::string path(const std::string& name = {}) const {
    return name.empty() ? path_.string() : (path_ / name).string();
  }

 private:
  fs::path path_;
};

constexpr std::string_view kGood = R"(listen: { api: 0.0.0.0:8080, admin: 127.0.0.1:8081 }
providers:
  - { name: openai, kind: openai, api_key: "${OPENAI_API_KEY}" }
  - { name: local, kind: openai_compatible, base_url: "http://127.0.0.1:9000/v1" }
models:
  - name: default
    strategy: weighted
    targets: [ { provider: openai, model: gpt-5.6-mini, weight: 3 }, { provider: local, model: llama } ]
  - { name: openai/*, targets: [ { provider: openai, model: "*" } ] }
keys:
  - { name: ci, key: "${CI_KEY}", team: support, models: [default], expires: 2027-01-31 }
)";
const std::map<std::string, std::string, std::less<>> kGoodVariables{{"OPENAI_API_KEY", "sk-abc"},
                                                                     {"CI_KEY", "ci-key-of-12-or-more"}};

TEST(Load, TheExampleOfTheInterface) {
  const auto loaded = load_one(kGood, environment(kGoodVariables));
  ASSERT_THAT(lines(loaded.problems), IsEmpty());
  EXPECT_THAT(lines(loaded.warnings), IsEmpty());
  const Snapshot& snapshot = *loaded.snapshot;
  ASSERT_EQ(snapshot.listen.api.size(), 1u);
  EXPECT_EQ(snapshot.listen.api[0].to_string(), "0.0.0.0:8080");
  ASSERT_EQ(snapshot.providers.size(), 2u);
  EXPECT_EQ(snapshot.providers[0].base_url.to_string(), "https://api.openai.com/v1");
  EXPECT_EQ(snapshot.providers[0].api_key.reveal(), "sk-abc");
  EXPECT_EQ(snapshot.providers[1].base_url.authority(), "127.0.0.1:9000");
  ASSERT_EQ(snapshot.models.size(), 2u);
  EXPECT_EQ(snapshot.models[0].targets[0].weight, 3u);
  EXPECT_EQ(snapshot.models[0].targets[1].weight, 1u);
  EXPECT_EQ(snapshot.provider_of(snapshot.models[0].targets[1]).name, "local");
  const auto match = snapshot.find_model("openai/gpt-x");
  ASSERT_TRUE(match);
  EXPECT_EQ(match.model->targets[0].resolve(match.matched), "gpt-x");
  ASSERT_EQ(snapshot.keys.size(), 1u);
  const Key& key = snapshot.keys[0];
  EXPECT_EQ(key.key.reveal(), "ci-key-of-12-or-more");
  EXPECT_EQ(key.team, "support");
  ASSERT_EQ(key.models.size(), 1u);
  EXPECT_EQ(key.models[0].text, "default");
  EXPECT_THAT(key.operations, IsEmpty());
  EXPECT_EQ(key.expires, base::WallTime(std::chrono::sys_days{std::chrono::year{2027} / 1 / 31}));
}

TEST(Load, EveryDefault) {
  const auto loaded = load_one("", environment({}));
  ASSERT_THAT(lines(loaded.problems), IsEmpty());
  EXPECT_THAT(lines(loaded.warnings),
              ElementsAre("a.yaml:1:1: models: no model is configured: every call for one will be refused",
                          "a.yaml:1:1: keys: no key is configured: every call will be refused"));
  const Snapshot& s = *loaded.snapshot;
  ASSERT_EQ(s.listen.api.size(), 1u);
  EXPECT_EQ(s.listen.api[0].to_string(), "127.0.0.1:8080");
  ASSERT_EQ(s.listen.admin.size(), 1u);
  EXPECT_EQ(s.listen.admin[0].to_string(), "127.0.0.1:8081");
  EXPECT_FALSE(s.listen.tls);
  EXPECT_FALSE(s.listen.admin_tls);
  EXPECT_EQ(s.listen.proxy_protocol, ProxyProtocol::off);
  EXPECT_THAT(s.listen.trusted_proxies, IsEmpty());
  EXPECT_EQ(s.listen.backlog, 1024u);
  EXPECT_EQ(s.workers.threads, 0u);
  EXPECT_EQ(s.limits.head_bytes, 32u << 10);
  EXPECT_EQ(s.limits.head_fields, 100u);
  EXPECT_EQ(s.limits.body_bytes, 32u << 20);
  EXPECT_EQ(s.limits.upload_bytes, 512u << 20);
  EXPECT_EQ(s.limits.answer_bytes, 64u << 20);
  EXPECT_EQ(s.limits.event_bytes, 4u << 20);
  EXPECT_EQ(s.limits.connections, 20000u);
  EXPECT_EQ(s.limits.requests_per_connection, 0u);
  using namespace std::chrono_literals;
  EXPECT_EQ(s.timeouts.head, 10s);
  EXPECT_EQ(s.timeouts.body, 60s);
  EXPECT_EQ(s.timeouts.body_min_rate, 500u);
  EXPECT_EQ(s.timeouts.idle, 75s);
  EXPECT_EQ(s.timeouts.write, 60s);
  EXPECT_EQ(s.timeouts.request, 600s);
  EXPECT_EQ(s.timeouts.connect, 5s);
  EXPECT_EQ(s.timeouts.tls_handshake, 10s);
  EXPECT_EQ(s.timeouts.first_byte, 300s);
  EXPECT_EQ(s.timeouts.between_bytes, 120s);
  EXPECT_EQ(s.timeouts.drain, 30s);
  EXPECT_TRUE(s.auth.required);
  EXPECT_TRUE(s.auth.key_hash_secret.empty());
  EXPECT_EQ(s.access_log.path, "");
  EXPECT_EQ(s.access_log.format, AccessLogFormat::json);
  EXPECT_EQ(s.log.level, LogLevel::info);
  EXPECT_FALSE(s.sandbox.enabled);
  EXPECT_FALSE(s.passthrough);
  EXPECT_EQ(s.sandbox.pace_tokens_per_second, 0u);
  EXPECT_EQ(s.sandbox.first_token_ms, 0u);
  EXPECT_THAT(s.providers, IsEmpty());
  EXPECT_THAT(s.models, IsEmpty());
  EXPECT_THAT(s.keys, IsEmpty());
}

TEST(Load, ProviderDefaultsAndInheritedTimeouts) {
  const auto loaded = load_one(R"(
timeouts: { connect: 3s, first_byte: 40s }
providers: [ { name: p, kind: openai, timeouts: { first_byte: 250ms } } ]
)");
  ASSERT_THAT(lines(loaded.problems), IsEmpty());
  const Provider& provider = loaded.snapshot->providers[0];
  using namespace std::chrono_literals;
  EXPECT_EQ(provider.timeouts.connect, 3s);
  EXPECT_EQ(provider.timeouts.first_byte, 250ms);
  EXPECT_EQ(provider.timeouts.between_bytes, 120s);
  EXPECT_EQ(provider.max_connections, 1024u);
  EXPECT_EQ(provider.pool_idle, 60s);
  EXPECT_FALSE(provider.insecure_skip_verify);
  EXPECT_TRUE(provider.api_key.empty());
}

TEST(Load, WithoutConfiguration) {
  const auto loaded = defaults();
  ASSERT_TRUE(loaded.snapshot);
  EXPECT_THAT(loaded.problems, IsEmpty());
  EXPECT_EQ(loaded.warnings.size(), 3u);
  EXPECT_EQ(loaded.warnings[0].to_string(),
            "sandbox.enabled: no configuration: the sandbox provider answers every call");
  const Snapshot& snapshot = *loaded.snapshot;
  EXPECT_TRUE(snapshot.listen.api[0].address.is_loopback());
  EXPECT_FALSE(snapshot.auth.required);
  ASSERT_TRUE(snapshot.find_model("sandbox"));
  EXPECT_EQ(snapshot.provider_of(snapshot.find_model("sandbox").model->targets[0]).kind, ProviderKind::sandbox);
  EXPECT_TRUE(snapshot.find_model("sandbox-embed"));
  EXPECT_TRUE(snapshot.find_model("sandbox-slow"));
  EXPECT_FALSE(snapshot.find_model("gpt-5"));
}

TEST(Load, Passthrough) {
  const auto loaded = load_one(R"(
passthrough: { provider: q }
providers: [ { name: p, kind: openai }, { name: q, kind: openai } ]
)");
  ASSERT_THAT(lines(loaded.problems), IsEmpty());
  ASSERT_TRUE(loaded.snapshot->passthrough);
  EXPECT_EQ(loaded.snapshot->passthrough->provider, 1u);
  EXPECT_EQ(
      load_one("passthrough: { provider: sandbox }\nsandbox: { enabled: true }\n").snapshot->passthrough->provider, 0u);
}

TEST(Load, TheSandboxBesidesOthers) {
  const auto loaded = load_one(R"(
sandbox: { enabled: true, pace_tokens_per_second: 50, first_token_ms: 200 }
providers: [ { name: p, kind: openai } ]
models: [ { name: m, targets: [ { provider: sandbox, model: sandbox }, { provider: p, model: x } ] } ]
)");
  ASSERT_THAT(lines(loaded.problems), IsEmpty());
  const auto match = loaded.snapshot->find_model("m");
  ASSERT_TRUE(match);
  EXPECT_EQ(loaded.snapshot->provider_of(match.model->targets[0]).kind, ProviderKind::sandbox);
  EXPECT_EQ(loaded.snapshot->provider_of(match.model->targets[1]).name, "p");
  EXPECT_EQ(loaded.snapshot->sandbox.pace_tokens_per_second, 50u);
}

TEST(Load, AllOfListen) {
  const Folder folder;
  folder.write("cert.pem", "c");
  folder.write("key.pem", "k");
  folder.write("ca.pem", "a");
  const auto file = folder.write("a.yaml", R"(
listen:
  api: [ "127.0.0.1:0", "[::1]:8080", "localhost:9000" ]
  admin: "[::]:8081"
  tls: { cert: cert.pem, key: key.pem, client_ca: ca.pem, client_auth: required, min_version: "1.3" }
  admin_tls: { cert: cert.pem, key: key.pem }
  proxy_protocol: required
  trusted_proxies: [ 10.0.0.0/8, 192.0.2.7, "fd00::/8" ]
  backlog: 64
auth: { required: false }
)");
  const auto loaded = load(file, environment({}));
  ASSERT_THAT(lines(loaded.problems), IsEmpty());
  const Listen& listen = loaded.snapshot->listen;
  ASSERT_EQ(listen.api.size(), 3u);
  EXPECT_EQ(listen.api[0].to_string(), "127.0.0.1:0");
  EXPECT_EQ(listen.api[1].to_string(), "[::1]:8080");
  EXPECT_EQ(listen.api[2].to_string(), "127.0.0.1:9000");
  ASSERT_TRUE(listen.tls);
  EXPECT_EQ(listen.tls->cert, folder.path("cert.pem"));
  EXPECT_EQ(listen.tls->client_ca, folder.path("ca.pem"));
  EXPECT_EQ(listen.tls->client_auth, ClientAuth::required);
  EXPECT_EQ(listen.tls->min_version, TlsVersion::tls1_3);
  ASSERT_TRUE(listen.admin_tls);
  EXPECT_EQ(listen.admin_tls->min_version, TlsVersion::tls1_2);
  EXPECT_EQ(listen.proxy_protocol, ProxyProtocol::required);
  ASSERT_EQ(listen.trusted_proxies.size(), 3u);
  EXPECT_EQ(listen.trusted_proxies[1].to_string(), "192.0.2.7/32");
  EXPECT_EQ(listen.backlog, 64u);
}

TEST(Load, ProvidersOfAllSorts) {
  const Folder folder;
  folder.write("sa.json", "{\n  \"type\": \"service_account\"\n}\n");
  folder.write("token", "t");
  const auto loaded = load_text(R"(
providers:
  - { name: a, kind: azure, resource: res, oauth: { tenant_id: t, client_id: c, client_secret: s } }
  - { name: v, kind: vertex, project: p, location: eu, credentials: "file:sa.json" }
  - { name: b, kind: bedrock, aws: { region: eu-west-1, web_identity_token_file: token,
      role_arn: "arn:aws:iam::123456789012:role/r", sts_endpoint: "https://sts.example" } }
  - { name: i, kind: bedrock, base_url: "http://127.0.0.1:1", aws: { region: cn-north-1, imds_endpoint: "http://169.254.169.254" } }
  - { name: w, kind: watsonx, location: us-south, space_id: s, api_key: k, oauth: { token_url: "http://127.0.0.1:2/t" } }
  - { name: d, kind: databricks, host: dbc.example, oauth: { client_id: c, client_secret: s } }
  - { name: o, kind: ollama }
  - { name: m, kind: openai_compatible, base_url: "https://h/v1", speaks: [ anthropic, openai_chat ], refuses: [ n ],
      takes: [ seed, developer ], quirks: [ alternates, alternates ] }
models: [ { name: m, targets: [ { provider: a, model: x } ] } ]
keys: [ { name: k, key: abcdefghijkl } ]
)",
                                folder.path("a.yaml"), environment({}));
  EXPECT_THAT(lines(loaded.problems), IsEmpty());
  EXPECT_THAT(lines(loaded.warnings), IsEmpty());
  ASSERT_NE(loaded.snapshot, nullptr);
  const auto& providers = loaded.snapshot->providers;
  EXPECT_EQ(providers[0].base_url.to_string(), "https://res.openai.azure.com");
  EXPECT_EQ(providers[0].oauth->tenant_id, "t");
  EXPECT_EQ(providers[1].base_url.to_string(), "https://aiplatform.eu.rep.googleapis.com");
  EXPECT_EQ(providers[1].credentials.reveal(), "{\n  \"type\": \"service_account\"\n}");
  EXPECT_EQ(providers[2].base_url.to_string(), "https://bedrock-runtime.eu-west-1.amazonaws.com");
  EXPECT_EQ(providers[2].aws.web_identity_token_file, folder.path("token"));
  EXPECT_EQ(providers[3].base_url.to_string(), "http://127.0.0.1:1");
  EXPECT_EQ(providers[4].base_url.to_string(), "https://us-south.ml.cloud.ibm.com");
  EXPECT_EQ(providers[5].base_url.to_string(), "https://dbc.example/ai-gateway/mlflow/v1");
  EXPECT_EQ(providers[6].base_url.to_string(), "http://127.0.0.1:11434");
  EXPECT_THAT(providers[7].speaks, ElementsAre("anthropic", "openai_chat"));
  EXPECT_THAT(providers[7].refuses, ElementsAre("n"));
  EXPECT_THAT(providers[7].takes, ElementsAre("seed", "developer"));
}

TEST(Load, Warnings) {
  const auto loaded = load_one(R"(listen: { admin: "0.0.0.0:8081", trusted_proxies: [ 0.0.0.0/0 ] }
providers:
  - { name: p, kind: openai, base_url: "http://example.com/v1", api_key: abc }
  - { name: q, kind: openai, insecure_skip_verify: true }
  - { name: r, kind: openai, base_url: "http://localhost:1/v1", api_key: abc }
models: [ { name: default, targets: [ { provider: p, model: x } ] } ]
keys: [ { name: k, key: abcdefghijkl, models: [ defalt, "def*" ] } ]
auth: { required: false }
)");
  EXPECT_THAT(lines(loaded.problems), IsEmpty());
  EXPECT_THAT(
      lines(loaded.warnings),
      ElementsAre(
          "a.yaml:1:18: listen.admin: is open to the network without TLS; set `admin_tls` or keep it on loopback",
          "a.yaml:1:51: listen.trusted_proxies: believes the `X-Forwarded-For` of everyone",
          "a.yaml:3:40: providers[0].base_url: sends `api_key` or `headers` over plain http; anyone on the way can "
          "read "
          "them",
          "a.yaml:4:5: providers[1].api_key: is not given: the provider will refuse every call",
          "a.yaml:4:52: providers[1].insecure_skip_verify: accepts any certificate; anyone on the way can read the key",
          "a.yaml:7:49: keys[0].models[0]: no model is called `defalt`; did you mean `default`?",
          "a.yaml:8:19: auth.required: is false: everyone who reaches the port may call every model"));
}

TEST(Load, Interpolation) {
  const auto loaded = load_one(R"(
workers: { threads: "${THREADS}" }
auth: { required: "${REQUIRED:-false}" }
timeouts:
  head: ${HEAD:-7}s
providers:
  - { name: p, kind: openai, api_key: "a$$b$c${X:-$}${EMPTY:-e}${EMPTY}", organization: "${TRICKY}" }
)",
                               environment({{"THREADS", "4"}, {"EMPTY", ""}, {"TRICKY", "file:${THREADS}"}}));
  ASSERT_THAT(lines(loaded.problems), IsEmpty());
  EXPECT_EQ(loaded.snapshot->workers.threads, 4u);
  EXPECT_FALSE(loaded.snapshot->auth.required);
  EXPECT_EQ(loaded.snapshot->timeouts.head, std::chrono::seconds(7));
  EXPECT_EQ(loaded.snapshot->providers[0].api_key.reveal(), "a$b$c$e");
  // What a variable holds is neither a reference nor YAML.
  EXPECT_EQ(loaded.snapshot->providers[0].organization, "file:${THREADS}");
}

TEST(Load, AVariableBringsNoStructure) {
  const auto env = environment({{"LIST", "[a, b]"}, {"MAP", "{ threads: 3 }"}});
  EXPECT_THAT(
      problems_of("workers: ${MAP}\nlisten:\n  trusted_proxies: ${LIST}\n", env),
      ElementsAre("a.yaml:1:10: workers: must be a map of names to values, not one value; write { threads: ... }",
                  "a.yaml:3:20: listen.trusted_proxies: must be a list, not one value"));
}

TEST(Load, SecretsFromFiles) {
  const Folder folder;
  folder.write("key", "sk-from-a-file\n");
  folder.write("open", "abcdefghijklmnop\r\n", 0644);
  const auto file = folder.write("a.yaml", R"(providers:
  - { name: p, kind: openai, api_key: "file:key" }
  - { name: q, kind: openai, api_key: "file:${NAME}" }
)");
  const auto loaded = load(file, environment({{"NAME", "open"}}));
  ASSERT_THAT(lines(loaded.problems), IsEmpty());
  EXPECT_EQ(loaded.snapshot->providers[0].api_key.reveal(), "sk-from-a-file");
  EXPECT_EQ(loaded.snapshot->providers[1].api_key.reveal(), "abcdefghijklmnop");
  ASSERT_FALSE(loaded.warnings.empty());
  EXPECT_THAT(lines(loaded.warnings),
              testing::Contains(file + ":3:39: providers[1].api_key: every user of this machine can read the file of "
                                       "`file:${NAME}`"));
}

TEST(Load, FilesThatAreNoFiles) {
  const Folder folder;
  ASSERT_EQ(::mkfifo(folder.path("pipe").c_str(), 0600), 0);
  folder.write("large", std::string(70'000, 'x'));
  const auto file = folder.write("a.yaml", R"(providers:
  - { name: p, kind: openai, api_key: "file:pipe" }
  - { name: q, kind: openai, api_key: "file:." }
  - { name: r, kind: openai, api_key: "file:large" }
)");
  const auto loaded = load(file, environment({}));
  ASSERT_EQ(loaded.problems.size(), 3u);
  EXPECT_THAT(loaded.problems[0].message, HasSubstr("it is not a regular file"));
  EXPECT_THAT(loaded.problems[1].message, HasSubstr("it is a directory"));
  EXPECT_THAT(loaded.problems[2].message, HasSubstr("it is larger than 65536 bytes"));
}

// Whatever is wrong with a value that is secret or came from outside, it is in no message.
TEST(Load, SecretsAreNeverShown) {
  const std::string secret = "Zq7-topsecret";
  const Folder folder;
  folder.write("secret", secret, 0644);
  std::vector<std::string> references{"${SECRET}", "file:" + folder.path("secret"), "${SECRET} ${SECRET}",
                                      "${SECRET}\\u0007", "x${SECRET}"};
  const std::vector<std::string> templates{
      "providers: [ { name: p, kind: openai, api_key: VALUE, headers: { a: VALUE, authorization: VALUE } } ]",
      "providers: [ { name: VALUE, kind: VALUE, base_url: VALUE, organization: VALUE, project: VALUE } ]",
      "providers: [ { name: p, kind: openai, ca_file: VALUE, insecure_skip_verify: VALUE, max_connections: VALUE, "
      "pool_idle: VALUE, timeouts: { connect: VALUE } } ]",
      "keys: [ { name: a, key: VALUE, team: VALUE, models: [ VALUE ], operations: [ VALUE ], expires: VALUE }, { name: "
      "b, key: VALUE, metadata: { m: VALUE } } ]",
      "auth: { required: VALUE, key_hash_secret: VALUE }",
      "listen: { api: VALUE, admin: [ VALUE, VALUE ], tls: { cert: VALUE, key: VALUE, min_version: VALUE }, "
      "trusted_proxies: [ VALUE ], backlog: VALUE, proxy_protocol: VALUE }",
      "limits: { body_bytes: VALUE, head_fields: VALUE }",
      "timeouts: { head: VALUE }",
      "access_log: { path: VALUE, format: VALUE }",
      "log: { level: VALUE }",
      "models: [ { name: VALUE, strategy: VALUE, targets: [ { provider: VALUE, model: VALUE, weight: VALUE } ] }, { "
      "name: VALUE, targets: [ { provider: VALUE, model: VALUE } ] } ]",
      "passthrough: { provider: VALUE }",
      "VALUE",
      "policies: VALUE",
      "workers: VALUE",
  };
  std::size_t said = 0;
  const auto search = [&](const std::string& yaml) {
    const auto loaded = load_one(yaml, environment({{"SECRET", secret}}));
    for (const auto* list : {&loaded.problems, &loaded.warnings}) {
      for (const Problem& problem : *list) {
        ++said;
        EXPECT_THAT(problem.to_string(), testing::Not(HasSubstr("Zq7"))) << yaml;
      }
    }
  };
  for (const auto& text : templates) {
    for (const auto& reference : references) {
      std::string yaml = text;
      for (auto at = yaml.find("VALUE"); at != yaml.npos; at = yaml.find("VALUE")) {
        yaml.replace(at, 5, '"' + reference + '"');
      }
      search(yaml);
    }
  }
  // Written in the file itself.
  for (const std::string& value : {secret, "'" + secret + " x'", "'" + secret + "\x01'", "*" + secret, "&" + secret,
                                   "!" + secret, "[ " + secret + " ]", "{ a: " + secret + " }", "&" + secret + " x"}) {
    search("providers: [ { name: p, kind: openai, api_key: " + value + " } ]");
    search("providers: [ { name: p, kind: openai, headers: { x: " + value + " } } ]");
    search("providers: [ { name: p, kind: openai, base_url: 'https://u:" + value + "@h' } ]");
    search("keys: [ { name: a, key: " + value + " }, { name: b, key: " + value + " } ]");
    search("auth: { key_hash_secret: " + value + " }");
  }
  EXPECT_GT(said, 150u);
}

TEST(Load, ADirectoryIsMerged) {
  const Folder folder;
  folder.write("10-base.yaml", R"(timeouts: { head: 5s }
providers: [ { name: p, kind: openai } ]
)");
  folder.write("20-more.yaml", R"(timeouts: { idle: 9s }
providers: [ { name: q, kind: openai } ]
models: [ { name: m, targets: [ { provider: p, model: x }, { provider: q, model: y } ] } ]
)");
  folder.write("30-empty.yaml", "# nothing\n");
  folder.write("ignored.txt", "][");
  folder.write("other.yml", "][");
  folder.write(".hidden.yaml", "][");
  const auto loaded = load(folder.path(), environment({}));
  ASSERT_THAT(lines(loaded.problems), IsEmpty());
  EXPECT_EQ(loaded.snapshot->timeouts.head, std::chrono::seconds(5));
  EXPECT_EQ(loaded.snapshot->timeouts.idle, std::chrono::seconds(9));
  ASSERT_EQ(loaded.snapshot->providers.size(), 2u);
  EXPECT_EQ(loaded.snapshot->providers[1].name, "q");
  EXPECT_THAT(lines(loaded.warnings),
              testing::Contains(folder.path("other.yml") + ": is not read: only names in .yaml are"));
}

TEST(Load, ADirectoryWithConflicts) {
  const Folder folder;
  folder.write("a.yaml", "log: { level: info }\nproviders: [ { name: p, kind: openai } ]\nworkers: { threads: 1 }\n");
  folder.write("b.yaml", "log:\n  level: warn\nproviders: [ { name: p, kind: openai } ]\nworkers: [ ]\n");
  const auto loaded = load(folder.path(), environment({}));
  const auto a = folder.path("a.yaml");
  const auto b = folder.path("b.yaml");
  EXPECT_THAT(lines(loaded.problems),
              ElementsAre(b + ":2:10: log.level: is set twice; first at " + a + ":1:15",
                          b + ":3:22: providers[1].name: is the name of providers[0] already (" + a + ":2)",
                          b + ":4:10: workers: is not of the kind that it has at " + a + ":3:10"));
}

TEST(Load, EveryFileThatCannotBeParsedIsNamed) {
  const Folder folder;
  folder.write("a.yaml", "[\n");
  folder.write("b.yaml", "unknown: 1\n");
  folder.write("c.yaml", "{\n");
  const auto loaded = load(folder.path(), environment({}));
  ASSERT_EQ(loaded.problems.size(), 2u);
  EXPECT_EQ(loaded.problems[0].file, folder.path("a.yaml"));
  EXPECT_EQ(loaded.problems[1].file, folder.path("c.yaml"));
}

TEST(Load, WhatIsNotThere) {
  const Folder folder;
  EXPECT_THAT(lines(load(folder.path("no.yaml"), environment({})).problems),
              ElementsAre(folder.path("no.yaml") + ": cannot be read: No such file or directory"));
  EXPECT_THAT(lines(load(folder.path(), environment({})).problems),
              ElementsAre(folder.path() + ": holds no *.yaml file"));
}

TEST(Load, Bounds) {
  const std::string deep = "x: " + std::string(40, '[') + std::string(40, ']');
  EXPECT_THAT(problems_of(deep), ElementsAre("a.yaml:1:35: nested more than 32 levels deep"));
  std::string many = "x: [";
  for (int i = 0; i < 200'001; ++i) many += "1,";
  EXPECT_THAT(problems_of(many + "]"), ElementsAre(testing::EndsWith("more than 200000 values")));
  EXPECT_THAT(problems_of(std::string((8u << 20) + 1, ' ')), ElementsAre("a.yaml:1:1: is larger than 8388608 bytes"));
  // Far more problems than anyone reads.
  std::string wrong;
  for (int i = 0; i < 600; ++i) wrong += "k" + std::to_string(i) + ": 1\n";
  const auto problems = problems_of(wrong);
  ASSERT_EQ(problems.size(), 501u);
  EXPECT_EQ(problems.back(), "100 more problems are not shown");
  // Nesting that costs a stack frame a byte.
  EXPECT_EQ(problems_of(std::string(100'000, '[')).size(), 1u);
  EXPECT_EQ(problems_of(std::string(100'000, '{')).size(), 1u);
}

TEST(Load, ManyKeysAreReadQuickly) {
  std::string yaml = "auth: { required: true }\nkeys:\n";
  for (int i = 0; i < 20'000; ++i) {
    const auto n = std::to_string(i);
    yaml += "  - { name: n" + n + ", key: abcdefghijkl" + n + " }\n";
  }
  const auto loaded = load_one(yaml);
  ASSERT_THAT(lines(loaded.problems), IsEmpty());
  EXPECT_EQ(loaded.snapshot->keys.size(), 20'000u);
}

TEST(Load, TheProcessEnvironment) {
  const auto env = process_environment();
  ASSERT_TRUE(env("PATH"));
  EXPECT_EQ(*env("PATH"), std::string(::getenv("PATH")));
  EXPECT_FALSE(env("GATEHOUSE_SURELY_NOT_SET"));
}

}  // namespace
}  // namespace gatehouse::config
