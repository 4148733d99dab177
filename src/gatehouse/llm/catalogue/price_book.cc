#include "gatehouse/llm/catalogue/price_book.h"

#include <algorithm>
#include <array>
#include <span>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/base/strings.h"
#include "gatehouse/llm/catalogue/name_rule.h"

namespace gatehouse::llm {
namespace {

// Lines that hold always, with the period around them.
struct FlatPrices {
  std::vector<PriceLine> lines;
  std::array<PricePeriod, 1> period;

  void finish() { period[0].lines = lines; }
  Prices view() const { return {.periods = period}; }
};

struct Row {
  std::string provider;  // lower case
  std::string model;     // lower case, without the "*"
  bool prefix = false;
  bool free = false;
  std::uint32_t context_tokens = 0;
  std::uint32_t max_output_tokens = 0;
  FlatPrices prices;  // no lines: the built-in ones stay

  bool has_prices() const { return !prices.lines.empty(); }
};

using Field = std::optional<std::string> PriceOverride::*;
constexpr std::array<std::pair<Field, PriceKind>, 9> kFields = {{
    {&PriceOverride::input, PriceKind::input},
    {&PriceOverride::output, PriceKind::output},
    {&PriceOverride::cached, PriceKind::cached},
    {&PriceOverride::cache_write, PriceKind::cache_write},
    {&PriceOverride::cache_write_1h, PriceKind::cache_write_1h},
    {&PriceOverride::reasoning, PriceKind::reasoning},
    {&PriceOverride::input_audio, PriceKind::input_audio},
    {&PriceOverride::output_audio, PriceKind::output_audio},
    {&PriceOverride::request, PriceKind::request},
}};

Result<Row> read_row(const PriceOverride& given) {
  Row row;
  row.provider = base::to_lower(base::trim(given.provider));
  row.model = base::to_lower(base::trim(given.model));
  if (row.model.ends_with('*')) {
    row.prefix = true;
    row.model.pop_back();
  }
  if (row.model.empty() && !row.prefix) return fail(Code::configuration, "no model");
  if (row.model.find('*') != std::string::npos) return fail(Code::configuration, "a * stands at the end, or nowhere");
  row.free = given.free;
  row.context_tokens = given.context_tokens;
  row.max_output_tokens = given.max_output_tokens;
  bool priced = false;
  for (const auto& [field, kind] : kFields) {
    const std::optional<std::string>& text = given.*field;
    if (!text) continue;
    const auto rate = kind == PriceKind::request ? rate_per_thousand(*text) : rate_per_million(*text);
    if (!rate) return fail(Code::configuration, fmt::format("{}: not a number of dollars", name(kind)));
    row.prices.lines.push_back({.rate = *rate, .kind = kind});
    priced = true;
  }
  if (given.free && priced) return fail(Code::configuration, "free, and yet with a price");
  if (priced && given.input.has_value() != given.output.has_value()) {
    return fail(Code::configuration, "input and output prices come together");
  }
  if (priced && !given.input && !given.request) return fail(Code::configuration, "no price of input and output");
  if (given.free) {
    row.prices.lines = {{.rate = 0, .kind = PriceKind::input}, {.rate = 0, .kind = PriceKind::output}};
  }
  return row;
}

}  // namespace

struct PriceBook::Tables {
  std::shared_ptr<const Catalogue> catalogue;
  // In the order in which they are asked: exact before prefix, longer before shorter, with a provider before without.
  std::vector<Row> rows;
  FlatPrices unknown;
  FlatPrices nothing;
};

PriceBook::PriceBook(std::unique_ptr<Tables> tables) : tables_(std::move(tables)) {}
PriceBook::~PriceBook() = default;

Result<std::shared_ptr<const PriceBook>> PriceBook::make(std::shared_ptr<const Catalogue> catalogue,
                                                         const std::vector<PriceOverride>& overrides,
                                                         const UnknownPrice& unknown) {
  auto tables = std::make_unique<Tables>();
  tables->catalogue = std::move(catalogue);
  for (std::size_t i = 0; i < overrides.size(); ++i) {
    auto row = read_row(overrides[i]);
    if (!row) return fail(row.error().code, fmt::format("price {}: {}", i + 1, row.error().detail));
    tables->rows.push_back(std::move(*row));
  }
  const auto order = [](const Row& row) {
    return std::tuple(row.prefix, -static_cast<std::ptrdiff_t>(row.model.size()), std::string_view(row.model),
                      row.provider.empty(), std::string_view(row.provider));
  };
  std::ranges::sort(tables->rows, {}, order);
  if (const auto twice = std::ranges::adjacent_find(tables->rows, {}, order); twice != tables->rows.end()) {
    return fail(Code::configuration,
                fmt::format("prices: {}{} is given twice", twice->model, twice->prefix ? "*" : ""));
  }
  for (Row& row : tables->rows) row.prices.finish();
  const auto input = rate_per_million(unknown.input);
  const auto output = rate_per_million(unknown.output);
  if (!input || !output) return fail(Code::configuration, "the price of unknown models is not a number of dollars");
  if (*input == 0 && *output == 0) return fail(Code::configuration, "unknown models cannot be free");
  tables->unknown.lines = {{.rate = *input, .kind = PriceKind::input}, {.rate = *output, .kind = PriceKind::output}};
  tables->unknown.finish();
  tables->nothing.lines = {{.rate = 0, .kind = PriceKind::input}, {.rate = 0, .kind = PriceKind::output}};
  tables->nothing.finish();
  return std::shared_ptr<const PriceBook>(new PriceBook(std::move(tables)));
}

ModelPrice PriceBook::find(std::string_view name, std::string_view kind, std::string_view endpoint,
                           std::string_view model) const {
  const Tables& tables = *tables_;
  ModelPrice found;
  found.model = tables.catalogue->find(kind, endpoint, model);
  if (found.model != nullptr) {
    found.prices = found.model->prices;
    found.context_tokens = found.model->context_tokens;
    found.max_output_tokens = found.model->max_output_tokens;
    found.price_known = found.prices.known();
  }
  if (!found.price_known && base::equals_ignore_case(kind, "sandbox")) {
    found.prices = tables.nothing.view();
    found.price_known = found.free = true;
  }
  if (!tables.rows.empty()) {
    const LowerName lower(model);
    const std::string_view id = tables.catalogue->provider_id(kind, endpoint);
    const auto applies = [&](const Row& row) {
      if (row.prefix ? !lower.view().starts_with(row.model) : lower.view() != row.model) return false;
      return row.provider.empty() || base::equals_ignore_case(row.provider, name) ||
             base::equals_ignore_case(row.provider, id) || base::equals_ignore_case(row.provider, kind);
    };
    // Prices from the first row that has some, each limit from the first that gives it.
    bool context = false;
    bool output = false;
    for (const Row& row : tables.rows) {
      if (!applies(row)) continue;
      if (!found.overridden && row.has_prices()) {
        found.prices = row.prices.view();
        found.price_known = found.overridden = true;
        found.free = row.free;
      }
      if (!context && row.context_tokens != 0) {
        found.context_tokens = row.context_tokens;
        context = true;
      }
      if (!output && row.max_output_tokens != 0) {
        found.max_output_tokens = row.max_output_tokens;
        output = true;
      }
    }
  }
  if (!found.price_known) found.prices = tables.unknown.view();
  return found;
}

const Catalogue& PriceBook::catalogue() const { return *tables_->catalogue; }

}  // namespace gatehouse::llm
