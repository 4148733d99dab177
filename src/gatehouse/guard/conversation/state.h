#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "gatehouse/guard/conversation/identity.h"
#include "gatehouse/llm/segment.h"

namespace gatehouse::guard {

// What is known of a conversation after a turn: a value. Where the history tells who it is, the next turn takes a copy
// of what lies under the history before it, so that conversations that only begin alike do not touch each other.
struct ConversationState {
  ConversationName id{};  // the same for all its turns
  double risk = 0;        // as of `at`
  std::int64_t at = 0;    // milliseconds since 1970
  std::uint32_t turns = 0;
  bool ended = false;
  bool refused = false;     // the last request was: its texts have not been let through
  ConversationName last{};  // the history that the last request told, as MessageChain names it
  // The newest words of the caller and his tools, oldest first, where the client does not send them again. At most
  // kMostTail bytes.
  struct Past {
    llm::Role role = llm::Role::user;
    std::string text;
    bool operator==(const Past&) const = default;
  };
  std::vector<Past> tail;

  static constexpr std::size_t kMostTail = 2048;
  static constexpr std::size_t kMostPast = 64;
  // Adds to the tail and drops from its front what is too much; of a long text its end is kept.
  void remember(llm::Role role, std::string_view text);
};

}  // namespace gatehouse::guard
