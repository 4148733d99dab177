#include "gatehouse/config/report.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/base/strings.h"

namespace gatehouse::config {

std::string Problem::to_string() const {
  std::string result = file;
  if (line > 0) fmt::format_to(std::back_inserter(result), ":{}:{}", line, column);
  if (!result.empty()) result += ": ";
  if (!path.empty()) result.append(path).append(": ");
  return result += message;
}

std::uint32_t Report::add_file(std::string name) {
  files_.push_back(std::move(name));
  return static_cast<std::uint32_t>(files_.size() - 1);
}

void Report::Findings::add(Place place, std::string_view path, std::string message) {
  if (list.size() == kMost) {
    ++left_out;
  } else {
    list.push_back({.place = place, .order = list.size(), .path = std::string(path), .message = std::move(message)});
  }
}

void Report::problem(Place place, std::string_view path, std::string message) {
  problems_.add(place, path, std::move(message));
}

void Report::warning(Place place, std::string_view path, std::string message) {
  warnings_.add(place, path, std::move(message));
}

bool Report::has_problem_at(Place place) const {
  return std::ranges::find(problems_.list, place, &Finding::place) != problems_.list.end();
}

std::string Report::where(Place place, std::uint32_t from_file) const {
  return place.file == from_file ? fmt::format("line {}", place.line)
                                 : fmt::format("{}:{}", files_[place.file], place.line);
}

std::vector<Problem> Report::ordered(Findings& findings, std::string_view what) const {
  std::ranges::sort(findings.list, {}, [](const Finding& finding) {
    return std::tuple(finding.place.file, finding.place.line, finding.place.column, finding.order);
  });
  std::vector<Problem> result;
  result.reserve(findings.list.size() + 1);
  for (Finding& finding : findings.list) {
    result.push_back({.file = finding.place.file < files_.size() ? files_[finding.place.file] : std::string(),
                      .line = finding.place.line,
                      .column = finding.place.column,
                      .path = std::move(finding.path),
                      .message = std::move(finding.message)});
  }
  if (findings.left_out > 0) {
    result.push_back(
        {.file = {}, .path = {}, .message = fmt::format("{} more {} are not shown", findings.left_out, what)});
  }
  findings = {};
  return result;
}

void Report::move_to(Loaded& loaded) {
  loaded.problems = ordered(problems_, "problems");
  loaded.warnings = ordered(warnings_, "warnings");
}

std::string in_backticks(std::string_view text) {
  constexpr std::size_t kMostShown = 60;
  std::string result = "`";
  for (const char c : text.substr(0, kMostShown)) result += c >= 0x20 && c < 0x7f && c != '`' ? c : '?';
  if (text.size() > kMostShown) result += "...";
  return result += '`';
}

std::string_view nearest(std::string_view name, const std::vector<std::string_view>& known) {
  constexpr std::size_t kLongest = 64;  // names beyond it are no slips of the finger
  if (name.size() > kLongest) return {};
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, std::min<std::size_t>(name.size() / 3, 4)) + 1;
  for (std::size_t i = 0; i < std::min(known.size(), kMostCompared); ++i) {
    if (known[i].size() > kLongest) continue;
    const auto distance = base::edit_distance(base::to_lower(name), base::to_lower(known[i]));
    if (distance < best_distance) {
      best_distance = distance;
      best = known[i];
    }
  }
  return best;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string_view>& known) {
  const auto best = nearest(name, known);
  return best.empty() ? std::string() : fmt::format("; did you mean `{}`?", best);
}

}  // namespace gatehouse::config
