#include "gatehouse/config/sandbox.h"

#include <string>

namespace gatehouse::config {
namespace {

// The wildcard leads to the models that act out errors and delays, by names of their own.
constexpr std::string_view kSandboxModels[] = {"sandbox", "sandbox-chat", "sandbox-embed", "sandbox-*"};

}  // namespace

void append_sandbox(Snapshot& snapshot) {
  Provider& provider = snapshot.providers.emplace_back();
  provider.name = kSandboxProvider;
  provider.kind = ProviderKind::sandbox;
  const auto position = static_cast<std::uint32_t>(snapshot.providers.size() - 1);
  for (const std::string_view name : kSandboxModels) {
    Model& model = snapshot.models.emplace_back();
    model.name = name;
    model.targets.push_back({.provider = position, .model = std::string(name)});
  }
}

}  // namespace gatehouse::config
