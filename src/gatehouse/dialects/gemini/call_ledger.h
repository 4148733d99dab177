#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace gatehouse::dialects::gemini {

// Gives calls ids where the caller has none, and results the ids of the calls they answer: first by id, then the
// earliest unanswered call of the same name, then the earliest of all.
class CallLedger {
 public:
  // The id of a call in the conversation, in its order.
  std::string called(std::string&& id, const std::string& name);
  // The id that a result goes by.
  std::string answered(std::string&& id, const std::string& name);

 private:
  struct Call {
    std::string id;
    bool open = true;
  };
  std::optional<std::size_t> earliest(std::deque<std::size_t>& open);

  std::vector<Call> calls_;
  std::unordered_map<std::string, std::size_t> by_id_;
  std::unordered_map<std::string, std::deque<std::size_t>> by_name_;
  std::deque<std::size_t> in_order_;
  std::size_t made_ = 0;
};

}  // namespace gatehouse::dialects::gemini
