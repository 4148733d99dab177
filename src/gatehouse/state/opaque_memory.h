#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/llm/chat/answer.h"
#include "gatehouse/llm/chat/request.h"
#include "gatehouse/state/sealed_store.h"

namespace gatehouse::state {

struct OpaqueMemoryOptions {
  std::chrono::seconds retention{std::chrono::hours(24)};
};

// Signatures of thinking, encrypted reasoning and thought signatures of answers, for clients that send the conversation
// back without them: a provider that gets its history without them thinks anew, or refuses it. What is kept of an
// answer is the state alone, the thinking that it signs, and hashes of what stood around it.
//
// An answer is found again by what it said and called, or by the id of one of its calls, if that calls the same with
// the same arguments: some servers count their ids from one in every answer. State goes back where it stood, only to
// the origin that it is of, and nothing is replaced that the client did send.
//
// Any thread; never waits (sealed_store.h, which outlives it).
class OpaqueMemory {
 public:
  explicit OpaqueMemory(SealedStore& store, const OpaqueMemoryOptions& options = {})
      : store_(store), retention_(options.retention) {}

  // Answers without state leave nothing.
  void remember(std::string_view tenant, const llm::ChatAnswer& answer, base::WallTime now);
  // Puts back what messages of the assistant lack and `target` can read. How many blocks got state or were put back.
  std::size_t restore(std::string_view tenant, llm::ChatRequest& request, llm::Origin target, base::WallTime now);

  static constexpr std::size_t kMostBytes = 512UL << 10;  // of one answer's state; more is not kept
  static constexpr std::size_t kMostBlocks = 256;         // of one answer that are looked at
  static constexpr std::size_t kMostMessages = 4096;      // of a request, from its end, that are looked at

 private:
  std::size_t restore_message(std::string_view tenant, llm::Message& message, llm::Origin target, base::WallTime now);

  SealedStore& store_;
  const std::chrono::seconds retention_;
};

}  // namespace gatehouse::state
