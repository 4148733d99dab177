#include "gatehouse/govern/ledger/usage_query.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/govern/ledger/export.h"
#include "gatehouse/govern/ledger/focus.h"
#include "gatehouse/govern/ledger/row_list.h"
#include "gatehouse/govern/ledger/testing/ledger_fixture.h"

namespace gatehouse::govern {
namespace {

using testing::at;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::LedgerStore;
using ::testing::Not;
using testing::sample_row;
using ::testing::StartsWith;

GroupBy by(std::string_view name) { return *group_by_from_name(name); }
UsageFilter filter(std::string_view text) { return *filter_from_text(text); }

// Three teams over three days; support's requests carry a feature.
class UsageQueryTest : public ::testing::Test {
 protected:
  UsageQueryTest() {
    add("s1", at(2026, 11, 1, 10, 15), "support", "feature=search", 200);
    add("s2", at(2026, 11, 1, 11, 15), "support", "feature=chat,env=prod", 200);
    add("s3", at(2026, 11, 2, 10), "support", "", 500);
    add("l1", at(2026, 11, 2, 10, 30), "sales", "feature=search", 200);
    add("x1", at(2026, 12, 1), "", "", 200);
  }
  void add(std::string_view id, base::WallTime time, std::string_view team, std::string_view tags, int status) {
    UsageRow row = sample_row(id, time);
    row.team = team;
    row.tags = tags;
    row.status = status;
    if (status >= 400) row.error = "upstream_broken";
    ledger_.insert(row);
  }
  UsageAnswer ask(const UsageQuery& query) {
    auto answer = query_usage(ledger_.reader(), query);
    EXPECT_TRUE(answer.has_value()) << (answer ? "" : answer.error().detail);
    return answer ? *answer : UsageAnswer{};
  }
  // "key,key=requests" of each group
  static std::vector<std::string> short_form(const UsageAnswer& answer) {
    std::vector<std::string> lines;
    for (const UsageGroup& group : answer.groups) {
      std::string line;
      for (const std::string& key : group.keys) line += (line.empty() ? "" : ",") + key;
      lines.push_back(line + "=" + std::to_string(group.sums[Measure::requests]));
    }
    return lines;
  }

  LedgerStore ledger_;
};

TEST_F(UsageQueryTest, GroupsByWhatIsAsked) {
  EXPECT_THAT(short_form(ask({.by = {by("team")}})), ElementsAre("=1", "sales=1", "support=3"));
  EXPECT_THAT(short_form(ask({.by = {by("day"), by("team")}})),
              ElementsAre("2026-11-01,support=2", "2026-11-02,sales=1", "2026-11-02,support=1", "2026-12-01,=1"));
  EXPECT_THAT(short_form(ask({.by = {by("month")}})), ElementsAre("2026-11=4", "2026-12=1"));
  EXPECT_THAT(short_form(ask({.by = {by("hour")}, .filters = {filter("team=sales")}})),
              ElementsAre("2026-11-02T10:00:00Z=1"));
  EXPECT_THAT(short_form(ask({.by = {by("tag:feature")}})), ElementsAre("=2", "chat=1", "search=2"));
  EXPECT_THAT(short_form(ask({.by = {by("status")}})), ElementsAre("200=4", "500=1"));
  const auto all = ask({});
  ASSERT_EQ(all.groups.size(), 1u);
  EXPECT_EQ(all.groups[0].sums, all.total);
  EXPECT_EQ(all.total[Measure::requests], 5);
  EXPECT_EQ(all.total[Measure::errors], 1);
  EXPECT_EQ(all.total[Measure::cost], 15000);
  EXPECT_EQ(all.total[Measure::cached_tokens], 200);
}

TEST_F(UsageQueryTest, RollUpsAndRowsGiveTheSame) {
  const UsageQuery aligned{
      .from = at(2026, 11, 1), .to = at(2026, 11, 3), .by = {by("team"), by("model")}, .filters = {}};
  UsageQuery raw = aligned;
  raw.from += std::chrono::seconds(1);  // nothing lies in that second
  const auto first = ask(aligned);
  const auto second = ask(raw);
  ASSERT_EQ(first.groups.size(), 2u);
  ASSERT_EQ(second.groups.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(first.groups[i].keys, second.groups[i].keys);
    EXPECT_EQ(first.groups[i].sums, second.groups[i].sums);
  }
}

TEST_F(UsageQueryTest, TimesAreFromAndBefore) {
  EXPECT_EQ(ask({.from = at(2026, 11, 1, 10, 15), .to = at(2026, 11, 1, 11, 15)}).total[Measure::requests], 1);
  EXPECT_EQ(ask({.from = at(2026, 11, 1, 11), .to = at(2026, 11, 2, 10)}).total[Measure::requests], 1);
  EXPECT_EQ(ask({.from = at(2027, 1, 1)}).total[Measure::requests], 0);
}

TEST_F(UsageQueryTest, FiltersOfOneDimensionAreAlternatives) {
  const auto count = [&](std::vector<std::string_view> filters) {
    UsageQuery query;
    for (const auto text : filters) query.filters.push_back(filter(text));
    return ask(query).total[Measure::requests];
  };
  EXPECT_EQ(count({"team=support"}), 3);
  EXPECT_EQ(count({"team=support", "team=sales"}), 4);
  EXPECT_EQ(count({"team=support", "tag:feature=search"}), 1);
  EXPECT_EQ(count({"team=s*"}), 4);
  EXPECT_EQ(count({"team=support", "status=500"}), 1);
  EXPECT_EQ(count({"team=' OR '1'='1"}), 0);
  EXPECT_EQ(count({"team="}), 1);
}

TEST_F(UsageQueryTest, PagesFollowEachOther) {
  UsageQuery query{.by = {by("day"), by("team")}, .filters = {}, .limit = 3};
  const auto first = ask(query);
  EXPECT_EQ(first.groups.size(), 3u);
  ASSERT_FALSE(first.cursor.empty());
  query.cursor = first.cursor;
  const auto second = ask(query);
  EXPECT_THAT(short_form(second), ElementsAre("2026-12-01,=1"));
  EXPECT_EQ(second.total, first.total);
  EXPECT_TRUE(second.cursor.empty());
  query.by = {by("day")};
  EXPECT_EQ(query_usage(ledger_.reader(), query).error().code, Code::invalid_request);
  query.cursor = "!";
  EXPECT_EQ(query_usage(ledger_.reader(), query).error().code, Code::invalid_request);
}

TEST_F(UsageQueryTest, RefusesWhatIsOutOfBounds) {
  EXPECT_FALSE(query_usage(ledger_.reader(), {.from = at(2026, 2, 1), .to = at(2026, 1, 1)}));
  EXPECT_FALSE(query_usage(ledger_.reader(), {.limit = 0}));
  EXPECT_FALSE(query_usage(ledger_.reader(), {.by = std::vector<GroupBy>(kMaxGroupBy + 1)}));
  EXPECT_THAT(group_by_from_name("taem").error().detail, HasSubstr("team"));
  EXPECT_FALSE(filter_from_text("team"));
  EXPECT_FALSE(filter_from_text("day=2026-11-01"));
}

TEST_F(UsageQueryTest, SaysWhatRetentionTook) {
  ASSERT_TRUE(ledger_.writer().delete_rows_before(at(2026, 11, 2)));
  EXPECT_EQ(ask({.by = {by("team")}}).total[Measure::requests], 5) << "roll-ups stay";
  const auto by_status = ask({.by = {by("status")}});
  EXPECT_EQ(by_status.total[Measure::requests], 3);
  EXPECT_EQ(by_status.incomplete_before, at(2026, 11, 2));
}

TEST_F(UsageQueryTest, ShowbackSharesAddUp) {
  const auto report = showback(ledger_.reader(), std::chrono::year(2026) / 11, by("team"));
  ASSERT_TRUE(report);
  ASSERT_EQ(report->lines.size(), 2u);
  EXPECT_EQ(report->lines[0].id, "support");
  EXPECT_DOUBLE_EQ(report->lines[0].share, 0.75);
  EXPECT_DOUBLE_EQ(report->lines[1].share, 0.25);
  EXPECT_THAT(to_table(*report), HasSubstr("75.0%"));
  EXPECT_THAT(to_csv(*report), HasSubstr("2026-11,support,3,1,"));
  EXPECT_THAT(to_json(*report), StartsWith(R"({"month":"2026-11","by":"team","lines":[{"id":"support","share":0.75,)"));
}

TEST(UsageTimes, AreReadAsTheyAreWritten) {
  EXPECT_EQ(time_from_text("2026-11"), at(2026, 11, 1));
  EXPECT_EQ(time_from_text("2026-11-21"), at(2026, 11, 21));
  EXPECT_EQ(time_from_text("2026-11-21T10:05Z"), at(2026, 11, 21, 10, 5));
  EXPECT_EQ(time_from_text("2026-11-21T10:05:09Z"), at(2026, 11, 21, 10, 5, 9));
  EXPECT_EQ(time_text(Bucket::hour, seconds_of(at(2026, 11, 21, 10, 5, 9))), "2026-11-21T10:05:09Z");
  for (const char* wrong : {"", "2026", "2026-13", "2026-02-30", "2026-11-21T10", "2026-11-21T24:00Z",
                            "2026-11-21 10:00Z", "2026-11-21T10:00:00", "x026-11-21", "2026-11-2", "2026-1121"}) {
    EXPECT_FALSE(time_from_text(wrong)) << wrong;
  }
}

std::string csv_cell(std::string_view text) {
  std::string out;
  append_csv_text(out, text);
  return out;
}

TEST(UsageExport, ACellIsNeverAFormula) {
  EXPECT_EQ(csv_cell("plain"), "plain");
  EXPECT_EQ(csv_cell("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_cell("a\"b,"), "\"a\"\"b,\"");
  EXPECT_EQ(csv_cell("=1+1"), "'=1+1");
  EXPECT_EQ(csv_cell("@x"), "'@x");
  EXPECT_EQ(csv_cell("-1"), "'-1");
  EXPECT_EQ(csv_cell("+1"), "'+1");
  EXPECT_EQ(csv_cell("\tx"), "\"'\tx\"");
  EXPECT_EQ(csv_cell("=HYPERLINK(\"x\",\"y\")"), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
}

TEST_F(UsageQueryTest, TheSameAnswerInEveryForm) {
  add("n1", at(2026, 11, 5), "=evil(),\x1b[2J", "", 200);
  const auto answer =
      ask({.from = at(2026, 11, 2), .to = at(2026, 12, 1), .by = {by("team"), by("model")}, .filters = {}});
  const std::string csv = to_csv(answer);
  EXPECT_THAT(csv, StartsWith("team,model,requests,errors,"));
  EXPECT_THAT(csv, HasSubstr("\r\n\"'=evil(),\x1b[2J\",gpt-5.6-mini,1,0,"));
  EXPECT_THAT(
      csv, HasSubstr("\r\nsales,gpt-5.6-mini,1,0,0,0,0,1,100,20,40,0,0,0,0,0.000001,0,0,0.000002,0,0,0,0.000003\r\n"));
  const std::string lines = to_json_lines(answer);
  EXPECT_EQ(std::ranges::count(lines, '\n'), 3);
  EXPECT_THAT(lines, HasSubstr(R"({"team":"sales","model":"gpt-5.6-mini","requests":1,)"));
  EXPECT_THAT(lines, HasSubstr(R"("cost_usd":0.000003,"total_tokens":120,"cost_nanodollars":3000})"));
  const std::string table = to_table(answer);
  EXPECT_THAT(table, HasSubstr("=evil(),?[2J"));
  EXPECT_THAT(table, Not(HasSubstr("\x1b")));
}

TEST_F(UsageQueryTest, SingleRequestsInPagesNewestFirst) {
  const auto list = [&](RowQuery query) {
    std::vector<std::string> pages;
    do {
      std::string page;
      auto next =
          list_rows(ledger_.reader(), query, [&](const UsageRow& row) { page += std::string(row.request_id) + " "; });
      EXPECT_TRUE(next.has_value());
      pages.push_back(page);
      query.cursor = next ? *next : "";
    } while (!query.cursor.empty());
    return pages;
  };
  EXPECT_THAT(list({.limit = 2}), ElementsAre("x1 l1 ", "s3 s2 ", "s1 "));
  EXPECT_THAT(list({.from = at(2026, 11, 1, 11), .to = at(2026, 12, 1)}), ElementsAre("l1 s3 s2 "));
  EXPECT_THAT(list({.filters = {filter("team=support"), filter("status=200")}}), ElementsAre("s2 s1 "));
  EXPECT_THAT(list({.filters = {filter("tag:feature=sea*")}, .limit = 1}), ElementsAre("l1 ", "s1 "));
  EXPECT_FALSE(list_rows(ledger_.reader(), {.cursor = "AAAA"}, [](const UsageRow&) {}));
  EXPECT_FALSE(list_rows(ledger_.reader(), {.limit = kMaxRows + 1}, [](const UsageRow&) {}));
}

TEST_F(UsageQueryTest, ARowComesBackAsItWas) {
  UsageRow row = sample_row("whole", at(2027, 1, 1, 10, 0, 5) + std::chrono::microseconds(42));
  row.user = "u\"";
  row.time_to_first_byte_us = 7;
  ledger_.insert(row);
  std::string line;
  ASSERT_TRUE(list_rows(ledger_.reader(), {.limit = 1}, [&](const UsageRow& read) {
    EXPECT_EQ(read.time, row.time);
    EXPECT_EQ(read.usage, row.usage);
    EXPECT_EQ(read.cost, row.cost);
    EXPECT_EQ(read.finish_reason, row.finish_reason);
    append_json_line(line, read);
  }));
  EXPECT_THAT(line, StartsWith(R"({"request_id":"whole","time":"2027-01-01T10:00:05.000042Z","org":"acme",)"));
  EXPECT_THAT(line, HasSubstr(R"("user":"u\"")"));
  EXPECT_THAT(line, HasSubstr(R"("cost_usd":0.000003,"queued_us":0,"duration_us":1500,"time_to_first_byte_us":7})"));
}

// Reads what we write, as a program would.
std::vector<std::vector<std::string>> parse_csv(std::string_view text) {
  std::vector<std::vector<std::string>> lines(1, std::vector<std::string>(1));
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string& cell = lines.back().back();
    if (quoted) {
      if (text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"') {
        cell += text[i++];
      } else if (text[i] == '"') {
        quoted = false;
      } else {
        cell += text[i];
      }
    } else if (text[i] == '"') {
      quoted = true;
    } else if (text[i] == ',') {
      lines.back().emplace_back();
    } else if (text[i] == '\n') {
      lines.emplace_back(1);
    } else if (text[i] != '\r') {
      cell += text[i];
    }
  }
  lines.pop_back();
  return lines;
}

TEST_F(UsageQueryTest, FocusHoldsEveryChargeOnce) {
  UsageRow row = sample_row("f1", at(2026, 11, 3));
  row.cost.cached = base::Money::nanos(400);
  row.tags = "feature=search,feature=again,quote=\"q\"";
  ledger_.insert(row);
  std::string csv;
  ASSERT_TRUE(export_focus(ledger_.reader(), {.from = at(2026, 11, 1), .to = at(2026, 12, 1), .filters = {}},
                           [&](std::string_view piece) { csv += piece; }));
  const auto lines = parse_csv(csv);
  const auto column = [&](std::string_view name) {
    return static_cast<std::size_t>(std::ranges::find(lines[0], name) - lines[0].begin());
  };
  double billed = 0;
  std::int64_t tokens = 0;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    ASSERT_EQ(lines[i].size(), lines[0].size());
    billed += std::stod(lines[i][column("BilledCost")]);
    tokens += std::stoll(lines[i][column("PricingQuantity")]);
    EXPECT_EQ(lines[i][column("BilledCost")], lines[i][column("EffectiveCost")]);
    EXPECT_NEAR(std::stod(lines[i][column("PricingQuantity")]) * std::stod(lines[i][column("ContractedUnitPrice")]),
                std::stod(lines[i][column("BilledCost")]), 1e-12);
    EXPECT_EQ(lines[i][column("BillingPeriodStart")], "2026-11-01T00:00:00Z");
    EXPECT_EQ(lines[i][column("BillingPeriodEnd")], "2026-12-01T00:00:00Z");
    EXPECT_EQ(lines[i][column("ServiceCategory")], "AI and Machine Learning");
  }
  EXPECT_NEAR(billed, 0.0000154, 1e-12);
  EXPECT_EQ(tokens, 5 * 120) << "parts that have no price of their own are counted where they are charged";
  const auto cached =
      std::ranges::find_if(lines, [&](const auto& line) { return line[column("SkuMeter")] == "Cached input tokens"; });
  ASSERT_NE(cached, lines.end());
  EXPECT_EQ((*cached)[column("ConsumedQuantity")], "40");
  EXPECT_EQ((*cached)[column("SkuId")], "openai/gpt-5.6-mini/cached_input");
  EXPECT_EQ((*cached)[column("ChargePeriodStart")], "2026-11-03T00:00:00Z");
  EXPECT_EQ((*cached)[column("SubAccountId")], "support");
  EXPECT_EQ((*cached)[column("Tags")],
            R"({"feature":"search","quote":"\"q\"","gatehouse/team":"support","gatehouse/key":"key-1",)"
            R"("gatehouse/key_name":"ci"})");
  const auto nothing = [](std::string_view) {};
  EXPECT_FALSE(export_focus(ledger_.reader(), {.from = at(2026, 11, 1, 1), .filters = {}}, nothing));
  EXPECT_FALSE(export_focus(ledger_.reader(), {.filters = {filter("status=200")}}, nothing));
}

}  // namespace
}  // namespace gatehouse::govern
