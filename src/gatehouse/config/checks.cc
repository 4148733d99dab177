#include "gatehouse/config/checks.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/base/strings.h"
#include "gatehouse/config/files.h"
#include "gatehouse/config/reader.h"
#include "gatehouse/config/sandbox.h"

namespace gatehouse::config {
namespace {

bool holds_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; });
}

}  // namespace

void check_listen_tls(Reader& reader, const Node& node, void* into) {
  const auto& tls = *static_cast<const ListenTls*>(into);
  if (tls.client_auth != ClientAuth::none && node.find("client_ca") == nullptr) {
    reader.problem_at(node, "client_auth", "needs `client_ca`");
  }
  if (tls.client_auth == ClientAuth::none && node.find("client_ca") != nullptr) {
    reader.problem_at(node, "client_ca", "has no effect while `client_auth` is none; set it to optional or required");
  }
  if (!tls.key.empty()) {
    const auto file = read_file(tls.key, std::size_t{16} << 20);
    if (file && file->world_readable) {
      reader.warning_at(node, "key", "every user of this machine can read this private key");
    }
  }
}

void add_sandbox(Reader& reader, const Node&, void*) {
  Snapshot& snapshot = reader.snapshot();
  if (!snapshot.sandbox.enabled) return;
  append_sandbox(snapshot);
  constexpr std::string_view kOwner = "`sandbox.enabled`";
  reader.claim_for(Reader::Names::providers, snapshot.providers.back().name, kOwner);
  for (const Model& model : snapshot.models) reader.claim_for(Reader::Names::models, model.name, kOwner);
}

void check_model(Reader& reader, const Node& node, void* into) {
  const auto& model = *static_cast<const Model*>(into);
  reader.claim(Reader::Names::models, node, model.name);
  const Node* targets = node.find("targets");
  if (targets == nullptr) return;
  if (targets->items.empty() && (targets->kind == Node::Kind::list || targets->kind == Node::Kind::null)) {
    reader.problem_at(node, "targets", "must hold at least one target");
  }
  if (model.name.empty() || model.is_wildcard()) return;
  for (std::size_t i = 0; i < model.targets.size(); ++i) {
    if (model.targets[i].has_wildcard()) {
      reader.problem_at(node, "targets", fmt::format("[{}].model has `*`, but the name of the model has none", i));
    }
  }
}

void read_metadata(Reader& reader, const Field& field, const Node& node, void* into) {
  constexpr std::size_t kMostBytes = 2048;  // they stand in every record of the key
  auto& metadata = static_cast<Key*>(into)->metadata;
  std::size_t bytes = 0;
  reader.each_entry(node, [&](const Entry& entry) {
    if (entry.key.empty() || entry.key.size() > 128 || holds_control(entry.key)) {
      reader.problem(entry.value, "the name must have 1 to 128 characters and no control characters");
      return;
    }
    auto value = reader.text(field, entry.value);
    if (!value) return;
    bytes += entry.key.size() + value->size();
    if (metadata.size() == 64 || bytes > kMostBytes) {
      reader.problem(entry.value, fmt::format("more than 64 labels, or more than {} bytes of them", kMostBytes));
      return;
    }
    metadata.emplace_back(entry.key, std::move(*value));
  });
}

void check_key(Reader& reader, const Node& node, void* into) {
  const auto& key = *static_cast<const Key*>(into);
  reader.claim(Reader::Names::keys, node, key.name);
  static constexpr std::string_view kPriorities[] = {"critical", "high", "normal", "low", "batch"};
  if (!key.priority.empty() && std::ranges::find(kPriorities, key.priority) == std::end(kPriorities)) {
    reader.problem_at(node, "priority", "must be critical, high, normal, low or batch");
  }
  reader.key_spots().push_back(reader.spot_of(node, "key"));
}

void check_listen(Reader& reader, const Node& node, void* into) {
  const auto& listen = *static_cast<const Listen*>(into);
  std::vector<base::Endpoint> seen;
  const auto check = [&](const std::vector<base::Endpoint>& addresses, std::string_view field) {
    for (const base::Endpoint& address : addresses) {
      if (address.port != 0 && std::ranges::find(seen, address) != seen.end()) {
        reader.problem_at(node, field, "an address and port is given twice");
      }
      seen.push_back(address);
    }
  };
  check(listen.api, "api");
  check(listen.admin, "admin");
  const auto is_open = [](const base::Endpoint& address) { return !address.address.is_loopback(); };
  if (!listen.admin_tls && std::ranges::any_of(listen.admin, is_open)) {
    reader.warning_at(node, "admin", "is open to the network without TLS; set `admin_tls` or keep it on loopback");
  }
  if (std::ranges::any_of(listen.trusted_proxies, [](const base::Cidr& block) { return block.bits == 0; })) {
    reader.warning_at(node, "trusted_proxies", "believes the `X-Forwarded-For` of everyone");
  }
}

void check_auth(Reader& reader, const Node& node, void* into) {
  if (static_cast<const Auth*>(into)->required) return;
  reader.warning_at(node, "required", "is false: everyone who reaches the port may call every model");
}

namespace {

void check_keys(Reader& reader) {
  const Snapshot& snapshot = reader.snapshot();
  const auto& spots = reader.key_spots();
  std::unordered_map<std::string_view, std::size_t> seen;
  for (std::size_t i = 0; i < snapshot.keys.size(); ++i) {
    if (snapshot.keys[i].key.empty()) continue;  // its own problem was reported
    const auto [first, is_new] = seen.emplace(snapshot.keys[i].key.reveal(), i);
    if (is_new) continue;
    const auto& spot = spots[first->second];
    reader.report().problem(
        spots[i].place, spots[i].path,
        fmt::format("is the same key as {} ({})", spot.path, reader.report().where(spot.place, spots[i].place.file)));
  }
}

bool may_overlap(const NamePattern& pattern, const Model& model) {
  if (!model.is_wildcard()) return pattern.matches(model.name);
  const auto prefix = std::string_view(model.name).substr(0, model.name.size() - 1);
  if (!pattern.text.ends_with('*')) return pattern.text.starts_with(prefix);
  const auto own = std::string_view(pattern.text).substr(0, pattern.text.size() - 1);
  return own.starts_with(prefix) || prefix.starts_with(own);
}

// A name that no configured model can have is likely a slip.
void check_key_models(Reader& reader, const Node& keys) {
  const Snapshot& snapshot = reader.snapshot();
  std::vector<std::string_view> known;
  for (const Model& model : snapshot.models) {
    if (known.size() == kMostCompared) break;
    known.push_back(model.name);
  }
  for (std::size_t i = 0; i < keys.items.size(); ++i) {
    const Node* models = keys.items[i].find("models");
    const auto& patterns = snapshot.keys[i].models;
    if (models == nullptr || models->items.size() != patterns.size()) continue;
    for (std::size_t j = 0; j < patterns.size(); ++j) {
      const NamePattern& pattern = patterns[j];
      if (!pattern.text.ends_with('*') && snapshot.index.find(pattern.text)) continue;
      if (std::ranges::any_of(snapshot.models, [&](const Model& model) { return may_overlap(pattern, model); })) {
        continue;
      }
      reader.report().warning(models->items[j].place, fmt::format("keys[{}].models[{}]", i, j),
                              fmt::format("no model is called {}{}", in_backticks(models->items[j].text),
                                          did_you_mean(models->items[j].text, known)));
    }
  }
}

}  // namespace

void check_all(Reader& reader, const Node& node, void* into) {
  auto& snapshot = *static_cast<Snapshot*>(into);
  snapshot.index = Index(snapshot.models);
  check_keys(reader);
  if (const Node* keys = node.find("keys")) check_key_models(reader, *keys);
  check_governance(reader, node);
  check_semantic(reader, node);
  if (snapshot.models.empty()) {
    reader.warning_at(node, "models", "no model is configured: every call for one will be refused");
  }
  if (snapshot.auth.required && snapshot.keys.empty()) {
    reader.warning_at(node, "keys", "no key is configured: every call will be refused");
  }
}

}  // namespace gatehouse::config
