#include "gatehouse/govern/ledger/row_list.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/base/strings.h"
#include "gatehouse/crypto/encoding.h"
#include "gatehouse/govern/ledger/raw_rows.h"
#include "gatehouse/govern/ledger/tags.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::govern {
namespace {

constexpr std::size_t kMaxRead = 200'000;

// The first thirteen of kTexts.
constexpr std::size_t kDimensionTexts = 13;
constexpr std::string_view kSelectDimensions =
    "SELECT org, unit, team, project, user_id, key_id, key_name, end_user, tags, operation, model_asked, model_sent, "
    "provider FROM ledger_dimensions WHERE id = $1";

constexpr std::array kTexts = {
    &UsageRow::org,         &UsageRow::unit,       &UsageRow::team,     &UsageRow::project, &UsageRow::user,
    &UsageRow::key_id,      &UsageRow::key_name,   &UsageRow::end_user, &UsageRow::tags,    &UsageRow::operation,
    &UsageRow::model_asked, &UsageRow::model_sent, &UsageRow::provider, &UsageRow::error,   &UsageRow::finish_reason,
    &UsageRow::finish,      &UsageRow::cache};
constexpr std::array kTextNames = {"org",      "unit",     "team",          "project",   "user",        "key",
                                   "key_name", "end_user", "tags",          "operation", "model_asked", "model",
                                   "provider", "error",    "finish_reason", "finish",    "cache"};
static_assert(kTexts.size() == kTextNames.size());
constexpr std::array kTokens = {&llm::Usage::prompt_tokens,       &llm::Usage::completion_tokens,
                                &llm::Usage::total_tokens,        &llm::Usage::cached_tokens,
                                &llm::Usage::cache_write_tokens,  &llm::Usage::reasoning_tokens,
                                &llm::Usage::prompt_audio_tokens, &llm::Usage::completion_audio_tokens};
constexpr std::array kTokenNames = {"prompt_tokens",       "completion_tokens",      "total_tokens",
                                    "cached_tokens",       "cache_write_tokens",     "reasoning_tokens",
                                    "prompt_audio_tokens", "completion_audio_tokens"};
constexpr std::array kCosts = {&llm::Cost::input,     &llm::Cost::cached, &llm::Cost::cache_write, &llm::Cost::output,
                               &llm::Cost::reasoning, &llm::Cost::audio,  &llm::Cost::request};

// The texts of combinations, each read once.
class Combinations {
 public:
  explicit Combinations(store::Statement& select) : select_(select) {}

  Result<> fill(std::int64_t dimensions, UsageRow& row) {
    auto known = texts_.find(dimensions);
    if (known == texts_.end()) {
      auto step = select_.bind_integer(1, dimensions).step();
      if (!step) return std::unexpected(step.error());
      std::array<std::string, kDimensionTexts> texts;
      for (std::size_t i = 0; *step && i < kDimensionTexts; ++i) texts[i] = select_.text(static_cast<int>(i));
      select_.reset();
      known = texts_.emplace(dimensions, std::move(texts)).first;
    }
    for (std::size_t i = 0; i < kDimensionTexts; ++i) row.*kTexts[i] = known->second[i];
    return {};
  }

 private:
  store::Statement& select_;
  std::unordered_map<std::int64_t, std::array<std::string, kDimensionTexts>> texts_;
};

std::string value_of(const UsageRow& row, const GroupBy& by) {
  if (by.dimension == Dimension::tag) return std::string(tag_value(row.tags, by.tag));
  if (by.dimension == Dimension::status) return std::to_string(row.status);
  const std::string wanted = name(by);
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    if (wanted == kTextNames[i]) return std::string(row.*kTexts[i]);
  }
  return {};
}

bool holds(const UsageFilter& filter, const UsageRow& row) {
  const std::string value = value_of(row, filter.by);
  if (filter.value.ends_with('*')) return value.starts_with(filter.value.substr(0, filter.value.size() - 1));
  return value == filter.value;
}

// Of the filters on one dimension one must hold.
bool admits(const std::vector<UsageFilter>& filters, const UsageRow& row) {
  return std::ranges::all_of(filters, [&](const UsageFilter& filter) {
    return std::ranges::any_of(filters,
                               [&](const UsageFilter& other) { return other.by == filter.by && holds(other, row); });
  });
}

// "time_us/request id"
std::optional<std::pair<std::int64_t, std::string>> read_cursor(std::string_view cursor) {
  const auto text = crypto::from_base64url(cursor);
  const std::size_t slash = text ? text->find('/') : std::string::npos;
  if (slash == std::string::npos) return std::nullopt;
  const auto time = base::parse_u64(std::string_view(*text).substr(0, slash));
  if (!time || *time > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
  return std::pair(static_cast<std::int64_t>(*time), text->substr(slash + 1));
}

}  // namespace

Result<std::string> list_rows(store::Database& database, const RowQuery& query,
                              base::FunctionRef<void(const UsageRow& row)> visit) {
  if (query.limit == 0 || query.limit > kMaxRows) return fail(Code::invalid_request, "the limit is out of range");
  if (query.filters.size() > kMaxFilters) return fail(Code::invalid_request, "too many filters");
  std::pair<std::int64_t, std::string> before(
      query.to == base::WallTime::max() ? std::numeric_limits<std::int64_t>::max() : micros_of(query.to), "");
  if (!query.cursor.empty()) {
    auto cursor = read_cursor(query.cursor);
    if (!cursor) return fail(Code::invalid_request, "the cursor cannot be read");
    before = std::min(before, *cursor);
  }
  // One view of the store over all of the statements.
  auto transaction = store::Transaction::begin(database, false);
  if (!transaction) return std::unexpected(transaction.error());
  auto select = database.prepare(kSelectDimensions);
  if (!select) return std::unexpected(select.error());
  Combinations combinations(**select);
  auto rows = RawRowsBackwards::open(database, micros_of(query.from), before.first, before.second);
  if (!rows) return std::unexpected(rows.error());
  std::size_t given = 0;
  for (std::size_t looked_at = 0;; ++looked_at) {
    const auto next = (*rows)->next();
    if (!next) return std::unexpected(next.error());
    if (*next == nullptr) return std::string();
    // Of what was read at least one is looked at, so that a page gets further.
    if (given == query.limit || (looked_at > 0 && (*rows)->read() > kMaxRead)) {
      // `before` is the last row that was looked at.
      return crypto::to_base64url(fmt::format("{}/{}", before.first, before.second));
    }
    UsageRow row = **next;
    if (auto done = combinations.fill((*rows)->dimensions(), row); !done) return std::unexpected(done.error());
    before = {micros_of(row.time), std::string(row.request_id)};
    if (!admits(query.filters, row)) continue;
    visit(row);
    ++given;
  }
}

void append_json_line(std::string& out, const UsageRow& row) {
  json::Writer writer(out);
  const std::int64_t micros = micros_of(row.time);
  const std::string second = time_text(Bucket::hour, seconds_of(row.time));
  writer.begin_object().key("request_id").string(row.request_id);
  writer.key("time").string(
      fmt::format("{}.{:06}Z", std::string_view(second).substr(0, second.size() - 1), micros % 1'000'000));
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    if (!(row.*kTexts[i]).empty()) writer.key(kTextNames[i]).string(row.*kTexts[i]);
  }
  writer.key("status").integer(row.status).key("streamed").boolean(row.streamed);
  writer.key("attempts").integer(row.attempts);
  for (std::size_t i = 0; i < kTokens.size(); ++i) {
    writer.key(kTokenNames[i]).unsigned_integer(row.usage.*kTokens[i]);
  }
  writer.key("usage_known").boolean(row.usage.known).key("price_known").boolean(row.price_known);
  for (std::size_t i = 0; i < kCosts.size(); ++i) {
    const auto measure = static_cast<Measure>(static_cast<std::size_t>(Measure::cost_input) + i);
    writer.key(fmt::format("{}_usd", name(measure))).raw((row.cost.*kCosts[i]).to_string());
  }
  writer.key("cost_usd").raw(row.cost.total().to_string());
  writer.key("queued_us").integer(row.queued_us).key("duration_us").integer(row.duration_us);
  if (row.time_to_first_byte_us >= 0) writer.key("time_to_first_byte_us").integer(row.time_to_first_byte_us);
  writer.end_object();
  out += '\n';
}

}  // namespace gatehouse::govern
