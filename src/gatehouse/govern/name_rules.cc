#include "gatehouse/govern/name_rules.h"

#include <algorithm>
#include <functional>

#include "gatehouse/base/error.h"

namespace gatehouse::govern {

Result<NameRules> NameRules::parse(const std::vector<std::string>& patterns) {
  NameRules rules;
  rules.all_ = false;
  for (const std::string& pattern : patterns) {
    const std::size_t star = pattern.find('*');
    if (pattern.empty()) return fail(Code::configuration, "an empty name; write \"*\" for every name");
    if (star == std::string::npos) {
      rules.exact_.push_back(pattern);
    } else if (star + 1 != pattern.size()) {
      return fail(Code::configuration, "\"" + pattern + "\": a star is understood at the end only");
    } else if (star == 0) {
      rules.all_ = true;
    } else {
      rules.prefixes_.push_back(pattern.substr(0, star));
    }
  }
  std::ranges::sort(rules.exact_);
  return rules;
}

bool NameRules::admits(std::string_view name) const {
  if (all_) return true;
  if (std::binary_search(exact_.begin(), exact_.end(), name, std::less<>())) return true;
  return std::ranges::any_of(prefixes_, [name](const std::string& prefix) { return name.starts_with(prefix); });
}

}  // namespace gatehouse::govern
