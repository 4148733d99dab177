#include "gatehouse/guard/pii/kind.h"

namespace gatehouse::guard::pii {

std::vector<Kind> all_kinds() {
  std::vector<Kind> all;
  for (const std::span<const Kind> table : {generic_kinds(), us_kinds()}) {
    all.insert(all.end(), table.begin(), table.end());
  }
  return all;
}

}  // namespace gatehouse::guard::pii
