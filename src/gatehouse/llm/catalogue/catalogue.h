#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/llm/catalogue/prices.h"

namespace gatehouse::llm {

// What a model can do, as bits of ModelInfo::capabilities. A bit that is not set says "not known to".
enum class Capability : std::uint16_t {
  vision = 1,
  audio_in = 2,
  audio_out = 4,
  tools = 8,
  json_schema = 16,
  reasoning = 32,
  documents = 64,
  video_in = 128,
  image_out = 256,
};
inline constexpr std::size_t kCapabilityCount = 9;
std::string_view name(Capability capability);

// Where facts are from.
struct Source {
  std::string_view name;     // "@pydantic/genai-prices 0.1.8"
  std::string_view date;     // "2026-09-23": what it knew then
  std::string_view licence;  // "MIT"
};

struct ModelInfo {
  std::string_view provider;  // the catalogue's id: "openai", "aws"
  std::string_view id;
  Prices prices;
  std::uint32_t context_tokens = 0;     // the window; 0: not known
  std::uint32_t max_output_tokens = 0;  // 0: not known
  std::uint16_t capabilities = 0;
  bool deprecated = false;
  std::string_view retires;   // "2026-10-01" where a date is known
  std::uint32_t sources = 0;  // bit n: Catalogue::sources()[n]

  bool can(Capability capability) const { return (capabilities & static_cast<std::uint16_t>(capability)) != 0; }
};

// Prices, limits and abilities of models as they were known when the gateway was built, with the source and date of
// every row (docs/catalogue.md). Immutable once parsed and safe for any thread. Owner: app, for as long as any
// PriceBook; everything found in it is a view into it, so it is neither copied nor moved.
class Catalogue {
 public:
  ~Catalogue();
  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;

  // The one that is part of the program. Takes a few milliseconds: call it once at the start. Never null; a catalogue
  // that cannot be read is a fault of the build, and aborts.
  static std::shared_ptr<const Catalogue> built_in();
  // The text of a catalogue (docs/catalogue.md has the format), which is kept. Code::configuration with the line that
  // is wrong. Bounds: kMaxText bytes, kMaxModels models.
  static Result<std::shared_ptr<const Catalogue>> parse(std::string text);
  static constexpr std::size_t kMaxText = std::size_t{16} << 20;
  static constexpr std::size_t kMaxModels = 65'536;
  // Names longer than this are not found.
  static constexpr std::size_t kMaxName = 256;

  // The row for a model as a provider calls it; null where there is none or where it would be a guess.
  //   provider  a catalogue's provider id or another name for it ("gemini" for "google"), a provider kind of the
  //             configuration, or empty. "openai_compatible", "custom" and "" say nothing: then the host decides.
  //   endpoint  the host of the provider's base URL, with its path, or the URL; may be empty.
  //   model     as sent to the provider. Case does not count.
  // Looked for in turn: the exact name among that provider's models, its rules (prefixes and so on), the same with the
  // date in the name written the other way (20260131, 2026-01-31), providers whose models it resells (Azure has
  // OpenAI's), the name without a leading "vendor/". Where neither provider nor host is known: the provider of the
  // "vendor/" prefix, the one that makes models of such names ("claude..." is Anthropic's), or the only one that has
  // the exact name, or all that have it if they agree on the price. Thread-safe, no allocation.
  const ModelInfo* find(std::string_view provider, std::string_view endpoint, std::string_view model) const;

  // The catalogue's id of a provider, by its host where that is known, else by its name or kind; empty where neither
  // is.
  std::string_view provider_id(std::string_view provider, std::string_view endpoint) const;

  std::span<const ModelInfo> models() const;  // by provider, then id
  std::span<const Source> sources() const;    // at most 32
  std::size_t memory_bytes() const;           // roughly what it holds

  struct Tables;  // for catalogue*.cc

 private:
  explicit Catalogue(std::unique_ptr<Tables> tables);
  std::unique_ptr<Tables> tables_;
};

}  // namespace gatehouse::llm
