#include "gatehouse/dialects/gemini/call_ledger.h"

#include <utility>

#include <fmt/format.h>

namespace gatehouse::dialects::gemini {

std::string CallLedger::called(std::string&& id, const std::string& name) {
  while (id.empty()) {
    id = fmt::format("call_g{}", ++made_);
    if (by_id_.contains(id)) id.clear();
  }
  const std::size_t at = calls_.size();
  calls_.push_back({id});
  by_id_.insert_or_assign(id, at);
  by_name_[name].push_back(at);
  in_order_.push_back(at);
  return std::move(id);
}

std::optional<std::size_t> CallLedger::earliest(std::deque<std::size_t>& open) {
  while (!open.empty() && !calls_[open.front()].open) open.pop_front();
  if (open.empty()) return std::nullopt;
  return open.front();
}

std::string CallLedger::answered(std::string&& id, const std::string& name) {
  if (const auto found = by_id_.find(id); !id.empty() && found != by_id_.end()) {
    calls_[found->second].open = false;
    return std::move(id);
  }
  std::optional<std::size_t> at;
  if (const auto named = by_name_.find(name); named != by_name_.end()) at = earliest(named->second);
  if (!at) at = earliest(in_order_);
  if (!at) return id.empty() ? fmt::format("call_g{}", ++made_) : std::move(id);
  calls_[*at].open = false;
  return calls_[*at].id;
}

}  // namespace gatehouse::dialects::gemini
