#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "gatehouse/base/error.h"

namespace gatehouse::stages {

// The tags of x-gatehouse-tags: "team=search, feature=chat". At most kMost, each at most kMaxSize bytes: a name of
// letters, digits and `_.-`, an equals sign, a value of visible ASCII without comma or equals sign. Views into the
// field.
class CallerTags {
 public:
  static constexpr std::size_t kMost = 16;
  static constexpr std::size_t kMaxSize = 128;

  // Code::invalid_request, saying what is wrong.
  Result<void> parse(std::string_view field);
  std::span<const std::string_view> all() const { return std::span(tags_).first(count_); }

 private:
  std::array<std::string_view, kMost> tags_;
  std::size_t count_ = 0;
};

}  // namespace gatehouse::stages
