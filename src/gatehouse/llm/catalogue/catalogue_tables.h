#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/llm/catalogue/catalogue.h"
#include "gatehouse/llm/catalogue/name_rule.h"

namespace gatehouse::llm {

// What a Catalogue holds. For catalogue.cc and catalogue_parse.cc only. All texts are views into `text`, or into the
// program where it is the built-in one.
struct Catalogue::Tables {
  struct Range {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };
  struct Provider {
    std::string_view id;
    Range aliases, makes, resells;  // of `texts`
    Range rules;                    // of `rules`
  };
  // A name that stands for one thing: of a model (by provider), of a provider, of a host.
  struct Name {
    std::uint64_t hash = 0;
    std::string_view text;  // compared without regard to case
    std::uint32_t provider = 0;
    std::uint32_t model = 0;
  };
  struct Rule {
    std::string_view text;
    std::uint32_t model = 0;
  };
  struct HostPattern {
    std::string_view text;
    std::uint32_t provider = 0;
  };
  static constexpr std::uint32_t kNobody = 0xffffffff;

  static Result<std::unique_ptr<Tables>> parse(std::string text, std::string_view kept);

  // The first of that name, or nothing; `provider` kNobody: of any provider.
  const Name* find_name(const std::vector<Name>& names, std::string_view lower, std::uint32_t provider) const;
  const ModelInfo* find_in(std::uint32_t provider, std::string_view lower) const;
  const ModelInfo* find_for(std::uint32_t provider, const LowerName& name) const;
  const ModelInfo* find_anywhere(std::string_view lower) const;
  std::uint32_t by_endpoint(std::string_view endpoint) const;
  std::uint32_t by_name(std::string_view name, bool with_rules) const;
  std::uint32_t resolve(std::string_view provider, std::string_view endpoint) const;

  std::string text;
  std::vector<Source> sources;
  std::vector<Provider> providers;
  std::vector<ModelInfo> models;
  std::vector<PricePeriod> periods;
  std::vector<PriceLine> lines;
  std::vector<std::string_view> texts;
  std::vector<Rule> rules;
  std::vector<HostPattern> host_patterns;  // first those with a path
  std::size_t path_patterns = 0;
  std::vector<Name> model_names;     // by hash, then place
  std::vector<Name> provider_names;  // the same
  std::vector<Name> hosts;           // those without "*" and path
};

}  // namespace gatehouse::llm
