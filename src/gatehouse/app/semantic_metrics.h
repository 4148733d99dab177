#pragma once

#include "gatehouse/app/semantics_keeper.h"
#include "gatehouse/observe/metrics.h"

namespace gatehouse::app {

// Registers gatehouse_semantic_*: what the models were asked and what became of it, read when somebody scrapes. Before
// the workers; `keeper` outlives whoever may scrape. The main thread's, as the keeper is.
void register_semantics(observe::Registry& registry, const SemanticsKeeper& keeper);

}  // namespace gatehouse::app
