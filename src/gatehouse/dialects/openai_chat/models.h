#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::dialects::openai_chat {

struct ModelRow {
  std::string_view id;
  std::int64_t created = 0;  // seconds since 1970
  std::string_view owned_by;
};

// The answer to GET /v1/models.
std::string models_list(std::span<const ModelRow> rows);
// The answer to GET /v1/models/{id}.
std::string model_object(const ModelRow& row);

}  // namespace gatehouse::dialects::openai_chat
