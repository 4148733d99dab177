#include "gatehouse/govern/directory/directory.h"

#include <algorithm>
#include <utility>

#include "gatehouse/crypto/encoding.h"
#include "gatehouse/govern/directory/roles.h"
#include "gatehouse/govern/directory/time_text.h"

namespace gatehouse::govern {
namespace {

constexpr std::string_view kSecretSetting = "key_hash_secret";
constexpr std::string_view kSecretCheckSetting = "key_hash_secret_check";
constexpr auto kRememberRevoked = std::chrono::days(90);

std::string json_of(const auto& info) {
  std::string out;
  json::Writer writer(out);
  write(writer, info);
  return out;
}

Error store_damaged(std::string_view what) {
  return Error(Code::configuration, "the store is damaged: " + std::string(what));
}

}  // namespace

Directory::Directory(DirectoryStore& store, Options options) : store_(store), options_(std::move(options)) {}

Result<std::unique_ptr<Directory>> Directory::open(DirectoryStore& store, Options options) {
  std::unique_ptr<Directory> made(new Directory(store, std::move(options)));
  if (auto chosen = made->choose_hash_secret(); !chosen) return std::unexpected(std::move(chosen.error()));
  made->hash_.emplace(made->hash_secret_.reveal());
  if (auto loaded = made->load(); !loaded) return std::unexpected(std::move(loaded.error()));
  return made;
}

Result<> Directory::choose_hash_secret() {
  auto stored = store_.setting(kSecretSetting);
  if (!stored) return std::unexpected(std::move(stored.error()));
  hash_secret_ = options_.hash_secret;
  if (hash_secret_.empty() && *stored) {
    const auto bytes = crypto::from_hex(**stored);
    if (!bytes || bytes->empty()) return std::unexpected(store_damaged("its key hash secret cannot be read"));
    hash_secret_ = base::Secret(*bytes);
  } else if (hash_secret_.empty()) {
    std::string bytes(32, '\0');
    base::random_bytes(bytes.data(), bytes.size());
    if (auto kept = store_.set_setting(kSecretSetting, crypto::to_hex(bytes)); !kept) return kept;
    hash_secret_ = base::Secret(std::move(bytes));
  }
  // Another secret than before makes every stored key unknown. That is said, not found out by callers.
  const auto digest = crypto::HmacSha256(hash_secret_.reveal())("gatehouse key hash secret check");
  const std::string check = crypto::to_hex(std::string_view(reinterpret_cast<const char*>(digest.data()), 16));
  auto before = store_.setting(kSecretCheckSetting);
  if (!before) return std::unexpected(std::move(before.error()));
  if (*before && **before != check) {
    bool any = false;
    auto counted = store_.load_keys([&](const KeyRow& row) { any = any || !row.revoked_at; });
    if (counted) counted = store_.load_admin_keys([&](const AdminKeyRow&) { any = true; });
    if (!counted) return counted;
    if (any) {
      return fail(Code::configuration,
                  "auth.key_hash_secret is not the one that the keys in the store were hashed under; give that one, or "
                  "start with an empty store");
    }
  }
  if (*before && **before == check) return {};
  return store_.set_setting(kSecretCheckSetting, check);
}

Result<> Directory::load() {
  if (auto purged = store_.purge_revoked(options_.clock->wall() - kRememberRevoked); !purged) return purged;
  if (auto nodes = load_nodes(); !nodes) return nodes;
  return load_keys();
}

Result<> Directory::load_nodes() {
  std::vector<NodeRow> rows;
  if (auto read = store_.load_nodes([&](NodeRow row) { rows.push_back(std::move(row)); }); !read) return read;
  // Parents first.
  const auto level = [](const NodeRow& row) { return node_kind_from_name(row.kind).value_or(NodeKind::provider); };
  std::ranges::sort(rows, {}, level);
  for (auto& row : rows) {
    const auto kind = node_kind_from_name(row.kind);
    const auto above = NodeRef::parse(row.parent);
    NodeRecord* parent = above ? tree_.find(*above) : nullptr;
    auto access = access_from_json(row.access);
    const bool fits = kind && (parent == nullptr ? row.parent.empty() : Tree::fits(*kind, parent->node.kind));
    if (!fits || !access) return std::unexpected(store_damaged("the node " + row.kind + ":" + row.id));
    NodeRecord* record = tree_.find({.kind = *kind, .id = row.id});
    if (record == nullptr) record = &tree_.make(*kind, row.id, parent, from_millis(row.created_at));
    record->spec = {.name = std::move(row.name), .access = std::move(*access), .metadata = std::move(row.metadata)};
    record->stored = true;
    record->deleted = row.deleted;
    record->node.active.store(row.active && !row.deleted, std::memory_order_relaxed);
    record->version = row.version;
  }
  tree_.renew_access();
  return {};
}

Result<> Directory::load_keys() {
  Result<> good;
  auto read = store_.load_keys([&](KeyRow row) {
    if (!good) return;
    const auto above = NodeRef::parse(row.parent);
    NodeRecord* parent = above ? tree_.find(*above) : nullptr;
    if (parent == nullptr) {
      good = std::unexpected(store_damaged("the key " + row.id));
      return;
    }
    KeyRecord& record = records_.emplace_back(row.id, parent);
    keys_.emplace(record.node.id, &record);
    good = take(record, row);
  });
  return read ? good : read;
}

// --- What is told.

NodeInfo Directory::info_of(const NodeRecord& record) const {
  return {.node = &record.node,
          .spec = record.spec,
          .origin = record.configured ? Origin::configuration : Origin::api,
          .active = record.node.active.load(std::memory_order_relaxed),
          .deleted = record.deleted,
          .created_at = record.created_at,
          .version = record.version};
}

KeyInfo Directory::info_of(const KeyRecord& record) const {
  const auto& parts = record.current->parts();
  KeyInfo info;
  info.node = &record.node;
  info.spec = {.name = parts.name,
               .access = record.access ? *record.access : Access(),
               .expires_at = parts.expires_at,
               .metadata = parts.metadata,
               .priority = record.priority,
               .weight = record.weight,
               .user = record.user == nullptr ? std::string() : record.user->node.id};
  info.origin = record.configured ? Origin::configuration : Origin::api;
  const base::WallTime now = options_.clock->wall();
  if (record.revoked_at != 0 || record.gone) {
    info.state = KeyState::revoked;
  } else if (record.blocked) {
    info.state = KeyState::blocked;
  } else if (parts.expires_at && now >= *parts.expires_at) {
    info.state = KeyState::expired;
  }
  info.hint = record.hint.data();
  info.created_at = from_millis(record.created_at);
  if (record.previous && now < *record.previous->parts().expires_at) {
    info.previous_until = record.previous->parts().expires_at;
  }
  if (record.revoked_at != 0) info.revoked_at = from_millis(record.revoked_at);
  info.version = record.version;
  return info;
}

NodeRow Directory::row_of(const NodeRecord& record) const {
  return {.kind = std::string(name(record.node.kind)),
          .id = record.node.id,
          .parent = record.parent == nullptr ? std::string() : ref_of(record.parent->node).to_string(),
          .name = record.spec.name,
          .access = to_json(record.spec.access),
          .metadata = record.spec.metadata,
          .active = record.node.active.load(std::memory_order_relaxed),
          .deleted = record.deleted,
          .created_at = to_millis(record.created_at),
          .version = record.version};
}

KeyRow Directory::row_of(const KeyRecord& record) const {
  const auto& parts = record.current->parts();
  KeyRow row;
  row.id = record.node.id;
  row.parent = ref_of(record.parent->node).to_string();
  if (record.user != nullptr) row.owner = record.user->node.id;
  row.name = parts.name;
  row.hint = record.hint.data();
  row.access = record.access ? to_json(*record.access) : "{}";
  row.metadata = parts.metadata;
  row.digest = crypto::to_hex(parts.digest);
  if (record.previous) {
    row.previous_digest = crypto::to_hex(record.previous->parts().digest);
    row.previous_until = to_millis(*record.previous->parts().expires_at);
  }
  row.priority = name(record.priority);
  row.weight = record.weight;
  if (parts.expires_at) row.expires_at = to_millis(*parts.expires_at);
  if (record.revoked_at != 0) row.revoked_at = record.revoked_at;
  row.blocked = record.blocked;
  row.created_at = record.created_at;
  row.version = record.version;
  return row;
}

std::optional<NodeInfo> Directory::node(const NodeRef& ref) const {
  const NodeRecord* record = tree_.find(ref);
  if (record == nullptr || !record->exists()) return std::nullopt;
  return info_of(*record);
}

void Directory::nodes(NodeKind kind, std::string_view after, base::FunctionRef<bool(const NodeInfo&)> visit) const {
  tree_.each(kind, after, [&](NodeRecord& record) { return !record.exists() || visit(info_of(record)); });
}

std::optional<KeyInfo> Directory::key(std::string_view id) const {
  const auto at = keys_.find(id);
  if (at == keys_.end() || at->second->gone) return std::nullopt;
  return info_of(*at->second);
}

std::optional<KeyInfo> Directory::key_of(std::string_view presented) {
  if (presented.size() < kMinKeySize || presented.size() > kMaxKeySize) return std::nullopt;
  const Credential* credential = views_.find((*hash_)(presented));
  if (credential == nullptr) return std::nullopt;
  return key(credential->parts().node->id);
}

void Directory::keys(std::string_view after, base::FunctionRef<bool(const KeyInfo&)> visit) const {
  for (auto at = after.empty() ? keys_.begin() : keys_.upper_bound(after); at != keys_.end(); ++at) {
    if (!at->second->gone && !visit(info_of(*at->second))) return;
  }
}

const Node* Directory::place(const NodeRef& ref) const {
  if (ref.kind != NodeKind::key) {
    const NodeRecord* record = tree_.find(ref);
    return record != nullptr && record->exists() ? &record->node : nullptr;
  }
  const auto at = keys_.find(ref.id);
  return at == keys_.end() || at->second->gone ? nullptr : &at->second->node;
}

// --- Nodes.

Result<NodeRecord*> Directory::own_node(const NodeRef& ref, Version if_version) {
  NodeRecord* record = tree_.find(ref);
  if (record == nullptr || !record->exists()) return fail(Code::not_found, "No such " + std::string(name(ref.kind)));
  if (record->deleted) return fail(Code::conflict, "It was deleted; its id is not used again");
  if (if_version && *if_version != record->version) return fail(Code::precondition_failed, "It was changed meanwhile");
  return record;
}

Result<> Directory::store_above(NodeRecord* record, std::vector<NodeRecord*>& written) {
  for (; record != nullptr && !record->stored; record = record->parent) {
    if (auto put = store_.put(row_of(*record)); !put) return put;
    written.push_back(record);
  }
  return {};
}

Result<NodeInfo> Directory::create_node(const NodeRef& ref, const std::optional<NodeRef>& parent, NodeSpec spec,
                                        const Author& author) {
  if (ref.kind >= NodeKind::key) return fail(Code::invalid_request, "Not a level of the tree");
  if (auto checked = check(spec); !checked) return std::unexpected(std::move(checked.error()));
  NodeRecord* above = nullptr;
  if (ref.kind == NodeKind::org) {
    if (parent) return fail(Code::invalid_request, "An organisation has no parent");
  } else {
    above = parent ? tree_.find(*parent) : &tree_.default_org();
    if (above == nullptr || !above->exists() || above->deleted) {
      return fail(Code::invalid_request, "The parent is not there");
    }
    if (!Tree::fits(ref.kind, above->node.kind)) return fail(Code::invalid_request, "It cannot hang below this parent");
  }
  NodeRecord* record = tree_.find(ref);
  if (record != nullptr && (record->stored || record->deleted)) {
    return fail(Code::conflict, record->deleted ? "It was deleted; its id is not used again" : "It exists already");
  }
  // One that only the configuration names is taken over, where it stands.
  if (record != nullptr && record->exists() && parent && record->parent != above) {
    return fail(Code::conflict, "The configuration names it in another place");
  }
  if (record == nullptr || (!record->exists() && record->parent != above)) {
    if (!valid_id(ref.id)) return fail(Code::invalid_request, "The id: 1 to 128 letters, digits and -_.@:+/");
    if (tree_.size() >= options_.most_nodes) return fail(Code::conflict, "There are as many nodes as there may be");
    // Not seen by anybody before it is stored: exists() is false, and nothing refers to it.
    record = &tree_.make(ref.kind, ref.id, above, author.time);
  }
  NodeRow row = row_of(*record);
  row.name = spec.name;
  row.access = to_json(spec.access);
  row.metadata = spec.metadata;
  row.active = true;
  row.version = store_.next_number();
  NodeInfo after = info_of(*record);
  after.spec = spec;
  after.version = row.version;
  after.created_at = record->created_at;
  std::vector<NodeRecord*> written;
  auto stored = store_.commit({.time = author.time,
                               .actor = author.id,
                               .address = author.address,
                               .action = row.kind + ".create",
                               .object = ref.to_string(),
                               .before = {},
                               .after = json_of(after)},
                              [&]() -> Result<> {
                                if (auto above_too = store_above(record->parent, written); !above_too) return above_too;
                                return store_.put(row);
                              });
  if (!stored) return std::unexpected(std::move(stored.error()));
  for (NodeRecord* other : written) other->stored = true;
  record->stored = true;
  record->version = row.version;
  const bool narrower = record->spec.access != spec.access;
  record->spec = std::move(spec);
  if (narrower) renew_keys();
  if (node_made_) node_made_(ref);
  return info_of(*record);
}

Result<NodeInfo> Directory::update_node(const NodeRef& ref, NodeSpec spec, bool active, const Author& author,
                                        Version if_version) {
  if (auto checked = check(spec); !checked) return std::unexpected(std::move(checked.error()));
  auto found = own_node(ref, if_version);
  if (!found) return std::unexpected(std::move(found.error()));
  NodeRecord& record = **found;
  NodeRow row = row_of(record);
  row.name = spec.name;
  row.access = to_json(spec.access);
  row.metadata = spec.metadata;
  row.active = active;
  row.version = store_.next_number();
  NodeInfo after = info_of(record);
  after.spec = spec;
  after.active = active;
  after.version = row.version;
  std::vector<NodeRecord*> written;
  auto stored = store_.commit({.time = author.time,
                               .actor = author.id,
                               .address = author.address,
                               .action = row.kind + ".update",
                               .object = ref.to_string(),
                               .before = json_of(info_of(record)),
                               .after = json_of(after)},
                              [&]() -> Result<> {
                                if (auto above = store_above(record.parent, written); !above) return above;
                                return store_.put(row);
                              });
  if (!stored) return std::unexpected(std::move(stored.error()));
  for (NodeRecord* other : written) other->stored = true;
  record.stored = true;
  record.version = row.version;
  record.node.active.store(active, std::memory_order_relaxed);
  renew_switches();
  const bool changed = record.spec.access != spec.access;
  record.spec = std::move(spec);
  if (changed) renew_keys();
  return info_of(record);
}

Result<> Directory::delete_node(const NodeRef& ref, const Author& author, Version if_version) {
  auto found = own_node(ref, if_version);
  if (!found) return std::unexpected(std::move(found.error()));
  NodeRecord& top = **found;
  if (&top == &tree_.default_org()) return fail(Code::conflict, "The organisation `default` stays");
  std::vector<NodeRecord*> nodes;
  tree_.each([&](NodeRecord& record) {
    if (record.exists() && !record.deleted && within(&record.node, &top.node)) nodes.push_back(&record);
  });
  std::vector<KeyRecord*> keys;
  for (auto& [id, record] : keys_) {
    const bool owned = record->user != nullptr && within(&record->user->node, &top.node);
    const bool below = within(&record->node, &top.node);
    // Those of the configuration cannot be revoked: they are refused because of where they hang, or whose they are.
    if ((owned || below) && !record->configured && record->revoked_at == 0) keys.push_back(record);
  }
  const std::int64_t version = store_.next_number();
  const std::int64_t now = to_millis(author.time);
  std::vector<NodeRecord*> written;
  auto stored = store_.commit({.time = author.time,
                               .actor = author.id,
                               .address = author.address,
                               .action = std::string(name(ref.kind)) + ".delete",
                               .object = ref.to_string(),
                               .before = json_of(info_of(top)),
                               .after = "{\"nodes_deleted\":" + std::to_string(nodes.size()) +
                                        ",\"keys_revoked\":" + std::to_string(keys.size()) + "}"},
                              [&]() -> Result<> {
                                if (auto above = store_above(top.parent, written); !above) return above;
                                for (NodeRecord* node : nodes) {
                                  NodeRow row = row_of(*node);
                                  row.active = false;
                                  row.deleted = true;
                                  row.version = version;
                                  if (auto put = store_.put(row); !put) return put;
                                }
                                for (KeyRecord* key : keys) {
                                  KeyRow row = row_of(*key);
                                  row.revoked_at = now;
                                  row.version = version;
                                  if (auto put = store_.put(row); !put) return put;
                                }
                                return {};
                              });
  if (!stored) return stored;
  for (NodeRecord* other : written) other->stored = true;
  for (NodeRecord* node : nodes) {
    node->stored = true;
    node->deleted = true;
    node->version = version;
    node->node.active.store(false, std::memory_order_relaxed);
  }
  for (KeyRecord* key : keys) {
    key->revoked_at = now;
    key->version = version;
    drop_credentials(*key);
  }
  renew_switches();
  publish();
  return {};
}

Result<const Node*> Directory::side_node(NodeKind kind, std::string_view id) {
  if (kind != NodeKind::tag && kind != NodeKind::provider) {
    return fail(Code::invalid_request, "Only a tag or a provider stands beside the tree");
  }
  const NodeRef ref{.kind = kind, .id = std::string(id)};
  NodeRecord* record = tree_.find(ref);
  if (record == nullptr) {
    if (id.empty() || id.size() > kMaxNameSize) return fail(Code::invalid_request, "The id: 1 to 256 bytes");
    if (tree_.size() >= options_.most_nodes) return fail(Code::conflict, "There are as many nodes as there may be");
    record = &tree_.make(kind, id, nullptr, options_.clock->wall());
    record->configured = true;
  }
  return &record->node;
}

void Directory::publish() {
  if (options_.publish) options_.publish(views_.build());
}

}  // namespace gatehouse::govern
