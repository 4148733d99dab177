#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/guard/vault/vault.h"

namespace gatehouse::guard {

// Who wants to see which values, and why.
struct DetokeniseCall {
  std::string actor;    // an admin key or user, as the admin API knows it
  std::string address;  // where he called from
  std::string tenant;
  std::vector<std::string> tokens;  // `[PII:EMAIL:tok_...]` or `tok_...`; 1 to kMostTokens
  std::string reason;               // in his own words: 3 to kMostReason bytes, no control characters
  static constexpr std::size_t kMostTokens = 100;
  static constexpr std::size_t kMostReason = 500;
};

// What the audit keeps of it: never a value.
struct DetokeniseEvent {
  base::WallTime time{};
  std::string actor;
  std::string address;
  std::string tenant;
  std::string reason;
  struct Shown {
    std::string token;   // "tok_..."
    std::string entity;  // empty: there is no such token, nothing was shown
    std::string scope;
  };
  std::vector<Shown> shown;
};

// Where it is written down. Durable when it returns. Called on the caller's thread; may block.
class DetokeniseAudit {
 public:
  virtual ~DetokeniseAudit() = default;
  virtual Result<> record(const DetokeniseEvent& event) = 0;
};

struct Detokenised {
  std::string token;
  bool found = false;
  std::string entity;
  base::Secret value;
  base::WallTime expires{};
};

// Shows the values of tokens to somebody who may see them, after it is written down that he did. Whether he may is
// decided by who calls this (the admin API: its roles). Both references outlive it; any thread that may block.
class Detokeniser {
 public:
  Detokeniser(Vault& vault, DetokeniseAudit& audit) : vault_(vault), audit_(audit) {}

  // One answer a token, in their order. Errors: invalid_request (no reason, too many, what is no token), io and such of
  // the store; internal when the audit did not take it: then nothing is shown.
  Result<std::vector<Detokenised>> reveal(const DetokeniseCall& call, base::WallTime now);

 private:
  Vault& vault_;
  DetokeniseAudit& audit_;
};

}  // namespace gatehouse::guard
