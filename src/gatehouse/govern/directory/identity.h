#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/govern/node.h"
#include "gatehouse/govern/principal.h"
#include "gatehouse/json/writer.h"

// What the directory is told and tells about nodes and keys: plain values, no thread of their own.
namespace gatehouse::govern {

// Bytes. An id is part of addresses, records and metrics, so it has a narrow alphabet (valid_id).
inline constexpr std::size_t kMaxIdSize = 128;
// A key may be any string of this many bytes.
inline constexpr std::size_t kMinKeySize = 12;
inline constexpr std::size_t kMaxKeySize = 512;
inline constexpr std::size_t kMaxNameSize = 256;
inline constexpr std::size_t kMaxMetadataSize = 8UL * 1024;
inline constexpr std::size_t kMaxPatterns = 256;  // in one list of Access

// Letters, digits and `-_.@:+/` with a letter or digit at the front and no `..`, `//` or `/` at the end.
bool valid_id(std::string_view id);

// A place in the tree by name; written "team:support".
struct NodeRef {
  NodeKind kind = NodeKind::org;
  std::string id;
  bool operator==(const NodeRef&) const = default;
  auto operator<=>(const NodeRef&) const = default;
  std::string to_string() const;
  // Nothing for an unknown kind or an invalid id.
  static std::optional<NodeRef> parse(std::string_view text);
};
NodeRef ref_of(const Node& node);

// What a node or a key restricts. Not set: nothing; set and empty: everything is refused. The patterns are those of
// NameRules.
struct Access {
  using List = std::optional<std::vector<std::string>>;
  List models{};
  List operations{};
  List providers{};
  List regions{};
  std::vector<std::string> addresses{};  // CIDR; empty: from anywhere
  bool operator==(const Access&) const = default;
  bool unrestricted() const { return *this == Access(); }
};
// Code::invalid_request for a pattern or block that cannot be read, naming the list.
Result<> check(const Access& access);
// What both admit.
Access both(const Access& a, const Access& b);

// Where something comes from. What the configuration gives changes with the configuration only.
enum class Origin : std::uint8_t { configuration, api };
std::string_view name(Origin origin);

struct NodeSpec {
  std::string name{};      // for people; empty: the id
  Access access{};         // narrows every key below
  std::string metadata{};  // a JSON object, or empty
};

struct KeySpec {
  std::string name{};
  Access access{};
  std::optional<base::WallTime> expires_at{};
  std::string metadata{};  // a JSON object, or empty
  Priority priority = Priority::normal;
  std::uint32_t weight = 1;  // 1 to 1000
  std::string user{};        // whose it is, where that user is not above it in the tree; empty: nobody's
};
Result<> check(const NodeSpec& spec);
Result<> check(const KeySpec& spec);

// `version` is the number of the last change (directory_store.h) and serves as entity tag.
struct NodeInfo {
  const Node* node = nullptr;
  NodeSpec spec;
  Origin origin = Origin::api;
  bool active = true;  // its own switch
  bool deleted = false;
  base::WallTime created_at{};
  std::int64_t version = 0;
};

enum class KeyState : std::uint8_t { active, blocked, expired, revoked };
std::string_view name(KeyState state);
std::optional<KeyState> key_state_from_name(std::string_view name);

struct KeyInfo {
  const Node* node = nullptr;  // the key's own; its parent is where it belongs
  KeySpec spec;
  Origin origin = Origin::api;
  KeyState state = KeyState::active;
  std::string hint;  // "gh-4xKp": enough to recognise a key by, too little to guess it from
  base::WallTime created_at{};
  std::optional<base::WallTime> previous_until;  // rotated: the key before is valid until then
  std::optional<base::WallTime> revoked_at;
  std::int64_t version = 0;
};

// Who changes something, for the change log.
struct Author {
  std::string id;       // "admin_key:adm_...", "user:alice", "system"
  std::string address;  // where the request came from, empty: from the process itself
  base::WallTime time{};
};

// As JSON: the admin API's objects, and the change log's `before` and `after`. Times are RFC 3339, to the second.
void write(json::Writer& writer, const NodeInfo& info);
void write(json::Writer& writer, const KeyInfo& info);
// The lists as members of an object that is open.
void write_members(json::Writer& writer, const Access& access);
// As it is stored. Nothing for a text that is not what to_json wrote.
std::string to_json(const Access& access);
std::optional<Access> access_from_json(std::string_view text);

// One line of the change log. `before` and `after` are JSON, empty where there is none, and never hold a secret.
struct Change {
  std::int64_t number = 0;
  base::WallTime time{};
  std::string actor{};
  std::string address{};
  std::string action{};  // "key.create"
  std::string object{};  // "key:key_..."
  std::string before{};
  std::string after{};
};

}  // namespace gatehouse::govern
