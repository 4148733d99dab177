#include "gatehouse/app/semantics_keeper.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "gatehouse/base/ids.h"

namespace gatehouse::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNobody = "none";
constexpr std::string_view kBundled = "bundled";
constexpr std::string_view kManifest = "gatehouse.json";
constexpr std::size_t kMostFiles = 256;

// A file as it is on the disk: another inode, size or time of change is another file.
struct FileState {
  std::string path;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t modified = 0;  // ns
  std::int64_t changed = 0;   // ns; the kernel's own, so that nobody sets it back
  bool operator==(const FileState&) const = default;
};

// All files of a folder, without what lies below but for the folder of `file`.
std::vector<FileState> states_of(const std::string& folder, const std::string& file) {
  std::vector<std::string> folders{folder};
  if (const auto inner = fs::path(file).parent_path(); !inner.empty()) {
    folders.push_back((fs::path(folder) / inner).string());
  }
  std::vector<FileState> states;
  for (const auto& each : folders) {
    std::error_code failed;
    for (fs::directory_iterator at(each, failed), end; !failed && at != end; at.increment(failed)) {
      struct stat found{};
      if (::stat(at->path().c_str(), &found) != 0 || !S_ISREG(found.st_mode)) continue;
      if (states.size() == kMostFiles) break;
      const auto ns = [](const timespec& time) { return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec; };
      states.push_back({.path = at->path().string(),
                        .device = found.st_dev,
                        .inode = found.st_ino,
                        .size = found.st_size,
                        .modified = ns(found.st_mtim),
                        .changed = ns(found.st_ctim)});
    }
  }
  std::ranges::sort(states, {}, &FileState::path);
  return states;
}

bool same(const config::SemanticModel& a, const config::SemanticModel& b) {
  return a.name == b.name && a.path == b.path && a.file == b.file && a.sha256 == b.sha256 && a.labels == b.labels &&
         a.window == b.window && a.scale == b.scale && a.shift == b.shift;
}

bool same(const ml::ServiceOptions& a, const ml::ServiceOptions& b) {
  return a.threads == b.threads && a.batch == b.batch && a.queue == b.queue && a.remembered == b.remembered &&
         a.windows == b.windows;
}

ml::ServiceOptions options_of(const config::Semantic& semantic) {
  ml::ServiceOptions options;
  options.threads = semantic.threads != 0 ? semantic.threads : std::max(1U, std::thread::hardware_concurrency());
  options.batch = semantic.batch;
  options.remembered = semantic.remember;
  options.windows = semantic.windows;
  return options;
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string out;
  for (const auto word : words) out.append(out.empty() ? "" : ",").append(word);
  return out;
}

}  // namespace

struct SemanticsKeeper::Held {
  config::SemanticModel settings;
  std::vector<FileState> files;
  LoadedModel loaded;  // `model` may be null: the linear one alone
};

// Who is to give which verdict.
struct SemanticsKeeper::Wanted {
  struct Role {
    ml::Want want = ml::Want::injection;
    std::string_view verdict;  // "injection"
    std::string_view model;    // kBundled, an operator's, or kNobody
    bool guards = false;       // a policy asks for it
  };
  std::array<Role, 3> roles;
  std::string_view shadow;  // kNobody: none
  // Guards that may not do without: "policy `p`".
  std::vector<std::string> required;

  // Whether something asks for the models of that name.
  bool needs(std::string_view name) const {
    if (shadow == name) return true;
    return std::ranges::any_of(
        roles, [&](const Role& role) { return role.model == name && (role.guards || name != kBundled); });
  }
};

SemanticsKeeper::SemanticsKeeper(std::unique_ptr<ModelLoader> loader, std::string program)
    : loader_(std::move(loader)), program_(std::move(program)) {}

SemanticsKeeper::~SemanticsKeeper() = default;

SemanticsKeeper::Wanted SemanticsKeeper::wanted_of(const config::Snapshot& snapshot) {
  const config::Semantic& semantic = snapshot.semantic;
  const auto model = [](const std::string& name) { return name.empty() ? kBundled : std::string_view(name); };
  Wanted wanted{.roles = {{{ml::Want::injection, "injection", model(semantic.injection), false},
                           {ml::Want::entities, "entities", model(semantic.entities), false},
                           {ml::Want::embedding, "embedding", model(semantic.embedding), false}}},
                .shadow = semantic.shadow_injection.empty() ? kNobody : std::string_view(semantic.shadow_injection),
                .required = {}};
  for (const auto& policy : snapshot.policies) {
    const auto ask = [&](Wanted::Role& role, const std::optional<config::GuardRule>& rule) {
      if (!rule || rule->model == config::ModelUse::off || role.model == kNobody) return;
      role.guards = true;
      if (rule->model == config::ModelUse::required) {
        wanted.required.push_back(fmt::format("policy `{}` ({})", policy.name, role.verdict));
      }
    };
    ask(wanted.roles[0], policy.guards.injection);
    ask(wanted.roles[1], policy.guards.pii);
  }
  return wanted;
}

std::string SemanticsKeeper::program_folder() {
  std::error_code failed;
  const auto program = fs::read_symlink("/proc/self/exe", failed);
  return failed ? std::string() : program.parent_path().string();
}

std::string SemanticsKeeper::bundled_folder(const std::string& named, const std::string& program) {
  if (!named.empty()) return named;
  if (program.empty()) return {};
  const fs::path at(program);
  std::vector<fs::path> places{at.parent_path() / "share/gatehouse/models/encoder"};
  // A developer's build: build/PRESET/src/gatehouse/app.
  if (at.filename() == "app" && at.parent_path().filename() == "gatehouse") {
    fs::path root = at;
    for (int up = 0; up < 5; ++up) root = root.parent_path();
    places.push_back(root / "models/encoder");
  }
  for (const auto& place : places) {
    std::error_code failed;
    if (fs::is_regular_file(place / kManifest, failed)) return place.string();
  }
  return {};
}

Result<std::shared_ptr<const SemanticsKeeper::Held>> SemanticsKeeper::hold(const config::SemanticModel& settings) {
  // What it is at its first byte: a file that is changed while it is read is another one at the next look.
  auto files = states_of(settings.path, settings.file);
  for (const auto& held : held_) {
    if (held->loaded.model && same(held->settings, settings) && held->files == files) return held;
  }
  auto loaded = loader_->load(settings);
  if (!loaded) return std::unexpected(std::move(loaded.error()));
  return std::make_shared<const Held>(
      Held{.settings = settings, .files = std::move(files), .loaded = *std::move(loaded)});
}

// The bundled models, or what is left of them without a runtime; null, with the reason in the plan's status, where
// nothing is.
Result<std::shared_ptr<const SemanticsKeeper::Held>> SemanticsKeeper::find_bundled(const config::Semantic& semantic,
                                                                                   const Result<>& runtime,
                                                                                   Plan& plan) {
  const bool named = !semantic.bundled.empty();
  const std::string folder = bundled_folder(semantic.bundled, program_);
  std::shared_ptr<const Held> none;
  if (folder.empty()) {
    plan.status.missing =
        "the models that come with Gatehouse are not beside the program (semantic.bundled names them)";
    if (!runtime) plan.status.missing += "; " + runtime.error().detail;
    return none;
  }
  config::SemanticModel settings;
  settings.name = kBundled;
  settings.path = folder;
  const auto failed = [&](const Error& error) {
    return fail(Code::configuration, fmt::format("the bundled models in {}: {}", folder, error.detail));
  };
  if (runtime) {
    auto held = hold(settings);
    if (held) return held;
    if (named) return failed(held.error());
    // What came with the program and is broken is no reason to stop; what of it is loaded goes on.
    const auto old = std::ranges::find_if(
        held_, [&](const auto& each) { return each->settings.name == kBundled && each->loaded.model; });
    if (old != held_.end()) {
      plan.warnings.push_back(
          fmt::format("the bundled models in {}: {}; those that are loaded go on", folder, held.error().detail));
      return *old;
    }
    plan.status.missing = fmt::format("the bundled models in {}: {}", folder, held.error().detail);
  } else {
    plan.status.missing = runtime.error().detail;
  }
  auto linear = find_linear(semantic);
  if (!linear) {
    if (named) return linear;
    plan.status.missing += "; " + linear.error().detail;
    return none;
  }
  return linear;
}

// The bundled linear model without the encoder beside it; null where there is none.
Result<std::shared_ptr<const SemanticsKeeper::Held>> SemanticsKeeper::find_linear(const config::Semantic& semantic) {
  const std::string folder = bundled_folder(semantic.bundled, program_);
  if (folder.empty()) return std::shared_ptr<const Held>();
  config::SemanticModel settings;
  settings.name = kBundled;
  settings.path = folder;
  auto files = states_of(folder, {});
  for (const auto& held : held_) {
    if (!held->loaded.model && held->settings.path == folder && held->files == files) return held;
  }
  auto linear = loader_->load_linear(folder);
  if (!linear) {
    return fail(Code::configuration, fmt::format("the bundled models in {}: {}", folder, linear.error().detail));
  }
  if (!*linear) return std::shared_ptr<const Held>();
  return std::make_shared<const Held>(Held{.settings = settings,
                                           .files = std::move(files),
                                           .loaded = {.model = nullptr, .linear = *std::move(linear), .version = {}}});
}

Result<SemanticsKeeper::Plan> SemanticsKeeper::check(const config::Snapshot& snapshot) {
  const config::Semantic& semantic = snapshot.semantic;
  Plan plan;
  plan.options = options_of(semantic);
  const Wanted wanted = wanted_of(snapshot);
  const bool own = std::ranges::any_of(semantic.models, [&](const auto& model) { return wanted.needs(model.name); });
  if (!semantic.enabled || (!own && !wanted.needs(kBundled))) return plan;

  const auto runtime = loader_->open_runtime(semantic.runtime);
  const auto find = [&](std::string_view name) -> const Held* {
    for (const auto& held : plan.held) {
      if (held->settings.name == name) return held.get();
    }
    return nullptr;
  };
  for (const auto& settings : semantic.models) {
    if (!wanted.needs(settings.name)) continue;
    const auto failed = [&](const Error& error) {
      return fail(Code::configuration, fmt::format("semantic model `{}`: {}", settings.name, error.detail));
    };
    if (!runtime) return failed(runtime.error());
    auto held = hold(settings);
    if (!held) return failed(held.error());
    plan.held.push_back(*std::move(held));
  }
  // Beside models of the operator's alone, the bundled linear model still settles what is clear before theirs are
  // asked.
  auto bundled = wanted.needs(kBundled) ? find_bundled(semantic, runtime, plan) : find_linear(semantic);
  if (bundled) {
    if (*bundled) plan.held.push_back(*std::move(bundled));
  } else if (wanted.needs(kBundled) || !semantic.bundled.empty()) {
    return std::unexpected(std::move(bundled.error()));
  } else {
    plan.warnings.push_back(bundled.error().detail);
  }

  auto set = std::make_shared<ml::ModelSet>();
  std::vector<std::string_view> lacking;
  std::vector<std::pair<const Held*, std::vector<std::string_view>>> uses;
  const auto use = [&](const Held* held, std::string_view verdict) {
    const auto there = std::ranges::find(uses, held, &decltype(uses)::value_type::first);
    if (there == uses.end()) {
      uses.push_back({held, {verdict}});
    } else {
      there->second.push_back(verdict);
    }
  };
  const std::array<std::shared_ptr<const ml::Model>*, 3> places = {&set->injection, &set->entities, &set->embedding};
  for (std::size_t i = 0; i < wanted.roles.size(); ++i) {
    const Wanted::Role& role = wanted.roles[i];
    if (role.model == kNobody) continue;
    const Held* held = find(role.model);
    // Bundled models are there for what policies want; that they can do more costs nothing.
    const bool gives = held != nullptr && held->loaded.model && held->loaded.model->answers().has(role.want);
    if (gives) {
      *places[i] = held->loaded.model;
      use(held, role.verdict);
    } else if (role.model != kBundled) {
      return fail(Code::configuration,
                  fmt::format("semantic.{}: the model `{}` gives no such verdict", role.verdict, role.model));
    } else if (role.guards) {
      lacking.push_back(role.verdict);
    }
  }
  if (wanted.shadow != kNobody) {
    const Held* held = find(wanted.shadow);
    if (held != nullptr && held->loaded.model && held->loaded.model->answers().has(ml::Want::injection)) {
      set->shadow_injection = held->loaded.model;
      use(held, "shadow");
    } else if (wanted.shadow != kBundled) {
      return fail(Code::configuration,
                  fmt::format("semantic.shadow_injection: the model `{}` gives no such verdict", wanted.shadow));
    }
  }
  // That of the model which judges attacks goes before the bundled one.
  for (const std::string_view name : {wanted.roles[0].model, kBundled}) {
    const Held* held = find(name);
    if (!set->linear && held != nullptr) set->linear = held->loaded.linear;
  }
  plan.status.linear = set->linear != nullptr;
  for (const auto& [held, verdicts] : uses) {
    plan.status.models.push_back({.name = held->settings.name,
                                  .version = held->loaded.version,
                                  .hash = std::string(held->loaded.model->hash()),
                                  .verdicts = joined(verdicts)});
  }
  if (lacking.empty()) {
    plan.status.missing.clear();
  } else {
    plan.status.lacking = "models for " + joined(lacking);
    plan.status.missing =
        fmt::format("no model judges {}: {}; {} go on without", joined(lacking),
                    plan.status.missing.empty() ? "the bundled models give no such verdict" : plan.status.missing,
                    plan.status.linear ? "patterns, dictionaries and the linear model" : "patterns and dictionaries");
    for (const auto& who : wanted.required) {
      plan.warnings.push_back(who + " requires a model that is not there: its `on_failure` decides about every text");
    }
  }
  if (service_ && !same(options_, plan.options)) {
    plan.warnings.push_back("semantic.threads, batch, windows and remember take effect after a restart");
  }
  plan.set = std::move(set);
  if (!service_ && !plan.held.empty()) {
    std::array<char, 32> key{};
    base::random_bytes(key.data(), key.size());
    options_ = plan.options;
    service_ = std::make_unique<ml::Service>(std::string_view(key.data(), key.size()), options_,
                                             std::make_shared<const ml::ModelSet>());
  }
  return plan;
}

void SemanticsKeeper::apply(Plan plan) {
  held_ = std::move(plan.held);
  status_ = std::move(plan.status);
  if (service_) service_->replace(plan.set ? std::move(plan.set) : std::make_shared<const ml::ModelSet>());
}

ml::ServiceCounts SemanticsKeeper::counts() const { return service_ ? service_->counts() : ml::ServiceCounts{}; }

std::vector<std::string> SemanticsKeeper::files() const {
  std::vector<std::string> paths;
  for (const auto& held : held_) {
    for (const auto& file : held->files) paths.push_back(file.path);
  }
  return paths;
}

}  // namespace gatehouse::app
