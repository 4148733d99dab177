#pragma once

#include "gatehouse/dialects/codec.h"

// Anthropic's Messages as a dialect to translate from and to: requests, whole answers and streams. The rules are those
// of Anthropic's API reference (platform.claude.com/docs) and of the types of its SDK 1.11.0, which is the only formal
// description that is published.
namespace gatehouse::dialects::anthropic {

// Immutable, shared by all threads, alive as long as the process.
const FrontCodec& front();
const BackCodec& back();

}  // namespace gatehouse::dialects::anthropic
