#include "gatehouse/app/builtin_stages.h"

#include <set>
#include <string>
#include <utility>

#include "gatehouse/stages/admit/admit.h"
#include "gatehouse/stages/authenticate/authenticate.h"
#include "gatehouse/stages/authorise/authorise.h"
#include "gatehouse/stages/converse/converse.h"
#include "gatehouse/stages/decode/decode.h"
#include "gatehouse/stages/forward/forward.h"
#include "gatehouse/stages/inspect/inspect.h"
#include "gatehouse/stages/keep_response/keep_response.h"
#include "gatehouse/stages/list_models/list_models.h"
#include "gatehouse/stages/meter/meter.h"
#include "gatehouse/stages/realtime/realtime.h"
#include "gatehouse/stages/recall_response/recall_response.h"
#include "gatehouse/stages/record/record.h"
#include "gatehouse/stages/release/release.h"
#include "gatehouse/stages/repair/repair.h"
#include "gatehouse/stages/route/route.h"

namespace gatehouse::app {

Result<std::shared_ptr<const pipeline::Stages>> builtin_stages() {
  auto stages = std::make_shared<pipeline::Stages>();
  // First of all, so that no byte of a stranger's body is read or parsed.
  stages->push_back(std::make_unique<stages::Authenticate>());
  // Everything after it judges the call, not the bytes.
  stages->push_back(std::make_unique<stages::Decode>());
  // Needs the operation and the model; before anything that costs.
  stages->push_back(std::make_unique<stages::Authorise>());
  // Shows only what the principal may use, so after authorise; needs no provider, so before route.
  stages->push_back(std::make_unique<stages::ListModels>());
  // Answers for what is stored here; before admit, so that a history is counted and inspected like any other words.
  stages->push_back(std::make_unique<stages::RecallResponse>());
  // Only what may be asked is counted and paid for; before route, for a soft limit may put a cheaper model in place.
  stages->push_back(std::make_unique<stages::Admit>());
  // Costs time: only what may be asked and can be paid for is looked at; before any of it leaves the house.
  stages->push_back(std::make_unique<stages::Inspect>());
  // Acts on what inspect found of the conversation; before route, for it may put another model in place.
  stages->push_back(std::make_unique<stages::Converse>());
  // Only a call that is paid for is given a place to go.
  stages->push_back(std::make_unique<stages::Route>());
  // A session instead of an answer: as forward, and before it, for it takes what it can serve out of its way.
  stages->push_back(std::make_unique<stages::Realtime>());
  // The last on the request: from here on it costs money. Replies with the provider's answer.
  stages->push_back(std::make_unique<stages::Forward>());
  // On the answer only: sees what the provider said, before anything could change it; settles before the last of it.
  stages->push_back(std::make_unique<stages::Meter>());
  // On the answer only: holds what the model said to its schema and asks again; after meter, so that each call is
  // charged, and before release, which judges what came of it.
  stages->push_back(std::make_unique<stages::Repair>());
  // On the answer only: nothing of it goes further before policy has seen it; after meter, so that what the provider
  // said is charged and not what is left of it.
  stages->push_back(std::make_unique<stages::Release>());
  // Stores what the caller got, so after release.
  stages->push_back(std::make_unique<stages::KeepResponse>());
  // At the end only: sees what all others left in the exchange.
  stages->push_back(std::make_unique<stages::Record>());
  std::set<std::string_view> names;
  for (const auto& stage : *stages) {
    if (!names.insert(stage->name()).second) {
      return fail(Code::configuration, "the stage " + std::string(stage->name()) + " is listed twice");
    }
  }
  return std::shared_ptr<const pipeline::Stages>(std::move(stages));
}

}  // namespace gatehouse::app
