#pragma once

#include <string_view>

#include "gatehouse/config/snapshot.h"

namespace gatehouse::config {

inline constexpr std::string_view kSandboxProvider = "sandbox";

// Adds the provider `sandbox` and its models; docs/sandbox.md says what they answer.
void append_sandbox(Snapshot& snapshot);

}  // namespace gatehouse::config
