#pragma once

#include <string>

#include "gatehouse/pipeline/exchange.h"
#include "gatehouse/pipeline/translation.h"
#include "gatehouse/providers/plan.h"

namespace gatehouse::stages {

// Reads the caller's body, with the edits of policy made, into the exchange's translation; once a request. Errors: as
// of the codec, in the caller's words.
dialects::ApiResult<pipeline::Translation*> translation_of(pipeline::Exchange& exchange);

// Writes the body for one attempt. `body` of the translation is what to send. Errors: unsupported, where the provider
// cannot be told what the caller said, or where something would be dropped and the caller wants strictness.
dialects::ApiResult<void> translate_for(pipeline::Exchange& exchange, const pipeline::Attempt& attempt,
                                        const providers::Plan& plan);

// The body with its texts edited, in one piece.
std::string edited_body(const pipeline::Exchange& exchange);

// Whether a member that a provider has no word for is a reason to refuse: as the caller says, else the model.
bool is_strict(const pipeline::Exchange& exchange);

// What ids are made of: the request's own, letters and digits.
std::string seed_of(const pipeline::Exchange& exchange);

// The members that a provider goes without, comma separated; empty: none.
std::string joined(const dialects::Losses& losses);

}  // namespace gatehouse::stages
