#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/guard/detector.h"

namespace gatehouse::guard {

// One kind of secret as policies and reports name it. Static.
struct SecretKind {
  std::string_view entity;       // "GITHUB_PERSONAL_ACCESS_TOKEN"
  std::string_view vendor;       // "github"; also a group that a policy may name, see secret_entities
  std::string_view group;        // "vcs": "cloud", "payment", "chat", "ai", ...
  std::string_view description;  // one line
};

// All kinds, each once, in the order of the tables.
std::span<const SecretKind> secret_kinds();
// What a name in a policy stands for: an entity, a vendor or a group, in any case of letters. Empty: nobody knows it.
std::vector<std::string_view> secret_entities(std::string_view name);

// Finds credentials in the formats that their vendors document: a table of prefixes with alphabets, lengths and
// checksums (secret_rows.h), assignments whose name tells what the value is, connection strings, headers, JSON web
// tokens and private keys. What stands in the place of a secret (YOUR_API_KEY, ${TOKEN}, xxxx) is none; nor are hashes,
// UUIDs and code that computes a value. The finding is the secret itself: of a connection string the password, of a
// header the credentials behind the scheme, of a private key the whole block.
//
// Findings that overlap are told as one, named by the most specific. Looks back at most kSecretContext bytes.
// Scores: 1 a checksum agrees; 0.9 a vendor's own form; 0.85 a checksum is documented and does not agree; 0.6 to 0.8
// the name of an assignment tells; 0.5 a vendor's documented example.
class SecretsDetector final : public Detector {
 public:
  SecretsDetector();
  ~SecretsDetector() override;

  std::string_view name() const override { return "secrets"; }
  Family family() const override { return Family::secrets; }
  std::span<const EntityInfo> entities() const override;
  text::ViewKinds views(Direction direction) const override;
  bool concerns(Direction direction, llm::Role role, llm::SegmentKind kind) const override;
  std::vector<Trigger> triggers() const override;
  std::size_t look(const Look& look, std::span<const Hit> hits, Findings& out) const override;

 private:
  class Rules;
  std::unique_ptr<const Rules> rules_;
};

}  // namespace gatehouse::guard
