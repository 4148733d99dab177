#include "gatehouse/app/commands/models.h"

#include <array>
#include <cstdio>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "gatehouse/app/configured.h"
#include "gatehouse/base/strings.h"
#include "gatehouse/config/load.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::app {
namespace {

using llm::Capability;
using llm::ModelInfo;
using llm::PriceKind;
using llm::PriceLine;
using llm::Rate;
using llm::ServiceTier;

// By the piece from here on: dollars per thousand instead of per million.
bool by_piece(PriceKind kind) { return kind >= PriceKind::request; }

double dollars(const PriceLine& line) {
  return by_piece(line.kind) ? static_cast<double>(line.rate) / 1e12 : llm::usd_per_million(line.rate);
}

std::optional<Rate> standard_rate(std::span<const PriceLine> lines, PriceKind kind) {
  for (const PriceLine& line : lines) {
    if (line.kind == kind && line.tier == ServiceTier::standard && line.above_prompt_tokens == 0) return line.rate;
  }
  return std::nullopt;
}

std::string cell(std::span<const PriceLine> lines, PriceKind kind) {
  const auto rate = standard_rate(lines, kind);
  return rate ? fmt::format("{}", llm::usd_per_million(*rate)) : "-";
}

std::string tokens(std::uint32_t count) { return count == 0 ? "-" : fmt::format("{}", count); }

bool contains(std::string_view text, std::string_view part) {
  return base::to_lower(text).find(base::to_lower(part)) != std::string::npos;
}

// "genai-prices 0.1.8 (2026-09-23)", the one that gave the row first.
std::string source_of(const llm::Catalogue& catalogue, const ModelInfo* model) {
  if (model == nullptr) return "-";
  for (std::size_t i = 0; i < catalogue.sources().size(); ++i) {
    if ((model->sources >> i & 1U) == 0) continue;
    const llm::Source& source = catalogue.sources()[i];
    return fmt::format("{} ({})", source.name, source.date);
  }
  return "-";
}

void write_prices(json::Writer& writer, std::span<const PriceLine> lines) {
  writer.begin_array();
  for (const PriceLine& line : lines) {
    writer.begin_object().key("kind").string(name(line.kind)).key("tier").string(name(line.tier));
    if (line.above_prompt_tokens != 0) writer.key("above_prompt_tokens").unsigned_integer(line.above_prompt_tokens);
    writer.key(by_piece(line.kind) ? "usd_per_thousand" : "usd_per_million").number(dollars(line)).end_object();
  }
  writer.end_array();
}

void write_facts(json::Writer& writer, const llm::Catalogue& catalogue, const ModelInfo& model) {
  writer.key("capabilities").begin_array();
  for (std::size_t bit = 0; bit < llm::kCapabilityCount; ++bit) {
    const auto capability = static_cast<Capability>(1U << bit);
    if (model.can(capability)) writer.string(name(capability));
  }
  writer.end_array();
  if (model.deprecated) writer.key("deprecated").boolean(true);
  if (!model.retires.empty()) writer.key("retires").string(model.retires);
  writer.key("sources").begin_array();
  for (std::size_t i = 0; i < catalogue.sources().size(); ++i) {
    if ((model.sources >> i & 1U) == 0) continue;
    const llm::Source& source = catalogue.sources()[i];
    writer.begin_object().key("name").string(source.name).key("date").string(source.date).end_object();
  }
  writer.end_array();
}

void write_limits(json::Writer& writer, std::uint32_t context, std::uint32_t output) {
  if (context != 0) writer.key("context_tokens").unsigned_integer(context);
  if (output != 0) writer.key("max_output_tokens").unsigned_integer(output);
}

}  // namespace

std::size_t list_catalogue(const llm::Catalogue& catalogue, const ModelsFilter& filter, base::WallTime now,
                           bool as_json, std::string& out) {
  std::string_view provider = filter.provider;
  if (const std::string_view id = catalogue.provider_id(filter.provider, {}); !id.empty()) provider = id;
  std::size_t count = 0;
  json::Writer writer(out);
  if (as_json) {
    writer.begin_object().key("models").begin_array();
  } else {
    out += fmt::format("{:<22} {:<52} {:>9} {:>9} {:>9} {:>9} {:>9}  {}\n", "PROVIDER", "MODEL", "INPUT", "CACHED",
                       "OUTPUT", "CONTEXT", "MAX OUT", "SOURCE");
  }
  for (const ModelInfo& model : catalogue.models()) {
    if (model.deprecated && !filter.with_retired) continue;
    if (!filter.provider.empty() && model.provider != provider) continue;
    if (!contains(model.id, filter.text)) continue;
    ++count;
    const auto lines = lines_at(model.prices, now);
    if (!as_json) {
      out += fmt::format("{:<22} {:<52} {:>9} {:>9} {:>9} {:>9} {:>9}  {}\n", model.provider, model.id,
                         cell(lines, PriceKind::input), cell(lines, PriceKind::cached), cell(lines, PriceKind::output),
                         tokens(model.context_tokens), tokens(model.max_output_tokens), source_of(catalogue, &model));
      continue;
    }
    writer.begin_object().key("provider").string(model.provider).key("model").string(model.id);
    writer.key("price_known").boolean(model.prices.known()).key("prices");
    write_prices(writer, lines);
    write_limits(writer, model.context_tokens, model.max_output_tokens);
    write_facts(writer, catalogue, model);
    writer.end_object();
  }
  if (as_json) {
    writer.end_array().end_object();
    out += '\n';
  } else {
    out += fmt::format(
        "{} models. Dollars per million tokens, standard tier, up to the first step by prompt size; "
        "--json has the rest.\n",
        count);
  }
  return count;
}

std::size_t list_configured(const config::Snapshot& snapshot, const llm::PriceBook& book, const ModelsFilter& filter,
                            base::WallTime now, bool as_json, std::string& out) {
  std::size_t unknown = 0;
  json::Writer writer(out);
  if (as_json) {
    writer.begin_object().key("models").begin_array();
  } else {
    out += fmt::format("{:<24} {:<16} {:<40} {:>9} {:>9} {:>9} {:>9}  {}\n", "MODEL", "PROVIDER", "TARGET", "INPUT",
                       "OUTPUT", "CONTEXT", "MAX OUT", "PRICE FROM");
  }
  for (const config::Model& model : snapshot.models) {
    if (!contains(model.name, filter.text)) continue;
    for (const config::Target& target : model.targets) {
      const config::Provider& provider = snapshot.providers[target.provider];
      if (!filter.provider.empty() && !base::equals_ignore_case(provider.name, filter.provider)) continue;
      const llm::ModelPrice price = book.find(provider.name, config::to_string(provider.kind),
                                              provider.base_url.host + provider.base_url.path, target.model);
      // What a wildcard stands for decides, request by request.
      const bool open = target.has_wildcard() && !price.price_known;
      if (!price.price_known && !open) ++unknown;
      const std::string from = open                ? "by the model asked for"
                               : price.overridden  ? "the configuration"
                               : price.free        ? "free"
                               : price.price_known ? fmt::format("{}/{}, {}", price.model->provider, price.model->id,
                                                                 source_of(book.catalogue(), price.model))
                                                   : "not known: the price of unknown models";
      const auto lines = lines_at(price.prices, now);
      if (!as_json) {
        out +=
            fmt::format("{:<24} {:<16} {:<40} {:>9} {:>9} {:>9} {:>9}  {}\n", model.name, provider.name, target.model,
                        open ? "-" : cell(lines, PriceKind::input), open ? "-" : cell(lines, PriceKind::output),
                        tokens(price.context_tokens), tokens(price.max_output_tokens), from);
        continue;
      }
      writer.begin_object().key("model").string(model.name).key("provider").string(provider.name);
      writer.key("target").string(target.model).key("price_known").boolean(price.price_known);
      writer.key("free").boolean(price.free).key("overridden").boolean(price.overridden);
      if (open) {
        writer.key("wildcard").boolean(true);
      } else {
        writer.key("prices");
        write_prices(writer, lines);
      }
      write_limits(writer, price.context_tokens, price.max_output_tokens);
      if (price.model != nullptr) {
        writer.key("catalogue").begin_object().key("provider").string(price.model->provider);
        writer.key("model").string(price.model->id);
        write_facts(writer, book.catalogue(), *price.model);
        writer.end_object();
      }
      writer.end_object();
    }
  }
  if (as_json) {
    writer.end_array().key("unknown").unsigned_integer(unknown).end_object();
    out += '\n';
  } else if (unknown > 0) {
    out +=
        fmt::format("{} without a known price: charged as unknown models, never free (docs/catalogue.md).\n", unknown);
  }
  return unknown;
}

int models_command(const std::string& config_path, const ModelsFilter& filter, bool as_json) {
  const auto catalogue = llm::Catalogue::built_in();
  const base::WallTime now = base::SystemClock().wall();
  std::string out;
  bool found_something = false;
  if (config_path.empty()) {
    found_something = list_catalogue(*catalogue, filter, now, as_json, out) == 0;
  } else {
    const config::Loaded loaded = config::load(config_path, config::process_environment());
    if (!loaded.snapshot) {
      for (const auto& problem : loaded.problems) std::fprintf(stderr, "%s\n", problem.to_string().c_str());
      return 2;
    }
    const auto book = price_book(*loaded.snapshot, catalogue);
    if (!book) {
      std::fprintf(stderr, "gatehouse: %s\n", book.error().detail.c_str());
      return 2;
    }
    found_something = list_configured(*loaded.snapshot, **book, filter, now, as_json, out) > 0;
  }
  std::fwrite(out.data(), 1, out.size(), stdout);
  std::fflush(stdout);
  return found_something ? 1 : 0;
}

}  // namespace gatehouse::app
