#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/json/value.h"

namespace gatehouse::admin {

inline constexpr std::size_t kMaxBodySize = 256UL * 1024;

// The members of a request's body, read strictly: an object, no name twice at any depth, nothing that is not known.
// Absent members read as nothing, null as present and nothing (`given` tells the two apart). The first thing that is
// wrong is kept in `error` and everything reads as nothing from then on. The text must outlive it.
class Body {
 public:
  // An empty text is an empty object.
  static Result<Body> parse(std::string_view text, std::span<const std::string_view> known);

  bool given(std::string_view name) const { return members_.contains(name); }
  bool null(std::string_view name) const { return raw(name) == "null"; }
  std::string_view raw(std::string_view name) const;  // empty: absent
  json::Value value(std::string_view name) const { return json::Value(raw(name)); }

  std::optional<std::string> text(std::string_view name, std::size_t most = 256);
  std::optional<bool> boolean(std::string_view name);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most);
  std::optional<std::vector<std::string>> list(std::string_view name, std::size_t most = 256);
  std::optional<std::string> object(std::string_view name);  // as it stands
  std::optional<base::WallTime> time(std::string_view name);

  void wrong(std::string_view name, std::string_view why);
  const std::optional<Error>& error() const { return error_; }
  const std::map<std::string, std::string_view, std::less<>>& members() const { return members_; }

 private:
  std::map<std::string, std::string_view, std::less<>> members_;
  std::optional<Error> error_;
};

}  // namespace gatehouse::admin
