#include "gatehouse/app/cli.h"

#include <unistd.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "gatehouse/app/commands/backup.h"
#include "gatehouse/app/commands/guard.h"
#include "gatehouse/app/commands/import_litellm.h"
#include "gatehouse/app/commands/key.h"
#include "gatehouse/app/commands/models.h"
#include "gatehouse/app/commands/selftest.h"
#include "gatehouse/app/commands/tokens.h"
#include "gatehouse/app/commands/usage.h"
#include "gatehouse/app/onnx_loader.h"
#include "gatehouse/app/semantics_keeper.h"
#include "gatehouse/app/server.h"
#include "gatehouse/config/load.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/ml/onnx/runtime.h"

namespace gatehouse::app {
namespace {

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

// For tests and supervisors: where to find what was started.
void print_listening(const Server& server) {
  std::string line;
  json::Writer writer(line);
  writer.begin_object().key("event").string("listening");
  writer.key("api").string(server.api().front().to_string());
  writer.key("admin").string(server.admin().front().to_string());
  writer.key("pid").integer(::getpid()).end_object();
  print(line + "\n");
}

// For a newcomer who started it without a configuration.
void print_welcome(const Server& server) {
  const std::string api = "http://" + server.api().front().to_string();
  const std::string admin = "http://" + server.admin().front().to_string();
  const auto& snapshot = server.snapshot();
  const std::string model = snapshot.models.empty() ? "sandbox" : snapshot.models.front().name;
  std::fprintf(stderr,
               "\nGatehouse runs without a configuration: the sandbox provider answers, on loopback, and no key is "
               "asked for.\nAsk it something:\n\n"
               "  curl %s/v1/chat/completions -H 'content-type: application/json' \\\n"
               "    -d '{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello, who are you?\"}]}'\n\n"
               "Models: %s/v1/models   Metrics: %s/metrics\n"
               "With your own providers: gatehouse serve --config gatehouse.yaml (docs/configuration.md)\n\n",
               api.c_str(), model.c_str(), api.c_str(), admin.c_str());
}

// For the one who will administer it. Shown once: only its hash is kept.
void print_first_owner(Server& server) {
  const auto key = server.first_owner();
  if (!key) return;
  const std::string admin = "http://" + server.admin().front().to_string();
  std::fprintf(stderr,
               "The first admin key, an owner's, which is not shown again%s:\n\n  %.*s\n\n  curl %s/admin/v1/keys -H "
               "'authorization: Bearer %.*s'\n\n",
               server.snapshot().store.empty() ? " (and ends with this process, for there is no `store`)" : "",
               static_cast<int>(key->reveal().size()), key->reveal().data(), admin.c_str(),
               static_cast<int>(key->reveal().size()), key->reveal().data());
}

int serve(const std::string& config_path, const std::string& store) {
  Server server({.config_path = config_path,
                 .store = store,
                 .environment = config::process_environment(),
                 .on_listening = [](Server& s) {
                   print_listening(s);
                   if (s.configured_by_default()) print_welcome(s);
                   print_first_owner(s);
                 }});
  return server.run();
}

void write_problems(json::Writer& writer, const std::vector<config::Problem>& problems) {
  writer.begin_array();
  for (const auto& problem : problems) {
    writer.begin_object().key("file").string(problem.file).key("line").integer(problem.line);
    writer.key("column").integer(problem.column).key("path").string(problem.path);
    writer.key("message").string(problem.message).end_object();
  }
  writer.end_array();
}

// The parts of a configuration beside each other, as a start would find them in an empty store.
// `warnings` gets what a start would go on without.
Result<void> check_together(const std::shared_ptr<const config::Snapshot>& snapshot,
                            std::vector<std::string>& warnings) {
  const base::SystemClock clock;
  auto made = configure(snapshot, llm::Catalogue::built_in(), clock.wall());
  if (!made) return std::unexpected(std::move(made.error()));
  config::Snapshot without_store = *snapshot;
  without_store.store.clear();
  observe::Log log(observe::Log::Options{});
  auto governing = Governing::open(without_store, clock, log, {});
  if (!governing) return std::unexpected(std::move(governing.error()));
  auto plan = (*governing)->check(without_store);
  if (!plan) return std::unexpected(std::move(plan.error()));
  const std::string program = SemanticsKeeper::program_folder();
  SemanticsKeeper semantics(make_onnx_loader(program), program);
  auto models = semantics.check(without_store);
  if (!models) return std::unexpected(std::move(models.error()));
  warnings = std::move(models->warnings);
  if (!models->status.missing.empty()) warnings.push_back(models->status.missing);
  return {};
}

int check(const std::string& config_path, bool as_json) {
  std::error_code ignored;
  if (!config_path.empty() && !std::filesystem::exists(config_path, ignored)) {
    std::fprintf(stderr, "gatehouse: %s: no such file or folder\n", config_path.c_str());
    return 2;
  }
  const auto loaded =
      config_path.empty() ? config::defaults() : config::load(config_path, config::process_environment());
  std::vector<config::Problem> problems = loaded.problems;
  std::vector<config::Problem> all_warnings = loaded.warnings;
  const auto of_the_whole = [&](std::string message) {
    return config::Problem{.file = config_path, .line = 0, .column = 0, .path = {}, .message = std::move(message)};
  };
  if (loaded.snapshot) {
    std::vector<std::string> warnings;
    // What only shows when it is put together: certificates, keys given twice.
    if (const auto whole = check_together(loaded.snapshot, warnings); !whole) {
      problems.push_back(of_the_whole(whole.error().detail));
    }
    for (auto& warning : warnings) all_warnings.push_back(of_the_whole(std::move(warning)));
  }
  if (as_json) {
    std::string out;
    json::Writer writer(out);
    writer.begin_object().key("ok").boolean(problems.empty()).key("problems");
    write_problems(writer, problems);
    writer.key("warnings");
    write_problems(writer, all_warnings);
    writer.end_object();
    print(out + "\n");
  } else {
    for (const auto& problem : problems) print(problem.to_string() + "\n");
    for (const auto& warning : all_warnings) print("warning: " + warning.to_string() + "\n");
    if (problems.empty()) {
      print("ok: " + std::to_string(loaded.snapshot->providers.size()) + " providers, " +
            std::to_string(loaded.snapshot->models.size()) + " models, " +
            std::to_string(loaded.snapshot->keys.size()) + " keys\n");
    }
  }
  return problems.empty() ? 0 : 1;
}

}  // namespace

int run_cli(int argc, char** argv) {
  ml::Runtime::keep_to_itself();  // before there is a second thread
  CLI::App app("Gatehouse: a security and governance gateway for LLM traffic", "gatehouse");
  app.set_version_flag("--version", GATEHOUSE_VERSION);
  app.require_subcommand(1);
  std::string config_path;
  bool as_json = false;
  bool markdown = false;

  auto* serve_command = app.add_subcommand("serve", "run the gateway; without --config with the sandbox provider");
  serve_command->add_option("-c,--config", config_path, "a YAML file, or a folder of them");
  std::string store;
  serve_command->add_option("--store", store, "sqlite:FILE, instead of the configuration's `store`");
  auto* check_command = app.add_subcommand("check", "say what is wrong with a configuration; exit 1 if anything is");
  check_command->add_option("-c,--config", config_path, "a YAML file, or a folder of them");
  check_command->add_flag("--json", as_json, "one JSON object");
  auto* schema_command = app.add_subcommand("schema", "print the configuration's JSON Schema, for editors");
  schema_command->add_flag("--markdown", markdown, "the reference of docs/configuration.md instead");
  ModelsFilter models_filter;
  auto* models_command_line = app.add_subcommand("models", "what models cost and can do, and from where that is known");
  models_command_line->add_option("text", models_filter.text, "part of a model's name");
  models_command_line->add_option("-p,--provider", models_filter.provider, "models of this provider only");
  models_command_line->add_option("-c,--config", config_path,
                                  "the models of a configuration, with the prices that apply");
  models_command_line->add_flag("--all", models_filter.with_retired, "deprecated models too");
  models_command_line->add_flag("--json", as_json, "one JSON object");
  TokensOptions tokens;
  auto* tokens_command = add_tokens_command(app, tokens);

  GuardOptions guard;
  auto* guard_command = add_guard_command(app, guard);

  SelftestOptions selftest_options;
  auto* selftest_command = add_selftest_command(app, selftest_options);

  // Commands that run as they are parsed.
  int exit_code = 0;
  add_usage_command(app, exit_code);
  add_backup_command(app, exit_code);
  add_key_command(app, exit_code);
  commands::ImportLitellm import_options;
  auto* import_command = app.add_subcommand("import", "turn the configuration of another gateway into one of ours");
  import_command->require_subcommand(1);
  auto* litellm_command =
      import_command->add_subcommand("litellm", "LiteLLM's config.yaml; exit 1 if something is lost");
  litellm_command->add_option("config", import_options.input, "LiteLLM's configuration file")->required();
  litellm_command->add_option("-o,--output", import_options.output, "a new file; without, standard output");
  litellm_command->add_flag("--json", import_options.as_json, "one JSON object");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  try {
    if (serve_command->parsed()) return serve(config_path, store);
    if (check_command->parsed()) return check(config_path, as_json);
    if (models_command_line->parsed()) return models_command(config_path, models_filter, as_json);
    if (tokens_command->parsed()) return run_tokens_command(tokens);
    if (guard_command->parsed()) return run_guard_command(*guard_command, guard);
    if (selftest_command->parsed()) return run_selftest_command(selftest_options);
    if (schema_command->parsed()) {
      print((markdown ? config::reference_markdown() : config::json_schema()) + "\n");
      return 0;
    }
    if (litellm_command->parsed()) return commands::import_litellm(import_options);
    return exit_code;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gatehouse: %s\n", error.what());
    return 2;
  }
}

}  // namespace gatehouse::app
