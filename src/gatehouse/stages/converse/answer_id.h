#pragma once

#include <memory>
#include <string_view>

#include "gatehouse/pipeline/event_source.h"
#include "gatehouse/pipeline/exchange.h"

namespace gatehouse::stages {

// The id of a stored answer: of a whole body's object, or of the `response` of an event's data. Empty: there is none.
std::string_view response_id_in_body(std::string_view body);
std::string_view response_id_in_event(std::string_view data);

// Passes an answer of the responses API on as it is, and tells the exchange's conversation its id when it goes by. Both
// outlive it.
std::unique_ptr<pipeline::EventSource> learn_answer_id(std::unique_ptr<pipeline::EventSource> inner,
                                                       pipeline::Inspection& inspection);

}  // namespace gatehouse::stages
