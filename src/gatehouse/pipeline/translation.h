#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "gatehouse/base/clock.h"
#include "gatehouse/dialects/codec.h"
#include "gatehouse/llm/chat/answer.h"
#include "gatehouse/llm/chat/request.h"
#include "gatehouse/state/opaque_memory.h"

namespace gatehouse::pipeline {

// A provider's error in its caller's dialect.
struct ToldError {
  int status = 0;
  std::string retry_after;  // seconds; empty: not told
  std::string body;
};

// A call whose provider speaks another dialect than its caller: what was asked, and what its answer is read and written
// with. A member of the Exchange, made by forward; one loop's thread. The decoder and encoder of the answer refer to
// it, so it neither moves nor ends before them.
struct Translation {
  // `u`: where the usage that the answer tells goes, in more detail than the caller's dialect may have words for.
  Translation(const dialects::FrontCodec& f, llm::ChatRequest r, std::optional<llm::Usage>& u)
      : front(f), request(std::move(r)), usage(u) {}
  Translation(const Translation&) = delete;
  Translation& operator=(const Translation&) = delete;

  const dialects::FrontCodec& front;
  llm::ChatRequest request;  // with the edits of policy, and state that the client did not bring back
  std::string seed;          // of ids: the request's own id, letters and digits
  std::int64_t now = 0;      // seconds since 1970

  std::optional<llm::Usage>& usage;

  // Where opaque state of the answer is remembered, for clients that drop it; null: nowhere.
  state::OpaqueMemory* memory = nullptr;
  std::string tenant;
  base::WallTime wall{};
  void remember(const llm::ChatAnswer& answer) const {
    if (memory != nullptr) memory->remember(tenant, answer, wall);
  }

  // Of the attempt under way; made anew by each.
  const dialects::BackCodec* back = nullptr;
  const llm::Quirks* quirks = nullptr;
  llm::Origin origin = llm::Origin::none;
  dialects::Rewrites rewrites;
  dialects::Losses losses;
  std::string body;

  bool failed = false;  // the provider told an error after its 200

  // That error, where nothing of the answer had gone out yet: sent in its place, with what the head of the 200 said.
  std::optional<ToldError> told;

  dialects::Reading reading() const { return {.rewrites = rewrites, .quirks = *quirks, .origin = origin}; }
  dialects::Writing writing() const { return {.request = request, .model = {}, .seed = seed, .now = now}; }
};

}  // namespace gatehouse::pipeline
