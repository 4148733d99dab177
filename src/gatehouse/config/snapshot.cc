#include "gatehouse/config/snapshot.h"

#include <algorithm>

namespace gatehouse::config {

std::string Target::resolve(std::string_view matched) const {
  const auto star = model.find('*');
  if (star == model.npos) return model;
  std::string result;
  result.reserve(model.size() + matched.size());
  return result.append(model, 0, star).append(matched).append(model, star + 1);
}

bool NamePattern::matches(std::string_view name) const {
  if (!text.ends_with('*')) return name == text;
  return name.starts_with(std::string_view(text).substr(0, text.size() - 1));
}

Index::Index(const std::vector<Model>& models) {
  for (std::uint32_t i = 0; i < models.size(); ++i) {
    const std::string& name = models[i].name;
    if (models[i].is_wildcard()) {
      prefixes_.emplace(name.substr(0, name.size() - 1), i);
      lengths_.push_back(name.size() - 1);
    } else {
      exact_.emplace(name, i);
    }
  }
  std::ranges::sort(lengths_, std::greater<>());
  lengths_.erase(std::unique(lengths_.begin(), lengths_.end()), lengths_.end());
}

std::optional<std::uint32_t> Index::find(std::string_view name) const {
  if (const auto found = exact_.find(name); found != exact_.end()) return found->second;
  for (const std::size_t length : lengths_) {
    if (length > name.size()) continue;
    if (const auto found = prefixes_.find(name.substr(0, length)); found != prefixes_.end()) return found->second;
  }
  return std::nullopt;
}

ModelMatch Snapshot::find_model(std::string_view name) const {
  const auto found = index.find(name);
  if (!found) return {};
  const Model& model = models[*found];
  return {.model = &model, .matched = model.is_wildcard() ? name.substr(model.name.size() - 1) : std::string_view()};
}

}  // namespace gatehouse::config
