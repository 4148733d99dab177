#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/llm/catalogue/catalogue.h"
#include "gatehouse/llm/catalogue/prices.h"

namespace gatehouse::llm {

// A row of the operator's. Prices are decimal dollars per million tokens ("2.5"), by the piece dollars per thousand.
struct PriceOverride {
  std::string provider{};  // the configured provider's name, or the catalogue's id; empty: any
  std::string model{};     // as sent to the provider; may end in "*"
  bool free = false;       // costs nothing: one's own hardware. No price may stand beside it.
  // Each holds for all tiers, times and prompt sizes. What is not given has no price of its own (see price_of). With
  // none given at all the built-in prices stay: a row may correct limits alone.
  std::optional<std::string> input{}, output{}, cached{}, cache_write{}, cache_write_1h{}, reasoning{};
  std::optional<std::string> input_audio{}, output_audio{};
  std::optional<std::string> request{};  // per thousand requests
  std::uint32_t context_tokens = 0;      // 0: as built in
  std::uint32_t max_output_tokens = 0;
};

// What a model without a known price is taken to cost: dear enough that a mistake is noticed, never free.
struct UnknownPrice {
  std::string input = "10";  // dollars per million tokens
  std::string output = "30";
};

// What is known of a model where it is called. Views into the PriceBook that gave it.
struct ModelPrice {
  Prices prices;                     // never empty
  const ModelInfo* model = nullptr;  // the built-in row; null: none
  std::uint32_t context_tokens = 0;  // 0: not known
  std::uint32_t max_output_tokens = 0;
  bool price_known = false;  // false: the prices are those of UnknownPrice
  bool free = false;         // the operator said so
  bool overridden = false;   // the prices are the operator's
};

// Operator's rows, then the built-in catalogue, then the price of the unknown. Immutable; made with a configuration and
// owned by its runtime; any thread may ask.
class PriceBook {
 public:
  // Code::configuration, naming the row (1, 2 ...), for prices that are no decimal numbers, a "*" that does not stand
  // at the end, an empty model, `free` beside a price, an input without an output price or the other way round, a row
  // given twice.
  static Result<std::shared_ptr<const PriceBook>> make(std::shared_ptr<const Catalogue> catalogue,
                                                       const std::vector<PriceOverride>& overrides = {},
                                                       const UnknownPrice& unknown = {});
  ~PriceBook();
  PriceBook(const PriceBook&) = delete;
  PriceBook& operator=(const PriceBook&) = delete;

  // `name` is the configured provider's name, `kind` its kind and `endpoint` the host and path of its base URL. Exact
  // rows of the operator before patterns, longer patterns before shorter, rows that name the provider before those that
  // do not. No allocation.
  ModelPrice find(std::string_view name, std::string_view kind, std::string_view endpoint,
                  std::string_view model) const;

  const Catalogue& catalogue() const;

 private:
  struct Tables;
  explicit PriceBook(std::unique_ptr<Tables> tables);
  std::unique_ptr<Tables> tables_;
};

}  // namespace gatehouse::llm
