#include "gatehouse/app/usage_pages.h"

#include <utility>

#include "gatehouse/govern/ledger/row_list.h"
#include "gatehouse/govern/ledger/usage_query.h"

namespace gatehouse::app {
namespace {

using govern::Measure;

admin::UsageSums sums_of(const govern::Sums& sums) {
  return {.requests = sums[Measure::requests],
          .errors = sums[Measure::errors],
          .prompt_tokens = sums[Measure::prompt_tokens],
          .completion_tokens = sums[Measure::completion_tokens],
          .cost = sums.money(Measure::cost)};
}

Result<std::vector<govern::UsageFilter>> filters_of(const std::vector<std::string>& texts) {
  std::vector<govern::UsageFilter> filters;
  for (const auto& text : texts) {
    auto filter = govern::filter_from_text(text);
    if (!filter) return std::unexpected(std::move(filter.error()));
    filters.push_back(std::move(*filter));
  }
  return filters;
}

}  // namespace

Result<admin::UsagePage> UsagePages::summarise(const admin::UsageRequest& request) {
  if (auto flushed = ledger_.flush(); !flushed) return std::unexpected(std::move(flushed.error()));
  govern::UsageQuery query;
  query.from = request.from;
  query.to = request.to;
  query.limit = request.limit;
  query.cursor = request.cursor;
  for (const auto& name : request.by) {
    auto by = govern::group_by_from_name(name);
    if (!by) return std::unexpected(std::move(by.error()));
    query.by.push_back(std::move(*by));
  }
  auto filters = filters_of(request.filters);
  if (!filters) return std::unexpected(std::move(filters.error()));
  query.filters = std::move(*filters);
  auto answer = govern::query_usage(database_, query);
  if (!answer) return std::unexpected(std::move(answer.error()));
  admin::UsagePage page;
  for (auto& group : answer->groups) page.lines.push_back({.keys = std::move(group.keys), .sums = sums_of(group.sums)});
  page.total = sums_of(answer->total);
  page.cursor = std::move(answer->cursor);
  return page;
}

Result<admin::UsageEntries> UsagePages::entries(const admin::UsageRequest& request) {
  if (auto flushed = ledger_.flush(); !flushed) return std::unexpected(std::move(flushed.error()));
  auto filters = filters_of(request.filters);
  if (!filters) return std::unexpected(std::move(filters.error()));
  govern::RowQuery query;
  query.from = request.from;
  query.to = request.to;
  query.filters = std::move(*filters);
  query.limit = request.limit;
  query.cursor = request.cursor;
  admin::UsageEntries page;
  auto cursor = govern::list_rows(database_, query, [&](const govern::UsageRow& row) {
    page.entries.push_back({.request_id = std::string(row.request_id),
                            .time = row.time,
                            .team = std::string(row.team),
                            .user = std::string(row.user),
                            .key_id = std::string(row.key_id),
                            .key_name = std::string(row.key_name),
                            .end_user = std::string(row.end_user),
                            .operation = std::string(row.operation),
                            .model = std::string(row.model_asked),
                            .provider = std::string(row.provider),
                            .status = row.status,
                            .prompt_tokens = static_cast<std::int64_t>(row.usage.prompt_tokens),
                            .completion_tokens = static_cast<std::int64_t>(row.usage.completion_tokens),
                            .cost = row.cost.total()});
  });
  if (!cursor) return std::unexpected(std::move(cursor.error()));
  page.cursor = std::move(*cursor);
  return page;
}

}  // namespace gatehouse::app
