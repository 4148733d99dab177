#include "gatehouse/admin/api/openapi.h"

#include <algorithm>
#include <array>
#include <vector>

#include "gatehouse/admin/api/api.h"

namespace gatehouse::admin {
namespace {

struct Member {
  std::string_view name;
  std::string_view schema;  // JSON
};

constexpr std::string_view kText = R"({"type":"string"})";
constexpr std::string_view kNumber = R"({"type":"integer"})";
constexpr std::string_view kFlag = R"({"type":"boolean"})";
constexpr std::string_view kTime = R"({"type":"string","format":"date-time"})";
constexpr std::string_view kObject = R"({"type":"object"})";
constexpr std::string_view kNames = R"({"type":"array","items":{"type":"string"}})";
constexpr std::string_view kPlace =
    R"({"type":"string","description":"KIND:ID, for instance team:support","examples":["team:support"]})";

// What the members of bodies and answers are, by their names: one meaning a name everywhere.
constexpr auto kMembers = std::to_array<Member>({
    {"id", kText},
    {"name", kText},
    {"kind", kText},
    {"parent", kPlace},
    {"scope", kPlace},
    {"user", kText},
    {"hint", R"({"type":"string","description":"the key's first characters"})"},
    {"metadata", kObject},
    {"active", kFlag},
    {"effective_active", R"({"type":"boolean","description":"it and all above it are on"})"},
    {"deleted", kFlag},
    {"blocked", kFlag},
    {"models", kNames},
    {"operations", kNames},
    {"providers", kNames},
    {"regions", kNames},
    {"addresses", R"({"type":"array","items":{"type":"string","description":"CIDR"}})"},
    {"expires_at", kTime},
    {"created_at", kTime},
    {"revoked_at", kTime},
    {"previous_valid_until", kTime},
    {"priority", R"({"type":"string","enum":["critical","high","normal","low","batch"]})"},
    {"weight", R"({"type":"integer","minimum":1,"maximum":1000})"},
    {"state", R"({"type":"string","enum":["active","blocked","expired","revoked"]})"},
    {"origin", R"({"type":"string","enum":["configuration","api"]})"},
    {"version", R"({"type":"integer","description":"changes with each change; the entity tag"})"},
    {"overlap_seconds", R"({"type":"integer","minimum":0,"maximum":31536000})"},
    {"subject", R"({"type":"string","description":"admin_key:ID or user:ID"})"},
    {"role", R"({"type":"string","enum":["owner","security-admin","operator","developer","auditor"]})"},
    {"resource",
     R"({"type":"string","enum":["requests","prompt_tokens","completion_tokens","total_tokens","usd","concurrency"]})"},
    {"amount", R"({"type":"number","minimum":0,"description":"of usd: dollars, at most nine decimal places"})"},
    {"window", R"({"type":"string","enum":["minute","hour","day","week","month","lifetime"]})"},
    {"rolling", kFlag},
    {"time_zone", R"({"type":"string","description":"IANA name; UTC without it"})"},
    {"soft", R"({"type":"number","minimum":0,"maximum":1})"},
    {"downgrade_to", kText},
    {"notify", kFlag},
    {"used", R"({"type":"number","description":"in the current window"})"},
    {"held", R"({"type":"number","description":"by requests in flight"})"},
    {"key", R"({"type":"string","description":"the key itself; not shown again"})"},
    {"number", kNumber},
    {"time", kTime},
    {"actor", kText},
    {"address", kText},
    {"action", kText},
    {"before", kObject},
    {"after", kObject},
    {"tenant", R"({"type":"string","description":"KIND:ID: whose values","examples":["team:support"]})"},
    {"tokens",
     R"({"type":"array","minItems":1,"maxItems":100,"items":{"type":"string","examples":["[PII:EMAIL:tok_...]"]}})"},
    {"reason", R"({"type":"string","minLength":3,"maxLength":500,"description":"goes into the change log"})"},
    {"data", R"({"type":"array","items":{"$ref":"#/components/schemas/Value"}})"},
    {"token", kText},
    {"found", kFlag},
    {"entity", kText},
    {"value", R"({"type":"string","description":"what the token stands for"})"},
    {"erased", kNumber},
    {"entries_in_memory", kNumber},
    {"bytes_in_memory", kNumber},
    {"waiting", R"({"type":"integer","description":"not written to the store yet"})"},
    {"written", kNumber},
    {"refused", R"({"type":"integer","description":"because the queue was full"})"},
    {"failures", kNumber},
    {"collisions", kNumber},
    {"unreadable", kNumber},
    {"keys",
     R"({"type":"array","items":{"type":"object","properties":{"id":{"type":"integer"},"entries":{"type":"integer","description":"of the store that this master key opens"}}}})"},
    {"code", kText},
    {"title", kText},
    {"detail", kText},
    {"status", kNumber},
    {"type", kText},
});

struct Schema {
  std::string_view name;
  std::string_view members;  // names with spaces between; a `=Name` after one: of that schema
};
constexpr auto kSchemas = std::to_array<Schema>({
    {"Node",
     "id kind name parent models operations providers regions addresses metadata active effective_active deleted "
     "origin created_at version"},
    {"Key",
     "id name hint parent user models operations providers regions addresses metadata priority weight state "
     "effective_active expires_at previous_valid_until revoked_at origin created_at version"},
    {"MadeKey", "key object=Key"},
    {"Role", "id subject role scope created_at version"},
    {"AdminKey", "id name hint user expires_at blocked created_at version"},
    {"MadeAdminKey", "key object=AdminKey"},
    {"Limit",
     "id scope resource amount window rolling time_zone models soft downgrade_to notify used held origin created_at "
     "version"},
    {"Change", "number time actor address action object before after"},
    {"Vault", "entries_in_memory bytes_in_memory waiting written refused failures collisions unreadable keys"},
    {"Erased", "erased"},
    {"Detokenised", "data"},
    {"Value", "token found entity value expires_at"},
    {"Problem", "type title status code detail"},
    {"Whoami", ""},
    {"Model", ""},
    {"Provider", ""},
    {"Config", ""},
    {"Usage", ""},
    {"LiteLlm", ""},
});

std::string_view schema_of(std::string_view member) {
  for (const auto& known : kMembers) {
    if (known.name == member) return known.schema;
  }
  return "{}";
}

std::string reference(std::string_view schema) {
  return "{\"$ref\":\"#/components/schemas/" + std::string(schema) + "\"}";
}

void write_content(json::Writer& writer, std::string_view type, std::string_view schema) {
  writer.key("content").begin_object().key(type).begin_object().key("schema").raw(schema).end_object().end_object();
}

void write_body(json::Writer& writer, const Route& route) {
  writer.key("requestBody").begin_object();
  std::string schema;
  json::Writer inner(schema);
  inner.begin_object().key("type").string("object").key("properties").begin_object();
  for (const auto member : route.body) inner.key(member).raw(schema_of(member));
  inner.end_object().key("additionalProperties").boolean(false).end_object();
  write_content(writer, "application/json", schema);
  writer.end_object();
}

void write_parameters(json::Writer& writer, const Route& route) {
  writer.key("parameters").begin_array();
  if (route.path.find("{id}") != route.path.npos) {
    writer.begin_object().key("name").string("id").key("in").string("path").key("required").boolean(true);
    writer.key("schema").raw(kText).end_object();
  }
  for (const auto& parameter : route.parameters) {
    writer.begin_object().key("name").string(parameter.name).key("in").string("query");
    writer.key("description").string(parameter.description).key("schema").raw(kText).end_object();
  }
  if (route.method == http::Method::patch || route.method == http::Method::del) {
    writer.begin_object().key("name").string("If-Match").key("in").string("header").key("schema").raw(kText);
    writer.end_object();
  }
  writer.end_array();
}

void write_operation(json::Writer& writer, const Route& route) {
  writer.begin_object().key("operationId").string(route.id).key("summary").string(route.summary);
  writer.key("x-permission").string(name(route.action));
  write_parameters(writer, route);
  if (route.has_body) write_body(writer, route);
  writer.key("responses").begin_object();
  const bool makes = route.method == http::Method::post && route.id.starts_with("create");
  writer.key(route.method == http::Method::del && route.answer.empty()
                 ? "204"
                 : (makes || route.id == "grantRole" ? "201" : "200"));
  writer.begin_object().key("description").string("done");
  if (route.answer.starts_with('[')) {
    const auto item = route.answer.substr(1, route.answer.size() - 2);
    write_content(writer, "application/json",
                  R"({"type":"object","properties":{"data":{"type":"array","items":)" + reference(item) +
                      R"(},"next_cursor":{"type":"string"}}})");
  } else if (!route.answer.empty()) {
    write_content(writer, "application/json", reference(route.answer));
  }
  writer.end_object();
  writer.key("default").begin_object().key("description").string("a problem (RFC 9457)");
  write_content(writer, "application/problem+json", reference("Problem"));
  writer.end_object().end_object().end_object();
}

std::string_view verb(http::Method method) {
  switch (method) {
    case http::Method::post:
      return "post";
    case http::Method::put:
      return "put";
    case http::Method::del:
      return "delete";
    case http::Method::patch:
      return "patch";
    case http::Method::get:
    case http::Method::head:
    case http::Method::options:
    case http::Method::other:
      break;
  }
  return "get";
}

void write_schemas(json::Writer& writer) {
  writer.key("schemas").begin_object();
  for (const auto& schema : kSchemas) {
    writer.key(schema.name).begin_object().key("type").string("object");
    std::string_view rest = schema.members;
    if (!rest.empty()) writer.key("properties").begin_object();
    const bool any = !rest.empty();
    while (!rest.empty()) {
      const auto space = rest.find(' ');
      const std::string_view word = rest.substr(0, space);
      rest = space == rest.npos ? std::string_view() : rest.substr(space + 1);
      const auto equals = word.find('=');
      if (equals == word.npos) {
        writer.key(word).raw(schema_of(word));
      } else {
        writer.key(word.substr(0, equals)).raw(reference(word.substr(equals + 1)));
      }
    }
    if (any) writer.end_object();
    writer.end_object();
  }
  writer.end_object();
}

}  // namespace

std::string openapi_document(std::string_view version) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("openapi").string("3.1.0").key("info").begin_object();
  writer.key("title").string("Gatehouse admin API").key("version").string(version).end_object();
  writer.key("security").raw(R"([{"adminKey":[]}])").key("paths").begin_object();
  std::vector<std::string_view> paths;
  for (const Route& route : Api::routes()) {
    if (std::ranges::find(paths, route.path) == paths.end()) paths.push_back(route.path);
  }
  for (const auto path : paths) {
    writer.key(path).begin_object();
    for (const Route& route : Api::routes()) {
      if (route.path != path) continue;
      writer.key(verb(route.method));
      write_operation(writer, route);
    }
    writer.end_object();
  }
  writer.end_object().key("components").begin_object();
  writer.key("securitySchemes").raw(R"({"adminKey":{"type":"http","scheme":"bearer","bearerFormat":"gha-..."}})");
  write_schemas(writer);
  writer.end_object().end_object();
  return text;
}

}  // namespace gatehouse::admin
