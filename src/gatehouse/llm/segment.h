#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::llm {

// Whose words they are. `tool` is what came back from outside (a tool's result): nobody vouches for it.
enum class Role : std::uint8_t { system, user, assistant, tool, none };
inline constexpr std::size_t kRoleCount = 5;

// What a text is. The names are used in configuration, findings and metrics: rename none.
enum class SegmentKind : std::uint8_t {
  text,
  reasoning,
  refusal,
  tool_arguments,   // JSON that the model wrote (in OpenAI's dialects inside a string)
  tool_definition,  // description and schema of a tool that the caller offers
  document,         // retrieved or attached text
  file_name,
  url,    // of an image, a file, a citation
  media,  // image, audio or file in place: typed, its bytes are no text
  other,  // any other string of the body
};
inline constexpr std::size_t kSegmentKindCount = 10;

std::string_view name(Role role);
std::string_view name(SegmentKind kind);

// One text of a request and its place. Views hold as long as the body and the SegmentList.
struct Segment {
  Role role = Role::none;
  SegmentKind kind = SegmentKind::text;
  std::uint32_t message = 0;  // position of its message (or input item) in the call, from 0
  // The JSON string in the body, quotes included. Length 0: it cannot be edited where it stands (a member's name).
  std::size_t offset = 0;
  std::size_t length = 0;
  std::string_view text;  // decoded; of media as written
  bool escaped = false;   // the JSON string has escapes: an offset in `text` is none in the body
};

// What a request says, in its order, and how much of it there is. Owned by the request; refilled by `clear`.
struct SegmentList {
  std::vector<Segment> segments;
  std::uint32_t messages = 0;
  std::uint32_t tools = 0;          // definitions
  std::uint32_t media = 0;          // images, audio, files
  std::uint32_t depth = 0;          // containers inside each other, of the whole body
  std::uint32_t unread = 0;         // texts given as token numbers: nobody looked at them
  std::uint32_t references = 0;     // what the provider has stored: earlier answers, files, items; nor at these
  bool complete = true;             // false: the body holds more than the bounds below, the rest is not here
  std::deque<std::string> decoded;  // owns what had escapes; addresses stay

  static constexpr std::size_t kMost = 65'536;

  void clear() {
    segments.clear();
    decoded.clear();
    messages = tools = media = depth = unread = references = 0;
    complete = true;
  }
};

// A piece of an answer's text: which of the texts that grow side by side it continues, and where it stands.
struct Delta {
  std::uint32_t choice = 0;  // or output item
  SegmentKind kind = SegmentKind::text;
  std::uint32_t part = 0;  // of a tool call or a content part within the choice
  // The JSON string in the event's data or the body, quotes included; never empty.
  std::size_t offset = 0;
  std::size_t length = 0;
  std::string_view text;  // decoded; holds as the reader's rules say
  bool escaped = false;
  // The text is whole: it repeats what deltas before it told (a `done` event), or nothing follows it.
  bool whole = false;
  // The request's own words, sent back by the provider (instructions, tools, metadata): the model did not write them.
  bool echo = false;
};

}  // namespace gatehouse::llm
