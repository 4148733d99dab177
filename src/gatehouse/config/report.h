#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/config/load.h"

namespace gatehouse::config {

// A place in one of the files, counted from 1; line 0 is no place.
struct Place {
  std::uint32_t file = 0;  // position in Report's list
  int line = 0;
  int column = 0;

  bool operator==(const Place&) const = default;
};

// Collects what is found while a configuration is read. Made for one load, one thread.
class Report {
 public:
  // Bounds what a hostile file can make us say; one more line tells how many were left out.
  static constexpr std::size_t kMost = 500;

  // Returns the number that a Place names the file by.
  std::uint32_t add_file(std::string name);
  const std::string& file_name(std::uint32_t file) const { return files_[file]; }

  void problem(Place place, std::string_view path, std::string message);
  void warning(Place place, std::string_view path, std::string message);
  // Whether the value at this place was refused already.
  bool has_problem_at(Place place) const;
  bool failed() const { return !problems_.empty(); }
  // "line 3" seen from the same file, else "other.yaml:3".
  std::string where(Place place, std::uint32_t from_file) const;

  // Hands over the findings in the order of files and lines.
  void move_to(Loaded& loaded);

 private:
  struct Finding {
    Place place;
    std::size_t order = 0;  // of being found
    std::string path;
    std::string message;
  };
  struct Findings {
    std::vector<Finding> list;
    std::size_t left_out = 0;
    void add(Place place, std::string_view path, std::string message);
    bool empty() const { return list.empty(); }
  };
  std::vector<Problem> ordered(Findings& findings, std::string_view what) const;

  std::vector<std::string> files_;
  Findings problems_;
  Findings warnings_;
};

// Text of the file for a message: in backticks, control characters and what is not ASCII as `?`, cut when it is long.
std::string in_backticks(std::string_view text);

// More names than these are not compared, so that many unknown names over many known ones do not take minutes.
inline constexpr std::size_t kMostCompared = 500;
// The nearest of the names for "did you mean", or nothing when none is near.
std::string_view nearest(std::string_view name, const std::vector<std::string_view>& known);
// "; did you mean `x`?" or nothing.
std::string did_you_mean(std::string_view name, const std::vector<std::string_view>& known);

}  // namespace gatehouse::config
