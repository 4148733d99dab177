#include "gatehouse/guard/pii/kind.h"
#include "gatehouse/guard/pii/national/national.h"

namespace gatehouse::guard::pii {

std::vector<Kind> all_kinds() {
  std::vector<Kind> all;
  for (const std::span<const Kind> table : {generic_kinds(), us_kinds()}) {
    all.insert(all.end(), table.begin(), table.end());
  }
  const std::vector<Kind> national = national::kinds();
  all.insert(all.end(), national.begin(), national.end());
  return all;
}

}  // namespace gatehouse::guard::pii
