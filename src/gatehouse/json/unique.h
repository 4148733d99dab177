#pragma once

#include <cstddef>
#include <string_view>

#include "gatehouse/base/error.h"

namespace gatehouse::json {

struct UniqueLimits {
  std::size_t depth = 16;      // containers inside each other
  std::size_t members = 1024;  // of all objects together
};

// Checks a document as `validate` does, and that no object in it, at any depth, has a member twice (compared after
// escapes are decoded). For documents whose meaning must not depend on the reader, as tokens and key sets (RFC 7515
// section 4 leaves it to the parser; we refuse). Errors: invalid_request, without any of the text. Costs at most
// depth times the document's length; any thread.
Result<> require_unique_members(std::string_view document, const UniqueLimits& limits = {});

}  // namespace gatehouse::json
