#include "gatehouse/stages/admit/caller_tags.h"

#include <algorithm>
#include <string>

#include "gatehouse/base/strings.h"

namespace gatehouse::stages {
namespace {

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    const char lower = base::lower(c);
    return (lower >= 'a' && lower <= 'z') || base::is_digit(c) || c == '_' || c == '.' || c == '-';
  });
}

bool is_value(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '='; });
}

}  // namespace

Result<void> CallerTags::parse(std::string_view field) {
  count_ = 0;
  while (!field.empty()) {
    const auto comma = field.find(',');
    const auto tag = base::trim(field.substr(0, comma));
    field = comma == std::string_view::npos ? std::string_view() : field.substr(comma + 1);
    if (tag.empty()) continue;
    const auto equals = tag.find('=');
    if (equals == std::string_view::npos || !is_name(tag.substr(0, equals)) || !is_value(tag.substr(equals + 1)) ||
        tag.size() > kMaxSize) {
      return fail(Code::invalid_request, "x-gatehouse-tags must be name=value pairs, separated by commas, of at most " +
                                             std::to_string(kMaxSize) + " characters each");
    }
    if (count_ == kMost) {
      return fail(Code::invalid_request, "x-gatehouse-tags may hold " + std::to_string(kMost) + " tags");
    }
    tags_[count_++] = tag;
  }
  return {};
}

}  // namespace gatehouse::stages
