#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/base/strings.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/llm/catalogue/catalogue_tables.h"

// The text of a catalogue: one JSON object a line, short names because there are thousands (docs/catalogue.md). Read
// by position: every text stays where it is, which is why none may be written with escapes.
namespace gatehouse::llm {
namespace {

using json::Kind;
using json::Member;

constexpr std::string_view kCapabilityLetters = "vaotjrdmi";  // in the order of Capability
constexpr std::size_t kMaxPeriods = 16;                       // a model
constexpr std::size_t kMaxLines = 256;                        // a period
constexpr std::size_t kMaxSources = 10;                       // a digit each

// The inside of a string without escapes.
std::optional<std::string_view> plain_text(const Member& member) {
  if (member.kind != Kind::string || member.value.find('\\') != std::string_view::npos) return std::nullopt;
  return member.value.substr(1, member.value.size() - 2);
}

std::optional<std::int64_t> midnight(std::string_view date) {
  if (date.size() != 10 || date[4] != '-' || date[7] != '-') return std::nullopt;
  const auto year = base::parse_u64(date.substr(0, 4));
  const auto month = base::parse_u64(date.substr(5, 2));
  const auto day = base::parse_u64(date.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day parsed{std::chrono::year(static_cast<int>(*year)),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
  if (!parsed.ok()) return std::nullopt;
  return std::chrono::sys_seconds(std::chrono::sys_days(parsed)).time_since_epoch().count();
}

// "batch.input>200000": tier, kind, step; standard and no step where they are left out.
bool read_line_name(std::string_view key, PriceLine& line) {
  if (const auto dot = key.find('.'); dot != std::string_view::npos) {
    line.tier = tier_from_name(key.substr(0, dot));
    if (line.tier == ServiceTier::standard) return false;
    key.remove_prefix(dot + 1);
  }
  if (const auto above = key.find('>'); above != std::string_view::npos) {
    const auto tokens = base::parse_u64(key.substr(above + 1));
    if (!tokens || *tokens == 0 || *tokens > std::numeric_limits<std::uint32_t>::max()) return false;
    line.above_prompt_tokens = static_cast<std::uint32_t>(*tokens);
    key = key.substr(0, above);
  }
  const auto kind = price_kind(key);
  if (!kind) return false;
  line.kind = *kind;
  return true;
}

// Fills the tables line by line. Spans into vectors that still grow are set at the end.
class Reader {
 public:
  explicit Reader(Catalogue::Tables& tables) : tables_(tables) {}

  // What is wrong, or nothing.
  std::string_view read(std::string_view line) {
    problem_ = {};
    enum class Row : std::uint8_t { unknown, head, provider, model } row = Row::unknown;
    const auto scanned = json::scan_object(line, [&](const Member& member) {
      if (row == Row::unknown) {
        if (member.key == "catalogue") {
          row = Row::head;
          if (member.value != "1") problem_ = "a format that this version does not read";
          return;
        }
        if (member.key == "provider") {
          row = Row::provider;
          return begin_provider(member);
        }
        if (member.key == "m") {
          row = Row::model;
          return begin_model(member);
        }
        problem_ = "neither head, provider nor model";
        return;
      }
      if (!problem_.empty()) return;
      if (row == Row::head) read_head(member);
      if (row == Row::provider) read_provider(member);
      if (row == Row::model) read_model(member);
    });
    if (!scanned) return "not a JSON object";
    if (row == Row::unknown && problem_.empty()) return "neither head, provider nor model";
    if (row != Row::head && tables_.sources.empty()) return "the sources must come first";
    return problem_;
  }

  void finish() {
    auto& t = tables_;
    end_provider();
    t.models.shrink_to_fit();
    t.lines.shrink_to_fit();
    t.model_names.shrink_to_fit();
    for (std::size_t i = 0; i < t.periods.size(); ++i) {
      t.periods[i].lines = std::span(t.lines).subspan(period_lines_[i].begin, size(period_lines_[i]));
    }
    for (std::size_t i = 0; i < t.models.size(); ++i) {
      t.models[i].prices.periods = std::span(t.periods).subspan(model_periods_[i].begin, size(model_periods_[i]));
    }
    const auto order = [](const Catalogue::Tables::Name& a, const Catalogue::Tables::Name& b) {
      return std::tie(a.hash, a.provider, a.model) < std::tie(b.hash, b.provider, b.model);
    };
    for (auto* names : {&t.model_names, &t.provider_names, &t.hosts}) std::ranges::sort(*names, order);
    const auto globs =
        std::ranges::partition(t.host_patterns, [](const auto& pattern) { return pattern.text.contains('/'); });
    t.path_patterns = t.host_patterns.size() - globs.size();
  }

 private:
  using Tables = Catalogue::Tables;
  using Range = Tables::Range;
  static std::size_t size(Range range) { return range.end - range.begin; }
  static std::uint32_t count(const auto& vector) { return static_cast<std::uint32_t>(vector.size()); }
  void wrong(std::string_view problem) {
    if (problem_.empty()) problem_ = problem;
  }

  static Tables::Name name(std::string_view text, std::uint32_t provider, std::uint32_t model) {
    return {.hash = name_hash(LowerName(text).view()), .text = text, .provider = provider, .model = model};
  }

  void read_head(const Member& member) {
    if (member.key != "sources" || member.kind != Kind::array) return;
    json::walk_array(member.value, [this](const json::Element& element) {
      Source source;
      if (element.kind != Kind::object || tables_.sources.size() == kMaxSources) return wrong("a source is wrong");
      json::walk_object(element.value, [&](const Member& part) {
        const auto text = plain_text(part);
        if (!text) return wrong("a source is wrong");
        if (part.key == "name") source.name = *text;
        if (part.key == "date") source.date = *text;
        if (part.key == "licence") source.licence = *text;
      });
      if (source.name.empty() || !midnight(source.date)) return wrong("a source without name or date");
      tables_.sources.push_back(source);
    });
  }

  void end_provider() {
    if (!tables_.providers.empty()) tables_.providers.back().rules.end = count(tables_.rules);
  }

  void begin_provider(const Member& member) {
    end_provider();
    const auto id = plain_text(member);
    if (!id || id->empty() || id->size() > Catalogue::kMaxName) return wrong("a provider's id");
    Tables::Provider provider;
    provider.id = *id;
    provider.rules.begin = count(tables_.rules);
    tables_.provider_names.push_back(name(*id, count(tables_.providers), 0));
    tables_.providers.push_back(provider);
  }

  Range read_texts(const Member& member, bool are_rules) {
    Range range{.begin = count(tables_.texts), .end = 0};
    if (member.kind != Kind::array) wrong("a list was expected");
    json::walk_array(member.value, [&](const json::Element& element) {
      const Member as_member{.key = {}, .value = element.value, .offset = 0, .kind = element.kind};
      const auto text = plain_text(as_member);
      if (!text || text->empty() || text->size() > Catalogue::kMaxName) return wrong("a text");
      if (are_rules && !rule_is_valid(*text)) return wrong("a rule");
      tables_.texts.push_back(*text);
    });
    range.end = count(tables_.texts);
    return range;
  }

  void read_provider(const Member& member) {
    Tables::Provider& provider = tables_.providers.back();
    const std::uint32_t place = count(tables_.providers) - 1;
    if (member.key == "alias") {
      provider.aliases = read_texts(member, true);
      for (std::uint32_t i = provider.aliases.begin; i < provider.aliases.end; ++i) {
        const std::string_view rule = tables_.texts[i];
        if (rule.front() == '=' && rule.find('&') == std::string_view::npos) {
          tables_.provider_names.push_back(name(rule.substr(1), place, 0));
        }
      }
    } else if (member.key == "makes") {
      provider.makes = read_texts(member, true);
    } else if (member.key == "resells") {
      provider.resells = read_texts(member, false);
    } else if (member.key == "host") {
      const Range hosts = read_texts(member, false);
      for (std::uint32_t i = hosts.begin; i < hosts.end; ++i) {
        const std::string_view host = tables_.texts[i];
        if (host.find_first_of("*/") == std::string_view::npos) {
          tables_.hosts.push_back(name(host, place, 0));
        } else {
          tables_.host_patterns.push_back({.text = host, .provider = place});
        }
      }
    }
  }

  void begin_model(const Member& member) {
    if (tables_.providers.empty()) return wrong("a model before any provider");
    if (tables_.models.size() == Catalogue::kMaxModels) return wrong("too many models");
    const auto id = plain_text(member);
    if (!id || id->empty() || id->size() > Catalogue::kMaxName) return wrong("a model's id");
    ModelInfo model;
    model.provider = tables_.providers.back().id;
    model.id = *id;
    tables_.model_names.push_back(name(*id, count(tables_.providers) - 1, count(tables_.models)));
    tables_.models.push_back(model);
    model_periods_.push_back({.begin = count(tables_.periods), .end = count(tables_.periods)});
  }

  void read_model(const Member& member) {
    ModelInfo& model = tables_.models.back();
    if (member.key == "r") {
      read_rules(member);
    } else if (member.key == "p") {
      read_prices(member);
    } else if (member.key == "ctx" || member.key == "out") {
      const auto tokens = json::read_count(member.value);
      if (!tokens || *tokens > std::numeric_limits<std::uint32_t>::max()) return wrong("a limit");
      (member.key == "ctx" ? model.context_tokens : model.max_output_tokens) = static_cast<std::uint32_t>(*tokens);
    } else if (member.key == "c") {
      for (const char letter : plain_text(member).value_or("")) {
        const auto bit = kCapabilityLetters.find(letter);
        if (bit == std::string_view::npos) return wrong("an ability");
        model.capabilities |= static_cast<std::uint16_t>(1U << bit);
      }
    } else if (member.key == "end") {
      const auto date = plain_text(member);
      if (!date || !midnight(*date)) return wrong("a date");
      model.retires = *date;
    } else if (member.key == "dep") {
      model.deprecated = member.value == "true";
    } else if (member.key == "s") {
      for (const char digit : plain_text(member).value_or("")) {
        if (!base::is_digit(digit) || static_cast<std::size_t>(digit - '0') >= tables_.sources.size()) {
          return wrong("a source");
        }
        model.sources |= 1U << (digit - '0');
      }
    }
  }

  void read_rules(const Member& member) {
    const std::uint32_t model = count(tables_.models) - 1;
    const Range range = read_texts(member, true);
    for (std::uint32_t i = range.begin; i < range.end; ++i) {
      const std::string_view rule = tables_.texts[i];
      if (rule.front() == '=' && rule.find('&') == std::string_view::npos) {
        tables_.model_names.push_back(name(rule.substr(1), count(tables_.providers) - 1, model));
      } else {
        tables_.rules.push_back({.text = rule, .model = model});
      }
    }
    tables_.texts.resize(range.begin);  // they live on in the two lists
  }

  void read_prices(const Member& member) {
    if (member.kind == Kind::object) {
      read_period(member.value);
    } else if (member.kind == Kind::array) {
      json::walk_array(member.value, [this](const json::Element& element) {
        if (element.kind != Kind::object) return wrong("a price");
        read_period(element.value);
      });
    } else {
      wrong("a price");
    }
    model_periods_.back().end = count(tables_.periods);
    if (size(model_periods_.back()) > kMaxPeriods) wrong("too many periods");
  }

  void read_period(std::string_view object) {
    PricePeriod period;
    const std::uint32_t begin = count(tables_.lines);
    json::walk_object(object, [&](const Member& member) {
      if (member.key == "from") {
        const auto starts = midnight(plain_text(member).value_or(""));
        if (!starts) return wrong("a date");
        period.starts = *starts;
      } else if (member.key == "day") {
        read_day(member, period);
      } else {
        read_line(member, begin);
      }
    });
    period_lines_.push_back({.begin = begin, .end = count(tables_.lines)});
    tables_.periods.push_back(period);
  }

  void read_day(const Member& member, PricePeriod& period) {
    std::size_t place = 0;
    json::walk_array(member.value, [&](const json::Element& element) {
      const auto seconds = json::read_count(element.value);
      if (!seconds || *seconds > 86'400 || place == 2) return wrong("a time of the day");
      (place++ == 0 ? period.day_from : period.day_to) = static_cast<std::int32_t>(*seconds);
    });
    if (place != 2) wrong("a time of the day");
  }

  void read_line(const Member& member, std::uint32_t begin) {
    PriceLine line;
    if (!read_line_name(member.key, line)) return wrong("the name of a price");
    const bool by_piece = line.kind >= PriceKind::request;
    const auto rate = by_piece ? rate_per_thousand(member.value) : rate_per_million(member.value);
    if (!rate) return wrong("a price");
    line.rate = *rate;
    if (tables_.lines.size() - begin == kMaxLines) return wrong("too many prices");
    tables_.lines.push_back(line);
  }

  Tables& tables_;
  std::string_view problem_;
  std::vector<Range> period_lines_;
  std::vector<Range> model_periods_;
};

}  // namespace

Result<std::unique_ptr<Catalogue::Tables>> Catalogue::Tables::parse(std::string text, std::string_view kept) {
  auto tables = std::make_unique<Tables>();
  tables->text = std::move(text);
  std::string_view rest = kept.empty() ? std::string_view(tables->text) : kept;
  if (rest.size() > kMaxText) return fail(Code::configuration, "the catalogue is too large");
  // About 120 bytes a row: growing step by step would double what is held.
  const std::size_t rows = rest.size() / 120;
  tables->models.reserve(rows);
  tables->lines.reserve(4 * rows);
  tables->model_names.reserve(2 * rows);
  Reader reader(*tables);
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty()) continue;
    if (const std::string_view problem = reader.read(line); !problem.empty()) {
      return fail(Code::configuration, fmt::format("catalogue, line {}: {}", number, problem));
    }
  }
  if (tables->sources.empty()) return fail(Code::configuration, "the catalogue is empty");
  reader.finish();
  return tables;
}

}  // namespace gatehouse::llm
