#include "gatehouse/dialects/openai_chat/tool_ids.h"

#include <algorithm>
#include <cstdint>

namespace gatehouse::dialects::openai_chat {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kMostName = 64;
constexpr std::size_t kNameHash = 8;

bool is_alphanumeric(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

// FNV-1a, then the finish of splitmix64, so that short ids spread too. The same in every process: an id that was sent
// once has to come out alike in the next turn.
std::uint64_t hash(std::string_view text, std::uint64_t salt) {
  std::uint64_t value = 0xCBF29CE484222325ULL ^ (salt * 0x9E3779B97F4A7C15ULL);
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31U);
}

std::string hashed(std::string_view text, std::uint64_t salt, std::size_t length) {
  std::string out;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < length; ++i) {
    if (i % 9 == 0) value = hash(text, salt + i * 0x10001ULL);  // 9 digits are what 53 bits give
    out.push_back(kDigits[value % kDigits.size()]);
    value /= kDigits.size();
  }
  return out;
}

}  // namespace

ToolIds::ToolIds(const std::vector<llm::Message>& messages, std::size_t exactly, std::size_t most)
    : exactly_(exactly), most_(most) {
  const auto each = [&](const auto& visit) {
    for (const llm::Message& message : messages) {
      for (const llm::Block& block : message.blocks) visit(block);
    }
  };
  // Those that stay as they are come first, so that no hash takes their place.
  each([&](const llm::Block& block) {
    const auto* const call = block.as<llm::ToolCall>();
    const auto* const result = block.as<llm::ToolResult>();
    if (call != nullptr && fits(call->id)) used_.insert(call->id);
    if (result != nullptr && fits(result->call_id)) used_.insert(result->call_id);
  });
  struct Pending {
    const llm::ToolCall* call;
    std::string id;
  };
  std::vector<Pending> pending;  // calls without an id that have no result yet
  std::size_t made = 0;
  each([&](const llm::Block& block) {
    if (const auto* const call = block.as<llm::ToolCall>()) {
      std::string id = call->id;
      if (id.empty()) {
        id = "call_" + std::to_string(made++);
        pending.push_back({call, id});
      }
      blocks_[call] = sent(id);
    } else if (const auto* const result = block.as<llm::ToolResult>()) {
      std::string id = result->call_id;
      if (id.empty()) {
        auto found = std::ranges::find_if(
            pending, [&](const Pending& one) { return result->name.empty() || one.call->name == result->name; });
        if (found == pending.end()) found = pending.begin();
        if (found != pending.end()) {
          id = std::move(found->id);
          pending.erase(found);
        } else {
          id = "call_" + std::to_string(made++);
        }
      }
      blocks_[result] = sent(id);
    }
  });
}

std::string_view ToolIds::find(const void* block) const {
  const auto found = blocks_.find(block);
  return found == blocks_.end() ? std::string_view() : std::string_view(found->second);
}

bool ToolIds::fits(std::string_view id) const {
  if (id.empty()) return false;
  if (exactly_ != 0) return id.size() == exactly_ && std::ranges::all_of(id, is_alphanumeric);
  return most_ == 0 || id.size() <= most_;
}

const std::string& ToolIds::sent(const std::string& id) {
  const auto [place, fresh] = sent_.try_emplace(id);
  if (!fresh) return place->second;
  if (fits(id)) {
    place->second = id;
    used_.insert(id);
    return place->second;
  }
  for (std::uint64_t salt = 0;; ++salt) {
    std::string candidate =
        exactly_ != 0 ? hashed(id, salt, exactly_) : hashed(id, salt, std::min<std::size_t>(most_, 24));
    if (used_.insert(candidate).second) {
      place->second = std::move(candidate);
      return place->second;
    }
  }
}

std::string_view ToolNames::of(std::string_view name) {
  const auto fits = [](char c) { return is_alphanumeric(c) || c == '_' || c == '-'; };
  if (!name.empty() && name.size() <= kMostName && std::ranges::all_of(name, fits)) return name;
  const auto [place, fresh] = names_.try_emplace(name);
  if (fresh) {
    std::string made(name.substr(0, kMostName - kNameHash - 1));
    for (char& c : made) {
      if (!fits(c)) c = '_';
    }
    place->second = made.append("_").append(hashed(name, 0, kNameHash));
    rewritten_.emplace_back(place->second, std::string(name));
  }
  return place->second;
}

}  // namespace gatehouse::dialects::openai_chat
