#include "gatehouse/json/unique.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gatehouse/json/scan.h"

namespace gatehouse::json {
namespace {

class Check {
 public:
  explicit Check(const UniqueLimits& limits) : limits_(limits) {}

  // The recursion ends at limits.depth.
  bool value(std::string_view raw, Kind kind, std::size_t depth) {
    if (kind != Kind::object && kind != Kind::array) return true;
    if (depth > limits_.depth) return wrong("JSON nested too deep");
    bool good = true;
    if (kind == Kind::array) {
      walk_array(raw, [&](const Element& element) { good = good && value(element.value, element.kind, depth + 1); });
      return good;
    }
    std::vector<std::string> names;
    walk_object(raw, [&](const Member& member) {
      if (!good) return;
      if (++members_ > limits_.members) {
        good = wrong("JSON with too many members");
        return;
      }
      names.emplace_back(member.key);
      good = value(member.value, member.kind, depth + 1);
    });
    if (!good) return false;
    std::ranges::sort(names);
    return std::ranges::adjacent_find(names) == names.end() || wrong("JSON with a member twice");
  }

  const char* problem() const { return problem_; }

 private:
  bool wrong(const char* problem) {
    problem_ = problem;
    return false;
  }

  const UniqueLimits& limits_;
  std::size_t members_ = 0;
  const char* problem_ = "";
};

}  // namespace

Result<> require_unique_members(std::string_view document, const UniqueLimits& limits) {
  const auto kind = validate(document);
  if (!kind) return std::unexpected(kind.error());
  const auto begin = document.find_first_not_of(" \t\r\n");
  const auto end = document.find_last_not_of(" \t\r\n");
  Check check(limits);
  if (!check.value(document.substr(begin, end - begin + 1), *kind, 1)) {
    return fail(Code::invalid_request, check.problem());
  }
  return {};
}

}  // namespace gatehouse::json
