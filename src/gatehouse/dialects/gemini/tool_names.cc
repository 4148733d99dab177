#include "gatehouse/dialects/gemini/tool_names.h"

#include <algorithm>

#include <fmt/format.h>

#include "gatehouse/dialects/gemini/reading.h"

namespace gatehouse::dialects::gemini {
namespace {

constexpr std::size_t kLongest = 128;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_allowed(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == ':' || c == '-'; }

bool is_valid(std::string_view name) {
  if (name.empty() || name.size() > kLongest || !is_letter(name.front())) return false;
  for (const char c : name) {
    if (!is_allowed(c)) return false;
  }
  return true;
}

}  // namespace

void ToolNames::reserve(std::string_view name) {
  if (is_valid(name)) taken_.emplace(name);
}

std::string ToolNames::unused(std::string_view wished) {
  std::string name(wished);
  for (std::size_t n = 2; taken_.contains(name); ++n) name = fmt::format("{}_{}", wished, n);
  taken_.insert(name);
  return name;
}

const std::string& ToolNames::sent(const std::string& name) {
  const auto [at, added] = sent_.try_emplace(name);
  std::string& sent = at->second;
  if (!added) return sent;
  if (is_valid(name)) return sent = name;
  for (const char c : name) sent.push_back(is_allowed(c) ? c : '_');
  if (sent.empty() || !is_letter(sent.front())) sent.insert(sent.begin(), '_');
  // What is cut off, or was made the same, has to be told apart still.
  if (sent.size() > kLongest || taken_.contains(sent)) {
    sent.resize(std::min(sent.size(), kLongest - 17));
    sent += fmt::format("_{:016x}", hash_of(name));
  }
  taken_.insert(sent);
  rewrites_.tool_names.emplace_back(sent, name);
  return sent;
}

}  // namespace gatehouse::dialects::gemini
