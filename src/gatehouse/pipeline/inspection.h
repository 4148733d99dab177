#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/guard/answer_text.h"
#include "gatehouse/guard/conversation/assembly.h"
#include "gatehouse/guard/conversation/book.h"
#include "gatehouse/guard/conversation/identity.h"
#include "gatehouse/guard/conversation/turn.h"
#include "gatehouse/guard/decisions.h"
#include "gatehouse/guard/inspector.h"
#include "gatehouse/guard/judged_texts.h"
#include "gatehouse/guard/policy/rules.h"
#include "gatehouse/guard/redact/redactor.h"
#include "gatehouse/guard/redact/restorer.h"
#include "gatehouse/guard/request_facts.h"
#include "gatehouse/guard/vault/vault.h"
#include "gatehouse/json/splice.h"
#include "gatehouse/llm/segment.h"
#include "gatehouse/ml/service/service.h"
#include "gatehouse/pipeline/answer_schemas.h"
#include "gatehouse/pipeline/callouts.h"

namespace gatehouse::pipeline {

// One worker's tools for looking at what is said, made for one configuration. Its loop's only.
struct Guarding {
  guard::PolicySet policies;
  guard::Inspector inspector;
  guard::JudgedTexts judged;
  guard::Keyring* keys = nullptr;           // shared by the process; null: styles that need keys fail
  guard::Vault* vault = nullptr;            // the same; null: no tokens
  guard::ConversationBook* book = nullptr;  // the same; null: conversations are not followed
  std::unique_ptr<guard::ConversationNamer> namer{};
  guard::Assembly assembly{};
  std::vector<CalloutLine> callouts{};
  ml::Service* semantics = nullptr;  // the same; null: no models are asked
  // For the models' answers about one request's texts, or a piece of an answer.
  std::chrono::milliseconds semantic_budget{250};

  // Which models there are now: another number than before once they were replaced.
  std::uint32_t models();
  // What questions of a kind that the models answer are put to; null: there are none.
  std::unique_ptr<ml::Inquiry> inquire(ml::Wants allowed);

  std::weak_ptr<const ml::ModelSet> models_seen{};  // of the last call of models()
  std::uint32_t models_changed = 0;
};

// Values behind tokens, for one answer's caller: what stands in its request or in its own scope.
class VaultRestoring final : public guard::Restoring {
 public:
  // All outlive it.
  VaultRestoring(guard::Vault& vault, std::string_view tenant, std::string_view scope, base::WallTime now)
      : vault_(vault), tenant_(tenant), scope_(scope), now_(now), restorer_(*this) {}
  VaultRestoring(const VaultRestoring&) = delete;
  VaultRestoring& operator=(const VaultRestoring&) = delete;

  std::size_t find(std::string_view text, std::size_t from, bool complete, llm::SegmentKind kind,
                   const guard::JsonNesting& begin, std::vector<guard::TextEdit>& out) override;

  std::optional<base::Secret> operator()(const guard::TokenId& id);

 private:
  guard::Vault& vault_;
  std::string_view tenant_;
  std::string_view scope_;
  base::WallTime now_;
  guard::Restorer restorer_;
  std::vector<guard::Restoration> found_;
};

// What came of asking a model again for an answer that missed its schema.
struct Repair {
  enum class Outcome : std::uint8_t {
    none,          // nothing was wrong, or it is not for repair
    repaired,      // an answer of a further call satisfies it
    missed,        // the last one misses it too
    unaffordable,  // a further call was not made: it could not be paid for
    failed,        // a further call came to nothing
  };
  Outcome outcome = Outcome::none;
  unsigned attempts = 0;  // further calls
};
std::string_view name(Repair::Outcome outcome);

// What is known of what one request and its answer say; a member of the Exchange where policies hold for it, made by
// the inspect stage. One loop's thread.
class Inspection {
 public:
  Inspection(std::shared_ptr<const guard::Rules> r, Guarding& g) : rules(std::move(r)), guarding(g) {}

  const std::shared_ptr<const guard::Rules> rules;
  Guarding& guarding;
  std::string tenant;                             // whose vault; "team:support"
  std::string scope;                              // in which tokens hold
  llm::SegmentList segments;                      // of the request; views of its body
  std::unique_ptr<guard::ConversationTurn> turn;  // null: nothing tells the conversation
  bool tighten = false;                           // by its risk rulings are one step stricter
  bool ended = false;                             // ... it is over
  std::unique_ptr<ml::Inquiry> meaning;           // while the request's texts are judged; null: no model is asked
  guard::Decisions decisions;
  std::vector<json::Edit> edits;  // of the request's body
  std::deque<std::string> owned;  // what they put there
  std::optional<guard::Redaction> redaction;
  std::optional<VaultRestoring> restoring;
  guard::SystemText system;
  std::vector<guard::Canary> canaries;
  guard::RequestFacts facts;
  std::unique_ptr<AnswerSchemas> schemas;  // answer_schemas()
  Repair repair;
  bool answer_stopped = false;

  // Whether something that cannot be judged is refused: as policies and the callouts that they name want it.
  bool fails_closed(guard::Direction direction) const;
  // Callouts that are asked in that direction.
  std::vector<const CalloutLine*> callouts(guard::Direction direction) const;

  // "allow", "redact", "flag" or "block": the field x-gatehouse-guard.
  std::string_view verdict() const;
  // What the caller of a refused request or a stopped answer (`what`) is told: detectors, or why it was not judged.
  std::string blocked_detail(std::string_view what) const;
  // Findings as a JSON array for the record: detectors, kinds, places, scores, actions; never the text.
  void append_findings(std::string& out) const;
  // Names of the policies that held, as a JSON array.
  void append_policies(std::string& out) const;
};

}  // namespace gatehouse::pipeline
