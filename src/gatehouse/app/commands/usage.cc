#include "gatehouse/app/commands/usage.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "gatehouse/app/commands/store_option.h"
#include "gatehouse/govern/ledger/export.h"
#include "gatehouse/govern/ledger/focus.h"
#include "gatehouse/govern/ledger/row_list.h"
#include "gatehouse/govern/ledger/schema.h"
#include "gatehouse/govern/ledger/usage_query.h"
#include "gatehouse/store/database.h"
#include "gatehouse/store/migrations.h"

namespace gatehouse::app {
namespace {

struct Arguments {
  StoreOption store;
  std::string from;
  std::string to;
  std::string month;
  std::string by;
  std::vector<std::string> filters;
  std::string format = "table";
  std::size_t limit = 10'000;
  std::string account;
};

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

Result<std::unique_ptr<store::Database>> open_ledger(const StoreOption& option) {
  const auto url = option.url();
  if (!url) return std::unexpected(url.error());
  auto database = store::open(*url, {.access = store::OpenOptions::Access::read_only});
  if (!database) return database;
  const std::array components{govern::ledger_component()};
  if (auto known = store::check_migrations(**database, components); !known) return std::unexpected(known.error());
  return database;
}

Result<std::vector<govern::GroupBy>> dimensions_of(std::string_view names) {
  std::vector<govern::GroupBy> by;
  while (!names.empty()) {
    const std::size_t comma = names.find(',');
    auto one = govern::group_by_from_name(names.substr(0, comma));
    if (!one) return std::unexpected(one.error());
    by.push_back(std::move(*one));
    names.remove_prefix(comma == std::string_view::npos ? names.size() : comma + 1);
  }
  return by;
}

Result<std::vector<govern::UsageFilter>> filters_of(const std::vector<std::string>& texts) {
  std::vector<govern::UsageFilter> filters;
  for (const std::string& text : texts) {
    auto filter = govern::filter_from_text(text);
    if (!filter) return std::unexpected(filter.error());
    filters.push_back(std::move(*filter));
  }
  return filters;
}

Result<base::WallTime> moment(const std::string& text, base::WallTime otherwise) {
  if (text.empty()) return otherwise;
  const auto time = govern::time_from_text(text);
  if (!time) return fail(Code::invalid_request, "a time is 2026-11, 2026-11-21 or 2026-11-21T10:00Z, in UTC");
  return *time;
}

Result<> usage(const Arguments& arguments) {
  const auto from = moment(arguments.from, {});
  if (!from) return std::unexpected(from.error());
  const auto to = moment(arguments.to, base::WallTime::max());
  if (!to) return std::unexpected(to.error());
  auto filters = filters_of(arguments.filters);
  if (!filters) return std::unexpected(filters.error());
  auto by = dimensions_of(arguments.by);
  if (!by) return std::unexpected(by.error());
  auto database = open_ledger(arguments.store);
  if (!database) return std::unexpected(database.error());
  if (arguments.format == "focus") {
    govern::FocusOptions options{.from = *from, .to = *to, .filters = std::move(*filters)};
    if (!arguments.account.empty()) options.billing_account = arguments.account;
    return govern::export_focus(**database, options, [](std::string_view csv) { print(csv); });
  }
  const auto answer = govern::query_usage(**database, {.from = *from,
                                                       .to = *to,
                                                       .by = std::move(*by),
                                                       .filters = std::move(*filters),
                                                       .limit = arguments.limit,
                                                       .order = govern::UsageQuery::Order::key});
  if (!answer) return std::unexpected(answer.error());
  if (arguments.format == "csv") {
    print(govern::to_csv(*answer));
  } else if (arguments.format == "json") {
    print(govern::to_json(*answer) + "\n");
  } else if (arguments.format == "jsonl") {
    print(govern::to_json_lines(*answer));
  } else {
    print(govern::to_table(*answer));
  }
  if (!answer->cursor.empty()) {
    std::fprintf(stderr, "gatehouse: there are more groups than --limit %zu\n", arguments.limit);
  }
  return {};
}

Result<> report(const Arguments& arguments) {
  const auto month = govern::month_from_text(arguments.month);
  if (!month) return fail(Code::invalid_request, "a month is 2026-11");
  auto by = govern::group_by_from_name(arguments.by);
  if (!by) return std::unexpected(by.error());
  auto filters = filters_of(arguments.filters);
  if (!filters) return std::unexpected(filters.error());
  auto database = open_ledger(arguments.store);
  if (!database) return std::unexpected(database.error());
  const auto bill = govern::showback(**database, *month, *by, *filters);
  if (!bill) return std::unexpected(bill.error());
  if (arguments.format == "csv") {
    print(govern::to_csv(*bill));
  } else if (arguments.format == "json") {
    print(govern::to_json(*bill) + "\n");
  } else {
    print(govern::to_table(*bill));
  }
  return {};
}

Result<> rows(const Arguments& arguments) {
  govern::RowQuery query;
  const auto from = moment(arguments.from, {});
  if (!from) return std::unexpected(from.error());
  const auto to = moment(arguments.to, base::WallTime::max());
  if (!to) return std::unexpected(to.error());
  query.from = *from;
  query.to = *to;
  auto filters = filters_of(arguments.filters);
  if (!filters) return std::unexpected(filters.error());
  query.filters = std::move(*filters);
  auto database = open_ledger(arguments.store);
  if (!database) return std::unexpected(database.error());
  std::string lines;
  for (std::size_t left = arguments.limit; left > 0;) {
    query.limit = std::min(left, govern::kMaxRows);
    auto cursor = govern::list_rows(**database, query, [&](const govern::UsageRow& row) {
      govern::append_json_line(lines, row);
      --left;
    });
    if (!cursor) return std::unexpected(cursor.error());
    print(lines);
    lines.clear();
    if (cursor->empty()) return {};
    query.cursor = std::move(*cursor);
  }
  return {};
}

int told(const Result<>& done) {
  if (done) return std::fflush(stdout) == 0 ? 0 : 2;
  std::fprintf(stderr, "gatehouse: %s\n", done.error().to_string().c_str());
  return 2;
}

}  // namespace

void add_usage_command(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("usage", "what was used and what it cost, from the store's ledger");
  command->require_subcommand(0, 1);
  const auto arguments = std::make_shared<Arguments>();
  arguments->store.add_to(*command);
  command->add_option("--from", arguments->from,
                      "requests that began then or later: 2026-11, 2026-11-21, 2026-11-21T10:00Z (UTC)");
  command->add_option("--to", arguments->to, "and before then");
  command->add_option("--by", arguments->by, "dimensions to group by: team,model,day,tag:feature ...");
  command->add_option("--filter", arguments->filters,
                      "DIMENSION=VALUE, VALUE may end in *; of one dimension one must hold");
  command->add_option("--format", arguments->format, "table, csv, json, jsonl or focus (FOCUS 1.2 as CSV)")
      ->check(CLI::IsMember({"table", "csv", "json", "jsonl", "focus"}));
  command->add_option("--limit", arguments->limit, "groups at most");
  command->add_option("--account", arguments->account, "focus: the billing account where a row has no organisation");

  auto* report_command = command->add_subcommand("report", "a month's bill by one dimension, with shares");
  report_command->fallthrough();  // `--store` is the command's own
  const auto report_arguments = std::make_shared<Arguments>();
  report_arguments->by = "team";
  report_command->add_option("--month", report_arguments->month, "2026-11")->required();
  report_command->add_option("--by", report_arguments->by, "team, project, tag:feature, model ... (team)");
  report_command->add_option("--filter", report_arguments->filters, "DIMENSION=VALUE");
  report_command->add_option("--format", report_arguments->format, "table, csv or json")
      ->check(CLI::IsMember({"table", "csv", "json"}));

  auto* rows_command = command->add_subcommand("rows", "single requests as JSON lines, the newest first");
  rows_command->fallthrough();
  const auto rows_arguments = std::make_shared<Arguments>();
  rows_arguments->limit = std::numeric_limits<std::size_t>::max();
  rows_command->add_option("--from", rows_arguments->from, "requests that began then or later (UTC)");
  rows_command->add_option("--to", rows_arguments->to, "and before then");
  rows_command->add_option("--filter", rows_arguments->filters, "DIMENSION=VALUE");
  rows_command->add_option("--limit", rows_arguments->limit, "rows at most (all)");

  command->callback([arguments, report_arguments, report_command, rows_arguments, rows_command, &exit_code] {
    if (rows_command->parsed()) {
      rows_arguments->store = arguments->store;
      exit_code = told(rows(*rows_arguments));
    } else if (report_command->parsed()) {
      report_arguments->store = arguments->store;
      exit_code = told(report(*report_arguments));
    } else {
      exit_code = told(usage(*arguments));
    }
  });
}

}  // namespace gatehouse::app
