#pragma once

#include <expected>
#include <string_view>

#include "gatehouse/providers/aws/credentials.h"

// What credentials.cc and sts.cc share; not for others.
namespace gatehouse::providers::aws {

// upstream_credentials; `what` is a sentence of ours, nothing of the answer.
std::unexpected<Error> refuse_answer(std::string_view what);

// Visible ASCII, at least one byte: what a field of a head can carry and every key of AWS is.
bool is_field_text(std::string_view text);

// Without white space and line ends around it.
std::string_view trim_lines(std::string_view text);

// Credentials from the parts of an answer. Errors: upstream_credentials.
Result<Credentials> made_of(std::string_view id, std::string_view secret, std::string_view token,
                            std::string_view expiration, bool may_be_forever);

}  // namespace gatehouse::providers::aws
