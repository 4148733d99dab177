#include "gatehouse/admin/api/body.h"

#include <algorithm>
#include <set>
#include <utility>

#include "gatehouse/config/units.h"
#include "gatehouse/json/scan.h"

namespace gatehouse::admin {
namespace {

// Parsers disagree about which of two counts. Depth is bounded by json::kMaxDepth: the text was scanned before.
bool has_twins(std::string_view raw) {
  const auto kind = json::kind_of(raw);
  bool twins = false;
  if (kind == json::Kind::object) {
    std::set<std::string, std::less<>> seen;
    json::walk_object(raw, [&](const json::Member& member) {
      twins = twins || !seen.emplace(member.key).second || has_twins(member.value);
    });
  } else if (kind == json::Kind::array) {
    json::walk_array(raw, [&](const json::Element& element) { twins = twins || has_twins(element.value); });
  }
  return twins;
}

}  // namespace

Result<Body> Body::parse(std::string_view text, std::span<const std::string_view> known) {
  Body body;
  if (text.empty()) return body;
  bool strange = false;
  bool twice = false;
  const auto scanned = json::scan_object(text, [&](const json::Member& member) {
    strange = strange || std::ranges::find(known, member.key) == known.end();
    if (body.members_.size() < known.size() || !strange) {
      twice = twice || !body.members_.emplace(std::string(member.key), member.value).second;
    }
  });
  if (!scanned) return fail(Code::invalid_request, "The body is not a JSON object: " + scanned.error().detail);
  if (strange) {
    std::string names;
    for (const auto name : known) names.append(names.empty() ? "" : ", ").append(name);
    return fail(Code::invalid_request, known.empty() ? "No members are known here" : "Known members are: " + names);
  }
  for (const auto& [name, raw] : body.members_) twice = twice || has_twins(raw);
  if (twice) return fail(Code::invalid_request, "A member is given twice");
  return body;
}

std::string_view Body::raw(std::string_view name) const {
  const auto at = members_.find(name);
  return at == members_.end() || error_ ? std::string_view() : at->second;
}

void Body::wrong(std::string_view name, std::string_view why) {
  if (!error_) error_ = Error(Code::invalid_request, std::string(name) + ": " + std::string(why));
}

std::optional<std::string> Body::text(std::string_view name, std::size_t most) {
  const auto raw_text = raw(name);
  if (raw_text.empty() || raw_text == "null") return std::nullopt;
  auto read = json::read_string(raw_text);
  if (!read || read->size() > most) {
    wrong(name, "a text of at most " + std::to_string(most) + " bytes");
    return std::nullopt;
  }
  return read;
}

std::optional<bool> Body::boolean(std::string_view name) {
  const auto raw_text = raw(name);
  if (raw_text.empty() || raw_text == "null") return std::nullopt;
  const auto read = json::read_bool(raw_text);
  if (!read) wrong(name, "true or false");
  return read;
}

std::optional<std::int64_t> Body::integer(std::string_view name, std::int64_t least, std::int64_t most) {
  const auto raw_text = raw(name);
  if (raw_text.empty() || raw_text == "null") return std::nullopt;
  const auto read = json::read_integer(raw_text);
  if (!read || *read < least || *read > most) {
    wrong(name, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return std::nullopt;
  }
  return read;
}

std::optional<std::vector<std::string>> Body::list(std::string_view name, std::size_t most) {
  const auto raw_text = raw(name);
  if (raw_text.empty() || raw_text == "null") return std::nullopt;
  std::vector<std::string> read;
  bool good = json::kind_of(raw_text) == json::Kind::array;
  const bool walked = good && json::walk_array(raw_text, [&](const json::Element& element) {
                        auto one = json::read_string(element.value);
                        good = good && one.has_value() && read.size() < most;
                        if (good) read.push_back(std::move(*one));
                      });
  if (!good || !walked) {
    wrong(name, "a list of at most " + std::to_string(most) + " texts");
    return std::nullopt;
  }
  return read;
}

std::optional<std::string> Body::object(std::string_view name) {
  const auto raw_text = raw(name);
  if (raw_text.empty() || raw_text == "null") return std::nullopt;
  if (json::kind_of(raw_text) != json::Kind::object) {
    wrong(name, "an object");
    return std::nullopt;
  }
  return std::string(raw_text);
}

std::optional<base::WallTime> Body::time(std::string_view name) {
  const auto written = text(name, 64);
  if (!written) return std::nullopt;
  const auto parsed = config::parse_time(*written);
  if (!parsed) {
    wrong(name, "a date, or a date-time of RFC 3339");
    return std::nullopt;
  }
  return *parsed;
}

}  // namespace gatehouse::admin
