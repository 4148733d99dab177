#include "gatehouse/dialects/bedrock/names.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "gatehouse/base/strings.h"

namespace gatehouse::dialects::bedrock {
namespace {

constexpr std::size_t kMostName = 64;
constexpr std::size_t kMostDocument = 200;
constexpr std::size_t kHash = 16;

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || base::is_digit(c); }
bool is_name_character(char c) { return is_alphanumeric(c) || c == '_' || c == '-'; }
bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kMostName && std::ranges::all_of(text, is_name_character);
}

// FNV-1a of 64 bits (https://datatracker.ietf.org/doc/html/draft-eastlake-fnv): the same everywhere and for ever, as a
// name that changes would lose the provider's cache of the prompt. Nobody gains by a collision but against himself.
std::string hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return fmt::format("{:016x}", hash);
}

// Its readable part, and the hash of all of it.
std::string name_for(std::string_view text) {
  std::string name(text.substr(0, kMostName - kHash - 1));
  std::ranges::replace_if(name, [](char c) { return !is_name_character(c); }, '_');
  return name + "_" + hash_of(text);
}

}  // namespace

void Names::reserve(std::string_view tool) {
  if (is_name(tool)) taken_.emplace(tool);
}

std::string Names::tool(std::string_view name) {
  if (is_name(name)) return std::string(name);
  if (const auto known = sent_.find(name); known != sent_.end()) return known->second;
  std::string sent = name_for(name);
  while (!taken_.insert(sent).second) sent = name_for(sent);
  sent_.emplace(name, sent);
  return sent;
}

std::string Names::fresh(std::string_view wish) {
  std::string name(wish);
  while (!taken_.insert(name).second) name = name_for(name);
  return name;
}

std::vector<std::pair<std::string, std::string>> Names::changed() const {
  std::vector<std::pair<std::string, std::string>> changed;
  changed.reserve(sent_.size());
  for (const auto& [name, sent] : sent_) changed.emplace_back(sent, name);
  return changed;
}

std::string Names::call(std::string_view id, std::string_view tool) {
  auto found = calls_.find(id);
  if (found == calls_.end()) found = calls_.emplace(id, Calls()).first;
  std::vector<Call>& same = found->second.calls;
  std::string sent = is_name(id)  ? std::string(id)
                     : id.empty() ? fmt::format("call_{}", same.size() + 1)
                                  : name_for(id);
  for (std::size_t again = same.size() + 1; !ids_.insert(sent).second; ++again) {
    sent = name_for(fmt::format("{}#{}", id, again));
  }
  same.push_back({std::string(tool), sent});
  return sent;
}

std::string Names::result(std::string_view id, std::string_view tool) {
  if (const auto found = calls_.find(id); found != calls_.end()) {
    std::vector<Call>& same = found->second.calls;
    std::size_t& first = found->second.first_open;
    while (first < same.size() && same[first].answered) ++first;
    const auto open = [&](bool named) {
      return std::find_if(same.begin() + static_cast<std::ptrdiff_t>(first), same.end(),
                          [&](const Call& call) { return !call.answered && (!named || call.tool == tool); });
    };
    // An id says it all; without one the tool's name helps.
    auto call = open(id.empty() && !tool.empty());
    if (call == same.end()) call = open(false);
    if (call == same.end()) return same.back().sent;
    call->answered = true;
    return call->sent;
  }
  // A result of a call that is not there: the service will say so.
  return is_name(id) ? std::string(id) : name_for(id);
}

std::string Names::document(std::string_view title) {
  ++document_count_;
  std::string name;
  // The format is told beside it.
  if (const auto dot = title.rfind('.'); dot != std::string_view::npos && dot > 0 && title.size() - dot <= 5) {
    title = title.substr(0, dot);
  }
  for (const char c : title) {
    const bool kept = is_alphanumeric(c) || c == '-' || c == '(' || c == ')' || c == '[' || c == ']';
    if (kept) {
      name.push_back(c);
    } else if (!name.empty() && name.back() != ' ') {
      name.push_back(' ');
    }
    if (name.size() == kMostDocument - 8) break;
  }
  while (name.ends_with(' ')) name.pop_back();
  if (name.empty()) name = fmt::format("Document {}", document_count_);
  const std::string plain = name;
  for (std::size_t again = document_count_; !documents_.insert(name).second; ++again)
    name = fmt::format("{} ({})", plain, again);
  return name;
}

}  // namespace gatehouse::dialects::bedrock
