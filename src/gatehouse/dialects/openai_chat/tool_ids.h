#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "gatehouse/llm/chat/request.h"

namespace gatehouse::dialects::openai_chat {

// The ids under which a request's tool calls and their results go to a server that is particular about them. Ids that
// it takes stay; others are hashed, not cut (two long ids may begin alike), the same way in every request, and so that
// no two of a request meet. Dialects without ids give none: results then belong to the first call that has none yet, of
// their name if they have one. One request's; the messages outlive it.
class ToolIds {
 public:
  // `exactly`: letters and digits that an id must have; `most`: characters that it may have. 0: any.
  ToolIds(const std::vector<llm::Message>& messages, std::size_t exactly, std::size_t most);

  std::string_view of(const llm::ToolCall& call) const { return find(&call); }
  std::string_view of(const llm::ToolResult& result) const { return find(&result); }

 private:
  std::string_view find(const void* block) const;
  bool fits(std::string_view id) const;
  const std::string& sent(const std::string& id);

  std::size_t exactly_;
  std::size_t most_;
  std::unordered_map<std::string, std::string> sent_;  // by the caller's
  std::unordered_set<std::string> used_;
  std::unordered_map<const void*, std::string> blocks_;
};

// Names of tools as OpenAI takes them (letters, digits, _ and -, at most 64): others are rewritten, and told in
// `rewritten` for the way back.
class ToolNames {
 public:
  explicit ToolNames(std::vector<std::pair<std::string, std::string>>& rewritten) : rewritten_(rewritten) {}
  // `name` must live until the request is written.
  std::string_view of(std::string_view name);

 private:
  std::vector<std::pair<std::string, std::string>>& rewritten_;
  std::unordered_map<std::string_view, std::string> names_;
};

}  // namespace gatehouse::dialects::openai_chat
