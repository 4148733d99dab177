#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gatehouse::dialects::anthropic {

// Names and ids of tools as this API takes them: names of up to 128 letters, digits, '_' and '-', ids of any number of
// these. One request's. Views that are given out hold as long as this.
class ToolNames {
 public:
  static constexpr std::size_t kMostName = 128;

  // The caller's tools are told before anything else, so that a name that is fine stays as it is and one that has to
  // change never becomes another's.
  void reserve(std::string_view name) { taken_.emplace(name, true); }
  std::string_view sent(std::string_view name);
  // A name that no tool of the caller has.
  std::string_view fresh(std::string_view wish);
  // Those that changed: as sent, as the caller has it.
  std::vector<std::pair<std::string, std::string>> changed() const { return changed_; }

  // The id of a call. One that cannot be sent is replaced by its hash, so that its result finds it; an empty one gets a
  // number of its own.
  std::string_view call_id(std::string_view id, std::string_view tool);
  // The id of the call that a result is for: of an empty one, of the first call without an id, of that tool if it is
  // named, that has no result yet.
  std::string_view result_id(std::string_view id, std::string_view tool);

 private:
  std::string_view keep(std::string text) { return kept_.emplace_back(std::move(text)); }

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, bool, Hash, std::equal_to<>> taken_;
  std::vector<std::pair<std::string, std::string>> changed_;
  std::vector<std::pair<std::string, std::string_view>> unanswered_;  // tool, id
  std::deque<std::string> kept_;
  std::size_t unnamed_ = 0;
};

}  // namespace gatehouse::dialects::anthropic
