#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "gatehouse/ml/oracle.h"
#include "gatehouse/ml/service/service.h"

namespace gatehouse::app {

// Answers at once, by reading on the caller's thread: for the command line, where nobody else waits. One thread's.
class DirectOracle final : public ml::Oracle {
 public:
  // `service` outlives it. `allowed`: what may be asked for at all.
  explicit DirectOracle(ml::Service& service, ml::Wants allowed = kEverything) : service_(service), allowed_(allowed) {}
  static constexpr ml::Wants kEverything =
      ml::Want::injection | ml::Want::entities | ml::Want::embedding | ml::Wants(ml::Want::harmful);

  ml::Wants answers() const override;
  Answer ask(std::string_view text, ml::Wants wants) override { return ask_beside({}, text, wants); }
  Answer ask_beside(std::string_view context, std::string_view text, ml::Wants wants) override;
  // Lets go of what was answered so far: readings that were handed out end here.
  void forget();

 private:
  ml::Service& service_;
  const ml::Wants allowed_;
  std::deque<ml::Reading> readings_;                                           // addresses stay
  std::map<std::pair<std::string, std::string>, const ml::Reading*> by_text_;  // context and text
};

}  // namespace gatehouse::app
