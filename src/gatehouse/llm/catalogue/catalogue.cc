#include "gatehouse/llm/catalogue/catalogue.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/llm/catalogue/catalogue_tables.h"

namespace gatehouse::llm {
namespace {

constexpr std::array<std::string_view, kCapabilityCount> kCapabilityNames = {
    "vision", "audio_in", "audio_out", "tools", "json_schema", "reasoning", "documents", "video_in", "image_out"};

// Kinds of the configuration that say which language a provider speaks and not who it is.
bool says_nothing(std::string_view provider) {
  return provider.empty() || base::equals_ignore_case(provider, "openai_compatible") ||
         base::equals_ignore_case(provider, "custom") || base::equals_ignore_case(provider, "sandbox");
}

// Host and path of a URL, or what was given where it is none.
std::string_view host_and_path(std::string_view endpoint) {
  if (const auto scheme = endpoint.find("://"); scheme != std::string_view::npos) endpoint.remove_prefix(scheme + 3);
  return endpoint.substr(0, endpoint.find_first_of("?#"));
}

bool same_prices(const Prices& a, const Prices& b) {
  return std::ranges::equal(a.periods, b.periods, [](const PricePeriod& left, const PricePeriod& right) {
    return left.starts == right.starts && left.day_from == right.day_from && left.day_to == right.day_to &&
           std::ranges::equal(left.lines, right.lines);
  });
}

}  // namespace

std::string_view name(Capability capability) {
  return kCapabilityNames[static_cast<std::size_t>(std::countr_zero(static_cast<std::uint16_t>(capability)))];
}

const Catalogue::Tables::Name* Catalogue::Tables::find_name(const std::vector<Name>& names, std::string_view lower,
                                                            std::uint32_t provider) const {
  const std::uint64_t hash = name_hash(lower);
  for (auto at = std::ranges::lower_bound(names, hash, {}, &Name::hash); at != names.end() && at->hash == hash; ++at) {
    if ((provider == kNobody || at->provider == provider) && base::equals_ignore_case(at->text, lower)) return &*at;
  }
  return nullptr;
}

const ModelInfo* Catalogue::Tables::find_in(std::uint32_t provider, std::string_view lower) const {
  if (const Name* name = find_name(model_names, lower, provider)) return &models[name->model];
  const Range range = providers[provider].rules;
  for (std::uint32_t i = range.begin; i < range.end; ++i) {
    if (rule_holds(rules[i].text, lower)) return &models[rules[i].model];
  }
  return nullptr;
}

const ModelInfo* Catalogue::Tables::find_for(std::uint32_t provider, const LowerName& name) const {
  const auto with_resold = [this, provider](std::string_view lower) -> const ModelInfo* {
    if (const ModelInfo* found = find_in(provider, lower)) return found;
    const Range resells = providers[provider].resells;
    for (std::uint32_t i = resells.begin; i < resells.end; ++i) {
      const Name* const other = find_name(provider_names, texts[i], kNobody);
      if (other == nullptr || other->provider == provider) continue;
      if (const ModelInfo* found = find_in(other->provider, lower)) return found;
    }
    return nullptr;
  };
  if (const ModelInfo* found = with_resold(name.view())) return found;
  if (const auto dated = with_other_date(name)) {
    if (const ModelInfo* found = with_resold(dated->view())) return found;
  }
  // "openai/gpt-4o" at OpenAI itself; "openrouter/openai/gpt-4o".
  std::string_view rest = name.view();
  for (auto slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
    rest.remove_prefix(slash + 1);
    if (const ModelInfo* found = with_resold(rest)) return found;
  }
  return nullptr;
}

const ModelInfo* Catalogue::Tables::find_anywhere(std::string_view lower) const {
  const std::uint64_t hash = name_hash(lower);
  const ModelInfo* found = nullptr;
  for (auto at = std::ranges::lower_bound(model_names, hash, {}, &Name::hash);
       at != model_names.end() && at->hash == hash; ++at) {
    if (!base::equals_ignore_case(at->text, lower)) continue;
    const ModelInfo& model = models[at->model];
    if (found == nullptr) {
      found = &model;
    } else if (!same_prices(found->prices, model.prices)) {
      return nullptr;
    }
  }
  return found;
}

std::uint32_t Catalogue::Tables::by_endpoint(std::string_view endpoint) const {
  const LowerName name(host_and_path(endpoint));
  if (name.empty()) return kNobody;
  std::string_view whole = name.view();
  const std::size_t host_end = std::min(whole.find('/'), whole.size());
  std::string_view host = whole.substr(0, host_end);
  // A port does not tell who it is.
  if (const auto colon = host.rfind(':'); colon != std::string_view::npos) {
    host = host.substr(0, colon);
    if (host_end == whole.size()) whole = host;
  }
  // A path says more than a host, and an exact host is found at once.
  const auto with_path = std::span(host_patterns).first(path_patterns);
  const auto globs = std::span(host_patterns).subspan(path_patterns);
  const auto matches = [whole](const HostPattern& pattern) { return host_matches(pattern.text, whole); };
  if (const auto found = std::ranges::find_if(with_path, matches); found != with_path.end()) return found->provider;
  if (const Name* const found = find_name(hosts, host, kNobody)) return found->provider;
  if (const auto found = std::ranges::find_if(globs, matches); found != globs.end()) return found->provider;
  return kNobody;
}

std::uint32_t Catalogue::Tables::by_name(std::string_view name, bool with_rules) const {
  const LowerName lower(name);
  if (lower.empty()) return kNobody;
  if (const Name* found = find_name(provider_names, lower.view(), kNobody)) return found->provider;
  if (!with_rules) return kNobody;
  for (std::uint32_t i = 0; i < providers.size(); ++i) {
    for (std::uint32_t rule = providers[i].aliases.begin; rule < providers[i].aliases.end; ++rule) {
      if (rule_holds(texts[rule], lower.view())) return i;
    }
  }
  return kNobody;
}

std::uint32_t Catalogue::Tables::resolve(std::string_view provider, std::string_view endpoint) const {
  // Who is called sends the bill, whatever its kind is called.
  if (const std::uint32_t found = by_endpoint(endpoint); found != kNobody) return found;
  return says_nothing(provider) ? kNobody : by_name(provider, true);
}

Catalogue::Catalogue(std::unique_ptr<Tables> tables) : tables_(std::move(tables)) {}
Catalogue::~Catalogue() = default;

Result<std::shared_ptr<const Catalogue>> Catalogue::parse(std::string text) {
  auto tables = Tables::parse(std::move(text), {});
  if (!tables) return std::unexpected(std::move(tables).error());
  return std::shared_ptr<const Catalogue>(new Catalogue(std::move(*tables)));
}

const ModelInfo* Catalogue::find(std::string_view provider, std::string_view endpoint, std::string_view model) const {
  const LowerName name(model);
  if (name.empty()) return nullptr;
  const Tables& tables = *tables_;
  if (const std::uint32_t known = tables.resolve(provider, endpoint); known != Tables::kNobody) {
    return tables.find_for(known, name);
  }
  const std::string_view lower = name.view();
  if (const auto slash = lower.find('/'); slash != std::string_view::npos) {
    if (const std::uint32_t vendor = tables.by_name(lower.substr(0, slash), false); vendor != Tables::kNobody) {
      if (const ModelInfo* found = tables.find_for(vendor, LowerName(lower.substr(slash + 1)))) return found;
    }
  }
  for (std::uint32_t i = 0; i < tables.providers.size(); ++i) {
    const Tables::Range makes = tables.providers[i].makes;
    for (std::uint32_t rule = makes.begin; rule < makes.end; ++rule) {
      if (!rule_holds(tables.texts[rule], lower)) continue;
      if (const ModelInfo* found = tables.find_for(i, name)) return found;
      break;
    }
  }
  return tables.find_anywhere(lower);
}

std::string_view Catalogue::provider_id(std::string_view provider, std::string_view endpoint) const {
  const std::uint32_t found = tables_->resolve(provider, endpoint);
  return found == Tables::kNobody ? std::string_view{} : tables_->providers[found].id;
}

std::span<const ModelInfo> Catalogue::models() const { return tables_->models; }
std::span<const Source> Catalogue::sources() const { return tables_->sources; }

std::size_t Catalogue::memory_bytes() const {
  const auto bytes = [](const auto& vector) { return vector.capacity() * sizeof(*vector.data()); };
  const Tables& t = *tables_;
  return t.text.capacity() + bytes(t.sources) + bytes(t.providers) + bytes(t.models) + bytes(t.periods) +
         bytes(t.lines) + bytes(t.texts) + bytes(t.rules) + bytes(t.host_patterns) + bytes(t.model_names) +
         bytes(t.provider_names) + bytes(t.hosts);
}

}  // namespace gatehouse::llm
