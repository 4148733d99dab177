#include "gatehouse/dialects/openai_chat/models.h"

#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::openai_chat {
namespace {

void write_row(json::Writer& writer, const ModelRow& row) {
  writer.begin_object().key("id").string(row.id).key("object").string("model");
  writer.key("created").integer(row.created).key("owned_by").string(row.owned_by).end_object();
}

}  // namespace

std::string models_list(std::span<const ModelRow> rows) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("object").string("list").key("data").begin_array();
  for (const ModelRow& row : rows) write_row(writer, row);
  writer.end_array().end_object();
  return out;
}

std::string model_object(const ModelRow& row) {
  std::string out;
  json::Writer writer(out);
  write_row(writer, row);
  return out;
}

}  // namespace gatehouse::dialects::openai_chat
