#pragma once

#include <array>
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

// How deep in strings inside strings of JSON a text stands that is written byte by byte: 1 in a string of the JSON
// itself, 2 in a string of JSON that such a string holds, and so on. Text in quotes is not JSON: a string counts as
// such when it begins like an object or an array.
class JsonNesting {
 public:
  void feed(std::string_view text);
  unsigned depth() const;  // 1 to kMost

  static constexpr std::size_t kMost = 3;

 private:
  enum class Holds : std::uint8_t { undecided, after_bracket, json, text };
  struct Level {
    bool in_string = false;
    Holds holds = Holds::undecided;
  };
  void quote();
  void other(char c);
  std::array<Level, kMost> levels_{};
  std::size_t backslashes_ = 0;  // just before
};

// Puts the values back where a model wrote tokens: `[PII:EMAIL:tok_...]`, also with backslashes before its brackets
// (Markdown) and in either case; backticks around it stay. What no value is found for stays as it is.
//
// A stream's text grows, cut anywhere; the rules are those of Detector: `look` returns a frontier before which nothing
// changes with what follows. What is behind it (a token in progress, at most kLongestToken and two backslashes) is
// held, and looked at again with more; looking again from further in front does no harm.
//
// Escaping, by the text's kind, one level below the JSON that carries the text itself (that one is the splicer's):
//   tool_arguments  the value stands in a JSON string of the arguments: escaped for it, and again for each string of
//                   JSON inside a string (JsonNesting)
//   url             percent-encoded but for unreserved characters (RFC 3986 section 2.3)
//   media           nothing is restored
//   others          as it is
//
// Serves all texts of an answer; one thread's. `lookup` is asked for each token that is seen whole, with every look at
// it; it outlives the Restorer.
class Restorer {
 public:
  using Lookup = base::FunctionRef<std::optional<base::Secret>(const TokenId&)>;
  explicit Restorer(Lookup lookup) : lookup_(lookup) {}

  // Looks at `text` from `from` on; what is in front of it is context: backslashes and, of tool arguments, quotes.
  // `begin` is how tool arguments stand where `text` begins: it matters for JSON inside JSON once the text's own
  // beginning has been left behind; without it such values are escaped once. Appends to `out`, ascending, without
  // overlaps. Returns the frontier: of a complete text its size.
  std::size_t look(std::string_view text, std::size_t from, bool complete, llm::SegmentKind kind,
                   std::vector<Restoration>& out, const JsonNesting& begin = {});

  // Of values in one look; tokens past it stay as they are. A value may be 16 KiB where a token is 30 bytes: this
  // bounds what a text that repeats one can become.
  static constexpr std::size_t kMostBytes = 4UL << 20;

 private:
  Lookup lookup_;
};

// Each token of a text with its place, in order; false: there were more than `most`, the rest was not visited. For
// what stands in a request: what to preload, and what detectors found inside of tokens of ours.
bool find_tokens(std::string_view text, std::size_t most,
                 base::FunctionRef<void(std::size_t begin, std::size_t end, const TokenId& id)> visit);

}  // namespace gatehouse::guard
