#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/json/splice.h"
#include "gatehouse/llm/operation.h"

namespace gatehouse::dialects {

// Some providers refuse a message that says nothing else.
inline bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

// Two messages behind those of a chat's body, written as its dialect has them: what the model answered, and what it is
// told then. Everything that stands in the body stays as it is. A value; its edits are views of it.
class Continuation {
 public:
  // `body` was read as a call of `operation`. A blank `answered` is left out. Nothing:
  // the operation is no chat; the messages are not in the body, or go into what the provider keeps
  // (`conversation` of the responses API); or they end with the assistant's words, which the answer
  // goes on with.
  static std::optional<Continuation> of(llm::Operation operation, std::string_view body, std::string_view answered,
                                        std::string_view asked);

  // `edits` (as for json::splice) and what continues the body, as one list.
  std::vector<json::Edit> with(const std::vector<json::Edit>& edits) const;

 private:
  std::size_t begin_ = 0;
  std::string before_;  // at begin_: empty, but for an input that is a string
  std::size_t end_ = 0;
  std::string after_;  // at end_
};

}  // namespace gatehouse::dialects
