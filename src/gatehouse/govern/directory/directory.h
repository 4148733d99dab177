#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/function_ref.h"
#include "gatehouse/base/ids.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/crypto/hmac.h"
#include "gatehouse/govern/directory/directory_store.h"
#include "gatehouse/govern/directory/directory_view.h"
#include "gatehouse/govern/directory/identity.h"
#include "gatehouse/govern/directory/tree.h"

namespace gatehouse::govern {

// A key that the configuration gives, with the labels that say where in the tree it belongs.
struct ConfiguredKey {
  std::string name;
  base::Secret key;
  std::string team, project, user;  // empty: none
  KeySpec spec;                     // `name` and `user` in it are not read
  std::string org{}, unit{};        // empty: the organisation `default`, no unit
};

// A node that the configuration names by itself, to give it a place or to switch it off.
struct ConfiguredNode {
  NodeRef ref;
  std::optional<NodeRef> parent;  // not set: the organisation `default`, or the top for an organisation
  bool active = true;
};

// The identity tree, organisation > unit > team > project > user > key, as it is now: what the configuration gives and
// what was made at run time, in one tree. The master copy: changed on the control thread only (the admin API, reload),
// every change durable in the store before it is acknowledged, and then published to the workers as a DirectoryView.
//
// Nodes are made once, keep their address until the directory dies and do not move in the tree: it must outlive all
// workers and requests. Errors of changes: Code::invalid_request (malformed), Code::not_found, Code::conflict (exists,
// or is the configuration's), Code::precondition_failed (`if_version` is not the version), Code::io (the store).
class Directory {
 public:
  struct Options {
    const base::Clock* clock = nullptr;  // never null
    // Called on the control thread after each change that workers must see.
    std::function<void(std::shared_ptr<const DirectoryView>)> publish{};
    // auth.key_hash_secret; empty: the store's own, made at its first start.
    base::Secret hash_secret{};
    base::Random random = base::Random::from_device();  // of ids, not of keys
    // Of keys, and of nodes each: more is refused.
    std::size_t most_keys = 2'000'000;
    std::size_t most_nodes = 1'000'000;
  };
  using Version = std::optional<std::int64_t>;  // only if it is the object's version; nothing: whatever it is

  // Loads what is stored. `store` outlives the directory. Code::configuration: the hash secret is not the one that the
  // stored keys were hashed under.
  static Result<std::unique_ptr<Directory>> open(DirectoryStore& store, Options options);

  // For HmacSha256 of the workers and of whatever looks up.
  const base::Secret& hash_secret() const { return hash_secret_; }
  std::shared_ptr<const DirectoryView> view() { return views_.build(); }

  // Nodes above keys.
  const Node* find(const NodeRef& ref) const { return tree_.find_node(ref); }
  std::optional<NodeInfo> node(const NodeRef& ref) const;
  // Those whose id sorts behind `after`, in order, until `visit` says false.
  void nodes(NodeKind kind, std::string_view after, base::FunctionRef<bool(const NodeInfo&)> visit) const;
  // `parent` not set: the organisation `default` (an organisation itself has none).
  Result<NodeInfo> create_node(const NodeRef& ref, const std::optional<NodeRef>& parent, NodeSpec spec,
                               const Author& author);
  Result<NodeInfo> update_node(const NodeRef& ref, NodeSpec spec, bool active, const Author& author,
                               Version if_version = {});
  // Offboarding: it and all below is switched off for good, the keys there and those it owns are revoked. The id is
  // not given out again.
  Result<> delete_node(const NodeRef& ref, const Author& author, Version if_version = {});

  // A node for what stands beside the tree (a tag, a provider), made when it is asked for.
  Result<const Node*> side_node(NodeKind kind, std::string_view id);

  // Keys.
  struct MadeKey {
    KeyInfo info;
    base::Secret key;  // nowhere else: shown once
  };
  std::optional<KeyInfo> key(std::string_view id) const;
  std::optional<KeyInfo> key_of(std::string_view presented);
  void keys(std::string_view after, base::FunctionRef<bool(const KeyInfo&)> visit) const;
  // `own`: a key of the caller's choosing; empty: a new one.
  Result<MadeKey> create_key(const NodeRef& parent, KeySpec spec, const Author& author, base::Secret own = {});
  Result<KeyInfo> update_key(std::string_view id, KeySpec spec, const Author& author, Version if_version = {});
  // The old key stays valid for `overlap` (0: not), a still older one does not.
  Result<MadeKey> rotate_key(std::string_view id, std::chrono::seconds overlap, const Author& author,
                             Version if_version = {});
  Result<KeyInfo> block_key(std::string_view id, bool blocked, const Author& author, Version if_version = {});
  Result<> revoke_key(std::string_view id, const Author& author, Version if_version = {});
  std::size_t key_count() const { return keys_.size(); }  // revoked ones too

  // The configuration's keys, at the start and with each reload, in two steps so that a reload can still be refused.
  class Configured {
    friend class Directory;
    std::vector<ConfiguredKey> keys;
    std::vector<ConfiguredNode> nodes;  // parents first
    std::vector<crypto::Digest> digests;
  };
  // Code::configuration, naming the entry and never the key; also for a node that is named twice, below a kind that it
  // cannot hang from, or below one that nobody names.
  Result<Configured> check_configuration(std::vector<ConfiguredKey> keys, std::vector<ConfiguredNode> nodes = {});
  // What was checked just before. Returns what somebody should know (labels that contradict each other).
  std::vector<std::string> apply_configuration(Configured configured);

  // A place by name, keys too; null: not there.
  const Node* place(const NodeRef& ref) const;
  // Called with each node and key that comes to be; one watcher.
  void on_node_made(std::function<void(const NodeRef&)> watcher) { node_made_ = std::move(watcher); }
  // Forgets old keys whose overlap is over. Once a minute or so.
  void tick();

 private:
  struct KeyRecord {
    KeyRecord(std::string id, NodeRecord* above) : node(NodeKind::key, std::move(id), &above->node), parent(above) {}
    Node node;
    NodeRecord* parent;
    NodeRecord* user = nullptr;
    std::shared_ptr<const Access> access;  // its own; null: unrestricted
    std::shared_ptr<const Credential> current;
    std::shared_ptr<const Credential> previous;
    std::int64_t created_at = 0;  // milliseconds since 1970
    std::int64_t revoked_at = 0;  // the same; 0: not
    std::int64_t version = 0;
    std::array<char, 8> hint{};
    std::uint16_t weight = 1;
    Priority priority = Priority::normal;
    bool configured = false;
    bool blocked = false;
    bool gone = false;  // the configuration gives it no more
  };

  Directory(DirectoryStore& store, Options options);
  Result<> choose_hash_secret();
  Result<> load();
  Result<> load_nodes();
  Result<> load_keys();

  NodeInfo info_of(const NodeRecord& record) const;
  KeyInfo info_of(const KeyRecord& record) const;
  NodeRow row_of(const NodeRecord& record) const;
  KeyRow row_of(const KeyRecord& record) const;
  // Makes the record, and what is in the view, as the row says.
  Result<> take(KeyRecord& record, const KeyRow& row);
  void place_credentials(KeyRecord& record, const Credential::Parts& parts,
                         const std::optional<std::pair<crypto::Digest, std::int64_t>>& previous);
  void drop_credentials(KeyRecord& record);
  std::shared_ptr<const Traits> traits_of(const KeyRecord& record);
  void renew_keys();      // after access changed above them
  void renew_switches();  // after a user was switched
  void set_switch(KeyRecord& record) const;
  Result<KeyRecord*> own_key(std::string_view id, Version if_version);
  Result<NodeRecord*> own_node(const NodeRef& ref, Version if_version);
  // Stores what of the ancestors is not stored yet; inside a commit.
  Result<> store_above(NodeRecord* record, std::vector<NodeRecord*>& written);
  Result<KeyInfo> change_key(KeyRecord& record, KeyRow row, std::string_view action, const Author& author);
  Result<> store_key(KeyRecord& record, const KeyRow& row, std::string_view action, const Author& author,
                     std::string before);
  NodeRecord& configured_node(NodeKind kind, std::string_view id, NodeRecord* parent, base::WallTime now);
  struct Place {
    NodeRecord* parent;
    NodeRecord* user;
  };
  Place place_of(const ConfiguredKey& key, base::WallTime now, std::vector<std::string>& warnings);
  std::string new_key_id();
  void publish();

  DirectoryStore& store_;
  Options options_;
  base::Secret hash_secret_;
  std::optional<crypto::HmacSha256> hash_;
  Tree tree_;
  std::deque<KeyRecord> records_;  // never shrinks: workers hold pointers to the nodes
  std::map<std::string_view, KeyRecord*, std::less<>> keys_;
  std::unordered_map<std::string, std::weak_ptr<const Traits>> traits_;
  std::unordered_map<std::string, std::weak_ptr<const Access>> accesses_;
  ViewBuilder views_;
  std::function<void(const NodeRef&)> node_made_;
};

}  // namespace gatehouse::govern
