#include "gatehouse/govern/admission/account.h"

namespace gatehouse::govern {

Account::~Account() {
  while (first != nullptr) {
    Counter* counter = first;
    first = counter->next;
    if (counter->pins == 0 && counter->waiters == 0) {
      delete counter;
    } else {
      counter->retired = true;
    }
  }
}

bool Account::is_blank(Nanos now) {
  for (Counter* counter = first; counter != nullptr; counter = counter->next) {
    if (counter->pins != 0 || counter->waiters != 0) return false;
    counter->roll(now);
    if (counter->used != 0) return false;
  }
  return true;
}

Counter* Account::find(std::string_view limit_id) const {
  for (Counter* counter = first; counter != nullptr; counter = counter->next) {
    if (counter->info->limit.id == limit_id) return counter;
  }
  return nullptr;
}

}  // namespace gatehouse::govern
