#include "gatehouse/dialects/anthropic/tool_names.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

namespace gatehouse::dialects::anthropic {
namespace {

bool allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool all_allowed(std::string_view text) { return std::ranges::all_of(text, allowed); }

// FNV-1a; not against an adversary: who could make two ids collide is the caller whose ids they are.
std::uint64_t hash_of(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325 ^ seed;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

std::string_view ToolNames::sent(std::string_view name) {
  if (!name.empty() && name.size() <= kMostName && all_allowed(name)) return name;
  for (const auto& [as_sent, as_told] : changed_) {
    if (as_told == name) return keep(as_sent);
  }
  std::string made(name.substr(0, kMostName));
  std::ranges::replace_if(made, [](char c) { return !allowed(c); }, '_');
  // A bare replacement can meet another's name, a cut one too: then its hash tells them apart.
  if (made.empty() || name.size() > kMostName || taken_.contains(made)) {
    made.resize(std::min(made.size(), kMostName - 17));
    made += fmt::format("_{:016x}", hash_of(name, 0));
  }
  taken_.emplace(made, true);
  changed_.emplace_back(made, std::string(name));
  return keep(std::move(made));
}

std::string_view ToolNames::fresh(std::string_view wish) {
  std::string made(wish);
  while (taken_.contains(made)) made.push_back('_');
  taken_.emplace(made, true);
  return keep(std::move(made));
}

std::string_view ToolNames::call_id(std::string_view id, std::string_view tool) {
  if (id.empty()) {
    const std::string_view made = keep(fmt::format("toolu_unnamed_{}", ++unnamed_));
    unanswered_.emplace_back(std::string(tool), made);
    return made;
  }
  if (all_allowed(id)) return id;
  return keep(fmt::format("toolu_{:016x}{:016x}", hash_of(id, 0), hash_of(id, 0x9e3779b97f4a7c15)));
}

std::string_view ToolNames::result_id(std::string_view id, std::string_view tool) {
  if (!id.empty()) return call_id(id, tool);
  auto found = std::ranges::find_if(unanswered_, [tool](const auto& call) { return call.first == tool; });
  if (found == unanswered_.end()) found = unanswered_.begin();
  if (found == unanswered_.end()) return keep(fmt::format("toolu_unnamed_{}", ++unnamed_));
  const std::string_view answered = found->second;
  unanswered_.erase(found);
  return answered;
}

}  // namespace gatehouse::dialects::anthropic
