#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "gatehouse/dialects/codec.h"

namespace gatehouse::dialects::gemini {

// Tools' names as Gemini takes them: a letter or an underscore, then letters, digits, underscores, dots, colons and
// dashes, 128 characters at most (the types of @google/genai 3.1.0). Others are rewritten, each to a name of its own,
// and written down for the way back. One request's.
class ToolNames {
 public:
  explicit ToolNames(Rewrites& rewrites) : rewrites_(rewrites) {}

  // Keeps a name that needs no change from being given to another; call it for all before the first `sent`.
  void reserve(std::string_view name);
  const std::string& sent(const std::string& name);
  // A name that nobody has.
  std::string unused(std::string_view wished);

 private:
  Rewrites& rewrites_;
  std::unordered_set<std::string> taken_;
  std::unordered_map<std::string, std::string> sent_;
};

}  // namespace gatehouse::dialects::gemini
