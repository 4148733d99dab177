#include "gatehouse/llm/segment.h"

#include <array>

namespace gatehouse::llm {
namespace {

constexpr std::array<std::string_view, kRoleCount> kRoles = {"system", "user", "assistant", "tool", "none"};
constexpr std::array<std::string_view, kSegmentKindCount> kKinds = {
    "text",     "reasoning", "refusal", "tool_arguments", "tool_definition",
    "document", "file_name", "url",     "media",          "other"};

}  // namespace

std::string_view name(Role role) { return kRoles[static_cast<std::size_t>(role)]; }
std::string_view name(SegmentKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

}  // namespace gatehouse::llm
