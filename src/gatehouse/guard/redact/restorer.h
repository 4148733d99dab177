#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "gatehouse/base/function_ref.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/guard/redact/token.h"
#include "gatehouse/llm/segment.h"

namespace gatehouse::guard {

// A token in a text and what stands there instead: already escaped for the text's kind (see Restorer), so that it only
// has to be put in. Offsets are of the text that was looked at.
struct Restoration {
  std::size_t offset = 0;
  std::size_t length = 0;
  base::Secret value;
};

// Puts the values back where a model wrote tokens: `[PII:EMAIL:tok_...]`, also with backslashes before its brackets
// (Markdown) and in either case; backticks around it stay. What no value is found for stays as it is.
//
// A stream's text grows, cut anywhere; the rules are those of Detector: `look` returns a frontier before which nothing
// changes with what follows; what is behind it (a token in progress, at most kLongestToken bytes) is held and looked at
// again with more. Text from `look.from` on is looked at; the few bytes in front of it are context (backslashes, and
// for tool arguments the quote before).
//
// Escaping, by the text's kind, one level below the JSON that carries the text itself (that one is the splicer's):
//   tool_arguments  the value stands in a JSON string of the arguments: escaped for it, and twice where the string is
//                   JSON again (told by the quotes before it, within the look)
//   url             percent-encoded but for unreserved characters (RFC 3986)
//   media           nothing is restored
//   others          as it is
//
// One answer's, one thread's. `lookup` is asked once a token and look; it outlives the Restorer.
class Restorer {
 public:
  using Lookup = base::FunctionRef<std::optional<base::Secret>(const TokenId&)>;
  explicit Restorer(Lookup lookup) : lookup_(lookup) {}

  // Appends to `out`, ascending, without overlaps. Returns the frontier: of a complete text its size.
  std::size_t look(std::string_view text, std::size_t from, bool complete, llm::SegmentKind kind,
                   std::vector<Restoration>& out);

  std::uint64_t restored() const { return restored_; }
  std::uint64_t left() const { return left_; }  // tokens without a value

  // In one answer; what comes after it stays as it is. Each value may be 16 KiB where a token is 30 bytes, so this
  // bounds how much longer a text becomes.
  static constexpr std::uint64_t kMost = 4096;
  static constexpr std::size_t kMostBytes = 4UL << 20;

 private:
  Lookup lookup_;
  std::uint64_t restored_ = 0;
  std::uint64_t left_ = 0;
  std::size_t bytes_ = 0;
};

// Each token of a text with its place, in order; false: there were more than `most`, the rest was not visited. For
// what stands in a request: what to preload, and what detectors found inside of tokens of ours.
bool find_tokens(std::string_view text, std::size_t most,
                 base::FunctionRef<void(std::size_t begin, std::size_t end, const TokenId& id)> visit);

}  // namespace gatehouse::guard
