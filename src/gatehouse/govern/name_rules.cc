#include "gatehouse/govern/name_rules.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "gatehouse/base/error.h"

namespace gatehouse::govern {

Result<NameRules> NameRules::parse(const std::vector<std::string>& patterns) {
  auto lists = std::make_shared<Lists>();
  bool all = false;
  for (const std::string& pattern : patterns) {
    const std::size_t star = pattern.find('*');
    if (pattern.empty()) return fail(Code::configuration, "an empty name; write \"*\" for every name");
    if (star == std::string::npos) {
      lists->exact.push_back(pattern);
    } else if (star + 1 != pattern.size()) {
      return fail(Code::configuration, "\"" + pattern + "\": a star is understood at the end only");
    } else if (star == 0) {
      all = true;
    } else {
      lists->prefixes.push_back(pattern.substr(0, star));
    }
  }
  NameRules rules;
  if (all) return rules;
  std::ranges::sort(lists->exact);
  rules.lists_ = std::move(lists);
  return rules;
}

bool NameRules::admits(std::string_view name) const {
  if (lists_ == nullptr) return true;
  if (std::binary_search(lists_->exact.begin(), lists_->exact.end(), name, std::less<>())) return true;
  return std::ranges::any_of(lists_->prefixes, [name](const std::string& prefix) { return name.starts_with(prefix); });
}

}  // namespace gatehouse::govern
