#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"

namespace gatehouse::admin {

// `%41` to `A`; nothing for an escape that is cut off, or for control characters.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

// The segments of a path, decoded. Nothing for one that could be read in two ways: empty segments, `.`, `..`, control
// characters, encoded or not.
std::optional<std::vector<std::string>> split_path(std::string_view path);

// The parameters behind the '?'.
class Query {
 public:
  // Code::invalid_request for one that is unknown, given twice (unless `repeatable`), or malformed.
  static Result<Query> parse(std::string_view text, std::span<const std::string_view> known,
                             std::string_view repeatable = {});
  // Empty: not given.
  std::string_view get(std::string_view name) const;
  std::vector<std::string> all(std::string_view name) const;
  Result<std::size_t> limit(std::size_t otherwise, std::size_t most) const;
  Result<std::optional<base::WallTime>> time(std::string_view name) const;
  Result<bool> flag(std::string_view name) const;

 private:
  std::multimap<std::string, std::string, std::less<>> values_;
};

// Where a list goes on: behind the last id that was looked at. It says nothing that its reader could not ask for
// otherwise, and every object is judged again on each page, so it needs no signature; one of another list is refused.
std::string make_cursor(std::string_view list, std::string_view after);
Result<std::string> read_cursor(std::string_view list, std::string_view cursor);

}  // namespace gatehouse::admin
