#include "gatehouse/app/semantic_metrics.h"

#include <cstdint>
#include <string>

namespace gatehouse::app {

void register_semantics(observe::Registry& registry, const SemanticsKeeper& keeper) {
  using Kind = observe::Registry::Kind;
  struct Row {
    std::string name;
    std::string help;
    std::uint64_t ml::ServiceCounts::* count;
  };
  for (const Row& row : {
           Row{"asked", "Questions to learned models, whoever answered.", &ml::ServiceCounts::asked},
           Row{"remembered", "Questions answered from the memory of texts.", &ml::ServiceCounts::remembered},
           Row{"settled", "Questions that the linear model answered: the text was clear.", &ml::ServiceCounts::settled},
           Row{"read", "Questions that an encoder answered.", &ml::ServiceCounts::read},
           Row{"late", "Answers that came after the request had gone on.", &ml::ServiceCounts::late},
           Row{"refused", "Questions that found the queue full.", &ml::ServiceCounts::refused},
           Row{"failed", "Questions that an encoder failed on.", &ml::ServiceCounts::failed},
           Row{"windows", "Windows of texts that encoders read.", &ml::ServiceCounts::windows},
           Row{"batches", "Passes through encoders.", &ml::ServiceCounts::batches},
           Row{"shadow_read", "Questions that the shadow model read as well.", &ml::ServiceCounts::shadow_read},
           Row{"shadow_differs", "Of those, the ones that it judged otherwise.", &ml::ServiceCounts::shadow_differs},
       }) {
    registry.sampled(Kind::counter, "gatehouse_semantic_" + row.name + "_total", row.help,
                     [&keeper, count = row.count] { return static_cast<double>(keeper.counts().*count); });
  }
  registry.sampled(Kind::counter, "gatehouse_semantic_busy_seconds_total", "Time that threads spent in encoders.",
                   [&keeper] { return static_cast<double>(keeper.counts().busy_us) / 1e6; });
  registry.sampled(Kind::gauge, "gatehouse_semantic_models_missing",
                   "1: a policy wants a verdict that no loaded model gives; patterns decide.",
                   [&keeper] { return keeper.status().missing.empty() ? 0.0 : 1.0; });
}

}  // namespace gatehouse::app
