#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/config/fields.h"
#include "gatehouse/config/load.h"
#include "gatehouse/config/load_testing.h"

// What each wrong file is answered with, to the letter.
namespace gatehouse::config {
namespace {

struct Wrong {
  std::string_view what;
  std::string yaml;
  std::vector<std::string> problems;
};

class WrongFiles : public testing::TestWithParam<Wrong> {};

TEST_P(WrongFiles, SayWhereAndWhat) {
  EXPECT_THAT(problems_of(GetParam().yaml), testing::ElementsAreArray(GetParam().problems)) << GetParam().yaml;
}

template <class List>
std::string listed(const List& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "`" : ", `") + std::string(name) + "`";
  return out;
}

std::string choices_of_providers(std::string_view field) {
  const auto fields = root_section().fields;
  const auto section = std::ranges::find(fields, "providers", &Field::name)->section;
  const auto found = std::ranges::find(section->fields, field, &Field::name);
  std::vector<std::string_view> names;
  for (const Choice& choice : found->choices) names.push_back(choice.name);
  return listed(names);
}
std::string listed_dialects() { return choices_of_providers("speaks"); }
std::string listed_quirks() { return choices_of_providers("quirks"); }

std::string all_kinds() {
  std::vector<std::string_view> names;
  for (const ProviderKindRow& row : kProviderKindRows) names.push_back(row.name);
  return listed(names);
}

std::vector<Wrong> wrong_files() {
  return {
      // Keys.
      {"unknown", "lisen: {}\n", {"a.yaml:1:1: unknown key `lisen`; did you mean `listen`?"}},
      {"far", "wibble: 1\n", {"a.yaml:1:1: unknown key `wibble`"}},
      {"nested",
       "providers: [ { name: p, kind: openai } ]\nmodels:\n  - name: m\n    tragets: []\n",
       {"a.yaml:3:5: models[0]: `targets` is missing",
        "a.yaml:4:5: models[0]: unknown key `tragets`; did you mean `targets`?"}},
      {"to come",
       "mcp: []\ncache: {}\n",
       {"a.yaml:1:1: `mcp` is not available in this version", "a.yaml:2:1: `cache` is not available in this version"}},
      {"budgets that bound nothing or somebody unknown",
       "budgets:\n  - scope: team:support\n    window: month\n  - { scope: support, usd: 5 }\n"
       "  - { scope: 'team:a', usd: 5, soft: 0.8, on_soft: { downgrade_to: cheap } }\n",
       {"a.yaml:2:5: budgets[0]: bounds nothing; give `usd`, `tokens`, `prompt_tokens`, `completion_tokens` or "
        "`requests`",
        "a.yaml:4:14: budgets[1].scope: must be a place in the identity tree such as `team:support` (org, unit, team, "
        "project, user, key, end_user, tag or provider), not `support`",
        "a.yaml:5:5: budgets[2].on_soft.downgrade_to: no model is called `cheap`"}},
      {"twice",
       "log:\n  level: info\n  level: warn\n",
       {"a.yaml:3:3: the key `level` is given twice; first on line 2"}},
      {"merge key", "log: { <<: { level: info } }\n", {"a.yaml:1:8: merge keys (`<<`) are not supported"}},
      {"map as key", "? { a: 1 }\n: 2\n", {"a.yaml:1:3: a key must be text on one line"}},
      // The YAML itself.
      {"tab", "log:\n\tlevel: info\n", {"a.yaml:2:1: YAML syntax: a tab in the indentation; write spaces"}},
      {"syntax", "log: [ 1, 2\n", {"a.yaml:2:1: YAML syntax: end of sequence flow not found"}},
      {"anchor",
       "log: &a { level: info }\n",
       {"a.yaml:1:6: anchors (`&name`) are not supported; quote a value that begins with `&`"}},
      {"alias", "log: *a\n", {"a.yaml:1:6: aliases (`*name`) are not supported; quote a value that begins with `*`"}},
      {"tag",
       "log: { level: !secret info }\n",
       {"a.yaml:1:15: tags (`!name`) are not supported; quote a value that begins with `!`"}},
      {"two documents", "log: {}\n---\nlog: {}\n", {"a.yaml:1:1: holds more than one YAML document"}},
      {"not a map", "- 1\n", {"a.yaml:1:1: must be a map of names to values, not a list"}},
      {"utf8", "log: {}\n# \xff\n", {"a.yaml:2:3: is not UTF-8 text"}},
      {"control", "log: {}\n\x04 x: 1\n", {"a.yaml:2:1: holds the control character 0x04"}},
      // Types.
      {"quoted number",
       "workers: { threads: \"3\" }\n",
       {"a.yaml:1:21: workers.threads: must be a number without quotes, not `3`"}},
      {"fraction",
       "workers: { threads: 1.5 }\n",
       {"a.yaml:1:21: workers.threads: must be a whole number, 0 to 256, not `1.5`"}},
      {"too many", "workers: { threads: 257 }\n", {"a.yaml:1:21: workers.threads: must be 0 to 256, not `257`"}},
      {"negative", "workers: { threads: -1 }\n", {"a.yaml:1:21: workers.threads: must be 0 to 256, not `-1`"}},
      {"huge",
       "workers: { threads: 99999999999999999999 }\n",
       {"a.yaml:1:21: workers.threads: must be 0 to 256, not `99999999999999999999`"}},
      {"octal",
       "workers: { threads: 010 }\n",
       {"a.yaml:1:21: workers.threads: must be a whole number, 0 to 256, not `010`"}},
      {"yes",
       "auth: { required: yes }\n",
       {"a.yaml:1:19: auth.required: must be true or false, not `yes`; write true"}},
      {"Off",
       "auth: { required: Off }\n",
       {"a.yaml:1:19: auth.required: must be true or false, not `Off`; write false"}},
      {"quoted boolean",
       "auth: { required: 'true' }\n",
       {"a.yaml:1:19: auth.required: must be true or false without quotes, not `true`"}},
      {"no value", "workers:\n  threads:\n", {"a.yaml:2:3: workers.threads: has no value"}},
      {"list for map", "workers: [ 1 ]\n", {"a.yaml:1:10: workers: must be a map of names to values, not a list"}},
      {"value for map",
       "workers: 4\n",
       {"a.yaml:1:10: workers: must be a map of names to values, not one value; write { threads: ... }"}},
      {"map for list", "providers: { name: p }\n", {"a.yaml:1:12: providers: must be a list, not a map"}},
      {"map for value", "workers: { threads: {} }\n", {"a.yaml:1:21: workers.threads: must be one value, not a map"}},
      {"number for text",
       "providers: [ { name: 12, kind: openai } ]\n",
       {"a.yaml:1:22: providers[0].name: must be text; put `12` in quotes"}},
      {"bare duration",
       "timeouts: { head: 10 }\n",
       {"a.yaml:1:19: timeouts.head: `10` has no unit; write 10s for seconds, or 10ms, 10m, 10h"}},
      {"odd duration",
       "timeouts: { head: 1d }\n",
       {"a.yaml:1:19: timeouts.head: `1d` is not a duration; write a whole number with ms, s, m or h, as in 250ms or "
        "10s"}},
      {"long duration", "timeouts: { head: 1h }\n", {"a.yaml:1:19: timeouts.head: must be 100ms to 10m, not `1h`"}},
      {"odd size",
       "limits: { body_bytes: 64KB }\n",
       {"a.yaml:1:23: limits.body_bytes: `64KB` is not a size; write bytes as a number, or a number with KiB, MiB or "
        "GiB"}},
      {"small size",
       "limits: { body_bytes: 512 }\n",
       {"a.yaml:1:23: limits.body_bytes: must be 1KiB to 1GiB, not `512`"}},
      {"large size",
       "limits: { body_bytes: 99999999999GiB }\n",
       {"a.yaml:1:23: limits.body_bytes: `99999999999GiB` is too large"}},
      {"choice",
       "log: { level: warning }\n",
       {"a.yaml:1:15: log.level: must be one of `debug`, `info`, `warn`, `error`, not `warning`"}},
      {"near choice",
       "log: { level: infos }\n",
       {"a.yaml:1:15: log.level: must be one of `debug`, `info`, `warn`, `error`, not `infos`; did you mean `info`?"}},
      // Listen.
      {"no port",
       "listen: { api: 127.0.0.1 }\n",
       {"a.yaml:1:16: listen.api: `127.0.0.1` has no port; write it as in 127.0.0.1:8080"}},
      {"bare port",
       "listen: { api: ':8080' }\n",
       {"a.yaml:1:16: listen.api: `:8080` has no address; write 0.0.0.0 (or [::]) before the port for every "
        "interface"}},
      {"name",
       "listen: { api: 'example.com:80' }\n",
       {"a.yaml:1:16: listen.api: `example.com:80` is not an IP address and port; write it as in 127.0.0.1:8080 or "
        "[::1]:8080"}},
      {"bare v6",
       "listen: { api: '::1:8080' }\n",
       {"a.yaml:1:16: listen.api: `::1:8080` has more than one colon; write an IPv6 address in brackets, as in "
        "[::1]:8080"}},
      {"port",
       "listen: { api: '1.2.3.4:65536' }\n",
       {"a.yaml:1:16: listen.api: `1.2.3.4:65536` has a wrong port; a port is 0 to 65535"}},
      {"no address", "listen: { api: [] }\n", {"a.yaml:1:16: listen.api: must hold at least one address"}},
      {"same address",
       "listen: { api: '127.0.0.1:80', admin: '127.0.0.1:80' }\n",
       {"a.yaml:1:39: listen.admin: an address and port is given twice"}},
      {"block bits",
       "listen: { trusted_proxies: [ 10.0.0.1/8 ] }\n",
       {"a.yaml:1:30: listen.trusted_proxies[0]: `10.0.0.1/8` has bits set after its prefix; the block is 10.0.0.0/8"}},
      {"block",
       "listen: { trusted_proxies: [ 10.0.0.0/33, x ] }\n",
       {"a.yaml:1:30: listen.trusted_proxies[0]: `10.0.0.0/33` has a wrong prefix length; it is 0 to 32",
        "a.yaml:1:43: listen.trusted_proxies[1]: `x` is not an address block; write one like 10.0.0.0/8 or fd00::/8"}},
      {"tls fields",
       "listen: { tls: { cert: nowhere.pem, client_auth: required } }\n",
       {"a.yaml:1:16: listen.tls: `key` is missing",
        "a.yaml:1:24: listen.tls.cert: the file `nowhere.pem` cannot be read: No such file or directory",
        "a.yaml:1:50: listen.tls.client_auth: needs `client_ca`"}},
      {"tls version",
       "listen: { tls: { min_version: 1.3 } }\n",
       {"a.yaml:1:16: listen.tls: `cert` is missing", "a.yaml:1:16: listen.tls: `key` is missing",
        "a.yaml:1:31: listen.tls.min_version: must be text; put `1.3` in quotes"}},
      // Providers.
      {"kind",
       "providers: [ { name: p, kind: opena } ]\n",
       {"a.yaml:1:31: providers[0].kind: must be one of " + all_kinds() + ", not `opena`; did you mean `openai`?"}},
      {"no base",
       "providers: [ { name: p, kind: openai_compatible } ]\n",
       {"a.yaml:1:14: providers[0]: `base_url` is missing; kind `openai_compatible` has none of its own"}},
      {"names",
       "providers:\n  - { name: p, kind: openai }\n  - { name: p, kind: openai }\n  - { name: 'p q', kind: openai }\n",
       {"a.yaml:3:13: providers[1].name: is the name of providers[0] already (line 2)",
        "a.yaml:4:13: providers[2].name: may hold only letters, digits, `.`, `_` and `-`"}},
      {"taken by the sandbox",
       "sandbox: { enabled: true }\nproviders: [ { name: sandbox, kind: openai } ]\n",
       {"a.yaml:2:22: providers[0].name: is the name that `sandbox.enabled` adds"}},
      {"user in URL",
       "providers: [ { name: p, kind: openai, base_url: 'https://me:pa55word@host/v1' } ]\n",
       {"a.yaml:1:49: providers[0].base_url: must not carry a user or a password; give `api_key` or `headers` "
        "instead"}},
      {"scheme",
       "providers: [ { name: p, kind: openai, base_url: 'ftp://host' } ]\n",
       {"a.yaml:1:49: providers[0].base_url: must begin with https:// or http://"}},
      {"header",
       "providers: [ { name: p, kind: openai, headers: { Host: x, 'a b': y, X-A: \"1\", x-a: \"2\" } } ]\n",
       {"a.yaml:1:56: providers[0].headers.Host: is a header field that the gateway sets itself",
        "a.yaml:1:66: providers[0].headers.a?b: is not the name of a header field",
        "a.yaml:1:84: providers[0].headers.x-a: is given twice (names of header fields ignore case)"}},
      {"header with a line end",
       "providers: [ { name: p, kind: openai, headers: { X-A: \"1\\r\\nX-B: 2\" } } ]\n",
       {"a.yaml:1:55: providers[0].headers.X-A: must not hold control characters"}},
      {"two credentials",
       "providers: [ { name: p, kind: openai, api_key: abc, headers: { authorization: x } } ]\n",
       {"a.yaml:1:62: providers[0].headers: gives `Authorization` besides `api_key`; give one of them"}},
      {"fields of other kinds",
       "providers: [ { name: p, kind: openai, resource: r }, { name: q, kind: groq, aws: { region: eu-west-1 } } ]\n",
       {"a.yaml:1:49: providers[0].resource: does not go with kind `openai`",
        "a.yaml:1:82: providers[1].aws: does not go with kind `groq`"}},
      {"what an address is made of",
       "providers:\n  - { name: a, kind: azure, api_key: k }\n  - { name: b, kind: bedrock, api_key: k }\n"
       "  - { name: d, kind: databricks, api_key: k, host: 'no_host-' }\n  - { name: v, kind: vertex, api_key: k }\n",
       {"a.yaml:2:5: providers[0]: `resource` is missing; the address of kind `azure` is made of it",
        "a.yaml:3:5: providers[1]: `aws.region` is missing; the address of kind `bedrock` is made of it",
        "a.yaml:4:5: providers[2]: the address that kind `databricks` makes of its fields has no valid host name or "
        "address",
        "a.yaml:5:5: providers[3]: `project` is missing; kind `vertex` needs it",
        "a.yaml:5:5: providers[3]: `location` is missing; kind `vertex` needs it"}},
      {"one credential",
       "providers: [ { name: a, kind: azure, resource: r, api_key: k, oauth: { tenant_id: t, client_id: c, "
       "client_secret: s } } ]\n",
       {"a.yaml:1:14: providers[0]: gives more than one credential; give one of `api_key`, `oauth`, `credentials`, "
        "`metadata_endpoint` and the sources in `aws`"}},
      {"oauth",
       "providers:\n  - { name: a, kind: azure, resource: r, oauth: { client_id: c } }\n"
       "  - { name: b, kind: vllm, oauth: { client_id: c, client_secret: s } }\n"
       "  - { name: c, kind: vllm, oauth: { client_id: c, client_secret: s, tenant_id: t, token_url: "
       "'http://a.example' "
       "} }\n  - { name: d, kind: databricks, base_url: 'https://h', oauth: { client_id: c, client_secret: s } }\n",
       {"a.yaml:2:49: providers[0].oauth: needs `client_id` and `client_secret`",
        "a.yaml:2:49: providers[0].oauth: needs `tenant_id`", "a.yaml:3:35: providers[1].oauth: needs `token_url`",
        "a.yaml:4:35: providers[2].oauth: `token_url` must be https: a secret is sent there",
        "a.yaml:4:35: providers[2].oauth: `tenant_id` goes with kind `azure`",
        "a.yaml:5:64: providers[3].oauth: needs `token_url`, or `host`"}},
      {"aws",
       "providers:\n  - { name: a, kind: bedrock, base_url: 'https://h', aws: { access_key_id: AKIAAAAAAAAAAAAA } }\n"
       "  - { name: b, kind: bedrock, aws: { region: eu-west-1, role_arn: 'arn:aws:iam::1:role/r', session_token: t, "
       "sts_endpoint: 'http://a.example', container_token: t } }\n"
       "  - { name: c, kind: bedrock, aws: { region: eu-west-1, imds_endpoint: 'http://169.254.169.254', "
       "container_endpoint: 'http://192.0.2.1/x' } }\n",
       {"a.yaml:2:59: providers[0].aws: `access_key_id` and `secret_access_key` go together",
        "a.yaml:2:59: providers[0].aws: needs `region`: it is part of what is signed",
        "a.yaml:3:36: providers[1].aws: `container_token` and `container_token_file` go with `container_endpoint`",
        "a.yaml:3:67: providers[1].aws.role_arn: needs a source of credentials",
        "a.yaml:3:107: providers[1].aws.session_token: goes with `access_key_id`",
        "a.yaml:3:124: providers[1].aws.sts_endpoint: must be https, or an address of this machine's own",
        "a.yaml:4:36: providers[2].aws: names more than one source of credentials; give one of `access_key_id`, "
        "`credentials_file`, `web_identity_token_file`, `container_endpoint` and `imds_endpoint`",
        "a.yaml:4:118: providers[2].aws.container_endpoint: must be https, or an address of this machine's own"}},
      {"watsonx",
       "providers: [ { name: w, kind: watsonx, api_key: k, location: eu-de } ]\n",
       {"a.yaml:1:14: providers[0]: kind `watsonx` needs one of `project` and `space_id`"}},
      {"dialects and quirks",
       "providers: [ { name: p, kind: vllm, speaks: [ openai ], refuses: [], quirks: [ alternate ] } ]\n",
       {"a.yaml:1:47: providers[0].speaks[0]: must be one of " + listed_dialects() + ", not `openai`",
        "a.yaml:1:80: providers[0].quirks[0]: must be one of " + listed_quirks() +
            ", not `alternate`; did you mean "
            "`alternates`?"}},
      {"credentials with control characters",
       "providers: [ { name: p, kind: vertex, project: p, location: global, credentials: \"{}\\e\" } ]\n",
       {"a.yaml:1:82: providers[0].credentials: must not hold control characters"}},
      {"metadata server",
       "providers: [ { name: p, kind: vertex, project: p, location: global, metadata_endpoint: 'http://192.0.2.1' } "
       "]\n",
       {"a.yaml:1:88: providers[0].metadata_endpoint: must be https, or an address of this machine's own"}},
      {"sandbox fields",
       "providers: [ { name: p, kind: sandbox, api_key: abc } ]\n",
       {"a.yaml:1:49: providers[0].api_key: does not go with kind `sandbox`"}},
      // Passthrough.
      {"unknown passthrough",
       "passthrough: { provider: opnai }\nproviders: [ { name: openai, kind: openai } ]\n",
       {"a.yaml:1:26: passthrough.provider: no provider is called `opnai`; did you mean `openai`?"}},
      {"empty passthrough", "passthrough: {}\n", {"a.yaml:1:14: passthrough: `provider` is missing"}},
      // Models.
      {"unknown provider",
       "providers: [ { name: openai, kind: openai } ]\nmodels: [ { name: m, targets: [ { provider: opnai, model: x } ] "
       "} ]\n",
       {"a.yaml:2:45: models[0].targets[0].provider: no provider is called `opnai`; did you mean `openai`?"}},
      {"strategy",
       "providers: [ { name: p, kind: openai } ]\nmodels: [ { name: m, strategy: lowest_cost, fallbacks: [ n ], "
       "targets: [ { provider: p, model: x, weight: 0 } ] } ]\n",
       {"a.yaml:2:32: models[0].strategy: `lowest_cost` is not available in this version; available: `weighted`",
        "a.yaml:2:45: models[0]: `fallbacks` is not available in this version",
        "a.yaml:2:107: models[0].targets[0].weight: must be 1 to 1000000, not `0`"}},
      {"no targets",
       "models: [ { name: m, targets: [] }, { name: m } ]\n",
       {"a.yaml:1:31: models[0].targets: must hold at least one target", "a.yaml:1:37: models[1]: `targets` is missing",
        "a.yaml:1:45: models[1].name: is the name of models[0] already (line 1)"}},
      {"stars",
       "providers: [ { name: p, kind: openai } ]\nmodels:\n  - { name: a*b, targets: [ { provider: p, model: x } ] }\n "
       " - "
       "{ name: c, targets: [ { provider: p, model: '*' } ] }\n  - { name: d*, targets: [ { provider: p, model: '**' } "
       "] }\n",
       {"a.yaml:3:13: models[0].name: may have `*` only at its end",
        "a.yaml:4:25: models[1].targets: [0].model has `*`, but the name of the model has none",
        "a.yaml:5:50: models[2].targets[0].model: may have `*` only once"}},
      // Keys.
      {"short key",
       "keys: [ { name: k, key: short } ]\n",
       {"a.yaml:1:25: keys[0].key: must have 12 to 512 characters; it has 5"}},
      {"number as key",
       "keys: [ { name: k, key: 123456789012 } ]\n",
       {"a.yaml:1:25: keys[0].key: must be text; put the value in quotes"}},
      {"space in key",
       "keys: [ { name: k, key: 'abc def ghi jkl' } ]\n",
       {"a.yaml:1:25: keys[0].key: may hold only visible ASCII characters and no spaces"}},
      {"equal keys",
       "keys:\n  - { name: a, key: abcdefghijkl }\n  - { name: b, key: abcdefghijkl }\n",
       {"a.yaml:3:21: keys[1].key: is the same key as keys[0].key (line 2)"}},
      {"expires",
       "keys: [ { name: a, key: abcdefghijkl, expires: 2027-02-30 } ]\n",
       {"a.yaml:1:48: keys[0].expires: `2027-02-30` is not a date like 2027-01-31 or a time like 2027-01-31T12:00:00Z "
        "(1970 to 2200)"}},
      {"operations",
       "keys: [ { name: a, key: abcdefghijkl, operations: [ embedding ] } ]\n",
       {"a.yaml:1:53: keys[0].operations[0]: must be one of `chat_completions`, `completions`, `embeddings`, "
        "`models_list`, `model_get`, `responses`, `moderations`, `images`, `audio`, `rerank`, `files`, `batches`, "
        "`messages`, `count_tokens`, `generate_content`, `stream_content`, `embed_content`, `realtime`, "
        "`passthrough`, not `embedding`; did you mean `embeddings`?"}},
      {"metadata",
       "keys: [ { name: a, key: abcdefghijkl, metadata: { '': x, a: '" + std::string(1024, 'x') + "', b: '" +
           std::string(1023, 'x') + "' } } ]\n",
       {"a.yaml:1:55: keys[0].metadata.: the name must have 1 to 128 characters and no control characters",
        "a.yaml:1:1092: keys[0].metadata.b: more than 64 labels, or more than 2048 bytes of them"}},
      {"lists that would mean all",
       "keys: [ { name: a, key: abcdefghijkl, models: [], operations: [] } ]\n",
       {"a.yaml:1:47: keys[0].models: must name at least one; leave it out to allow all",
        "a.yaml:1:63: keys[0].operations: must name at least one; leave it out to allow all"}},
      {"a key that is no map",
       "keys:\n  - x\n  - { name: a, key: abcdefghijkl }\n  - { name: b, key: abcdefghijkl }\n",
       {"a.yaml:2:5: keys[0]: must be a map of names to values, not one value",
        "a.yaml:4:21: keys[2].key: is the same key as keys[1].key (line 3)"}},
      // References.
      {"unset",
       "providers: [ { name: p, kind: openai, api_key: '${NOT_SET}' } ]\n",
       {"a.yaml:1:48: providers[0].api_key: the variable `NOT_SET` is not set and has no default"}},
      {"open",
       "providers: [ { name: p, kind: openai, api_key: '${NOT_SET' } ]\n",
       {"a.yaml:1:48: providers[0].api_key: has `${` without its `}`; write `$$` for a dollar sign"}},
      {"no name",
       "providers: [ { name: p, kind: openai, api_key: '${1}' } ]\n",
       {"a.yaml:1:48: providers[0].api_key: has no name of a variable after `${`; write ${NAME} or ${NAME:-default}"}},
      {"no file",
       "providers: [ { name: p, kind: openai, api_key: 'file:nowhere' } ]\n",
       {"a.yaml:1:48: providers[0].api_key: the file of `file:nowhere` cannot be read: No such file or directory"}},
      // All of them at once, in the order of the file.
      {"many",
       "log: { level: loud }\nworkers: { threads: x }\nwhat: 1\nauth: { required: no }\n",
       {"a.yaml:1:15: log.level: must be one of `debug`, `info`, `warn`, `error`, not `loud`",
        "a.yaml:2:21: workers.threads: must be a whole number, 0 to 256, not `x`", "a.yaml:3:1: unknown key `what`",
        "a.yaml:4:19: auth.required: must be true or false, not `no`; write false"}},
  };
}
INSTANTIATE_TEST_SUITE_P(Load, WrongFiles, testing::ValuesIn(wrong_files()), [](const auto& info) {
  std::string name(info.param.what);
  for (char& c : name) {
    if (c == ' ') c = '_';
  }
  return name;
});

}  // namespace
}  // namespace gatehouse::config
