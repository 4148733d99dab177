#include "gatehouse/guard/pii/national/national.h"

namespace gatehouse::guard::pii::national {

std::vector<Kind> kinds() {
  std::vector<Kind> all;
  for (const auto table :
       {british_isles(), germany(), western_europe(), southern_europe(), nordics(), central_europe(), eurasia(),
        middle_east(), south_asia(), east_asia(), south_east_asia(), oceania(), americas(), africa()}) {
    all.insert(all.end(), table.begin(), table.end());
  }
  return all;
}

}  // namespace gatehouse::guard::pii::national
