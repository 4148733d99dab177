#include "gatehouse/app/commands/key.h"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "gatehouse/app/commands/admin_client.h"
#include "gatehouse/crypto/virtual_key.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::app {
namespace {

struct Arguments {
  std::string admin = "http://127.0.0.1:8081";
  std::string key_variable = "GATEHOUSE_ADMIN_KEY";
  bool json = false;
  std::string id;
  std::string name, parent, user, expires, priority, state;
  std::vector<std::string> models;
  long long overlap_seconds = 0;
};

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

int complain(const Error& error) {
  std::fprintf(stderr, "gatehouse: %s\n", error.to_string().c_str());
  return 2;
}

Result<AdminClient> client_of(const Arguments& arguments) {
  // In the environment and not in an argument, which everybody on the machine could read.
  const char* key = std::getenv(arguments.key_variable.c_str());  // NOLINT(concurrency-mt-unsafe): one thread yet
  if (key == nullptr || *key == '\0') {
    return fail(Code::configuration, "the environment variable " + arguments.key_variable + " holds no admin key");
  }
  return AdminClient::open(arguments.admin, base::Secret(key));
}

// 0, or 1 with the gateway's reason on stderr.
int refused(const AdminClient::Answer& answer) {
  if (answer.status >= 200 && answer.status < 300) return 0;
  const json::Value problem(answer.body);
  std::fprintf(stderr, "gatehouse: %d %s\n", answer.status,
               problem["detail"].string_or(problem["title"].string_or("refused")).c_str());
  return 1;
}

std::string line_of(const json::Value& key) {
  return fmt::format("{:<16} {:<8} {:<9} {:<24} {}\n", key["id"].string_or(""), key["hint"].string_or(""),
                     key["state"].string_or(""), key["parent"].string_or(""), key["name"].string_or(""));
}

// One request whose answer is a key, an object, or nothing.
int ask(const Arguments& arguments, std::string_view method, const std::string& target, const std::string& body) {
  const auto client = client_of(arguments);
  if (!client) return complain(client.error());
  const auto answer = client->ask(method, target, body);
  if (!answer) return complain(answer.error());
  if (const int code = refused(*answer); code != 0) return code;
  if (arguments.json) {
    print((answer->body.empty() ? "{}" : answer->body) + "\n");
    return 0;
  }
  const json::Value value(answer->body);
  if (const auto key = value["key"].string()) {
    // The key alone on stdout, for whatever takes it from there.
    print(*key + "\n");
    std::fprintf(stderr, "%s; it is not shown again\n", value["object"]["id"].string_or("").c_str());
  } else if (value["id"].exists()) {
    print(line_of(value));
  }
  return 0;
}

int create(const Arguments& arguments) {
  std::string body;
  json::Writer writer(body);
  writer.begin_object();
  const auto text = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) writer.key(name).string(value);
  };
  text("name", arguments.name);
  text("parent", arguments.parent);
  text("user", arguments.user);
  text("expires_at", arguments.expires);
  text("priority", arguments.priority);
  if (!arguments.models.empty()) {
    writer.key("models").begin_array();
    for (const auto& model : arguments.models) writer.string(model);
    writer.end_array();
  }
  writer.end_object();
  return ask(arguments, "POST", "/admin/v1/keys", body);
}

int list(const Arguments& arguments) {
  const auto client = client_of(arguments);
  if (!client) return complain(client.error());
  std::string filters;
  if (!arguments.parent.empty()) filters += "&below=" + percent_encode(arguments.parent);
  if (!arguments.state.empty()) filters += "&state=" + percent_encode(arguments.state);
  std::string cursor;
  do {
    const std::string page = cursor.empty() ? std::string() : "&cursor=" + percent_encode(cursor);
    const auto answer = client->ask("GET", "/admin/v1/keys?limit=1000" + filters + page);
    if (!answer) return complain(answer.error());
    if (const int code = refused(*answer); code != 0) return code;
    const json::Value value(answer->body);
    value["data"].elements(
        [&](json::Value key) { print(arguments.json ? std::string(key.raw()) + "\n" : line_of(key)); });
    cursor = value["next_cursor"].string_or("");
  } while (!cursor.empty());
  return 0;
}

}  // namespace

void add_key_command(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("key", "virtual keys: make one, or manage those of a running gateway");
  command->require_subcommand(1);
  const auto arguments = std::make_shared<Arguments>();
  const auto add = [&](const char* name, const char* what, bool with_id, std::function<int(const Arguments&)> run) {
    auto* sub = command->add_subcommand(name, what);
    sub->add_option("--admin", arguments->admin, "the admin port, on this machine")->capture_default_str();
    sub->add_option("--admin-key", arguments->key_variable, "the environment variable that holds the admin key")
        ->capture_default_str();
    sub->add_flag("--json", arguments->json, "JSON, as the API gives it");
    if (with_id) sub->add_option("id", arguments->id, "the key's id, key_...")->required();
    sub->callback([arguments, &exit_code, run = std::move(run)] { exit_code = run(*arguments); });
    return sub;
  };
  auto* fresh = command->add_subcommand("new", "print a new key, to be put into a configuration");
  fresh->add_flag("--json", arguments->json, "one JSON object");
  fresh->callback([arguments] {
    const std::string key = crypto::make_virtual_key();
    print(arguments->json ? "{\"key\":\"" + key + "\"}\n" : key + "\n");
  });
  auto* made = add("create", "make a key in a running gateway and print it, once", false, create);
  made->add_option("--name", arguments->name, "for people");
  made->add_option("--parent", arguments->parent, "where it belongs: KIND:ID, for instance team:support");
  made->add_option("--user", arguments->user, "whose it is");
  made->add_option("--models", arguments->models, "only these models; a star at the end stands for all that follow");
  made->add_option("--expires", arguments->expires, "a date, or a date-time of RFC 3339");
  made->add_option("--priority", arguments->priority, "critical, high, normal, low or batch");
  auto* listed = add("list", "list keys, never the keys themselves", false, list);
  listed->add_option("--below", arguments->parent, "only those anywhere below KIND:ID");
  listed->add_option("--state", arguments->state, "active, blocked, expired or revoked");
  const auto target = [](const Arguments& given, std::string_view action) {
    return "/admin/v1/keys/" + percent_encode(given.id) + std::string(action);
  };
  add("revoke", "refuse a key, for good", true,
      [target](const Arguments& given) { return ask(given, "DELETE", target(given, ""), {}); });
  add("block", "refuse a key until it is unblocked", true,
      [target](const Arguments& given) { return ask(given, "POST", target(given, "/block"), {}); });
  add("unblock", "let a key in again", true,
      [target](const Arguments& given) { return ask(given, "POST", target(given, "/unblock"), {}); });
  auto* rotated =
      add("rotate", "put a new key in the place of one and print it, once", true, [target](const Arguments& given) {
        return ask(given, "POST", target(given, "/rotate"),
                   "{\"overlap_seconds\":" + std::to_string(given.overlap_seconds) + "}");
      });
  rotated->add_option("--overlap", arguments->overlap_seconds, "seconds for which the old key stays valid")
      ->check(CLI::Range(0LL, 31'536'000LL))
      ->capture_default_str();
}

}  // namespace gatehouse::app
