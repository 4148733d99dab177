#include "gatehouse/config/load.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/config/files.h"
#include "gatehouse/config/reader.h"
#include "gatehouse/config/sandbox.h"

namespace gatehouse::config {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 1000;

// Parses the files one after the other into one tree. A file that cannot be parsed leaves the tree incomplete, so what
// would be said of it could be wrong: then only the reports of the parser count.
class Gatherer {
 public:
  explicit Gatherer(Report& report) : report_(report) {}

  void add_file(const std::string& path) {
    const auto file = read_file(path, kMostFileBytes);
    if (file) {
      add(file->bytes, path);
    } else {
      complete_ = false;
      report_.problem({.file = report_.add_file(path)}, {}, fmt::format("cannot be read: {}", file.error()));
    }
  }
  void add(std::string_view yaml, std::string name) {
    auto tree = parse_tree(yaml, report_.add_file(std::move(name)), nodes_, report_);
    if (!tree) {
      complete_ = false;
    } else if (!first_) {
      merge_tree(root_, std::move(*tree), report_);
    } else {
      first_ = false;
      root_ = std::move(*tree);
    }
  }
  const Node* root() const { return complete_ && !first_ ? &root_ : nullptr; }

 private:
  Report& report_;
  Node root_;
  std::size_t nodes_ = 0;
  bool first_ = true;
  bool complete_ = true;
};

Loaded read(const Gatherer& gathered, const Environment& env, Report& report) {
  auto snapshot = std::make_shared<Snapshot>();
  if (gathered.root() != nullptr) {
    Reader(*snapshot, env, report).read_section(root_section(), *gathered.root(), snapshot.get());
  }
  Loaded loaded;
  if (!report.failed()) loaded.snapshot = std::move(snapshot);
  report.move_to(loaded);
  return loaded;
}

// The *.yaml of a directory in the order of their names (bytes), without those whose names begin with a dot.
std::vector<std::string> yaml_files(const fs::path& directory, Report& report) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with('.')) continue;
    if (name.ends_with(".yaml")) {
      files.push_back(entry->path().string());
    } else if (name.ends_with(".yml")) {
      report.warning({.file = report.add_file(entry->path().string())}, {}, "is not read: only names in .yaml are");
    }
  }
  const Place place{.file = report.add_file(directory.string())};
  if (error) {
    report.problem(place, {}, fmt::format("cannot be read: {}", error.message()));
  } else if (files.empty()) {
    report.problem(place, {}, "holds no *.yaml file");
  } else if (files.size() > kMostFiles) {
    report.problem(place, {}, fmt::format("holds more than {} *.yaml files", kMostFiles));
    files.clear();
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace

Environment process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
  };
}

Loaded load(const std::string& file_or_directory, const Environment& env) {
  Report report;
  Gatherer gathered(report);
  std::error_code ignored;
  if (fs::is_directory(file_or_directory, ignored)) {
    for (const std::string& file : yaml_files(file_or_directory, report)) gathered.add_file(file);
  } else {
    gathered.add_file(file_or_directory);
  }
  return read(gathered, env, report);
}

Loaded load_text(std::string_view yaml, std::string_view file_name, const Environment& env) {
  Report report;
  Gatherer gathered(report);
  gathered.add(yaml, std::string(file_name));
  return read(gathered, env, report);
}

Loaded defaults() {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->sandbox.enabled = true;
  snapshot->auth.required = false;
  append_sandbox(*snapshot);
  snapshot->index = Index(snapshot->models);
  Loaded loaded;
  loaded.warnings = {
      {.file = {}, .path = "sandbox.enabled", .message = "no configuration: the sandbox provider answers every call"},
      {.file = {},
       .path = "listen.api",
       .message = fmt::format("no configuration: serving on {}", snapshot->listen.api.front().to_string())},
      {.file = {}, .path = "auth.required", .message = "no configuration: no key is asked for"},
  };
  loaded.snapshot = std::move(snapshot);
  return loaded;
}

}  // namespace gatehouse::config
