#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/llm/chat/answer.h"
#include "gatehouse/state/sealed_store.h"

namespace gatehouse::state {

// An error in OpenAI's words (`code`, `param`), for the front codec of Responses to write with its status.
template <class T>
using StateResult = std::expected<T, llm::ChatError>;

// What is kept of a call of the Responses API.
struct StoredResponse {
  std::string id;
  std::string previous;  // the response that it follows; empty: none
  std::string input;     // the request's own items, a JSON array; each has an id
  std::string answer;    // the response object, as the caller got it
};

struct ResponseStoreOptions {
  std::chrono::seconds retention{std::chrono::hours(24 * 30)};  // OpenAI's own: 30 days
};

// Stored responses, for callers of the Responses API whose provider has none: `previous_response_id` stands for a whole
// history, an item_reference for an item, and both are a tenant's own. A response that follows another holds on to it
// by its id only: who deletes one in the middle cuts the history there, as at OpenAI. An item that comes back in a
// later request stays the one of the response that it first came with.
//
// Any thread; never waits (sealed_store.h, which outlives it, and bounds it by tenant).
class ResponseStore {
 public:
  explicit ResponseStore(SealedStore& store, const ResponseStoreOptions& options = {})
      : store_(store), retention_(options.retention) {}

  // Keeps a response. `input` is the request's member, a string or an array; `answer` the whole response object (of a
  // stream its last event's). Both were checked as JSON. Errors: too_large (kMostBytes), invalid_request (no id).
  StateResult<void> keep(std::string_view tenant, std::string_view previous, std::string_view input,
                         std::string_view answer, base::WallTime now);

  // Whether there is such a response; unseals nothing.
  bool holds(std::string_view tenant, std::string_view id, base::WallTime now) const;

  // Errors of all below: not_found (404; of `previous_response_id` 400 with previous_response_not_found).
  StateResult<StoredResponse> get(std::string_view tenant, std::string_view id, base::WallTime now);
  // The body of GET /v1/responses/{id}/input_items: the items that the request brought, newest first unless ascending.
  struct Page {
    std::size_t limit = 20;  // 1 to 100
    bool ascending = false;
    std::string_view after{};  // an item's id; what follows it. Empty: from the beginning
  };
  StateResult<std::string> input_items(std::string_view tenant, std::string_view id, const Page& page,
                                       base::WallTime now);
  // The body of DELETE /v1/responses/{id}.
  StateResult<std::string> erase(std::string_view tenant, std::string_view id, base::WallTime now);

  // All items of a response and of those it follows, oldest first: inputs and outputs, to be put in front of a
  // request's own. Nothing: no such response is stored here. Errors: not_found where one in the middle is gone;
  // too_large (kMostHistory, kMostChain). Each response is unsealed once.
  struct History {
    std::string items;      // JSON, with commas between and no brackets
    std::size_t count = 0;  // of them
  };
  StateResult<std::optional<History>> history(std::string_view tenant, std::string_view id, base::WallTime now);
  // The items of these ids, JSON, in their order; empty where none is stored here. Errors: too_large (kMostHistory).
  StateResult<std::vector<std::string>> items(std::string_view tenant, std::span<const std::string_view> ids,
                                              base::WallTime now);

  static constexpr std::string_view kNoResponse = "response_not_found";  // the code of not_found, of what is asked for

  static constexpr std::size_t kMostBytes = 16UL << 20;    // of a response with its input
  static constexpr std::size_t kMostHistory = 64UL << 20;  // bytes of a chain, and of items that are referred to
  static constexpr std::size_t kMostChain = 1024;          // responses in one
  static constexpr std::size_t kMostIndexed = 1024;        // items of a response that can be referred to

 private:
  std::optional<StoredResponse> find(std::string_view tenant, std::string_view id, base::WallTime now);

  SealedStore& store_;
  const std::chrono::seconds retention_;
};

}  // namespace gatehouse::state
