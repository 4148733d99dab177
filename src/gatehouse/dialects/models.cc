#include "gatehouse/dialects/models.h"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/json/writer.h"

namespace gatehouse::dialects {
namespace {

// RFC 3339, UTC.
std::string time_text(std::int64_t seconds) {
  const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

void write_row(llm::Dialect dialect, json::Writer& writer, const ModelRow& row) {
  writer.begin_object();
  switch (dialect) {
    case llm::Dialect::anthropic:
      writer.key("type").string("model").key("id").string(row.id).key("display_name").string(row.id);
      writer.key("created_at").string(time_text(row.created));
      break;
    case llm::Dialect::gemini:
      writer.key("name").string("models/" + std::string(row.id)).key("displayName").string(row.id);
      writer.key("supportedGenerationMethods").begin_array();
      for (const auto* method : {"generateContent", "streamGenerateContent", "countTokens", "embedContent"}) {
        writer.string(method);
      }
      writer.end_array();
      break;
    default:
      writer.key("id").string(row.id).key("object").string("model");
      writer.key("created").integer(row.created).key("owned_by").string(row.owned_by);
  }
  writer.end_object();
}

}  // namespace

std::string models_list(llm::Dialect dialect, std::span<const ModelRow> rows) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  if (dialect == llm::Dialect::anthropic) {
    writer.key("has_more").boolean(false);
    for (const auto& [name, at] : {std::pair{"first_id", std::size_t{0}}, {"last_id", rows.size() - 1}}) {
      writer.key(name);
      if (rows.empty()) {
        writer.null();
      } else {
        writer.string(rows[at].id);
      }
    }
  } else if (dialect != llm::Dialect::gemini) {
    writer.key("object").string("list");
  }
  writer.key(dialect == llm::Dialect::gemini ? "models" : "data").begin_array();
  for (const ModelRow& row : rows) write_row(dialect, writer, row);
  writer.end_array().end_object();
  return out;
}

std::string model_object(llm::Dialect dialect, const ModelRow& row) {
  std::string out;
  json::Writer writer(out);
  write_row(dialect, writer, row);
  return out;
}

}  // namespace gatehouse::dialects
