#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/openai_responses/item_reader.h"
#include "gatehouse/json/cursor.h"

// What item_reader.cc and part_reader.cc gather of an object before its type is known. For these two alone.
namespace gatehouse::dialects::openai_responses {

using Words = std::optional<json::Cursor::String>;

struct ItemReader::PartFields {
  Words type, text, refusal, image_url, file_id, detail, file_name, file_data, file_url, audio_data, audio_format;
  std::string_view annotations, logprobs;
  bool breakpoint = false;
  llm::Extras extras;
};

struct ItemReader::Fields {
  Words type, role, id, call_id, name, arguments, input, encrypted, result;
  std::string_view arguments_json;             // where they are no string
  std::string_view content_json, output_json;  // not read yet, or neither string nor list
  bool has_content = false;
  std::vector<llm::Block> content;
  std::string reasoning;  // texts of the content that is reasoning
  std::string summary;
  bool has_output = false;
  std::vector<llm::Block> output;
  llm::Extras extras;
};

inline std::string decoded(const Words& words) {
  std::string out;
  if (words) json::append_decoded(*words, out);
  return out;
}
// For comparing with plain words: those with escapes in them are not found.
inline std::string_view plain(const Words& words) { return words ? words->inside : std::string_view{}; }

inline std::string key_of(const json::Cursor::String& key) {
  std::string out;
  json::append_decoded(key, out);
  return out;
}

}  // namespace gatehouse::dialects::openai_responses
