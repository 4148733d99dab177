#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/base/money.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/config/base_url.h"

// What policies look for in texts and do about it, as the configuration has it: plain data of the Snapshot. Names of
// entities stand here as text; guard/ knows them, app/ compares.
namespace gatehouse::config {

using std::chrono::milliseconds;

// By rising strictness; of several policies that apply, the strictest holds.
enum class GuardAction : std::uint8_t { unset, allow, log, flag, redact, block };
enum class GuardMode : std::uint8_t {
  enforce,
  monitor,  // what would be done is recorded, and not done
  shadow,   // a candidate: its decisions are compared with those that are enforced, and counted
};
enum class GuardFailure : std::uint8_t { closed, open };
enum class RedactStyle : std::uint8_t { token, format_preserving, surrogate, mask, hash, placeholder };
enum class Spotlight : std::uint8_t { none, mark, delimit };
// Whether learned models are asked as well.
enum class ModelUse : std::uint8_t {
  automatic,  // where one is loaded; when it does not answer in time, patterns and the linear model decide
  required,   // what it did not answer counts as a failure: on_failure decides
  off,
};
enum class BlockEnding : std::uint8_t { content_filter, error };

// What is done about one family of findings.
struct GuardRule {
  GuardAction action = GuardAction::unset;  // both ways
  GuardAction request = GuardAction::unset;
  GuardAction response = GuardAction::unset;
  std::vector<std::pair<std::string, GuardAction>> entities;  // in place of the above, both ways
  std::optional<base::Money> threshold;                       // a score of 0 to 1; findings below it are none
  GuardMode mode = GuardMode::enforce;
  GuardFailure on_failure = GuardFailure::closed;
  ModelUse model = ModelUse::automatic;  // injection, pii
  // pii, secrets, terms
  RedactStyle style = RedactStyle::placeholder;
  bool restore = true;      // tokens in answers become their values again
  bool per_tenant = false;  // the same value has the same token in all conversations of a tenant
  // injection
  Spotlight spotlight = Spotlight::none;
  // leakage
  bool canary = false;
  std::uint32_t words = 12;
};

struct AnswerGuard {
  std::vector<std::string> languages;  // ISO 639-1; empty: any
  std::uint64_t max_characters = 0;    // 0: any
  GuardAction refusal = GuardAction::unset;
  GuardAction action = GuardAction::flag;  // of languages and length
  GuardMode mode = GuardMode::enforce;
};

// The model is asked again for an answer that misses its schema.
struct SchemaRepair {
  std::uint32_t attempts = 0;   // 0: it is not
  milliseconds within{30'000};  // all of them
};
struct SchemaGuard {
  std::string file;       // JSON Schema; empty: none of the operator's
  bool requested = true;  // the request's own response_format is held to
  SchemaRepair repair;    // before `action`, in mode enforce
  GuardAction action = GuardAction::block;
  GuardMode mode = GuardMode::enforce;
};

// Zero: no limit.
struct InputLimits {
  std::uint64_t messages = 0;
  std::uint64_t message_characters = 0;
  std::uint64_t total_tokens = 0;
  std::uint64_t system_tokens = 0;
  std::uint64_t user_tokens = 0;
  std::uint64_t tool_tokens = 0;
  std::uint64_t depth = 0;
  std::uint64_t tools = 0;
  std::uint64_t media = 0;
};

// Risk over the turns of a conversation, 0 to 1 a turn, decaying.
struct ConversationGuard {
  base::Money warn = base::Money::usd(0);
  std::optional<base::Money> tighten;  // from here on what is flagged is redacted or blocked
  std::optional<base::Money> reroute;  // ... `model` answers
  std::optional<base::Money> end;      // ... the conversation is over
  std::string model;
  milliseconds half_life{600'000};
  bool assemble = true;  // values and attacks put together from pieces over several turns
  GuardMode mode = GuardMode::enforce;
};

// The guards of one policy.
struct Guards {
  std::optional<GuardRule> pii, secrets, injection, leakage, unsafe_output, terms;
  std::optional<AnswerGuard> answer;
  std::optional<SchemaGuard> schema;
  std::optional<InputLimits> limits;
  std::optional<ConversationGuard> conversation;
  std::vector<std::string> callouts;  // names
  BlockEnding ending = BlockEnding::content_filter;
  bool any() const {
    return pii || secrets || injection || leakage || unsafe_output || terms || answer || schema || limits ||
           conversation || !callouts.empty();
  }
};

// An entity of the operator's own.
enum class EntityChecksum : std::uint8_t { none, luhn, mod97, mod11, verhoeff };
struct CustomEntity {
  std::string name;
  std::string pattern;                                     // RE2
  std::vector<std::string> words;                          // a dictionary in place
  std::string file;                                        // a dictionary, a term a line
  std::vector<std::pair<std::string, base::Money>> topic;  // words and their weights
  base::Money threshold = base::Money::usd(1);             // of a topic
  bool caseless = true;
  bool whole_words = true;
  EntityChecksum checksum = EntityChecksum::none;
  base::Money score = base::Money::usd(1);
};

// A guard that is asked over HTTP.
enum class CalloutShape : std::uint8_t { openai_moderation, webhook };
struct Callout {
  std::string name;
  CalloutShape shape = CalloutShape::webhook;
  std::string url;
  base::Secret key;
  std::string model;
  bool request = true;
  bool response = false;
  milliseconds timeout{1'000};
  GuardFailure on_failure = GuardFailure::closed;
  GuardAction action = GuardAction::block;
  base::Money threshold;  // openai_moderation: a category's score; zero: its `flagged`
  std::uint32_t breaker_failures = 5;
  milliseconds breaker_pause{10'000};
};

// What is kept of what was found, and how much one text may cost.
struct GuardSettings {
  milliseconds budget{50};                          // for one request's texts; beyond it the failure mode decides
  std::uint64_t window_bytes = 64ULL << 10;         // of a stream, held back at most
  milliseconds retention{30LL * 24 * 3600 * 1000};  // of values behind tokens
  base::Secret vault_secret;                        // seals them; empty: one is kept in the store
  bool capture = false;                             // findings are recorded with their text
};

}  // namespace gatehouse::config
