#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "gatehouse/llm/dialect.h"

namespace gatehouse::dialects {

struct ModelRow {
  std::string_view id;
  std::int64_t created = 0;  // seconds since 1970
  std::string_view owned_by;
};

// The answer to GET /v1/models, of Gemini's callers to GET /v1beta/models: all of it on one page.
std::string models_list(llm::Dialect dialect, std::span<const ModelRow> rows);
// The answer to GET /v1/models/{id}.
std::string model_object(llm::Dialect dialect, const ModelRow& row);

}  // namespace gatehouse::dialects
