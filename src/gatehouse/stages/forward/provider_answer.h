#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gatehouse/http/content_coding.h"
#include "gatehouse/http/head.h"
#include "gatehouse/llm/chat/answer.h"
#include "gatehouse/pipeline/exchange.h"

namespace gatehouse::stages {

// What all ways of forwarding do with a provider's answer.

bool media_type_is(std::string_view content_type, std::string_view type);

// Appends the fields that go on to the caller. `decoded`: the content coding was taken off. `translated`: the body is
// another.
void append_provider_fields(const http::ResponseHead& head, bool decoded, bool translated, std::string& out);

// The provider's hint from the body of its error, where its head told none.
void append_retry_after(const llm::ChatError& error, std::string& fields);
// That hint in whole seconds; empty: none was told.
std::string seconds_until_retry(const llm::ChatError& error);

Error credentials_refused();

// Error: upstream_protocol, for a coding that is not known.
Result<std::unique_ptr<http::ContentDecoder>> decoder_of(const http::ResponseHead& head);

// Tells metrics and the log of what was the provider's doing.
void log_failure(pipeline::Exchange& exchange, const Error& error);

}  // namespace gatehouse::stages
