#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/guard/finding.h"
#include "gatehouse/guard/redact/style.h"
#include "gatehouse/guard/vault/keyring.h"
#include "gatehouse/llm/segment.h"

namespace gatehouse::guard {

class Vault;

// For whom it is redacted. Views hold as long as the Redaction.
struct RedactScope {
  std::string_view tenant;
  // In which the same value has the same token and surrogate: a conversation, or empty for the whole tenant.
  std::string_view conversation;
  std::string_view owner;                  // whom a token's value is erased with: an end user; may be empty
  std::chrono::seconds retention{86'400};  // of tokens' values
};

// What is decided to be replaced, and how.
struct Redacted {
  Finding finding;
  RedactStyle style = RedactStyle::placeholder;
};

// What stands there instead. Offsets are of the text; the replacement has no character that JSON escapes.
struct Replacement {
  std::size_t offset = 0;
  std::size_t length = 0;
  std::string text;
  std::string_view entity;
  RedactStyle style = RedactStyle::placeholder;
};

// Makes what stands in place of findings, for one request or answer. One thread's; the vault, if there is one, outlives
// it. Cheap to make: keys are derived with the first finding that needs one.
//
// What must hold for every style: no character that JSON must escape (so a replacement fits at any depth of JSON inside
// JSON), valid UTF-8, nothing of the value but what the style says, and for all but `mask` the same for every spelling
// of a value (normalise.h).
class Redaction {
 public:
  // `keys` or `vault` may be null: then the styles that need them fail with Code::configuration.
  Redaction(Keyring* keys, Vault* vault, const RedactScope& scope, base::WallTime now);
  ~Redaction();
  Redaction(const Redaction&) = delete;
  Redaction& operator=(const Redaction&) = delete;

  // Findings of one text, in any order, may overlap: those that do become one, named after the longest (of these the
  // surest), styled by the strictest of them (placeholder, hash, token, surrogate, format_preserving, mask). Extents
  // are widened to whole characters, in tool arguments to whole JSON escapes. Appended to `out`, ascending. Errors:
  // of the vault (overloaded, too_large, conflict), configuration; then `out` is as it was and the text must not pass.
  Result<> replace(std::string_view text, llm::SegmentKind kind, std::vector<Redacted> findings,
                   std::vector<Replacement>& out);

  // The replacement of one value.
  Result<std::string> stand_in(Family family, std::string_view entity, std::string_view value, RedactStyle style);

 private:
  struct Keyed;
  Result<Keyed*> keyed();
  Result<std::string> token_of(Family family, std::string_view entity, std::string_view value);

  Keyring* keys_;
  Vault* vault_;
  RedactScope scope_;
  base::WallTime now_;
  std::unique_ptr<Keyed> keyed_;
};

}  // namespace gatehouse::guard
