#include "gatehouse/govern/directory/identity.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gatehouse/govern/directory/time_text.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace gatehouse::govern {
namespace {

bool is_alphanumeric(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

constexpr auto kOrigins = std::to_array<std::string_view>({"configuration", "api"});
constexpr auto kKeyStates = std::to_array<std::string_view>({"active", "blocked", "expired", "revoked"});

bool admitted_by(std::string_view pattern, const std::vector<std::string>& patterns) {
  return std::ranges::any_of(patterns, [pattern](const std::string& other) {
    if (!other.ends_with('*')) return pattern == other;
    return pattern.starts_with(std::string_view(other).substr(0, other.size() - 1));
  });
}

Access::List both(const Access::List& a, const Access::List& b) {
  if (!a) return b;
  if (!b) return a;
  // Patterns are names and prefixes, so of two that overlap one holds the other: what is in both is every pattern of
  // either that the other list admits as a whole.
  std::vector<std::string> common;
  for (const auto& pattern : *a) {
    if (admitted_by(pattern, *b)) common.push_back(pattern);
  }
  for (const auto& pattern : *b) {
    if (admitted_by(pattern, *a)) common.push_back(pattern);
  }
  std::ranges::sort(common);
  common.erase(std::ranges::unique(common).begin(), common.end());
  return common;
}

// The blocks that lie in both. Blocks are powers of two, so of two that overlap one holds the other.
std::vector<std::string> both_addresses(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  std::vector<std::string> common;
  for (const auto& left : a) {
    const auto one = base::Cidr::parse(left);
    for (const auto& right : b) {
      const auto other = base::Cidr::parse(right);
      if (!one || !other || one->network.is_v6() != other->network.is_v6()) continue;
      if (other->contains(one->network) && one->bits >= other->bits) common.push_back(one->to_string());
      if (one->contains(other->network) && other->bits > one->bits) common.push_back(other->to_string());
    }
  }
  std::ranges::sort(common);
  common.erase(std::ranges::unique(common).begin(), common.end());
  // An empty list would mean "from anywhere". No caller has the unspecified address.
  if (common.empty()) common.emplace_back("::/128");
  return common;
}

Result<> check_list(std::string_view what, const Access::List& list) {
  if (!list) return {};
  const auto wrong = [what](std::string_view why) {
    return fail(Code::invalid_request, std::string(what) + ": " + std::string(why));
  };
  if (list->size() > kMaxPatterns) return wrong("more than 256 entries");
  for (const auto& pattern : *list) {
    if (pattern.size() > kMaxNameSize || has_control(pattern)) {
      return wrong("an entry has more than 256 bytes or control characters");
    }
  }
  if (const auto rules = NameRules::parse(*list); !rules) return wrong(rules.error().detail);
  return {};
}

Result<> check_common(std::string_view name, std::string_view metadata) {
  if (name.size() > kMaxNameSize || has_control(name)) {
    return fail(Code::invalid_request, "name: at most 256 bytes and no control characters");
  }
  if (metadata.empty()) return {};
  if (metadata.size() > kMaxMetadataSize) return fail(Code::invalid_request, "metadata: more than 8 KiB");
  const auto kind = json::validate(metadata);
  if (!kind || *kind != json::Kind::object) return fail(Code::invalid_request, "metadata: must be an object");
  return {};
}

void write_list(json::Writer& writer, std::string_view key, const Access::List& list) {
  if (!list) return;
  writer.key(key).begin_array();
  for (const auto& pattern : *list) writer.string(pattern);
  writer.end_array();
}

void write_parents(json::Writer& writer, const Node& node) {
  writer.key("parent");
  if (node.parent == nullptr) {
    writer.null();
  } else {
    writer.string(ref_of(*node.parent).to_string());
  }
}

void write_metadata(json::Writer& writer, const std::string& metadata) {
  if (!metadata.empty()) writer.key("metadata").raw(metadata);
}

}  // namespace

bool valid_id(std::string_view id) {
  if (id.empty() || id.size() > kMaxIdSize || !is_alphanumeric(id.front()) || id.back() == '/') return false;
  if (id.find("..") != id.npos || id.find("//") != id.npos) return false;
  return std::ranges::all_of(
      id, [](char c) { return is_alphanumeric(c) || std::string_view("-_.@:+/").find(c) != std::string_view::npos; });
}

std::string NodeRef::to_string() const { return std::string(govern::name(kind)) + ":" + id; }

std::optional<NodeRef> NodeRef::parse(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == text.npos) return std::nullopt;
  const auto kind = node_kind_from_name(text.substr(0, colon));
  const std::string_view id = text.substr(colon + 1);
  // Looser than valid_id: labels of the configuration are ids too.
  if (!kind || id.empty() || id.size() > 2 * kMaxNameSize + 1 || has_control(id)) return std::nullopt;
  return NodeRef{.kind = *kind, .id = std::string(id)};
}

NodeRef ref_of(const Node& node) { return {.kind = node.kind, .id = node.id}; }

Result<> check(const Access& access) {
  for (const auto& [what, list] : {std::pair<std::string_view, const Access::List&>{"models", access.models},
                                   {"operations", access.operations},
                                   {"providers", access.providers},
                                   {"regions", access.regions}}) {
    if (auto checked = check_list(what, list); !checked) return checked;
  }
  if (access.addresses.size() > kMaxPatterns) return fail(Code::invalid_request, "addresses: more than 256 entries");
  for (const auto& block : access.addresses) {
    if (const auto parsed = base::Cidr::parse(block); !parsed) {
      return fail(Code::invalid_request, "addresses: an entry " + parsed.error().detail);
    }
  }
  return {};
}

Access both(const Access& a, const Access& b) {
  return {.models = both(a.models, b.models),
          .operations = both(a.operations, b.operations),
          .providers = both(a.providers, b.providers),
          .regions = both(a.regions, b.regions),
          .addresses = both_addresses(a.addresses, b.addresses)};
}

Result<> check(const NodeSpec& spec) {
  if (auto common = check_common(spec.name, spec.metadata); !common) return common;
  return check(spec.access);
}

Result<> check(const KeySpec& spec) {
  if (auto common = check_common(spec.name, spec.metadata); !common) return common;
  if (spec.weight < 1 || spec.weight > 1000) return fail(Code::invalid_request, "weight: 1 to 1000");
  return check(spec.access);
}

std::string_view name(Origin origin) { return kOrigins[static_cast<std::size_t>(origin)]; }
std::string_view name(KeyState state) { return kKeyStates[static_cast<std::size_t>(state)]; }
std::optional<KeyState> key_state_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kKeyStates.size(); ++i) {
    if (kKeyStates[i] == name) return static_cast<KeyState>(i);
  }
  return std::nullopt;
}

void write_members(json::Writer& writer, const Access& access) {
  write_list(writer, "models", access.models);
  write_list(writer, "operations", access.operations);
  write_list(writer, "providers", access.providers);
  write_list(writer, "regions", access.regions);
  if (access.addresses.empty()) return;
  writer.key("addresses").begin_array();
  for (const auto& block : access.addresses) writer.string(block);
  writer.end_array();
}

std::string to_json(const Access& access) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  write_members(writer, access);
  writer.end_object();
  return out;
}

std::optional<Access> access_from_json(std::string_view text) {
  Access access;
  bool good = true;
  const auto list_of = [&good](std::string_view raw) {
    std::vector<std::string> list;
    const bool walked = json::walk_array(raw, [&](const json::Element& element) {
      auto string = json::read_string(element.value);
      good = good && string.has_value();
      if (string) list.push_back(std::move(*string));
    });
    good = good && walked;
    return list;
  };
  const auto scanned = json::scan_object(text, [&](const json::Member& member) {
    if (member.key == "models") access.models = list_of(member.value);
    if (member.key == "operations") access.operations = list_of(member.value);
    if (member.key == "providers") access.providers = list_of(member.value);
    if (member.key == "regions") access.regions = list_of(member.value);
    if (member.key == "addresses") access.addresses = list_of(member.value);
  });
  if (!scanned || !good || !check(access)) return std::nullopt;
  return access;
}

void write(json::Writer& writer, const NodeInfo& info) {
  const Node& node = *info.node;
  writer.begin_object().key("id").string(node.id).key("kind").string(name(node.kind));
  writer.key("name").string(info.spec.name.empty() ? node.id : info.spec.name);
  write_parents(writer, node);
  write_members(writer, info.spec.access);
  write_metadata(writer, info.spec.metadata);
  writer.key("active").boolean(info.active);
  writer.key("effective_active").boolean(node.is_active());
  if (info.deleted) writer.key("deleted").boolean(true);
  writer.key("origin").string(name(info.origin));
  writer.key("created_at").string(to_rfc3339(info.created_at));
  writer.key("version").integer(info.version).end_object();
}

void write(json::Writer& writer, const KeyInfo& info) {
  const Node& node = *info.node;
  writer.begin_object().key("id").string(node.id).key("name").string(info.spec.name);
  writer.key("hint").string(info.hint);
  write_parents(writer, node);
  if (!info.spec.user.empty()) writer.key("user").string(info.spec.user);
  write_members(writer, info.spec.access);
  write_metadata(writer, info.spec.metadata);
  writer.key("priority").string(name(info.spec.priority)).key("weight").unsigned_integer(info.spec.weight);
  writer.key("state").string(name(info.state));
  writer.key("effective_active").boolean(info.state == KeyState::active && node.is_active());
  if (info.spec.expires_at) writer.key("expires_at").string(to_rfc3339(*info.spec.expires_at));
  if (info.previous_until) writer.key("previous_valid_until").string(to_rfc3339(*info.previous_until));
  if (info.revoked_at) writer.key("revoked_at").string(to_rfc3339(*info.revoked_at));
  writer.key("origin").string(name(info.origin));
  writer.key("created_at").string(to_rfc3339(info.created_at));
  writer.key("version").integer(info.version).end_object();
}

}  // namespace gatehouse::govern
