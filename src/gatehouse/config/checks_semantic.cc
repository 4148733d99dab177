#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "gatehouse/config/checks.h"
#include "gatehouse/config/reader.h"

// What must fit together in the section of learned models.
namespace gatehouse::config {
namespace {

constexpr std::string_view kNobody = "none";
constexpr std::string_view kBundled = "bundled";
constexpr std::size_t kMostLabels = 512;

bool is_hexadecimal(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

}  // namespace

void read_labels(Reader& reader, const Field& field, const Node& node, void* into) {
  auto& labels = static_cast<SemanticModel*>(into)->labels;
  reader.each_entry(node, [&](const Entry& entry) {
    if (entry.key.empty() || entry.key.size() > 128) {
      reader.problem(entry.value, "the label must have 1 to 128 characters");
      return;
    }
    if (labels.size() == kMostLabels) {
      reader.problem(entry.value, fmt::format("more than {} labels", kMostLabels));
      return;
    }
    if (auto value = reader.text(field, entry.value)) labels.emplace_back(entry.key, std::move(*value));
  });
}

void check_semantic_model(Reader& reader, const Node& node, void* into) {
  auto& model = *static_cast<SemanticModel*>(into);
  if (node.kind != Node::Kind::map) return;
  if (model.name == kNobody || model.name == kBundled) {
    reader.problem_at(node, "name", fmt::format("must not be `{}` or `{}`", kNobody, kBundled));
  }
  const std::filesystem::path file(model.file);
  if (file.is_absolute() || std::ranges::find(file, "..") != file.end()) {
    reader.problem_at(node, "file", "must be a file in the folder or below");
  }
  if (!model.sha256.empty() && (model.sha256.size() != 64 || !std::ranges::all_of(model.sha256, is_hexadecimal))) {
    reader.problem_at(node, "sha256", "must be 64 hexadecimal digits");
  }
  for (char& c : model.sha256) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  }
}

// What refers to models, once all were read.
void check_semantic(Reader& reader, const Node& root) {
  const Snapshot& snapshot = reader.snapshot();
  const Semantic& semantic = snapshot.semantic;
  if (const Node* section = root.find("semantic"); section != nullptr && section->kind == Node::Kind::map) {
    std::set<std::string_view> seen;
    const Node* nodes = section->find("models");
    for (std::size_t i = 0; nodes != nullptr && i < nodes->items.size() && i < semantic.models.size(); ++i) {
      const std::string& name = semantic.models[i].name;
      if (name.empty() || seen.insert(name).second) continue;
      const Node* at = nodes->items[i].find("name");
      reader.report().problem(at->place, fmt::format("semantic.models[{}].name", i),
                              fmt::format("{} is there twice", in_backticks(at->text)));
    }
    std::vector<std::string_view> known{kBundled, kNobody};
    known.insert(known.end(), seen.begin(), seen.end());
    const auto refers = [&](std::string_view field, const std::string& name) {
      if (name.empty() || std::ranges::find(known, name) != known.end()) return;
      const Node* at = section->find(field);
      reader.report().problem(
          at->place, fmt::format("semantic.{}", field),
          fmt::format("no model is called {}{}", in_backticks(at->text), did_you_mean(at->text, known)));
    };
    refers("injection", semantic.injection);
    refers("entities", semantic.entities);
    refers("embedding", semantic.embedding);
    refers("shadow_injection", semantic.shadow_injection);
  }
  // A guard that may not do without a model and can never have one.
  const Node* policies = root.find("policies");
  for (std::size_t i = 0; policies != nullptr && i < policies->items.size() && i < snapshot.policies.size(); ++i) {
    const Guards& guards = snapshot.policies[i].guards;
    const auto check = [&](std::string_view guard, const std::optional<GuardRule>& rule, const std::string& model) {
      if (!rule || rule->model != ModelUse::required) return;
      const bool possible = semantic.enabled && model != kNobody;
      if (possible) return;
      reader.report().problem(policies->items[i].place, fmt::format("policies[{}].guards.{}.model", i, guard),
                              semantic.enabled ? fmt::format("is `required`, but `semantic.{}` is `none`",
                                                             guard == "pii" ? "entities" : "injection")
                                               : std::string("is `required`, but `semantic.enabled` is false"));
    };
    check("injection", guards.injection, semantic.injection);
    check("pii", guards.pii, semantic.entities);
  }
}

}  // namespace gatehouse::config
