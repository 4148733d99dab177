// Directory's keys: those of the API and those of the configuration.
#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

#include "gatehouse/crypto/encoding.h"
#include "gatehouse/crypto/virtual_key.h"
#include "gatehouse/govern/directory/directory.h"
#include "gatehouse/govern/directory/roles.h"
#include "gatehouse/govern/directory/time_text.h"

namespace gatehouse::govern {
namespace {

// A key that somebody chose himself: long enough that trying is hopeless even if half of it is a word.
constexpr std::size_t kMinChosenKey = 20;
constexpr std::size_t kMostShared = 4096;  // entries of the tables of shared rules before they are swept

std::string json_of(const KeyInfo& info) {
  std::string out;
  json::Writer writer(out);
  write(writer, info);
  return out;
}

std::optional<crypto::Digest> digest_from_hex(std::string_view hex) {
  const auto bytes = crypto::from_hex(hex);
  crypto::Digest digest{};
  if (!bytes || bytes->size() != digest.size()) return std::nullopt;
  std::memcpy(digest.data(), bytes->data(), digest.size());
  return digest;
}

// "gh-4xKp" of one of ours; of a key that somebody chose only its beginning, for it may be short of secrets.
std::string hint_of(std::string_view key) {
  const bool ours = crypto::key_form(key) == crypto::KeyForm::ours;
  return std::string(key.substr(0, ours ? crypto::kVirtualKeyPrefix.size() + 4 : 3));
}

template <class T>
void sweep(std::unordered_map<std::string, std::weak_ptr<const T>>& shared) {
  if (shared.size() >= kMostShared) std::erase_if(shared, [](const auto& entry) { return entry.second.expired(); });
}

NameRules rules_of(const Access::List& list) {
  if (!list) return {};
  auto rules = NameRules::parse(*list);
  if (rules) return std::move(*rules);
  auto none = NameRules::parse({});  // checked before; if it were not so, nothing is allowed
  return std::move(*none);
}

}  // namespace

// --- From records to what workers see.

std::shared_ptr<const Traits> Directory::traits_of(const KeyRecord& record) {
  const Access* above = record.parent->effective.get();
  const Access* own = record.access.get();
  Access joined;
  const Access* effective = own == nullptr ? above : own;
  if (own != nullptr && above != nullptr) {
    joined = both(*own, *above);
    effective = &joined;
  }
  if (effective == nullptr && record.priority == Priority::normal && record.weight == 1) return nullptr;
  std::string text = effective == nullptr ? "{}" : to_json(*effective);
  text.append(name(record.priority)).append(std::to_string(record.weight));
  auto& shared = traits_[text];
  if (auto there = shared.lock()) return there;
  auto made = std::make_shared<Traits>();
  made->priority = record.priority;
  made->weight = record.weight;
  if (effective != nullptr) {
    made->models = rules_of(effective->models);
    made->operations = rules_of(effective->operations);
    made->providers = rules_of(effective->providers);
    made->regions = rules_of(effective->regions);
    for (const auto& block : effective->addresses) {
      if (auto parsed = base::Cidr::parse(block)) made->addresses.push_back(*parsed);
    }
  }
  shared = made;
  sweep(traits_);
  return made;
}

void Directory::drop_credentials(KeyRecord& record) {
  record.node.active.store(false, std::memory_order_relaxed);
  if (record.current) views_.remove(record.current->parts().digest);
  if (record.previous) views_.remove(record.previous->parts().digest);
  record.previous.reset();
}

void Directory::set_switch(KeyRecord& record) const {
  const bool on = !record.blocked && !record.gone && record.revoked_at == 0 &&
                  (record.user == nullptr || record.user->node.is_active());
  record.node.active.store(on, std::memory_order_relaxed);
}

void Directory::place_credentials(KeyRecord& record, const Credential::Parts& parts,
                                  const std::optional<std::pair<crypto::Digest, std::int64_t>>& previous) {
  if (record.current) views_.remove(record.current->parts().digest);
  if (record.previous) views_.remove(record.previous->parts().digest);
  record.previous.reset();
  record.current = std::make_shared<const Credential>(parts);
  const bool revoked = record.revoked_at != 0;
  if (!revoked) views_.put(record.current);
  if (!revoked && previous && from_millis(previous->second) > options_.clock->wall()) {
    Credential::Parts old = parts;
    old.digest = previous->first;
    const base::WallTime until = from_millis(previous->second);
    old.expires_at = parts.expires_at ? std::min(*parts.expires_at, until) : until;
    record.previous = std::make_shared<const Credential>(std::move(old));
    views_.put(record.previous);
  }
  set_switch(record);
}

Result<> Directory::take(KeyRecord& record, const KeyRow& row) {
  const auto digest = digest_from_hex(row.digest);
  const auto old = digest_from_hex(row.previous_digest);
  const auto priority = priority_from_name(row.priority);
  const bool fine = digest && (old || row.previous_digest.empty()) && priority && row.weight >= 1 && row.weight <= 1000;
  if (row.access == "{}") {
    record.access = nullptr;
  } else {
    auto& shared = accesses_[row.access];
    record.access = shared.lock();
    if (!record.access) {
      auto access = access_from_json(row.access);
      if (!access) return fail(Code::configuration, "the store is damaged: the key " + row.id);
      record.access = std::make_shared<const Access>(std::move(*access));
      shared = record.access;
    }
    sweep(accesses_);
  }
  NodeRecord* user = row.owner.empty() ? nullptr : tree_.find({.kind = NodeKind::user, .id = row.owner});
  if (!fine || (user == nullptr && !row.owner.empty())) {
    return fail(Code::configuration, "the store is damaged: the key " + row.id);
  }
  record.user = user;
  record.created_at = row.created_at;
  record.revoked_at = row.revoked_at.value_or(0);
  record.version = row.version;
  record.hint = {};
  std::memcpy(record.hint.data(), row.hint.data(), std::min(row.hint.size(), record.hint.size() - 1));
  record.weight = static_cast<std::uint16_t>(row.weight);
  record.priority = *priority;
  record.blocked = row.blocked;
  Credential::Parts parts{.digest = *digest,
                          .node = &record.node,
                          .user = user == nullptr ? nullptr : &user->node,
                          .traits = traits_of(record),
                          .name = row.name,
                          .metadata = row.metadata,
                          .expires_at = std::nullopt};
  if (row.expires_at) parts.expires_at = from_millis(*row.expires_at);
  std::optional<std::pair<crypto::Digest, std::int64_t>> previous;
  if (old) previous.emplace(*old, row.previous_until);
  place_credentials(record, parts, previous);
  return {};
}

void Directory::renew_keys() {
  tree_.renew_access();
  for (auto& [id, record] : keys_) {
    if (record->gone || record->revoked_at != 0) continue;
    auto traits = traits_of(*record);
    if (traits == record->current->parts().traits) continue;
    Credential::Parts parts = record->current->parts();
    parts.traits = std::move(traits);
    std::optional<std::pair<crypto::Digest, std::int64_t>> previous;
    if (record->previous) {
      previous.emplace(record->previous->parts().digest, to_millis(*record->previous->parts().expires_at));
    }
    place_credentials(*record, parts, previous);
  }
  publish();
}

void Directory::renew_switches() {
  for (auto& [id, record] : keys_) {
    if (record->user != nullptr) set_switch(*record);
  }
}

void Directory::tick() {
  const base::WallTime now = options_.clock->wall();
  bool any = false;
  for (auto& [id, record] : keys_) {
    if (!record->previous || now < *record->previous->parts().expires_at) continue;
    views_.remove(record->previous->parts().digest);
    record->previous.reset();
    any = true;
  }
  if (any) publish();
}

// --- Keys of the API.

std::string Directory::new_key_id() {
  // Fifteen characters: short enough to need no memory of its own in a string. Sorted by the second.
  static constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";
  const auto seconds = static_cast<std::uint64_t>(to_millis(options_.clock->wall()) / 1000);
  for (;;) {
    std::string id = "key_";
    for (int shift = 30; shift >= 0; shift -= 5) id += kDigits[seconds >> shift & 31];
    for (int i = 0; i < 4; ++i) id += kDigits[options_.random.below(32)];
    if (!keys_.contains(id)) return id;
  }
}

Result<Directory::KeyRecord*> Directory::own_key(std::string_view id, Version if_version) {
  const auto at = keys_.find(id);
  if (at == keys_.end() || at->second->gone) return fail(Code::not_found, "No such key");
  KeyRecord& record = *at->second;
  if (record.configured) return fail(Code::conflict, "The configuration gives this key; change it there");
  if (record.revoked_at != 0) return fail(Code::conflict, "The key was revoked");
  if (if_version && *if_version != record.version) return fail(Code::precondition_failed, "It was changed meanwhile");
  return &record;
}

Result<> Directory::store_key(KeyRecord& record, const KeyRow& row, std::string_view action, const Author& author,
                              std::string before) {
  // What it will be is worked out on a copy that no view ever sees.
  KeyInfo after;
  after.node = &record.node;
  const auto access = access_from_json(row.access);
  after.spec = {.name = row.name,
                .access = access.value_or(Access()),
                .expires_at = row.expires_at ? std::optional(from_millis(*row.expires_at)) : std::nullopt,
                .metadata = row.metadata,
                .priority = priority_from_name(row.priority).value_or(Priority::normal),
                .weight = static_cast<std::uint32_t>(row.weight),
                .user = row.owner};
  if (row.revoked_at) {
    after.state = KeyState::revoked;
  } else if (row.blocked) {
    after.state = KeyState::blocked;
  } else if (after.spec.expires_at && author.time >= *after.spec.expires_at) {
    after.state = KeyState::expired;
  }
  after.hint = row.hint;
  after.created_at = from_millis(row.created_at);
  if (!row.previous_digest.empty()) after.previous_until = from_millis(row.previous_until);
  if (row.revoked_at) after.revoked_at = from_millis(*row.revoked_at);
  after.version = row.version;
  std::vector<NodeRecord*> written;
  auto stored = store_.commit({.time = author.time,
                               .actor = author.id,
                               .address = author.address,
                               .action = std::string(action),
                               .object = "key:" + row.id,
                               .before = std::move(before),
                               .after = json_of(after)},
                              [&]() -> Result<> {
                                if (auto above = store_above(record.parent, written); !above) return above;
                                NodeRecord* user =
                                    row.owner.empty() ? nullptr : tree_.find({.kind = NodeKind::user, .id = row.owner});
                                if (auto owner = store_above(user, written); !owner) return owner;
                                return store_.put(row);
                              });
  if (!stored) return stored;
  for (NodeRecord* other : written) other->stored = true;
  return {};
}

Result<KeyInfo> Directory::change_key(KeyRecord& record, KeyRow row, std::string_view action, const Author& author) {
  row.version = store_.next_number();
  if (auto stored = store_key(record, row, action, author, json_of(info_of(record))); !stored) {
    return std::unexpected(std::move(stored.error()));
  }
  if (auto taken = take(record, row); !taken) return std::unexpected(std::move(taken.error()));
  if (record.revoked_at != 0) drop_credentials(record);
  publish();
  return info_of(record);
}

Result<Directory::MadeKey> Directory::create_key(const NodeRef& parent, KeySpec spec, const Author& author,
                                                 base::Secret own) {
  if (auto checked = check(spec); !checked) return std::unexpected(std::move(checked.error()));
  NodeRecord* above = tree_.find(parent);
  if (above == nullptr || !above->exists() || above->deleted || !Tree::fits(NodeKind::key, parent.kind)) {
    return fail(Code::invalid_request, "The parent is not there");
  }
  if (!spec.user.empty()) {
    const NodeRecord* user = tree_.find({.kind = NodeKind::user, .id = spec.user});
    if (user == nullptr || !user->exists() || user->deleted) {
      return fail(Code::invalid_request, "The user is not there");
    }
  }
  if (keys_.size() >= options_.most_keys) return fail(Code::conflict, "There are as many keys as there may be");
  if (own.empty()) {
    own = base::Secret(crypto::make_virtual_key());
  } else {
    const std::string_view key = own.reveal();
    const bool visible = std::ranges::all_of(key, [](char c) { return c > 0x20 && c < 0x7f; });
    if (key.size() < kMinChosenKey || key.size() > kMaxKeySize || !visible) {
      return fail(Code::invalid_request, "A key of your own: 20 to 512 visible ASCII characters");
    }
    if (crypto::key_form(key) == crypto::KeyForm::damaged || key.starts_with("gha-")) {
      return fail(Code::invalid_request, "A key of your own must not begin like one of ours");
    }
  }
  const crypto::Digest digest = (*hash_)(own.reveal());
  if (views_.find(digest) != nullptr) return fail(Code::conflict, "The key is in use");
  KeyRow row;
  row.id = new_key_id();
  row.parent = parent.to_string();
  row.owner = spec.user;
  row.name = spec.name;
  row.hint = hint_of(own.reveal());
  row.access = to_json(spec.access);
  row.metadata = spec.metadata;
  row.digest = crypto::to_hex(digest);
  row.priority = name(spec.priority);
  row.weight = spec.weight;
  if (spec.expires_at) row.expires_at = to_millis(*spec.expires_at);
  row.created_at = to_millis(author.time);
  row.version = store_.next_number();
  KeyRecord& record = records_.emplace_back(row.id, above);
  auto stored = store_key(record, row, "key.create", author, {});
  Result<> taken = stored ? take(record, row) : stored;
  if (!taken) {
    records_.pop_back();  // nobody has seen it
    if (taken.error().code == Code::invalid_request) return fail(Code::conflict, "The key was in use before");
    return std::unexpected(std::move(taken.error()));
  }
  keys_.emplace(record.node.id, &record);
  if (node_made_) node_made_(ref_of(record.node));
  publish();
  return MadeKey{.info = info_of(record), .key = std::move(own)};
}

Result<KeyInfo> Directory::update_key(std::string_view id, KeySpec spec, const Author& author, Version if_version) {
  if (auto checked = check(spec); !checked) return std::unexpected(std::move(checked.error()));
  auto found = own_key(id, if_version);
  if (!found) return std::unexpected(std::move(found.error()));
  if (!spec.user.empty()) {
    const NodeRecord* user = tree_.find({.kind = NodeKind::user, .id = spec.user});
    if (user == nullptr || !user->exists() || user->deleted) {
      return fail(Code::invalid_request, "The user is not there");
    }
  }
  KeyRow row = row_of(**found);
  row.owner = spec.user;
  row.name = spec.name;
  row.access = to_json(spec.access);
  row.metadata = spec.metadata;
  row.priority = name(spec.priority);
  row.weight = spec.weight;
  row.expires_at = spec.expires_at ? std::optional(to_millis(*spec.expires_at)) : std::nullopt;
  return change_key(**found, std::move(row), "key.update", author);
}

Result<Directory::MadeKey> Directory::rotate_key(std::string_view id, std::chrono::seconds overlap,
                                                 const Author& author, Version if_version) {
  if (overlap < std::chrono::seconds(0) || overlap > std::chrono::days(365)) {
    return fail(Code::invalid_request, "The overlap: 0 to 31536000 seconds");
  }
  auto found = own_key(id, if_version);
  if (!found) return std::unexpected(std::move(found.error()));
  base::Secret key(crypto::make_virtual_key());
  KeyRow row = row_of(**found);
  row.previous_digest = overlap.count() > 0 ? row.digest : std::string();
  row.previous_until = overlap.count() > 0 ? to_millis(author.time + overlap) : 0;
  row.digest = crypto::to_hex((*hash_)(key.reveal()));
  row.hint = hint_of(key.reveal());
  auto info = change_key(**found, std::move(row), "key.rotate", author);
  if (!info) return std::unexpected(std::move(info.error()));
  return MadeKey{.info = std::move(*info), .key = std::move(key)};
}

Result<KeyInfo> Directory::block_key(std::string_view id, bool blocked, const Author& author, Version if_version) {
  auto found = own_key(id, if_version);
  if (!found) return std::unexpected(std::move(found.error()));
  KeyRow row = row_of(**found);
  row.blocked = blocked;
  return change_key(**found, std::move(row), blocked ? "key.block" : "key.unblock", author);
}

Result<> Directory::revoke_key(std::string_view id, const Author& author, Version if_version) {
  auto found = own_key(id, if_version);
  if (!found) return std::unexpected(std::move(found.error()));
  KeyRow row = row_of(**found);
  row.revoked_at = to_millis(author.time);
  row.previous_digest.clear();
  row.previous_until = 0;
  auto info = change_key(**found, std::move(row), "key.revoke", author);
  if (!info) return std::unexpected(std::move(info.error()));
  return {};
}

// --- Keys of the configuration.

Result<Directory::Configured> Directory::check_configuration(std::vector<ConfiguredKey> keys,
                                                             std::vector<ConfiguredNode> nodes) {
  Configured checked;
  std::map<crypto::Digest, std::string_view> seen;
  for (const auto& key : keys) {
    const std::string_view text = key.key.reveal();
    if (text.size() < kMinKeySize || text.size() > kMaxKeySize) {
      return fail(Code::configuration, "key \"" + key.name + "\" has " + std::to_string(text.size()) +
                                           " bytes; allowed are " + std::to_string(kMinKeySize) + " to " +
                                           std::to_string(kMaxKeySize));
    }
    if (auto good = check(key.spec); !good) {
      return fail(Code::configuration, "key \"" + key.name + "\": " + good.error().detail);
    }
    const crypto::Digest digest = (*hash_)(text);
    const auto [at, fresh] = seen.emplace(digest, key.name);
    if (!fresh) {
      return fail(Code::configuration,
                  "keys \"" + std::string(at->second) + "\" and \"" + key.name + "\" are the same");
    }
    const Credential* other = views_.find(digest);
    if (other != nullptr && !keys_.find(other->parts().node->id)->second->configured) {
      return fail(Code::configuration,
                  "key \"" + key.name + "\" is the same as " + other->parts().node->id + ", made at run time");
    }
    checked.digests.push_back(digest);
  }
  checked.keys = std::move(keys);
  std::ranges::sort(nodes, {}, [](const ConfiguredNode& node) { return node.ref; });
  std::set<NodeRef> named{{.kind = NodeKind::org, .id = std::string(kDefaultOrg)}};
  for (const auto& node : nodes) {
    const std::string what = node.ref.to_string();
    if (!valid_id(node.ref.id)) return fail(Code::configuration, what + ": this is no name for a node");
    const bool is_default = node.ref.kind == NodeKind::org && node.ref.id == kDefaultOrg;
    if (!named.insert(node.ref).second && !is_default) return fail(Code::configuration, what + " is named twice");
    if (!node.parent) continue;
    if (!Tree::fits(node.ref.kind, node.parent->kind)) {
      return fail(Code::configuration, what + " cannot be below " + node.parent->to_string());
    }
    const NodeRecord* above = tree_.find(*node.parent);
    if (!named.contains(*node.parent) && (above == nullptr || !above->stored || above->deleted)) {
      return fail(Code::configuration, what + " is below " + node.parent->to_string() + ", which nobody names");
    }
  }
  checked.nodes = std::move(nodes);
  return checked;
}

NodeRecord& Directory::configured_node(NodeKind kind, std::string_view id, NodeRecord* parent, base::WallTime now) {
  NodeRecord* record = tree_.find({.kind = kind, .id = std::string(id)});
  const bool usable = record != nullptr && (record->exists() || record->parent == parent);
  if (!usable) record = &tree_.make(kind, id, parent, now);
  record->configured = true;
  return *record;
}

Directory::Place Directory::place_of(const ConfiguredKey& key, base::WallTime now, std::vector<std::string>& warnings) {
  NodeRecord* at = &tree_.default_org();
  if (!key.org.empty()) at = &configured_node(NodeKind::org, key.org, nullptr, now);
  if (!key.unit.empty()) at = &configured_node(NodeKind::unit, key.unit, at, now);
  if (!key.team.empty()) at = &configured_node(NodeKind::team, key.team, at, now);
  if (!key.project.empty()) {
    NodeRecord* project = tree_.find({.kind = NodeKind::project, .id = key.project});
    std::string id = key.project;
    if (project != nullptr && project->exists() && !key.team.empty() && !within(&project->node, &at->node)) {
      id = key.team + "/" + key.project;
      warnings.push_back("key \"" + key.name + "\": there is a project \"" + key.project +
                         "\" elsewhere; here it is called \"" + id + "\"");
    }
    at = &configured_node(NodeKind::project, id, at, now);
  }
  if (key.user.empty()) return {.parent = at, .user = nullptr};
  NodeRecord* user = tree_.find({.kind = NodeKind::user, .id = key.user});
  if (user == nullptr || !user->exists() || within(&user->node, &at->node)) {
    return {.parent = &configured_node(NodeKind::user, key.user, at, now), .user = nullptr};
  }
  warnings.push_back("key \"" + key.name + "\": the user \"" + key.user +
                     "\" belongs elsewhere; the key is his, but his own limits do not count it");
  return {.parent = at, .user = user};
}

std::vector<std::string> Directory::apply_configuration(Configured configured) {
  const base::WallTime now = options_.clock->wall();
  std::vector<std::string> warnings;
  tree_.each([&](NodeRecord& record) {
    const bool beside = record.parent == nullptr;  // `default`, tags and providers
    if (!beside) record.configured = false;
  });
  for (const auto& node : configured.nodes) {
    NodeRecord* above = node.parent ? tree_.find(*node.parent) : nullptr;
    if (!node.parent && node.ref.kind != NodeKind::org) above = &tree_.default_org();
    NodeRecord& record = configured_node(node.ref.kind, node.ref.id, above, now);
    if (node.parent && record.parent != above) {
      warnings.push_back(node.ref.to_string() + " is in another place already and does not move");
    }
    record.node.active.store(node.active && !record.deleted, std::memory_order_relaxed);
  }
  std::vector<std::size_t> order(configured.keys.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  // Who says most about his place goes first, so that others find it.
  const auto says = [&](std::size_t i) {
    const auto& key = configured.keys[i];
    return (key.team.empty() ? 0 : 4) + (key.project.empty() ? 0 : 2) + (key.user.empty() ? 0 : 1);
  };
  std::ranges::sort(order,
                    [&](std::size_t a, std::size_t b) { return says(a) != says(b) ? says(a) > says(b) : a < b; });
  std::vector<Place> places(order.size());
  for (const std::size_t i : order) places[i] = place_of(configured.keys[i], now, warnings);
  // All at once, for keys may have changed places among them. Workers see nothing of it before the end, and the switch
  // of a key that stays is not touched.
  for (auto& [id, record] : keys_) {
    if (!record->configured || record->gone) continue;
    views_.remove(record->current->parts().digest);
    record->current.reset();
    record->gone = true;
  }
  std::map<std::string, int, std::less<>> names;
  for (std::size_t i = 0; i < configured.keys.size(); ++i) {
    const ConfiguredKey& key = configured.keys[i];
    const int same = ++names[key.name];
    std::string id = "config:" + key.name;
    if (same > 1) id += "#" + std::to_string(same);
    const auto at = keys_.find(id);
    KeyRecord* record = at == keys_.end() ? nullptr : at->second;
    if (record == nullptr || record->parent != places[i].parent) {
      if (record != nullptr) keys_.erase(at);
      record = &records_.emplace_back(id, places[i].parent);
      keys_.emplace(record->node.id, record);
    }
    record->user = places[i].user;
    record->configured = true;
    record->gone = false;
    if (record->created_at == 0) record->created_at = to_millis(now);
    record->priority = key.spec.priority;
    record->weight = static_cast<std::uint16_t>(key.spec.weight);
    record->access = key.spec.access.unrestricted() ? nullptr : std::make_shared<const Access>(key.spec.access);
    const Credential::Parts parts{.digest = configured.digests[i],
                                  .node = &record->node,
                                  .user = record->user == nullptr ? nullptr : &record->user->node,
                                  .traits = traits_of(*record),
                                  .name = key.name,
                                  .metadata = key.spec.metadata,
                                  .expires_at = key.spec.expires_at};
    place_credentials(*record, parts, std::nullopt);
  }
  for (auto& [id, record] : keys_) {
    if (record->gone) set_switch(*record);
  }
  publish();
  return warnings;
}

}  // namespace gatehouse::govern
