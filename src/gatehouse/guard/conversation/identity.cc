#include "gatehouse/guard/conversation/identity.h"

#include <algorithm>
#include <cstring>

#include "gatehouse/crypto/encoding.h"

namespace gatehouse::guard {
namespace {

// Of images and the like only so much: their bytes are many, and the length tells most of them apart.
constexpr std::size_t kOfMedia = 256;

ConversationName shortened(const crypto::Digest& digest) {
  ConversationName name;
  std::memcpy(name.data(), digest.data(), name.size());
  return name;
}

bool is_told(const llm::Segment& segment) {
  return segment.role == llm::Role::user || segment.role == llm::Role::assistant || segment.role == llm::Role::tool;
}

}  // namespace

std::string_view view(const ConversationName& name) {
  return {reinterpret_cast<const char*>(name.data()), name.size()};
}

std::string text_of(const ConversationName& name) { return "conv_" + crypto::to_hex(name); }

void ConversationNamer::append(std::string_view part) {
  const auto size = static_cast<std::uint64_t>(part.size());
  for (unsigned shift = 0; shift < 64; shift += 8) scratch_.push_back(static_cast<char>(size >> shift & 0xff));
  scratch_.append(part);
}

void ConversationNamer::begin(const ConversationCaller& caller, std::string_view how) {
  scratch_.clear();
  for (const std::string_view part : {how, caller.tenant, caller.caller, caller.end_user}) append(part);
}

ConversationName ConversationNamer::named(const ConversationCaller& caller, std::string_view how,
                                          std::string_view value) {
  begin(caller, how);
  append(value);
  return shortened(hash_(scratch_));
}

ConversationName ConversationNamer::by_header(const ConversationCaller& caller, std::string_view value) {
  return named(caller, "header", value);
}
ConversationName ConversationNamer::by_answer(const ConversationCaller& caller, std::string_view id) {
  return named(caller, "answer", id);
}
ConversationName ConversationNamer::by_object(const ConversationCaller& caller, std::string_view id) {
  return named(caller, "object", id);
}

void ConversationNamer::chain(const ConversationCaller& caller, const llm::SegmentList& segments, MessageChain& out) {
  out.links.clear();
  out.any = false;
  begin(caller, "chain");
  crypto::Digest digest = hash_(scratch_);
  std::uint32_t users = 0;
  const auto& list = segments.segments;
  for (std::size_t i = 0; i < list.size();) {
    if (!is_told(list[i])) {
      ++i;
      continue;
    }
    const std::uint32_t message = list[i].message;
    const llm::Role role = list[i].role;
    scratch_.assign(reinterpret_cast<const char*>(digest.data()), digest.size());
    scratch_.push_back(static_cast<char>(role));
    for (; i < list.size() && list[i].message == message && (list[i].role == role || !is_told(list[i])); ++i) {
      const llm::Segment& segment = list[i];
      if (segment.role != role || segment.kind == llm::SegmentKind::reasoning) continue;
      scratch_.push_back(static_cast<char>(segment.kind));
      if (segment.kind == llm::SegmentKind::media && segment.text.size() > 2 * kOfMedia) {
        append(std::to_string(segment.text.size()));
        append(segment.text.substr(0, kOfMedia));
        append(segment.text.substr(segment.text.size() - kOfMedia));
      } else {
        append(segment.text);
      }
    }
    digest = hash_(scratch_);
    const ConversationName name = shortened(digest);
    if (role == llm::Role::user && ++users == 1) out.first = name;
    if (!out.any) {
      out.any = true;
      if (users == 0) out.first = name;
    }
    // The newest are kept, moved now and then.
    if (out.links.size() == 2 * MessageChain::kMost) {
      out.links.erase(out.links.begin(), out.links.begin() + MessageChain::kMost);
    }
    out.links.push_back({.name = name, .message = message, .users = users});
  }
  if (out.links.size() > MessageChain::kMost) {
    out.links.erase(out.links.begin(), out.links.end() - static_cast<std::ptrdiff_t>(MessageChain::kMost));
  }
}

bool is_said(const llm::Segment& segment) {
  if (segment.role != llm::Role::user && segment.role != llm::Role::tool) return false;
  return segment.kind == llm::SegmentKind::text || segment.kind == llm::SegmentKind::document;
}

bool is_conversation_header(std::string_view value) {
  return !value.empty() && value.size() <= kMostConversationHeader &&
         std::ranges::all_of(value, [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace gatehouse::guard
